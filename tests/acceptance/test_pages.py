"""Real pages on real workers, `myjoe worker run`, with providers on real sockets: what a person
would see when something dies.
"""
from __future__ import annotations

import os
import signal
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path

import pytest

from linefinish import verify
from myjoe_worker.imaging.warming import warm_up
from tests.acceptance.stage import LEASE_SECONDS, Stage, eventually, is_running, now, recovered_in_time
from tests.support.peers import S3_REFUSALS, OpenAIPeer, RecraftPeer, ReplicatePeer, StoragePeer, refuse
from tests.support.peers.server import Peer
from tests.support.proxy import running_proxy

# How long the provider takes for a drawing, in seconds: time enough to kill somebody who waits for
# it.
DRAW_SECONDS = 5.0


@pytest.fixture(scope="module", autouse=True)
def kernels() -> None:
    """Compiled, as they are where the package is installed; in a fresh checkout that
    takes minutes.
    """
    warm_up()


@pytest.fixture
def replicate() -> Iterator[ReplicatePeer]:
    with ReplicatePeer(draw_seconds=DRAW_SECONDS) as peer:
        yield peer


@pytest.fixture
def recraft() -> Iterator[RecraftPeer]:
    with RecraftPeer() as peer:
        yield peer


@pytest.fixture
def openai() -> Iterator[OpenAIPeer]:
    with OpenAIPeer() as peer:
        yield peer


@pytest.fixture
def real(openai: OpenAIPeer, replicate: ReplicatePeer, recraft: RecraftPeer) -> dict[str, str]:
    """The environment of a worker with providers."""
    return {
        "MYJOE_PROVIDERS": "real", "OPENAI_API_KEY": Peer.key, "OPENAI_BASE_URL": openai.url, "REPLICATE_API_TOKEN": Peer.key,
        "REPLICATE_BASE_URL": replicate.url, "RECRAFT_API_KEY": Peer.key, "RECRAFT_BASE_URL": recraft.url,
    }  # fmt: skip


def test_a_worker_killed_while_the_provider_draws_and_the_drawing_is_paid_once(
    stage: Stage, real: dict[str, str], replicate: ReplicatePeer
) -> None:
    replicate.draw_seconds = 3600.0  # until the other has taken over, however late that starts
    [job] = stage.submit_pages({})
    worker = stage.product(**real)
    eventually(lambda: stage.database.one("select count(*) from public.cost_events where kind = 'estimated'"))
    children = worker.children()
    assert children
    # Who takes over is to lose no lease, however late it is renewed on a busy machine.
    stage.product(**real, MYJOE_LEASE_SECONDS="60")
    killed_at = now()
    worker.kill()
    eventually(lambda: stage.outcome(job)[2] == 2)
    recovered_in_time(now() - killed_at, "kill -9 of myjoe worker run")
    replicate.finish_drawing()
    stage.wait_for("completed", job)
    assert len(replicate.jobs) == 1
    assert list(replicate.billed.values()) == [1]
    assert stage.database.one("select sum(cost_micro_usd)::integer from public.cost_events where provider = 'replicate'") == 3000
    # Its children died with it.
    eventually(lambda: not any(is_running(child) for child in children))
    [key] = [key for (key,) in stage.database.rows("select files ->> 'png' from public.generations")]
    assert verify(stage.folder / "home" / "pages" / key).is_one_bit


def test_a_call_whose_worker_was_killed_is_counted_once_where_the_provider_has_no_name_for_it(
    stage: Stage, real: dict[str, str], recraft: RecraftPeer
) -> None:
    recraft.work_seconds = DRAW_SECONDS
    [job] = stage.submit_pages({"operations": ["vector"]})
    worker = stage.product(**real)
    eventually(lambda: recraft.count("draw"))
    assert stage.database.rows("select job_id, provider from private.intended_calls") == [(job, "recraft")]
    worker.kill()
    recraft.work_seconds = 0.0
    # Nobody asks anew before it has ended for certain, a minute from now. Here that is over.
    later = "ends_by > private.clock() + interval '60 s'"
    assert stage.database.run(f"update private.intended_calls set ends_by = private.clock() where {later}") == 1
    stage.product(**real, MYJOE_LEASE_SECONDS="60")
    stage.wait_for("completed", job)
    eventually(lambda: len(recraft.billed) == 2)
    booked = stage.database.rows("select kind, cost_micro_usd from public.cost_events where provider = 'recraft' order by id")
    assert [kind for kind, _ in booked] == ["estimated", "measured"]
    assert sum(cost for _, cost in booked) == 1000 * sum(recraft.billed) > 0, "what it bills is on the books"
    assert stage.database.one("select count(*) from private.intended_calls") == 0


