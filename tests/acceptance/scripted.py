"""A worker whose jobs are scripts: the real loop, renewer, queue and listener, with a handler that
does what the job's payload says.

A script is a list of steps, [name, argument…]; a step that is a pair of a token and a step is taken
under that lease alone. What a handler does to the world goes into the log of effects, one line of
JSON each, appended in one write.
"""
from __future__ import annotations

import asyncio
import ctypes
import hashlib
import io
import json
import os
import signal
import sys
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from myjoe import errors, telemetry
from myjoe.costs.booking import Costs
from myjoe.database.connection import RetryingConnection
from myjoe.ordering.page_order import PageOrder
from myjoe.settings.variables import Secret
from myjoe.storage.folder import FolderStorage
from myjoe_worker.account import JobAccount
from myjoe_worker.imaging.finishing import finish_page
from myjoe_worker.imaging.processes import ImageProcesses
from myjoe_worker.job import Job, Result
from myjoe_worker.leases.clock import SystemClock
from myjoe_worker.leases.lease import Lease
from myjoe_worker.leases.renewing import LeaseRenewer
from myjoe_worker.queues.listening import Listener
from myjoe_worker.queues.pgmq import PgmqQueue
from myjoe_worker.queues.postgres import PostgresQueue
from myjoe_worker.settings import WorkerSettings
from myjoe_worker.worker import Worker

CLOCK = SystemClock()


class Script:
    """One attempt at one job."""

    def __init__(self, job: Job, lease: Lease, effects: Path, costs: Costs, mortal: bool, older: bool) -> None:
        self.job, self.lease, self.effects, self.costs, self.mortal, self.older = job, lease, effects, costs, mortal, older

    async def play(self) -> Result:
        self.effect("began")
        for step in self.job.payload["script"]:
            if isinstance(step[0], int):
                token, step = step
                if token != self.job.lease_token:
                    continue
            if result := await getattr(self, step[0])(*step[1:]):
                return result
        await self.lease.check()
        return self.result()

    def result(self) -> Result:
        self.effect("done")
        return Result("sketch", "sketch", 8, 8, 300, 1, {}, {"token": self.job.lease_token})

    def effect(self, what: str) -> None:
        line = json.dumps({"job": str(self.job.id), "token": self.job.lease_token, "what": what, "pid": os.getpid(), "at": CLOCK.now()})
        file = os.open(self.effects, os.O_WRONLY | os.O_APPEND)
        os.write(file, f"{line}\n".encode())
        os.close(file)

    # ── steps ─────────────────────────────────────────────────────────────────────────────────────
    async def sleep(self, seconds: float) -> None:
        """Wait, as for a provider."""
        await asyncio.sleep(seconds)

    async def act(self, what: str) -> None:
        """Do something to the world, if the job is still ours."""
        await self.lease.check()
        self.effect(what)

    async def order(self) -> None:
        """Have a provider draw a page. It bills at once; what an earlier attempt has ordered is
        asked after instead.
        """
        account = await JobAccount.of(self.costs, self.job)
        route = await self.costs.route("raster", "raster")
        assert route is not None
        self.meter = account.meter(route)
        await self.lease.check()
        self.request = self.meter.resumable
        if self.request is None:
            self.effect("paid")
            self.request = f"{self.job.id}:{self.job.lease_token}"
            await self.meter.opened(self.request, {"image": 1})

    async def collect(self) -> None:
        """The provider's answer, and its bill."""
        await self.meter.closed(self.request, {"image": 1})

    async def store(self, size: int) -> None:
        """Put a file of so many bytes into the storage, which is a folder beside the log of
        effects.
        """
        storage = FolderStorage(self.effects.parent / "storage")
        await self.lease.check()
        await storage.put(f"{self.job.id}/{self.job.lease_token}/page.png", bytes(size), "image/png")
        self.effect("stored")

    async def newer(self) -> None:
        """What a worker of the version before does not know."""
        if self.older:
            raise errors.NewerOrderError(after_seconds=0.0)

    async def die(self) -> None:
        """As a segmentation fault or the memory's end would have it. A worker that is to be looked
        at for long is spared.
        """
        if not self.mortal:
            raise MemoryError("its worker would have died of it")
        os.kill(os.getpid(), signal.SIGKILL)

    async def hold_interpreter(self, seconds: float) -> None:
        """Native code that computes and never gives up the interpreter's lock: no other thread of
        this process runs.
        """
        ctypes.PyDLL(None).usleep(int(seconds * 1_000_000))

    async def compute_beside(self, seconds: float) -> None:
        """Native code that keeps a core busy, in a thread, as a kernel without the lock does."""
        await asyncio.to_thread(compute, seconds)

    async def block(self, seconds: float) -> None:
        """A mistake: what ought to be awaited blocks the event loop."""
        time.sleep(seconds)

    async def block_and_hand_in(self, seconds: float) -> Result:
        """The same, and then a result without a look at the lease, before anybody else has had a
        turn.
        """
        time.sleep(seconds)
        return self.result()

    async def compute_in_child(self, seconds: float) -> None:
        """A child process that holds whatever it can for so long; killed when the job is
        stopped.
        """
        code = f"import ctypes; ctypes.PyDLL(None).usleep({int(seconds * 1_000_000)})"
        child = await asyncio.create_subprocess_exec(sys.executable, "-c", code)
        self.effect(f"child {child.pid}")

        def kill() -> None:
            with suppress(ProcessLookupError):
                os.kill(child.pid, signal.SIGKILL)

        take_back = self.lease.on_stop(kill)
        await child.wait()
        take_back()

    async def finish(self) -> None:
        """Finish a page of noise, which keeps the finisher busy for half a minute."""
        noise = np.random.default_rng(1).integers(0, 256, (2000, 2000), dtype=np.uint8)
        file = io.BytesIO()
        Image.fromarray(noise).resize((4000, 4000)).save(file, "PNG", compress_level=0)
        async with ImageProcesses(1) as processes:
            take_back = self.lease.on_stop(lambda: processes.kill(self.job.id))
            self.effect("finishing")
            order = PageOrder(page=1, operations=("raster",), prompt="noise")
            await processes.run(finish_page, file.getvalue(), "image/png", order, owner=self.job.id)
            take_back()

    async def fail(self, error: str, *args: Any) -> None:
        """Raise an error of the family."""
        raise getattr(errors, error)(*args)

    async def quote(self, error: str) -> None:
        """The same, in words of others that no database takes, and a lot of them."""
        raise getattr(errors, error)("it said \x00\ud83d " + "x" * 5000)


