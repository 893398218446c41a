"""The plans of all that the Studio asks, among many users and their books: each statement of its
`.sql` files as the Studio's own classes ask it, in the role and the session that they set.

No table that grows is read whole, and of none more than what one user owns.
"""
from __future__ import annotations

import asyncio
import hashlib
import json
import re
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import psycopg
import pytest

import myjoe_studio
from myjoe.database.acting import Actor
from myjoe.database.server import SUPERUSER, Server
from myjoe.database.statements import statements
from myjoe_studio.deciding import Decider, ServiceDatabase
from myjoe_studio.reading import Connections, Reader
from tests.database import plans as plans_of
from tests.database import support
from tests.database.plans import Plans
from tests.database.support import Database

# Tables of so few rows, whoever comes, that reading them whole is the quickest.
FEW = {
    "plans", "plan_operations", "operations", "operation_steps", "provider_prices", "prices", "stripe_prices", "governor_settings",
    "environment", "admins", "pauses", "troubles_told", "worker_providers", "clock",
    # Sequences.
    "queue_cursor", "virtual_time",
}  # fmt: skip
# More rows than any user of ours owns of one kind, and a fraction of every table that grows.
ROWS_MAX = 400
# Those that may read a table whole, and why.
COLD = {
    ("pages/admin.sql", "overview"): "an admin's figures are sums over all users; admins are few and look seldom",
    ("pages/admin.sql", "users"): "an admin's search is for any part of an address, which no index of ours finds",
}


def made(*words: object) -> uuid.UUID:
    """The id of a thing of crowd.sql."""
    return uuid.UUID(hashlib.md5(" ".join(map(str, words)).encode(), usedforsecurity=False).hexdigest())


ADMIN, USER, NEWCOMER, LEAVER, FROZEN = (made("user", n) for n in (1, 1234, 500, 650, 700))
RUN, JOB, PROJECT = made("run", 1234, 2), made("page", 1234, 2, 1), made("project", 1234, 1)
PLANNED, PLANNING = made("draft", 1234, 1), made("draft", 1234, 2)
NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
COOKIE, NO_COOKIE, ADMINS_COOKIE = (hashlib.sha256(name.encode()).digest() for name in ("cookie 1234 1", "nobody", "cookie 1 1"))
PLAN = {"title": "Cats", "style": "bold", "pages": [{"title": "A cat", "prompt": "a cat"}, {"title": "Two", "prompt": "two cats"}]}
PAID, BOUGHT = {"payment_intent": "pi_new", "cents": 599}, {"kind": "topup", "reference": "topup:in_new", "credits_half": 100, "why": "50"}
SUBSCRIPTION = {"subscription": "sub_1234", "customer": "cus_1234", "plan": "max", "status": "active", "started": NOW, "renews": NOW}

