"""How many calls at a time each provider gets from this worker."""
from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any


class Limits:
    """Slots at each provider; providers that are not named have as many as there are jobs. Who
    finds none free waits in line.
    """

    def __init__(self, at_most: Mapping[str, int]) -> None:
        self._seats = {provider: asyncio.Semaphore(count) for provider, count in at_most.items()}

    def slot(self, provider: str) -> AbstractAsyncContextManager[Any]:
        """To be held while a call is under way."""
        return self._seats.get(provider) or nullcontext()
