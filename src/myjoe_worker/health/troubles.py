"""What pages wait for an operator for: a key that is refused, an account that is empty, a storage
that takes nothing, something set up wrong. Said once when it begins and once when it ends, by one
of all workers.

It is told from the worker's own events, as all health is. A trouble has begun with the first page
that is put off for it. It has ended when such a page gets past it, or when no page has met it for
so long that none can be waiting here. Whether another worker has said so the database knows
(`say_once`).
"""
from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from myjoe import telemetry
from myjoe.database.protocol import Database
from myjoe.database.statements import statements

# A page comes back after so many seconds, by what it was told, and meets a trouble again that
# stands. One that was not met for so many times as long is over, or is for other workers to tell.
UNMET_TIMES = 3.0
# A page that is being tried again waits for nobody meanwhile. What nobody has waited for during so
# many seconds is over: longer than it takes to be refused once more.
UNHEARD_SECONDS = 60.0
# What a page waits if its event does not say, in seconds.
AFTER_SECONDS = 300.0

Key = tuple[str, str]  # whose trouble it is, and its kind
SQL = statements("myjoe_worker.health")


@dataclass
class Trouble:
    """One trouble that stands."""

    provider: str
    kind: str
    reason: str
    began_at: float
    met_at: float
    after_seconds: float
    # The pages that this worker has put off for it. None: it was found in the database, and whose
    # pages they are is not known.
    pages: set[str] | None = field(default_factory=set)
    # How many waited when it was found.
    found: int = 0
    # Since when the database tells of no page that waits for it; None while it tells of some.
    unheard_since: float | None = None

    @property
    def waiting(self) -> int:
        """How many pages wait for it, as far as this worker knows."""
        return self.found if self.pages is None else len(self.pages)


@dataclass(frozen=True)
class Change:
    """What there is to say: a page has met a trouble, for this `reason`; or, without one, the
    trouble is over, and stood for so many seconds.
    """

    provider: str
    kind: str
    reason: str | None
    seconds: float = 0.0

    def say(self) -> None:
        """Log it."""
        if self.reason is not None:
            telemetry.emit("trouble.began", provider=self.provider, kind=self.kind, error=self.reason)
        else:
            telemetry.emit("trouble.ended", provider=self.provider, kind=self.kind, seconds=self.seconds)


async def say_once(database: Database, troubles: OperatorTroubles) -> None:
    """Say what begins and ends, for ever, unless another worker has; and first what has ended of
    which nobody is left to say it. While the database does not answer, everybody says it.
    """
    changes: asyncio.Queue[Change] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    troubles.report_to(lambda change: loop.call_soon_threadsafe(changes.put_nowait, change))
    try:
        for provider, kind, seconds in await database.rows(SQL["end_troubles_of_nobody"]):
            Change(provider, kind, None, seconds).say()
    except Exception as error:
        telemetry.emit("guard.failed", error=error)  # they are said to end by whoever starts next
    while True:
        change = await changes.get()
        try:
            name = "end_trouble" if change.reason is None else "begin_trouble"
            rows = await database.rows(SQL[name], {"provider": change.provider, "kind": change.kind})
        except Exception as error:
            telemetry.emit("guard.failed", error=error)
            change.say()
            continue
        answers = [answer for (answer,) in rows if answer is not None and answer is not False]
        if answers:
            change.say()


