"""The pages of the book: what is drawn on each, as layers of black outlines."""
from __future__ import annotations

from linefinish.book.drawn import Layer, Pen, broken, fitted_size
from linefinish.book.ordering import BLANK, DRAWING, END, Slot
from linefinish.records import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from linefinish.book.drawings import Drawing
    from linefinish.book.faces import Face
    from linefinish.book.geometry import PageGeometry

# Sizes of words, in points. Printers ask for 7 at least.
TITLE_PT_MAX, AUTHOR_PT, END_PT, TEXT_PT, NUMBER_PT, SMALL_PT_MIN = 54.0, 18.0, 16.0, 11.0, 9.0, 7.0
# Share of its page's height that a title may take.
TITLE_SHARE = 0.4
# Lines of shapes, in points: above the 0.75 that printers ask for.
LINE_PT = 1.25
# Height of the strip at the foot that a page number takes from a drawing, in points.
NUMBER_ROOM_PT = 24.0

_RIGHTS = "All rights reserved. No page of this book may be reproduced without written permission, but for personal use."
_PLAIN_BACKS = "Each drawing has a page of its own; the back stays blank, so that pens may bleed through."


@record(eq=True)
class Words:
    """What is written in the book.

    copyright  instead of "© AUTHOR" and the usual sentence
    end        on the last page; "" has none
    numbers    "foot" writes page numbers under drawings, "none" does not
    """

    title: str = ""
    author: str = ""
    copyright: str = ""
    end: str = ""
    numbers: str = "none"

    def all_text(self) -> str:
        """Everything that a person gave."""
        return "\n".join((self.title, self.author, self.copyright, self.end))


def page_layers(
    slot: Slot, number: int, geometry: PageGeometry, drawing: Drawing | None, words: Words, face: Face, fill: float = 0.0
) -> list[Layer]:
    """What stands on page `number` (from 1), nothing on a blank one. With a `fill` the drawing runs
    over the outer edges, so many times as large as just fills the page.
    """
    if slot.kind == BLANK:
        return []
    pen = Pen(geometry.page_pt, face)
    if slot.kind == DRAWING and drawing is not None:
        area = drawing_area(geometry, words, bool(fill))
        layers = [Layer(drawing.placed(area, geometry.page_pt, fill), area if fill else None)]
        if words.numbers == "foot":
            _number(pen, number, geometry)
            layers.append(pen.layer())
        return layers
    draw = {"title": _title, "copyright": _copyright, "belongs-to": _belongs_to, "test-page": _test_page, END: _end}[slot.kind]
    draw(pen, geometry.safe_pt, words)
    return [pen.layer()]


def drawing_area(geometry: PageGeometry, words: Words, bleeds: bool = False) -> tuple[float, float, float, float]:
    """Where the drawing may stand: where words do, or over the outer edges; without the page
    number's strip.
    """
    left, top, right, bottom = geometry.live_pt if bleeds else geometry.safe_pt
    return (left, top, right, geometry.safe_pt[3] - NUMBER_ROOM_PT) if words.numbers == "foot" else (left, top, right, bottom)


def _number(pen: Pen, number: int, geometry: PageGeometry) -> None:
    left, _, right, bottom = geometry.safe_pt
    pen.line(str(number), (left + right) / 2, bottom - 2, NUMBER_PT, "centre")


def title_lines(face: Face, title: str, width: float, size_max: float, height: float) -> tuple[list[str], float]:
    """A title in as few lines as fit at a good size, and that size in points."""
    best: tuple[list[str], float] = ([title], 0.0)
    for ems in (6.0, 8.0, 11.0, 15.0, 24.0, 40.0):
        lines = broken(face, title, ems)
        size = min(fitted_size(face, lines, width, size_max), height / (1.2 * len(lines)))
        if size > best[1] + 0.5:
            best = (lines, size)
    return best


