"""`compare()`: a picture for people. Before, after and their difference side by side, and the three
places that differ most, enlarged.

The only module that makes a picture with greys and colours, and so an ordinary RGB PNG. It uses
numpy and Pillow freely.
"""
from __future__ import annotations

import io
import os

from linefinish.checks import keywords, shown
from linefinish.data.geometry import Curves
from linefinish.data.raster import PIXELS_MAX
from linefinish.delivering import Order
from linefinish.errors import WriteError
from linefinish.memory import buffers
from linefinish.options import FinishOptions
from linefinish.pipeline import Finished, finish_as_read
from linefinish.rasterizing import rasterize
from linefinish.readers.reading import read_gray
from linefinish.records import replace
from linefinish.writers import replace_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    import numpy as np
    from PIL import Image, ImageDraw, ImageFont

    from linefinish.data.raster import Gray

    Box = tuple[int, int, int, int]

# Pixels of a column: three of them and the gaps fill a 2048 px screenshot. A page is shown no
# higher than _PANEL_HEIGHT.
_COLUMN, _PANEL_HEIGHT = 640, 960
_GAP, _HEADER, _CAPTION = 28, 60, 34
# Enlargement of the crops, and their height in pixels of the result. At 5 a pixel of the input can
# be counted, and a stroke is still a stroke.
_ZOOM, _CROP_HEIGHT = 5, 320
_CROPS = 3
# Samples a side of a pixel when the curves are drawn with greys, for the eye: 17 levels.
_SAMPLES = 4
# Differences of darkness up to this are the grain of the paper and the rounding of edges, and do
# not call for attention.
_NOTICEABLE = 0.2
# Pixels a side of the surroundings that a place is held against. Larger: shades count as
# differences; smaller: blots do not.
_SURROUNDINGS = 128
_GROUND, _TEXT, _FAINT, _MARK = (243, 243, 240), (40, 40, 44), (128, 128, 132), (214, 122, 0)
_GONE, _NEW = (205, 32, 44), (24, 92, 200)


@keywords
def compare(source: Any, target: Any, options: FinishOptions | Order | None = None) -> Finished:
    """Finish a drawing and write the comparison as a PNG to `target`, a path or a binary stream.
    Returns what `finish` returned.

    Raises ImageError, OptionsError, WriteError.
    """
    order = Order.of(options)
    asked = order.options or {}
    if not isinstance(target, (str, os.PathLike)) and not callable(getattr(target, "write", None)):
        raise WriteError(f"the target is {shown(target)}; it takes a path or a binary stream")
    gray = read_gray(source, megapixels_max=asked.get("megapixels_max", FinishOptions.megapixels_max), frame=asked.get("frame"))
    sheet = order.sheet_asked()
    facts: dict[str, Any] | None = None
    warnings: tuple[str, ...] = ()
    if sheet is not None:
        from linefinish.sheets.straightening import straightened

        made = straightened(source, gray, sheet)
        gray, facts, warnings = made.gray, made.facts, made.warnings
    finished = finish_as_read(gray, PIXELS_MAX / 1e6, order.options_for)
    if facts is not None:
        report = replace(finished.report, sheet=facts, warnings=(*warnings, *finished.report.warnings))
        finished = replace(finished, report=report)
    name = os.path.basename(os.fspath(source)) if isinstance(source, (str, os.PathLike)) and source != "-" else ""
    picture = draw(gray, finished, name)
    encoded = io.BytesIO()
    picture.save(encoded, "PNG")
    if hasattr(target, "write"):
        target.write(encoded.getvalue())
    else:
        replace_file([encoded.getvalue()], os.fspath(target))
    return finished


def draw(gray: Gray, finished: Finished, name: str = "") -> Image.Image:
    """The whole picture."""
    from PIL import Image, ImageDraw

    width, height = gray.width, gray.height
    scale = min(_COLUMN / width, _PANEL_HEIGHT / height, 8.0)
    panel = max(1, round(width * scale)), max(1, round(height * scale))
    column = max(panel[0], 360)
    ink, paper = _tones(gray, finished)
    places = _places(gray, finished, (ink, paper), column) if scale < _ZOOM else []
    crop_height = min(_CROP_HEIGHT, height * _ZOOM)

    total = 4 * _GAP + 3 * column, _HEADER + _CAPTION + panel[1] + _GAP + len(places) * (_CAPTION + crop_height + _GAP)
    picture = Image.new("RGB", total, _GROUND)
    pen = ImageDraw.Draw(picture)
    lefts = [_GAP + at * (column + _GAP) for at in range(3)]
    _head(pen, gray, finished, name, lefts)

    shift = (column - panel[0]) // 2
    whole = (0, 0, width, height)
    for left, view in zip(lefts, _views(gray, finished, whole, panel, (ink, paper)), strict=True):
        picture.paste(view, (left + shift, _HEADER + _CAPTION))
        pen.rectangle(_frame(left + shift, _HEADER + _CAPTION, *panel), outline=(216, 216, 212))
        for number, box in enumerate(places, 1):
            _mark(pen, number, [left + shift + box[0] * scale, _HEADER + _CAPTION + box[1] * scale,
                                left + shift + box[2] * scale, _HEADER + _CAPTION + box[3] * scale])  # fmt: skip

    top = _HEADER + _CAPTION + panel[1] + _GAP
    for number, box in enumerate(places, 1):
        size = (box[2] - box[0]) * _ZOOM, (box[3] - box[1]) * _ZOOM
        pen.text((lefts[0], top + _CAPTION - 10), f"{number}", font=_font(20), fill=_MARK, anchor="ls")
        pen.text((lefts[0] + 20, top + _CAPTION - 10), f"{_ZOOM}x at {box[0]:,}, {box[1]:,}", font=_font(16), fill=_FAINT, anchor="ls")
        for left, view in zip(lefts, _views(gray, finished, box, size, (ink, paper)), strict=True):
            picture.paste(view, (left, top + _CAPTION))
            pen.rectangle(_frame(left, top + _CAPTION, *size), outline=(216, 216, 212))
        top += _CAPTION + crop_height + _GAP
    return picture


