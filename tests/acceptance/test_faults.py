"""What kills workers, done to real ones: nothing is lost, nothing accepted twice, and the books are
exact (`Stage.check`, after each).
"""
from __future__ import annotations

import os
import resource
import signal
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.acceptance.stage import LEASE_SECONDS, Stage, WorkerProcess, eventually, is_running, now, recovered_in_time
from tests.database.support import Database, add_pgmq
from tests.support.proxy import running_proxy

# Longer than any test: who sleeps so long is stopped by something else.
FOR_EVER = 600.0
# What an image costs by the seeded prices.
IMAGE_MICRO_USD = 3000
# How often a line breaks, a tenth of a second apart: from the first claim until after the last
# completion, on a machine that has nothing else to do. More hurts for longer.
CUTS = 40
# The lease of a worker that is to lose none, however late it is renewed on a busy machine.
LONG_SECONDS = 60.0
# Longer than a lease, in seconds.
TOO_LONG = 1.5 * LEASE_SECONDS


def on_versions(*versions: int) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("stage", versions, indirect=True, ids=lambda version: f"postgresql-{version}")


def worker_of(stage: Stage, effect: dict[str, int]) -> WorkerProcess:
    return next(worker for worker in stage.workers if worker.pid == effect["pid"])


def cost(stage: Stage, job: uuid.UUID) -> int:
    """What is on the books, estimates and their corrections included."""
    micro_usd: int = stage.database.one("select coalesce(sum(cost_micro_usd), 0)::integer from public.cost_events where job_id = %s", job)
    return micro_usd


def clock_off_by(hours: int) -> dict[str, str]:
    """The environment of a process whose clocks all show another time."""
    library = Path(f"/usr/lib/{os.uname().machine}-linux-gnu/faketime/libfaketimeMT.so.1")
    assert library.exists(), "please install faketime (make test does, as root on Debian)"
    return {"LD_PRELOAD": str(library), "FAKETIME": f"{hours * 3600:+d}s"}


# ── processes ─────────────────────────────────────────────────────────────────────────────────────


@on_versions(15, 16, 18)
def test_kill_9_in_the_middle_of_a_page(stage: Stage) -> None:
    [job] = stage.submit([["order"], ["collect"], ["act", "drawn"], [1, ["sleep", FOR_EVER]], ["act", "stored"]])
    for _ in range(2):
        stage.worker()
    first = stage.wait_for_effect(job, "drawn")
    killed_at = now()
    worker_of(stage, first).kill()
    again = stage.wait_for_effect(job, "began", token=2)
    stage.wait_for("completed", job)
    assert again["pid"] != first["pid"]
    assert stage.events(job) == ["enqueued", "claimed", "reclaimed", "claimed", "completed"]
    assert [effect["token"] for effect in stage.effects(job, "stored")] == [2]
    # The dead worker's provider had been paid, too: that is our loss, and on the books.
    assert cost(stage, job) == 2 * IMAGE_MICRO_USD
    recovered_in_time(again["at"] - killed_at, "kill -9")


@pytest.mark.parametrize("kinds", [("pgmq", "pgmq"), ("pgmq", "table"), ("table", "pgmq")], ids=" then ".join)
def test_kill_9_of_a_worker_of_one_kind_of_queue_and_one_of_another_takes_over(stage: Stage, kinds: tuple[str, str]) -> None:
    add_pgmq(stage.database)
    jobs = stage.submit([["act", "drawn"], [1, ["sleep", FOR_EVER]], ["act", "stored"]], [["act", "drawn"]], [["act", "drawn"]])
    first = stage.worker(queue=kinds[0])
    stage.wait_for_effect(jobs[0], "drawn")
    stage.worker(queue=kinds[1], lease_seconds=LONG_SECONDS)
    killed_at = now()
    first.kill()
    again = stage.wait_for_effect(jobs[0], "began", token=2)
    stage.wait_for("completed", *jobs)
    recovered_in_time(again["at"] - killed_at, f"kill -9, {' then '.join(kinds)}")


