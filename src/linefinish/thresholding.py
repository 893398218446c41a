"""`threshold()` and `separate()`: Gray → Bitmap. One `auto` that decides from the image, and the classics by name."""
from __future__ import annotations

from linefinish import buffers
from linefinish.errors import OptionsError
from linefinish.kernels import background as paper_kernels
from linefinish.kernels import histogram as histogram_kernels
from linefinish.kernels import local_threshold as local_kernels
from linefinish.kernels import screens as screen_kernels
from linefinish.kernels import strokes as stroke_kernels
from linefinish.kernels import threshold as threshold_kernels
from linefinish.options import BACKGROUND_MODES, THRESHOLD_METHODS
from linefinish.raster import Bitmap, Gray, Levels, Separation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Greys by which a cell of paper may be darker than the page's paper before the page counts as uneven. Smaller: sensor noise
# (sigma 12) makes pages uneven; larger: washes of 240 stay, which cost a twentieth of a pixel at a stroke's edge.
_UNEVEN_GREYS_MIN = 14
# Share of such cells from which on it pays to divide, one in so many. Fewer is dust.
_UNEVEN_CELLS_ONE_IN = 64
# Half side of the closing in cells of 4 px, for each 1024 px of the long side. Larger: washes keep a rim of that
# width; smaller: broad grey strokes are taken for a wash.
_CLOSING_CELLS_PER_1024 = 3


def threshold(
    gray: Any, method: str = "auto", *, level: int = 128, window_px: int | None = None, k: float | None = None, background: str = "auto"
) -> Bitmap:
    """The 1-bit image of a grey one; see `separate`, whose bitmap this is."""
    return separate(gray, method, level=level, window_px=window_px, k=k, background=background).bitmap


