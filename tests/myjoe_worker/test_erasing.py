"""A user who goes: their files, then their words."""
from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from myjoe import telemetry
from myjoe.errors import JobArgsError, LeaseLostError, PermanentError, ProviderError
from myjoe.settings.variables import Secret
from myjoe.storage.folder import FolderStorage
from myjoe_worker import erasing
from myjoe_worker.assembling import assembled
from myjoe_worker.customers import Customers
from myjoe_worker.erasing import erase_user
from myjoe_worker.exporting import SQL, Shelf
from myjoe_worker.job import Job
from myjoe_worker.settings import WorkerSettings
from tests.database.support import Database
from tests.support.leases import Held
from tests.support.peers import refuse
from tests.support.peers.stripe import StripePeer

USER = uuid4()


class Records:
    """A database that knows which files there are, and is told to erase."""

    def __init__(self, files: list[str]) -> None:
        self.files = files
        self.erased: list[Any] = []
        # How often it is still said that the account is to be deleted; and whether the job's token
        # is the present one.
        self.due, self.present = 1000, True
        self.customer: str | None = None

    async def rows(self, sql: str, params: Any = (), *, patience_seconds: float = 60.0) -> list[Any]:
        if sql == SQL["files_of_user"]:
            assert params == {"user": USER}
            return [(file,) for file in self.files]
        if sql == SQL["erasure_due"]:
            self.due -= 1
            return [(self.due >= 0,)]
        if sql == SQL["customer_of"]:
            return [(self.customer,)]
        assert sql == SQL["erase_user"]
        if self.present:
            self.erased.append(params)
        return [({"erased": self.present},)]

    async def records(self, sql: str, params: Any = (), *, patience_seconds: float = 60.0) -> list[dict[str, Any]]:
        raise AssertionError("nobody asks so")


def job(payload: dict[str, Any]) -> Job:
    return Job(uuid4(), 5, "erase", payload, (), USER, None, 1, 3, None)


def stored(folder: Path, count: int) -> list[str]:
    keys = [f"{USER}/{number}/1/page.png" for number in range(count)]
    for key in [*keys, "other/1/1/page.png"]:
        path = folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    return keys


def left(folder: Path) -> int:
    return sum(path.is_file() for path in folder.rglob("*"))


def test_the_files_go_first_and_then_the_words_under_the_jobs_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasing, "FILES_A_TIME", 2)
    records, order = Records(stored(tmp_path, 5)), job({"user_id": str(USER)})
    lease = Held()
    asyncio.run(erase_user(order, lease, Shelf(FolderStorage(tmp_path), records)))
    assert left(tmp_path) == 1, "what is somebody else's stays"
    assert records.erased == [{"user": USER, "job": order.id, "token": 5}]
    assert lease.checks == 4


def test_who_changes_their_mind_keeps_what_is_left_and_another_attempt_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasing, "FILES_A_TIME", 2)
    records, order = Records(stored(tmp_path, 5)), job({"user_id": str(USER)})
    with pytest.raises(LeaseLostError):
        asyncio.run(erase_user(order, Held(lost_at=2), Shelf(FolderStorage(tmp_path), records)))
    assert (left(tmp_path), records.erased) == (4, [])
    asyncio.run(erase_user(order, Held(), Shelf(FolderStorage(tmp_path), records)))
    assert (left(tmp_path), len(records.erased)) == (1, 1)


@pytest.mark.parametrize(("asked", "kept"), [(0, 6), (1, 6), (2, 4)])
def test_who_is_not_to_be_deleted_keeps_what_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: int, kept: int) -> None:
    monkeypatch.setattr(erasing, "FILES_A_TIME", 2)
    records = Records(stored(tmp_path, 5))
    records.due = asked
    with pytest.raises(PermanentError, match="not to be deleted"):
        asyncio.run(erase_user(job({"user_id": str(USER)}), Held(), Shelf(FolderStorage(tmp_path), records)))
    assert (left(tmp_path), records.erased) == (kept, [])


def test_a_token_of_the_past_erases_nobody(tmp_path: Path) -> None:
    records = Records(stored(tmp_path, 1))
    records.present = False
    with pytest.raises(LeaseLostError):
        asyncio.run(erase_user(job({"user_id": str(USER)}), Held(), Shelf(FolderStorage(tmp_path), records)))


