"""`finish_page`: a drawing becomes a page's files, each of them proved. A pure function on bytes,
for the image processes.
"""
from __future__ import annotations

import io
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from PIL import Image

import linefinish
from myjoe.errors import JobArgsError
from myjoe.ordering.page_order import PageOrder
from myjoe_worker.imaging.pictures import decoded, px_per_in, small_copy

# Longest side of the thumbnail, enough for a card in a list on a dense screen.
THUMBNAIL_SIDE_PX = 512
# The least width of a printed line, in inches: 0.75 pt, which print shops ask for. Thinner strokes
# are thickened to it.
LINE_IN_MIN = 0.75 / 72
# Side in mm of the largest mark that is a speck on a page to be coloured: generators leave dots of
# half a millimetre, and where there are few of them the finisher alone would take them for drawn.
# The smallest thing that is meant, a freckle, has a millimetre.
SPECK_MM_MAX = 0.7


@dataclass(frozen=True)
class FinishedPage:
    """A page's files, each of them proved, and what the finisher says of it.

    files      "png": 1 bit a pixel at the order's dpi, the whole paper with its margins;
               "svg", "pdf": the same curves on the same paper;
               "thumbnail": a small grey PNG for screens, the only one with greys in it
    width_px, height_px, dpi, bit_depth   of the PNG
    qc         the finisher's report, ready for JSON
    """

    files: Mapping[str, bytes]
    width_px: int
    height_px: int
    dpi: int
    bit_depth: int
    qc: Mapping[str, Any]


def finish_page(content: bytes, media_type: str, order: PageOrder) -> FinishedPage:
    """Finish a drawing on its paper. ImageRefusedError for what cannot be drawn, JobArgsError for
    options that cannot be.
    """
    _, gray = decoded(content, media_type, order)
    try:
        finished = linefinish.finish(gray, _options(order, gray))
        width_in, height_in = order.paper_in
        paper = linefinish.Page(f"{width_in:.6f}inx{height_in:.6f}in", margin=f"{order.margin_in:.6f}in")
        document = linefinish.compose(finished.curves, paper, dpi=order.dpi)
    except linefinish.OptionsError as error:
        raise JobArgsError(f"the page cannot be finished as ordered: {error}") from error
    files = {format: _written(document, format) for format in ("png", "svg", "pdf")}
    files["thumbnail"] = _thumbnail(document, max(order.paper_in))
    width_px, height_px = struct.unpack_from(">II", files["png"], 16)  # the file's own word
    return FinishedPage(files, width_px, height_px, order.dpi, 1, {"finisher": finished.report.to_mapping()})


def _options(order: PageOrder, gray: linefinish.Gray) -> linefinish.FinishOptions:
    """The order's options; what the order leaves open about strokes and specks follows from the
    size of the print.
    """
    given, per_in = order.options.to_mapping(), px_per_in(gray, order)
    if not given["stroke_width_px_min"]:
        given["stroke_width_px_min"] = LINE_IN_MIN * per_in
    if given["speckle_area_px_max"] is None:
        given["speckle_area_px_max"] = (SPECK_MM_MAX / 25.4 * per_in) ** 2
    return linefinish.FinishOptions.from_mapping(given)


def _written(document: linefinish.Document, format: Any, **options: Any) -> bytes:
    """The file's bytes, proved to be 1-bit."""
    stream = io.BytesIO()
    linefinish.write(document, stream, format, **options)
    content = stream.getvalue()
    verdict = linefinish.verify(content)
    if not verdict.is_one_bit:
        raise linefinish.InternalError(f"the {format} of the page is not 1-bit: {verdict.problem}")
    return content


def _thumbnail(document: linefinish.Document, longest_in: float) -> bytes:
    """The page as a small grey PNG: drawn four times as large as needed from the same curves, and
    each 4 × 4 pixels become a grey.
    """
    with Image.open(io.BytesIO(_written(document, "png", dpi=4 * THUMBNAIL_SIDE_PX / longest_in))) as page:
        return small_copy(page.convert("L"), THUMBNAIL_SIDE_PX)
