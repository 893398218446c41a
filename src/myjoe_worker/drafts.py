"""Drafts: pictures that were paid for, kept until their page is accepted.

A page can fail after its drawing was paid: a judge is out of reach, a storage is full, a worker is
killed. The next attempt then takes up the picture instead of buying another. Only what the judge
has refused is thrown away.

They lie in the storage. What it does not take the database keeps, and nothing is settled with a
provider before one of them has its picture. Where the database is out of reach, the storage is also
where another worker learns of a request that is open, and of what the judges have said.
"""
from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from myjoe import telemetry
from myjoe.costs.booking import BOOKING_PATIENCE_SECONDS
from myjoe.costs.meter import StepMeter
from myjoe.costs.routes import StepRoute
from myjoe.database.protocol import Database
from myjoe.database.statements import statements
from myjoe.errors import DatabaseUnreachableError, FileMissingError, FileRefusedError, StorageAwayError, StorageError
from myjoe.storage.protocol import Storage
from myjoe.texts import washed_json
from myjoe_worker.account import JobAccount
from myjoe_worker.job import Job
from myjoe_worker.pauses import try_storage
from myjoe_worker.providers.protocol import Picture

SQL = statements("myjoe_worker")
# Kinds that the bucket of pages takes. Adapters ask for nothing else; who answers otherwise has its
# pictures kept by the database.
_SUFFIXES = {"image/png": "png", "image/svg+xml": "svg"}
# Under which name opinions are kept, beside the pictures of steps, and which step they are of.
OPINIONS, JUDGE = "opinions", "judge"
# Whose opinion is free.
LOCAL = "local"
# Kinds of JSON that are kept: opinions, and requests that are open, by step.
_JSON = "application/json"


