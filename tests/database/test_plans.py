"""The plans of all that workers ask again and again: along an index, whatever is there, with
statistics or without. A scan of a whole table would be unnoticed on every test's few rows.

The server itself tells the plan of each statement inside each function, as it runs (auto_explain).
"""
from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from myjoe.database.server import SUPERUSER, Server
from myjoe.database.statements import statements
from tests.database import plans as plans_of
from tests.database import support
from tests.database.plans import Plans, watch
from tests.database.support import Database

# Tables that grow for as long as My Joe lives, and may be read whole by nobody in a hurry.
GROWING = ("jobs", "job_events", "cost_events", "credit_ledger", "generations", "dead_jobs", "runs", "idempotency_keys")
ROWS = 20_000
CLAIM = "select * from private.claim_once(%s, false, 4, 300, %s)"


@pytest.fixture(scope="module", params=["analyzed", "never analyzed"])
def grown(request: pytest.FixtureRequest, servers: Callable[[int], Server]) -> Iterator[Database]:
    """Finished, postponed and waiting jobs, with their events and costs; or a server that knows
    nothing of how many there are.
    """
    server, name = servers(15), f"plans_{uuid.uuid4().hex[:8]}"
    support.make_database(server, name, "template_myjoe")
    database = Database(server, name)
    user = database.user(credits_half=1000)
    database.enqueue(user, 500)
    database.run("alter table public.jobs disable trigger user")
    database.run(
        "insert into public.jobs (user_id, type, status, completed_at, lease_token, attempts) select %s, 'page', 'completed', now(), 1, 1"
        " from generate_series(1, %s)", user, ROWS,
    )  # fmt: skip
    database.run(
        "insert into public.jobs (user_id, type, scheduled_at) select %s, 'page', private.clock() + interval '1 day'"
        " from generate_series(1, %s)", user, ROWS // 4,
    )  # fmt: skip
    database.run("alter table public.jobs enable trigger user")
    database.run(
        "insert into public.job_events (job_id, event, lease_token, attempt, at) select id, 'claimed', 1, 1, now() from public.jobs"
    )
    database.run(
        "insert into public.cost_events (job_id, user_id, operation, step, provider, model, provider_request_id, kind, cost_micro_usd)"
        " select id, user_id, 'raster', 'raster', 'p', 'm', id::text, 'measured', 1 from public.jobs where status = 'completed'"
    )
    database.run(
        "insert into public.runs (user_id, plan, manifest, page_count, credits_half, cogs_worst_micro_usd, priced_at)"
        """ select %s, 'max', '{"pages": []}', 1, 1, 1, now() - interval '3 days' from generate_series(1, %s)""", user, ROWS // 4,
    )  # fmt: skip
    keys = "insert into public.idempotency_keys (user_id, key, request_hash, answer, run_id)"
    database.run(keys + " select user_id, id::text, '', '{}', id from public.runs")
    ledger = "insert into public.credit_ledger (user_id, kind, amount_half, reference)"
    database.run(ledger + " select %s, 'grant', 1, 'grant:' || n from generate_series(1, 2000) as n", user)
    if request.param == "analyzed":
        database.run("analyze")
    yield database
    database.close()
    support.drop_database(server, name)


def asked(database: Database, *calls: tuple[str, tuple[Any, ...]]) -> Plans:
    """The plans of all statements that the calls lead to, in one session, as PostgreSQL made them.
    Functions make generic plans from their sixth call on, so each is called so often.
    """
    with psycopg.connect(database.server.url(database.name, SUPERUSER), autocommit=True) as connection:
        plans = watch(connection)
        for sql, values in calls:
            connection.execute(sql, values)
    return plans


def whole_scans(plans: Plans) -> list[str]:
    """Where a table that grows is read whole."""
    return plans_of.whole_scans(plans, GROWING)


def held(database: Database, count: int) -> list[tuple[uuid.UUID, int]]:
    return database.claim(count)


def test_a_claim_with_a_cap_or_without(grown: Database) -> None:
    calls = [(CLAIM, (f"plans#{uuid.uuid4()}", cap)) for cap in (None, 2, 500) for _ in range(3)]
    plans = asked(grown, *calls, ("select private.next_due()", ()))
    assert len(plans) > 20 and any("for update skip locked" in plan["Query Text"] for plan in plans)
    assert whole_scans(plans) == []


def test_what_keeps_leases(grown: Database) -> None:
    leases = held(grown, 8)
    ids, tokens = [job for job, _ in leases], [token for _, token in leases]
    plans = asked(
        grown, ("select * from private.confirm_claims(%s::uuid[], %s::bigint[])", (ids, tokens)),
        *[("select * from private.heartbeat_jobs(%s::uuid[], %s::bigint[])", (ids, tokens))] * 7,
        ("select * from private.cancel_requested(%s::uuid[])", (ids,)), ("select private.reclaim_jobs()", ()),
        # After the server's opening, its leases are made longer.
        *[("select setval('private.leases_opening', 0), private.reclaim_jobs()", ())] * 7,
    )  # fmt: skip
    assert any("update public.jobs set lease_until = greatest" in plan["Query Text"] for plan in plans)
    assert len(plans) > 10 and whole_scans(plans) == []


