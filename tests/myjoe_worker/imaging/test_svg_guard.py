"""The SVG guard: what passes, and what is refused before anything draws it."""
from __future__ import annotations

import pytest
import resvg_py

from myjoe.errors import ImageRefusedError
from myjoe_worker.imaging import pictures
from myjoe_worker.imaging.svg_guard import DEPTH_MAX, ELEMENTS, ELEMENTS_MAX, check_svg
from tests.myjoe_worker.imaging.samples import order, svg


def test_what_editors_and_recraft_write_is_taken() -> None:
    body = (
        '<metadata><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/></metadata><title>t</title>'
        '<sodipodi:namedview xmlns:sodipodi="http://sodipodi.sourceforge.net/DTD/sodipodi-0.dtd" id="v"/>'
        '<style>.a{fill:none;stroke:#000;stroke-width:2}</style><g transform="scale(0.5)"><path class="a" d="M20 20L150 20L150 200Z"/></g>'
    )
    content = svg(body, 'width="100px" height="120px"')
    assert check_svg(b"\xef\xbb\xbf" + content) == (content.decode(), 100, 120)


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
        (svg("<path d='M0 0'"), "damaged"),
        (svg("\xff").replace(b"\xc3\xbf", b"\xff"), "UTF-8"),
        (b"<svg/>", "no SVG"), (b"<svg xmlns='http://www.w3.org/2000/svg'", "damaged"),
    ],
)  # fmt: skip
def test_a_hostile_or_broken_svg_is_refused_before_it_is_drawn(content: bytes, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ImageRefusedError, match=said):
        check_svg(content)
    monkeypatch.setattr(resvg_py, "svg_to_bytes", lambda **_: pytest.fail("it was drawn"))
    with pytest.raises(ImageRefusedError, match=said):
        pictures.decoded(content, "image/svg+xml", order())


def test_the_size_is_the_view_boxs_or_else_the_attributes() -> None:
    assert check_svg(svg())[1:] == (100, 120)
    assert check_svg(svg(head='viewBox="5,5 100.5,120" width="3in"'))[1:] == (100.5, 120)
    assert check_svg(svg(head='width="10cm" height=" 12.5pc"'))[1:] == (10, 12.5)


def test_the_limits_are_where_they_are_said_to_be() -> None:
    check_svg(svg("<g>" * (DEPTH_MAX - 1) + "</g>" * (DEPTH_MAX - 1)))
    with pytest.raises(ImageRefusedError, match="deep"):
        check_svg(svg("<g>" * DEPTH_MAX + "</g>" * DEPTH_MAX))
    check_svg(svg("<g/>" * (ELEMENTS_MAX - 1)))
    with pytest.raises(ImageRefusedError, match="elements"):
        check_svg(svg("<g/>" * ELEMENTS_MAX))


@pytest.mark.parametrize(
    "name", ["script", "image", "foreignObject", "use", "symbol", "pattern", "marker", "mask", "filter", "animate", "text"]
)
def test_what_can_load_run_or_multiply_is_on_no_list(name: str) -> None:
    assert name not in ELEMENTS
    with pytest.raises(ImageRefusedError, match=name):
        check_svg(svg(f"<{name}/>"))
