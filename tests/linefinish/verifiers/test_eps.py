"""EPS: the plain programs that can be read without running them, and what of others is said."""
from __future__ import annotations

import subprocess

import pytest

from linefinish import verify

from .samples import bilevel, saved

HEAD = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 100 50\n"


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"0 setgray 1 2 moveto 3 4 lineto fill", ""),
        (b"/m {moveto} bind def 1 2 m 0 0 0 1 setcmykcolor", ""),
        (b"0.5 setgray", ".5 setgray"),
        (b"1 0 0 setrgbcolor", "setrgbcolor"),
        (b"/x 0 def x setgray", "computed"),
        (b"1 1 1 1 setcmykcolor", "setcmykcolor"),
        (b"/setgray {pop 0.5 setgray} def", "another meaning"),
        (b"8 8 1 [] {} image", "the operator image"),
        (b"(a) show", "verified"),
        (b"{", "braces"),
    ],
)
def test_eps(body: bytes, problem: str) -> None:
    verdict = verify(HEAD + body + b"\n%%EOF\n")
    assert problem in verdict.problem and verdict.is_one_bit is (not problem)
    assert verdict.detail == "vector, 100 × 50 pt"
    assert "truncated" in verify(HEAD + body).problem


def test_potrace_eps() -> None:
    for options, fine in ((["-c"], True), (["-c", "-C", "#123456"], False), ([], False)):
        run = subprocess.run(["potrace", "-e", *options, "-", "-o", "-"], input=saved(bilevel(), "PPM"), capture_output=True, check=True)
        assert verify(run.stdout).is_one_bit is fine