def test_every_end_of_a_job(grown: Database) -> None:
    leases = held(grown, 30)
    calls: list[tuple[str, tuple[Any, ...]]] = []
    for number, (job, token) in enumerate(leases):
        calls.append((
            ("select * from private.complete_jobs(array[%s::uuid], array[%s::bigint])", (job, token)),
            ("select private.fail_job(%s, %s, 'no', 'provider')", (job, token)),
            ("select private.fail_job(%s, %s, 'no', 'provider', true)", (job, token)),
            ("select private.snooze_job(%s, %s, 1, 'later', 'busy')", (job, token)),
            ("select * from private.release_jobs(array[%s::uuid], array[%s::bigint])", (job, token)),
        )[number % 5])  # fmt: skip
    plans = asked(grown, *calls)
    assert len(plans) > 30 and whole_scans(plans) == []


def test_money_and_drafts(grown: Database) -> None:
    [(job, _)] = held(grown, 1)
    sql = statements("myjoe.costs")
    cost = {"operation": "raster", "step": "raster", "provider": "p", "model": "m", "job_id": str(job), "cost_micro_usd": 1}
    named = re.compile(r"%\(\w+\)s")
    calls: list[tuple[str, tuple[Any, ...]]] = [(named.sub("%s", sql[name]), (job,)) for name in ("spent", "open_requests", "settled")]
    for number in range(7):
        call = {**cost, "key": f"unknown:{number}"}
        calls.append(("select private.intend_call(%s::jsonb)", (json.dumps(call),)))
        calls.append(("select private.record_costs(%s::jsonb)", (json.dumps([{**cost, "request_id": f"r{number}"}]),)))
    calls += [
        ("select private.keep_draft(%s, 'raster', 'image/png', 'x')", (job,)), ("select * from private.kept_draft(%s, 'raster')", (job,)),
        ("select private.drop_drafts(%s)", (job,)), ("select private.paused()", ()), ("select private.release_claim('nobody')", ()),
    ]  # fmt: skip
    plans = asked(grown, *calls)
    assert len(plans) > 10 and whole_scans(plans) == []


def test_a_submission(grown: Database) -> None:
    user = grown.user(credits_half=200)
    project = grown.project(user)
    content = json.dumps(support.manifest(2))
    calls = [("select private.submit_run(%s, %s, %s, %s)", (user, project, f"k{number}", content)) for number in range(7)]
    plans = asked(grown, *calls)
    assert len(plans) > 30 and whole_scans(plans) == []


# What each statement of these files is given, by its parameters' names. Whatever stands in them is
# asked while people wait, or by every worker again and again.
HOT = ("myjoe_worker.queues", "myjoe_worker.leases", "myjoe.costs", "myjoe_worker", "myjoe_worker.health", "myjoe.ordering")
# Those that are asked by `worker check`, once in a user's life, or, of the dashboard, at most each
# few seconds and while somebody looks.
COLD = {"server", "round_trip", "applied_migrations", "forbidden_functions", "pgmq_schema", "files_of_user", "erase_user", "figures"}


def test_every_statement_of_the_worker_goes_along_an_index(grown: Database) -> None:
    if grown.one("select to_regnamespace('pgmq') is null"):
        support.add_pgmq(grown)
        grown.rows("select private.open_messages()")
    user = grown.user(credits_half=200)
    call = {"operation": "raster", "step": "raster", "provider": "p", "model": "m", "cost_micro_usd": 1, "key": "unknown:all"}
    given: dict[str, Any] = {
        "jobs_max": 4, "lease_seconds": 300, "per_user_max": 2, "result": None, "error": "no", "kind": "provider", "for_good": False,
        "retry_after_seconds": 1.0, "after_seconds": 1.0, "reason": "later", "user": user, "worker": "w", "providers": ["openai"],
        "file": "a/b", "bytes": 1, "what": "openai", "step": "raster", "media_type": "image/png", "content": b"x", "provider": "openai",
        "run": grown.one("select id from public.runs limit 1"), "project": grown.project(user), "book": json.dumps({}),
        "manifest": json.dumps(support.manifest(2)), "done": 1, "files": json.dumps({}), "told": json.dumps({"ready": True}),
    }  # fmt: skip
    asking: list[str] = []
    with psycopg.connect(grown.server.url(grown.name, SUPERUSER)) as connection:
        for name, sql in [one for package in HOT for one in statements(package).items() if one[0] not in COLD]:
            leases = held(grown, 7)
            for number, (job, token) in enumerate(leases):
                more = {"job": job, "token": token, "jobs": [job], "tokens": [token], "claim": f"{name}#{uuid.uuid4()}",
                        "by_messages": number % 2 == 1, "key": f"{name}-{uuid.uuid4()}",
                        "call": json.dumps({**call, "job_id": str(job)}),
                        "costs": json.dumps([{**call, "job_id": str(job), "request_id": f"{name}{number}"}])}  # fmt: skip
                asking.append(psycopg.ClientCursor(connection).mogrify(sql, {**given, **more}))
            assert len(leases) == 7
    plans = asked(grown, *[(sql.replace("%", "%%"), ()) for sql in asking])
    assert len(plans) >= len(asking)
    assert whole_scans(plans) == []


def test_a_whole_scan_is_found(grown: Database) -> None:
    plans = asked(grown, ("select count(*) from public.jobs where last_error = 'x'", ()))
    assert len(whole_scans(plans)) == 1 and "Seq Scan on jobs" in whole_scans(plans)[0]
