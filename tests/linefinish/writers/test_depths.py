"""Layers by depth, for cutters: in SVG and in DXF."""
from __future__ import annotations

import io
import re
from typing import Any

import ezdxf
import numpy as np
import pytest
import resvg_py
from PIL import Image

from linefinish import OptionsError, compose, verify, write
from linefinish.data.geometry import Curves
from linefinish.writers._depths import depths_of, polygons_of
from tests.linefinish.writers.test_geojson import rings


def written(drawing: Curves, format: str, **options: Any) -> bytes:
    file = io.BytesIO()
    write(compose(drawing), file, format, **options)
    return file.getvalue()


def test_depths_and_holders() -> None:
    document = compose(rings())
    found = depths_of(document, *polygons_of(document))
    assert (found.depths, found.holders) == ([2, 1, 0, 0], [1, 2, -1, -1])
    assert sum(found.areas) == pytest.approx(rings().area, abs=0.5)


def drawn(svg: bytes) -> np.ndarray:
    png = bytes(resvg_py.svg_to_bytes(svg_string=svg.decode(), zoom=8, background="white"))
    return np.asarray(Image.open(io.BytesIO(png)).convert("L")) < 128


def test_an_svg_has_a_group_for_each_depth_and_looks_the_same() -> None:
    layered = written(rings(), "svg", layers="depth")
    assert re.findall(rb'<g id="([\w-]+)"', layered) == [b"depth-0", b"depth-1", b"depth-2"]
    assert layered.count(b"<path ") == 4 and layered.count(b'fill="#fff"') == 1
    assert verify(layered).is_one_bit
    # Of eight by eight a pixel, those on the very edge may blend to the other side of half.
    assert (drawn(layered) != drawn(written(rings(), "svg"))).mean() < 2e-4
    assert verify(written(Curves.empty(3, 4), "svg", layers="depth")).is_one_bit


@pytest.mark.parametrize("version", ["2000", "r12"])
def test_a_dxf_has_a_layer_for_each_depth(version: str) -> None:
    layered = written(rings(), "dxf", layers="depth", dxf=version)
    document = ezdxf.read(io.StringIO(layered.decode()))
    assert [entity.dxf.layer for entity in document.modelspace()] == ["DEPTH2", "DEPTH1", "DEPTH0", "DEPTH0"]
    assert {"DEPTH0", "DEPTH1", "DEPTH2"} <= {layer.dxf.name for layer in document.layers}
    assert not document.audit().errors
    assert verify(layered).is_one_bit
    assert written(rings(), "dxf", layers="one", dxf=version) == written(rings(), "dxf", dxf=version)
    assert b"DEPTH0" in written(Curves.empty(3, 4), "dxf", layers="depth", dxf=version)


@pytest.mark.parametrize("format", ["svg", "dxf"])
def test_layers_that_there_are_not(format: str) -> None:
    with pytest.raises(OptionsError, match="layers is 'two'; it may be one of one, depth"):
        written(rings(), format, layers="two")
