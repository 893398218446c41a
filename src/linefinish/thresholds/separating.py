"""`threshold()` and `separate()`: Gray → Bitmap. One `auto` that decides from the image, and the
classics by name.
"""
from __future__ import annotations

from linefinish.data.raster import Bitmap, Gray, Levels, Separation
from linefinish.errors import OptionsError
from linefinish.options import BACKGROUND_MODES, THRESHOLD_METHODS
from linefinish.thresholds.paper import divided, is_uneven, paper_cells
from linefinish.thresholds.screens import remove_screens
from linefinish.thresholds.strokes import is_sharp, join_weak, raise_dots, rim_share, some_rows
from linefinish.thresholds.tones import Tones, cut_at, histogram_of, tones_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def threshold(
    gray: Any, method: str = "auto", *, level: int = 128, window_px: int | None = None, k: float | None = None, background: str = "auto"
) -> Bitmap:
    """The 1-bit image of a grey one: `separate(…).bitmap`, see there."""
    gray = gray if isinstance(gray, Gray) else Gray.from_array(gray)
    _check(method, level, window_px, k, background)
    if method == "auto":
        return _auto(gray, background).bitmap
    from linefinish.thresholds.classics import classic

    # Without the tones, which a Separation states and which take longer than Otsu's level and the
    # bitmap.
    return classic(gray, method, level, window_px, k, background)[1]


def separate(
    gray: Any, method: str = "auto", *, level: int = 128, window_px: int | None = None, k: float | None = None, background: str = "auto"
) -> Separation:
    """Tell ink from paper, and where the edge between them lies.

    gray        a Gray, or a uint8 or bool array (height, width), 0 is black
    method      auto: decide from the image. otsu (1979), sauvola (Sauvola–Pietikäinen 2000), wolf
                (Wolf–Jolion 2004), nick (Khurshid
                and others 2009), bradley (Bradley–Roth 2007): as published. fixed: darker than
                `level` is ink
    level       of the fixed method, 0 to 256
    window_px   window side of the local methods, 3 or more (odd; beyond 511 px as 511, by bradley
                725); by default from the image's size
    k           sensitivity of the local methods, −2 to 2; by default as published
    background  divide out uneven paper first: on, off, or auto: where it is uneven and the method
    is auto

    Raises OptionsError for an unknown method or a number out of range, ImageShapeError for an array
    of another shape or dtype.
    """
    gray = gray if isinstance(gray, Gray) else Gray.from_array(gray)
    _check(method, level, window_px, k, background)
    if method == "auto":
        return _auto(gray, background)
    from linefinish.thresholds.classics import classic  # 0.2 ms that only who asks for it pays

    gray, bitmap, levels, reason = classic(gray, method, level, window_px, k, background)
    tones = tones_of(gray)
    return Separation(bitmap, gray, levels, method, reason, tones.ink, tones.paper)


def _check(method: str, level: int, window_px: int | None, k: float | None, background: str) -> None:
    if method not in THRESHOLD_METHODS:
        raise OptionsError(f"threshold is {method!r}; it may be one of {', '.join(THRESHOLD_METHODS)}")
    if background not in BACKGROUND_MODES:
        raise OptionsError(f"background is {background!r}; it may be one of {', '.join(BACKGROUND_MODES)}")
    if not 0 <= level <= 256:
        raise OptionsError(f"the threshold level is {level}; it may be 0 to 256")
    if window_px is not None and window_px < 3:
        raise OptionsError(f"the threshold window is {window_px} px; it takes at least 3")
    if k is not None and not -2 <= k <= 2:
        raise OptionsError(f"threshold k is {k}; it may be -2 to 2")


# Contrast in greys below which the page is faint: it may be blank, too.
_CONTRAST_GRAYS_MIN = 30


# More greys than this are not few.
_GREYS_FEW = 8


def _auto(gray: Gray, background: str) -> Separation:
    """Paper made white where it is uneven, a level half way between the tones, screens out, thin
    strokes joined.
    """
    gray, restoring = _restored(gray)
    tones = tones_of(gray)
    uneven = False
    if tones.contrast < _CONTRAST_GRAYS_MIN:
        # Either nothing is drawn, or so faintly that two papers side by side differ by as much.
        if background != "off":
            even = divided(gray, *paper_cells(gray, tones.paper >> 1))
            even_tones = tones_of(even)
            uneven = even_tones.contrast > tones.contrast
            gray, tones = (even, even_tones) if uneven else (gray, tones)
        if tones.contrast < _CONTRAST_GRAYS_MIN and not _is_faint_drawing(gray, tones):
            return _one_tone(gray, tones)
    elif background != "off":
        cells = paper_cells(gray, tones.level)
        uneven = background == "on" or is_uneven(*cells)
        if uneven:
            gray = divided(gray, *cells)
            tones = tones_of(gray)
    bitmap = cut_at(gray, tones.level)
    screen_dots = remove_screens(bitmap)
    # Between the dots of a screen there are valleys of grey without end, and none is a stroke.
    softness = rim_share(gray, tones, bitmap)
    sharp = is_sharp(gray, tones, softness)
    joined = 0 if screen_dots else join_weak(gray, tones, bitmap, softness, sharp=sharp)
    if sharp and not screen_dots:
        joined += raise_dots(gray, tones, bitmap)
    reason = f"level {tones.level + 1}, half way between ink {tones.ink} and paper {tones.paper}"
    reason += f", after {restoring}" if restoring else ""
    reason += ", after dividing out uneven paper" if uneven else ""
    reason += f"; {screen_dots} dots of a screen removed" if screen_dots else ""
    reason += "; thin pale strokes joined" if joined else ""
    levels = Levels.constant(tones.level, tones.ink, tones.paper) if sharp else Levels.constant(tones.level)
    return Separation(bitmap, gray, levels, "auto", reason, tones.ink, tones.paper)


def _restored(gray: Gray) -> tuple[Gray, str]:
    """A page of few greys as it was before, and what was done, if anything. Only few of the greys
    are looked at to tell that they are many.
    """
    rows = some_rows(gray)
    for _ in range(_GREYS_FEW):  # a set of them all takes half a millisecond
        rows = rows.translate(None, rows[:1])
    if rows:
        return gray, ""
    from linefinish.thresholds.fringes import restored

    return restored(gray) or (gray, "")


# A faint page is blank below this contrast, or if more than this share of it is dark. Larger
# contrasts lose pale pencil, smaller ones take the grain of paper for strokes.
_FAINT_CONTRAST_GRAYS_MIN = 8
_FAINT_INK_SHARE_MAX = 0.25


def _is_faint_drawing(gray: Gray, tones: Tones) -> bool:
    """Whether what little is darker than the paper is a drawing: noise and grain make half of the
    pixels darker than the other half.
    """
    darker = sum(histogram_of(gray)[: tones.level + 1])
    return tones.contrast >= _FAINT_CONTRAST_GRAYS_MIN and darker < _FAINT_INK_SHARE_MAX * gray.width * gray.height


def _one_tone(gray: Gray, tones: Tones) -> Separation:
    """A page without contrast is all paper, or all ink if it is dark."""
    name = "ink" if tones.paper < 128 else "paper"
    level = 255 if tones.paper < 128 else 0
    bitmap = cut_at(gray, level) if level else Bitmap.blank(gray.width, gray.height)
    return Separation(bitmap, gray, Levels.constant(level), "auto", f"one tone only ({tones.paper}): all {name}", tones.ink, tones.paper)