def test_a_worker_that_was_frozen_past_its_lease_writes_nothing_more(stage: Stage) -> None:
    [job] = stage.submit([["act", "drawn"], [1, ["sleep", 0.5]], ["act", "stored"]])
    frozen = stage.worker()
    stage.wait_for_effect(job, "drawn")
    frozen.send(signal.SIGSTOP)
    stopped_at = now()
    stage.worker(lease_seconds=LONG_SECONDS)
    again = stage.wait_for_effect(job, "began", token=2)
    stage.wait_for("completed", job)
    frozen.send(signal.SIGCONT)
    eventually(lambda: frozen.said("job.lost") or frozen.said("job.retried"))
    assert stage.outcome(job) == ("completed", 2, 2)
    assert [effect["token"] for effect in stage.effects(job, "stored")] == [2]
    assert frozen.leave() == 0
    recovered_in_time(again["at"] - stopped_at, "SIGSTOP")


def test_a_zombie_that_asks_nobody_is_refused(stage: Stage) -> None:
    # It blocks its event loop, wakes up after the lease, and hands in its result before anything
    # else can run.
    [job] = stage.submit([["act", "drawn"], [1, ["block_and_hand_in", 0.5]], ["act", "stored"]])
    frozen = stage.worker()
    stage.wait_for_effect(job, "drawn")
    frozen.send(signal.SIGSTOP)
    stage.worker(lease_seconds=LONG_SECONDS)
    stage.wait_for("completed", job)
    frozen.send(signal.SIGCONT)
    eventually(lambda: frozen.said("job.lost"))
    assert [effect["token"] for effect in stage.effects(job, "done")] == [2, 1]
    assert stage.outcome(job) == ("completed", 2, 2)
    assert frozen.leave() == 0


def test_a_job_that_kills_its_worker_is_dead_after_its_attempts(stage: Stage) -> None:
    before = stage.database.balance(stage.user)
    poison, good = stage.submit([["die"]], [["act", "drawn"]])

    def failed() -> bool:
        # The platform's part: a worker that died is started again.
        if not any(worker.is_alive() for worker in stage.workers):
            assert len(stage.workers) < 6, "more workers died than the job may have attempts"
            stage.worker(ready=False, concurrency=1, lease_seconds=1.0)
        return stage.status(poison) == "failed"

    eventually(failed)
    stage.wait_for("completed", good)
    assert len(stage.effects(poison, "began")) == 3
    assert stage.database.rows("select error_kind, attempts from public.dead_jobs where job_id = %s", poison) == [("lease", 3)]
    assert stage.database.balance(stage.user) == before - 2


def test_native_code_that_computes_longer_than_the_lease_loses_nothing(stage: Stage) -> None:
    jobs = stage.submit([["compute_in_child", 2 * TOO_LONG]], [["compute_beside", 2 * TOO_LONG]])
    for _ in range(2):
        stage.worker(concurrency=3, concurrency_per_user=3, lease_seconds=2 * LEASE_SECONDS)
    stage.wait_for("completed", *jobs)
    assert [stage.outcome(job) for job in jobs] == [("completed", 1, 1)] * 2


def test_a_loop_that_does_not_turn_loses_its_leases_though_its_renewer_lives(stage: Stage) -> None:
    # A short while is borne: a beat or two are left out.
    [job, short] = stage.submit([["act", "drawn"], [1, ["block", 3 * LEASE_SECONDS]], ["act", "stored"]], [["act", "drawn"]])
    hung = stage.worker(concurrency=1)
    stage.wait_for_effect(job, "drawn")
    hung_at = now()
    stage.worker(lease_seconds=LONG_SECONDS)
    again = stage.wait_for_effect(job, "began", token=2)
    stage.wait_for("completed", job, short)
    eventually(lambda: hung.said("job.lost") or hung.said("job.retried"))
    assert stage.outcome(job) == ("completed", 2, 2)
    assert [effect["token"] for effect in stage.effects(job, "stored")] == [2]
    assert [said["reason"] for said in hung.said("lease.lost")] == ["the lease could not be renewed in time"]
    recovered_in_time(again["at"] - hung_at, "hanging loop", lease_seconds=LEASE_SECONDS + 1.0)


