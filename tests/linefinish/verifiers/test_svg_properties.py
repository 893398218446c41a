"""Properties and attributes: a whitelist, and what each may say."""

from __future__ import annotations

import pytest

from linefinish.verifiers.svg_properties import FREE, HREF, PAINTING, STYLE, judge, kind_of
from linefinish.verifiers.verdict import DamagedError, GrayError

INKSCAPE, SVG, XLINK = "http://www.inkscape.org/namespaces/inkscape", "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"


@pytest.mark.parametrize(
    ("attribute", "kind"),
    [
        ("fill", PAINTING),
        ("style", STYLE),
        ("d", FREE),
        ("data-name", FREE),
        ("aria-label", FREE),
        ("href", HREF),
        (f"{XLINK} href", HREF),
        (f"{INKSCAPE} label", FREE),
        (f"{INKSCAPE} fill", ""),
        (f"{SVG} fill", ""),
        (f"{SVG} d", ""),
        ("FILL", ""),
        ("onclick", ""),
        ("new", ""),
        ("http://www.w3.org/XML/1998/namespace base", ""),
        ("http://www.w3.org/XML/1998/namespace space", FREE),
        ("font-size", FREE),
        ("stop-color", FREE),
        ("filter", PAINTING),
        ("-webkit-filter", ""),
    ],
)
def test_kinds(attribute: str, kind: str) -> None:
    assert kind_of(attribute) == kind


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("fill", "#000", None),
        ("fill", "#0001", GrayError),
        ("opacity", ".5", GrayError),
        ("filter", "url(#a)", DamagedError),
        ("clip-path", "url(#a)", None),
        ("clip-path", "url('#a')", None),
        ("clip-path", "url(b.svg#a)", DamagedError),
        ("enable-background", "new 0 0 100 100", None),
        ("enable-background", "new url(#a)", DamagedError),
        ("overflow", "scroll", DamagedError),
    ],
)
def test_values(name: str, value: str, error: type[Exception] | None) -> None:
    if error is None:
        judge(name, value, "path", 1)
        return
    with pytest.raises(error, match=name):
        judge(name, value, "path", 1)
