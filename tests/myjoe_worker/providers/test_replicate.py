"""Predictions: what becomes of them, what is booked when, and that nothing is paid for twice."""
from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from myjoe.errors import (
    ImageRefusedError,
    JobError,
    OperatorError,
    ProviderAccountError,
    ProviderAnswerError,
    ProviderBusyError,
    ProviderError,
    ProviderRefusedError,
    ProviderTimeoutError,
)
from myjoe_worker.providers.flux import Flux
from myjoe_worker.providers.protocol import Picture
from myjoe_worker.providers.replicate import Prediction, Replicate
from tests.support.meters import RecordingMeter, order
from tests.support.peers import ReplicatePeer, cut, drop, hang, html, refuse
from tests.support.replicate import fails, replicate


def draw(peer: ReplicatePeer, meter: RecordingMeter, model: str = "flux-schnell", *, wait_seconds: float = 60.0) -> Picture:
    async def drawing() -> Picture:
        async with replicate(peer, wait_seconds=wait_seconds) as api:
            return await Flux(api).draw(order(), model, meter)

    return asyncio.run(drawing())


# ── all is well ───────────────────────────────────────────────────────────────────────────────────


def test_the_cost_is_booked_before_the_answer_is_waited_for() -> None:
    class Watching(RecordingMeter):
        async def opened(self, request_id: str, units: object) -> None:
            assert peer.count("get") == 0
            await super().opened(request_id, {"image": 1})

    with ReplicatePeer() as peer:
        draw(peer, Watching())
        assert peer.count("get") >= 1


def test_more_pictures_than_asked_for_are_all_booked() -> None:
    meter = RecordingMeter()
    with ReplicatePeer() as peer:
        peer.outcomes.append("two")
        picture = draw(peer, meter)
        assert meter.settled == {picture.request_id: {"image": 2}} == {picture.request_id: {"image": peer.billed[picture.request_id]}}


@pytest.mark.parametrize("kind", ["webp", "jpeg", "grey"])
def test_a_picture_of_another_format_is_taken_for_what_it_is(kind: str) -> None:
    with ReplicatePeer() as peer:
        peer.files.append(kind)
        picture = draw(peer, RecordingMeter())
    assert picture.media_type == {"grey": "image/png"}.get(kind, f"image/{kind}")


# ── a prediction that ends badly ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("outcome", "kind", "units"),
    [
        ("failed", ProviderError, 0), ("nsfw", ProviderRefusedError, 0), ("aborted", ProviderBusyError, 0), ("canceled", ProviderError, 1),
        ("canceled_unstarted", ProviderError, 0), ("empty", ProviderRefusedError, 0), ("removed", ProviderError, 1),
        ("odd", ProviderRefusedError, 0),
    ],
)  # fmt: skip
def test_how_it_ends_decides_what_becomes_of_the_job_and_what_it_cost(outcome: str, kind: type[JobError], units: int) -> None:
    meter = RecordingMeter()
    with ReplicatePeer() as peer:
        peer.outcomes.append(outcome)
        fails(lambda: draw(peer, meter), kind)
        assert peer.count("create") == 1
    assert meter.words == ["opened", "closed"]
    assert meter.settled == {meter.opened_id: {"image": units}}


@pytest.mark.parametrize("kind", ["html", "nothing"])
def test_a_file_that_is_no_picture_is_paid_for_and_refused(kind: str) -> None:
    meter = RecordingMeter()
    with ReplicatePeer() as peer:
        peer.files.append(kind)
        fails(lambda: draw(peer, meter), ImageRefusedError)
    assert meter.settled == {meter.opened_id: {"image": 1}}


@pytest.mark.parametrize(
    "address", ["https://[::1", "https://replicate.delivery:x/a.png", "http://127.0.0.1:99999/", "\ud800", "https://\x00"]
)
def test_an_address_that_is_none_is_a_picture_refused_and_settled(address: str) -> None:
    meter = RecordingMeter()
    with ReplicatePeer() as peer:
        peer.files_at.append(address)
        fails(lambda: draw(peer, meter), ImageRefusedError)
    assert meter.settled == {meter.opened_id: {"image": 1}}


