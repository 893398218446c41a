"""What may be logged: each event with its meaning, its level and its fields. What every process
logs stands here; a process declares its own beside them, in a module `events`.
"""
from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass

DEBUG, INFO, WARNING, ERROR = logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR


@dataclass(frozen=True)
class Event:
    """What an event means, how loud it is, and which fields it may have beside those of the
    context.
    """

    level: int
    text: str
    fields: tuple[str, ...] = ()


# Fields that `context` gives to every event inside it.
CONTEXT = ("job", "token", "attempt", "user", "run", "page", "request")

# All events that are declared, by their names.
EVENTS: dict[str, Event] = {}


def declare(events: Mapping[str, Event]) -> Mapping[str, Event]:
    """Add a table of events, and give it back. ValueError for a name that has another meaning
    already.
    """
    for name, event in events.items():
        if EVENTS.setdefault(name, event) != event:
            raise ValueError(f"the event {name} is declared twice")
    return events


SHARED = declare({
    "database.lost": Event(WARNING, "The database does not answer; everything waits and tries again.", ("name", "error")),
    "database.back": Event(INFO, "The database answers again.", ("name", "seconds")),
    "provider.called": Event(INFO, "A provider answered.", ("provider", "call", "request_id", "status", "seconds")),
    "provider.polled": Event(DEBUG, "A provider was asked how far it is.", ("provider", "call", "request_id", "status", "seconds")),
    "provider.failed": Event(
        WARNING, "A provider did not do it.", ("provider", "call", "request_id", "status", "seconds", "kind", "error")
    ),
    "cost.unbooked": Event(ERROR, "A cost could not be booked within an hour.", ("error",)),
    "cost.booked": Event(INFO, "A cost was written.", ("operation", "step", "provider", "model", "request_id", "kind", "micro_usd")),
    "log": Event(WARNING, "A library said something.", ("logger", "message")),
    "log.dropped": Event(WARNING, "Nobody read the log for a while; so many lines are missing here.", ("lines", "reason")),
})
