"""Whether the outlines of a document cross or touch, by GEOS: chains flattened so finely that a
loop of 0.001 px² is seen.
"""
from __future__ import annotations

import numpy as np
import shapely

from linefinish import Document

# Chords of a cubic. A segment is seldom longer than 100 px, of which that is a pixel and a half.
_CHORDS = 64


def rings(document: Document) -> list[np.ndarray]:
    """Each chain as a polygon in units of 1/16 px, no point twice in a row."""
    segments = np.asarray(document.segments, "f8").reshape(-1, 3, 2)
    kinds = np.asarray(document.kinds)
    t = np.linspace(0.0, 1.0, _CHORDS, endpoint=False)[:, None]
    made = []
    for begin, end in zip(document.offsets[:-1], document.offsets[1:], strict=True):
        chain = segments[begin:end]
        pieces = []
        for start, kind, (first, second, stop) in zip(np.roll(chain[:, 2], 1, axis=0), kinds[begin:end], chain, strict=True):
            curve = (1 - t) ** 3 * start + 3 * (1 - t) ** 2 * t * first + 3 * (1 - t) * t**2 * second + t**3 * stop
            pieces.append(curve if kind else start[None])
        points = np.concatenate(pieces)
        made.append(points[np.any(points != np.roll(points, 1, axis=0), axis=1)])
    return made


def faults(document: Document) -> list[str]:
    """A sentence for each outline that crosses or touches itself, and for each pair that do."""
    polygons = [shapely.Polygon(ring) for ring in rings(document)]
    found = [f"outline {i}: {shapely.is_valid_reason(p)}" for i, p in enumerate(polygons) if not shapely.is_valid(p)]
    edges = [polygon.exterior for polygon in polygons]
    if len(edges) > 1:
        one, two = shapely.STRtree(edges).query(edges, predicate="intersects")
        found += [f"outlines {i} and {k} meet" for i, k in zip(one, two, strict=True) if i < k]
    return found
