"""Who may do what, told as persons: a stranger, two users, an admin, the service, on every table
and every function.

The tables below are the whole of it: a table or function that is not named fails the last tests.
"""
from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytest

from tests.database import support

ALL = ("anon", "user", "admin", "service")
# Rows of user A that each persona sees of a table that holds some of A and some of B; None: it may
# not even ask. `user` is A.
OWN, EVERY, NONE = "own", "every", None
READ = {
    #                      anon   user   admin  service
    "public.profiles": (NONE, OWN, EVERY, EVERY),
    "public.operations": (NONE, EVERY, EVERY, EVERY),
    "public.operation_steps": (NONE, NONE, EVERY, EVERY),
    "public.provider_prices": (NONE, NONE, EVERY, EVERY),
    "public.plans": (EVERY, EVERY, EVERY, EVERY),
    "public.plan_operations": (EVERY, EVERY, EVERY, EVERY),
    "public.subscriptions": (NONE, OWN, EVERY, EVERY),
    "public.governor_settings": (NONE, NONE, EVERY, EVERY),
    "public.credit_accounts": (NONE, OWN, EVERY, EVERY),
    "public.credit_ledger": (NONE, OWN, EVERY, EVERY),
    "public.projects": (NONE, OWN, EVERY, EVERY),
    "public.runs": (NONE, OWN, EVERY, EVERY),
    "public.idempotency_keys": (NONE, NONE, EVERY, EVERY),
    "public.jobs": (NONE, OWN, EVERY, EVERY),
    "public.generations": (NONE, OWN, EVERY, EVERY),
    "public.job_events": (NONE, NONE, EVERY, EVERY),
    "public.dead_jobs": (NONE, NONE, EVERY, EVERY),
    "public.cost_events": (NONE, NONE, EVERY, EVERY),
    "public.stripe_events": (NONE, NONE, EVERY, EVERY),
    "public.prices": (EVERY, EVERY, EVERY, EVERY),
    "public.stripe_prices": (NONE, NONE, EVERY, EVERY),
    "public.billing_customers": (NONE, OWN, EVERY, EVERY),
    "public.checkouts": (NONE, OWN, EVERY, EVERY),
    "public.payments": (NONE, OWN, EVERY, EVERY),
    "public.clawbacks": (NONE, OWN, EVERY, EVERY),
    "public.drafts": (NONE, OWN, EVERY, EVERY),
    "public.page_locks": (NONE, OWN, EVERY, EVERY),
    "public.exports": (NONE, OWN, EVERY, EVERY),
    "public.redraws": (NONE, NONE, EVERY, EVERY),
    "public.admin_actions": (NONE, NONE, EVERY, EVERY),
    "private.virtual_times": (NONE, NONE, EVERY, EVERY),
    "private.worker_providers": (NONE, NONE, EVERY, EVERY),
    "private.environment": (NONE, NONE, EVERY, EVERY),
    "private.pauses": (NONE, NONE, EVERY, EVERY),
    "private.kept_drafts": (NONE, NONE, EVERY, EVERY),
    "private.intended_calls": (NONE, NONE, EVERY, EVERY),
    "private.troubles_told": (NONE, NONE, EVERY, EVERY),
    "public.admins": (NONE, NONE, EVERY, EVERY),
    "private.studio_sessions": (NONE, NONE, NONE, NONE),
    "private.rates": (NONE, NONE, NONE, NONE),
    "private.trials": (NONE, NONE, EVERY, EVERY),
}
VIEWS = (
    "private.ledger_drift", "private.cogs_drift", "private.queue_depth", "private.failures", "private.owed_drift",
    "private.operator_troubles", "private.lease_holders", "private.open_stripe_events",
)  # fmt: skip
# Views that users read, each their own rows of it.
OWN_VIEWS = ("public.run_pages",)
# The only writing that anybody may do directly: (persona, table, kind).
WRITES = {("user", "public.profiles", "update"), *(("user", "public.projects", kind) for kind in ("insert", "update", "delete"))}
SERVICE = {
    "add_credits", "record_costs", "reclaim_jobs", "claim_jobs", "heartbeat_jobs", "complete_jobs", "fail_job", "release_jobs",
    "cancel_jobs", "quote_run", "submit_run", "keep_stripe_event", "finish_stripe_event", "put_subscription", "guard_costs",
    "snooze_job", "cancel_requested", "routes", "unit_prices", "open_requests", "environment", "mark_environment", "next_due",
    "tell_providers", "release_claim", "begin_pause", "end_pause", "paused", "keep_draft", "kept_draft", "drop_drafts",
    "intend_call", "begin_trouble", "end_trouble", "end_troubles_of_nobody",
    "claim_once", "confirm_claims", "confirm_jobs", "confirm_run", "replay_run",
    "open_messages", "claim_messages",
    "known_price", "link_customer", "customer_of", "user_of_customer", "is_user",
    "begin_checkout", "open_checkout", "put_checkout", "see_checkout",
    "book_payment", "is_payment", "begin_stripe_reading", "put_subscription_v2", "end_unknown_subscription", "subscriptions_at_stripe",
    "put_clawback", "park_stripe_event", "take_open_events",
    "open_session", "enter_session", "session_tokens", "renew_session", "end_sessions", "take_rate",
    "name_user", "begin_trial", "request_deletion", "cancel_deletion", "files_of_user", "erase_user", "export_account",
    "begin_draft", "plan_draft", "keep_planning", "finish_draft", "fail_draft", "edit_draft", "quote_draft", "submit_draft",
    "request_binding", "note_binding", "finish_binding", "mark_edited",
    "make_project", "rename_project", "remove_project", "request_export", "finish_export", "lock_page", "quote_redraw", "redraw_pages",
}  # fmt: skip
ADMIN = {
    "admin_adjust_credits", "admin_requeue", "admin_switch", "admin_look", "admin_look_v2", "admin_find_users", "admin_unfreeze",
    "admin_users", "admin_release_worker",
    "admin_appoint", "admin_take_up_event", "admin_learn_price", "admin_forgive", "admin_note_fetch",
}  # fmt: skip
# What the dashboard's views call with their reader's rights.
BOTH = {"standing", "wanted_half", "clock", "operation_costs", "revenue_per_half_micro_usd"}
ROLES = {"anon": "anon", "user": "authenticated", "admin": "myjoe_admin", "service": "service_role"}


