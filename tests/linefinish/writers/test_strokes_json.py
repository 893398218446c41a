"""The JSON graph of strokes."""
from __future__ import annotations

import json
from typing import Any

import pytest

from linefinish import Curves, Strokes, compose
from linefinish.toolpaths.trails import parted
from linefinish.writers import encode
from tests.linefinish.drawings import doodle


def graph(own: Strokes, **page: Any) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(b"".join(encode(compose(own, **page), "strokes.json")))
    return made


def test_strokes_can_be_made_of_it_again() -> None:
    own = doodle()
    made = graph(own, width_pt=72.0)
    assert (made["version"], made["size"], made["mm_per_px"]) == (1, [100, 80], pytest.approx([0.254, 0.254]))
    segments, kinds, offsets = [], [], [0]
    for path in made["paths"]:
        start = path["curve"][0]
        for numbers in path["curve"][1:]:
            points = [numbers[at : at + 2] for at in range(0, len(numbers), 2)]
            segments.append([start, *points] if len(points) == 3 else [start, start, *points, *points])
            kinds.append(int(len(points) == 3))
            start = points[-1]
        offsets.append(len(kinds))
    again = Strokes.from_arrays(*made["size"], segments, kinds, offsets, [width for path in made["paths"] for width in path["widths"]],
                                [path["closed"] for path in made["paths"]], made["junctions"])  # fmt: skip
    for name in ("kinds", "offsets", "closed", "junctions"):
        assert getattr(again, name).tolist() == getattr(own, name).tolist(), name
    assert again.segments.tolist() == pytest.approx(own.segments.tolist(), abs=1e-4)
    assert again.widths.tolist() == pytest.approx(own.widths.tolist(), abs=1e-4)
    assert own.fills is not None and Curves.from_svg(made["fills"]).area == pytest.approx(own.fills.area, rel=1e-2)


def test_polylines_ends_and_their_junctions() -> None:
    made = graph(parted(doodle()))
    assert made["mm_per_px"] is None
    assert [path["nodes"] for path in made["paths"][-4:]] == [[None, 0], [0, None]] * 2
    assert all(len(place) == 3 for path in made["paths"] for place in path["points"])
    assert graph(Strokes.empty(7, 9))["paths"] == []
