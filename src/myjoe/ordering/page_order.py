"""`PageOrder`: what a job's payload says about its page. Whatever does not fit is refused with a
sentence, never guessed at.
"""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from linefinish import FinishOptions
from myjoe.errors import JobArgsError

Audience = Literal["toddlers", "kids", "teens", "adults"]
Paper = Literal["letter", "a4", "square", "8x10"]

# Width and height in inches. Square is the 8.5 × 8.5 in of print-on-demand books.
PAPER_SIZES_IN: dict[str, tuple[float, float]] = {
    "letter": (8.5, 11.0),
    "a4": (210 / 25.4, 297 / 25.4),
    "square": (8.5, 8.5),
    "8x10": (8.0, 10.0),
}


class PageOrder(BaseModel):
    """One page to be made. Unknown fields are refused: to overlook one would be to deliver
    something else than was paid for.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    page: int = Field(ge=1, le=100_000)
    operations: tuple[Literal["raster", "vector", "fix_upscale"], ...] = Field(min_length=1, max_length=8)
    # Longer prompts are refused by the V3 line of one provider and cost tokens with all; the brain
    # writes a few hundred characters.
    prompt: str = Field(min_length=1, max_length=4000)
    title: str = Field(default="", max_length=200)
    style: str = Field(default="", max_length=1000)
    audience: Audience = "kids"
    paper: Paper = "letter"
    dpi: int = Field(default=300, ge=72, le=1200)
    # Print shops want a quarter inch on the outside and three eighths in the gutter; three eighths
    # all round serves both.
    margin_in: float = Field(default=0.375, ge=0, le=2)
    seed: int | None = Field(default=None, ge=0, lt=2**31)
    options: FinishOptions = FinishOptions()

    @classmethod
    def of(cls, type: str, payload: Mapping[str, Any]) -> PageOrder:
        """The order in the payload of a job of this type; JobArgsError with every fault named, in
        one sentence.
        """
        if type != "page":
            raise JobArgsError(f"there is no kind of job called {type!r}")
        try:
            return cls.model_validate(dict(payload))
        except ValidationError as error:
            faults = "; ".join(f"{'.'.join(map(str, fault['loc'])) or 'payload'}: {fault['msg']}" for fault in error.errors()[:5])
            raise JobArgsError(f"the page cannot be made as ordered: {faults[:500]}") from error

    @property
    def first_operation(self) -> str:
        """What draws the page: "vector" or "raster"."""
        return "vector" if "vector" in self.operations else "raster"

    @property
    def paper_in(self) -> tuple[float, float]:
        """Width and height of the paper in inches."""
        return PAPER_SIZES_IN[self.paper]

    @property
    def live_in(self) -> tuple[float, float]:
        """Width and height within the margins in inches."""
        width, height = self.paper_in
        return width - 2 * self.margin_in, height - 2 * self.margin_in

    def to_mapping(self) -> dict[str, Any]:
        """Ready for JSON, and for a child process."""
        return self.model_dump(mode="json")