@dataclass
class World:
    database: support.Database
    a: uuid.UUID
    b: uuid.UUID
    rows: dict[str, tuple[int, int]] = field(default_factory=dict)  # of A, of all

    @contextmanager
    def as_persona(self, persona: str, user: uuid.UUID | None = None) -> Iterator[psycopg.Connection[Any]]:
        """As the API does it: role and claims for one transaction, rolled back at its end."""
        with self.database.connect(autocommit=False) as connection:
            connection.execute(f"set local role {ROLES[persona]}")
            if persona == "user":
                claims = json.dumps({"sub": str(user or self.a), "role": "authenticated"})
                connection.execute("select set_config('request.jwt.claims', %s, true)", (claims,))
            try:
                yield connection
            finally:
                connection.rollback()


@pytest.fixture(scope="module")
def world(shared: support.Database) -> World:
    """A and B, each with one row at least in every table: a page done, one dead, one waiting."""
    users = []
    for _ in range(2):
        user = shared.user(credits_half=20)
        users.append(user)
        assert shared.submit(user, pages=3)["accepted"]
        done, dead = shared.claim(2)
        assert shared.book(done[0], 3000) == 1
        page = {"provider": "replicate", "model": "m", "width_px": 8, "height_px": 8, "dpi": 300, "bit_depth": 1}
        assert shared.complete(done, result=page) == [done[0]]
        assert shared.fail(dead, for_good=True) == "failed"
        shared.rows("select * from private.cancel_jobs(%s, (select run_id from public.jobs where id = %s))", user, done[0])
        shared.one("select private.keep_stripe_event(%s, 'invoice.paid', '2026-10-28', now(), '{}')", f"evt_{user}")
        shared.one("select private.admin_look(%s, 'a test')", user)
        shared.run("insert into public.admins (user_id, appointed_by, reason) values (%s, 'a test', 'a test')", user)
        shared.run("insert into private.trials (user_id, address_hash, begun_at) values (%s, sha256(%s::text::bytea), now())", user, user)
        shared.one("select private.open_session(sha256(%s::text::bytea), %s, 'sealed', now(), '')::text", user, user)
        shared.one("select private.take_rate(%s, 1, 60)", str(user))
        shared.one("select private.link_customer(%s, %s)", user, f"cus_{user}")
        shared.one("select private.begin_checkout(%s, 'intent-1', 'topup_50')", user)
        paid = [{"payment_intent": f"pi_{user}", "cents": 599}]
        bought = [{"kind": "topup", "reference": f"topup:{user}", "credits_half": 2}]
        shared.one("select private.book_payment(%s, 'cs_1', %s, %s)", user, json.dumps(paid), json.dumps(bought))
        shared.one("select private.put_clawback(%s, 'refund', %s, 599, 'succeeded', true, 1)", f"re_{user}", f"pi_{user}")
    for user in users:
        run = shared.one("select id from public.runs where user_id = %s", user)
        shared.one("select private.request_export(%s, %s, 'zip')", user, run)
        shared.one("select private.lock_page(%s, %s, 1, true)", user, run)
        assert shared.one("select private.redraw_pages(%s, %s, 'again-01')", user, run)["accepted"]
        asked = {"description": "a cat", "pages": 1, "operations": ["raster"]}
        assert shared.one("select private.begin_draft(%s, 'form-001', %s)", user, json.dumps(asked))["accepted"]
    shared.one("select private.begin_pause('replicate', 'busy', 'later', 60)::text")
    shared.run("insert into private.kept_drafts (job_id, step, media_type, content) select id, 'raster', 'image/png', 'x' from public.jobs")
    call = {"key": "unknown:1", "operation": "raster", "step": "raster", "provider": "recraft", "model": "m", "cost_micro_usd": 1}
    job = str(shared.one("select id from public.jobs where completed_at is null limit 1"))
    shared.one("select private.intend_call(%s)::text", json.dumps({**call, "job_id": job}))
    shared.one("select private.begin_trouble('openai', 'account')")
    shared.one("select private.known_price('price_1', 'topup_50', 599, 'usd')")
    shared.one("select private.mark_environment('development')::text")
    shared.rows("select * from private.tell_providers('w1', '{*}')")
    made = World(shared, *users)
    for table in READ:
        owner = "id" if table == "public.profiles" else "user_id"
        own = f"select count(*) from {table} where {owner} = %s"
        has_owner = shared.one("select count(*) = 1 from pg_attribute where attrelid = %s::regclass and attname = %s", table, owner)
        made.rows[table] = (shared.one(own, made.a) if has_owner else 0, shared.one(f"select count(*) from {table}"))
        assert made.rows[table][1] > 0, table
    return made