@pytest.mark.parametrize("seconds", [float("inf"), float("nan"), 1e300, 10**400, -1, "12", None])
def test_seconds_that_no_model_runs_are_not_believed(seconds: object) -> None:
    told = Prediction(id="a", status="succeeded", metrics={"predict_time": seconds})
    assert told.predict_seconds is None


@pytest.mark.parametrize("odd", [{"metrics": [1]}, {"metrics": "x"}, {"started_at": 7}, {"metrics": {"predict_time": {}}}])
def test_what_is_not_needed_may_be_anything(odd: dict[str, object]) -> None:
    told = Prediction.model_validate({"id": "a", "status": "canceled", **odd})
    assert told.predict_seconds is None and told.ran == ("started_at" in odd)


def test_who_says_to_come_back_later_while_it_is_waited_for_costs_no_attempt() -> None:
    meter = RecordingMeter()
    with ReplicatePeer() as peer:
        peer.script("get", refuse(429, {}, **{"Retry-After": "99999999"}))
        fails(lambda: draw(peer, meter), ProviderBusyError)
    assert meter.words == ["opened"]


def test_an_expired_file_is_paid_for_and_drawn_anew_by_the_next_attempt() -> None:
    meter = RecordingMeter()
    with ReplicatePeer() as peer:
        peer.script("file", refuse(403, b"<Error/>"))
        fails(lambda: draw(peer, meter), ProviderError, "gone before it was fetched")
    assert meter.settled == {meter.opened_id: {"image": 1}}


# ── a request that fails ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        (refuse(429, {"detail": "Request was throttled. Your rate limit resets in ~30s."}), ProviderBusyError, []),
        (refuse(402, {"title": "Insufficient credit"}), ProviderAccountError, []),
        (refuse(422, {"detail": "- input: prompt is required"}), ProviderRefusedError, []),
        (refuse(500), ProviderError, []),
        (refuse(504), ProviderTimeoutError, ["unknown"]),
        (cut(), ProviderAnswerError, ["unknown"]),
        (html(), ProviderAnswerError, ["unknown"]),
        (drop(after_work=True), ProviderTimeoutError, ["unknown"]),
        (refuse(201, {"id": "../../x", "status": "starting"}), ProviderAnswerError, ["unknown"]),
    ],
    ids=["429", "402", "422", "500", "504", "cut", "html", "drop", "hostile id"],
)
def test_a_create_that_fails_is_booked_only_where_it_may_be_billed(fault: object, kind: type[JobError], words: list[str]) -> None:
    meter = RecordingMeter()
    with ReplicatePeer() as peer:
        peer.script("create", fault)
        fails(lambda: draw(peer, meter), kind)
        assert peer.count("create") == 1
    assert meter.words == words


def test_no_trouble_while_it_is_waited_for_costs_a_second_drawing() -> None:
    meter = RecordingMeter()
    with ReplicatePeer() as peer:
        peer.script("get", refuse(500), cut(), drop(), refuse(429, {}, **{"Retry-After": "0.05"}), refuse(503), html(502))
        peer.script("file", refuse(500), drop())
        picture = draw(peer, meter)
        assert peer.count("create") == 1 and peer.billed == {picture.request_id: 1}
    assert meter.words == ["opened", "closed"]


# ── the next attempt ──────────────────────────────────────────────────────────────────────────────


def test_what_took_too_long_is_asked_for_again_and_paid_once() -> None:
    with ReplicatePeer(draw_seconds=600.0) as peer:
        first = RecordingMeter()
        fails(lambda: draw(peer, first, wait_seconds=0.1), ProviderTimeoutError, "asked for again")
        assert first.words == ["opened"]
        peer.finish_drawing()
        second = RecordingMeter(first.opened_id)
        picture = draw(peer, second)
        assert picture.request_id == first.opened_id and second.entries == [("closed", first.opened_id, {"image": 1})]
        assert peer.count("create") == 1 and peer.count("cancel") == 0 and peer.billed == {first.opened_id: 1}


def test_a_file_that_cannot_be_had_now_is_fetched_by_the_next_attempt() -> None:
    with ReplicatePeer() as peer:
        peer.script("file", refuse(500), refuse(500), refuse(500))
        first = RecordingMeter()
        fails(lambda: draw(peer, first), ProviderError)
        assert first.words == ["opened"]
        draw(peer, RecordingMeter(first.opened_id))
        assert peer.count("create") == 1


