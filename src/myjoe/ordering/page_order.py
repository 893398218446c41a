"""`PageOrder`: what a job's payload says about its page. Whatever does not fit is refused with a
sentence, never guessed at.
"""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from linefinish import FinishOptions
from myjoe.errors import JobArgsError, NewerOrderError

Audience = Literal["toddlers", "kids", "teens", "adults"]
Paper = Literal["letter", "a4", "square", "8x10"]

# Width and height in inches. Square is the 8.5 × 8.5 in of print-on-demand books.
PAPER_SIZES_IN: dict[str, tuple[float, float]] = {
    "letter": (8.5, 11.0),
    "a4": (210 / 25.4, 297 / 25.4),
    "square": (8.5, 8.5),
    "8x10": (8.0, 10.0),
}


# How pydantic calls what this version does not know: fields, and words where it knows some. All
# else is wrong, whatever the version.
UNKNOWN = frozenset({"extra_forbidden", "literal_error"})
OPTION_NAMES = frozenset(FinishOptions().to_mapping())


class PageOrder(BaseModel):
    """One page to be made. Unknown fields are not overlooked: that would be to deliver something
    else than was paid for.
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
        """The order in the payload of a job of this type. JobArgsError with every fault named, in
        one sentence; NewerOrderError where there is none but that it asks for what is not known
        here.
        """
        if type != "page":
            raise NewerOrderError(f"there is no kind of job called {type!r} here")
        known, unknown, options = dict(payload), list[str](), payload.get("options")
        if isinstance(options, Mapping):
            unknown = sorted(set(options) - OPTION_NAMES)
            known["options"] = {name: value for name, value in options.items() if name in OPTION_NAMES}
        try:
            order = cls.model_validate(known)
        except ValidationError as error:
            found = error.errors()
            # A list may be too short without what is not known.
            lists = {fault["loc"][:1] for fault in found if fault["type"] in UNKNOWN}
            wrong = [one for one in found if one["type"] not in UNKNOWN and (one["type"] != "too_short" or one["loc"] not in lists)]
            faults = "; ".join(f"{'.'.join(map(str, fault['loc'])) or 'payload'}: {fault['msg']}" for fault in (wrong or found)[:5])
            kind = JobArgsError if wrong else NewerOrderError
            raise kind(f"the page cannot be made as ordered: {faults[:500]}") from error
        except (ArithmeticError, LookupError, RecursionError, TypeError, ValueError) as error:
            raise JobArgsError(f"the page cannot be made as ordered: {str(error)[:500]}") from error
        if unknown:
            named = ", ".join(map(repr, unknown[:5]))[:300]
            raise NewerOrderError(f"the page cannot be made as ordered: there are no options {named} here")
        return order

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
