"""Finished pages taken up again: bound as they are, cropped, and pages of a book as pictures."""
from __future__ import annotations

import io
import os

from linefinish.book.finished import document_of, read_pdf, read_svg
from linefinish.book.geometry import RECTO, PageGeometry
from linefinish.book.interior import BoundPage, interior_pieces
from linefinish.book.pictures import shown_page
from linefinish.checks import number, shown
from linefinish.data.document import POINTS_PER_INCH
from linefinish.errors import ImageReadError, OptionsError, WriteError
from linefinish.rasterizing import rasterize
from linefinish.records import altered
from linefinish.writers import replace_file, write

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from linefinish.book.making import Book
    from linefinish.data.document import Document

    Box = tuple[float, float, float, float]

# Resolution at which ink is looked for, and how far inside its outermost pixels a page is cut that
# is cut to its ink, in those. Larger: more of the drawing is lost; smaller: its outermost strokes
# may end at the cut, and not cross it.
_INK_DPI, _INSIDE_PX = 144, 2


def bind_pages(pages: Iterable[str | os.PathLike[str]], target: str | os.PathLike[str]) -> None:
    """PDFs of linefinish's as one PDF, each page as it is; a page is held at a time. The target is
    there whole or not at all.

    Raises ImageReadError for what is no page of linefinish's, WriteError.
    """
    def bound() -> Iterator[BoundPage]:
        for path in pages:
            name = os.path.basename(os.fspath(path))
            size, stream = read_pdf(_content(path), name)
            whole = (0.0, 0.0, *size)
            yield BoundPage(PageGeometry(RECTO, size, whole, whole, whole), (), stream, size, whole)

    try:
        replace_file(interior_pieces(bound()), os.fspath(target))
    except WriteError as error:  # which takes any ValueError for one of the target's name
        raise error.__cause__ if isinstance(error.__cause__, ImageReadError) else error from None


def crop_page(
    page: str | os.PathLike[str], target: str | os.PathLike[str], margin_pt: float = 0.0, *, to_ink: bool = False
) -> None:
    """A finished page (SVG or PDF of linefinish's) without so much at each of its edges, in points;
    with `to_ink` without all that is blank around the drawing, and a hair of it, so that it crosses
    the new edges. A margin that would leave nothing, and a page without ink, are left as they are.

    Raises ImageReadError, OptionsError, WriteError.
    """
    if not number(margin_pt) or margin_pt < 0:
        raise OptionsError(f"margin_pt is {shown(margin_pt)}; it takes points, 0 or more")
    name, content = os.path.basename(os.fspath(page)), _content(page)
    if content.lstrip().startswith(b"<"):
        document = read_svg(content, name)
    else:
        size, stream = read_pdf(content, name)
        document = document_of(stream, size, name)
    width, height = document.page_pt
    box = (0.0, 0.0, width, height)
    if min(width, height) > 2 * margin_pt:
        box = (margin_pt, margin_pt, width - margin_pt, height - margin_pt)
    if to_ink:
        box = _inked(document) or box
    x, y, across, down = document.drawing_pt
    size = (box[2] - box[0], box[3] - box[1])
    cropped = altered(document, page_pt=size, drawing_pt=(x - box[0], y - box[1], across, down), trim_pt=None, bleed_pt=None)
    has_suffix = bool(os.path.splitext(os.fspath(target))[1].lstrip("."))
    write(cropped, os.fspath(target), None if has_suffix else "pdf")


def picture_page(book: Book, page: int, width_px: int) -> bytes:
    """A page of a book, from 1 on, as it will be printed: a grey PNG so many pixels wide."""
    from PIL import Image

    if not 1 <= page <= book.count:
        raise OptionsError(f"page is {shown(page)}; the book has 1 to {book.count}")
    width, height = book.geometry(page).page_pt
    stream = io.BytesIO()
    Image.fromarray(shown_page(book.layers(page), width_px, round(width_px * height / width))).save(stream, "PNG", optimize=True)
    return stream.getvalue()


def _inked(document: Document) -> Box | None:
    """The box of the ink; None where there is less than an inch of it in either direction."""
    import numpy as np

    ink = np.asarray(rasterize(document, dpi=_INK_DPI))
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not rows.size or rows[-1] - rows[0] < _INK_DPI or columns[-1] - columns[0] < _INK_DPI:
        return None
    pt = POINTS_PER_INCH / _INK_DPI
    left, top, right, bottom = columns[0] + _INSIDE_PX, rows[0] + _INSIDE_PX, columns[-1] + 1 - _INSIDE_PX, rows[-1] + 1 - _INSIDE_PX
    return float(left) * pt, float(top) * pt, float(right) * pt, float(bottom) * pt


def _content(path: str | os.PathLike[str]) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise ImageReadError(f"{os.fspath(path)}: {(error.strerror or str(error)).lower()}") from error
