"""Governor, queue and ledger against a plain model, step by step, with real connections and a clock
that only the machine turns.

The model is what a person would say happened: a dictionary of jobs and the credits each user was
given. After every step the database has to say the same, job by job and event by event. Where
several connections act at once the model cannot know who wins; then the answers must fit together,
and the model reads on from what the database says, as long as that is a way a job may go.
"""
from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, ClassVar

import hypothesis.strategies as st
import psycopg
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.database.support import START, Database, manifest

LEASE_SECONDS = 300
BACKOFF_SECONDS = (60, 300, 1800)
FINAL = ("completed", "failed", "cancelled")
# How long after its first claim a job may be put off.
SNOOZE_MAX = timedelta(hours=12)
PRICES = {("fix_upscale",): 1, ("raster",): 2, ("raster", "fix_upscale"): 3, ("vector",): 4}
ATTEMPTS = {("fix_upscale",): 3, ("raster",): 3, ("raster", "fix_upscale"): 3, ("vector",): 2}
# Most that one page may cost us, by the seeded plans.
COGS_MAX = {("fix_upscale",): 22496, ("raster",): 44992, ("raster", "fix_upscale"): 44992 + 22496, ("vector",): 89985}
PAGE = {"provider": "p", "model": "m", "width_px": 8, "height_px": 8, "dpi": 300, "bit_depth": 1}


@dataclass
class Job:
    """A job as the model knows it."""

    user: uuid.UUID
    run: str
    credits_half: int
    attempts_max: int
    cogs_max: int
    status: str = "pending"
    token: int = 0
    attempts: int = 0
    due: datetime | None = None
    started: datetime | None = None
    snoozes: int = 0
    lease_until: datetime | None = None
    cancel: bool = False
    cost: int = 0
    events: list[str] = field(default_factory=lambda: ["enqueued"])

    def end(self, status: str) -> None:
        self.status, self.lease_until = status, None
        self.events.append(status)


Lease = tuple[uuid.UUID, int]
# Picks one of what there is.
NUMBER = st.integers(0, 11)