@pytest.mark.parametrize("refusal", S3_REFUSALS if os.environ.get("MYJOE_TESTS_ALL") else ["clock"])
def test_a_storage_that_refuses_kills_no_page_and_buys_no_second_drawing(
    stage: Stage, real: dict[str, str], replicate: ReplicatePeer, refusal: str
) -> None:
    replicate.draw_seconds = 0.1
    with StoragePeer() as storage:
        storage.refusal = refusal
        s3 = {"MYJOE_STORAGE": "s3", "S3_ENDPOINT_URL": storage.origin, "S3_ACCESS_KEY_ID": "id", "S3_SECRET_ACCESS_KEY": "secret"}
        jobs = stage.submit_pages({}, {}, {"operations": ["vector"]}, {"operations": ["vector"]}, {})
        workers = [stage.product(**real, **s3, MYJOE_LEASE_SECONDS="60", MYJOE_CONCURRENCY="1") for _ in range(2)]
        for times in (1, 2, 3, 4):  # oftener than a page has attempts
            eventually(lambda times=times: all(stage.events(job).count("snoozed") >= times for job in jobs))  # type: ignore[misc]
            stage.make_due()

        def bought() -> int:
            count: int = stage.database.one("select count(distinct job_id) from public.cost_events where step <> 'judge'")
            return count

        eventually(lambda: stage.database.one("select count(*) from private.kept_drafts") == bought())
        assert bought() < len(jobs), "no drawing is bought while the storage is known to refuse"
        storage.refusal = None

        def done() -> bool:
            stage.make_due()
            return all(stage.status(job) == "completed" for job in jobs)

        eventually(done, lambda: str(stage.database.rows("select status, last_error from public.jobs")))
        assert [stage.outcome(job)[1] for job in jobs] == [1] * len(jobs)
        paid = "select job_id, count(*) from public.cost_events where step <> 'judge' and kind <> 'correction' group by 1"
        drawn = dict(stage.database.rows(paid))
        assert drawn == dict.fromkeys(jobs, 1), "each drawing was paid once"
        assert len(replicate.jobs) == 3 and replicate.count("create") == 3
        for event in ("pause.began", "trouble.began", "trouble.ended"):
            assert sum(map(len, (worker.said(event) for worker in workers))) == 1, event
        assert len([name for name in storage.files if "/drafts/" in name or "checks/" in name]) == 0
        for table in ("kept_drafts", "pauses"):
            assert stage.database.one(f"select count(*) from private.{table}") == 0


def test_a_provider_that_is_out_is_paused_for_all_workers_and_kills_few(
    stage: Stage, real: dict[str, str], replicate: ReplicatePeer
) -> None:
    replicate.draw_seconds = 0.1
    replicate.script("create", *[refuse(503)] * 8, refuse(401), *[refuse(429, **{"Retry-After": "0"})] * 2)
    jobs = stage.submit_pages(*[{}] * 5)
    workers = [stage.product(**real, MYJOE_LEASE_SECONDS="60", MYJOE_CONCURRENCY="2") for _ in range(2)]

    def done() -> bool:
        stage.make_due()
        return all(stage.status(job) == "completed" for job in jobs)

    eventually(lambda: any(worker.said("pause.began") for worker in workers))
    eventually(done, lambda: str(stage.database.rows("select status, attempts, error_kind, last_error from public.jobs")))
    assert len(replicate.jobs) == len(jobs), "each was drawn once"
    assert replicate.faults["create"] == deque()
    assert any(worker.said("pause.ended") for worker in workers)
    assert stage.database.one("select count(*) from private.pauses") == 0