def columns(world: World, table: str, persona: str) -> str:
    """Those a persona may read; `count(*)` needs one of them."""
    names = world.database.rows(
        "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0"
        " and has_column_privilege(%s, attrelid, attnum, 'select')",
        table, ROLES[persona],
    )  # fmt: skip
    return ", ".join(name for (name,) in names) or "*"


@pytest.mark.parametrize("persona", ALL)
@pytest.mark.parametrize("table", READ)
def test_reading(world: World, table: str, persona: str) -> None:
    expected = READ[table][ALL.index(persona)]
    with world.as_persona(persona) as connection:
        if expected is NONE:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"select * from {table}")
            return
        rows = connection.execute(f"select {columns(world, table, persona)} from {table}").fetchall()
        own, every = world.rows[table]
        assert len(rows) == (own if expected == OWN else every)
        assert expected != OWN or 0 < own < every, "both users have rows, or this would show nothing"


@pytest.mark.parametrize("kind", ["insert", "update", "delete", "truncate"])
@pytest.mark.parametrize("persona", ALL)
@pytest.mark.parametrize("table", READ)
def test_writing(world: World, table: str, persona: str, kind: str) -> None:
    if (persona, table, kind) in WRITES:
        return  # told below, row by row
    column = world.database.one(
        "select attname::text from pg_attribute where attrelid = %s::regclass and attnum > 0 and attidentity = '' order by attnum limit 1",
        table,
    )
    statement = {
        "insert": f"insert into {table} default values", "update": f"update {table} set {column} = null", "delete": f"delete from {table}",
        "truncate": f"truncate {table} cascade",
    }[kind]  # fmt: skip
    with world.as_persona(persona) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement)


