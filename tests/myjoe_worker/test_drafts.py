"""Drafts: what was paid for is kept until its page is done, and only that."""
from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from myjoe.costs.booking import Costs
from myjoe.costs.routes import StepRoute
from myjoe.storage.folder import FolderStorage
from myjoe_worker.account import JobAccount
from myjoe_worker.drafts import Drafts
from myjoe_worker.job import Job
from myjoe_worker.providers.protocol import Picture
from tests.database.support import Database
from tests.support.costs import RASTER, with_costs

UPSCALE = StepRoute("fix_upscale", "upscale", "recraft", "crisp_upscale", {"image": 1})


@pytest.fixture
def job(newest: Database) -> Job:
    user = newest.user(credits_half=20)
    [job] = newest.enqueue(user)
    return Job(job, 1, "page", {}, ("raster",), user, None, 1, 3, None)


class Scene:
    """One attempt: its drafts, and a provider that draws and counts."""

    def __init__(self, job: Job, account: JobAccount, folder: Path) -> None:
        self.account, self.drawn = account, 0
        self.drafts = Drafts(job, account, FolderStorage(folder))

    async def draw(self, *, media_type: str = "image/png", paid: bool = True, route: StepRoute = RASTER) -> Picture:
        async def make() -> Picture:
            self.drawn += 1
            meter = self.account.meter(route)
            await meter.closed(f"p-{route.step}-{self.drawn}", micro_usd=3000 if paid else 0)
            return Picture(f"drawing {self.drawn}".encode(), media_type, route.provider, route.model, f"p-{route.step}-{self.drawn}")

        return await self.drafts.made(route, make)


def attempt(database: Database, job: Job, folder: Path, act: Callable[[Scene], Awaitable[Any]]) -> Any:
    async def acting(costs: Costs) -> Any:
        await costs.route("raster", "raster")
        return await act(Scene(job, await JobAccount.of(costs, job), folder))

    return with_costs(database, acting)


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