Values = Mapping[str, Any]
# What each statement that decides is given. `user` is USER where nothing else is said.
DECISIONS: dict[str, Values] = {
    "open_session": {"hash": NO_COOKIE, "sealed": b"x", "access_until": NOW, "device": "d"},
    "session_tokens": {"hash": COOKIE}, "renew_session": {"hash": COOKIE, "sealed": b"x", "access_until": NOW},
    "end_session": {"hash": COOKIE}, "end_sessions": {"but": COOKIE},
    "take_rate": {"bucket": "crowd new", "at_most": 100, "seconds": 60},
    "prices": {}, "begin_checkout": {"intent": "intent-new", "lookup_key": "topup_50"},
    "open_checkout": {"checkout": made("checkout", 1234), "session": "cs_new", "url": "https://example.com"},
    "put_checkout": {"checkout": made("checkout", 1234), "session": "cs_1234", "status": "complete"},
    "see_checkout": {"session": "cs_1234"}, "link_customer": {"customer": "cus_1234"}, "customer_of": {},
    "user_of_customer": {"customer": "cus_1234"}, "is_user": {}, "begin_stripe_reading": {},
    "known_price": {"price": "price_new", "lookup_key": "topup_50", "cents": 599, "currency": "usd"},
    "put_subscription": {**SUBSCRIPTION, "cancels": None, "reading": 1000}, "end_unknown_subscription": {"subscription": "sub_1234"},
    "subscriptions_at_stripe": {}, "book_payment": {"source": "in_new", "paid": [PAID], "bought": [BOUGHT]},
    "is_payment": {"payment_intent": "pi_1234"},
    "put_clawback": {"id": "re_new", "kind": "refund", "payment_intent": "pi_1234", "cents": 100, "status": "succeeded", "in_force": True,
                     "reading": 1000},
    "keep_stripe_event": {"id": "evt_new", "type": "invoice.paid", "api_version": "v", "created": NOW, "payload": {}},
    "finish_stripe_event": {"id": "evt_7", "failure": None}, "park_stripe_event": {"id": "evt_7", "why": "unknown"},
    "take_open_events": {"at_most": 20},
    "begin_draft": {"key": "draft-new", "request": {"operations": ["raster"], "pages": 5, "description": "cats"}, "project": PROJECT},
    "plan_draft": {"draft": PLANNING, "seconds": 60.0}, "keep_planning": {"draft": PLANNING, "token": 1, "seconds": 60.0},
    "finish_draft": {"draft": PLANNING, "token": 1, "plan": PLAN},
    "fail_draft": {"draft": PLANNING, "token": 1, "sentence": "No.", "for_good": False},
    "edit_draft": {"draft": PLANNED, "revision": 1, "title": "Dogs", "style": "fine", "pages": PLAN["pages"]},
    "quote_draft": {"draft": PLANNED}, "submit_draft": {"draft": PLANNED, "revision": 1, "agreed": None},
    "cancel_jobs": {"run": RUN, "job": None}, "lock_page": {"run": RUN, "page": 5, "locked": True},
    "quote_redraw": {"run": RUN, "pages": [4]}, "redraw_pages": {"run": RUN, "key": "redraw-new", "pages": [4], "agreed": None},
    "make_project": {"name": "New"}, "rename_project": {"project": PROJECT, "name": "New"}, "remove_project": {"project": PROJECT},
    "request_binding": {"run": RUN, "kind": "book", "wanted": {}}, "mark_edited": {"run": RUN, "page": 1, "edited": True},
    "admin_look": {}, "admin_credits": {"half": 10, "request": "new"}, "admin_requeue": {"job": made("page", 1234, 2, 4)},
    "admin_switch": {"operation": "raster", "off": False, "fallback": False}, "admin_forgive": {},
    "admin_event": {"event": "evt_7", "close": True}, "admin_learn_price": {"price": "price_new", "lookup_key": "topup_50", "half": 100},
    "admin_note_fetch": {}, "admin_unfreeze": {"user": FROZEN},
    "name_user": {"called": "Me"}, "begin_trial": {"user": NEWCOMER}, "request_deletion": {}, "cancel_deletion": {"user": LEAVER},
    "export_account": {},
}  # fmt: skip
# Those that answer nothing.
VOID = {"open_session", "finish_stripe_event", "park_stripe_event", "name_user", "admin_note_fetch"}
# What pages are given: once each way that changes the plan.
READS: dict[tuple[str, str], tuple[Values, ...]] = {
    ("pages/gallery.sql", "gallery"): ({"before": None}, {"before": NOW}),
    ("pages/overview.sql", "overview"): ({},), ("pages/projects.sql", "projects"): ({},),
    ("pages/projects.sql", "project"): ({"project": PROJECT},),
    ("pages/runs.sql", "runs"): ({"before": None, "project": None}, {"before": NOW, "project": None}, {"before": NOW, "project": PROJECT}),
    ("pages/runs.sql", "run"): ({"run": RUN},), ("pages/runs.sql", "page"): ({"run": RUN, "job": JOB},),
    ("pages/exports.sql", "taking"): ({"run": RUN},), ("pages/exports.sql", "export"): ({"export": made("export", 1234, 2)},),
    ("pages/drafts.sql", "draft"): ({"draft": PLANNED},), ("pages/landing.sql", "plans"): ({},),
    ("pages/billing.sql", "billing"): ({"before": None}, {"before": "15000"}), ("pages/billing.sql", "pricing"): ({},),
    ("pages/billing.sql", "done"): ({"session_id": "cs_1234"},),
    ("pages/admin.sql", "overview"): ({},), ("pages/admin.sql", "record"): ({"before": None}, {"before": 1000}),
    ("pages/admin.sql", "users"): ({"part": "user12"},),
}  # fmt: skip
# What the embedded identity service is given, which asks as the owner.
SIGNED_IN = made("session", 1234, 1)
IDENTITY: dict[str, Values] = {
    "are_here": {}, "user_by_email": {"email": "user1234@example.com"}, "user_by_session": {"session": SIGNED_IN},
    "user_by_token": {"token": "token 1234 1 1"},
    "new_user": {"email": "new@example.com", "password": "x", "confirmed": True, "provider": "email"},
    "confirm": {"drop_password": False}, "set_password": {"password": "y"}, "new_link": {"kind": "magiclink", "hash": "new"},
    "take_link": {"hash": "link 1234", "kinds": ["magiclink"], "seconds": 3600}, "new_session": {},
    "new_token": {"token": "new", "session": SIGNED_IN}, "revoke_token": {"token": "token 1234 1 1"},
    "end_session": {"session": SIGNED_IN}, "end_sessions": {"but": None},
}  # fmt: skip


