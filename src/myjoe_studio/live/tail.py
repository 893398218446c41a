"""Our own stream: one question a process and half second over the messages of the database, as long
as anybody listens, and each user hears what is theirs.

It says *that* a run changed; how it is now, the page asks by itself. So a message that is lost
costs a few seconds and nothing else.
"""
from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any
from uuid import UUID

from myjoe import telemetry
from myjoe.database.protocol import Database
from myjoe.database.statements import statements
from myjoe.errors import DatabaseUnreachableError
from myjoe_studio.live.mailbox import WAITING_MAX, Mailbox
from myjoe_studio.live.stream import EventStream, comment, event

SQL = statements("myjoe_studio.live")
# How often the database is asked, in seconds. Shorter tells sooner; longer asks less.
ASK_SECONDS = 0.5
# How far back each question looks, in seconds: a message is dated by the beginning of its
# transaction, and seen at its end. Longer than any transaction of ours takes.
LOOK_BACK_SECONDS = 5.0
# A sign of life, in seconds, before proxies take the stream for dead.
PING_SECONDS = 15
# How long a browser waits before it comes again, in milliseconds.
RETRY_MILLISECONDS = 1000
# The stream ends by itself after so many seconds, before a platform ends it (Vercel at 300); the
# browser comes again.
STREAM_SECONDS_MAX = 280.0


class Tail:
    """Follows the messages while somebody listens."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._listeners: dict[str, set[Mailbox]] = {}
        self._asking: asyncio.Task[None] | None = None
        self._ended = False
        # What was told lately: it is not told again, but to who comes a little late.
        self._lately: dict[UUID, tuple[str, str]] = {}

    def stream(self, user: UUID) -> EventStream:
        """What a user hears, as an answer."""
        return EventStream(self._heard(f"user:{user}"))

    def end(self) -> None:
        """End all streams: the server leaves, and browsers come again to another."""
        self._ended = True
        for topic in list(self._listeners):
            self._tell(topic, "")

    async def close(self) -> None:
        """Ask no more."""
        if self._asking is not None:
            self._asking.cancel()

    async def _heard(self, topic: str) -> AsyncIterator[str]:
        mailbox = Mailbox()
        for whose, told in list(self._lately.values())[-WAITING_MAX:]:
            if whose == topic:
                mailbox.put(told)
        self._listeners.setdefault(topic, set()).add(mailbox)
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())
        try:
            yield f"retry: {RETRY_MILLISECONDS}\n{comment('here')}"
            ends = asyncio.get_running_loop().time() + STREAM_SECONDS_MAX
            while not self._ended and (left := ends - asyncio.get_running_loop().time()) > 0:
                text = await mailbox.take(min(PING_SECONDS, left))
                yield event("run", text) if text else comment("ping")
        finally:
            self._listeners[topic].discard(mailbox)
            if not self._listeners[topic]:
                del self._listeners[topic]

    async def _ask(self) -> None:
        """As long as anybody listens."""
        while self._listeners:
            try:
                rows = await self._database.rows(SQL["messages"], {"seconds": LOOK_BACK_SECONDS})
            except DatabaseUnreachableError as error:
                telemetry.emit("live.deaf", error=error)
            else:
                now = {id: (topic, _told(payload)) for id, topic, payload in rows}
                for id, (topic, told) in now.items():
                    if id not in self._lately:
                        self._tell(topic, told)
                self._lately = now
            await asyncio.sleep(ASK_SECONDS)
        self._lately = {}

    def _tell(self, topic: str, told: str) -> None:
        for mailbox in self._listeners.get(topic, ()):
            mailbox.put(told)


def _told(payload: Mapping[str, Any]) -> str:
    return json.dumps({"run_id": payload.get("run_id"), "status": payload.get("status")})
