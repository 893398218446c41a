"""How this worker is: /health and /metrics, from what its own events said. Asking costs the
database nothing.

`live` is whether the loop still comes round: if not, restart the process. `ready` is whether it can
do its work: the database answers, and leases are renewed. That notifications do not arrive is told,
loudly, but polling serves.
"""
from __future__ import annotations

import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from myjoe.formatting import counted
from myjoe_worker.health.metrics import Histogram, MetricsText
from myjoe_worker.health.troubles import OperatorTroubles
from myjoe_worker.settings import WorkerSettings

# The loop comes round once a poll, and may wait for the database for a minute before it says so; so
# long after both, in seconds, it hangs. Larger bears slower machines, smaller finds a hanging loop
# sooner.
LOOP_SLACK_SECONDS = 90.0
TROUBLES = (
    "trouble.began", "queue.reclaimed", "lease.lost", "lease.not_renewed", "loop.failed", "database.lost", "job.crashed",
    "image.process_died",
    "listen.lost",
)  # fmt: skip
JOB_ENDS = ("completed", "retried", "snoozed", "failed", "cancelled", "released", "lost")


class HealthMonitor:
    """Sums up the events of this process; give it to `telemetry.subscribe`. Events come from the
    loop's thread and the lease renewer's.
    """

    def __init__(self, settings: WorkerSettings, version: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.settings = settings
        self.version = version
        self._clock = clock
        self._lock = threading.Lock()
        self._began = clock()
        self._at: dict[str, float] = {}
        self._running: set[str] = set()
        self._lost: set[str] = set()  # names of connections whose database does not answer
        self._listen_trouble = "it has not begun to listen"
        self.jobs: Counter[str] = Counter()
        self.kinds: Counter[str] = Counter()
        self.events: Counter[str] = Counter()
        self.claimed = 0
        self.seconds = Histogram()
        self.calls: dict[tuple[str, str], Histogram] = {}
        # What only an operator can mend.
        self.operator = OperatorTroubles(clock)

    def __call__(self, event: str, fields: Mapping[str, Any]) -> None:
        """One event."""
        with self._lock:
            self._at[event] = self._clock()
            self.events[event] += 1
            family, _, what = event.partition(".")
            if family == "job":
                self._job(what, fields)
            elif event == "queue.claimed":
                self.claimed += int(fields.get("jobs", 0))
            elif event in ("provider.called", "provider.failed"):
                self.calls.setdefault((str(fields.get("provider")), what), Histogram()).add(float(fields.get("seconds") or 0.0))
            elif event == "database.lost":
                self._lost.add(str(fields.get("name")))
            elif event == "database.back":
                self._lost.discard(str(fields.get("name")))
            elif event == "listen.lost":
                self._listen_trouble = str(fields.get("error") or "the connection was lost")
        self.operator(event, fields)  # which emits events of its own, so not under the lock

    def _job(self, what: str, fields: Mapping[str, Any]) -> None:
        job = str(fields.get("job"))
        if what == "started":
            self._running.add(job)
        elif what in JOB_ENDS:
            self._running.discard(job)
            self.jobs[what] += 1
            if what == "completed":
                self.seconds.add(float(fields.get("seconds", 0.0)))
            elif "kind" in fields:
                self.kinds[str(fields["kind"])] += 1

    # ── what is true now ──────────────────────────────────────────────────────────────────────────
    def age(self, event: str) -> float | None:
        """How many seconds ago the event was last seen; None: never."""
        at = self._at.get(event)
        return None if at is None else self._clock() - at

    @property
    def running(self) -> int:
        """Jobs under way."""
        return len(self._running)

    @property
    def live(self) -> bool:
        """Whether the loop comes round."""
        seen = [age for age in (self.age("loop.turned"), self.age("loop.failed"), self._clock() - self._began) if age is not None]
        return min(seen) <= self.settings.poll_seconds + LOOP_SLACK_SECONDS

    @property
    def listening(self) -> bool:
        """Whether notifications arrive."""
        return self._later("listen.works", "listen.lost")

    @property
    def database(self) -> bool:
        """Whether the database answered the queue when it was last asked. The queue's connection
        has the worker's name.
        """
        return self._later("loop.turned", "loop.failed") and self.settings.worker_name not in self._lost

    @property
    def lease_age_seconds(self) -> float | None:
        """How long ago the leases that are held were renewed, or the last of them taken; None while
        none is held.
        """
        if not self._running:
            return None
        ages = [age for age in (self.age("lease.renewed"), self.age("queue.claimed")) if age is not None]
        return min(ages, default=0.0)

    def _later(self, this: str, that: str) -> bool:
        """Whether `this` happened, and `that` has not happened since."""
        return this in self._at and self._at[this] >= self._at.get(that, float("-inf"))

    def health(self, waiting: Mapping[tuple[str, str], int] | None = None) -> dict[str, Any]:
        """What /health answers. `waiting` is how many pages wait for an operator, all workers', by
        whose trouble it is and its kind; by default those that this worker has put off.
        """
        needed = [
            {"provider": trouble.provider, "kind": trouble.kind, "reason": trouble.reason, "seconds": self._since(trouble.began_at),
             "pages": max((waiting or {}).get((trouble.provider, trouble.kind), trouble.waiting), 1)}
            for trouble in self.operator.standing()
        ]  # fmt: skip
        with self._lock:
            lease_age, troubles = self.lease_age_seconds, []
            if not self.live:
                troubles.append("the loop does not come round")
            if not self.database:
                troubles.append("the database does not answer" if "loop.turned" in self._at else "the database has not answered yet")
            if lease_age is not None and lease_age > self.settings.lease_seconds * 2 / 3:
                troubles.append("leases are not renewed")
            stopping = "worker.stopping" in self._at
            if stopping:
                troubles.append("it is leaving")
            return {
                "live": self.live, "ready": not troubles, "troubles": troubles,
                "degraded": [needs_you(one) for one in needed]
                + ([] if self.listening else [f"LISTEN does not work, polling serves: {self._listen_trouble}"]),
                "needs_operator": needed,
                "worker": self.settings.worker_name, "env": self.settings.env, "queue": self.settings.queue, "version": self.version,
                "up_seconds": self._since(self._began), "loop_seconds": self._rounded("loop.turned"), "running": self.running,
                "lease_seconds": None if lease_age is None else round(lease_age, 1), "last_claim_seconds": self._rounded("queue.claimed"),
                "last_completed_seconds": self._rounded("job.completed"),
                "database": "answers" if self.database else "silent", "listen": "works" if self.listening else "polling",
            }  # fmt: skip

    def _rounded(self, event: str) -> float | None:
        age = self.age(event)
        return None if age is None else round(age, 1)

    def _since(self, moment: float) -> float:
        return round(self._clock() - moment, 1)

    # ── Prometheus ────────────────────────────────────────────────────────────────────────────────
    def metrics(self) -> str:
        """This process in Prometheus' text format."""
        with self._lock:
            text = MetricsText()
            text.add("myjoe_worker_info", "gauge", "This worker.", [
                ({"worker": self.settings.worker_name, "env": self.settings.env, "queue": self.settings.queue, "version": self.version}, 1)
            ])  # fmt: skip
            text.add("myjoe_worker_live", "gauge", "Whether the loop comes round.", [({}, int(self.live))])
            text.add("myjoe_worker_database_up", "gauge", "Whether the database answered when last asked.", [({}, int(self.database))])
            text.add("myjoe_worker_listening", "gauge", "Whether notifications arrive.", [({}, int(self.listening))])
            text.add("myjoe_worker_operator_needed", "gauge", "Whether pages wait for an operator, by whose trouble it is.", [
                ({"provider": provider, "kind": kind}, int(stands)) for (provider, kind), stands in self.operator.known().items()
            ])  # fmt: skip
            text.add("myjoe_worker_jobs_running", "gauge", "Jobs under way.", [({}, self.running)])
            text.add("myjoe_worker_lease_age_seconds", "gauge", "Since leases were renewed; 0 while none is held.", [
                ({}, self.lease_age_seconds or 0)
            ])  # fmt: skip
            text.add("myjoe_worker_jobs_claimed_total", "counter", "Jobs leased.", [({}, self.claimed)])
            text.add("myjoe_worker_jobs_total", "counter", "How attempts ended.", [({"end": end}, self.jobs[end]) for end in JOB_ENDS])
            text.add("myjoe_worker_failures_total", "counter", "Why attempts failed.", [
                ({"kind": kind}, count) for kind, count in sorted(self.kinds.items())
            ])  # fmt: skip
            text.add("myjoe_worker_troubles_total", "counter", "Events that should not happen.", [
                ({"event": name}, self.events[name]) for name in TROUBLES
            ])  # fmt: skip
            text.histogram("myjoe_worker_job_seconds", "How long completed jobs took.", [({}, self.seconds)])
            text.histogram("myjoe_worker_provider_seconds", "How long providers took.", [
                ({"provider": provider, "outcome": outcome}, histogram) for (provider, outcome), histogram in sorted(self.calls.items())
            ])  # fmt: skip
            text.add("process_cpu_seconds_total", "counter", "CPU time, that of ended children included.", [({}, sum(os.times()[:4]))])
            text.add("process_resident_memory_bytes", "gauge", "Memory of this process.", [({}, resident_bytes())])
            return text.text()


def needs_you(trouble: Mapping[str, Any]) -> str:
    """What an operator is needed for, in a sentence: the reason, and how many pages wait."""
    pages = counted(trouble["pages"], "page waits", "pages wait")
    return f"{trouble['reason']}; {pages} for it"


def resident_bytes() -> int:
    """The memory that this process has in RAM now."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