def _head(pen: ImageDraw.ImageDraw, gray: Gray, finished: Finished, name: str, lefts: list[int]) -> None:
    report = finished.report
    facts = f"{gray.width:,} x {gray.height:,} px, {report.segment_count:,} segments, threshold: {report.threshold_method}"
    pen.text((_GAP, 38), name, font=_font(24), fill=_TEXT, anchor="ls")
    pen.text((_GAP + (pen.textlength(name, _font(24)) + 16 if name else 0), 38), facts, font=_font(16), fill=_FAINT, anchor="ls")
    baseline = _HEADER + _CAPTION - 10
    for left, title in zip(lefts, ("before", "after", "difference"), strict=True):
        pen.text((left, baseline), title, font=_font(20), fill=_TEXT, anchor="ls")
    at = lefts[2] + pen.textlength("difference", _font(20)) + 18
    for word, colour in (("only before", _GONE), ("only after", _NEW)):
        pen.rectangle((at, baseline - 11, at + 11, baseline), fill=colour)
        pen.text((at + 18, baseline), word, font=_font(16), fill=_FAINT, anchor="ls")
        at += 18 + pen.textlength(word, _font(16)) + 18


def _mark(pen: ImageDraw.ImageDraw, number: int, corners: list[float]) -> None:
    """The frame of a crop on the whole page, with its number."""
    left, top, right, bottom = (round(value) for value in corners)
    pen.rectangle((left - 2, top - 2, max(right, left + 6) + 1, max(bottom, top + 6) + 1), outline=_MARK, width=2)
    above = top >= 24
    badge = (left - 2, top - 22, left + 16, top - 3) if above else (left - 2, bottom + 3, left + 16, bottom + 22)
    pen.rectangle(badge, fill=_MARK)
    pen.text(((badge[0] + badge[2]) / 2, (badge[1] + badge[3]) / 2), f"{number}", font=_font(15), fill=(255, 255, 255), anchor="mm")


def _frame(left: int, top: int, width: int, height: int) -> Box:
    return left - 1, top - 1, left + width, top + height


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    from PIL import ImageFont

    return ImageFont.load_default(size)


# --- what is shown
# ------------------------------------------------------------

def _views(gray: Gray, finished: Finished, box: Box, size: tuple[int, int], tones: tuple[float, float]) -> tuple[Image.Image, ...]:
    """Before, after and difference of a box of the page, each `size` pixels."""
    import numpy as np
    from PIL import Image

    before = Image.fromarray(np.asarray(gray)[box[1] : box[3], box[0] : box[2]])
    enlarged = size[0] >= before.width
    if enlarged:
        # Where pixels are shown as squares, the difference is taken of squares: how much of each
        # the curves cover.
        dark_before = _darkness(np.asarray(before), tones)
        dark_after = _coverage(finished.curves, box, before.size)
        before = before.resize(size, Image.Resampling.NEAREST)
        difference = _difference(dark_before, dark_after).resize(size, Image.Resampling.NEAREST)
    else:
        before = before.resize(size, Image.Resampling.BOX)
        difference = _difference(_darkness(np.asarray(before), tones), _coverage(finished.curves, box, size))
    after = Image.fromarray(np.uint8(np.rint(255 - 255 * _coverage(finished.curves, box, size))))
    return before, after, difference


def _coverage(curves: Curves, box: Box, size: tuple[int, int]) -> np.ndarray:
    """How much of each pixel is ink when a box of the page is drawn at some size: float32 (height,
    width), 0 to 1.
    """
    import numpy as np

    width, height = box[2] - box[0], box[3] - box[1]
    moved = curves
    if (width, height) != (curves.width, curves.height):
        moved = Curves(width, height, *_near(curves, box))
    fine = np.asarray(rasterize(moved, width=size[0] * _SAMPLES, height=size[1] * _SAMPLES))
    return fine.reshape(size[1], _SAMPLES, size[0], _SAMPLES).mean(axis=(1, 3), dtype=np.float32)


