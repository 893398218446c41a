"""Databases for tests: servers of every version we support, and in them copies of one migrated
template, with a clock to turn.

Each pytest worker has its own servers in its own folder, so tests run side by side.
"""
from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from pgmq.install import get_embedded_install_sql
from psycopg.conninfo import make_conninfo

from myjoe.database.migrating import migrate
from myjoe.database.server import SUPERUSER, Server, embedded_binaries

DEBIAN_BINARIES = Path("/usr/lib/postgresql/15/bin")
# The oldest that we support; the newest is what all other tests run on. With MYJOE_TESTS_ALL=1 all.
VERSIONS = (15, 16, 18) if os.environ.get("MYJOE_TESTS_ALL") else (15,)
# When the tests' clock starts: some time after the first prices.
START = "2026-12-01 12:00:00Z"

# The clock of production is the transaction's time; ours stands still until a test turns it, for
# all connections alike.
TEST_CLOCK = f"""
create schema tests;
grant usage on schema tests to public;
create table tests.clock (at timestamptz not null);
grant select on tests.clock to public;
insert into tests.clock values ('{START}');
create or replace function private.clock() returns timestamptz language sql stable set search_path = '' as
$$ select at from tests.clock $$;
"""


def binaries(version: int) -> Path:
    if version == 15:
        assert DEBIAN_BINARIES.exists(), "please install postgresql-15 (make test does, as root on Debian)"
        return DEBIAN_BINARIES
    return embedded_binaries(version)


def _quick_folder() -> str | None:
    """Memory, where there is plenty: on disk, removing the three servers alone took 15 s. Else
    where temporary files go.
    """
    memory = "/dev/shm"
    roomy = os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 4 << 30
    return memory if roomy else None


@contextmanager
def running_server(version: int, **settings: str) -> Iterator[Server]:
    """A server that lives as long as the block."""
    folder = Path(tempfile.mkdtemp(prefix="mj", dir=_quick_folder()))
    folder.chmod(0o755)  # as root the server runs as nobody, who has to come in
    small = {"max_connections": "60", "shared_buffers": "64MB", "max_wal_size": "64MB", "min_wal_size": "32MB"}
    server = Server(folder, binaries(version), {**small, **settings})
    try:
        server.start()
        yield server
    finally:
        server.stop("immediate")
        shutil.rmtree(folder)


def make_database(server: Server, name: str, template: str = "template0") -> None:
    with psycopg.connect(server.url("postgres", SUPERUSER), autocommit=True) as connection:
        connection.execute(f"create database {name} template {template}")


def drop_database(server: Server, name: str) -> None:
    with psycopg.connect(server.url("postgres", SUPERUSER), autocommit=True) as connection:
        connection.execute(f"drop database {name} with (force)")


def make_template(server: Server, *, old_grants: bool = False, name: str = "template_myjoe") -> str:
    """A migrated database with the tests' clock. With `old_grants` the API's roles get everything
    by default, as Supabase had it.
    """
    make_database(server, name)
    url = server.url(name, SUPERUSER)
    if old_grants:
        # What migrate() would do first, and between that and the migrations the defaults of old.
        bootstrap = Path(migrate.__code__.co_filename).with_name("bootstrap.sql").read_text()
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(bootstrap)
            for kind in ("tables", "sequences", "functions"):
                connection.execute(
                    f"alter default privileges for role postgres in schema public grant all on {kind} to anon, authenticated, service_role"
                )
    migrate(url)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("set role postgres")
        connection.execute(TEST_CLOCK)
    return name