def test_told_to_leave_it_finishes_its_page_and_leaves_nobody_behind(stage: Stage, real: dict[str, str]) -> None:
    [job] = stage.submit_pages({})
    worker = stage.product(**real, MYJOE_LEASE_SECONDS="60")
    # Begun, and not only claimed: who is told to leave before the claim's answer is in hands the
    # job back.
    eventually(lambda: stage.database.one("select count(*) from public.cost_events where kind = 'estimated'"))
    children = worker.children()
    assert worker.leave() == 0
    assert stage.outcome(job) == ("completed", 1, 1)
    eventually(lambda: not any(is_running(child) for child in children))


def test_a_cancel_stops_the_finisher_itself(stage: Stage) -> None:
    # The next heartbeat would be minutes away, and the finisher is amid half a minute of native
    # code.
    worker = stage.worker(lease_seconds=3000.0, heartbeat_seconds=900.0)
    before = stage.database.balance(stage.user)
    [job] = stage.submit([["finish"]])
    stage.wait_for_effect(job, "finishing")
    [child] = eventually(worker.children)
    busy_since = _processor_seconds(child)
    eventually(lambda: _processor_seconds(child) > busy_since + 0.5, "the finisher did not get going")
    cancelled_at = now()
    stage.cancel(job)
    eventually(lambda: not is_running(child))
    print(f"cancel: the finisher was gone after {now() - cancelled_at:.2f} s")
    stage.wait_for("cancelled", job)
    assert stage.database.balance(stage.user) == before
    assert worker.is_alive()


def test_the_finisher_computes_longer_than_the_lease_and_keeps_it(stage: Stage) -> None:
    # A lease that a beat reaches although four tests and two finishers compute on two slow cores:
    # with two thirds of 4 s for it, a worker gave its lease up now and then.
    lease_seconds = 4 * LEASE_SECONDS
    for _ in range(2):
        stage.worker(lease_seconds=lease_seconds)
    [job] = stage.submit([["finish"]])
    stage.wait_for_effect(job, "finishing")
    [child] = eventually(lambda: stage.workers[0].children() | stage.workers[1].children())
    busy_since = _processor_seconds(child)
    eventually(lambda: _processor_seconds(child) > busy_since + 0.5, "the finisher did not get going")
    time.sleep(1.25 * lease_seconds)
    assert is_running(child)
    assert stage.outcome(job) == ("in_progress", 1, 1)


