"""Strokes as a person wants them: found, their widths evened, wide parts hatched, joined, in order;
and drawings of outlines as pages to find strokes on.
"""
from __future__ import annotations

import os
import sys
from math import isqrt

from linefinish.centrelines.finding import find_strokes
from linefinish.data.strokes import Strokes
from linefinish.errors import ImageReadError, ImageShapeError
from linefinish.filling import without_wide
from linefinish.readers.stream import allow
from linefinish.records import altered, record
from linefinish.toolpaths.hatching import hatched
from linefinish.toolpaths.ordering import ordered, travel_of
from linefinish.toolpaths.pieces import pieces_of, strokes_of
from linefinish.toolpaths.trails import parted, trails
from linefinish.toolpaths.widths import is_even

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from linefinish.data.geometry import Curves
    from linefinish.data.raster import Bitmap, Gray
    from linefinish.options import FinishOptions

# From this share of the ink in fills on a page is no line drawing. Smaller: warnings of cartoons
# with black hair; larger: none of photographs.
_FILLED_SHARE_MAX = 0.4
# A drawing of outlines is made so large, in pixels of its longer side, that thin strokes are some
# pixels wide; and each pixel's grey comes of so many samples a side, fewer where they would be too
# many in all: a byte each.
_OUTLINED_SIDE_PX, _SAMPLES, _SAMPLES_MAX = 2000, 4, 1 << 28


@record
class Stroked:
    """Strokes, what the report tells of them, and warnings."""

    strokes: Strokes
    facts: dict[str, Any]
    warnings: tuple[str, ...]


def stroked(bitmap: Bitmap, curves: Curves, options: FinishOptions, ink_px: float) -> Stroked:
    """The strokes of a page whose ink and outlines are known, as its options ask for them."""
    strokes = find_strokes(
        bitmap, curves, stroke_width_max_px=options.stroke_width_px_max, spur_length_max_px=options.spur_length_px_max,
        threads=options.threads,
    )  # fmt: skip
    if strokes.fills is None:
        strokes = without_wide(strokes, bitmap, options.stroke_width_px_max)
    share = strokes.fills.area / ink_px if strokes.fills is not None and ink_px else 0.0
    warnings: tuple[str, ...] = ()
    if share > _FILLED_SHARE_MAX:
        told = "of the ink is too wide for strokes: this may be no line drawing (--stroke-width-max lets strokes be wider)"
        warnings = (f"{100 * share:.0f} % {told}",)
    joined = {"none": parted, "trails": trails}.get(options.stroke_join)
    strokes = _filled(_even(joined(strokes) if joined else strokes, options.stroke_width), options.stroke_fills)
    if options.stroke_order == "nearest":
        strokes = ordered(strokes)
    return Stroked(strokes, facts_of(strokes, share), warnings)


def facts_of(strokes: Strokes, fill_share: float) -> dict[str, Any]:
    """What the report says of strokes."""
    travel, lifts = travel_of(strokes)
    own = list(strokes)
    dots = sum(stroke.is_dot for stroke in own)
    widths = sorted((stroke.width_median, stroke.length) for stroke in own)
    half, way, median = sum(length for _, length in widths) / 2, 0.0, 0.0
    for own_median, length in widths:
        median, way = own_median, way + length
        if way >= half:
            break
    return {
        "count": len(own), "dots": dots, "loops": sum(strokes.closed), "segments": strokes.segment_count,
        "length_px": round(2 * half, 3), "lifts": lifts, "travel_px": round(travel, 3), "junctions": len(strokes.junctions) // 2,
        "fills": len(strokes.fills) if strokes.fills is not None else 0, "fill_share": round(fill_share, 6),
        "width_median_px": round(median, 3), "width_min_px": round(min(strokes.widths, default=0.0), 3),
        "width_max_px": round(max(strokes.widths, default=0.0), 3),
    }  # fmt: skip


