"""`read_drawing`: a file → `Drawing`, the curves that go on a page, and what is known of them at
print size.
"""
from __future__ import annotations

import os

from linefinish.book.finished import document_of, read_pdf, read_svg
from linefinish.book.geometry import fitted
from linefinish.data.document import POINTS_PER_INCH, Document, compose
from linefinish.delivering import Order
from linefinish.errors import ImageReadError, LinefinishError, OptionsError
from linefinish.measuring import measure
from linefinish.options import FinishOptions
from linefinish.pipeline import finish_as_read
from linefinish.rasterizing import rasterize
from linefinish.records import altered, record, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from linefinish.book.geometry import Box
    from linefinish.data.raster import Gray

# Resolution at which finished pages are measured and, where lines have to be made wider, drawn
# anew. Higher: the work of both goes with its square.
_MEASURED_DPI, _REDRAWN_DPI = 300.0, 600.0
# Side of the thumbnails that are compared, and pixels that make one of theirs.
THUMBNAIL_PX, _SAMPLES = 64, 8


@record
class Placing:
    """How drawings are put on a page.

    area_pt          width and height of the live area
    fill             the drawing fills it, and what runs over is cut off
    stroke_width_pt  strokes are made at least so wide, at print size; of images always, of
                     finished pages where `redraw` says so; 0 leaves them as they are
    """

    area_pt: tuple[float, float]
    fill: bool = False
    stroke_width_pt: float = 0.0
    redraw: bool = False

    def scale_of(self, size: tuple[float, float]) -> float:
        """By how much a drawing of that size is scaled."""
        return fitted(size, (0.0, 0.0, *self.area_pt), float(self.fill))[2] / size[0]


@record
class Drawing:
    """A drawing with its facts.

    document  its curves on a page that is its frame
    stream    the deflated content of a page of ours, which goes into the book as it is
    facts     at print size: ink_coverage; stroke_width_min_pt (0 where nothing is drawn); regions
              and region_mm2_min; `warnings` of finishing
    thumbnail 64 × 64 coverages, 0 to 255
    thin_as_drawn  whether thin strokes were left as they are
    """

    source: str
    document: Document
    facts: dict[str, Any]
    thumbnail: bytes
    stream: bytes | None = None
    thin_as_drawn: bool = False

    @property
    def size_pt(self) -> tuple[float, float]:
        """Width and height of the frame."""
        return self.document.page_pt

    def placed(self, area: Box, page_pt: tuple[float, float], fill: float = 0.0) -> Document:
        """The curves on a page of the book; `fill` as in `geometry.fitted`."""
        left, top, width, height = fitted(self.size_pt, area, fill)
        across, down = width / self.size_pt[0], height / self.size_pt[1]
        x, y, w, h = self.document.drawing_pt
        frame = (left + x * across, top + y * down, w * across, h * down)
        return altered(self.document, page_pt=page_pt, drawing_pt=frame, trim_pt=None, bleed_pt=None, physical=True, dpi=None)


class PageError(ImageReadError):
    """A page cannot be read."""


def read_drawing(source: str, placing: Placing, options: dict[str, Any] | None = None) -> Drawing:
    """One file: an image is finished for its size in the book, a page of ours is taken as it is.
    PageError, which names the file, for what cannot be read.
    """
    try:
        head = b""
        if source != "-":
            with open(source, "rb") as file:
                head = file.read(1024)
        suffix = os.path.splitext(source)[1].lower()
        if head.startswith(b"%PDF-") or suffix == ".pdf":
            size, stream = read_pdf(_whole(source), source)
            return _finished(source, document_of(stream, size, source), placing, bytes(stream))
        if head.lstrip().startswith(b"<") or suffix == ".svg":
            return _finished(source, read_svg(_whole(source), source), placing)
        one_bit = head.startswith(b"\x89PNG") and head[24:25] == b"\1"
        return _image(source, placing, options or {}, one_bit)
    except (PageError, OptionsError):
        raise
    except OSError as error:
        raise PageError(f"{source}: {(error.strerror or str(error)).lower()}") from error
    except (LinefinishError, MemoryError) as error:
        told = str(error) or "there is not enough memory for it"
        raise PageError(told if source in told else f"{source}: {told}") from error


