"""Pictures: what is read and what is refused, how pages are measured, and what a
finished page is.
"""
from __future__ import annotations

import contextlib
import io
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageDraw, ImageFilter

import linefinish
from linefinish import FinishOptions
from myjoe.errors import ImageRefusedError, JobArgsError
from myjoe.ordering.page_order import PageOrder
from myjoe_worker.imaging import finishing as imaging

EXAMPLES = Path(__file__).parents[3] / "examples"
GODMOTHER = (EXAMPLES / "fairy-godmother.png").read_bytes()


def order(**fields: Any) -> PageOrder:
    return PageOrder.model_validate({"page": 1, "operations": ["raster"], "prompt": "a page", **fields})


def encoded(image: Image.Image, format: str = "PNG", **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, format, **options)
    return stream.getvalue()


def drawing(width: int = 400, height: int = 500, mode: str = "L") -> Image.Image:
    image = Image.new(mode, (width, height), "white")
    ImageDraw.Draw(image).ellipse((60, 60, 340, 440), outline="black", width=8)
    return image


RING = '<circle cx="50" cy="60" r="30" fill="none" stroke="#000" stroke-width="3"/>'


def svg(body: str = RING, head: str = 'viewBox="0 0 100 120"') -> bytes:
    return f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" {head}>{body}</svg>'.encode()


SOUND = [
    encoded(drawing(200, 240)), encoded(drawing(200, 240, "RGB"), "JPEG"), encoded(drawing(200, 240, "RGB"), "WEBP"), svg(),
    svg('<style>.a{fill:none}</style><g transform="scale(2)"><path class="a" d="M1 1L40 50" style="stroke:#000"/></g>'),
]  # fmt: skip


# ── finishing ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("paper", "dpi", "pixels", "points"),
    [
        ("letter", 300, (2550, 3300), (612, 792)), ("a4", 300, (2480, 3508), (595.276, 841.89)), ("square", 150, (1275, 1275), (612, 612)),
        ("8x10", 600, (4800, 6000), (576, 720)),
    ],
)  # fmt: skip
def test_a_page_has_its_papers_size_in_all_files(paper: str, dpi: int, pixels: tuple[int, int], points: tuple[float, float]) -> None:
    page = imaging.finish_page(GODMOTHER, "image/png", order(paper=paper, dpi=dpi))
    assert set(page.files) == {"png", "svg", "pdf", "thumbnail"}
    assert (page.width_px, page.height_px, page.dpi, page.bit_depth) == (*pixels, dpi, 1)
    verdict = linefinish.verify(page.files["png"])
    assert verdict.is_one_bit and (verdict.width, verdict.height) == pixels
    assert verdict.dpi == pytest.approx((dpi, dpi), rel=1e-3)
    for kind in ("svg", "pdf"):
        assert linefinish.verify(page.files[kind]).is_one_bit
    box = page.files["pdf"].partition(b"/MediaBox")[2].partition(b"[")[2].partition(b"]")[0].split()
    assert [float(number) for number in box] == pytest.approx([0, 0, *points], abs=0.01)


def test_the_drawing_keeps_to_its_margins_and_fills_what_is_between() -> None:
    page = imaging.finish_page(GODMOTHER, "image/png", order(margin_in=0.5))
    with Image.open(io.BytesIO(page.files["png"])) as image:
        ink = ~np.asarray(image)
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    assert min(rows[0], columns[0]) >= 150 and rows[-1] < 3150 and columns[-1] < 2400
    assert rows[-1] - rows[0] > 0.9 * 3000  # the drawing is higher than wide, and goes nearly to the edges of its picture


def test_the_thumbnail_is_small_and_shows_the_page() -> None:
    page = imaging.finish_page(GODMOTHER, "image/png", order())
    with Image.open(io.BytesIO(page.files["thumbnail"])) as image:
        assert image.mode == "L" and max(image.size) == imaging.THUMBNAIL_SIDE_PX
        darkness = 1 - np.asarray(image).mean() / 255
    with Image.open(io.BytesIO(page.files["png"])) as image:
        assert darkness == pytest.approx(1 - np.asarray(image).mean(), abs=0.01)


def test_the_report_goes_into_the_quality_record() -> None:
    page = imaging.finish_page(GODMOTHER, "image/png", order())
    assert page.qc["finisher"]["regions"] == 88 and page.qc["finisher"]["version"] == linefinish.__version__