def _even(strokes: Strokes, width: str | float) -> Strokes:
    """One width for all; or one a stroke that hardly varies; or as measured."""
    from linefinish.memory import buffers

    if width == "measured" or not len(strokes):
        return strokes
    if not isinstance(width, str):
        return altered(strokes, widths=buffers.numbers("d", *(width for _ in strokes.widths)))
    widths = buffers.copied(strokes.widths)
    for stroke in strokes:
        begin = strokes.offsets[stroke.index] + stroke.index
        median = stroke.width_median
        if is_even([*stroke.widths], median):
            for joint in range(begin, begin + len(stroke.widths)):
                widths[joint] = median
    return altered(strokes, widths=widths)


def _filled(strokes: Strokes, fills: str | float) -> Strokes:
    """Fills as outlines, as lines across them, or none."""
    if strokes.fills is None or fills == "outline":
        return strokes
    if fills == "drop":
        return altered(strokes, fills=None)
    return strokes_of([*pieces_of(strokes), *hatched(strokes.fills, float(fills))], strokes)


# --- drawings of outlines
# ------------------------------------------------------------

def outlines_as_page(source: Any, megapixels_max: float) -> Any:
    """A drawing of outlines, an SVG, as grey pixels; whatever else a source is, as it is."""
    name = os.fsdecode(source) if isinstance(source, (str, os.PathLike)) else "the drawing"
    data = _svg_of(sys.stdin.buffer if name == "-" else source)
    if data is None:
        return source
    name = "standard input" if name == "-" else name
    try:
        return page_of(data, megapixels_max, name)
    except (ImageReadError, ImageShapeError) as error:
        raise ImageReadError(f"{name}: {error}") from None


def page_of(data: bytes, megapixels_max: float, name: str = "the drawing") -> Gray:
    """An SVG's shapes as a grey page. It is made larger where it is small, and its resolution says
    by how much. Raises ImageReadError and ImageShapeError for what is no drawing of outlines,
    ImageTooLargeError, with its name, for a page of more pixels.
    """
    import numpy as np

    from linefinish.data.geometry import Curves
    from linefinish.data.raster import Gray
    from linefinish.rasterizing import rasterize

    curves = Curves.from_svg(data)
    scale = max(1, round(_OUTLINED_SIDE_PX / max(curves.width, curves.height)))
    width, height = curves.width * scale, curves.height * scale
    allow(name, width, height, megapixels_max)
    side = max(1, min(_SAMPLES, isqrt(_SAMPLES_MAX // (width * height))))
    paper = ~np.asarray(rasterize(curves, width=width * side, height=height * side))
    samples = paper.reshape(height, side, width, side).sum(axis=(1, 3), dtype=np.uint16)
    gray = Gray.from_array(((samples * 255 + side**2 // 2) // side**2).astype(np.uint8))
    inches = _inches(data)
    dpi = scale * 96.0 if inches is None else width / inches
    return altered(gray, dpi=(dpi, dpi))


def _svg_of(source: Any) -> bytes | None:
    """The bytes of a source that is an SVG, by what it begins with; else None."""
    if isinstance(source, (bytes, bytearray)):
        head = bytes(source[:256])
        return bytes(source) if _begins_svg(head) else None
    if hasattr(source, "peek"):  # a stream whose first bytes can be looked at and left
        is_svg = _begins_svg(source.peek(256)[:256])
    else:
        is_svg = isinstance(source, (str, os.PathLike)) and os.fsdecode(source).lower().endswith(".svg") and os.path.isfile(source)
    if not is_svg:
        return None
    from linefinish.data.svg_drawing import text_of

    data = text_of(source)
    return data if isinstance(data, bytes) else None


def _begins_svg(head: bytes) -> bool:
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<"


def _inches(data: bytes) -> float | None:
    """How wide an SVG says that it is, in inches; None where it does not."""
    import re

    root = re.search(rb"<(?:\w+:)?svg\b[^>]*", data)
    found = re.search(rb"""\swidth\s*=\s*["']\s*([\d.]+)(in|mm|cm|pt|pc)\s*["']""", root[0] if root else b"")
    if not found:
        return None
    try:
        return float(found[1]) / {b"in": 1.0, b"mm": 25.4, b"cm": 2.54, b"pt": 72.0, b"pc": 6.0}[found[2]] or None
    except ValueError:
        return None