def test_a_log_that_nobody_reads_holds_up_nobody(stage: Stage) -> None:
    # Its log goes into a pipe that is full from the beginning.
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with suppress(BlockingIOError):
        while True:
            os.write(writing, bytes(4096))
    os.set_blocking(writing, True)
    worker = stage.worker(ready=False, log_handle=writing, concurrency=2)
    os.close(writing)
    jobs = stage.submit(*[[["act", "drawn"], ["sleep", 0.01]]] * 40)
    stage.wait_for("completed", *jobs)
    assert [stage.outcome(job) for job in jobs] == [("completed", 1, 1)] * 40
    assert worker.leave() == 0
    os.close(reading)


def test_native_code_that_holds_the_whole_process_loses_its_lease_and_is_refused(stage: Stage) -> None:
    # No thread of the process can run, the renewer's neither: this is why kernels compute in
    # children.
    [job] = stage.submit([["act", "drawn"], [1, ["hold_interpreter", 2 * LEASE_SECONDS]], ["act", "stored"]])
    held = stage.worker()
    stage.wait_for_effect(job, "drawn")
    stage.worker(lease_seconds=LONG_SECONDS)
    stage.wait_for("completed", job)
    eventually(lambda: held.said("lease.lost"))
    eventually(lambda: held.said("job.lost") or held.said("job.retried"))
    assert stage.outcome(job) == ("completed", 2, 2)
    assert [effect["token"] for effect in stage.effects(job, "stored")] == [2]


@pytest.mark.parametrize("hours", [1, -1], ids=["an hour ahead", "an hour behind"])
def test_the_workers_clock_decides_nothing(stage: Stage, hours: int) -> None:
    retried, killed = stage.submit(
        [[1, ["fail", "RetryableError", "once more", 0.5]], ["act", "drawn"]], [["act", "drawn"], [1, ["sleep", FOR_EVER]]]
    )
    wrong = stage.worker(environment=clock_off_by(hours))
    stage.wait_for("completed", retried)
    stage.wait_for_effect(killed, "drawn")
    killed_at = now()
    wrong.kill()
    stage.worker(environment=clock_off_by(-hours), lease_seconds=LONG_SECONDS)
    stage.wait_for("completed", killed)
    recovered_in_time(now() - killed_at, f"kill -9, clocks {abs(hours)} h off")
    for worker, off in zip(stage.workers, (hours, -hours)):
        said = datetime.fromisoformat(worker.said("worker.started")[0]["at"])
        assert abs((said - datetime.now(UTC)).total_seconds() - off * 3600) < 600, "its clock was right"


# ── the line to the database ──────────────────────────────────────────────────────────────────────


@on_versions(16)
def test_a_line_that_freezes_and_thaws_after_somebody_took_over(stage: Stage) -> None:
    with running_proxy(stage.database) as proxy:
        finishing, working = stage.submit(
            [["act", "drawn"], [1, ["sleep", 0.5]], ["act", "stored"]], [["act", "drawn"], [1, ["sleep", FOR_EVER]], ["act", "stored"]]
        )
        cut_off = stage.worker(url=proxy.url)
        for job in (finishing, working):
            stage.wait_for_effect(job, "drawn")
        proxy.freeze()
        frozen_at = now()
        stage.worker(lease_seconds=LONG_SECONDS)
        again = stage.wait_for_effect(working, "began", token=2)
        stage.wait_for("completed", finishing, working)
        # It has stopped its own job before anybody else could have it, and sits on a result that
        # nobody takes (unless it was so slow that both were stopped).
        eventually(lambda: str(working) in [lost["job"] for lost in cut_off.said("lease.lost")])
        proxy.thaw()
        eventually(lambda: len(cut_off.said("job.lost")) == 2)
        for job in (finishing, working):
            assert stage.outcome(job) == ("completed", 2, 2)
        assert [effect["token"] for effect in stage.effects(working, "stored")] == [2]
        recovered_in_time(again["at"] - frozen_at, "frozen line")
        assert cut_off.leave() == 0