class Drafts:
    """The drafts of one job. Their keys are the same for all attempts."""

    def __init__(self, job: Job, account: JobAccount, storage: Storage, database: Database) -> None:
        self._job = job
        self._account = account
        self._storage = storage
        self._database = database
        self._kept: list[str] = []
        self._in_database = False
        # What the judges said at this attempt, or at an earlier one.
        self.opinions: Mapping[str, Any] | None = None

    async def made(self, route: StepRoute, make: Callable[[StepMeter], Awaitable[Picture]]) -> Picture:
        """The picture of this step that an earlier attempt has paid for, if it lies there, or else
        a new one. Raises StorageAwayError, with the new one kept, where the storage takes nothing.
        """
        picture = await self._found(route.step)
        if picture is None:
            meter = self._account.meter(route)
            if meter.resumable is None and (request := await self._noted(route.step)) is not None:
                meter.resume(request)
            meter.held_up = lambda request: self._note(route.step, request)
            picture = await make(meter)
            # What costs nothing is not worth a file.
            refusal = await self._keep(route.step, picture) if meter.worth_micro_usd else None
            await meter.settle()
            if isinstance(refusal, FileRefusedError):
                await try_storage(self._storage)  # before more is bought
            if isinstance(refusal, StorageAwayError):
                raise refusal
        return picture

    async def keep_opinions(self) -> None:
        """What the judges said of a page that cannot be handed in yet: they are paid, too."""
        if self.opinions is None or set(self.opinions) <= {LOCAL}:  # which cost nothing
            return
        content = washed_json(self.opinions).encode()
        if await self._put(self._key(OPINIONS, _JSON), content, _JSON) is not None:
            await self._keep_in_database(OPINIONS, _JSON, content)

    async def kept_opinions(self) -> Mapping[str, Any] | None:
        """What they said at an earlier attempt; None if that was not kept."""
        if JUDGE not in self._account.paid:
            return None
        rows = await self._database.rows(SQL["kept_draft"], {"job": self._job.id, "step": OPINIONS})
        self._in_database |= bool(rows)
        content = rows[0][1] if rows else await self._get(self._key(OPINIONS, _JSON))
        self.opinions = _object(content)
        return self.opinions

    async def held_up(self) -> None:
        """The page is done, and the database cannot be told: another worker may have to finish it
        once more, and shall buy nothing for that.
        """
        await self.keep_opinions()

    async def throw_away(self) -> None:
        """The judge has refused them."""
        await self._storage.delete(self._kept)
        self._kept.clear()
        if self._in_database:
            await self._database.rows(SQL["drop_drafts"], {"job": self._job.id})
            self._in_database = False

    async def accepted(self) -> None:
        """The page is done. Drafts that cannot be removed are no reason to make it again."""
        try:
            await self.throw_away()
        except (StorageError, DatabaseUnreachableError) as error:
            telemetry.emit("draft.left", files=len(self._kept), error=error)

    async def _keep(self, step: str, picture: Picture) -> StorageError | None:
        """Why the storage did not take it, if it did not."""
        refusal = None
        if picture.media_type in _SUFFIXES:
            refusal = await self._put(self._key(step, picture.media_type), picture.content, picture.media_type)
            if refusal is None:
                return None
        await self._keep_in_database(step, picture.media_type, picture.content)
        if refusal is not None:
            telemetry.emit("draft.kept", step=step, bytes=len(picture.content), error=refusal)
        return refusal

    async def _keep_in_database(self, step: str, media_type: str, content: bytes) -> None:
        values = {"job": self._job.id, "step": step, "media_type": media_type, "content": content}
        await self._database.rows(SQL["keep_draft"], values, patience_seconds=BOOKING_PATIENCE_SECONDS)
        self._in_database = True

    async def _put(self, key: str, content: bytes, media_type: str) -> StorageError | None:
        """Why the storage did not take it, if it did not."""
        try:
            await self._storage.put(key, content, media_type)
        except StorageError as error:
            return error
        self._kept.append(key)
        return None

    async def _get(self, key: str) -> bytes | None:
        """What the storage has; None if it has nothing, or nothing now."""
        try:
            content = await self._storage.get(key)
        except StorageError:
            return None
        self._kept.append(key)
        return content

    async def _note(self, step: str, request: str) -> None:
        """A request is open of which the database knows nothing yet: the next attempt may ask after
        it.
        """
        refusal = await self._put(self._key(step, _JSON), json.dumps({"request": request}).encode(), _JSON)
        telemetry.emit("draft.noted", step=step, error=refusal)

    async def _noted(self, step: str) -> str | None:
        """The request of an earlier attempt that is open and was never booked."""
        if step not in self._account.lost:
            return None
        request = (_object(await self._get(self._key(step, _JSON))) or {}).get("request")
        return request if isinstance(request, str) else None

    async def _found(self, step: str) -> Picture | None:
        paid = self._account.paid.get(step)
        if paid is None:
            return None
        for media_type, content in await self._database.rows(SQL["kept_draft"], {"job": self._job.id, "step": step}):
            self._in_database = True
            return Picture(content, media_type, paid.provider, paid.model, paid.request_id)
        for media_type in _SUFFIXES:
            key = self._key(step, media_type)
            try:
                content = await self._storage.get(key)
            except FileMissingError:
                continue
            except StorageAwayError:
                await self._storage.check()  # some say that one may not, where there is nothing
                continue
            self._kept.append(key)
            return Picture(content, media_type, paid.provider, paid.model, paid.request_id)
        if step in self._account.settled:
            # It was kept, and is said to be gone. Before another is bought, the storage has to
            # prove that it is the one that had it.
            await self._storage.check()
        return None

    def _key(self, step: str, media_type: str) -> str:
        suffix = "json" if media_type == _JSON else _SUFFIXES[media_type]
        return f"{self._job.user_id}/{self._job.id}/drafts/{step}.{suffix}"


def _object(content: bytes | None) -> dict[str, Any] | None:
    try:
        found = json.loads(content or b"null")
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
