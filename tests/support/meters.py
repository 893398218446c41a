"""What the adapters' tests share: a meter that remembers, and an order."""
from __future__ import annotations

from collections.abc import Mapping

from myjoe_worker.providers.protocol import DrawingOrder


class RecordingMeter:
    """Keeps what it is told, as it is told: ("opened", id, units), ("closed", id, units or
    micro_usd), ("unknown", units).
    """

    def __init__(self, resumable: str | None = None) -> None:
        self.resumable = resumable
        self.entries: list[tuple[object, ...]] = []
        # What was noted before a call, and what has become of that: the words of the protocol.
        self.notes: list[str] = []

    async def intended(self, units: Mapping[str, float], seconds: float = 0.0) -> None:
        self.notes.append("intended")

    async def withdrawn(self) -> None:
        self.notes.append("withdrawn")

    async def opened(self, request_id: str, units: Mapping[str, float]) -> None:
        self.entries.append(("opened", request_id, dict(units)))

    async def closed(self, request_id: str, units: Mapping[str, float] | None = None, *, micro_usd: int | None = None) -> None:
        assert request_id
        self.entries.append(("closed", request_id, dict(units or {}) if micro_usd is None else micro_usd))

    async def delivered(
        self, request_id: str, units: Mapping[str, float] | None = None, *, micro_usd: int | None = None
    ) -> None:
        await self.closed(request_id, units, micro_usd=micro_usd)

    async def unknown(self, units: Mapping[str, float]) -> None:
        self.entries.append(("unknown", dict(units)))

    @property
    def words(self) -> list[object]:
        """What happened, in order."""
        return [entry[0] for entry in self.entries]

    @property
    def settled(self) -> dict[object, object]:
        """What each request turned out to be."""
        return {entry[1]: entry[2] for entry in self.entries if entry[0] == "closed"}

    @property
    def opened_id(self) -> str:
        return str(next(entry[1] for entry in self.entries if entry[0] == "opened"))


def order(prompt: str = "A hedgehog in rubber boots jumps into a puddle", *, seed: int = 7) -> DrawingOrder:
    """A letter page's live area."""
    return DrawingOrder(prompt, 7.75, 10.25, seed, "job:raster:1")