def test_a_line_that_breaks_again_and_again(stage: Stage) -> None:
    with running_proxy(stage.database) as proxy:
        worker = stage.worker(url=proxy.url, concurrency_per_user=4, lease_seconds=60.0)
        jobs = stage.submit(*[[["order"], ["sleep", 0.2], ["collect"], ["act", "stored"]]] * 12)
        # So many times and then no more: a machine that takes longer than that to connect would
        # never come to an end.
        for _ in range(CUTS):
            proxy.cut()
            time.sleep(0.1)
        stage.wait_for("completed", *jobs)
        # Not one lease was lost, though claims, heartbeats, costs and completions were cut off in
        # the middle.
        assert [stage.outcome(job) for job in jobs] == [("completed", 1, 1)] * 12
        assert worker.leave() == 0


def test_sixty_connections_are_terminated(stage: Stage) -> None:
    workers = [stage.worker(concurrency_per_user=4, lease_seconds=60.0) for _ in range(2)]
    jobs = stage.submit(*[[["order"], ["sleep", 0.3], ["collect"], ["act", "stored"]]] * 24)
    terminated = 0

    def sixty() -> bool:
        nonlocal terminated
        time.sleep(0.1)
        terminated += stage.database.one(
            "select count(*) from (select pg_terminate_backend(pid) from pg_stat_activity where application_name ~ '^w[0-9]') as ended"
        )
        return terminated >= 60

    eventually(sixty, lambda: f"only {terminated} were there to be terminated")
    stage.wait_for("completed", *jobs)
    assert [stage.outcome(job) for job in jobs] == [("completed", 1, 1)] * 24
    assert all(worker.leave() == 0 for worker in workers)


@on_versions(15, 18)
def test_the_server_is_restarted_at_once_and_nobody_notices(stage: Stage) -> None:
    workers = [stage.worker(lease_seconds=60.0, concurrency_per_user=4) for _ in range(2)]
    jobs = stage.submit(*[[["act", "drawn"], ["sleep", 1.0], ["order"], ["collect"], ["act", "stored"]]] * 6)
    stage.wait_for_effect(jobs[0], "drawn")
    stage.restart_server()
    stage.wait_for("completed", *jobs)
    # Each was run once: leases outlast the outage. One that was claimed just then, and not on the
    # disk yet, has done nothing before it was told so, and is claimed again.
    for job in jobs:
        assert stage.outcome(job)[:2] == ("completed", 1)
        assert [len(stage.effects(job, what)) for what in ("drawn", "paid", "stored")] == [1, 1, 1]
    assert all(worker.leave() == 0 for worker in workers)


def test_the_server_is_away_for_longer_than_the_lease(stage: Stage) -> None:
    workers = [stage.worker(concurrency_per_user=4) for _ in range(2)]
    jobs = stage.submit(*[[["act", "drawn"], [1, ["sleep", 2 * LEASE_SECONDS]], ["act", "stored"]]] * 3)
    done = stage.submit(*[[["act", "drawn"], ["sleep", LEASE_SECONDS / 4]]] * 3)
    for job in (*jobs, *done):
        stage.wait_for_effect(job, "drawn")
    stage.restart_server(down_seconds=TOO_LONG)
    back_at = now()
    stage.wait_for("completed", *jobs, *done)
    recovered_in_time(now() - back_at, "server away", lease_seconds=0)
    for job in done:
        assert stage.outcome(job)[:2] == ("completed", 1), "what was done meanwhile is told, and not done again"
        assert len(stage.effects(job, "drawn")) == 1
    for job in jobs:
        [stored] = stage.effects(job, "stored")
        assert stored["token"] > 1, "it went on without a lease"
    assert all(worker.leave() == 0 for worker in workers)


# ── what a job needs ──────────────────────────────────────────────────────────────────────────────


