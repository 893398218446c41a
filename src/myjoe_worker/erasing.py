"""`erase_user()`: what is left to do when somebody's account is deleted: their files go, then
their customer at Stripe, then their words. The ledger stays, under a name that is nobody's.
"""
from __future__ import annotations

from uuid import UUID

from myjoe import telemetry
from myjoe.errors import JobArgsError, LeaseLostError, PermanentError
from myjoe_worker.exporting import SQL, Shelf
from myjoe_worker.job import Job
from myjoe_worker.page_pipeline import Held

# Files that are removed between two looks at the lease. More is fewer requests; fewer stops sooner
# where the user has changed their mind.
FILES_A_TIME = 200


async def erase_user(job: Job, lease: Held, shelf: Shelf) -> None:
    """One attempt; another goes on where this one stops."""
    try:
        user = UUID(str(job.payload["user_id"]))
    except (KeyError, ValueError) as error:
        raise JobArgsError("the job does not say whom to erase") from error
    await _require_due(user, shelf)
    files = [key for (key,) in await shelf.database.rows(SQL["files_of_user"], {"user": user})]
    for first in range(0, len(files), FILES_A_TIME):
        await lease.check()
        await _require_due(user, shelf)
        await shelf.storage.delete(files[first : first + FILES_A_TIME])
    await lease.check()
    [(customer,)] = await shelf.database.rows(SQL["customer_of"], {"user": user})
    if customer is not None:
        await _require_due(user, shelf)
        await _delete_customer(customer, shelf)
    [(answer,)] = await shelf.database.rows(SQL["erase_user"], {"user": user, "job": job.id, "token": job.lease_token})
    if not answer["erased"]:
        raise LeaseLostError
    telemetry.emit("user.erased", files=len(files))


async def _delete_customer(customer: str, shelf: Shelf) -> None:
    if shelf.customers is None:
        telemetry.emit("user.customer_left", customer=customer, reason="there is no STRIPE_SECRET_KEY")
        return
    await shelf.customers.delete(customer)


async def _require_due(user: UUID, shelf: Shelf) -> None:
    """PermanentError unless the user's account is to be deleted by now: who changed their mind
    keeps what is there.
    """
    if await shelf.database.rows(SQL["erasure_due"], {"user": user}) != [(True,)]:
        raise PermanentError("the account is not to be deleted now")
