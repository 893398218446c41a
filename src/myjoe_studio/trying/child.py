"""The child of the live try: a picture on standard input, JSON on standard output; with `--whole`
nothing is cut off the picture, `--focal MM` tells of the lens what a smaller copy does not.

It is a process for one picture: it sees no variable of the Studio's, holds no more memory than its
limit, and is killed by its parent. `{"refused": true}` is for what is no picture; who crashes here
has sent none either.
"""
from __future__ import annotations

import base64
import io
import json
import resource
import sys
from typing import Any

from linefinish import FinishOptions, Gray, ImageError, finish, read_gray, straightened, verify

# As the landing page promises. Checked against the header, before memory is taken for the pixels.
MEGAPIXELS_MAX = 4.0
# Address space in MiB: an idle child has some 100, and 4 megapixels of colour take 60 more. Larger:
# a bomb may push others out; smaller: large JPEGs are refused.
MEMORY_MIB_MAX = 1024
# The largest drawing that is given out, in bytes: noise of 4 megapixels would be 10 MB of curves,
# and a platform's answers are bounded (Vercel: 4.5 MB).
SVG_BYTES_MAX = 3_000_000
# The flat sheet, which the page shows beside its drawing: the longest side in pixels, as the script
# of the page makes pictures, and JPEG's quality. Larger: the answer grows, see above.
FLAT_SIDE_PX_MAX, FLAT_QUALITY = 1600, 75
# What the parent says where nothing is to be cut off, and before the lens's focal length.
WHOLE, FOCAL = "--whole", "--focal"


def kind_of(content: bytes) -> str:
    """The media type by the first bytes, or "" for what we do not take. Names are not asked."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    return "image/webp" if content[:4] == b"RIFF" and content[8:12] == b"WEBP" else ""


def finished(content: bytes, whole: bool = False, focal_mm: float | None = None) -> dict[str, Any]:
    """The drawing, and what there is to say about it. Of a photographed sheet of paper only the
    sheet is drawn, unless `whole`; `focal_mm` is the lens's focal length as of 35 mm film, where
    the file does not state it.
    """
    if not kind_of(content):
        return {"refused": True}
    try:
        gray = read_gray(content, megapixels_max=MEGAPIXELS_MAX)
    except ImageError:
        return {"refused": True}
    sheet: dict[str, Any] = {}
    if not whole:
        made = straightened(content, gray, FinishOptions(sheet="auto", sheet_focal=focal_mm, megapixels_max=MEGAPIXELS_MAX))
        gray = made.gray
        sheet = {"found": made.facts["found"], "left_out_share": made.facts.get("cropped_share", 0.0), "warnings": made.warnings}
        sheet["flat"] = _flat_jpeg(gray) if sheet["found"] else ""
    if is_noise(gray):
        return {"too_rich": True}
    drawing, written = finish(gray), io.BytesIO()
    drawing.write(written, format="svg")
    if len(written.getvalue()) > SVG_BYTES_MAX:
        return {"too_rich": True}
    verdict = verify(written.getvalue())
    if not verdict.is_one_bit:
        raise AssertionError(f"our own drawing is not 1-bit: {verdict.problem}")
    levels = bytes(gray.data)
    return {
        "svg": written.getvalue().decode(), "width": gray.width, "height": gray.height, "curves": drawing.report.curve_count,
        "areas": drawing.report.regions, "grays_before": len(levels) - levels.count(0) - levels.count(255),
        "sheet": sheet,
    }  # fmt: skip


# A pixel stands alone where it is light and both its neighbours in a row, or in a column, are dark,
# or the other way round: noise of any grey has a tenth of such pixels, a drawing none. Where rows
# and columns have this share of them, and greys between this one, 4 megapixels take 2 to 6 s to be
# drawn, and come to more than SVG_BYTES_MAX. Dithering has no greys between: it is undone.
ALONE_SHARE, BETWEEN_SHARE = 0.03, 0.05
_DARK, _LIGHT, _LINES_ASKED = 96, 160, 48
_CLASSES = bytes(0 if gray < _DARK else 2 if gray >= _LIGHT else 1 for gray in range(256))


def is_noise(gray: Gray) -> bool:
    """Whether it is made of single pixels of any grey: there is nothing to draw."""
    levels = memoryview(bytes(gray.data).translate(_CLASSES))
    width, height = gray.width, gray.height
    rows = b"".join(bytes(levels[width * (height * k // _LINES_ASKED) :][:width]) for k in range(_LINES_ASKED))
    columns = b"".join(bytes(levels[width * k // _LINES_ASKED :: width]) for k in range(_LINES_ASKED))
    alone = [(lines.count(b"\0\2\0") + lines.count(b"\2\0\2")) / len(lines) for lines in (rows, columns)]
    return min(alone) > ALONE_SHARE and rows.count(1) > BETWEEN_SHARE * len(rows)


def _flat_jpeg(gray: Gray) -> str:
    """The flat sheet as a small grey JPEG, in base 64."""
    from PIL import Image

    image, file = Image.frombytes("L", (gray.width, gray.height), bytes(gray.data)), io.BytesIO()
    image.thumbnail((FLAT_SIDE_PX_MAX, FLAT_SIDE_PX_MAX))
    image.save(file, "JPEG", quality=FLAT_QUALITY)
    return base64.b64encode(file.getvalue()).decode()


def main() -> None:
    """Read, finish, answer."""
    asked = sys.argv[1:]
    focal_mm = float(asked[asked.index(FOCAL) + 1]) if FOCAL in asked else None
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MIB_MAX << 20, MEMORY_MIB_MAX << 20))
    json.dump(finished(sys.stdin.buffer.read(), WHOLE in asked, focal_mm), sys.stdout)


if __name__ == "__main__":
    main()
