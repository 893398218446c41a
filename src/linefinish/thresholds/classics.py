"""The classics by name: a level for the page (fixed, Otsu), or one from the window around each
pixel.
"""
from __future__ import annotations

from linefinish.data.raster import Bitmap, Gray, Levels
from linefinish.kernels import histogram as histogram_kernels
from linefinish.kernels import local_threshold as local_kernels
from linefinish.memory import buffers
from linefinish.thresholds.paper import divided, paper_of
from linefinish.thresholds.tones import cut_at, histogram_of, tones_of


def classic(
    gray: Gray, method: str, level: int, window_px: int | None, k: float | None, background: str
) -> tuple[Gray, Bitmap, Levels, str]:
    """By any method but auto: the greys that were cut, the bitmap, the levels, and the reason in
    words.
    """
    if background == "on":
        tones = tones_of(gray)
        gray = divided(gray, paper_of(gray, tones.level, fills="paper", drawn=tones))
    if method == "fixed":
        reason = f"fixed level {level}, as asked"
        level -= 1
    elif method == "otsu":
        level = _otsu_level(gray)
        reason = f"Otsu's level {level + 1}, as asked"
    else:
        return gray, *_local(gray, method, window_px, k)
    bitmap = cut_at(gray, level) if level >= 0 else Bitmap.blank(gray.width, gray.height)
    return gray, bitmap, Levels.constant(max(level, 0)), reason


# Otsu's method counts the greys up to so many above the mean, which it guesses from one block of 64
# pixels in so many. Larger: paper is counted for nothing (2 % more pixels a grey on soft pages);
# smaller: the guess fails, and all greys are counted after all.
_OTSU_CUT_ABOVE_MEAN = 3
# An odd number goes through all columns of pages whose width is a multiple of 64. Larger: the guess
# fails more often; smaller: it costs more (one in 5: 0.011 ms a megapixel, one in 17: 0.004).
_OTSU_SAMPLE_ONE_IN = 17


def _otsu_level(gray: Gray) -> int:
    """Otsu's level from the dark greys alone where they settle it, as on line art they do; else
    from all.
    """
    count = gray.width * gray.height
    # The mean is guessed from a sample; if the guess is too low, a level above it is not ruled out.
    sampled = 64 * -(-(count >> 6) // _OTSU_SAMPLE_ONE_IN)
    mean = histogram_kernels.sum_levels(gray.data, count, _OTSU_SAMPLE_ONE_IN) // max(sampled, 1)
    cut = min(mean + _OTSU_CUT_ABOVE_MEAN, 255)
    bins, lists, places = buffers.zeros(1024, "i"), buffers.zeros(256, "Q"), buffers.zeros(histogram_kernels.DARK_PLACES, "B")
    total = histogram_kernels.count_dark(gray.data, count, cut, 0, lists, places, bins)
    level = histogram_kernels.otsu_level(bins, cut, count, total)
    if level < 0:
        histogram_kernels.count_dark(gray.data, count, cut, 1, lists, places, bins)
        level = histogram_kernels.otsu_level(bins, 255, count, total)
    return int(level)


# k where none is given: Sauvola has 0.5, Shafait 2008 found 0.2 to 0.34 better; the others as
# published.
_K = {"sauvola": 0.34, "wolf": 0.5, "nick": -0.2, "bradley": 0.15}


def _local(gray: Gray, method: str, window_px: int | None, k: float | None) -> tuple[Bitmap, Levels, str]:
    """Ink at or below a level from the window around each pixel."""
    width, height = gray.width, gray.height
    side = max(width, height)
    if window_px is None:
        # Bradley: an eighth of the image, as published. The others: larger than a stroke, as their
        # windows must be.
        window_px = max(15, side // 8) if method == "bradley" else max(31, side // 40)
    # A window that reaches over the image on both sides from everywhere is as good as any larger
    # one.
    widest = local_kernels.MEAN_WINDOW_PX_MAX if method == "bradley" else local_kernels.WINDOW_PX_MAX
    radius = min(window_px, widest, 2 * side + 1) // 2
    k = _K[method] if k is None else k
    sizes = local_kernels.scratch_sizes(width, radius)
    if method == "sauvola":
        form = (1 - k, 0.0, k / 128, 0.0, 1.0)
    elif method == "wolf":
        darkest = next(level for level, count in enumerate(histogram_of(gray)) if count)
        deviation = local_kernels.deviation_max(gray.data, width, height, radius, *(buffers.zeros(*size) for size in sizes)) or 1.0
        form = (1 - k, k * darkest, k / deviation, -k * darkest / deviation, 1.0)
    elif method == "nick":
        form = (1.0, 0.0, 0.0, k, -1.0)
    else:
        form = (1 - k, 0.0, 0.0, 0.0, 1.0)
    bitmap = Bitmap.blank(width, height)
    cell_px = local_kernels.GRID_PX
    levels = Levels(cell_px, -(-width // cell_px), -(-height // cell_px), buffers.zeros(-(-width // cell_px) * -(-height // cell_px), "B"))
    scratch = (buffers.zeros(*size) for size in sizes)
    local_kernels.pack_local(gray.data, width, height, radius, buffers.numbers("d", *form), *scratch, bitmap.words, levels.data)
    return bitmap, levels, f"{method} with a window of {2 * radius + 1} px and k = {k:g}, as asked"