def _title(pen: Pen, area: tuple[float, float, float, float], words: Words) -> None:
    left, top, right, bottom = area
    lines, size = title_lines(pen.face, words.title, 0.86 * (right - left), TITLE_PT_MAX, TITLE_SHARE * (bottom - top))
    middle, y = (left + right) / 2, top + 0.36 * (bottom - top) - 0.6 * size * (len(lines) - 1)
    for line in lines:
        pen.line(line, middle, y, size, "centre")
        y += 1.2 * size
    pen.rectangle((middle - 36, y - 0.55 * size, middle + 36, y - 0.55 * size + LINE_PT))
    if words.author:
        author = fitted_size(pen.face, [words.author], 0.86 * (right - left), AUTHOR_PT)
        pen.line(words.author, middle, y - 0.55 * size + 2.6 * author, author, "centre")


def _copyright(pen: Pen, area: tuple[float, float, float, float], words: Words) -> None:
    left, top, right, bottom = area
    told = copyright_text(words)
    box = (left, top, left + 0.8 * (right - left), bottom)
    lines = broken(pen.face, told, (box[2] - box[0]) / TEXT_PT)
    height = TEXT_PT * 1.4 * len(lines)
    pen.block(told, (box[0], max(top, bottom - height), box[2], bottom), TEXT_PT)


def copyright_text(words: Words) -> str:
    """What stands on the copyright page."""
    return words.copyright or "\n".join(filter(None, (f"© {words.author}" if words.author else "", _RIGHTS, "", _PLAIN_BACKS)))


def _belongs_to(pen: Pen, area: tuple[float, float, float, float], _words: Words) -> None:
    left, top, right, bottom = area
    middle, y = (left + right) / 2, (top + bottom) / 2
    inset = 0.06 * (right - left)
    pen.frame((left + inset, y - 1.5 * inset - 90, right - inset, y + 1.5 * inset + 60), 2 * LINE_PT)
    pen.line("This book belongs to", middle, y - 40, 24, "centre")
    pen.rectangle((left + 3 * inset, y + 30, right - 3 * inset, y + 30 + LINE_PT))


def _test_page(pen: Pen, area: tuple[float, float, float, float], _words: Words) -> None:
    left, top, right, bottom = area
    pen.line("Try your colours", (left + right) / 2, top + 40, 24, "centre")
    columns = 4
    cell = (right - left) / columns
    rows = max(1, int((bottom - top - 90) // cell))
    for row in range(rows):
        for column in range(columns):
            x, y = left + (column + 0.5) * cell, top + 80 + (row + 0.5) * cell
            if row % 2:
                side = 0.36 * cell
                pen.frame((x - side, y - side, x + side, y + side), LINE_PT)
            else:
                pen.ring(x, y, 0.38 * cell, LINE_PT)


def _end(pen: Pen, area: tuple[float, float, float, float], words: Words) -> None:
    left, top, right, bottom = area
    width = 0.8 * (right - left)
    size = END_PT
    lines = broken(pen.face, words.end, width / size)
    y = (top + bottom) / 2 - 0.7 * size * len(lines)
    middle = (left + right) / 2
    pen.block(words.end, (middle - width / 2, y, middle + width / 2, bottom), size, "centre")


def overlong(face: Face, words: Words, area: tuple[float, float, float, float]) -> list[str]:
    """Which of the book's words do not fit their pages' area at a size that can be read, as "word
    of the title" or "the title".
    """
    width, height = area[2] - area[0], area[3] - area[1]
    found = []
    texts = (("title", words.title, 0.86, SMALL_PT_MIN), ("author", words.author, 0.86, SMALL_PT_MIN),
             ("end", words.end, 0.8, END_PT), ("copyright", copyright_text(words), 0.8, TEXT_PT))  # fmt: skip
    for name, text, share, size in texts:
        if any(face.width(word) * size > share * width for word in text.split()):
            found.append(f"a word of the {name}")
        elif name == "title" and text and title_lines(face, text, share * width, TITLE_PT_MAX, TITLE_SHARE * height)[1] < size:
            found.append("the title")
        elif name == "author" and face.width(text) * size > share * width:
            found.append("the author")
        elif name in ("end", "copyright") and 1.4 * size * len(broken(face, text, share * width / size)) > height:
            found.append(f"the {name}")
    return found
