"""SVG: what it may paint, in all the spellings."""

from __future__ import annotations

import gzip
import subprocess

import pytest

from linefinish.verifiers.verifying import verify
from tests.support import bombs

from .samples import OTHER_COLOURS, PURE_COLOURS, SVG_HEAD, bilevel, saved


def judged(body: str) -> str:
    """The problem of an SVG with that body."""
    return verify(SVG_HEAD + body.encode() + b"</svg>").problem


@pytest.mark.parametrize("colour", PURE_COLOURS)
def test_pure_colours(colour: str) -> None:
    assert judged(f'<path d="M0 0h9v9z" fill="{colour}"/>') == ""
    assert judged(f'<path d="M0 0h9v9z" style="stroke: {colour} !important; stroke-width:2"/>') == ""


@pytest.mark.parametrize("colour", OTHER_COLOURS)
def test_other_colours(colour: str) -> None:
    assert "fill" in judged(f'<path d="M0 0h9v9z" fill="{colour}"/>')
    assert "fill" in judged(f'<g style="fill:{colour}"><path d="M0 0h9v9z"/></g>')
    assert "fill" in judged(f"<style>.a {{fill:{colour}}}</style><path class='a' d='M0 0h9v9z'/>")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('<image href="a.png"/>', "<image>"),
        ("<text>a</text>", "font"),
        ("<script/>", "<script>"),
        ("<foreignObject/>", "<foreignObject>"),
        ('<linearGradient id="a"/>', "<linearGradient>"),
        ("<defs><pattern/></defs>", "<pattern>"),
        ("<filter/>", "<filter>"),
        ("<animate/>", "<animate>"),
        ('<use xlink:href="a.svg#b"/>', "reference"),
        ('<use href="data:x"/>', "reference"),
        ('<path onclick="x"/>', "event handler"),
        ('<g opacity=".5"/>', "opacity .5"),
        ('<g fill-opacity="0.99"/>', "fill-opacity"),
        ('<g style="mix-blend-mode:difference"/>', "mix-blend-mode"),
        ('<g filter="url(#a)"/>', "filter"),
        ('<g mask="url(#a)"/>', "mask"),
        ('<g style="background-image:url(a.png)"/>', "background-image"),
        ('<g style="new-thing:1"/>', "new-thing"),
        ('<g style="fi\\6cl:red"/>', "cannot be verified: the style"),
        ("<style>@import 'a.css';</style>", "style rule"),
        ("<style>a{b:c}}</style>", "b c"),
        ('<g clip-path="url(http://a)"/>', "clip-path"),
        ('<h:style xmlns:h="http://www.w3.org/1999/xhtml">a{}</h:style>', "no place"),
        ('<metadata><script xmlns="http://www.w3.org/2000/svg"/></metadata>', "no place"),
        ("<marker/>", "<marker>"),
        ('<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="a.svg"/>', "no place"),
        ('<g xmlns=""/>', "no place"),
        ('<o:rect xmlns:o="urn:o" fill="gray"/>', "another vocabulary"),
        ('<g xmlns:o="urn:o" o:fill="gray"/>', "the attribute urn:o fill"),
        ('<g xml:base="a.svg"/>', "the attribute"),
        ("<style>a{b:c}<!-- -->d{}</style>", "in pieces"),
        ("<style type='text/x'>a{fill:gray}</style>", "another type"),
        ('<g style="overflow:scroll"/>', "overflow"),
        ('<path marker-end="url(#a)"/>', "marker-end"),
        ("<unknown/>", "<unknown>"),
    ],
)
def test_what_may_paint_otherwise(body: str, words: str) -> None:
    assert words in judged(body)


@pytest.mark.parametrize(
    "body",
    [
        '<g opacity="1"/>',
        '<g opacity="100%" fill-opacity="0"/>',
        "<title>red</title><desc>x</desc>",
        '<defs><path id="a" d="M0 0"/></defs>',
        '<use href="#a"/>',
        '<metadata><x:y xmlns:x="urn:x" fill="red"/></metadata>',
        "<style>/* red */ path { fill : black }</style>",
        '<clipPath id="c"><rect width="9" height="9"/></clipPath><g clip-path="url(#c)"/>',
        '<circle r="3" style="fill:#fff;stroke:#000"/>',
        '<g o:label="gray" xmlns:o="urn:o"><o:view color="gray"/></g>',
        "<switch><g/></switch>",
        '<metadata><?xpacket begin="" id="a"?></metadata>',
        '<path style="font-family:x;-inkscape-stroke:none;fill:black" d="M0 0"/>',
    ],
)
def test_what_is_let_pass(body: str) -> None:
    assert judged(body) == ""


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b'<!DOCTYPE svg [<!ENTITY a "b">]>' + SVG_HEAD + b"</svg>", "the entity a"),
        (b'<!DOCTYPE svg [<!ATTLIST path fill CDATA "gray">]>' + SVG_HEAD + b"</svg>", "document type"),
        (b'<!DOCTYPE svg SYSTEM "http://a/b.dtd">' + SVG_HEAD + b"</svg>", "document type"),
        (b'<?xml-stylesheet href="a.css"?>' + SVG_HEAD + b"</svg>", "processing instruction"),
        (SVG_HEAD + b"<g>" * 300 + b"</g>" * 300 + b"</svg>", "in one another"),
        (SVG_HEAD + b"<g>", "line 1"),
        (b"<svg/>", "namespace"),
        (b"<html/>", "namespace"),
        (gzip.compress(SVG_HEAD + b"</svg>", mtime=0)[:-9], "truncated"),
        (bombs.gzipped(256, SVG_HEAD), "MiB"),
    ],
)
def test_hostile_files(data: bytes, words: str) -> None:
    verdict = verify(data)
    assert words in verdict.problem and verdict.is_damaged


def test_the_place_is_named() -> None:
    verdict = verify(SVG_HEAD + b"\n<g>\n<rect width='9' height='9' fill='#111'/></g></svg>")
    assert verdict.where == ("rect", 3) and verdict.word == "GREY"
    assert verdict.problem == "fill #111 in <rect>, line 3"


@pytest.mark.parametrize(("colour", "one_bit"), [("#000000", True), ("#123456", False)])
def test_potrace_and_cairo(colour: str, one_bit: bool) -> None:
    import cairosvg

    run = subprocess.run(["potrace", "-s", "-C", colour, "-", "-o", "-"], input=saved(bilevel(), "PPM"), capture_output=True, check=True)
    assert verify(run.stdout).is_one_bit is one_bit
    assert verify(gzip.compress(run.stdout)).is_one_bit is one_bit
    assert verify(cairosvg.svg2svg(run.stdout)).is_one_bit is one_bit
    assert verify(cairosvg.svg2pdf(run.stdout)).is_one_bit is one_bit