class OperatorTroubles:
    """Which troubles stand; give it every event. Events come from several threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._report: Callable[[Change], object] | None = None
        self._lock = threading.Lock()
        self._standing: dict[Key, Trouble] = {}
        # All that ever stood, so that a metric falls to 0 and does not vanish.
        self._known: set[Key] = set()

    def __call__(self, event: str, fields: Mapping[str, Any]) -> None:
        """One event."""
        if event == "job.snoozed" and fields.get("provider"):
            self._met(fields)
        elif event == "cost.booked" and fields.get("kind") == "measured":
            self._passed(fields, lambda trouble: trouble.provider == fields.get("provider") and trouble.kind != "operator")
        elif event == "pause.ended":
            self._end(lambda trouble: trouble.provider == fields.get("provider") and trouble.kind != "operator")
        elif event == "page.stored":
            self._passed(fields, lambda trouble: trouble.provider == "storage")
        elif event == "job.completed":
            self._passed(fields, lambda trouble: trouble.pages is not None)
        elif event in ("job.retried", "job.failed", "job.cancelled"):
            self._left(str(fields.get("job")))
        elif event == "loop.turned":
            self._end(lambda trouble: self._clock() - trouble.met_at > UNMET_TIMES * trouble.after_seconds)

    def find(self, rows: Sequence[tuple[str, str, str, int]]) -> None:
        """Troubles that the database tells of at the start: whose, kind, reason and pages."""
        for provider, kind, reason, pages in rows:
            self._begin(Trouble(provider, kind, reason, self._clock(), self._clock(), AFTER_SECONDS, None, pages))

    def hear(self, told: Collection[Key]) -> None:
        """What the database tells of now, all workers' pages together: a trouble of which it has
        told nothing for a while is over, whoever got past it.
        """
        now = self._clock()
        with self._lock:
            for key, trouble in self._standing.items():
                trouble.unheard_since = None if key in told else trouble.unheard_since or now
        self._end(lambda trouble: trouble.unheard_since is not None and now - trouble.unheard_since > UNHEARD_SECONDS)

    def report_to(self, report: Callable[[Change], object]) -> None:
        """From here on tell this of every page that meets a trouble, and of what is over, in place
        of saying it: others may have said so. It is called from any thread.
        """
        self._report = report

    def standing(self) -> list[Trouble]:
        """Those that stand, by whose they are."""
        with self._lock:
            return [self._standing[key] for key in sorted(self._standing)]

    def known(self) -> Mapping[Key, bool]:
        """All that ever stood, and whether they stand."""
        with self._lock:
            return {key: key in self._standing for key in sorted(self._known)}

    # ── how they begin and end ────────────────────────────────────────────────────────────────────
    def _met(self, fields: Mapping[str, Any]) -> None:
        key = str(fields["provider"]), str(fields.get("kind"))
        now, reason, after = self._clock(), str(fields.get("error")), float(fields.get("after_seconds") or AFTER_SECONDS)
        self._begin(Trouble(*key, reason, now, now, after))
        with self._lock:
            if trouble := self._standing.get(key):
                trouble.unheard_since = None
                trouble.met_at, trouble.reason, trouble.after_seconds = now, reason, after
                trouble.pages = trouble.pages or set()
                trouble.pages.add(str(fields.get("job")))

    def _begin(self, trouble: Trouble) -> None:
        key = trouble.provider, trouble.kind
        with self._lock:
            stands = key in self._standing
            self._standing.setdefault(key, trouble)
            self._known.add(key)
        # Also one that stands: another worker may have said that it was over.
        if self._report is not None or not stands:
            self._tell(Change(trouble.provider, trouble.kind, trouble.reason))

    def _tell(self, change: Change) -> None:
        if self._report is not None:
            self._report(change)
        else:
            change.say()

    def _passed(self, fields: Mapping[str, Any], by: Callable[[Trouble], bool]) -> None:
        """A page got past what `by` says: one that had waited for it ends it."""
        job = str(fields.get("job"))
        self._end(lambda trouble: by(trouble) and (trouble.pages is None or job in trouble.pages))

    def _left(self, job: str) -> None:
        """A page waits no more, for another reason: where it was the last, nothing waits."""
        with self._lock:
            held = [trouble for trouble in self._standing.values() if trouble.pages and job in trouble.pages]
            for trouble in held:
                (trouble.pages or set()).discard(job)
        self._end(lambda trouble: trouble in held and not trouble.pages)

    def _end(self, over: Callable[[Trouble], bool]) -> None:
        if not self._standing:
            return
        with self._lock:
            ended = [key for key, trouble in self._standing.items() if over(trouble)]
            gone = [self._standing.pop(key) for key in ended]
        for trouble in gone:
            self._tell(Change(trouble.provider, trouble.kind, None, self._clock() - trouble.began_at))