@pytest.mark.parametrize("view", VIEWS)
def test_views_are_for_admins_and_the_service(world: World, view: str) -> None:
    for persona in ALL:
        with world.as_persona(persona) as connection:
            if persona in ("admin", "service"):
                assert connection.execute(f"select * from {view}").fetchall() == world.database.rows(f"select * from {view}")
            else:
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(f"select * from {view}")


@pytest.mark.parametrize("view", OWN_VIEWS)
def test_views_of_users_hold_their_own_rows(world: World, view: str) -> None:
    everything = world.database.rows(f"select * from {view}")
    for persona in ALL:
        with world.as_persona(persona) as connection:
            if persona == "anon":
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(f"select * from {view}")
                continue
            rows = connection.execute(f"select * from {view}").fetchall()
            own = world.database.rows(f"select * from {view} where user_id = %s", world.a)
            assert 0 < len(own) < len(everything)
            assert sorted(map(str, rows)) == sorted(map(str, own if persona == "user" else everything))


def test_users_see_no_costs_and_no_leases(world: World) -> None:
    for table, hidden in (("public.jobs", "cogs_max_micro_usd"), ("public.jobs", "lease_token"), ("public.jobs", "last_error"),
                          ("public.runs", "cogs_worst_micro_usd"), ("public.operations", "cogs_max_micro_usd")):  # fmt: skip
        with world.as_persona("user") as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(f"select {hidden} from {table}")


def test_users_edit_their_own_name_and_nothing_else(world: World) -> None:
    with world.as_persona("user") as connection:
        assert connection.execute("update public.profiles set display_name = 'Joe'").rowcount == 1
        assert connection.execute("update public.profiles set display_name = 'Joe' where id = %s", (world.b,)).rowcount == 0
    with world.as_persona("user") as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("update public.profiles set id = gen_random_uuid()")


def test_users_make_edit_and_delete_their_own_projects(world: World) -> None:
    with world.as_persona("user") as connection:
        made = connection.execute("insert into public.projects (name) values ('New') returning user_id, id").fetchone()
        assert made is not None and made[0] == world.a
        assert connection.execute("update public.projects set name = 'Other'").rowcount == 2
        assert connection.execute("update public.projects set name = 'Other' where user_id = %s", (world.b,)).rowcount == 0
        assert connection.execute("delete from public.projects where user_id = %s", (world.b,)).rowcount == 0
        assert connection.execute("delete from public.projects where id = %s", (made[1],)).rowcount == 1
    for statement in ("insert into public.projects (name, user_id) values ('New', %s)", "update public.projects set user_id = %s"):
        with world.as_persona("user") as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement, (world.b,))