def compute(seconds: float) -> None:
    """Keep a core busy outside the interpreter."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        hashlib.pbkdf2_hmac("sha256", b"", b"", 50_000)


async def main(how: dict[str, Any]) -> None:
    url, listen_url, effects = how.pop("url"), how.pop("listen_url"), Path(how.pop("effects"))
    mortal, older = how.pop("mortal", True), how.pop("older", False)
    settings = replace(WorkerSettings(), worker_name=how.pop("name"), database_url=Secret(url), log="json", **how)
    telemetry.start(settings)
    costs = Costs(RetryingConnection(url, name=f"{settings.worker_name} costs"))
    connection = RetryingConnection(url, name=f"{settings.worker_name} queue")
    kind = PgmqQueue if settings.queue == "pgmq" else PostgresQueue
    queue = kind(connection, settings.worker_name, settings.lease_seconds)
    listener = Listener(listen_url, name=f"{settings.worker_name} listener")
    renewer = LeaseRenewer(
        lambda: RetryingConnection(url, name=f"{settings.worker_name} leases", statement_seconds=settings.lease_seconds / 4),
        lease_seconds=settings.lease_seconds, heartbeat_seconds=settings.heartbeat_seconds, clock=CLOCK,
        hears_cancels=lambda: listener.works,
    )  # fmt: skip

    async def handler(job: Job, lease: Lease) -> Result:
        return await Script(job, lease, effects, costs, mortal, older).play()

    renewer.start()
    await listener.start()
    worker = Worker(settings, queue, handler, renewer, listener, CLOCK)
    telemetry.emit("worker.started", worker=settings.worker_name)
    with worker.leaving_on_signals():
        await worker.run()
    await listener.stop()
    renewer.close()
    await connection.close()


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1])))
