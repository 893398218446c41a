"""What programs that are not ours show of a file: resvg of SVG and of DXF's polylines, Poppler of
PDF, Ghostscript of EPS, Pillow of bitmaps.
"""
from __future__ import annotations

import io
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import resvg_py
from PIL import Image

from tests.linefinish.writers.tools import run

POINTS_PER_MM = 72 / 25.4


def shown(data: bytes, suffix: str, enlarged: int = 1) -> Any:
    """The file as a bool array, True is ink. Vector formats at `enlarged` pixels a point (a pixel
    of an SVG without a unit), bitmaps enlarged by whole pixels.
    """
    if suffix in (".png", ".tiff", ".pbm"):
        return np.kron(_ink(data), np.ones((enlarged, enlarged), bool))
    return {".svg": _svg, ".pdf": _pdf, ".eps": _eps, ".dxf": _dxf}[suffix](data, enlarged)


def _ink(data: bytes) -> Any:
    """A bitmap's pixels as Pillow reads them."""
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("L")) < 128


def _svg(data: bytes, enlarged: int) -> Any:
    options: dict[str, Any] = {"background": "white", "zoom": enlarged, "dpi": 72}
    return _ink(bytes(resvg_py.svg_to_bytes(svg_string=data.decode(), **options)))


def _pdf(data: bytes, enlarged: int) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "page.pdf")
        path.write_bytes(data)
        run("pdftoppm", "-mono", "-singlefile", "-r", str(72 * enlarged), path, path.with_suffix(""))
        return _ink(path.with_suffix(".pbm").read_bytes())


def _eps(data: bytes, enlarged: int) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "page.eps")
        path.write_bytes(data)
        image = path.with_suffix(".pbm")
        options = ("-q", "-dSAFER", "-dBATCH", "-dNOPAUSE", "-dEPSCrop", "-sDEVICE=pbmraw", f"-r{72 * enlarged}")
        run("gs", *options, f"-sOutputFile={image}", path)
        return _ink(image.read_bytes())


def _dxf(data: bytes, enlarged: int) -> Any:
    """Its polylines as ezdxf reads them, filled, on the page that $EXTMAX states."""
    import ezdxf

    drawing = ezdxf.read(io.StringIO(data.decode("ascii")))  # type: ignore[attr-defined]
    width, height, _ = drawing.header["$EXTMAX"]
    chains = [
        "M" + "L".join(f"{x} {height - y}" for x, y in entity.get_points("xy")) + "Z" for entity in drawing.modelspace().query("LWPOLYLINE")
    ]
    size = f'width="{width * POINTS_PER_MM}" height="{height * POINTS_PER_MM}" viewBox="0 0 {width} {height}"'
    return _svg(f'<svg xmlns="http://www.w3.org/2000/svg" {size}><path d="{" ".join(chains)}"/></svg>'.encode(), enlarged)