def test_a_user_without_identity_sees_nothing(world: World) -> None:
    """Claims are the empty string after the transaction that set them."""
    for claims in ("", "{}"):
        with world.as_persona("user") as connection:
            connection.execute("select set_config('request.jwt.claims', %s, true)", (claims,))
            for table, who in READ.items():
                if who[1] == OWN:
                    assert connection.execute(f"select {columns(world, table, 'user')} from {table}").fetchall() == []


def functions(database: support.Database) -> list[tuple[str, str, int]]:
    return database.rows(
        "select proname::text, oid::regprocedure::text, oid::int8 from pg_proc where pronamespace = 'private'::regnamespace"
    )


def allowed(persona: str, name: str) -> bool:
    return persona == "service" and name in SERVICE | BOTH or persona == "admin" and name in ADMIN | BOTH


def test_functions_may_be_called_by_whom_they_are_for(world: World) -> None:
    """By name: with no arguments the call fails either way, but only the right is refused as a
    right.
    """
    seen = set()
    for name, signature, oid in functions(world.database):
        seen.add(name)
        trigger = world.database.one("select prorettype = 'trigger'::regtype from pg_proc where oid = %s", oid)
        for persona in ALL:
            may = world.database.one("select has_function_privilege(%s, %s::oid, 'execute')", ROLES[persona], oid)
            assert may == allowed(persona, name), (persona, signature)
            if trigger:
                continue
            arguments = world.database.one(
                "select coalesce(string_agg(format('null::%%s', format_type(t, null)), ', '), '') from pg_proc, unnest(proargtypes) t"
                " where oid = %s", oid,
            )  # fmt: skip
            with world.as_persona(persona) as connection:
                try:
                    connection.execute(f"select private.{name}({arguments})")
                    refused = False
                except psycopg.errors.InsufficientPrivilege:
                    refused = True
                except psycopg.Error:
                    refused = False  # it got in, and found the nulls wanting
            assert refused != allowed(persona, name), (persona, signature)
    assert seen >= SERVICE | ADMIN | BOTH


def test_a_service_call_works_through_the_api_role(world: World) -> None:
    with world.as_persona("service") as connection:
        answer = connection.execute(
            "select private.quote_run(%s, %s, %s)", (world.a, world.database.project(world.a), json.dumps(support.manifest()))
        ).fetchone()
        assert answer is not None and answer[0]["accepted"]


def test_every_table_and_view_has_its_line_here(world: World) -> None:
    there = world.database.rows(
        "select oid::regclass::text from pg_class where relnamespace in ('public'::regnamespace, 'private'::regnamespace)"
        " and relkind in ('r', 'p', 'v', 'm', 'f')"
    )
    named = {name.removeprefix("public.") for name in [*READ, *VIEWS, *OWN_VIEWS]}
    assert {name.removeprefix("public.") for (name,) in there} == named


def test_row_level_security_is_on_everywhere(world: World) -> None:
    assert world.database.rows(
        "select oid::regclass from pg_class where relnamespace in ('public'::regnamespace, 'private'::regnamespace)"
        " and relkind in ('r', 'p') and not relrowsecurity"
    ) == []


def test_users_read_their_own_pages_in_storage(world: World) -> None:
    for user in (world.a, world.b):
        world.database.run("insert into storage.objects (bucket_id, name) values ('pages', %s)", f"{user}/job/page.png")
    with world.as_persona("user") as connection:
        assert connection.execute("select name from storage.objects").fetchall() == [(f"{world.a}/job/page.png",)]
        assert connection.execute("update storage.objects set name = 'x'").rowcount == 0
    with world.as_persona("user") as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("insert into storage.objects (bucket_id, name) values ('pages', %s)", (f"{world.a}/job/mine.png",))
    with world.as_persona("anon") as connection:
        assert connection.execute("select name from storage.objects").fetchall() == []
    assert world.database.rows("select public from storage.buckets where id = 'pages'") == [(False,)]

