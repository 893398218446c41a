"""Drafts: what was paid for is kept until its page is done, and only that."""
from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from myjoe.costs.booking import Costs
from myjoe.costs.meter import StepMeter
from myjoe.costs.routes import StepRoute
from myjoe.database.connection import RetryingConnection
from myjoe.errors import FileRefusedError, StorageAwayError
from myjoe.storage.folder import FolderStorage
from myjoe_worker.account import JobAccount
from myjoe_worker.drafts import Drafts
from myjoe_worker.job import Job
from myjoe_worker.providers.protocol import Picture
from tests.database.support import Database
from tests.support.costs import RASTER

UPSCALE = StepRoute("fix_upscale", "upscale", "recraft", "crisp_upscale", {"image": 1})


@pytest.fixture
def job(newest: Database) -> Job:
    user = newest.user(credits_half=20)
    [job] = newest.enqueue(user)
    return Job(job, 1, "page", {}, ("raster",), user, None, 1, 3, None)


class Scene:
    """One attempt: its drafts, and a provider that draws and counts."""

    def __init__(self, job: Job, account: JobAccount, folder: Path, connection: RetryingConnection) -> None:
        self.account, self.drawn = account, 0
        self.storage = FolderStorage(folder)
        self.drafts = Drafts(job, account, self.storage, connection)

    async def draw(self, *, media_type: str = "image/png", paid: bool = True, route: StepRoute = RASTER) -> Picture:
        async def make(meter: StepMeter) -> Picture:
            self.drawn += 1
            await meter.closed(f"p-{route.step}-{self.drawn}", micro_usd=3000 if paid else 0)
            return Picture(f"drawing {self.drawn}".encode(), media_type, route.provider, route.model, f"p-{route.step}-{self.drawn}")

        return await self.drafts.made(route, make)


def attempt(database: Database, job: Job, folder: Path, act: Callable[[Scene], Awaitable[Any]]) -> Any:
    async def acting() -> Any:
        async with RetryingConnection(database.server.url(database.name)) as connection:
            costs = Costs(connection)
            await costs.route("raster", "raster")
            return await act(Scene(job, await JobAccount.of(costs, job), folder, connection))

    return asyncio.run(acting())


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def second(job: Job) -> Job:
    return replace(job, lease_token=2, attempts=2)


def test_what_was_paid_for_is_taken_up_by_the_next_attempt(newest: Database, job: Job, tmp_path: Path) -> None:
    first = attempt(newest, job, tmp_path, lambda scene: scene.draw())
    assert files(tmp_path) == [f"{job.user_id}/{job.id}/drafts/raster.png"]

    async def again(scene: Scene) -> Picture:
        picture = await scene.draw()
        assert scene.drawn == 0
        return picture

    assert attempt(newest, second(job), tmp_path, again) == first
    assert newest.one("select sum(cost_micro_usd) from public.cost_events") == 3000


def test_what_cost_nothing_is_not_worth_a_file(newest: Database, job: Job, tmp_path: Path) -> None:
    attempt(newest, job, tmp_path, lambda scene: scene.draw(paid=False))
    assert files(tmp_path) == []


@pytest.mark.parametrize(("media_type", "name"), [("image/png", "raster.png"), ("image/svg+xml", "raster.svg"), ("image/webp", None)])
def test_kinds_that_the_bucket_takes_are_kept(newest: Database, job: Job, tmp_path: Path, media_type: str, name: str | None) -> None:
    attempt(newest, job, tmp_path, lambda scene: scene.draw(media_type=media_type))
    assert [Path(file).name for file in files(tmp_path)] == ([name] if name else [])
    picture = attempt(newest, second(job), tmp_path, lambda scene: scene.draw(media_type=media_type))
    assert picture.media_type == media_type


def refuse_all(folder: Path) -> None:
    """A storage that takes and gives nothing: a file is where its folder was."""
    folder.rename(folder.with_name("aside"))
    folder.write_text("no folder")


def give_again(folder: Path) -> None:
    folder.unlink()
    folder.with_name("aside").rename(folder)


