"""Pauses: who refuses is left alone by all workers, as each claim tells them."""
from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from myjoe import telemetry
from myjoe.database.connection import RetryingConnection
from myjoe.errors import (
    FileRefusedError,
    OperatorError,
    ProviderAccountError,
    ProviderBusyError,
    ProviderOutError,
    ProviderTimeoutError,
    SnoozeError,
    StorageAwayError,
)
from myjoe.storage.s3 import S3Storage
from myjoe_worker.job import Job, Pause
from myjoe_worker.pauses import OUT_FAILURES, SPREAD, STORAGE, Pauses
from myjoe_worker.queues.postgres import PostgresQueue
from tests.database.support import Database
from tests.support.peers import StoragePeer

JOB = Job(uuid4(), 1, "page", {}, ("raster",), uuid4(), None, 1, 3, None)


def with_pauses(database: Database, act: Callable[[Pauses, PostgresQueue], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        async with RetryingConnection(database.server.url(database.name)) as connection:
            return await act(Pauses(connection), PostgresQueue(connection, "w1", 300.0))

    return asyncio.run(run())


def said(database: Database, act: Callable[[Pauses, PostgresQueue], Awaitable[Any]]) -> list[tuple[str, Any]]:
    events: list[tuple[str, Any]] = []
    forget = telemetry.subscribe(lambda event, fields: events.append((event, fields.get("provider"))))
    try:
        with_pauses(database, act)
    finally:
        forget()
    return [event for event in events if event[0].startswith("pause.")]


@pytest.mark.parametrize("error", [ProviderBusyError("later", 40.0), ProviderAccountError("empty"), StorageAwayError("full")])
def test_one_refusal_is_told_to_all_who_claim(newest: Database, error: SnoozeError) -> None:
    newest.enqueue(newest.user(), 2)

    async def act(pauses: Pauses, queue: PostgresQueue) -> None:
        [before] = await queue.claim(1)
        assert before.paused == {}
        pauses.require(before, "it")
        await pauses.refused("it", error)
        [after] = await queue.claim(1)
        assert after.paused == {"it": Pause(pytest.approx(error.after_seconds), error.kind, str(error))}
        with pytest.raises(type(error), match=str(error)) as caught:
            pauses.require(after, "it")
        assert error.after_seconds <= caught.value.after_seconds <= error.after_seconds * (1 + SPREAD)
        pauses.require(after, "another")

    with_pauses(newest, act)


def test_it_is_said_when_it_begins_and_when_it_ends(newest: Database) -> None:
    async def act(pauses: Pauses, _: PostgresQueue) -> None:
        paused = replace(JOB, paused={"replicate": Pause(0.0, "busy", "later")})
        for _unused in range(3):
            await pauses.refused("replicate", ProviderBusyError("later\x00", 0.0))
        await pauses.answered(JOB, "replicate")  # which knew of no pause, and asks nothing
        assert newest.one("select count(*) from private.pauses") == 1
        await pauses.answered(paused, "replicate")
        await pauses.answered(paused, "replicate")

    assert said(newest, act) == [("pause.began", "replicate"), ("pause.ended", "replicate")]
    assert newest.one("select count(*) from private.pauses") == 0


def test_a_provider_that_is_out_is_paused_after_some_failures_in_a_row(newest: Database) -> None:
    out, silent = ProviderOutError("status 500"), ProviderTimeoutError("silent")

    async def act(pauses: Pauses, _: PostgresQueue) -> None:
        await pauses.failed(JOB, "it", out)
        await pauses.answered(JOB, "it")  # an accident
        for _unused in range(OUT_FAILURES - 1):
            await pauses.failed(JOB, "it", silent)
        assert newest.one("select count(*) from private.pauses") == 0
        with pytest.raises(ProviderBusyError, match="it is out: status 500"):
            await pauses.failed(JOB, "it", out)
        known = replace(JOB, paused={"it": Pause(0.0, "busy", "it is out")})
        with pytest.raises(ProviderBusyError):
            await Pauses(pauses._database).failed(known, "it", out)
        await pauses.failed(known, "it", silent)  # which may have been billed: an attempt
        assert newest.rows("select what, kind, reason from private.pauses") == [("it", "busy", "it is out: silent")]

    assert said(newest, act) == [("pause.began", "it")]


def test_a_kind_that_is_not_known_here_is_an_operator_s(newest: Database) -> None:
    async def act(pauses: Pauses, _: PostgresQueue) -> None:
        with pytest.raises(OperatorError, match="of a newer version"):
            pauses.require(replace(JOB, paused={"x": Pause(5.0, "odd", "of a newer version")}), "x")

    with_pauses(newest, act)


def test_a_storage_that_refuses_any_file_in_new_words_is_away_and_one_that_refuses_one_is_not(newest: Database) -> None:
    async def act(pauses: Pauses, _: PostgresQueue) -> None:
        storage = S3Storage(peer.origin, "eu-west-1", "pages", "id", "key", patience_seconds=0.1)
        due = replace(JOB, paused={STORAGE: Pause(0.0, "storage", "odd")})
        peer.refusal = "novel"
        for job in (JOB, due):
            with pytest.raises(StorageAwayError, match="SomethingThatNobodyKnows"):
                async with pauses.minding_storage(job, storage):
                    await storage.put("a.png", b"x", "image/png")
        assert newest.one("select kind from private.pauses") == "storage"
        peer.refusal = None
        with pytest.raises(FileRefusedError, match="too large"):
            async with pauses.minding_storage(JOB, storage):
                raise FileRefusedError("this file is too large")
        await storage.close()

    with StoragePeer() as peer:
        with_pauses(newest, act)


def test_a_paused_storage_is_tried_first_and_what_it_says_is_told(newest: Database) -> None:
    async def act(pauses: Pauses, _: PostgresQueue) -> None:
        storage = S3Storage(peer.origin, "eu-west-1", "pages", "id", "key", patience_seconds=0.1)
        peer.refusal = "full"
        with pytest.raises(StorageAwayError):
            async with pauses.minding_storage(JOB, storage):
                await storage.put("a.png", b"x", "image/png")
        assert peer.count("put") == 1, "a storage that has refused nothing is not tried first"
        due = replace(JOB, paused={STORAGE: Pause(0.0, "storage", "full")})
        for paused, puts in ((due, 2), (replace(JOB, paused={STORAGE: Pause(9.0, "storage", "full")}), 2)):
            with pytest.raises(StorageAwayError):
                async with pauses.minding_storage(paused, storage):
                    raise AssertionError("money was spent")
            assert peer.count("put") == puts
        peer.refusal = None
        async with pauses.minding_storage(due, storage):
            await storage.put("a.png", b"x", "image/png")
        assert newest.one("select count(*) from private.pauses") == 0 and peer.files == {"a.png": b"x"}
        await storage.close()

    with StoragePeer() as peer:
        with_pauses(newest, act)