class OneConnection:
    """Stands for the Studio's connections: what is asked is taken back, so that each statement
    meets the same rows.
    """

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    @asynccontextmanager
    async def one(self) -> AsyncIterator[OneConnection]:
        yield self

    async def rows(self, sql: str, params: Any = (), *, patience_seconds: float = 0, actor: Actor | None = None) -> list[Any]:
        """As the actor, or else as the owner."""
        with self._connection.transaction(force_rollback=True):
            for statement, values in actor.statements() if actor else [("set local role postgres", ())]:
                self._connection.execute(statement, values)
            cursor = self._connection.execute(sql, params)
            return cursor.fetchall() if cursor.description else []


@pytest.fixture(scope="module")
def crowd(servers: Callable[[int], Server]) -> Iterator[Database]:
    """A database of many users, of which the server knows nothing yet."""
    server, name = servers(15), f"crowd_{uuid.uuid4().hex[:8]}"
    support.make_database(server, name, "template_myjoe")
    database = Database(server, name)
    database.root.execute(Path(__file__).with_name("crowd.sql").read_text(encoding="utf-8"))
    # The queue's order is opened once after a start of the server, for which all of it is read.
    database.enqueue(USER)
    yield database
    database.close()
    support.drop_database(server, name)


@pytest.fixture(params=["never analyzed", "analyzed"])
def asked(request: pytest.FixtureRequest, crowd: Database) -> Iterator[tuple[psycopg.Connection[Any], Plans]]:
    """A connection whose plans are told."""
    if request.param == "analyzed":
        crowd.run("analyze")
    else:
        crowd.run("set allow_system_table_mods = on")
        crowd.run("delete from pg_statistic")
        crowd.run("update pg_class set reltuples = -1, relpages = 0 where relkind in ('r', 'i')")
    with psycopg.connect(crowd.server.url(crowd.name, SUPERUSER), autocommit=True, prepare_threshold=None) as connection:
        yield connection, plans_of.watch(connection)


def faults(plans: Plans) -> list[str]:
    """Where a table that grows is read whole, or more of it than one user owns."""
    found = set()
    for scan, where in plans_of.scans(plans):
        if scan["Relation Name"] not in FEW:
            if scan["Node Type"] == "Seq Scan":
                found.add(where)
            elif plans_of.rows_looked_at(scan) > ROWS_MAX:
                found.add(f"{plans_of.rows_looked_at(scan):.0f} rows: {where}")
    return sorted(found)


def refused(answer: Any) -> bool:
    """Whether a function gave up early, so that its later statements had no plan."""
    if isinstance(answer, dict):
        return answer.get("accepted") is False or "code" in answer or "unknown" in answer
    return answer is None or answer is False


