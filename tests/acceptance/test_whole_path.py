"""The whole path of a page: governor, queue, worker, providers on real sockets, judges, finisher,
storage, books.
"""
from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from linefinish import verify
from myjoe.settings.variables import Secret
from myjoe_worker.assembling import assembled
from myjoe_worker.settings import WorkerSettings
from tests.database.support import Database
from tests.support.peers import OpenAIPeer, RecraftPeer, ReplicatePeer
from tests.support.peers.server import Peer, drop, refuse

# By the seeded prices.
IMAGE_MICRO_USD = 3000
UPSCALE_MICRO_USD = 4000


class Town:
    """A database, the providers, a worker's settings, and a user with credits."""

    def __init__(self, database: Database, folder: Path, openai: OpenAIPeer, replicate: ReplicatePeer, recraft: RecraftPeer) -> None:
        self.database, self.openai, self.replicate, self.recraft = database, openai, replicate, recraft
        self.pages = folder / "pages"
        url, key = Secret(database.server.url(database.name)), Secret(Peer.key)
        self.settings = replace(
            WorkerSettings(), database_url=url, listen_url=url, providers="real", storage="folder", storage_folder=self.pages,
            openai_api_key=key, openai_base_url=openai.url, replicate_api_token=key, replicate_base_url=replicate.url,
            recraft_api_key=key, recraft_base_url=recraft.url, poll_seconds=1.0,
        )  # fmt: skip
        self.user = database.user(credits_half=100)

    def submit(self, *operations: str, pages: int = 1, **page: Any) -> list[uuid.UUID]:
        content = {"pages": [{"operations": list(operations), "prompt": f"a bear, {number}", **page} for number in range(pages)]}
        answer = self.database.submit_manifest(self.user, str(uuid.uuid4()), content)
        assert answer["accepted"], answer
        rows = self.database.rows(
            "select id from public.jobs where run_id = %s order by (payload ->> 'page')::int", answer["run_id"]
        )
        return [job for (job,) in rows]

    def work(self) -> None:
        """A worker that does what there is to do, and leaves."""

        async def once() -> None:
            async with assembled(self.settings) as worker:
                await worker.run(once=True)

        asyncio.run(once())

    def state(self, job: uuid.UUID) -> tuple[str, int, str | None]:
        [row] = self.database.rows("select status, attempts, error_kind from public.jobs where id = %s", job)
        return tuple(row)  # type: ignore[return-value]

    def why(self, job: uuid.UUID) -> str:
        return str(self.database.one("select last_error from public.jobs where id = %s", job))

    def cost(self, job: uuid.UUID) -> int:
        cost: int = self.database.one("select coalesce(sum(cost_micro_usd), 0)::int from public.cost_events where job_id = %s", job)
        return cost

    def generation(self, job: uuid.UUID) -> dict[str, Any]:
        generation: dict[str, Any] = self.database.one("select to_jsonb(g) from public.generations g where job_id = %s", job)
        return generation

    def files(self) -> list[str]:
        return sorted(str(path.relative_to(self.pages)) for path in self.pages.rglob("*") if path.is_file())


@pytest.fixture
def town(newest: Database, tmp_path: Path) -> Iterator[Town]:
    with ExitStack() as stack:
        peers = [stack.enter_context(peer) for peer in (OpenAIPeer(), ReplicatePeer(), RecraftPeer())]
        town = Town(newest, tmp_path, *peers)  # type: ignore[arg-type]
        yield town
        newest.check_books()