def _processor_seconds(pid: int) -> float:
    """What a process has computed so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


CUT = [("raster", "breaks"), ("vector", "freezes"), ("raster", "freezes"), ("vector", "breaks")]


@pytest.mark.parametrize(("operation", "line"), CUT if os.environ.get("MYJOE_TESTS_ALL") else CUT[:2])
def test_all_workers_are_cut_off_for_longer_than_their_leases_and_nothing_is_bought_twice(
    stage: Stage, real: dict[str, str], replicate: ReplicatePeer, recraft: RecraftPeer, operation: str, line: str
) -> None:
    # Drawings end after the workers have given their leases up, which is at two thirds of them.
    recraft.work_seconds = replicate.draw_seconds = LEASE_SECONDS
    lease = {"MYJOE_LEASE_SECONDS": str(2 * LEASE_SECONDS), "MYJOE_CONCURRENCY": "1"}
    with running_proxy(stage.database) as proxy:
        workers = [stage.product(**real, **lease, DATABASE_URL=proxy.url, LISTEN_URL=proxy.url) for _ in range(2)]
        jobs = stage.submit_pages({"operations": [operation]}, {"operations": [operation]})
        peer, call = (replicate, "create") if operation == "raster" else (recraft, "draw")
        eventually(lambda: peer.count(call) == 2)
        proxy.freeze()
        if line == "breaks":
            proxy.cut()
        eventually(lambda: sum(len(worker.said("lease.lost")) for worker in workers) == 2)
        ran_out = "select bool_and(lease_until < private.clock() - interval '1 second') from public.jobs"
        eventually(lambda: stage.database.one(ran_out))
        proxy.thaw()
        stage.wait_for("completed", *jobs)
        assert all(worker.leave() == 0 for worker in workers)
    assert peer.count(call) == 2, "each was drawn once"
    booked = "select count(distinct provider_request_id), sum(cost_micro_usd)::integer from public.cost_events where step <> 'judge'"
    assert stage.database.rows(booked) == [(2, 2 * 3000 if operation == "raster" else 1000 * sum(recraft.billed))]
    assert stage.database.one("select count(*) from private.intended_calls") == 0


# What becomes of the one that is cut off, and when: before the other takes its page over, or not
# while there is anything to do.
PARTED = [("raster", "breaks", "late"), ("vector", "stops", "soon")]
MORE_PARTED = [(operation, line, back) for operation in ("raster", "vector") for line in ("breaks", "freezes", "stops")
               for back in ("soon", "late") if (line, back) != ("stops", "late")]  # fmt: skip


@pytest.mark.parametrize(("operation", "line", "back"), MORE_PARTED if os.environ.get("MYJOE_TESTS_ALL") else PARTED)
def test_one_worker_is_cut_off_while_another_lives_and_nothing_is_bought_twice(
    stage: Stage, real: dict[str, str], replicate: ReplicatePeer, recraft: RecraftPeer, operation: str, line: str, back: str
) -> None:
    recraft.work_seconds = replicate.draw_seconds = 2 * LEASE_SECONDS
    peer, call = (replicate, "create") if operation == "raster" else (recraft, "draw")
    with running_proxy(stage.database) as proxy:
        one = stage.product(**real, DATABASE_URL=proxy.url, LISTEN_URL=proxy.url)
        [job] = stage.submit_pages({"operations": [operation]})
        eventually(lambda: peer.count(call) == 1)
        if line == "stops":
            one.send(signal.SIGSTOP)
        else:
            proxy.freeze()
        if line == "breaks":
            proxy.cut()
        other = stage.product(**real, MYJOE_LEASE_SECONDS="60")
        eventually(lambda: "reclaimed" in stage.events(job))
        if line != "stops":
            # It is the pages' storage that both reach: the drawing, or the name of its request.
            drafts = stage.folder / "home" / "pages"
            eventually(lambda: [path for path in drafts.rglob("drafts/*") if not path.name.endswith(".part")])
        if back == "late":
            stage.make_due()  # as if the call's time were over
        elif line == "stops":
            one.send(signal.SIGCONT)
        proxy.thaw() if back == "soon" else None
        stage.wait_for("completed", job)
        proxy.thaw()
        assert one.leave() == 0 and other.leave() == 0
    assert peer.count(call) == 1, "it was drawn once"
    booked = "select sum(cost_micro_usd)::integer from public.cost_events where step <> 'judge'"
    assert stage.database.one(booked) == (3000 if operation == "raster" else 1000 * sum(recraft.billed))
    assert stage.database.one("select count(*) from private.intended_calls") == 0


def test_a_page_that_is_done_while_its_worker_is_cut_off_is_finished_again_and_not_bought(
    stage: Stage, real: dict[str, str], openai: OpenAIPeer, replicate: ReplicatePeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    replicate.draw_seconds = 0.1
    monkeypatch.setattr(openai, "delay", lambda request: time.sleep(LEASE_SECONDS / 4))  # the line is cut by then
    with running_proxy(stage.database) as proxy:
        one = stage.product(**real, MYJOE_LEASE_SECONDS=str(5 * LEASE_SECONDS), DATABASE_URL=proxy.url, LISTEN_URL=proxy.url)
        [job] = stage.submit_pages({})
        eventually(lambda: openai.count("responses") == 1)
        proxy.freeze()
        eventually(lambda: one.said("page.stored"))
        stage.product(**real, MYJOE_LEASE_SECONDS="60")
        eventually(lambda: "reclaimed" in stage.events(job))
        stage.make_due()
        stage.wait_for("completed", job)
        proxy.thaw()
        eventually(lambda: one.said("job.lost"))
        assert one.leave() == 0
    assert (replicate.count("create"), openai.count("responses")) == (1, 1), "it was drawn and judged once"
    assert stage.outcome(job) == ("completed", 2, 2)
