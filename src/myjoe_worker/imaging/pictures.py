"""A provider's file becomes a grey picture: what `examining` and `finishing` share.

A file is hostile until it was decoded here: its kind is told by its first bytes, its size is
limited before memory is taken, an SVG passes the guard before it is drawn (`svg_guard`). Whatever
does not pass is ImageRefusedError, with a sentence for a person.
"""
from __future__ import annotations

import io

import resvg_py
from PIL import Image

import linefinish
from myjoe.errors import ImageRefusedError
from myjoe.ordering.page_order import PageOrder
from myjoe_worker.imaging.kinds import kind_of
from myjoe_worker.imaging.svg_guard import check_svg

# Longest file taken, in bytes. The largest honest ones are PNGs of 16 megapixels with noise, 30 MB.
CONTENT_BYTES_MAX = 48 << 20
# Largest picture taken. Providers draw 1 to 4 megapixels, upscalers 16. Larger: more memory than a
# child has; smaller: upscaled pages.
MEGAPIXELS_MAX = 40.0
# A picture with a shorter side than this is something else: an icon, a counting pixel, a
# placeholder.
SIDE_PX_MIN = 128
# Most times the longer side of a picture may be the shorter one; what is longer fills no page.
ASPECT_MAX = 4.0
# Longest side in pixels at which an SVG is drawn for the finisher, which finds edges to a twentieth
# of a pixel: 400 dpi on letter paper.
SVG_SIDE_PX_MAX = 4096


def decoded(content: bytes, media_type: str, order: PageOrder) -> tuple[str, linefinish.Gray]:
    """The kind of picture ("png", "jpeg", "webp" or "svg"), and its greys.

    `media_type` is what the provider called it, which is told in the refusal and believed nowhere.
    """
    if len(content) > CONTENT_BYTES_MAX:
        raise ImageRefusedError(f"the picture is {len(content) >> 20} MiB large, more than the {CONTENT_BYTES_MAX >> 20} that are taken")
    kind = kind_of(content)
    if kind is None:
        raise ImageRefusedError(f"the picture is none of PNG, JPEG, WEBP and SVG, though it came as {media_type[:100] or 'nothing'!r}")
    try:
        picture = _rasterised(content, order) if kind == "svg" else content
        gray = linefinish.read_gray(picture, megapixels_max=MEGAPIXELS_MAX, drop_colour=order.options.drop_colour)
    except linefinish.ImageError as error:
        raise ImageRefusedError(f"the picture cannot be read: {str(error).removeprefix('the given bytes: ')}") from error
    if min(gray.width, gray.height) < SIDE_PX_MIN:
        raise ImageRefusedError(f"the picture is {gray.width} × {gray.height} px, too small for a page")
    if _too_long(gray.width, gray.height):
        raise ImageRefusedError(f"the picture is {gray.width} × {gray.height} px, too long and narrow for a page")
    return kind, gray


def _rasterised(content: bytes, order: PageOrder) -> bytes:
    """The SVG as a PNG on white, about as large as the page will be."""
    text, width, height = check_svg(content)
    if _too_long(width, height):
        raise ImageRefusedError(f"the SVG is {width:g} × {height:g} large, which is no page")
    live = [side * order.dpi for side in order.live_in]
    scale = min(live[0] / width, live[1] / height, SVG_SIDE_PX_MAX / max(width, height))
    try:
        return bytes(
            resvg_py.svg_to_bytes(
                svg_string=text, width=round(width * scale), height=round(height * scale), background="#ffffff",
                skip_system_fonts=True,
            )
        )  # fmt: skip
    except ValueError as error:
        raise ImageRefusedError(f"the SVG cannot be drawn: {error}") from error


def _too_long(width: float, height: float) -> bool:
    return max(width, height) > ASPECT_MAX * min(width, height)


def px_per_in(gray: linefinish.Gray, order: PageOrder) -> float:
    """Pixels of the picture in an inch of the paper, on which it is as large as its
    margins let it.
    """
    width_in, height_in = order.live_in
    return max(gray.width / width_in, gray.height / height_in)


def small_copy(image: Image.Image, side_px: int) -> bytes:
    """A grey PNG of which no side is longer."""
    image.thumbnail((side_px, side_px), Image.Resampling.BOX if max(image.size) >= 4 * side_px else Image.Resampling.LANCZOS)
    return png(image)


def png(image: Image.Image) -> bytes:
    """The image as a PNG, as small as Pillow makes it."""
    stream = io.BytesIO()
    image.save(stream, "PNG", optimize=True)
    return stream.getvalue()