def test_a_page_is_drawn_enlarged_judged_finished_stored_and_settled(town: Town) -> None:
    [job] = town.submit("raster", "fix_upscale", paper="a4", dpi=300, title="Bear")
    before = town.database.balance(town.user)
    town.work()
    assert town.state(job) == ("completed", 1, None), town.why(job)
    made = town.generation(job)
    assert (made["provider"], made["model"], made["dpi"], made["bit_depth"]) == ("replicate", "flux-schnell", 300, 1)
    assert (made["width_px"], made["height_px"]) == (2480, 3508)
    assert set(made["files"]) == {"png", "svg", "pdf", "thumbnail"}
    # The drafts have gone: what lies there is what the page is made of.
    assert town.files() == sorted(made["files"].values())
    for kind in ("png", "svg", "pdf"):
        verdict = verify(town.pages / made["files"][kind])
        assert verdict.is_one_bit, verdict
    assert made["qc"]["judges"]["local"]["ink_coverage"] > 0.01
    assert set(made["qc"]["judges"]) == {"local", "openai"}
    assert town.database.balance(town.user) == before


def test_what_is_booked_is_what_was_billed(town: Town) -> None:
    jobs = town.submit("raster", "fix_upscale", pages=2)
    town.work()
    [judged] = [usage["input_tokens"] * 0.1 + usage["output_tokens"] * 0.5 for usage in list(town.openai.billed.values())[:1]]
    assert sum(town.replicate.billed.values()) == 2
    assert town.recraft.billed == [4, 4]
    for job in jobs:
        assert town.cost(job) == pytest.approx(IMAGE_MICRO_USD + UPSCALE_MICRO_USD + judged, abs=200)
    requests = town.database.rows("select provider, provider_request_id from public.cost_events where provider <> 'recraft'")
    assert {request for provider, request in requests if provider == "replicate"} == set(town.replicate.billed)
    assert {request for provider, request in requests if provider == "openai"} == set(town.openai.billed)


def test_a_page_for_vectors_goes_to_its_own_provider(town: Town) -> None:
    [job] = town.submit("vector")
    town.work()
    assert town.state(job) == ("completed", 1, None), town.why(job)
    assert town.generation(job)["provider"] == "recraft"
    assert town.replicate.count("create") == 0


def test_a_page_that_the_judge_refuses_is_drawn_again_and_only_then_paid(town: Town) -> None:
    town.openai.verdicts.append({"steampunk": True})
    [job] = town.submit("raster")
    town.work()
    assert town.state(job)[:2] == ("completed", 2)
    assert town.replicate.count("create") == 2
    seeds = {request.json["input"]["seed"] for request in town.replicate.received if request.route == "create"}
    assert len(seeds) == 2, "the same seed would draw what was refused once more"


def test_a_page_that_is_always_refused_is_refunded(town: Town) -> None:
    town.openai.verdicts.extend([{"steampunk": True}] * 3)
    before = town.database.balance(town.user)
    [job] = town.submit("raster")
    assert town.database.balance(town.user) == before - 2
    town.work()
    assert town.state(job) == ("failed", 3, "judge")
    assert "steampunk" in town.why(job)
    assert town.database.balance(town.user) == before
    assert town.files() == []
    assert town.cost(job) > 3 * IMAGE_MICRO_USD


def test_the_free_judge_comes_first(town: Town) -> None:
    town.replicate.files.extend(["grey"] * 3)
    [job] = town.submit("raster")
    town.work()
    assert town.state(job) == ("failed", 3, "judge")
    assert town.openai.count("responses") == 0, "nobody is paid for an opinion on a page that measuring has refused"


def test_a_judge_out_of_money_snoozes_the_page_and_the_drawing_is_kept(town: Town) -> None:
    quota = {"error": {"message": "You exceeded your current quota.", "type": "insufficient_quota", "code": "insufficient_quota"}}
    town.openai.script("responses", refuse(429, quota))
    [job] = town.submit("raster")
    town.work()
    assert town.state(job) == ("pending", 0, "account")
    [draft] = town.files()
    assert draft == f"{town.user}/{job}/drafts/raster.png"
    town.database.advance(3600)
    town.work()
    assert town.state(job)[:2] == ("completed", 1), town.why(job)
    assert town.replicate.count("create") == 1, "what was paid once is not paid again"
    assert town.generation(job)["provider"] == "replicate"
    assert not [file for file in town.files() if "draft" in file]


