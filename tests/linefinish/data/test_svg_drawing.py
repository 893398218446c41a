"""`from_svg`: files as editors and tracers write them, and hostile ones."""
from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from linefinish import Curves, ImageReadError, ImageShapeError, compose, rasterize, write
from tests.linefinish.data.test_svg_paths import differing
from tests.linefinish.drawings import circle, curves, flower, polygon

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 120">'

BODIES = {
    "nested transforms": '<g transform="translate(60 50) rotate(30)"><g transform="scale(2,1) skewX(10)"><rect x="-10" y="-10" width="20" '
                         'height="30"/></g></g>',
    "a mirror, as potrace has it": '<g transform="translate(0,120) scale(0.1,-0.1)"><path d="M100 100h900v900h-900z M300 300v400h'
                                   '400v-400z"/></g>',
    "rotate about a point, matrix": '<rect x="20" y="20" width="40" height="20" transform="rotate(90, 40 40) matrix(1 0 .2 1 5 -3)"/>',
    "even-odd": '<path fill-rule="evenodd" d="M10 10h100v100h-100z M30 30h60v60h-60z M50 50h20v20h-20z"/>',
    "non-zero, all one way": '<path d="M10 10h100v100h-100z M30 30h60v60h-60z"/>',
    "non-zero, counter-clockwise": '<path d="M10 10v100h100v-100z M30 30h60v60h-60z"/>',
    "two shapes, one turned": '<path d="M10 10v40h40v-40z M60 60h40v40h-40z"/>',
    "style attribute": '<path style="fill:none;stroke:none" d="M0 0h9v9z"/><path style="fill:#123; fill-rule:evenodd" d="M10 10h50v50h-50z '
                       'M20 20h9v9h-9z"/>',
    "style sheet": '<style>/* a */ .a, #b { fill: none } path{fill-rule:evenodd}</style><path class="x a" d="M0 0h9v9z"/><path id="b" '
                   'd="M0 0h50v9z"/><path d="M10 10h50v50h-50z M20 20h9v9h-9z"/>',
    "inherited fill": '<g fill="none"><path d="M0 0h99v99z"/><path fill="blue" d="M20 20h30v30z"/></g>',
    "not painted": '<defs><path d="M0 0h99v99z"/></defs><g display="none"><path d="M0 0h99v99z"/></g>'
                   '<path visibility="hidden" d="M0 0h9v9z"/><rect width="9" height="40"/>',
    "nested svg": '<svg x="10" y="20" width="50" height="80" viewBox="0 0 10 10"><rect width="10" height="10"/></svg>',
}  # fmt: skip


@pytest.mark.parametrize("name", BODIES)
def test_bodies_as_resvg_draws_them(name: str) -> None:
    assert differing(BODIES[name]) == 0


@pytest.mark.parametrize("rule", ["nonzero", "evenodd"])
def test_outlines_have_the_ink_on_their_right(rule: str) -> None:
    made = Curves.from_svg(f'{HEAD}<path fill-rule="{rule}" d="M10 10v100h100v-100z M30 30h60v60h-60z M50 50v20h20v-20z"/></svg>')
    assert [own.sign for own in made] == [1, -1, 1]


def test_our_own_files_read_back() -> None:
    drawing = curves(64, 48, [circle(20, 20, 15), circle(20, 20, 9, hole=True), polygon((40, 5), (60, 5), (60, 15))])
    for options in ({}, {"svg_paths": "each"}):
        file = io.BytesIO()
        write(compose(drawing), file, "svg", **options)
        file.seek(0)
        again = Curves.from_svg(file)
        assert (again.width, again.height) == (64, 48)
        assert bytes(compose(again).segments) == bytes(compose(drawing).segments)


def test_sources(tmp_path: Path) -> None:
    text = f"<?xml version='1.0'?>\n{HEAD}<rect width='9' height='9'/></svg>"
    path = tmp_path / "a.svg"
    path.write_text(text)
    marked = "\ufeff" + text, text.encode("utf-8-sig")
    for source in (text, text.encode(), path, str(path), io.BytesIO(text.encode()), *marked, "M0 0h9v9h-9z"):
        made = Curves.from_svg(source)
        assert made.area == 81 and made.bounds == (0, 0, 9, 9)


