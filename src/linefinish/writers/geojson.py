"""GeoJSON (RFC 7946): a feature for each shape of ink, a polygon with the holes that lie in it.

Rings are closed and turn as section 3.1.6 wants them: outer ones counter-clockwise where y points
up, as numbers go, holes clockwise. Coordinates are the drawing's pixels, y down, as
`Curves.__geo_interface__` has them, or what a matrix makes of those: degrees or metres of a map
that was scanned. Page and resolution are of no account.
"""
from __future__ import annotations

import math

from linefinish.data import affine
from linefinish.data.document import Document
from linefinish.data.polygons import turned_round
from linefinish.errors import WriteError
from linefinish.kernels import decimals as kernel
from linefinish.memory import buffers
from linefinish.writers._depths import depths_of, polygons_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Decimals where a pixel is one unit: 1/10,000 px. A map's are as fine in its own units.
_DECIMALS, _DECIMALS_MAX = 4, 9
_PIXELS: affine.Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def encode(document: Document, dpi: Any = None, geojson_matrix: Any = None) -> list[Any]:
    """The file: a FeatureCollection. Each feature's property `depth` counts the outlines around it:
    0, or 2 for an island in a hole.

    geojson_matrix  six numbers a b c d e f or rows, as in `Curves.transform`: pixels → coordinates
    """
    matrix = _PIXELS if geojson_matrix is None else affine.matrix_of(geojson_matrix)
    count = len(document)
    points, offsets = polygons_of(document)
    nesting = depths_of(document, points, offsets)
    points = affine.moved(points, offsets[count], matrix)
    if affine.mirrors(matrix):
        points = turned_round(points, offsets)

    rings: dict[int, list[int]] = {}
    for own in range(count):
        holder = nesting.holders[own]
        if offsets[own + 1] - offsets[own] < 3:
            continue  # it encloses nothing
        if nesting.areas[own] < 0 and holder >= 0 and nesting.areas[holder] >= 0:
            rings.setdefault(holder, []).append(own)
        else:
            rings.setdefault(own, []).insert(0, own)

    scale = math.sqrt(abs(matrix[0] * matrix[3] - matrix[1] * matrix[2]))
    decimals = min(max(_DECIMALS - math.floor(math.log10(scale)), 0), _DECIMALS_MAX)
    longest = max((offsets[own + 1] - offsets[own] for own in range(count)), default=0)
    room = buffers.zeros((longest + 1) * (2 * kernel.DECIMAL_BYTES_MAX + 4), "B")
    pieces: list[Any] = [b'{"type":"FeatureCollection","features":[']
    for outer, members in sorted(rings.items()):
        depth = nesting.depths[outer]
        head = f'{{"type":"Feature","properties":{{"depth":{depth}}},"geometry":{{"type":"Polygon","coordinates":['
        pieces.append(f"{',' if len(pieces) > 1 else ''}\n{head}".encode())
        for place, ring in enumerate(members):
            used = kernel.json_ring(points, offsets[ring], offsets[ring + 1], decimals, room)
            if used < 0:
                raise WriteError(f"a coordinate is too large to be written with {decimals} decimals; give another geojson_matrix")
            pieces += [b",[" if place else b"[", bytes(room[:used]), b"]"]
        pieces.append(b"]}}")
    return [*pieces, b"\n]}\n"]