def test_a_request_whose_answer_was_lost_is_booked_and_the_page_still_made(town: Town) -> None:
    town.replicate.script("create", drop(after_work=True))
    [job] = town.submit("raster")
    town.work()
    assert town.state(job)[0] in ("pending", "completed"), town.why(job)
    town.database.advance(3600)
    town.work()
    assert town.state(job)[0] == "completed", town.why(job)
    # Whoever bills for what never arrived is booked for it, as an estimate.
    assert town.cost(job) >= sum(town.replicate.billed.values()) * IMAGE_MICRO_USD


def test_the_ceiling_stops_what_would_cost_more(town: Town) -> None:
    [job] = town.submit("raster")
    town.database.run("update public.jobs set cogs_max_micro_usd = 2999 where id = %s", job)
    before = town.database.balance(town.user)
    town.work()
    assert town.state(job) == ("failed", 1, "cogs")
    assert town.replicate.received == []
    assert town.database.balance(town.user) == before + 2


def test_a_hostile_drawing_ends_its_page_with_a_clear_reason(town: Town) -> None:
    town.recraft.pictures.extend(["svg_with_script"] * 2)
    before = town.database.balance(town.user)
    [job] = town.submit("vector")
    town.work()
    town.database.advance(3600)
    town.work()
    assert town.state(job)[::2] == ("failed", "image")
    assert "script" in town.why(job)
    assert town.database.balance(town.user) == before
    assert town.files() == []


@pytest.mark.parametrize(
    ("kind", "payload", "reason"),
    [
        ("page", {}, "page: Field required"),
        ("page", {"page": 1, "operations": ["raster"], "prompt": "bear " * 1000}, "prompt: String should have at most 4000 characters"),
        ("page", {"page": 1, "operations": ["raster"], "prompt": "a bear", "dpi": 1e9}, "dpi"),
    ],
)
def test_a_payload_that_is_wrong_is_dead_at_once(town: Town, kind: str, payload: dict[str, Any], reason: str) -> None:
    [job] = town.database.one(
        "select private.enqueue_jobs(%s, null, %s, %s)", town.user, kind, json.dumps([{"payload": payload, "operations": ["raster"]}])
    )
    town.work()
    assert town.state(job) == ("failed", 1, "payload")
    assert reason in town.why(job)
    assert town.replicate.received == []
    assert town.database.one("select error_kind from public.dead_jobs where job_id = %s", job) == "payload"


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        ("page", {"page": 1, "operations": ["raster"], "prompt": "a bear", "papr": "a4"}),
        ("page", {"page": 1, "operations": ["raster"], "prompt": "a bear", "options": {"turdsiz": 1}}),
        ("stamp", {"page": 1}),
    ],
)
def test_what_a_newer_version_may_know_waits_for_it_a_day(town: Town, kind: str, payload: dict[str, Any]) -> None:
    [job] = town.database.one(
        "select private.enqueue_jobs(%s, null, %s, %s)", town.user, kind, json.dumps([{"payload": payload, "operations": ["raster"]}])
    )
    town.work()
    assert town.state(job) == ("pending", 0, "version"), town.why(job)
    town.database.advance(25 * 3600)
    town.work()
    assert town.state(job)[0] == "failed", town.why(job)
    assert town.replicate.received == []


def test_a_storage_that_is_full_costs_no_second_drawing(town: Town) -> None:
    [job] = town.submit("raster")
    # A file where the page's folder should be.
    blocker = town.pages / str(town.user) / str(job) / "1"
    blocker.parent.mkdir(parents=True)
    blocker.write_text("in the way")
    town.work()
    assert town.state(job)[::2] == ("pending", "storage"), town.why(job)
    town.database.advance(3600)
    town.work()
    # The attempt that met the full storage does not count.
    assert town.state(job)[:2] == ("completed", 1), town.why(job)
    assert town.replicate.count("create") == 1
