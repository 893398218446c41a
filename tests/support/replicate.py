"""What tests of Replicate's models share: the client of a peer, and failures by their kind."""
from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from myjoe.errors import JobError, OperatorError, ProviderError
from myjoe_worker.providers.replicate import Replicate
from tests.support.peers import ReplicatePeer


@asynccontextmanager
async def replicate(peer: ReplicatePeer, *, wait_seconds: float = 60.0) -> AsyncIterator[Replicate]:
    api = Replicate(ReplicatePeer.key, peer.url, wait_seconds=wait_seconds, poll_seconds=0.01)
    try:
        yield api
    finally:
        await api.close()


def fails(call: Callable[[], object], kind: type[JobError], words: str | None = None) -> JobError:
    with pytest.raises(kind, match=words) as caught:
        call()
    assert type(caught.value) is kind or kind in (ProviderError, OperatorError)
    return caught.value