def test_every_statement_is_known_here() -> None:
    root = Path(myjoe_studio.__file__).parent
    there = {str(path.relative_to(root)) for path in root.rglob("*.sql")}
    assert there == {"decisions.sql", "live/queries.sql", "identity/local/queries.sql", *(file for file, _ in READS)}
    assert set(statements("myjoe_studio", "decisions.sql")) == set(DECISIONS)
    assert set(statements("myjoe_studio.identity.local")) == set(IDENTITY)
    assert set(statements("myjoe_studio.live")) == {"messages"}
    for file in {file for file, _ in READS}:
        assert set(statements("myjoe_studio.pages", Path(file).name)) == {name for other, name in READS if other == file}
    assert set(COLD) <= set(READS)


def test_every_table_that_grows_has_grown(crowd: Database) -> None:
    tables = crowd.rows(
        "select c.oid::regclass::text from pg_class c join pg_namespace s on s.oid = c.relnamespace"
        " where c.relkind = 'r' and s.nspname in ('public', 'private', 'auth', 'realtime') and not c.relname = any (%s)", sorted(FEW),
    )  # fmt: skip
    counts = {table: crowd.one(f"select count(*) from {table}") for (table,) in tables}
    assert len(counts) > 25 and {table: count for table, count in counts.items() if count < 2 * ROWS_MAX} == {}


def test_what_pages_read(asked: tuple[psycopg.Connection[Any], Plans]) -> None:
    connection, plans = asked
    reader = Reader(cast("Connections", OneConnection(connection)))
    wrong: dict[str, Any] = {}
    for (file, name), ways in READS.items():
        sql = statements("myjoe_studio.pages", Path(file).name)[name]
        admin = file == "pages/admin.sql"
        for values in ways:
            plans.clear()
            look = asyncio.run(reader.look(ADMINS_COOKIE if admin else COOKIE, sql, values, admin=admin))
            assert look.person and look.rows, (file, name)
            if (file, name) not in COLD and faults(plans):
                wrong[f"{file}, {name}, {values}"] = faults(plans)
    assert not wrong, json.dumps(wrong, indent=2)


def test_what_is_decided(asked: tuple[psycopg.Connection[Any], Plans]) -> None:
    connection, plans = asked
    decide = Decider(cast("Connections", OneConnection(connection)))
    wrong: dict[str, Any] = {}
    for name, given in DECISIONS.items():
        values, plans[:] = {"user": USER, **given}, []
        # Functions may make generic plans from their sixth call on.
        for call in range(7):
            plans_of.listen(connection, call in (0, 6))
            if name.startswith("admin_"):
                answer = asyncio.run(decide.as_admin(ADMIN, name, reason="to look", **values))
            else:
                answer = asyncio.run(decide(name, **values))
        assert name in VOID or not refused(answer), (name, answer)
        assert len(plans) >= 2, name
        if faults(plans):
            wrong[name] = faults(plans)
    assert not wrong, json.dumps(wrong, indent=2)


def test_what_the_stream_and_the_identity_service_ask(asked: tuple[psycopg.Connection[Any], Plans]) -> None:
    connection, plans = asked
    one = OneConnection(connection)
    wrong: dict[str, Any] = {}
    told = asyncio.run(ServiceDatabase(cast("Connections", one)).rows(statements("myjoe_studio.live")["messages"], {"seconds": 5.0}))
    assert told
    if faults(plans):
        wrong["messages"] = faults(plans)
    for name, sql in statements("myjoe_studio.identity.local").items():
        plans.clear()
        rows = asyncio.run(one.rows(sql, {"user": USER, **IDENTITY[name]}))
        assert rows or not sql.startswith("select"), name
        assert plans, name
        if faults(plans):
            wrong[name] = faults(plans)
    assert not wrong, json.dumps(wrong, indent=2)


def test_a_whole_scan_and_a_long_one_are_found(asked: tuple[psycopg.Connection[Any], Plans]) -> None:
    connection, plans = asked
    connection.execute("select count(*) from public.jobs where last_error = 'x'")
    assert any(fault.startswith("Seq Scan on jobs") for fault in faults(plans))
    plans.clear()
    connection.execute("set enable_seqscan = off")
    connection.execute("select id from public.credit_ledger where kind = 'burn' order by id limit 1")
    assert any(re.match(r"\d{5} rows: Index", fault) for fault in faults(plans))