def separate(
    gray: Any, method: str = "auto", *, level: int = 128, window_px: int | None = None, k: float | None = None, background: str = "auto"
) -> Separation:
    """Tell ink from paper."""
    gray = gray if isinstance(gray, Gray) else Gray.from_array(gray)
    _check(method, background)
    if method == "auto":
        return _auto(gray, background)
    divided = False
    if background == "on":
        ink, paper = _tones(gray, _histogram(gray))
        cells, columns, rows, _ = _paper_cells(gray, (ink + paper) // 2)
        gray = _divided(gray, cells, columns, rows)
    if method == "fixed":
        return _global(gray, level - 1, method, f"fixed level {level}, as asked")
    if method == "otsu":
        split = otsu_level(_histogram(gray))
        return _global(gray, split, method, f"Otsu's level {split + 1}, as asked")
    return _local(gray, method, window_px, k)


# k where none is given: Sauvola 2000 (0.5 there; Shafait 2008 found 0.2 to 0.34 better), Wolf 2004, Khurshid 2009, Bradley 2007.
_K = {"sauvola": 0.34, "wolf": 0.5, "nick": -0.2, "bradley": 0.15}


def _global(gray: Gray, level: int, method: str, reason: str) -> Separation:
    """Ink at or below one level, −1 to 255."""
    bitmap = Bitmap.blank(gray.width, gray.height)
    if level >= 0:
        threshold_kernels.pack_level(gray.data, gray.width, gray.height, level, bitmap.stride, bitmap.words)
    ink, paper = _tones(gray, _histogram(gray))
    return Separation(bitmap, gray, Levels.constant(max(level, 0)), method, reason, ink, paper)


def _local(gray: Gray, method: str, window_px: int | None, k: float | None) -> Separation:
    """Ink at or below a level from the window around each pixel."""
    width, height = gray.width, gray.height
    if window_px is None:
        window_px = max(width, height) // 8 if method == "bradley" else max(31, max(width, height) // 40)
    radius = min(window_px, local_kernels.WINDOW_PX_MAX, 2 * max(width, height)) // 2
    k = _K[method] if k is None else k
    columns, windows = buffers.zeros(width, "Q"), buffers.zeros(width, "Q")
    histogram = _histogram(gray)
    if method == "sauvola":
        form = (1 - k, 0.0, k / 128, 0.0, 1.0)
    elif method == "wolf":
        darkest = next(grey for grey in range(256) if histogram[grey])
        deviation = local_kernels.deviation_max(gray.data, width, height, radius, columns, windows) or 1.0
        form = (1 - k, k * darkest, k / deviation, -k * darkest / deviation, 1.0)
    elif method == "nick":
        form = (1.0, 0.0, 0.0, k, -1.0)
    else:
        form = (1 - k, 0.0, 0.0, 0.0, 1.0)
    bitmap = Bitmap.blank(width, height)
    columns_of_cells, rows_of_cells = (width + 15) >> 4, (height + 15) >> 4
    grid = buffers.zeros(columns_of_cells * rows_of_cells, "B")
    local_kernels.pack_local(
        gray.data, width, height, radius, *form, columns, windows, buffers.zeros(width + 7, "B"), bitmap.words, grid
    )
    ink, paper = _tones(gray, histogram)
    levels = Levels(local_kernels.GRID_PX, columns_of_cells, rows_of_cells, grid)
    return Separation(bitmap, gray, levels, method, f"{method}, window {2 * radius + 1} px and k {k:g}", ink, paper)


def _check(method: str, background: str) -> None:
    if method not in THRESHOLD_METHODS:
        raise OptionsError(f"threshold is {method!r}; it may be one of {', '.join(THRESHOLD_METHODS)}")
    if background not in BACKGROUND_MODES:
        raise OptionsError(f"background is {background!r}; it may be one of {', '.join(BACKGROUND_MODES)}")


def _histogram(gray: Gray) -> list[int]:
    bins = buffers.zeros(1024, "q")
    histogram_kernels.count_levels(gray.data, gray.width * gray.height, bins)
    return bins[:256].tolist()


def otsu_level(histogram: list[int]) -> int:
    """The level that splits a histogram into two classes of least variance within (Otsu 1979); ink is at or below it."""
    total = sum(histogram)
    whole = sum(grey * count for grey, count in enumerate(histogram))
    best, best_between = 0, -1.0
    below = below_sum = 0
    for grey, count in enumerate(histogram):
        below += count
        below_sum += grey * count
        if below == 0 or below == total:
            continue
        # Variance between the classes, up to the constant factor 1 / total^4.
        between = (below_sum * total - below * whole) ** 2 / (below * (total - below))
        if between > best_between:
            best, best_between = grey, between
    return best


def _tones(gray, histogram: list[int]) -> tuple[int, int]:
    """The typical greys of ink and paper."""
    import os
    E = lambda n, d: type(d)(os.environ.get(n, d))
    split = otsu_level(histogram)
    paper = split + 1 + _quantile(histogram[split + 1:], .5)
    dark = sum(histogram[: split + 1])
    bins = buffers.zeros(256, "q")
    histogram_kernels.count_plateaus(gray.data, gray.width, gray.height, E("TOL", 16), bins)
    plateau = bins.tolist()[:split + 1]
    if sum(plateau) > E("PSHARE", 0.05) * dark:
        return _quantile(plateau, E("PQ", .5)), paper
    return _quantile(histogram[:split + 1], 0.02), paper


def _quantile(histogram, q):
    total = sum(histogram)
    below = 0
    for grey, count in enumerate(histogram):
        below += count
        if below >= q * total:
            return grey
    return 0


def _auto(gray: Gray, background: str) -> Separation:
    import os
    E = lambda n, d: type(d)(os.environ.get(n, d))
    histogram = _histogram(gray)
    ink, paper = _tones(gray, histogram)
    divided = False
    if background != "off":
        cells, columns, rows, uneven = _paper_cells(gray, (ink + paper) // 2)
        if uneven or background == "on":
            gray = _divided(gray, cells, columns, rows)
            divided = True
            histogram = _histogram(gray)
            ink, paper = _tones(gray, histogram)
    total = gray.width * gray.height
    if histogram[255] * 4 > total and not divided and sum(histogram[:16]) * 50 > sum(histogram[:128]):
        ink, paper = 0, 255
    level = (ink + paper) // 2
    contrast = paper - ink
    words = Bitmap.blank(gray.width, gray.height)
    threshold_kernels.pack_level(gray.data, gray.width, gray.height, level, words.stride, words.words)
    depth = max(E("DMIN", 30), int(contrast * E("DREL", .2)))
    screened = _without_screens(words)
    if not screened and not E("NOJOIN", 0):
        n = stroke_kernels.join_faint(gray.data, gray.width, gray.height, paper - depth, level - int(contrast*E('CORE', 0.2)), depth, E("REACH", 4), words.stride, words.words)
    else: n = 0
    return Separation(words, gray, Levels.constant(level), "auto", f"{'divided ' if divided else ''}level {level} joined {n} depth {depth} screened {screened}", ink, paper)


def _without_screens(bitmap: Bitmap) -> int:
    """Take dot screens out of the bitmap, in place; returns how many dots went."""
    import os
    E = lambda n, d: type(d)(os.environ.get(n, d))
    width, height, words = bitmap.width, bitmap.height, bitmap.words
    scale = max(width, height) / 1024
    area_max = int(max(E("DOT", 14) * scale * scale, 4))
    shift = max(3, int(16 * scale).bit_length() - 1)
    queue = buffers.zeros(area_max + 1, "q")
    dots = buffers.zeros(width * height // 16 + 1, "q")
    found = screen_kernels.find_dots(words, width, height, bitmap.stride, area_max, queue, dots, len(dots))
    counts = buffers.zeros(((width >> shift) + 3) * ((height >> shift) + 3), "i")
    return screen_kernels.remove_screens(words, width, height, bitmap.stride, area_max, shift, E("COMP", 24), queue, dots, found, counts)


def _paper_cells(gray: Gray, floor: int) -> tuple[Any, int, int, bool]:
    columns, rows = (gray.width + 3) >> 2, (gray.height + 3) >> 2
    cells = buffers.zeros(columns * rows, "B")
    pooled = buffers.zeros(columns * rows, "B")
    paper_kernels.pool(gray.data, gray.width, gray.height, columns, rows, pooled)
    paper_kernels.drop_solids(pooled, columns, rows, floor, cells)
    radius = max(2, (max(gray.width, gray.height) * _CLOSING_CELLS_PER_1024 + 512) >> 10)
    paper_kernels.close_cells(cells, columns, rows, radius, buffers.zeros((columns + 2 * radius) * (rows + 2 * radius), "B"))
    known = paper_kernels.fill_unknown(cells, columns, rows, buffers.zeros(columns * rows, "i"))
    bins = buffers.zeros(1024, "q")
    histogram_kernels.count_levels(cells, columns * rows, bins)
    papers = bins[:256].tolist()
    typical = max(range(256), key=lambda grey: (sum(papers[max(grey - 2, 0) : grey + 3]), papers[grey]))
    uneven = columns * rows - sum(papers[max(typical - _UNEVEN_GREYS_MIN, 0) : typical + _UNEVEN_GREYS_MIN + 1])
    return cells, columns, rows, known > 0 and uneven * _UNEVEN_CELLS_ONE_IN > columns * rows


def _divided(gray: Gray, cells: Any, columns: int, rows: int) -> Gray:
    out = buffers.zeros(gray.width * gray.height, "B")
    gains = buffers.zeros(columns + 258, "i")
    paper_kernels.divide(gray.data, gray.width, gray.height, cells, columns, rows, gains, out)
    return Gray(gray.width, gray.height, out, gray.dpi)