@pytest.mark.parametrize(
    ("attributes", "given", "size"),
    [
        ('viewBox="-5 -5 30 20.5" width="8in"', {}, (30, 21)), ('width="1in" height="25.4mm"', {}, (96, 96)), ("", {}, (7, 9)),
        ('width="100%" height="50%"', {}, (7, 9)), ('viewBox="0 0 30 20"', {"width": 50}, (50, 20)),
    ],
)  # fmt: skip
def test_the_page(attributes: str, given: Any, size: tuple[int, int]) -> None:
    made = Curves.from_svg(f'<svg {attributes}><rect width="7" height="8.5"/></svg>', **given)
    assert (made.width, made.height) == size


def test_white_paper_below_the_ink_is_paper() -> None:
    made = Curves.from_svg(f'{HEAD}<rect width="120" height="120" fill="#FFF"/><circle r="5" cx="20" cy="20"/></svg>')
    assert len(made) == 1


REFUSED = {
    "white across ink": ('<rect width="9" height="9"/><rect fill="white" x="5" y="5" width="9" height="2"/>', "across the edge"),
    "strokes alone": ('<path fill="none" stroke="#000" d="M0 0h9"/>', "strokes"),
    "use": ('<use href="#a"/>', "the element use"), "text": ("<text>a</text>", "the element text"),
    "an image": ('<image href="a.png"/>', "the element image"), "clipping": ('<g clip-path="url(#a)"/>', "clip-path"),
    "a mask": ('<path style="mask:url(#a)" d="M0 0h9v9z"/>', "mask"), "a transform": ('<g transform="turn(3)"/>', "the transform"),
    "a transform of too few": ('<g transform="matrix(1 2)"/>', "the transform"),
    "infinite turn": ('<g transform="rotate(1e999)"><rect width="9" height="9"/></g>', "not a finite number"),
    "infinite arc": ('<path d="M0 0A9 9 1e999 0 1 9 9z"/>', "not a finite number"),
    "infinite size": ('<rect width="1e999" height="9"/>', "not a finite number"),
    "infinite": ('<path d="M0 0L1e999 3 4 4z"/>', "not a finite number"), "points": ('<polygon points="1 2 3"/>', "in pairs"),
    "nesting": ("<g>" * 300, "within each other"), "cut short": ("<g>", "no SVG"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(name: str) -> None:
    body, words = REFUSED[name]
    with pytest.raises(ValueError, match=words) as caught:
        Curves.from_svg(f"{HEAD}{body}</svg>")
    assert type(caught.value).__module__ == "linefinish.errors"


def test_entities_and_other_hostile_files() -> None:
    bomb = '<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><svg><desc>&b;</desc></svg>'
    for text in (bomb, bomb.encode(), "<html/>", "<svg", b"\xff\xfe\x00", "", b"", "<svg viewBox='0 0 0 0'/>", "<svg viewBox='0'/>"):
        with pytest.raises(ImageReadError):
            Curves.from_svg(text)
    for source in (3, None, io.StringIO, "nowhere.svg", Path("nowhere.svg"), object()):
        with pytest.raises(ImageReadError):
            Curves.from_svg(source)  # type: ignore[arg-type]
    with pytest.raises(ImageReadError, match="MiB"):
        Curves.from_svg(b"<svg>" + bytes(1 << 26))
    with pytest.raises(ImageShapeError):
        Curves.from_svg("<svg width='1e9' height='3'/>")


def test_a_document_type_of_the_w3c_is_let_pass() -> None:
    head = '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">'
    assert Curves.from_svg(f'{head}<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h4v4z"/></svg>').area == 8


def test_a_drawing_comes_back_as_the_same_pixels() -> None:
    text = flower().to_svg_path(decimals=6)
    again = Curves.from_svg(text, width=64, height=48)
    assert (np.asarray(rasterize(again)) == np.asarray(rasterize(flower()))).all()
