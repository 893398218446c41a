"""GeoJSON: valid to programs that are not ours, with the same shapes as the drawing."""
from __future__ import annotations

import io
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import geojson
import numpy as np
import pytest
from hypothesis import given, settings
from shapely.geometry import shape
from shapely.ops import unary_union

from linefinish import Bitmap, OptionsError, WriteError, compose, outline, write
from linefinish.data.geometry import Curves
from tests.linefinish.drawings import circle, curves, drawings, polygon


def rings() -> Curves:
    """A disc with a hole and an island, and a triangle."""
    return curves(64, 48, [circle(20, 20, 4), circle(20, 20, 9, hole=True), circle(20, 20, 15), polygon((40, 5), (60, 5), (60, 15))])


def written(drawing: Curves, **options: Any) -> dict[str, Any]:
    file = io.BytesIO()
    write(compose(drawing), file, "geojson", **options)
    made: dict[str, Any] = json.loads(file.getvalue())
    return made


def orientation(ring: list[list[float]]) -> float:
    x, y = np.array(ring).T
    return float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]))


MATRICES = {"pixels": None, "y up": (1, 0, 0, -1, 0, 48), "degrees": (1e-5, 0, 0, -1e-5, 13.4, 52.5), "turned": [[0, 2, 0], [2, 0, 0]]}


@pytest.mark.parametrize("name", MATRICES)
def test_shapes_with_their_holes_turned_as_the_rfc_wants_them(name: str) -> None:
    matrix = MATRICES[name]
    made = written(rings(), **({} if matrix is None else {"geojson_matrix": matrix}))
    assert geojson.loads(json.dumps(made)).is_valid
    shapes = [feature["geometry"]["coordinates"] for feature in made["features"]]
    assert [len(own) for own in shapes] == [1, 2, 1]
    for outer, *holes in shapes:
        assert orientation(outer) > 0 and all(orientation(hole) < 0 for hole in holes)
    assert [feature["properties"]["depth"] for feature in made["features"]] == [2, 0, 0]
    found: Any = unary_union([shape(feature["geometry"]) for feature in made["features"]])
    scale = 1 if matrix is None else abs(np.linalg.det(np.reshape(matrix[:4], (2, 2)) if len(matrix) == 6 else np.array(matrix)[:, :2]))
    assert found.is_valid and found.area == pytest.approx(rings().area * scale, rel=2e-3)


@settings(max_examples=40, deadline=None)
@given(drawings())
def test_whatever_is_drawn_is_geojson(drawing: Curves) -> None:
    made = geojson.loads(json.dumps(written(drawing)))
    assert made.is_valid, made.errors()


def test_a_tracing_is_valid_to_shapely_and_as_large() -> None:
    ink = np.kron(np.random.default_rng(5).random((12, 14)) < 0.5, np.ones((5, 5), bool))
    drawing = outline(Bitmap.from_array(ink), turn_policy="black")
    shapes = [shape(feature["geometry"]) for feature in written(drawing)["features"]]
    assert all(own.is_valid for own in shapes)
    assert sum(own.area for own in shapes) == pytest.approx(drawing.area, rel=1e-2)


def test_no_ink_and_what_cannot_be() -> None:
    assert written(Curves.empty(3, 4)) == {"type": "FeatureCollection", "features": []}
    for matrix in ("up", (1, 2, 3), (0, 0, 0, 0, 0, 0)):
        with pytest.raises(OptionsError, match="matrix"):
            written(rings(), geojson_matrix=matrix)
    with pytest.raises(WriteError, match="too large"):
        written(rings(), geojson_matrix=(1e-6, 0, 0, 1e-6, 1e12, 0))
    with pytest.raises(WriteError, match="a bitmap has no curves"):
        write(Bitmap.blank(3, 4), io.BytesIO(), "geojson")


if os.environ.get("MYJOE_TESTS_ALL"):  # GDAL is 200 MB of packages

    def test_gdal_reads_it(tmp_path: Path) -> None:
        write(compose(rings()), tmp_path / "a.geojson")
        said = subprocess.run(["ogrinfo", "-al", "-so", str(tmp_path / "a.geojson")], capture_output=True, text=True, check=True).stdout
        assert "Feature Count: 3" in said and "Geometry: Polygon" in said and "depth: Integer" in said