def test_what_the_storage_does_not_take_is_kept_by_the_database_and_bought_once(newest: Database, job: Job, tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    refuse_all(pages)

    async def refused(scene: Scene) -> None:
        with pytest.raises(StorageAwayError):
            await scene.draw()

    attempt(newest, job, pages, refused)
    assert newest.rows("select step, media_type, content from private.kept_drafts") == [("raster", "image/png", b"drawing 1")]

    async def again(scene: Scene) -> Picture:
        picture = await scene.draw()
        assert scene.drawn == 0
        return picture

    # As often as it takes, and also where the storage is not back.
    for number in (2, 3):
        picture = attempt(newest, replace(job, lease_token=number, attempts=number), pages, again)
        assert (picture.content, picture.request_id) == (b"drawing 1", "p-raster-1")
    give_again(pages)

    async def done(scene: Scene) -> None:
        await scene.draw()
        await scene.drafts.accepted()

    attempt(newest, replace(job, lease_token=4, attempts=4), pages, done)
    assert newest.one("select count(*) from private.kept_drafts") == 0 and files(pages) == []
    assert newest.one("select sum(cost_micro_usd)::int from public.cost_events") == 3000


@pytest.mark.parametrize("takes_others", [True, False])
def test_before_more_is_bought_a_storage_that_refuses_a_picture_in_new_words_is_tried(
    newest: Database, job: Job, tmp_path: Path, takes_others: bool
) -> None:
    async def act(scene: Scene) -> None:
        put = scene.storage.put

        async def refuse(key: str, content: bytes, media_type: str) -> None:
            if "/drafts/" in key or not takes_others:
                raise FileRefusedError("words that nobody knows")
            await put(key, content, media_type)

        scene.storage.put = refuse  # type: ignore[method-assign]
        if takes_others:
            assert (await scene.draw()).content == b"drawing 1"
        else:
            with pytest.raises(StorageAwayError, match="nobody knows"):
                await scene.draw()

    attempt(newest, job, tmp_path, act)
    assert newest.rows("select step, content from private.kept_drafts") == [("raster", b"drawing 1")]


def test_before_another_is_bought_a_storage_that_says_it_is_gone_has_to_prove_itself(newest: Database, job: Job, tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    attempt(newest, job, pages, lambda scene: scene.draw())
    refuse_all(pages)

    async def refused(scene: Scene) -> None:
        with pytest.raises(StorageAwayError):
            await scene.draw()
        assert scene.drawn == 0

    attempt(newest, second(job), pages, refused)
    give_again(pages)

    async def again(scene: Scene) -> int:
        await scene.draw()
        return scene.drawn

    assert attempt(newest, second(job), pages, again) == 0


def test_nothing_is_settled_before_its_picture_is_kept(newest: Database, job: Job, tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        async def make(meter: StepMeter) -> Picture:
            await meter.opened("p1", {"image": 1})
            await meter.delivered("p1", {"image": 1})
            return Picture(b"x", "image/png", "replicate", "flux-schnell", "p1")

        async def broken(*_: object) -> None:
            raise MemoryError

        scene.drafts._storage.put = broken  # type: ignore[method-assign]
        with pytest.raises(MemoryError):
            await scene.drafts.made(RASTER, make)

    attempt(newest, job, tmp_path, act)
    assert newest.rows("select kind, provider_request_id from public.cost_events") == [("estimated", "p1")], "and is asked for again"


@pytest.mark.parametrize("kept", [True, False], ids=["after it was kept", "before it was kept"])
def test_a_kill_before_the_booking_buys_nothing_anew_once_the_picture_is_kept(
    newest: Database, job: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept: bool
) -> None:
    class Killed(BaseException):
        pass

    async def kill(*_: Any) -> None:
        raise Killed

    async def make(meter: StepMeter) -> Picture:
        await meter.intended({"image": 1})
        await meter.delivered("p1", micro_usd=2500)
        return Picture(b"drawing 1", "image/png", "replicate", "flux-schnell", "p1")

    [held] = newest.claim()
    with monkeypatch.context() as patched:
        patched.setattr(StepMeter, "settle", kill) if kept else patched.setattr(FolderStorage, "put", kill)
        with pytest.raises(Killed):
            attempt(newest, job, tmp_path, lambda scene: scene.drafts.made(RASTER, make))
    newest.advance(301)
    newest.one("select private.reclaim_jobs()")
    assert held[0] == job.id and newest.rows("select kind, cost_micro_usd from public.cost_events") == [("estimated", 3000)]

    async def again(scene: Scene) -> int:
        picture = await scene.draw()
        assert picture.content == b"drawing 1"
        return scene.drawn

    assert attempt(newest, second(job), tmp_path, again) == (0 if kept else 1)
    assert len(newest.rows("select from public.cost_events")) == (1 if kept else 2)


def test_a_draft_that_cannot_be_removed_does_not_undo_its_page(newest: Database, job: Job, tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        await scene.draw()

        async def refuse(keys: list[str]) -> None:
            raise StorageAwayError("may write and not delete")

        scene.storage.delete = refuse  # type: ignore[method-assign]
        await scene.drafts.accepted()
        with pytest.raises(StorageAwayError):
            await scene.drafts.throw_away()

    attempt(newest, job, tmp_path, act)


def test_each_step_has_its_own(newest: Database, job: Job, tmp_path: Path) -> None:
    async def both(scene: Scene) -> None:
        await scene.draw()
        await scene.draw(route=UPSCALE)

    attempt(newest, job, tmp_path, both)
    assert [Path(file).name for file in files(tmp_path)] == ["raster.png", "upscale.png"]


def test_thrown_away_they_are_gone_also_those_of_earlier_attempts(newest: Database, job: Job, tmp_path: Path) -> None:
    attempt(newest, job, tmp_path, lambda scene: scene.draw())

    async def refuse(scene: Scene) -> None:
        await scene.draw()
        await scene.drafts.throw_away()
        assert files(tmp_path) == []
        await scene.drafts.throw_away()

    attempt(newest, second(job), tmp_path, refuse)

    async def anew(scene: Scene) -> int:
        await scene.draw()
        return scene.drawn

    assert attempt(newest, replace(job, lease_token=3, attempts=3), tmp_path, anew) == 1


def test_one_that_was_paid_for_and_never_kept_is_drawn_anew(newest: Database, job: Job, tmp_path: Path) -> None:
    attempt(newest, job, tmp_path, lambda scene: scene.draw())
    for file in files(tmp_path):
        (tmp_path / file).unlink()

    async def again(scene: Scene) -> int:
        await scene.draw()
        return scene.drawn

    assert attempt(newest, second(job), tmp_path, again) == 1


def test_what_another_has_put_there_is_not_believed_unless_it_was_paid_for(newest: Database, job: Job, tmp_path: Path) -> None:
    key = tmp_path / f"{job.user_id}/{job.id}/drafts/raster.png"
    key.parent.mkdir(parents=True)
    key.write_bytes(b"a forgery")

    async def draws(scene: Scene) -> Picture:
        return await scene.draw(paid=False)

    assert attempt(newest, second(job), tmp_path, draws).content == b"drawing 1"
