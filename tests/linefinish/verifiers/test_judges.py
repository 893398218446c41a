"""`verify` before judges that are not ours: poppler, Ghostscript, pdfium, MuPDF, resvg, librsvg,
CairoSVG, ezdxf, Pillow, OpenCV. Wherever one of them shows grey, `verify` does not say OK.
"""
from __future__ import annotations

import os

import pytest
from PIL import Image

from linefinish.verifiers.verifying import verify

from . import fuzzing, judges
from .lies import HONEST, LIES, REPORTED

ALL = os.environ.get("MYJOE_TESTS_ALL") == "1"
FORMATS = {"svg": "SVG", "pdf": "PDF", "eps": "EPS", "dxf": "DXF", "png": "PNG", "tif": "TIFF", "pbm": "PBM", "pgm": "PBM"}
# Lies that are shown to the judges, to see that they are lies: one in so many.
ONE_IN = 1 if ALL else 9


@pytest.mark.parametrize("name", REPORTED)
def test_reported_lies_are_refused(name: str) -> None:
    verdict = verify(REPORTED[name])
    assert not verdict.is_one_bit and verdict.problem


@pytest.mark.parametrize("name", HONEST)
def test_honest_files_are_accepted_and_no_judge_sees_gray(name: str) -> None:
    verdict = verify(HONEST[name])
    assert verdict.problem == "" and verdict.is_one_bit
    assert judges.who_sees_gray(HONEST[name], verdict.format) == ""


def test_all_lies_are_refused() -> None:
    passed = [name for name, data in LIES.items() if verify(data).is_one_bit]
    assert passed == [] and len(LIES) > 400


@pytest.mark.parametrize("form", ["svg", "pdf", "eps", "dxf"])
def test_lies_are_lies(form: str) -> None:
    """Most are seen by one of the judges; what the others tell is for viewers that are not here."""
    names = [name for name in LIES if name.startswith(f"{form}-") and "utf16" not in name][::ONE_IN]
    seen = [name for name in names if judges.who_sees_gray(LIES[name], FORMATS[form])]
    assert len(seen) >= len(names) / 3, (seen, names)


def test_mutants_of_honest_files() -> None:
    tally = fuzzing.run(seed=15, seconds=600, count_max=20_000 if ALL else 500)
    assert tally["1-bit"] > 20 and tally["not 1-bit"] and tally["cannot be verified"], tally


def test_a_judge_sees_areas_and_no_edges() -> None:
    page = Image.new("RGB", (20, 20), "white")
    assert not judges.is_gray(page)
    page.paste((128, 128, 128), (3, 3, 5, 20))
    assert not judges.is_gray(page)  # an edge that a renderer smoothed
    page.paste((128, 128, 128), (3, 3, 6, 20))
    assert judges.is_gray(page)
    assert judges.is_gray(Image.new("RGBA", (9, 9), (0, 0, 0, 128)))
    assert not judges.is_gray(Image.new("RGBA", (9, 9), (255, 0, 0, 0)))
    assert not judges.is_gray(Image.new("RGB", (9, 9), (35, 31, 32)))
