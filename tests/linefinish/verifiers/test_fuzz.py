"""Thousands of broken files of each format: a verdict each, found by a check that raises nothing
but what it is meant to.
"""
from __future__ import annotations

import gzip
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from linefinish.verifiers import verifying
from linefinish.verifiers.verdict import DamagedError, Facts, GrayError

from .samples import bilevel, interlaced, mutations, pdf, png, resealed, saved, stream

COUNT = 1200


def _gray() -> Image.Image:
    array = np.asarray(bilevel().convert("L")).copy()
    array[20, 33] = 87
    return Image.fromarray(array)


def _svg() -> bytes:
    return subprocess.run(["potrace", "-s", "-", "-o", "-"], input=saved(bilevel(20, 20), "PPM"), capture_output=True, check=True).stdout


def _pdf_with_everything() -> bytes:
    image = stream(b"\xff\0", b"/Subtype/Image/Width 8/Height 2/BitsPerComponent 1/ColorSpace[/Indexed/DeviceRGB 1<000000ffffff>]")
    form = stream(b"q 0 0 0 rg /I Do Q", b"/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</I 5 0 R>>>>")
    resources = b"/XObject<</I 5 0 R/F 6 0 R>>/ExtGState<</A<</ca 1>>>>/ColorSpace<</C[/Separation/Black/DeviceGray 5 0 R]>>"
    content = b"/A gs 0 g 1 2 m 3 4 l f /F Do /C cs 1 scn BI /W 8 /H 1 /IM true ID \xff EI [(a) 3] 0 d"
    return pdf(content, resources, (image, form), b"/Annots[<</Subtype/Link/C[0]>>]")


def _packed_pdf(folder: Path) -> bytes:
    (folder / "a.pdf").write_bytes(_pdf_with_everything())
    subprocess.run(["qpdf", "--object-streams=generate", "a.pdf", "b.pdf"], cwd=folder, check=True)
    return (folder / "b.pdf").read_bytes()


MAKERS = {
    "png": lambda _: saved(bilevel(), "PNG", dpi=(300, 300)),
    "interlaced-png": lambda _: png(9, 5, 8, 0, interlaced(np.asarray(_gray())[18:23, 27:36]), b"", 1),
    "grey-png": lambda _: saved(_gray(), "PNG"),
    "pbm": lambda _: saved(bilevel(), "PPM"),
    "plain": lambda _: b"P1\n# a\n6 3\n101010\n010101\n111000\n",
    "pgm": lambda _: saved(_gray(), "PPM"),
    "g4": lambda _: saved(bilevel(), "TIFF", compression="group4"),
    "g3": lambda _: saved(bilevel(), "TIFF", compression="group3"),
    "packbits": lambda _: saved(bilevel(), "TIFF", compression="packbits"),
    "deflate": lambda _: saved(bilevel(), "TIFF", compression="tiff_deflate"),
    "grey-tiff": lambda _: saved(_gray(), "TIFF", compression="raw"),
    "svg": lambda _: _svg(),
    "svgz": lambda _: gzip.compress(_svg(), mtime=0),
    "pdf": lambda _: _pdf_with_everything(),
    "packed-pdf": _packed_pdf,
    "eps": lambda _: b"%!PS-Adobe-3.0 EPSF-3.0\n/m {moveto} bind def\n0 setgray 1 2 m 3 4 lineto fill\nshowpage\n%%EOF\n",
}


@pytest.mark.parametrize("name", MAKERS)
def test_broken_files_end_in_a_verdict(name: str, tmp_path: Path) -> None:
    sample = MAKERS[name](tmp_path)
    seen = set()
    for broken in mutations(sample, COUNT, seed=len(name)):
        data = resealed(broken) if name.endswith("png") else broken
        try:
            _, check = verifying._verifier(memoryview(data))
            check(memoryview(data), Facts())
            seen.add("fine")
        except GrayError:
            seen.add("grey")
        except DamagedError:
            seen.add("damaged")
    assert "damaged" in seen