def _whole(source: str) -> bytes:
    with open(source, "rb") as file:
        return file.read()


def _image(source: str, placing: Placing, options: dict[str, Any], one_bit: bool) -> Drawing:
    """A drawing that linefinish finishes; of a 1-bit PNG no speck is taken away."""
    if one_bit:
        options = {"speckle_area_px_max": 0, "pinhole_area_px_max": 0, **options}

    def options_for(gray: Gray) -> FinishOptions:
        size = _own_size(gray)
        scale = placing.scale_of(size)
        chosen = Order(options, width_pt=size[0] * scale).options_for(gray)
        px_per_pt = gray.width / (size[0] * scale)
        if not placing.stroke_width_pt or "stroke_width_px_min" in options:
            return chosen
        return replace(chosen, stroke_width_px_min=placing.stroke_width_pt * px_per_pt)

    given: Callable[[str, Any], Any] = options.get
    finished = finish_as_read(
        source, given("megapixels_max", FinishOptions.megapixels_max), options_for, frame=given("frame", None),
        drop_colour=given("drop_colour", None),
    )  # fmt: skip
    report = finished.report
    document = compose(finished.curves, image_dpi=report.dpi)
    mm_per_px = placing.scale_of(document.page_pt) * document.page_pt[0] / report.width / POINTS_PER_INCH * 25.4
    facts = {
        "ink_coverage": report.ink_coverage, "stroke_width_min_pt": report.stroke_width_min_px * mm_per_px / 25.4 * POINTS_PER_INCH,
        "regions": report.regions, "region_mm2_min": report.region_area_min_px * mm_per_px**2, "warnings": list(report.warnings),
        "dpi": 25.4 / mm_per_px,
    }  # fmt: skip
    return Drawing(source, document, facts, thumbnail(document), None, not placing.stroke_width_pt)


def _own_size(gray: Gray) -> tuple[float, float]:
    across, down = gray.dpi if gray.dpi and min(gray.dpi) > 0 else (POINTS_PER_INCH, POINTS_PER_INCH)
    return gray.width * POINTS_PER_INCH / across, gray.height * POINTS_PER_INCH / down


def _finished(source: str, document: Document, placing: Placing, stream: bytes | None = None) -> Drawing:
    scale = placing.scale_of(document.page_pt)
    if placing.redraw and placing.stroke_width_pt:
        document, stream = _redrawn(document, scale, placing.stroke_width_pt), None
    dpi = _MEASURED_DPI * scale
    measures = measure(rasterize(document, dpi=dpi))
    mm_per_px = 25.4 / _MEASURED_DPI
    facts = {
        "ink_coverage": measures.ink_coverage, "stroke_width_min_pt": measures.stroke_width_min_px / _MEASURED_DPI * POINTS_PER_INCH,
        "regions": measures.regions, "region_mm2_min": measures.region_area_min_px * mm_per_px**2, "warnings": [],
    }  # fmt: skip
    return Drawing(source, document, facts, thumbnail(document), stream, not (placing.redraw and placing.stroke_width_pt))


def _redrawn(document: Document, scale: float, stroke_width_pt: float) -> Document:
    """The drawing with its thin lines made wider, traced again at print size."""
    from linefinish.cleaning.strokes import thicken
    from linefinish.outlines.fitting import fit
    from linefinish.outlines.tracing import trace

    bitmap = rasterize(document, dpi=_REDRAWN_DPI * scale)
    wider = thicken(bitmap, stroke_width_px_min=stroke_width_pt * _REDRAWN_DPI / POINTS_PER_INCH)
    return compose(fit(trace(wider)), width_pt=document.page_pt[0], height_pt=document.page_pt[1])


def thumbnail(document: Document) -> bytes:
    """How much of each of 64 × 64 cells of the drawing is ink."""
    import numpy as np

    side = THUMBNAIL_PX * _SAMPLES
    fine = np.asarray(rasterize(document, width=side, height=side)).reshape(THUMBNAIL_PX, _SAMPLES, THUMBNAIL_PX, _SAMPLES)
    return bytes(np.uint8(np.rint(255 * fine.mean(axis=(1, 3)))).tobytes())
