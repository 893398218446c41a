"""Health: a fold over events, told by a clock that the tests turn."""
from __future__ import annotations

from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from myjoe_worker.health.metrics import BUCKETS_SECONDS
from myjoe_worker.health.monitor import LOOP_SLACK_SECONDS, HealthMonitor, resident_bytes
from myjoe_worker.settings import WorkerSettings


class Told:
    """A monitor, and events that reach it at times of ours."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.monitor = HealthMonitor(WorkerSettings(worker_name='w "1"'), "1.2.3", lambda: self.seconds)

    def tell(self, event: str, **fields: Any) -> None:
        self.monitor(event, fields)

    def health(self) -> dict[str, Any]:
        return self.monitor.health()

    def sample(self, name: str, **labels: str) -> float:
        for family in text_string_to_metric_families(self.monitor.metrics()):
            for sample in family.samples:
                if sample.name == name and sample.labels == labels:
                    return float(sample.value)
        raise AssertionError(f"no {name} {labels}")


@pytest.fixture
def told() -> Told:
    return Told()


def test_a_worker_that_has_only_begun_is_live_and_not_ready(told: Told) -> None:
    health = told.health()
    assert (health["live"], health["ready"], health["troubles"]) == (True, False, ["the database has not answered yet"])
    assert health["last_claim_seconds"] is None and health["lease_seconds"] is None


def test_a_worker_that_comes_round_and_hears_is_ready(told: Told) -> None:
    told.tell("listen.works")
    told.tell("loop.turned", held=0)
    told.seconds += 5
    health = told.health()
    assert (health["ready"], health["troubles"], health["degraded"], health["loop_seconds"]) == (True, [], [], 5.0)


def test_a_loop_that_does_not_come_round_is_not_live(told: Told) -> None:
    told.tell("loop.turned", held=0)
    told.seconds += told.monitor.settings.poll_seconds + LOOP_SLACK_SECONDS
    assert told.health()["live"]
    told.seconds += 1
    health = told.health()
    assert (health["live"], health["ready"], health["troubles"]) == (False, False, ["the loop does not come round"])
    told.tell("loop.failed", error="the database did not answer")
    assert told.health()["live"], "a loop that fails comes round"


@pytest.mark.parametrize(("lost", "back"), [("loop.failed", "loop.turned"), ("database.lost", "database.back")])
def test_while_the_database_is_away_it_is_live_and_not_ready(told: Told, lost: str, back: str) -> None:
    told.tell("loop.turned", held=0)
    told.seconds += 1
    told.tell(lost, name=told.monitor.settings.worker_name, error="gone")
    health = told.health()
    assert (health["live"], health["ready"], health["database"]) == (True, False, "silent")
    told.seconds += 1
    told.tell(back, name=told.monitor.settings.worker_name)
    assert told.health()["ready"]


def test_what_the_dashboard_s_connection_meets_is_no_matter_of_the_queue_s(told: Told) -> None:
    told.tell("loop.turned", held=0)
    told.tell("database.lost", name="w dashboard", error="gone")
    assert told.health()["ready"]


def test_where_notifications_do_not_arrive_it_is_ready_and_says_so(told: Told) -> None:
    told.tell("loop.turned", held=0)
    told.tell("listen.lost", error="a pooler stands between")
    health = told.health()
    assert (health["ready"], health["listen"]) == (True, "polling")
    assert health["degraded"] == ["LISTEN does not work, polling serves: a pooler stands between"]


def test_leases_age_only_while_jobs_are_held(told: Told) -> None:
    told.tell("loop.turned", held=0)
    told.tell("queue.claimed", jobs=1, seconds=0.1)
    told.tell("job.started", job="j1")
    told.seconds += 20
    told.tell("lease.renewed", jobs=1)
    told.seconds += 7
    assert told.health()["lease_seconds"] == 7.0
    told.seconds += 200
    told.tell("loop.turned", held=1)
    assert told.health()["troubles"] == ["leases are not renewed"]
    told.tell("job.completed", job="j1", seconds=227.0)
    health = told.health()
    assert (health["ready"], health["lease_seconds"], health["running"], health["last_claim_seconds"]) == (True, None, 0, 227.0)


def test_a_worker_that_leaves_is_not_ready(told: Told) -> None:
    told.tell("loop.turned", held=0)
    told.tell("worker.stopping", signal="SIGTERM", held=0, grace_seconds=25.0)
    assert told.health()["troubles"] == ["it is leaving"]


def test_what_an_operator_has_to_mend_degrades_and_is_a_metric(told: Told) -> None:
    told.tell("loop.turned", held=0)
    told.tell("listen.works")
    for job in "ab":
        told.tell("job.snoozed", job=job, provider="openai", kind="account", error="openai: the account is empty", after_seconds=300.0)
    told.seconds += 30
    health = told.health()
    assert (health["ready"], health["troubles"]) == (True, [])
    assert health["degraded"] == ["openai: the account is empty; 2 pages wait for it"]
    assert health["needs_operator"] == [
        {"provider": "openai", "kind": "account", "reason": "openai: the account is empty", "seconds": 30.0, "pages": 2}
    ]  # fmt: skip
    assert told.monitor.health({("openai", "account"): 40})["needs_operator"][0]["pages"] == 40
    assert told.sample("myjoe_worker_operator_needed", provider="openai", kind="account") == 1
    told.tell("job.completed", job="a", seconds=1.0)
    assert told.health()["degraded"] == [] and told.sample("myjoe_worker_operator_needed", provider="openai", kind="account") == 0


def test_ends_and_kinds_are_counted(told: Told) -> None:
    for job in "abc":
        told.tell("job.started", job=job)
    told.tell("job.completed", job="a", seconds=4.0)
    told.tell("job.crashed", job="b", error="x")
    told.tell("job.retried", job="b", seconds=1.0, kind="internal", error="x")
    assert told.sample("myjoe_worker_jobs_total", end="completed") == 1
    assert told.sample("myjoe_worker_jobs_total", end="retried") == 1
    assert told.sample("myjoe_worker_failures_total", kind="internal") == 1
    assert told.sample("myjoe_worker_troubles_total", event="job.crashed") == 1
    assert told.sample("myjoe_worker_jobs_running") == 1
    assert told.sample("myjoe_worker_job_seconds_sum") == 4.0


def test_durations_are_counted_by_cumulative_buckets(told: Told) -> None:
    for seconds in (0.2, 7.0, 1000.0):
        told.tell("provider.called", provider="replicate", model="m", step="raster", request_id="r", seconds=seconds)
    told.tell("provider.failed", provider="replicate", seconds=60.0, kind="timeout")
    inside = {"provider": "replicate", "outcome": "called"}
    counts = [told.sample("myjoe_worker_provider_seconds_bucket", **inside, le=f"{bound:g}") for bound in BUCKETS_SECONDS]
    assert counts == [1, 1, 1, 1, 2, 2, 2, 2, 2, 2]
    assert told.sample("myjoe_worker_provider_seconds_bucket", **inside, le="+Inf") == 3
    assert told.sample("myjoe_worker_provider_seconds_count", provider="replicate", outcome="failed") == 1


def test_the_metrics_are_what_prometheus_reads(told: Told) -> None:
    families = {family.name: family for family in text_string_to_metric_families(told.monitor.metrics())}
    assert families["myjoe_worker_info"].samples[0].labels["worker"] == 'w "1"'
    assert all(family.documentation for family in families.values())


def test_memory_is_that_of_this_process() -> None:
    assert 5 << 20 < resident_bytes() < 8 << 30