def test_the_customer_goes_at_stripe_before_the_words_and_once_is_enough(tmp_path: Path) -> None:
    records, order = Records(stored(tmp_path, 1)), job({"user_id": str(USER)})
    with StripePeer() as peer:
        assert isinstance(peer, StripePeer)
        records.customer = peer.objects.add("cus", "customer", email="a@b.c")["id"]
        peer.script("DELETE customers/:id", refuse(500))

        async def erase() -> None:
            customers = Customers(peer.origin, peer.key)
            await erase_user(order, Held(), Shelf(FolderStorage(tmp_path), records, customers))
            await customers.close()

        with pytest.raises(ProviderError):
            asyncio.run(erase())
        assert records.erased == [], "who is known to Stripe is known to us"
        asyncio.run(erase())
        assert records.customer not in peer.objects.all and len(records.erased) == 1
        asyncio.run(erase())  # the attempt before died behind Stripe's answer
        assert len(records.erased) == 2
        assert {request.headers["authorization"] for request in peer.received} == {f"Bearer {peer.key}"}


def test_without_a_key_the_customer_is_left_and_named(tmp_path: Path) -> None:
    records, heard = Records([]), []
    records.customer = "cus_1"
    unsubscribe = telemetry.subscribe(lambda event, fields: heard.append((event, fields.get("customer"))))
    asyncio.run(erase_user(job({"user_id": str(USER)}), Held(), Shelf(FolderStorage(tmp_path), records)))
    unsubscribe()
    assert ("user.customer_left", "cus_1") in heard and len(records.erased) == 1


@pytest.mark.parametrize("payload", [{}, {"user_id": "everybody"}, {"user_id": None}])
def test_a_job_that_names_nobody_erases_nobody(tmp_path: Path, payload: dict[str, Any]) -> None:
    records = Records(stored(tmp_path, 1))
    with pytest.raises(JobArgsError):
        asyncio.run(erase_user(job(payload), Held(), Shelf(FolderStorage(tmp_path), records)))
    assert (left(tmp_path), records.erased) == (2, [])


# ── with the database that decides ────────────────────────────────────────────────────────────────


def closing(database: Database, folder: Path) -> tuple[uuid.UUID, Callable[[], None]]:
    """A user with a page, who has asked to be deleted; and a worker that does what is due."""
    user = database.user(credits_half=20)
    run = database.submit(user)["run_id"]
    [held] = database.claim()
    (folder / f"{user}/j/1").mkdir(parents=True)
    (folder / f"{user}/j/1/page.png").write_bytes(b"x")
    page = {"provider": "p", "model": "m", "width_px": 9, "height_px": 9, "dpi": 300, "bit_depth": 1,
            "files": {"png": f"{user}/j/1/page.png"}}  # fmt: skip
    assert database.complete(held, result=page) == [held[0]]
    assert database.one("select count(*) from public.jobs where run_id = %s", run) == 1
    database.one("select private.request_deletion(%s)", user)

    async def once() -> None:
        settings = WorkerSettings(home=folder, storage_folder=folder, database_url=Secret(database.server.url(database.name)))
        async with assembled(settings) as worker:
            await worker.run(once=True)

    return user, lambda: asyncio.run(once())


def test_a_week_later_the_files_and_the_words_are_gone_and_the_ledger_stays(newest: Database, tmp_path: Path) -> None:
    user, work = closing(newest, tmp_path)
    work()
    assert (tmp_path / f"{user}/j/1/page.png").exists(), "not before its time"
    newest.advance(8 * 86400)
    work()
    assert not (tmp_path / f"{user}/j/1/page.png").exists()
    assert newest.one("select email from auth.users where id = %s", user) is None
    assert newest.rows("select status from public.jobs where type = 'erase'") == [("completed",)]
    newest.check_books()


def test_who_changes_their_mind_keeps_everything(newest: Database, tmp_path: Path) -> None:
    user, work = closing(newest, tmp_path)
    newest.one("select private.cancel_deletion(%s)::text", user)
    newest.advance(8 * 86400)
    work()
    assert (tmp_path / f"{user}/j/1/page.png").exists()
    assert newest.one("select email from auth.users where id = %s", user) is not None
