"""Those who look at a page before it is finished: what they have in common."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from myjoe.providers.protocol import Meter


@dataclass(frozen=True)
class Opinion:
    """What a judge thinks: whether the page passes, why not (one sentence each, for a person), and
    what it measured.
    """

    accepted: bool
    reasons: Sequence[str] = ()
    measured: Mapping[str, Any] = field(default_factory=dict)


class Judge(Protocol):
    """Looks at a page before it is finished."""

    async def look(self, thumbnail_png: bytes, prompt: str, audience: str, model: str, meter: Meter) -> Opinion:
        """An opinion on a small grey copy (longest side 768 px) of what was drawn for `prompt`."""