class Database:
    """One migrated database, and what tests do with it again and again."""

    def __init__(self, server: Server, name: str) -> None:
        self.server, self.name = server, name
        self.root = self.connect(SUPERUSER)

    def connect(self, user: str = "postgres", **options: Any) -> psycopg.Connection[Any]:
        """A connection of its own. As `postgres` it is the owner of everything, but no
        superuser.
        """
        return psycopg.connect(make_conninfo(self.server.url(self.name, user)), **{"autocommit": True, **options})

    def close(self) -> None:
        self.root.close()

    def one(self, sql: str, *args: Any) -> Any:
        """The single value of the single row."""
        row = self.root.execute(sql, args or None).fetchone()
        assert row is not None and len(row) == 1, (sql, row)
        return row[0]

    def rows(self, sql: str, *args: Any) -> list[tuple[Any, ...]]:
        return self.root.execute(sql, args or None).fetchall()

    def run(self, sql: str, *args: Any) -> int:
        return self.root.execute(sql, args or None).rowcount

    # ── time ──────────────────────────────────────────────────────────────────────────────────────
    def advance(self, seconds: float) -> None:
        self.run("update tests.clock set at = at + make_interval(secs => %s)", seconds)

    def now(self) -> datetime:
        moment: datetime = self.one("select private.clock()")
        return moment

    # ── people and their things ───────────────────────────────────────────────────────────────────
    def user(self, plan: str | None = "max", credits_half: int = 0) -> uuid.UUID:
        """A user with a project (see `project`), perhaps a plan, perhaps credits."""
        user: uuid.UUID = self.one("insert into auth.users (email) values (%s) returning id", f"{uuid.uuid4()}@example.com")
        if plan is not None:
            self.one("select private.put_subscription(%s, %s, 'cus_1', %s, 'active', private.clock())", user, f"sub_{user}", plan)
        if credits_half:
            self.one("select private.add_credits(%s, 'grant', %s, %s)", user, credits_half, f"grant:in_{user}:1")
        self.run("insert into public.projects (user_id, name) values (%s, 'Book')", user)
        return user

    def project(self, user: uuid.UUID) -> uuid.UUID:
        project: uuid.UUID = self.one("select id from public.projects where user_id = %s", user)
        return project

    def submit(self, user: uuid.UUID, key: str | None = None, pages: int = 1, operations: tuple[str, ...] = ("raster",)) -> dict[str, Any]:
        return self.submit_manifest(user, key or str(uuid.uuid4()), manifest(pages, operations))

    def submit_manifest(self, user: uuid.UUID, key: str, content: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self.one(
            "select private.submit_run(%s, %s, %s, %s)", user, self.project(user), key, json.dumps(content)
        )
        return answer

    def enqueue(self, user: uuid.UUID, count: int = 1, priority: int = 100, **job: Any) -> list[uuid.UUID]:
        """Jobs without a run and without credits."""
        ids: list[uuid.UUID] = self.one(
            "select private.enqueue_jobs(%s, null, 'page', (select jsonb_agg(%s::jsonb) from generate_series(1, %s)), %s)",
            user, json.dumps(job), count, priority,
        )  # fmt: skip
        return ids

    def balance(self, user: uuid.UUID) -> int:
        balance: int = self.one("select balance_half from public.credit_accounts where user_id = %s", user)
        return balance

    # ── the worker's side ─────────────────────────────────────────────────────────────────────────
    def claim(
        self, jobs_max: int = 1, worker: str = "w1", lease_seconds: float = 300, per_user_max: int | None = None
    ) -> list[tuple[uuid.UUID, int]]:
        rows = self.rows(
            "select id, lease_token from private.claim_jobs(%s, %s, %s, %s::int)", worker, jobs_max, lease_seconds, per_user_max
        )
        return [(job, token) for job, token in rows]

    def complete(self, *held: tuple[uuid.UUID, int], result: dict[str, Any] | None = None) -> list[uuid.UUID]:
        results = [json.dumps(result)] * len(held) if result else None
        rows = self.rows(
            "select * from private.complete_jobs(%s::uuid[], %s::bigint[], %s::jsonb[])",
            [j for j, _ in held], [t for _, t in held], results,
        )  # fmt: skip
        return [job for (job,) in rows]

    def fail(self, held: tuple[uuid.UUID, int], **how: Any) -> str:
        words = {"for_good": False, "retry_after_seconds": None, **how}
        outcome: str = self.one(
            "select private.fail_job(%s, %s, 'it broke', 'provider', %s, %s)", *held, words["for_good"], words["retry_after_seconds"]
        )
        return outcome

    def snooze(self, held: tuple[uuid.UUID, int], after_seconds: float = 30) -> str:
        outcome: str = self.one("select private.snooze_job(%s, %s, %s, 'come back later', 'busy')", *held, after_seconds)
        return outcome

    def release(self, *held: tuple[uuid.UUID, int], after_seconds: float = 0) -> list[uuid.UUID]:
        rows = self.rows(
            "select * from private.release_jobs(%s::uuid[], %s::bigint[], %s)", [j for j, _ in held], [t for _, t in held], after_seconds
        )
        return [job for (job,) in rows]

    def book(self, job: uuid.UUID, cost_micro_usd: int, request: str | None = None, **more: str) -> int:
        """One cost of the job; 1 if it is new."""
        cost = {"job_id": str(job), "operation": "raster", "step": "raster", "provider": "replicate", "model": "m",
                "request_id": request or str(job), "cost_micro_usd": cost_micro_usd, **more}  # fmt: skip
        booked: int = self.one("select private.record_costs(%s)", json.dumps([cost]))
        return booked

    def status(self, job: uuid.UUID) -> str:
        status: str = self.one("select status from public.jobs where id = %s", job)
        return status

    def check_books(self) -> None:
        """What must always be true of money, whatever happened."""
        assert self.rows("select * from private.ledger_drift") == []
        assert self.rows("select * from private.owed_drift") == []
        # User by user, each term counted where it lies: what came in is there, held or spent; what
        # was burned is held, spent or refunded.
        assert self.rows("""
            select * from (
              select a.user_id, a.balance_half as available,
                coalesce((select sum(amount_half) from public.credit_ledger l
                          where l.user_id = a.user_id and kind in ('grant', 'topup', 'adjustment', 'clawback', 'restore')), 0) as came_in,
                coalesce((select -sum(amount_half) from public.credit_ledger l
                          where l.user_id = a.user_id and kind = 'burn'), 0) as burned,
                coalesce((select sum(amount_half) from public.credit_ledger l
                          where l.user_id = a.user_id and kind = 'refund'), 0) as refunded,
                coalesce((select sum(credits_half) from public.jobs j
                          where j.user_id = a.user_id and status = 'completed'), 0) as spent,
                coalesce((select sum(credits_half) from public.jobs j
                          where j.user_id = a.user_id and status in ('pending', 'in_progress')), 0) as held
              from public.credit_accounts a
            ) as books where came_in <> available + held + spent or burned <> held + spent + refunded""") == []
        # Each job that ended otherwise than completed was refunded exactly once, and no other job
        # ever.
        assert self.rows("""
            select j.id, j.status from public.jobs j
            left join public.credit_ledger l on l.job_id = j.id and l.kind = 'refund' and l.amount_half = j.credits_half
            group by j.id having count(l.id) <> (j.status in ('failed', 'cancelled') and j.credits_half > 0)::int""") == []
        assert self.one("select count(*) from public.credit_ledger where kind = 'refund'") == self.one(
            "select count(*) from public.jobs where status in ('failed', 'cancelled') and credits_half > 0"
        )


def add_pgmq(database: Database) -> None:
    """The real thing's SQL, and the rights that Supabase gives postgres on it."""
    database.root.execute(get_embedded_install_sql())
    database.run("grant all on schema pgmq to postgres; grant all on all tables in schema pgmq to postgres")
    database.run("grant all on all functions in schema pgmq to postgres; grant all on all sequences in schema pgmq to postgres")


def manifest(pages: int = 1, operations: tuple[str, ...] = ("raster",)) -> dict[str, Any]:
    return {"pages": [{"operations": list(operations), "prompt": f"a cat, {number}"} for number in range(pages)]}


def _answers(path: Path) -> bool:
    """Whether somebody listens: a socket is there a moment before that."""
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(str(path)) == 0


@contextmanager
def running_pooler() -> Iterator[Callable[[Database], str]]:
    """PgBouncer in transaction mode, one server connection per database; called with a database, it
    gives its address.
    """
    program = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    assert program, "please install pgbouncer (make test does, as root on Debian)"
    folder = Path(tempfile.mkdtemp(prefix="mjp"))
    folder.chmod(0o755)
    running: list[subprocess.Popen[bytes]] = []

    def start(database: Database) -> str:
        (folder / "users").write_text('"postgres" ""\n')
        (folder / "ini").write_text(
            f"[databases]\n* = host={database.server.socket_folder}\n[pgbouncer]\nunix_socket_dir = {folder}\nlisten_addr =\n"
            f"auth_type = trust\nauth_file = {folder}/users\npool_mode = transaction\ndefault_pool_size = 1\nserver_reset_query =\n"
        )
        # Like PostgreSQL it refuses to run as root, and the socket it talks to is open to the
        # server's user.
        account = database.server.account
        if account is not None:
            os.chown(folder, account.pw_uid, account.pw_gid)
        running.append(
            subprocess.Popen(
                [program, "-q", str(folder / "ini")], user=account and account.pw_uid, group=account and account.pw_gid,
                extra_groups=[] if account else None, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )
        )  # fmt: skip
        deadline = time.monotonic() + 30
        while not _answers(folder / ".s.PGSQL.6432"):
            assert time.monotonic() < deadline and running[-1].poll() is None, "pgbouncer did not start"
            time.sleep(0.01)
        return f"postgresql://postgres@/{database.name}?host={folder}&port=6432"

    try:
        yield start
    finally:
        for process in running:
            process.terminate()
            process.wait()
        shutil.rmtree(folder)