def test_strokes_get_the_width_that_can_be_printed_unless_the_order_says_another() -> None:
    image = Image.new("L", (1200, 1500), 255)
    for x in range(100, 1100, 100):
        ImageDraw.Draw(image).line((x, 100, x, 1400), fill=0, width=1)
    thick, thin = (
        imaging.finish_page(encoded(image), "image/png", order(options=options)).files["png"]
        for options in ({}, {"stroke_width_px_min": 0.5})
    )
    widths = [linefinish.measure(linefinish.threshold(linefinish.read_gray(content))).stroke_width_median_px for content in (thick, thin)]
    assert widths[0] >= 3.1 > widths[1]  # 0.75 pt at 300 dpi


def test_specks_go_and_freckles_stay() -> None:
    image = Image.new("L", (775, 1025), 255)  # a hundred pixels an inch
    pen = ImageDraw.Draw(image)
    pen.ellipse((100, 100, 600, 700), outline=0, width=5)
    for x in range(200, 500, 100):
        pen.rectangle((x, 300, x + 1, 301), fill=60)  # half a millimetre
        pen.ellipse((x, 400, x + 4, 404), fill=0)  # more than one
    page = imaging.finish_page(encoded(image), "image/png", order())
    assert (page.qc["finisher"]["specks_removed"], page.qc["finisher"]["parts"]) == (3, 4)
    kept = imaging.finish_page(encoded(image), "image/png", order(options={"speckle_area_px_max": 0}))
    assert kept.qc["finisher"]["parts"] == 7


def test_the_orders_options_are_the_finishers() -> None:
    page = imaging.finish_page(GODMOTHER, "image/png", order(options={"speckle_area_px_max": 60}))
    assert page.qc["finisher"]["options"]["speckle_area_px_max"] == 60


def test_a_margin_that_leaves_nothing_is_the_orders_fault() -> None:
    with pytest.raises(JobArgsError, match="cannot be finished as ordered"):
        imaging.finish_page(GODMOTHER, "image/png", order().model_copy(update={"margin_in": 5.0}))


def test_an_empty_page_is_finished_and_says_so() -> None:
    page = imaging.finish_page(encoded(Image.new("L", (300, 400), 255)), "image/png", order())
    assert page.qc["finisher"]["ink_coverage"] == 0 and page.qc["finisher"]["warnings"]


# ── reading ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (encoded(drawing()), "png"), (encoded(drawing(mode="RGB"), "JPEG"), "jpeg"), (encoded(drawing(mode="RGB"), "WEBP"), "webp"),
        (encoded(drawing(mode="RGBA")), "png"), (svg(), "svg"), (b"\xef\xbb\xbf" + svg(), "svg"),
        (b"<?xml version='1.0' encoding='UTF-8'?>\n<!-- made by hand -->\n" + svg(), "svg"),
    ],
)  # fmt: skip
def test_the_content_decides_what_it_is(content: bytes, kind: str) -> None:
    assert imaging.examine(content, "text/html", order()).kind == kind
    assert imaging.finish_page(content, "text/html", order()).width_px == 2550