@on_versions(15, 16, 18)
@pytest.mark.parametrize("end", [["fail", "ProviderTimeoutError"], ["die"]], ids=["times out", "its worker dies"])
def test_a_provider_that_has_done_its_work_is_not_paid_again(stage: Stage, end: list[str]) -> None:
    [job] = stage.submit([["order"], [1, end], ["collect"]])
    stage.worker()
    stage.wait_for_effect(job, "paid")
    stage.worker(lease_seconds=LONG_SECONDS)
    stage.wait_for("completed", job)
    assert stage.outcome(job) == ("completed", 2, 2)
    assert len(stage.effects(job, "paid")) == 1
    assert cost(stage, job) == IMAGE_MICRO_USD


def test_a_full_disk_kills_no_page_and_leaves_nothing_half_written(stage: Stage) -> None:
    worker = stage.worker()
    limits = resource.prlimit(worker.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, (1 << 20, limits[1]))
    [job] = stage.submit([["store", 2 << 20]])
    for times in range(1, 5):  # oftener than it has attempts
        eventually(lambda times=times: stage.events(job).count("snoozed") == times)  # type: ignore[misc]
        stage.make_due()
    assert [path for path in (stage.folder / "storage").rglob("*") if path.is_file()] == []
    resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, limits)
    stage.make_due()
    eventually(lambda: stage.make_due() or stage.status(job) == "completed")
    assert stage.outcome(job)[:2] == ("completed", 1)
    assert [path.stat().st_size for path in (stage.folder / "storage").rglob("*") if path.is_file()] == [2 << 20]


def test_a_storage_that_is_down_is_tried_again(stage: Stage) -> None:
    storage = stage.folder / "storage"
    storage.write_text("where a folder should be")
    worker = stage.worker()
    [job] = stage.submit([["store", 1000]])
    eventually(lambda: worker.said("job.snoozed"))
    storage.unlink()
    stage.make_due()
    stage.wait_for("completed", job)
    assert stage.outcome(job) == ("completed", 1, 2)
    assert len(stage.effects(job, "stored")) == 1


UNREADABLE = ['{"seed": %s}' % ("1" * 5000), '{"options": %s}' % ("[" * 1200 + "]" * 1200), '"a text"']


def test_an_order_that_cannot_be_read_costs_itself_and_nobody_else(stage: Stage) -> None:
    # As from before the governor had bounds, or by a hand in the database.
    bad = stage.database.user(credits_half=100)
    enqueue = "select (private.enqueue_jobs(%s, null, 'page', jsonb_build_array(jsonb_build_object('payload', %s::jsonb))))[1]"
    ids = [stage.database.one(enqueue, bad, payload) for payload in UNREADABLE]
    good = stage.submit([["act", "drawn"]], [["act", "drawn"]])
    worker = stage.worker(concurrency=8, concurrency_per_user=8)
    stage.wait_for("completed", *good)
    stage.wait_for("failed", *ids)
    assert [stage.outcome(job) for job in good] == [("completed", 1, 1)] * 2
    assert stage.database.rows("select distinct error_kind, attempts from public.dead_jobs") == [("payload", 1)]
    assert worker.said("loop.failed") == worker.said("job.crashed") == []


def test_an_order_of_a_newer_version_waits_for_a_newer_worker(stage: Stage) -> None:
    # The scripted worker stands for the newer one: it knows the field. `myjoe worker run` does not.
    [newer] = stage.submit([["act", "drawn"]])
    older = stage.product(MYJOE_PROVIDERS="sketch")
    eventually(lambda: older.said("job.snoozed"))
    assert [said["kind"] for said in older.said("job.snoozed")] == ["version"]
    assert stage.outcome(newer) == ("pending", 0, 1)
    stage.worker(lease_seconds=LONG_SECONDS)
    assert older.leave() == 0
    stage.make_due()
    stage.wait_for("completed", newer)
    assert stage.outcome(newer) == ("completed", 1, 2)


