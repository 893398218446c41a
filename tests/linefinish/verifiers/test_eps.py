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
        (b"/m {moveto} def /d {bind def} bind def /l {lineto} d 1 2 m 3 4 l fill", ""),
        (b"/g {setgray} bind def 0 g 1 g", ""),
        (b"/g {setgray} bind def 0 g .5 g", ".5 setgray"),
        (b"/g {exch setgray} def 0 .5 g", ""),
        (b"/g {exch setgray} def .5 0 g", ".5 setgray"),
        (b"/a {0 setgray} def /b {a fill} def b", ""),
        (b"/a {.3 setgray} def /b {a fill} def b", ".3 setgray"),
        (b"/ps /moveto load def 1 2 ps", ""),
        (b"/box {/h exch def /w exch def w h lineto} def 1 2 box", ""),
        (b"5 dict begin /setcolor {pop} def end 0.5 setcolor", "the operator setcolor"),
        (b"save /setcolor {pop} def restore 0.5 setcolor", "the operator setcolor"),
        (b"/d 5 dict def d begin /setcolor {pop} def end .5 setcolor", "the operator setcolor"),
        (b"/p {setcolor} bind def /setcolor {pop} def .5 p", "bound before"),
        (b"/p {setcolor} def /setcolor {pop} def .5 p", ""),
        (b"1 2 eq {/setcolor {pop} def} if .5 setcolor", "verified"),
        (b"/setcolor pop [/DeviceGray] setcolorspace 0.5 setcolor", "verified"),
        (b"/a {a} def a", "in one another"),
        (b"/a {b b} def /b {c c} def /c {a a} def a", "in one another"),
        (b"/a {1 a pop} def a", "in one another"),
        (b"".join(b"/%c {%c} def " % (i, i + 1) for i in range(97, 121)) + b"/y {setgray} def 0 a", ""),
        (b"".join(b"/%c {%c} def " % (i, i + 1) for i in range(97, 121)) + b"/y {setgray} def .5 a", ".5 setgray"),
        (b"/a {moveto} def " + b"".join(b"/%c {%c %c} def " % (i + 1, i, i) for i in range(97, 121)) + b"y", ""),
        (b"(x) /setcolor exch def .5 setcolor", ""),
        (b"/x {0 setgray} def /y /x load def y", ""),
        (b"{.5 setgray} exec", "the operator exec"),
        (b"{.5 setgray} pop", ""),
        (b"{.5 setgray} roll x", "as data"),
        (b"%%BeginPreview: 8 8 8 1\n% ff", "BeginPreview"),
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
