"""The picture behind a cover: read, cut to the place that its shape fits best, in grey or CMYK."""
from __future__ import annotations

import io
import os

from linefinish.book.drawings import PageError
from linefinish.data.document import POINTS_PER_INCH
from linefinish.preflight.findings import FAIL, NOTE, Finding
from linefinish.records import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from PIL import Image

    from linefinish.book.geometry import Box, CoverGeometry
    from linefinish.preflight.rules import Printer

# Pixels that a picture may have, against bombs.
_PIXELS_MAX = 400_000_000
# Height of the copy that screens are shown, in pixels. More: slower mock-ups.
_SHOWN_PX = 1200
# JPEG's quality as Pillow counts it: from 90 on no block shows in print.
_QUALITY = 92


@record
class Picture:
    """A picture behind the cover: where it goes, what its image object is, its bytes, pixels and
    pixels an inch as it is placed, and a small copy (Pillow, RGB) to show.
    """

    box_pt: Box
    described: str
    data: bytes
    size: tuple[int, int]
    dpi: float
    small: Any


def read_picture(
    path: str, geometry: CoverGeometry, paper: tuple[int, int, int], printer: Printer
) -> tuple[Picture, list[Finding]]:
    """The picture, and what is to be said of it. It goes over the whole cover, or over the front up
    to the fold where its shape is nearer to that; `paper` (RGB) shows where it is transparent.
    PageError for one that cannot be read.
    """
    from PIL import Image, ImageOps

    try:
        with Image.open(path) as opened:
            if opened.width * opened.height > _PIXELS_MAX:
                raise PageError(f"{path}: an image of {opened.width} × {opened.height} pixels is not taken for a cover")
            image = _flat(ImageOps.exif_transpose(opened), paper)
    except OSError as error:
        raise PageError(f"{path}: the cover's image cannot be read: {(error.strerror or str(error)).lower()}") from error
    except (ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise PageError(f"{path}: the cover's image cannot be read: {error}") from error
    box = place_of(image.size, geometry)
    width, height = box[2] - box[0], box[3] - box[1]
    scale = min(image.width / width, image.height / height)
    across, down = max(1, round(width * scale)), max(1, round(height * scale))
    x, y = (image.width - across) // 2, (image.height - down) // 2
    cut = 1 - across * down / (image.width * image.height)
    image = image.crop((x, y, x + across, y + down))
    dpi = scale * POINTS_PER_INCH
    findings = _told(path, dpi, cut, whole=box[0] <= 0, printer=printer)
    small = image.convert("RGB").resize((max(1, round(across * _SHOWN_PX / down)), _SHOWN_PX))
    if image.mode == "RGB":
        findings.append(Finding(NOTE, "colour", "the cover's image was made into CMYK without a profile; look at a proof", source=path))
        image = inks(image)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=_QUALITY, subsampling=0)
    space = "/DeviceGray" if image.mode == "L" else "/DeviceCMYK /Decode [1 0 1 0 1 0 1 0]"
    described = (
        f"/Type /XObject /Subtype /Image /Width {across} /Height {down} /ColorSpace {space} /BitsPerComponent 8 /Filter /DCTDecode"
    )
    return Picture(box, described, out.getvalue(), image.size, dpi, small), findings


def place_of(size: tuple[int, int], geometry: CoverGeometry) -> Box:
    """The whole cover, or its front with the bleed at three sides, whichever cuts off less of a
    picture of that size.
    """
    width, height = geometry.page_pt
    fold = geometry.spine_pt[2]
    shape = size[0] / size[1]

    def kept(box: Box) -> float:
        other = (box[2] - box[0]) / (box[3] - box[1])
        return min(shape / other, other / shape)

    return max((0.0, 0.0, width, height), (fold, 0.0, width, height), key=kept)


def inks(image: Image.Image) -> Image.Image:
    """RGB as CMYK by PDF's own rule with all that three inks share as black (ISO 32000-1, section
    10.3.5): no place has more than two inks and black, 200 % in all.
    """
    from PIL import Image, ImageChops

    cyan, magenta, yellow = ImageChops.invert(image).split()
    black = ImageChops.darker(ImageChops.darker(cyan, magenta), yellow)
    return Image.merge("CMYK", [*(ImageChops.subtract(ink, black) for ink in (cyan, magenta, yellow)), black])


def _flat(image: Any, paper: tuple[int, int, int]) -> Image.Image:
    """In grey, RGB or CMYK, and opaque."""
    from PIL import Image

    if image.has_transparency_data:
        seen = image.convert("RGBA")
        image = Image.new("RGB", seen.size, paper)
        image.paste(seen, mask=seen.getchannel("A"))
        return image
    if image.mode.startswith("I;16"):  # 16 bits a sample
        image = image.point(lambda value: value / 256)
    return image.convert("L" if image.mode in ("1", "L", "LA", "I", "I;16") else "CMYK" if image.mode == "CMYK" else "RGB")


def _told(path: str, dpi: float, cut: float, *, whole: bool, printer: Printer) -> list[Finding]:
    findings = []
    least = printer.value("image_dpi_min", 300)
    source = os.fspath(path)
    if dpi < least - 0.5:
        told = f"the cover's image has {dpi:.0f} pixels an inch; {printer.title} asks for {least}"
        findings.append(Finding(FAIL, "image-dpi", told, source=source))
    if not whole:
        findings.append(Finding(NOTE, "cover-image", "the cover's image has the shape of the front, and stands there alone", source=source))
    if cut > 0.1:
        told = f"{100 * cut:.0f} % of the cover's image is cut off, as its shape is another"
        findings.append(Finding(NOTE, "cover-image", told, source=source))
    return findings
