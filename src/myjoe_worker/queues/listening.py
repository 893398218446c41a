"""Being told that there is work, or that a job is to be stopped: LISTEN, where the connection can,
and the news that it cannot.

A hint and nothing more: what is not heard is found by polling. A transaction pooler takes LISTEN
and never delivers, so a listener proves by a note to itself, sent over another connection, that it
hears.
"""
from __future__ import annotations

import asyncio
import random
import secrets
from contextlib import aclosing, suppress
from typing import Any

import psycopg

from myjoe import telemetry
from myjoe.database.connection import connect

# How long a note to oneself may take, in seconds, before it is taken for lost. Longer believes
# slower servers; shorter starts sooner.
PROOF_SECONDS = 3.0
# After a connection broke, waits between two tries in seconds: doubled from the first to the last.
PAUSE_FIRST_SECONDS = 0.1
PAUSE_LAST_SECONDS = 5.0
# After a connection that did not hear, the next proof in seconds: rarely, for it is most likely a
# pooler and will stay one, and each costs an idle worker five statements.
DEAF_SECONDS = 1800.0


class DeafError(Exception):
    """The connection does not deliver notifications."""


class Listener:
    """Hears the channels myjoe_jobs and myjoe_cancel over a connection of its own, which comes back
    by itself.

    `works` says whether it hears at present, and `trouble` why not. Notes are "jobs" (there may be
    work: also once after each time that it did not hear) and "cancel:<run>" (jobs of this run are
    to be stopped).
    """

    def __init__(self, url: str, *, name: str = "myjoe listener") -> None:
        self._url = url
        self._name = name
        # In the order in which they came, each once.
        self._notes: dict[str, None] = {}
        self._noted = asyncio.Event()
        self._tried = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.works = False
        self.trouble = "not started"

    async def start(self) -> bool:
        """Begin to listen; whether it hears. False is no error: it goes on trying, and polling
        serves meanwhile.
        """
        self._task = asyncio.create_task(self._run(), name="listener")
        tried = asyncio.create_task(self._tried.wait())
        await asyncio.wait({self._task, tried}, return_when=asyncio.FIRST_COMPLETED)
        tried.cancel()
        if self._task.done():
            self._task.result()  # a fault of ours: it runs until it is stopped
        return self.works

    async def wait(self, timeout: float) -> str | None:
        """The next note, or None when `timeout` seconds have passed without one. For one waiter at
        a time.
        """
        try:
            async with asyncio.timeout(timeout):
                await self._noted.wait()
        except TimeoutError:
            return None
        note = next(iter(self._notes))
        del self._notes[note]
        if not self._notes:
            self._noted.clear()
        return note

    async def stop(self) -> None:
        """Close the connection; no more notes come."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def _run(self) -> None:
        pause = PAUSE_FIRST_SECONDS
        while True:
            try:
                async with await connect(self._url, self._name) as connection:
                    await self._prove(connection)
                    pause = PAUSE_FIRST_SECONDS
                    self._set(works=True)
                    self._note("jobs")  # some may have come while nobody heard
                    async for told in connection.notifies():
                        self._hear(told)
            except DeafError:
                self._set(works=False, trouble="the connection takes LISTEN and delivers nothing, as transaction poolers do")
                await asyncio.sleep(DEAF_SECONDS)
            except psycopg.Error as error:
                self._set(works=False, trouble=" ".join(str(error).split()))
                await asyncio.sleep(pause * random.uniform(0.5, 1.0))
                pause = min(2 * pause, PAUSE_LAST_SECONDS)

    async def _prove(self, connection: psycopg.AsyncConnection[Any]) -> None:
        channel = f"myjoe_proof_{secrets.token_hex(8)}"
        for name in ("myjoe_jobs", "myjoe_cancel", channel):
            await connection.execute(f"listen {name}")
        async with await connect(self._url, f"{self._name} proof") as other:
            await other.execute("select pg_notify(%s, '')", (channel,))
        # Closed before the next statement: while notes are read the connection is taken.
        async with aclosing(connection.notifies(timeout=PROOF_SECONDS)) as notes:
            async for told in notes:
                if told.channel == channel:
                    break
                self._hear(told)
            else:
                raise DeafError
        await connection.execute(f"unlisten {channel}")

    def _hear(self, told: psycopg.Notify) -> None:
        if told.channel == "myjoe_jobs":
            self._note("jobs")
        elif told.channel == "myjoe_cancel":
            self._note(f"cancel:{told.payload}")

    def _note(self, note: str) -> None:
        self._notes[note] = None
        self._noted.set()

    def _set(self, *, works: bool, trouble: str = "") -> None:
        if works and not self.works:
            telemetry.emit("listen.works")
        elif not works and (self.works or not self._tried.is_set()):
            telemetry.emit("listen.lost", error=trouble)
        self.works, self.trouble = works, trouble
        self._tried.set()