def _near(curves: Curves, box: Box) -> tuple[memoryview[float], memoryview[int], memoryview[int]]:
    """Segments, kinds and offsets of the chains that touch a box, moved so that its corner is the
    origin.
    """
    import numpy as np

    segments, offsets = curves.segments_array(), curves.offsets_array()
    starts = offsets[:-1]
    low = np.minimum.reduceat(segments.min(axis=1), starts, axis=0) if len(starts) else np.zeros((0, 2))
    high = np.maximum.reduceat(segments.max(axis=1), starts, axis=0) if len(starts) else np.zeros((0, 2))
    touching = (low[:, 0] < box[2]) & (high[:, 0] > box[0]) & (low[:, 1] < box[3]) & (high[:, 1] > box[1])
    kept = np.repeat(touching, np.diff(offsets))
    counts = np.diff(offsets)[touching]
    moved = buffers.zeros(6 * int(kept.sum()), "d")
    kinds = buffers.zeros(int(kept.sum()), "B")
    ends = buffers.zeros(len(counts) + 1, "q")
    if len(counts):
        np.frombuffer(moved)[:] = (segments[kept] - np.array(box[:2], float)).ravel()
        np.frombuffer(kinds, np.uint8)[:] = curves.kinds_array()[kept]
        np.frombuffer(ends, np.int64)[1:] = np.cumsum(counts)
    return moved, kinds, ends


def _darkness(pixels: np.ndarray, tones: tuple[float, float]) -> np.ndarray:
    """Greys as darkness, 0 at the page's paper and 1 at its ink."""
    import numpy as np

    ink, paper = tones
    return np.clip((paper - pixels.astype(np.float32)) / max(paper - ink, 1.0), 0, 1)


def _difference(before: np.ndarray, after: np.ndarray) -> Image.Image:
    """What both have in grey, what only one has in its colour."""
    import numpy as np
    from PIL import Image

    both = np.minimum(before, after)[..., None]
    gone, new = (before[..., None] - both), (after[..., None] - both)
    white = np.float32(255)
    red, blue = np.array(_GONE, np.float32), np.array(_NEW, np.float32)
    shown = white - both * (white - 176) - gone * (white - red) - new * (white - blue)
    return Image.fromarray(np.uint8(np.clip(np.rint(shown), 0, 255)))


def _tones(gray: Gray, finished: Finished) -> tuple[float, float]:
    """The typical greys of ink and of paper on this page."""
    import numpy as np

    pixels, is_ink = np.asarray(gray), np.asarray(finished.bitmap)
    paper = float(np.median(pixels[~is_ink])) if not is_ink.all() else 255.0
    ink = float(np.percentile(pixels[is_ink], 20)) if is_ink.any() else 0.0
    return min(ink, paper - 1), paper


# --- where to look
# ------------------------------------------------------------

def _places(gray: Gray, finished: Finished, tones: tuple[float, float], column: int) -> list[Box]:
    """The boxes that differ most, apart from each other. On a copy of at most 2048 px a side:
    enough to find a place.
    """
    import numpy as np
    from PIL import Image

    width, height = gray.width, gray.height
    shrink = min(1.0, 2048 / max(width, height))
    size = max(1, round(width * shrink)), max(1, round(height * shrink))
    before = Image.fromarray(np.asarray(gray)).resize(size, Image.Resampling.BOX)
    after = _coverage(finished.curves, (0, 0, width, height), size)
    change = Image.fromarray(_darkness(np.asarray(before), tones) - after)
    # A wide shade that is gone fills the difference and shows nothing: what counts is how a place
    # differs from its surroundings.
    cells = max(1, size[0] // _SURROUNDINGS), max(1, size[1] // _SURROUNDINGS)
    wide = change.resize(cells, Image.Resampling.BOX).resize(size, Image.Resampling.BILINEAR)
    amount = np.abs(np.asarray(change) - np.asarray(wide))
    amount[amount < _NOTICEABLE] = 0

    crop = min(width, column // _ZOOM), min(height, _CROP_HEIGHT // _ZOOM)
    window = max(1, min(size[0], round(crop[0] * shrink))), max(1, min(size[1], round(crop[1] * shrink)))
    sums = np.pad(amount, ((1, 0), (1, 0))).cumsum(0, np.float64).cumsum(1)
    across = sums[:, window[0] :] - sums[:, : -window[0]]
    found = across[window[1] :] - across[: -window[1]]  # what a window with its corner here differs by
    boxes: list[Box] = []
    for _ in range(_CROPS):
        top, left = (int(at) for at in np.unravel_index(int(found.argmax()), found.shape))
        if found[top, left] <= 0:
            break
        found[max(0, top - window[1]) : top + window[1], max(0, left - window[0]) : left + window[0]] = 0  # none that overlaps it
        x, y = min(round(left / shrink), width - crop[0]), min(round(top / shrink), height - crop[1])
        boxes.append((x, y, x + crop[0], y + crop[1]))
    return boxes