class Machine(RuleBasedStateMachine):
    """One history. `database` is set by the test that runs it; it is emptied for each history."""

    database: ClassVar[Database]
    claim_function: ClassVar[str] = "claim_jobs"
    pool: ClassVar[ThreadPoolExecutor]
    connections: ClassVar[list[psycopg.Connection[Any]]]

    @initialize()
    def empty(self) -> None:
        self.jobs: dict[uuid.UUID, Job] = {}
        self.granted: dict[uuid.UUID, int] = {}
        self.references: dict[str, tuple[uuid.UUID, int]] = {}
        self.answers: dict[tuple[uuid.UUID, str], tuple[Any, dict[str, Any]]] = {}
        self.bookings = 0
        with self.database.root.transaction():
            # The one who may switch triggers off; nobody else can delete from what only grows.
            self.database.run("set local session_replication_role = replica")
            for table in ("dead_jobs", "generations", "job_events", "cost_events", "idempotency_keys", "jobs", "runs", "credit_ledger"):
                self.database.run(f"delete from public.{table}")
            self.database.run("delete from private.virtual_times; delete from realtime.messages")
            self.database.run("delete from public.credit_accounts; delete from public.projects; delete from public.subscriptions")
            self.database.run("delete from public.profiles; delete from auth.users")
            self.database.run("update tests.clock set at = %s", START)
            for name in ("queue_cursor", "virtual_time", "full_scan_due"):
                self.database.run(f"select setval('private.{name}', 0)")
        self.users = [self.database.user() for _ in range(2)]
        self.projects = {user: self.database.project(user) for user in self.users}
        for number, user in enumerate(self.users):
            self.granted[user] = 0
            self.top_up(number, 12, 90 + number)
            self.submit(number, "first", 2, ("raster",))

    @property
    def now(self) -> datetime:
        return self.database.now()

    def ask(self, sql: str, *args: Any, on: int | None = None) -> list[tuple[Any, ...]]:
        connection = self.database.root if on is None else self.connections[on]
        return connection.execute(sql, args).fetchall()

    def held(self, lease: Lease) -> Job | None:
        """The job, if the lease is still good."""
        job = self.jobs[lease[0]]
        return job if job.status == "in_progress" and job.token == lease[1] else None

    def available(self, user: uuid.UUID) -> int:
        kept = sum(job.credits_half for job in self.jobs.values() if job.user == user and job.status not in ("failed", "cancelled"))
        return self.granted[user] - kept

    # ── credits and runs ──────────────────────────────────────────────────────────────────────────
    @rule(who=st.integers(0, 1), amount=st.integers(1, 6), number=st.integers(0, 5))
    def top_up(self, who: int, amount: int, number: int) -> None:
        reference, user = f"topup:cs_{number}", self.users[who]
        known = self.references.get(reference)
        try:
            ((booked,),) = self.ask("select private.add_credits(%s, 'topup', %s, %s)", user, amount, reference)
        except psycopg.errors.UniqueViolation:
            assert known is not None and known != (user, amount)
            return
        assert booked == (known is None)
        assert known in (None, (user, amount))
        if booked:
            self.references[reference] = (user, amount)
            self.granted[user] += amount

    @rule(who=st.integers(0, 1), key=st.sampled_from("abc"), pages=st.integers(1, 3), operations=st.sampled_from(list(PRICES)))
    def submit(self, who: int, key: str, pages: int, operations: tuple[str, ...]) -> None:
        self.submitted(self.users[who], key, pages, operations, self.submit_on(None, self.users[who], key, pages, operations))

    @rule(who=st.integers(0, 1))
    def spend_to_the_last_credit(self, who: int) -> None:
        credits_half = self.available(self.users[who])
        self.submit(who, f"more {len(self.answers)}", credits_half + 1, ("fix_upscale",))
        if credits_half > 0:
            self.submit(who, f"all {len(self.answers)}", credits_half, ("fix_upscale",))

    def submit_on(self, on: int | None, user: uuid.UUID, key: str, pages: int, operations: tuple[str, ...]) -> dict[str, Any]:
        content = json.dumps(manifest(pages, operations))
        ((answer,),) = self.ask("select private.submit_run(%s, %s, %s, %s)", user, self.projects[user], key, content, on=on)
        return dict(answer)

    def submitted(self, user: uuid.UUID, key: str, pages: int, operations: tuple[str, ...], answer: dict[str, Any]) -> None:
        """What that answer means to the model, and whether it is the right one."""
        credits_half = pages * PRICES[operations]
        if (user, key) in self.answers:
            content, first = self.answers[user, key]
            assert answer == first if content == (pages, operations) else answer.get("code") == "idempotency_conflict"
        elif self.available(user) < credits_half:
            assert answer.get("code") == "insufficient_credits"
        else:
            assert answer["accepted"] and answer["credits_half"] == credits_half
            assert answer["balance_half"] == self.available(user) - credits_half
            self.answers[user, key] = ((pages, operations), answer)
            ids = [i for (i,) in self.ask("select id from public.jobs where run_id = %s order by position", answer["run_id"])]
            assert len(ids) == pages
            for job in ids:
                self.jobs[job] = Job(
                    user, answer["run_id"], PRICES[operations], ATTEMPTS[operations], COGS_MAX[operations], due=self.now
                )

    # ── workers ───────────────────────────────────────────────────────────────────────────────────
    def claim_by_full_scan(self, jobs_max: int, cap: int | None = None) -> list[Lease]:
        """A claim that looks everywhere, so that the model can say what it has to find: with a cap,
        no more of one user than it allows.
        """
        self.ask("select setval('private.full_scan_due', 0)")
        rows = self.ask(
            f"select id, lease_token, attempts, lease_until from private.{self.claim_function}('w', %s, %s, %s::int)",
            jobs_max, LEASE_SECONDS, cap,
        )
        self.expire()
        open_jobs = {i for i, job in self.jobs.items() if job.status == "pending" and job.due is not None and job.due <= self.now}
        claimable = 0
        for user in self.users:
            slots = max(cap - self.running(user), 0) if cap is not None else len(open_jobs)
            claimable += min(slots, sum(self.jobs[i].user == user for i in open_jobs))
        assert len({row[0] for row in rows}) == len(rows) == min(jobs_max, claimable)
        for job_id, token, attempts, lease_until in rows:
            assert job_id in open_jobs
            job = self.jobs[job_id]
            assert (token, attempts) == (job.token + 1, job.attempts + 1)
            assert cap is None or self.running(job.user) < cap
            assert lease_until == self.now + timedelta(seconds=LEASE_SECONDS)
            job.status, job.token, job.attempts, job.lease_until = "in_progress", token, attempts, lease_until
            job.started = job.started or self.now
            job.events.append("claimed")
        return [(row[0], row[1]) for row in rows]

    def running(self, user: uuid.UUID) -> int:
        """How many jobs of a user have a lease that is good."""
        return sum(job.user == user and job.lease_until is not None and job.lease_until > self.now for job in self.jobs.values())

    def expire(self) -> int:
        """Leases that ran out, in the model; how many."""
        count = 0
        for job_id, job in self.jobs.items():
            if job.lease_until is not None and job.lease_until <= self.now:
                count += 1
                if job.cancel:
                    job.end("cancelled")
                elif job.attempts >= job.attempts_max:
                    job.end("failed")
                else:
                    # The first lost lease is nobody's fault; later ones wait as if one attempt
                    # fewer had failed.
                    self.postpone(job_id, "reclaimed", 0 if job.attempts == 1 else None, failures=job.attempts - 1)
        return count

    def postpone(self, job_id: uuid.UUID, event: str, seconds: float | None, failures: int | None = None) -> None:
        """Back in the model, until the database's time for it if that is one it may have: in
        `seconds`, or after so many failures.
        """
        job = self.jobs[job_id]
        ((due,),) = self.ask("select scheduled_at from public.jobs where id = %s", job_id)
        waits = (due - self.now).total_seconds()
        if seconds is None:
            usual = BACKOFF_SECONDS[min(job.attempts if failures is None else failures, 3) - 1]
            assert 0.8 * usual <= waits <= 1.2 * usual
        else:
            assert waits == seconds
        job.status, job.lease_until, job.due = "pending", None, due
        job.snoozes = {"snoozed": job.snoozes + 1, "released": job.snoozes}.get(event, 0)
        job.events.append(event)

    @rule(jobs_max=st.integers(1, 4), cap=st.sampled_from([None, None, 1, 2]))
    def claim(self, jobs_max: int, cap: int | None) -> None:
        self.claim_by_full_scan(jobs_max, cap)

    def one_of_the_held(self, number: int) -> Lease | None:
        """None if nobody holds any: what a rule draws must not depend on who won a race, so it
        draws a number and does nothing.
        """
        held = [(i, job.token) for i, job in self.jobs.items() if job.status == "in_progress"] or self.claim_by_full_scan(3)
        return held[number % len(held)] if held else None

    @rule(number=NUMBER)
    def a_heartbeat(self, number: int) -> None:
        if lease := self.one_of_the_held(number):
            self.heartbeat(lease)

    @rule(number=NUMBER)
    def a_completion(self, number: int) -> None:
        if lease := self.one_of_the_held(number):
            self.complete(lease)

    @rule(number=NUMBER, for_good=st.sampled_from([False, False, False, True]), retry_after=st.sampled_from([None, 7]))
    def a_failure_and_a_claim_too_early(self, number: int, for_good: bool, retry_after: int | None) -> None:
        if lease := self.one_of_the_held(number):
            self.fail(lease, for_good, retry_after)
            self.claim_by_full_scan(1)

    @rule(number=NUMBER, after=st.sampled_from([0, 30]))
    def a_release(self, number: int, after: int) -> None:
        if lease := self.one_of_the_held(number):
            self.release(lease, after)

    @rule(number=NUMBER, after=st.sampled_from([0, 60, 30_000]))
    def a_snooze(self, number: int, after: int) -> None:
        if lease := self.one_of_the_held(number):
            self.snooze(lease, after)
            self.claim_by_full_scan(1)

    @rule(number=NUMBER)
    def snoozed_until_it_is_too_much(self, number: int) -> None:
        lease = self.one_of_the_held(number)
        for _ in range(3):
            if lease is None or self.held(lease) is None:
                return
            self.snooze(lease, 30_000)
            self.database.advance(30_000)
            lease = next((held for held in self.claim_by_full_scan(30) if held[0] == lease[0]), None)

    @rule(number=NUMBER, cost=st.sampled_from([1000, 44991, 90000]))
    def a_cost_and_a_failure(self, number: int, cost: int) -> None:
        lease = self.one_of_the_held(number)
        if lease is None:
            return
        self.book_cost(lease, cost)
        self.fail(lease, False, None)

    @rule(number=NUMBER, estimate=st.sampled_from([1000, 90000]), measured=st.sampled_from([0, 1000, 44991]), late=st.booleans())
    def an_estimate_and_what_it_really_was(self, number: int, estimate: int, measured: int, late: bool) -> None:
        """Whichever comes first, what counts in the end is what was measured."""
        lease = self.one_of_the_held(number)
        if lease is None:
            return
        self.bookings += 1
        request = f"req_{self.bookings}"
        for kind, cost, open_then in [("measured", measured, []), ("estimated", estimate, [])] if late else [
            ("estimated", estimate, [request]), ("measured", measured, [])
        ]:  # fmt: skip
            self.database.book(lease[0], cost, request, kind=kind)
            rows = self.ask("select request_id from private.open_requests(%s)", lease[0])
            assert [name for (name,) in rows if name == request] == open_then
        self.jobs[lease[0]].cost += measured
        ((total,),) = self.ask("select sum(cost_micro_usd)::bigint from public.cost_events where job_id = %s", lease[0])
        assert total == self.jobs[lease[0]].cost

    @rule(number=NUMBER, then=st.sampled_from(["heartbeat", "complete", "fail", "release", "snooze", "nothing"]))
    def a_cancel_of_what_runs(self, number: int, then: str) -> None:
        lease = self.one_of_the_held(number)
        if lease is None:
            return
        self.cancel_run(self.jobs[lease[0]])
        if then == "fail":
            self.fail(lease, False, None)
        elif then == "release":
            self.release(lease, 0)
        elif then == "snooze":
            self.snooze(lease, 60)
        elif then == "complete":
            self.complete(lease)
        elif then == "heartbeat":
            self.confirm(lease)
            self.heartbeat(lease)
        else:
            self.database.advance(LEASE_SECONDS)
            self.reclaim()

    @rule(number=NUMBER)
    def a_heartbeat_that_makes_the_difference(self, number: int) -> None:
        lease = self.one_of_the_held(number)
        if lease is None:
            return
        self.heartbeat(lease)
        self.database.advance(LEASE_SECONDS - 1)
        self.reclaim()

    @rule(number=NUMBER, others=st.booleans())
    def a_zombie_comes_back(self, number: int, others: bool) -> None:
        """A worker sleeps past its lease, another takes over, and the first one goes on as if
        nothing were.
        """
        lease = self.one_of_the_held(number)
        if lease is None:
            return
        if others:
            self.database.advance(LEASE_SECONDS)
            self.reclaim()
        else:
            self.release(lease, 0)
        self.database.advance(400)
        self.claim_by_full_scan(9)
        self.confirm(lease)
        self.heartbeat(lease)
        self.fail(lease, False, None)
        self.release(lease, 0)
        self.snooze(lease, 0)
        self.complete(lease)

    @rule(number=NUMBER)
    def a_zombie_comes_back_to_a_job_that_is_done(self, number: int) -> None:
        lease = self.one_of_the_held(number)
        if lease is None:
            return
        self.release(lease, 0)
        for other in self.claim_by_full_scan(30):
            self.complete(other)
        self.complete(lease)

    @rule(number=NUMBER)
    def an_old_lease(self, number: int) -> None:
        old = [(i, token) for i, job in self.jobs.items() for token in range(1, job.token + 1) if not self.held((i, token))]
        if old:
            lease = old[number % len(old)]
            self.complete(lease)
            self.heartbeat(lease)
            self.release(lease, 0)
            self.snooze(lease, 0)
            self.fail(lease, False, None)

    def confirm(self, lease: Lease) -> None:
        rows = self.ask("select * from private.confirm_claims(%s, %s)", [lease[0]], [lease[1]])
        job = self.held(lease)
        assert rows == ([] if job is None else [(lease[0], job.cancel)])

    def heartbeat(self, lease: Lease) -> None:
        rows = self.ask("select * from private.heartbeat_jobs(%s, %s, %s)", [lease[0]], [lease[1]], LEASE_SECONDS)
        job = self.held(lease)
        if job is None:
            assert rows == []
            return
        until = self.now + timedelta(seconds=LEASE_SECONDS)
        assert rows == [(lease[0], until, job.cancel)]
        job.lease_until = until
        job.events.append("renewed")

    def complete(self, lease: Lease) -> None:
        rows = self.complete_on(None, lease)
        job, known = self.held(lease), self.jobs[lease[0]]
        again = known.status == "completed" and known.token == lease[1]
        assert rows == ([(lease[0],)] if job is not None or again else [])
        if job is not None:
            job.end("completed")
            assert self.complete_on(None, lease) == [(lease[0],)], "the same question gets the same answer"

    def complete_on(self, on: int | None, lease: Lease) -> list[tuple[Any, ...]]:
        return self.ask("select * from private.complete_jobs(%s, %s, %s::jsonb[])", [lease[0]], [lease[1]], [json.dumps(PAGE)], on=on)

    def fail(self, lease: Lease, for_good: bool, retry_after: int | None) -> None:
        ((outcome,),) = self.ask("select private.fail_job(%s, %s, 'broke', 'kind', %s, %s)", *lease, for_good, retry_after)
        job = self.held(lease)
        if job is None:
            assert outcome == "lost"
        elif job.cancel:
            assert outcome == "cancelled"
            job.end("cancelled")
        elif for_good or job.attempts >= job.attempts_max or job.cost >= job.cogs_max:
            assert outcome == "failed"
            job.end("failed")
        else:
            assert outcome == "retried"
            self.postpone(lease[0], "retried", retry_after)

    def release(self, lease: Lease, after: int) -> None:
        rows = self.ask("select * from private.release_jobs(%s, %s, %s)", [lease[0]], [lease[1]], after)
        job = self.held(lease)
        assert rows == ([] if job is None else [(lease[0],)])
        if job is not None and job.cancel:
            job.end("cancelled")
        elif job is not None:
            job.attempts -= 1
            self.postpone(lease[0], "released", after)

    def snooze(self, lease: Lease, after: int) -> None:
        ((outcome,),) = self.ask("select private.snooze_job(%s, %s, %s, 'busy', 'busy')", *lease, after)
        job = self.held(lease)
        # No shorter than the floor, which grows, and no longer than an hour.
        pause = min(max(after, 2 ** min(job.snoozes, 6)), 3600) if job else 0
        if job is None:
            assert outcome == "lost"
        elif job.cancel:
            assert outcome == "cancelled"
            job.end("cancelled")
        elif job.started is not None and self.now + timedelta(seconds=pause) > job.started + SNOOZE_MAX:
            assert outcome == "failed"
            job.end("failed")
        else:
            assert outcome == "snoozed"
            job.attempts -= 1
            self.postpone(lease[0], "snoozed", pause)

    def book_cost(self, lease: Lease, cost: int) -> None:
        self.bookings += 1
        for first in (True, False):
            assert self.database.book(lease[0], cost, f"req_{self.bookings}") == first
        self.jobs[lease[0]].cost += cost

    @rule()
    def reclaim(self) -> None:
        ((count,),) = self.ask("select private.reclaim_jobs()")
        assert count == self.expire()

    @rule(number=NUMBER)
    def cancel(self, number: int) -> None:
        self.cancel_run(list(self.jobs.values())[number % len(self.jobs)])

    def cancel_run(self, job: Job) -> None:
        rows = self.ask("select * from private.cancel_jobs(%s, %s)", job.user, job.run)
        mates = [mate for mate in self.jobs.values() if mate.run == job.run]
        waiting = [mate for mate in mates if mate.status == "pending"]
        running = [mate for mate in mates if mate.status == "in_progress" and not mate.cancel]
        assert rows == [(len(waiting), len(running))]
        for mate in waiting:
            mate.end("cancelled")
        for mate in running:
            mate.cancel = True
            mate.events.append("cancel_requested")

    @rule(seconds=st.sampled_from([1, 40, 299, 301, 400, 2200]))
    def advance(self, seconds: int) -> None:
        self.database.advance(seconds)

    @rule(fails=st.booleans())
    def tried_to_the_end(self, fails: bool) -> None:
        """What random steps would hardly come upon: a job tried again and again, by workers that
        die or fail.
        """
        for _ in range(4):
            self.database.advance(2200)
            for lease in self.claim_by_full_scan(30):
                if fails:
                    self.fail(lease, False, None)

    # ── several at once ───────────────────────────────────────────────────────────────────────────
    def at_once(self, *calls: Callable[[], Any]) -> list[Any]:
        """All at the same time. What a client would try again (a deadlock, a serialization failure)
        is.
        """

        def until_done(call: Callable[[], Any]) -> Any:
            while True:
                try:
                    return call()
                except (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected):
                    continue

        return [future.result() for future in [self.pool.submit(until_done, call) for call in calls]]

    def read_on(self) -> None:
        """Take from the database what a race has decided, if that is a way a job may go."""
        rows = self.ask(
            "select id, status, lease_token, attempts, lease_until, scheduled_at, cancel_requested_at is not null, started_at"
            " from public.jobs"
        )
        events: dict[uuid.UUID, list[str]] = {}
        for job_id, event in self.ask("select job_id, event from public.job_events order by id"):
            events.setdefault(job_id, []).append(event)
        for job_id, status, token, attempts, lease_until, due, cancel, started in rows:
            job = self.jobs[job_id]
            assert job.status not in FINAL or (job.status, job.token) == (status, token), "an end is an end"
            assert job.token <= token <= job.token + 1
            assert 0 <= attempts <= job.attempts_max
            assert events[job_id][: len(job.events)] == job.events, "events only come in addition"
            assert sum(event in FINAL for event in events[job_id]) == (status in FINAL)
            assert events[job_id].count("claimed") == token
            job.status, job.token, job.attempts, job.lease_until, job.cancel = status, token, attempts, lease_until, cancel
            job.due, job.started, job.events = due, started, events[job_id]

    @rule(who=st.integers(0, 1), key=st.sampled_from("cde"), operations=st.sampled_from(list(PRICES)))
    def the_same_run_twice_at_once(self, who: int, key: str, operations: tuple[str, ...]) -> None:
        user = self.users[who]
        answers = self.at_once(*[partial(self.submit_on, on, user, key, 1, operations) for on in range(3)])
        assert answers[0] == answers[1] == answers[2]
        self.submitted(user, key, 1, operations, answers[0])

    @rule(who=st.integers(0, 1), number=st.integers(0, 10**6))
    def runs_at_once(self, who: int, number: int) -> None:
        """More than there are credits for: as many as can be paid are accepted, and the others
        refused, politely.
        """
        user, keys = self.users[who], [f"race-{number}-{on}" for on in range(3)]
        if any((user, key) in self.answers for key in keys):
            return
        answers = self.at_once(*[partial(self.submit_on, on, user, keys[on], 1, ("raster",)) for on in range(3)])
        order = sorted(range(3), key=lambda on: -answers[on].get("balance_half", -1))
        for on in order:
            self.submitted(user, keys[on], 1, ("raster",), answers[on])

    @rule()
    def claims_at_once(self) -> None:
        self.ask("select setval('private.full_scan_due', 0)")
        before = {i: job.token for i, job in self.jobs.items()}
        claim = f"select id, lease_token from private.{self.claim_function}(%s, 2, %s)"
        answers = self.at_once(*[partial(self.ask, claim, f"w{on}", LEASE_SECONDS, on=on) for on in range(3)])
        rows = [lease for answer in answers for lease in answer]
        assert len({job for job, _ in rows}) == len(rows), "nobody holds what another holds"
        self.read_on()
        for job, token in rows:
            assert token == before[job] + 1 == self.jobs[job].token

    @rule(cap=st.integers(1, 2))
    def capped_claims_at_once(self, cap: int) -> None:
        self.ask("select setval('private.full_scan_due', 0)")
        before = {user: self.running(user) for user in self.users}
        claim = f"select id, lease_token from private.{self.claim_function}(%s, 2, %s, %s)"
        self.at_once(*[partial(self.ask, claim, f"w{on}", LEASE_SECONDS, cap, on=on) for on in range(3)])
        self.read_on()
        for user in self.users:
            assert self.running(user) <= max(cap, before[user])

    @rule()
    def a_claim_amid_another(self) -> None:
        """One that has not committed yet keeps nobody waiting, and what it holds nobody
        else gets.
        """
        self.ask("select setval('private.full_scan_due', 0)")
        claim = f"select id, lease_token from private.{self.claim_function}(%s, 2, %s)"
        with self.connections[0].transaction():
            first = self.ask(claim, "w0", LEASE_SECONDS, on=0)
            second = self.ask(claim, "w1", LEASE_SECONDS, on=1)
        assert not {job for job, _ in first} & {job for job, _ in second}
        self.read_on()

    @rule(number=NUMBER, ran_out=st.booleans())
    def all_ends_at_once(self, number: int, ran_out: bool) -> None:
        """A worker completes, its zombie fails, another reclaims, the user cancels: one of them has
        it.
        """
        lease = self.one_of_the_held(number)
        if lease is None:
            return
        job, was_held = self.jobs[lease[0]], self.held(lease) is not None
        if ran_out:
            self.database.advance(LEASE_SECONDS + 1)
        good = was_held and job.lease_until is not None and job.lease_until > self.now
        completed, failed, reclaimed, _ = self.at_once(
            lambda: self.complete_on(0, lease),
            lambda: self.ask("select private.fail_job(%s, %s, 'broke', 'kind')", *lease, on=1),
            lambda: self.ask("select private.reclaim_jobs()", on=2),
            lambda: self.ask("select * from private.cancel_jobs(%s, %s)", job.user, job.run, on=3),
        )
        took = bool(completed) + (failed != [("lost",)])
        assert took <= was_held
        if good:
            assert took == 1
        if completed:
            assert self.ask("select status from public.jobs where id = %s", lease[0]) == [("completed",)]
        assert reclaimed[0][0] >= 0
        self.read_on()

    # ── always ────────────────────────────────────────────────────────────────────────────────────
    @invariant()
    def the_database_says_the_same(self) -> None:
        rows = self.ask(
            "select j.id, status, lease_token, attempts, lease_until, cancel_requested_at is not null,"
            " (select array_agg(event order by e.id) from public.job_events e where e.job_id = j.id),"
            " exists (select from public.dead_jobs d where d.job_id = j.id),"
            " exists (select from public.generations g where g.job_id = j.id) from public.jobs j"
        )
        assert {row[0]: row[1:] for row in rows} == {
            i: (job.status, job.token, job.attempts, job.lease_until, job.cancel, job.events, job.status == "failed",
                job.status == "completed") for i, job in self.jobs.items()
        }

    @invariant()
    def the_books_balance(self) -> None:
        self.database.check_books()
        balances = dict(self.ask("select user_id, balance_half from public.credit_accounts"))
        assert balances == {user: self.available(user) for user in self.users}

    def teardown(self) -> None:
        """Whatever happened, every job comes to an end, and every end is paid or refunded once."""
        if not hasattr(self, "users"):
            return
        for _ in range(12):
            if all(job.status in FINAL for job in self.jobs.values()):
                break
            self.database.advance(3600)
            for lease in self.claim_by_full_scan(100):
                self.complete(lease)
        assert all(job.status in FINAL for job in self.jobs.values())
        self.the_database_says_the_same()
        self.the_books_balance()


