"""Drafts: pictures that were paid for, kept until their page is done.

A page can fail after its drawing was paid: a judge is out of reach, a storage is full, a worker is
killed. The next attempt then takes up the picture instead of buying another. Only what the judge
has refused is thrown away.
"""
from __future__ import annotations

from collections.abc import Awaitable, Callable

from myjoe.costs.routes import StepRoute
from myjoe.errors import FileMissingError
from myjoe.storage.protocol import Storage
from myjoe_worker.account import JobAccount
from myjoe_worker.job import Job
from myjoe_worker.providers.protocol import Picture

# Kinds that are kept: those which the bucket of pages takes. Adapters ask for nothing else; who
# answers otherwise draws again.
_SUFFIXES = {"image/png": "png", "image/svg+xml": "svg"}


class Drafts:
    """The drafts of one job. Their keys are the same for all attempts."""

    def __init__(self, job: Job, account: JobAccount, storage: Storage) -> None:
        self._job = job
        self._account = account
        self._storage = storage
        self._kept: list[str] = []

    async def made(self, route: StepRoute, make: Callable[[], Awaitable[Picture]]) -> Picture:
        """The picture of this step that an earlier attempt has paid for, if it lies there, or else
        a new one.
        """
        picture = await self._found(route.step)
        if picture is None:
            before = self._account.spent
            picture = await make()
            # What costs nothing is not worth a file.
            if self._account.spent > before and picture.media_type in _SUFFIXES:
                key = self._key(route.step, picture.media_type)
                await self._storage.put(key, picture.content, picture.media_type)
                self._kept.append(key)
        return picture

    async def throw_away(self) -> None:
        """The judge has refused them, or the page is done."""
        await self._storage.delete(self._kept)
        self._kept.clear()

    async def _found(self, step: str) -> Picture | None:
        paid = self._account.settled.get(step)
        if paid is None:
            return None
        for media_type in _SUFFIXES:
            key = self._key(step, media_type)
            try:
                content = await self._storage.get(key)
            except FileMissingError:
                continue
            self._kept.append(key)
            return Picture(content, media_type, paid.provider, paid.model, paid.request_id)
        return None

    def _key(self, step: str, media_type: str) -> str:
        return f"{self._job.user_id}/{self._job.id}/drafts/{step}.{_SUFFIXES[media_type]}"