def bomb(side: int) -> bytes:
    """A PNG of side × side pixels in a few bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    body = zlib.compress(bytes(1 << 20), 9)
    head = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0))
    return head + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "none of PNG"), (b"<html><body>502 Bad Gateway</body></html>", "none of PNG"), (b"GIF89a" + bytes(50), "none of PNG"),
        (b'{"error": "moderated"}', "none of PNG"), (encoded(drawing(), "TIFF"), "none of PNG"),
        (encoded(drawing())[:300], "cannot be read"), (bomb(100_000), "cannot be read"), (bomb(6_000), "cannot be read"),
        (encoded(drawing(mode="RGB"), "JPEG")[:400], "cannot be read"), (encoded(drawing(mode="RGB"), "WEBP")[:200], "cannot be read"),
        (encoded(Image.new("L", (2000, 200), 255)), "too long and narrow"), (b"\x89PNG\r\n\x1a\n" + bytes(49 << 20), "MiB large"),
        (encoded(Image.new("L", (8, 8), 255)), "too small"),
    ],
)  # fmt: skip
def test_what_is_no_page_is_refused_with_a_sentence(content: bytes, said: str) -> None:
    for look in (imaging.examine, imaging.finish_page):
        with pytest.raises(ImageRefusedError, match=said):
            look(content, "image/png", order())


@settings(max_examples=60)
@given(st.data())
def test_whatever_is_broken_is_refused_or_read(data: st.DataObject) -> None:
    """Bytes of good files, changed, cut and put together: nothing else than a refusal may come of
    it.
    """
    content = bytearray(data.draw(st.sampled_from(SOUND)))
    for _ in range(data.draw(st.integers(1, 6))):
        begin = data.draw(st.integers(0, len(content)))
        end = min(len(content), begin + data.draw(st.integers(0, 40)))
        content[begin:end] = data.draw(st.binary(max_size=40) | st.sampled_from([b"", b"<g>", b"</svg>", b"&amp;", b"1e999", b"\0"]))
    with contextlib.suppress(ImageRefusedError):
        assert imaging.examine(bytes(content), "image/png", order(dpi=72)).width_px > 0


# ── SVG ───────────────────────────────────────────────────────────────────────────────────────────


def test_an_svg_is_drawn_as_large_as_it_will_be_printed() -> None:
    seen = imaging.examine(svg(), "image/svg+xml", order())
    assert (seen.width_px, seen.height_px) == (2325, 2790)  # 7.75 in at 300 dpi; 100 to 120
    assert seen.stroke_width_median_pt == pytest.approx(3 / 100 * 7.75 * 72, rel=0.05)
    large = imaging.examine(svg(), "image/svg+xml", order(dpi=1200))
    assert max(large.width_px, large.height_px) == 4096


def test_gradients_become_greys_and_are_measured_as_such() -> None:
    gradient = '<linearGradient id="g"><stop offset="0" stop-color="#333"/><stop offset="1" stop-color="#ddd"/></linearGradient>'
    seen = imaging.examine(svg(f'<defs>{gradient}</defs><rect x="10" y="10" width="80" height="100" fill="url(#g)"/>'), "", order())
    assert seen.shade_share > 0.1


def test_what_editors_and_recraft_write_is_taken() -> None:
    body = (
        '<metadata><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/></metadata><title>t</title>'
        '<sodipodi:namedview xmlns:sodipodi="http://sodipodi.sourceforge.net/DTD/sodipodi-0.dtd" id="v"/>'
        '<style>.a{fill:none;stroke:#000;stroke-width:2}</style><g transform="scale(0.5)"><path class="a" d="M20 20L150 20L150 200Z"/></g>'
    )
    assert imaging.examine(svg(body, 'width="100px" height="120px"'), "", order()).regions == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<!DOCTYPE svg [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;'>]>" + svg("<title>&b;</title>"), "DOCTYPE"),
        (b"<!DOCTYPE svg SYSTEM 'http://evil/x.dtd'>" + svg(), "DOCTYPE"),
        (svg('<script>fetch("http://evil")</script>'), "script"), (svg('<image href="file:///etc/passwd" width="9" height="9"/>'), "image"),
        (svg("<foreignObject><p xmlns='http://www.w3.org/1999/xhtml'>hi</p></foreignObject>"), "foreignObject"),
        (svg('<g id="a"><path d="M0 0"/></g><use href="#a"/>'), "use"), (svg("<text>Bluey</text>"), "text"),
        (svg('<filter id="f"><feTurbulence/></filter>'), "filter"), (svg('<animate attributeName="d"/>'), "animate"),
        (svg('<pattern id="p" width="1" height="1"/>'), "pattern"), (svg("<svg/>"), "svg"),
        (svg('<path onload="alert(1)" d="M0 0"/>'), "onload"), (svg('<path fill="url(http://evil/#a)" d="M0 0"/>'), "fill"),
        (svg('<path style="fill:url( \'http://evil\')" d="M0 0"/>'), "style"), (svg('<linearGradient xlink:href="other.svg#a"/>'), "href"),
        (svg("<style>@import url(http://evil/a.css);</style>"), "style sheet"), (svg("<style>a{fill:\\75rl(x)}</style>"), "style sheet"),
        (b"<?xml-stylesheet href='http://evil/a.css'?>" + svg(), "processing instruction"),
        (svg("<g>" * 60 + "</g>" * 60), "deep"), (svg("<g/>" * 100_001), "more than 100,000 elements"),
        (svg(head=""), "how large"), (svg(head='viewBox="0 0 0 10"'), "no page"), (svg(head='viewBox="0 0 1e9 1e9"'), "no page"),
        (svg(head='viewBox="0 0 nan 10"'), "no page"), (svg(head='width="100%" height="100%"'), "how large"),
        (svg(head='viewBox="0 0 1000 10"'), "no page"), (svg("<path d='M0 0'"), "damaged"),
        (svg("\xff").replace(b"\xc3\xbf", b"\xff"), "UTF-8"),
        (b"<svg/>", "no SVG"), (svg().decode().encode("utf-16"), "none of PNG"), (b"<svg xmlns='http://www.w3.org/2000/svg'", "damaged"),
    ],
)  # fmt: skip
def test_a_hostile_or_broken_svg_is_refused_before_it_is_drawn(content: bytes, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imaging.resvg_py, "svg_to_bytes", lambda **_: pytest.fail("it was drawn"))
    with pytest.raises(ImageRefusedError, match=said):
        imaging.finish_page(content, "image/svg+xml", order())


# ── measuring ─────────────────────────────────────────────────────────────────────────────────────


def test_a_page_is_measured_as_it_will_be_printed() -> None:
    image = Image.new("L", (775, 1025), 255)  # a hundred pixels an inch within the margins of letter paper
    pen = ImageDraw.Draw(image)
    pen.rectangle((100, 100, 400, 500), outline=0, width=5)
    for index in range(4):  # four squares with 4 × 4 px inside: 1 mm²
        pen.rectangle((450, 100 + 20 * index, 455, 105 + 20 * index), outline=0, width=1)
    seen = imaging.examine(encoded(image), "image/png", order(options=FinishOptions()))
    assert (seen.width_px, seen.height_px, seen.regions, seen.tiny_regions) == (775, 1025, 5, 4)
    assert seen.stroke_width_median_pt == pytest.approx(5 * 0.72, rel=0.05)
    assert seen.grey_share == seen.shade_share == seen.black_share == 0
    assert seen.ink_coverage == pytest.approx((301 * 401 - 291 * 391 + 4 * 20) / (775 * 1025), rel=0.01)


def test_audiences_differ_in_what_is_too_small() -> None:
    image = Image.new("L", (775, 1025), 255)
    ImageDraw.Draw(image).rectangle((100, 100, 107, 107), outline=0, width=1)  # 6 × 6 px inside: 1.5 mm
    content = encoded(image)
    audiences = ("toddlers", "kids", "teens", "adults")
    assert [imaging.examine(content, "", order(audience=audience)).tiny_regions for audience in audiences] == [1, 1, 0, 0]


def test_the_largest_black_is_found_and_strokes_are_none() -> None:
    image = Image.new("L", (775, 1025), 255)
    pen = ImageDraw.Draw(image)
    for y in range(50, 1000, 100):
        pen.line((20, y, 750, y), fill=0, width=6)
    assert imaging.examine(encoded(image), "", order()).black_share == 0
    pen.ellipse((200, 300, 400, 500), fill=0)
    pen.rectangle((500, 700, 560, 760), fill=0)
    seen = imaging.examine(encoded(image), "", order())
    assert seen.black_share == pytest.approx(np.pi * 100**2 / (775 * 1025), rel=0.12)


def test_soft_edges_are_no_shade_and_washes_are() -> None:
    soft = drawing(1024, 1300)
    pen = ImageDraw.Draw(soft)
    for x in range(100, 1000, 40):
        pen.line((x, 500, x, 1200), fill=0, width=3)
    blurred = soft.filter(ImageFilter.GaussianBlur(1.2))
    assert imaging.examine(encoded(blurred), "", order()).shade_share < 0.002
    wash = Image.new("L", soft.size, 255)
    ImageDraw.Draw(wash).rectangle((150, 650, 900, 1100), fill=215)
    washed = ImageChops.multiply(blurred, wash.filter(ImageFilter.GaussianBlur(20)))
    seen = imaging.examine(encoded(washed), "", order())
    assert seen.shade_share == pytest.approx(750 * 450 / (1024 * 1300) * 0.75, rel=0.25)  # a quarter of it is lines and their surroundings
    assert seen.ink_coverage < 0.1
    pen.rectangle((150, 150, 900, 450), fill=170)  # hard and dark: this the finisher takes for ink
    assert imaging.examine(encoded(soft), "", order()).black_share == pytest.approx(750 * 300 / (1024 * 1300), rel=0.1)


def test_the_small_copy_for_judges_is_grey_and_no_larger_than_768_px() -> None:
    seen = imaging.examine(encoded(drawing(1500, 2000, "RGB")), "", order())
    with Image.open(io.BytesIO(seen.thumbnail_png)) as image:
        assert (image.mode, image.size) == ("L", (576, 768))
    assert "thumbnail_png" not in seen.to_mapping()
