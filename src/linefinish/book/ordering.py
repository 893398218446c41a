"""Which page stands where: the front, the drawings on rectos, the end, and blanks between them."""
from __future__ import annotations

from linefinish.checks import shown
from linefinish.errors import OptionsError
from linefinish.records import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

FRONT = ("title", "copyright", "belongs-to", "test-page")
BLANK, DRAWING, END = "blank", "drawing", "end"


@record(eq=True)
class Slot:
    """A page of the book: what stands on it (a word of FRONT, "drawing", "end" or "blank"), and
    which drawing, from 0 on.
    """

    kind: str
    drawing: int | None = None


def check_front(front: Sequence[str]) -> tuple[str, ...]:
    """The words of the front in their order, or OptionsError."""
    if isinstance(front, str) or any(word not in FRONT for word in front):
        raise OptionsError(f"front is {shown(front)}; it takes some of {', '.join(FRONT)}")
    return tuple(word for word in FRONT if word in front)


def ordered(drawings: int, front: Sequence[str] = FRONT, single_sided: bool = True, end: bool = False, multiple: int = 2) -> list[Slot]:
    """The pages in order: title on a recto, copyright on a verso, belongs-to and the test page on
    rectos with blank backs; then the drawings, each on a recto with a blank back, or page by page
    where not `single_sided`; the end; blanks up to a multiple.
    """
    slots: list[Slot] = []

    def on(recto: bool, slot: Slot) -> None:
        if (len(slots) % 2 == 0) != recto:
            slots.append(Slot(BLANK))
        slots.append(slot)

    for word in check_front(front):
        on(word != "copyright", Slot(word))
    for drawing in range(drawings):
        if single_sided or drawing == 0:
            on(True, Slot(DRAWING, drawing))
        else:
            slots.append(Slot(DRAWING, drawing))
    if end:
        if single_sided:
            on(True, Slot(END))
        else:
            slots.append(Slot(END))
    elif single_sided and drawings and len(slots) % 2 and multiple > 1:
        slots.append(Slot(BLANK))
    slots += [Slot(BLANK)] * (-len(slots) % multiple)
    return slots


def drawings_that_fit(pages: int, front: Sequence[str] = FRONT, single_sided: bool = True, end: bool = False, multiple: int = 2) -> int:
    """The most drawings of which a book has at most so many pages."""
    low, high = 0, pages + 1
    while high - low > 1:
        middle = (low + high) // 2
        if len(ordered(middle, front, single_sided, end, multiple)) <= pages:
            low = middle
        else:
            high = middle
    return low