@pytest.mark.parametrize("outcome", ["failed", "aborted", "canceled", "removed"])
def test_what_ended_badly_meanwhile_is_settled_and_drawn_anew(outcome: str) -> None:
    with ReplicatePeer(draw_seconds=600.0) as peer:
        peer.outcomes.append(outcome)
        first = RecordingMeter()
        fails(lambda: draw(peer, first, wait_seconds=0.05), ProviderTimeoutError)
        peer.finish_drawing()
        second = RecordingMeter(first.opened_id)
        picture = draw(peer, second)
        assert picture.request_id != first.opened_id
        assert second.words == ["closed", "opened", "closed"] and set(second.settled) == {first.opened_id, picture.request_id}


def test_what_the_safety_checker_refused_meanwhile_is_not_paid_for_again() -> None:
    with ReplicatePeer(draw_seconds=600.0) as peer:
        peer.outcomes.append("nsfw")
        first = RecordingMeter()
        fails(lambda: draw(peer, first, wait_seconds=0.05), ProviderTimeoutError)
        peer.finish_drawing()
        fails(lambda: draw(peer, RecordingMeter(first.opened_id)), ProviderRefusedError)
        assert peer.count("create") == 1


def test_what_nobody_knows_any_more_counts_as_billed_and_is_drawn_anew() -> None:
    with ReplicatePeer() as peer:
        meter = RecordingMeter("gone")
        picture = draw(peer, meter)
    assert meter.settled == {"gone": {"image": 1}, picture.request_id: {"image": 1}}


# ── stopping ──────────────────────────────────────────────────────────────────────────────────────


def stop_after(peer: ReplicatePeer, meter: RecordingMeter, seen: Callable[[], bool]) -> None:
    async def stopping() -> None:
        async with replicate(peer) as api:
            task = asyncio.ensure_future(Flux(api).draw(order(), "flux-schnell", meter))
            while not seen():
                await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(stopping())


def test_a_stopped_job_cancels_its_prediction_and_books_what_it_cost() -> None:
    meter = RecordingMeter()
    with ReplicatePeer() as peer:
        peer.outcomes.append("stuck")
        stop_after(peer, meter, lambda: peer.count("get") >= 2)
        assert peer.count("cancel") == 1 and peer.jobs[meter.opened_id].canceled
        assert meter.settled == {meter.opened_id: {"image": 1}} and peer.billed == {meter.opened_id: 1}


def test_a_stopped_job_ends_even_if_replicate_does_not_answer() -> None:
    meter = RecordingMeter()
    with ReplicatePeer() as peer:
        peer.outcomes.append("stuck")
        peer.script("cancel", drop())
        stop_after(peer, meter, lambda: peer.count("get") >= 2)
    assert meter.words == ["opened"]


def test_a_prediction_that_cannot_be_booked_is_cancelled() -> None:
    class Broken(RecordingMeter):
        async def opened(self, request_id: str, units: object) -> None:
            raise OperatorError("there is no price")

    with ReplicatePeer() as peer:
        fails(lambda: draw(peer, Broken()), OperatorError)
        assert peer.count("cancel") == 1


# ── the key ───────────────────────────────────────────────────────────────────────────────────────


def test_the_token_can_be_checked_for_nothing() -> None:
    async def check(peer: ReplicatePeer, token: str) -> str:
        api = Replicate(token, peer.url)
        try:
            return await api.check()
        finally:
            await api.close()

    with ReplicatePeer() as peer:
        assert asyncio.run(check(peer, ReplicatePeer.key)) == "the token is accepted"
        fails(lambda: asyncio.run(check(peer, "wrong")), ProviderAccountError)
        assert peer.billed == {}


def test_a_provider_that_hangs_is_given_up_on() -> None:
    meter = RecordingMeter()
    with ReplicatePeer() as peer:
        peer.script("get", *[hang(0.2) for _ in range(20)])
        fails(lambda: draw(peer, meter, wait_seconds=0.3), ProviderTimeoutError)
    assert meter.words == ["opened"]
