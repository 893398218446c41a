"""How true a result is: drawn beside the drawing that its input was made of, both at four times the
input's size.

All lengths are in pixels of the input:

    edge_mean    area between the two edges over the length of the true edge: how far the edge lies
                 off on average
    edge_p99     99 of 100 edge pixels lie nearer than this to the other drawing's edge: bumps, cut
                 corners, lost strokes
    xor_ink      area that differs over the area of true ink
    false_parts  parts of the result that touch no true ink
    lost_parts   parts of the truth of which the result has nothing
    segments     lines and curves in the file
    bytes        its size
"""
from __future__ import annotations

import functools
import re
from typing import Any

import numpy as np

from benchmarks.datasets import draw

# Drawn larger, area and distance are finer and memory grows by the square; at 4 a true anti-aliased
# edge scores 0.00–0.01 px.
ENLARGED = 4
# A straight edge has, averaged over all directions, 4/π times as many unit steps as its length.
STEPS_PER_LENGTH = 4 / np.pi

_NUMBERS_PER_SEGMENT = {"m": 2, "l": 2, "h": 1, "v": 1, "c": 6, "s": 4, "q": 4, "t": 2, "a": 7}
_COMMAND = re.compile(r"([mlhvcsqtaz])([^mlhvcsqtaz]*)", re.IGNORECASE)
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?", re.IGNORECASE)
_PATH_DATA = re.compile(r"\bd\s*=\s*([\"'])(.*?)\1", re.DOTALL)


@functools.lru_cache(maxsize=8)
def true_ink(svg: str, width: int) -> Any:
    """The truth at ENLARGED times `width`, drawn once for all results."""
    return draw(svg, width * ENLARGED) < 128


def score(truth_svg: str, result_svg: str, width: int) -> dict[str, float]:
    """The figures above for a result made from an input `width` pixels wide."""
    import cv2

    want, got = _common(true_ink(truth_svg, width), draw(result_svg, width * ENLARGED) < 128)
    differing = np.count_nonzero(want != got)
    steps = np.count_nonzero(want[1:] != want[:-1]) + np.count_nonzero(want[:, 1:] != want[:, :-1])
    want_edge, got_edge = _edge(want), _edge(got)
    if got_edge.any():
        gaps = [
            cv2.distanceTransform((~edge).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)[other]
            for edge, other in ((want_edge, got_edge), (got_edge, want_edge))
        ]
        p99 = float(np.percentile(np.concatenate(gaps), 99)) / ENLARGED
    else:
        p99 = float("inf")
    return {
        "edge_mean": differing / (steps / STEPS_PER_LENGTH) / ENLARGED,
        "edge_p99": p99,
        "xor_ink": differing / np.count_nonzero(want),
        "false_parts": _parts_apart(got, want),
        "lost_parts": _parts_apart(want, got),
        "segments": segment_count(result_svg),
        "bytes": len(result_svg.encode()),
    }


def segment_count(svg: str) -> int:
    """Lines and curves over all paths; a move draws nothing, further pairs after it are lines,
    closing is not counted.
    """
    total = 0
    for _, data in _PATH_DATA.findall(svg):
        for letter, rest in _COMMAND.findall(data.replace("e-", "E-")):
            lower = letter.lower()
            if lower != "z":
                total += len(_NUMBER.findall(rest)) // _NUMBERS_PER_SEGMENT[lower] - (lower == "m")
    return total


def _common(a: Any, b: Any) -> tuple[Any, Any]:
    """Both cut to the rows and columns they share: renderers round the last one differently."""
    height, width = min(a.shape[0], b.shape[0]), min(a.shape[1], b.shape[1])
    if max(abs(a.shape[0] - b.shape[0]), abs(a.shape[1] - b.shape[1])) > 2 * ENLARGED:
        raise ValueError(f"the result has another shape than the truth: {b.shape} and {a.shape}")
    return a[:height, :width], b[:height, :width]


def _edge(ink: Any) -> Any:
    import cv2

    return ink & ~cv2.erode(ink.astype(np.uint8), cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))).astype(bool)


def _parts_apart(ink: Any, other: Any) -> int:
    import cv2

    count, labels = cv2.connectedComponents(ink.astype(np.uint8), connectivity=8)
    return count - 1 - len(np.setdiff1d(np.unique(labels[ink & other]), [0]))
