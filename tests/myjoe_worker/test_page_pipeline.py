"""A page's life: each step with the real thing behind it, what is left when a step fails, and
orders that never passed the brain.
"""
from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linefinish import verify
from myjoe.costs.booking import Costs
from myjoe.database.connection import RetryingConnection
from myjoe.errors import (
    FileRefusedError,
    ImageRefusedError,
    LeaseLostError,
    OperatorError,
    PageRefusedError,
    PermanentError,
    ProviderError,
    StorageAwayError,
)
from myjoe.ordering.page_order import PageOrder
from myjoe.storage.folder import FolderStorage
from myjoe_worker.assembling import make_page_services, make_queue
from myjoe_worker.job import Job, Result
from myjoe_worker.page_pipeline import AUDIENCE_WORDS, FILE_NAMES, _prompt, _seed, make_page
from myjoe_worker.settings import read_settings
from tests.database.support import Database
from tests.support.peers import OpenAIPeer, RecraftPeer, ReplicatePeer, refuse
from tests.support.peers.server import Peer, Received


class Untouched:
    """Stands for lease and services; whoever asks it for anything has gone too far."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"{name} was asked for")


@pytest.mark.parametrize(
    ("field", "words", "why"),
    [
        ("prompt", "Pikachu on the beach", "belongs to somebody"), ("title", "Mickey Mouse", "belongs to somebody"),
        ("style", "steampunk, bold lines", "steampunk"),
    ],
)  # fmt: skip
def test_an_order_for_what_we_do_not_draw_is_dead_at_once(field: str, words: str, why: str) -> None:
    payload = {"page": 1, "operations": ["raster"], "prompt": "A hedgehog in rubber boots", field: words}
    job = Job(uuid4(), 1, "page", payload, ("raster",), uuid4(), None, 1, 3, None)
    untouched: Any = Untouched()
    with pytest.raises(PermanentError, match=why):
        asyncio.run(make_page(job, untouched, untouched))


# ── a page's life ─────────────────────────────────────────────────────────────────────────────────


class Held:
    """A lease of which the test says when it is lost: at the first check that finds `lost` true."""

    silent = False

    def __init__(self, lost: Callable[[], bool] = lambda: False) -> None:
        self.lost, self.checks, self.hooks = lost, 0, 0

    async def check(self) -> None:
        self.checks += 1
        if self.lost():
            raise LeaseLostError

    def on_stop(self, hook: Callable[[], object]) -> Callable[[], None]:
        self.hooks += 1

        def forget() -> None:
            self.hooks -= 1

        return forget


class CutOff(Held):
    """A lease that cannot be renewed any more once this is true: the attempt is stopped then."""

    def __init__(self, when: Callable[[], bool]) -> None:
        super().__init__()
        self.when, self.is_cut = when, threading.Event()

    def on_stop(self, hook: Callable[[], object]) -> Callable[[], None]:
        self.attempt = asyncio.current_task()
        self.look()
        return super().on_stop(hook)

    async def check(self) -> None:
        await super().check()
        self.stop_if_so()

    def look(self) -> None:
        if not self.stop_if_so():
            asyncio.get_running_loop().call_later(0.01, self.look)

    def stop_if_so(self) -> bool:
        assert self.attempt is not None
        if not self.silent and self.when():
            self.silent = True
            self.attempt.cancel()
            self.is_cut.set()
        return self.silent or self.attempt.done()


class Stage:
    """A database, a folder for pages, and providers on real sockets."""

    def __init__(self, database: Database, folder: Path, openai: OpenAIPeer, replicate: ReplicatePeer, recraft: RecraftPeer) -> None:
        self.database, self.folder = database, folder
        self.openai, self.replicate, self.recraft = openai, replicate, recraft
        self.settings = read_settings({
            "DATABASE_URL": database.server.url(database.name), "MYJOE_HOME": str(folder), "MYJOE_PROVIDERS": "real",
            "OPENAI_API_KEY": openai.key, "OPENAI_BASE_URL": openai.url, "REPLICATE_API_TOKEN": replicate.key,
            "REPLICATE_BASE_URL": replicate.url, "RECRAFT_API_KEY": recraft.key, "RECRAFT_BASE_URL": recraft.url,
        })  # fmt: skip

    def job(self, **order: Any) -> Job:
        """A page that was ordered and claimed."""
        user = self.database.user(credits_half=20)
        page = {"operations": ["raster"], "prompt": "A hedgehog in rubber boots", **order}
        assert self.database.submit_manifest(user, "k", {"pages": [page]})["accepted"]
        return self.claim()

    def claim(self) -> Job:
        async def claiming() -> Job:
            async with RetryingConnection(self.settings.database_url.reveal()) as connection:
                [job] = await make_queue(self.settings, connection).claim(1)
                return job

        return asyncio.run(claiming())

    def again(self, job: Job) -> Job:
        """The next attempt at it."""
        self.database.fail((job.id, job.lease_token), retry_after_seconds=0)
        return self.claim()

    def put_off(self, job: Job) -> Job:
        """The next attempt, after it was put off; whoever is paused may be asked."""
        self.database.rows("select private.snooze_job(%s, %s, 0, 'later', 'storage')", job.id, job.lease_token)
        self.database.run("update private.pauses set until = private.clock()")
        self.database.advance(64)
        return self.claim()

    def make(self, job: Job, lease: Held | None = None, *, accepted: bool = True, **more: Any) -> Result:
        """One attempt, with services as a worker has them, but for what is given; its result is
        accepted.
        """
        held = lease or Held()

        async def making() -> Result:
            async with AsyncExitStack() as stack:
                connection = await stack.enter_async_context(RetryingConnection(self.settings.database_url.reveal()))
                services = await make_page_services(stack, self.settings, Costs(connection), connection)
                try:
                    result = await make_page(job, held, replace(services, **more))
                    if accepted:
                        assert result.draft is not None
                        await result.draft.accepted()
                    return result
                finally:
                    await services.costs.flush()
                    assert held.hooks == 0, "nobody is to be stopped any more"

        return asyncio.run(making())

    def files(self) -> list[str]:
        pages = self.folder / "pages"
        return sorted(str(path.relative_to(pages)) for path in pages.rglob("*") if path.is_file())

    def costs(self) -> list[tuple[str, str]]:
        return self.database.rows("select step, kind from public.cost_events where cost_micro_usd > 0 order by id")


@pytest.fixture(autouse=True)
def own_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Children of the image processes import from this checkout."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2] / "src"))


@pytest.fixture
def stage(newest: Database, tmp_path: Path) -> Iterator[Stage]:
    with OpenAIPeer() as openai, ReplicatePeer() as replicate, RecraftPeer() as recraft:
        yield Stage(newest, tmp_path, openai, replicate, recraft)


def test_a_page_is_drawn_judged_finished_and_stored(stage: Stage) -> None:
    job, lease = stage.job(style="bold", audience="toddlers"), Held()
    result = stage.make(job, lease)
    base = f"{job.user_id}/{job.id}/{job.lease_token}"
    assert result.files == {kind: f"{base}/{name}" for kind, name in FILE_NAMES.items()} and len(FILE_NAMES) == 4
    assert stage.files() == sorted(result.files.values()), "and no draft is left"
    assert all(verify(stage.folder / "pages" / result.files[kind]).is_one_bit for kind in ("png", "svg", "pdf"))
    assert (result.provider, result.model) == ("replicate", "flux-schnell")
    assert (result.width_px, result.height_px, result.dpi, result.bit_depth) == (2550, 3300, 300, 1)
    assert set(result.qc) == {"finisher", "judges"} and set(result.qc["judges"]) == {"local", "openai"}
    assert [step for step, _ in stage.costs()] == ["raster", "judge"]
    assert lease.checks == 2 + 4, "before each call that costs money, and before each file"
    prompt = stage.replicate.last("create").json["input"]["prompt"]
    assert prompt.startswith(f"A hedgehog in rubber boots. bold. {AUDIENCE_WORDS['toddlers']}. ")


def test_offline_the_sketcher_draws_and_nobody_is_asked(stage: Stage) -> None:
    stage.settings = replace(stage.settings, providers="sketch")
    result = stage.make(stage.job(prompt="a cat in the garden"))
    assert (result.provider, result.model, set(result.qc["judges"])) == ("sketch", "sketch", {"local"})
    assert stage.files() == sorted(result.files.values())
    assert stage.openai.received == stage.replicate.received == [] and stage.costs() == []


def test_a_page_is_enlarged_before_it_is_judged(stage: Stage) -> None:
    result = stage.make(stage.job(operations=["raster", "fix_upscale"]))
    assert (result.provider, result.model) == ("replicate", "flux-schnell"), "who drew it"
    assert [step for step, _ in stage.costs()][:2] == ["raster", "upscale"] and stage.files() == sorted(result.files.values())


def test_what_the_judge_refuses_is_thrown_away_and_drawn_otherwise(stage: Stage) -> None:
    job = stage.job()
    stage.openai.verdicts.append({"outlines": False})
    with pytest.raises(PageRefusedError, match="the judge refused the page: "):
        stage.make(job)
    assert stage.files() == []
    stage.make(stage.again(job))
    seeds = [request.json["input"]["seed"] for request in stage.replicate.received if request.route == "create"]
    assert len(set(seeds)) == 2 and 0 not in seeds


def test_a_drawing_that_was_paid_for_is_not_bought_again(stage: Stage) -> None:
    job = stage.job()
    stage.openai.script("responses", refuse(500))
    with pytest.raises(ProviderError):
        stage.make(job)
    assert stage.files() == [f"{job.user_id}/{job.id}/drafts/raster.png"]
    again = stage.again(job)
    result = stage.make(again)
    assert stage.replicate.count("create") == 1 and stage.files() == sorted(result.files.values())
    assert result.files["png"] == f"{job.user_id}/{job.id}/{again.lease_token}/page.png", "each attempt has files of its own"
    assert again.lease_token != job.lease_token


def test_a_page_whose_file_is_refused_is_drawn_and_judged_once(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    put = FolderStorage.put

    async def refuse_pages(self: FolderStorage, key: str, content: bytes, media_type: str) -> None:
        if "/page." in key:
            raise FileRefusedError("words that nobody knows")
        await put(self, key, content, media_type)

    job = stage.job()
    with monkeypatch.context() as patch:
        patch.setattr(FolderStorage, "put", refuse_pages)
        with pytest.raises(FileRefusedError):
            stage.make(job)
    result = stage.make(stage.again(job))
    assert [stage.replicate.count("create"), stage.openai.count("responses")] == [1, 1]
    assert set(result.qc["judges"]) == {"local", "openai"}


def test_a_page_that_cannot_be_stored_is_drawn_and_judged_once(stage: Stage) -> None:
    """The disk has room for the draft, and none for the page."""
    job, pages = stage.job(), stage.folder / "pages"
    aside = stage.folder / "aside"

    def fill() -> bool:
        if stage.openai.count("responses") and not aside.exists():
            pages.rename(aside)
            pages.write_text("no folder")
        return False

    with pytest.raises(StorageAwayError):
        stage.make(job, Held(fill))
    asked = [stage.replicate.count("create"), stage.openai.count("responses")]
    for number in (2, 3, 4, 5):
        job = stage.put_off(job)
        with pytest.raises(StorageAwayError):
            stage.make(job)
        assert [stage.replicate.count("create"), stage.openai.count("responses")] == asked == [1, 1], number
    pages.unlink()
    aside.rename(pages)
    result = stage.make(stage.put_off(job))
    assert [stage.replicate.count("create"), stage.openai.count("responses")] == [1, 1]
    assert set(result.qc["judges"]) == {"local", "openai"} and stage.files() == sorted(result.files.values())
    assert stage.database.one("select count(*) from private.kept_drafts") + stage.database.one("select count(*) from private.pauses") == 0
    assert stage.database.rows("select step, sum(cost_micro_usd) > 0 from public.cost_events group by 1 order by 1") == [
        ("judge", True), ("raster", True),
    ]  # fmt: skip


def test_the_local_judge_comes_first_and_costs_nothing(stage: Stage) -> None:
    stage.replicate.files.append("grey")
    with pytest.raises(PageRefusedError, match="Nothing on the page is enclosed"):
        stage.make(stage.job())
    assert stage.openai.count("responses") == 0 and stage.files() == []


def test_a_lease_that_is_lost_before_it_began_costs_nothing(stage: Stage) -> None:
    with pytest.raises(LeaseLostError):
        stage.make(stage.job(), Held(lambda: True))
    assert stage.replicate.received == [] and stage.costs() == [] and stage.files() == []


def test_a_lease_that_is_lost_before_the_files_leaves_the_draft_for_the_next(stage: Stage) -> None:
    job = stage.job()
    with pytest.raises(LeaseLostError):
        stage.make(job, Held(lambda: stage.openai.count("responses") > 0))
    assert stage.files() == [f"{job.user_id}/{job.id}/drafts/raster.png"]


@pytest.mark.parametrize("when", ["it is drawn", "it is judged", "it is stored"])
def test_what_is_being_bought_when_the_database_is_out_of_reach_is_kept(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    moments: dict[str, Callable[[], object]] = {
        "it is drawn": lambda: stage.recraft.count("draw"), "it is judged": lambda: stage.openai.count("responses"),
        "it is stored": lambda: any(name.endswith("page.svg") for name in stage.files()),
    }  # fmt: skip
    lease = CutOff(lambda: bool(moments[when]()))
    peer: Peer = stage.openai if when == "it is judged" else stage.recraft

    def late(request: Received) -> None:
        # The answer is there once the line is cut, and not before.
        assert when == "it is stored" or lease.is_cut.wait(60)

    monkeypatch.setattr(peer, "delay", late)
    job = stage.job(operations=["vector"])
    with pytest.raises(asyncio.CancelledError):
        stage.make(job, lease)
    assert [stage.recraft.count("draw"), stage.openai.count("responses")] == [1, int(when != "it is drawn")]
    stage.make(stage.again(job))
    assert [stage.recraft.count("draw"), stage.openai.count("responses")] == [1, 1]
    assert [kind for _, kind in stage.costs()] == ["measured"] * 2
    assert not any("/drafts/" in name for name in stage.files())


def test_a_step_that_nobody_here_does_is_an_operators_affair(stage: Stage) -> None:
    job = stage.job()
    with pytest.raises(OperatorError, match="this worker has no replicate to raster with; it has recraft"):
        stage.make(job, artists={"recraft": None})
    stage.database.run("delete from public.operation_steps where operation = 'raster' and step = 'raster'")
    with pytest.raises(OperatorError, match="nobody does the step raster of raster"):
        stage.make(job)
    assert stage.files() == [] and stage.costs() == []


def test_a_picture_that_must_not_be_read_is_paid_for_thrown_away_and_bought_anew(stage: Stage) -> None:
    stage.recraft.pictures.append("svg_with_script")
    job = stage.job(operations=["vector"])
    with pytest.raises(ImageRefusedError, match="script"):
        stage.make(job)
    assert stage.files() == [] and [step for step, _ in stage.costs()] == ["raster"]
    result = stage.make(stage.again(job))
    assert result.provider == "recraft" and stage.files() == sorted(result.files.values())


@given(st.integers(1, 3), st.none() | st.integers(0, 2**31 - 1))
def test_a_seed_is_never_0_and_another_for_each_attempt(attempt: int, asked: int | None) -> None:
    order = PageOrder(page=1, operations=("raster",), prompt="a cat", seed=asked)
    job = Job(UUID(int=7), 1, "page", {}, ("raster",), UUID(int=8), None, attempt, 3, None)
    seed = _seed(job, order)
    assert 0 < seed < 2**31 and seed == _seed(job, order) != _seed(replace(job, attempts=attempt + 1), order)


def test_a_prompt_is_the_pages_words_the_books_and_the_audiences() -> None:
    order = PageOrder(page=1, operations=("raster",), prompt=" a cat. ", style="", audience="adults")
    assert _prompt(order) == f"a cat. {AUDIENCE_WORDS['adults']}"
    assert _prompt(order.model_copy(update={"style": "wavy lines."})) == f"a cat. wavy lines. {AUDIENCE_WORDS['adults']}"