def test_who_says_come_back_at_once_is_not_asked_in_a_hot_loop(stage: Stage) -> None:
    began = stage.database.one("select private.clock()")
    jobs = stage.submit(*[[["fail", "ProviderBusyError", "later", pause]] for pause in (0, -3, 0.01)])
    stage.worker(concurrency_per_user=4)
    # The fourth time is after 1, 2 and 4 seconds.
    eventually(lambda: all(stage.events(job).count("snoozed") >= 3 for job in jobs))
    for job in jobs:
        claims = "select extract(epoch from at - %s)::float8 from public.job_events where job_id = %s and event = 'claimed' order by id"
        times = [at for (at,) in stage.database.rows(claims, began, job)]
        assert times[1] - times[0] >= 1 and times[2] - times[1] >= 2
        assert stage.outcome(job)[1] <= 1, "and no attempt is counted"


# Who is busy is asked again only after half a minute.
HOSTILE = ["ProviderTimeoutError", "JobArgsError", *(["ProviderBusyError"] if os.environ.get("MYJOE_TESTS_ALL") else [])]


@pytest.mark.parametrize("error", HOSTILE)
def test_hostile_words_of_others_are_kept_washed(stage: Stage, error: str) -> None:
    [job] = stage.submit([[1, ["quote", error]], ["act", "drawn"]])
    worker = stage.worker()
    end = "failed" if error == "JobArgsError" else "completed"
    stage.wait_for(end, job)
    assert stage.database.one("select last_error from public.jobs").startswith("it said \ufffd\ufffd xxx")
    assert worker.said("job.crashed") == []


# ── leaving, and being told to stop ───────────────────────────────────────────────────────────────


def test_told_to_leave_it_finishes_or_hands_back_and_says_goodbye(stage: Stage) -> None:
    quick, slow = stage.submit([["act", "drawn"], ["sleep", 0.5]], [["act", "drawn"], [1, ["sleep", FOR_EVER]]])
    leaving = stage.worker(grace_seconds=3.0)
    for job in (quick, slow):
        stage.wait_for_effect(job, "drawn")
    [late] = stage.submit([["act", "drawn"]])
    assert leaving.leave() == 0
    assert stage.outcome(quick) == ("completed", 1, 1)
    # Not tried: it costs the job no attempt.
    assert stage.outcome(slow) == ("pending", 0, 1)
    assert stage.outcome(late) == ("pending", 0, 0)
    stage.worker()
    stage.wait_for("completed", slow, late)
    assert stage.outcome(slow) == ("completed", 1, 2)


@pytest.mark.parametrize("line", ["direct", "pooler"])
def test_a_running_job_that_is_cancelled_stops_at_once_and_its_child_with_it(
    stage: Stage, pooler: Callable[[Database], str], line: str
) -> None:
    # The next heartbeat would be minutes away.
    url = {"url": pooler(stage.database)} if line == "pooler" else {}
    worker = stage.worker(lease_seconds=3000.0, heartbeat_seconds=900.0, poll_seconds=0.5, **url)
    assert bool(worker.said("listen.lost")) == (line == "pooler")
    before = stage.database.balance(stage.user)
    [job] = stage.submit([["compute_in_child", FOR_EVER]])
    [child] = [int(word) for word in _child(stage, job).split()[1:]]
    assert is_running(child)
    cancelled_at = now()
    stage.cancel(job)
    eventually(lambda: not is_running(child))
    print(f"cancel, {line}: the child was gone after {now() - cancelled_at:.2f} s")
    stage.wait_for("cancelled", job)
    assert stage.database.balance(stage.user) == before


def test_behind_a_transaction_pooler_polling_serves(stage: Stage, pooler: Callable[[Database], str]) -> None:
    worker = stage.worker(url=pooler(stage.database), poll_seconds=0.5)
    [retried] = stage.submit([[1, ["fail", "RetryableError", "once more", 0.1]], ["sleep", TOO_LONG]])
    stage.wait_for("completed", retried)
    assert stage.outcome(retried) == ("completed", 2, 2)
    assert worker.leave() == 0


def _child(stage: Stage, job: uuid.UUID) -> str:
    found: list[str] = eventually(lambda: [effect["what"] for effect in stage.effects(job) if effect["what"].startswith("child ")])
    return found[0]