class MessagesMachine(Machine):
    """The same histories where messages say whose turn it is, and somebody meddles with them."""

    claim_function = "claim_messages"

    @rule()
    def somebody_empties_the_queue(self) -> None:
        self.ask("select pgmq.purge_queue('myjoe_jobs')")

    @rule(number=NUMBER)
    def somebody_sends_a_message_of_his_own(self, number: int) -> None:
        """For a job in whatever state."""
        job = list(self.jobs)[number % len(self.jobs)]
        self.ask("select pgmq.send('myjoe_jobs', %s::jsonb)", json.dumps({"job_id": str(job)}))

    @rule(number=NUMBER)
    def somebody_tells_of_a_job_before_its_time(self, number: int) -> None:
        if lease := self.one_of_the_held(number):
            self.snooze(lease, 60)
            self.ask("select pgmq.send('myjoe_jobs', %s::jsonb)", json.dumps({"job_id": str(lease[0])}))
            self.claim_by_full_scan(30)

    @rule(jobs_max=st.integers(1, 4))
    def a_claim_from_the_line(self, jobs_max: int) -> None:
        """By a worker of the other kind, beside messages of the same jobs."""
        self.claim_function = "claim_jobs"  # of this instance, for this call
        try:
            self.claim_by_full_scan(jobs_max)
        finally:
            del self.claim_function
