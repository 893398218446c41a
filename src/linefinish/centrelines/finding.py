"""find_strokes(): a bitmap and its outlines become centre lines with widths.

Bitmap ─thin, follow→ chains of pixels ─between the outlines→ atoms ─`joining`→ strokes of points
─`drawing`→ Strokes. The bitmap says what hangs together, the outlines say where the middle is.
"""
from __future__ import annotations

from linefinish.centrelines.drawing import drawn
from linefinish.centrelines.joining import Graph
from linefinish.centrelines.marks import marks_of
from linefinish.checks import instance, keywords, same_size
from linefinish.cleaning.bitmaps import thinned
from linefinish.data.geometry import Curves, Paths
from linefinish.data.raster import Bitmap, as_bitmap
from linefinish.data.strokes import Strokes
from linefinish.errors import ImageShapeError
from linefinish.kernels import axes, bits
from linefinish.memory import buffers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Length of an outline's pieces, in pixels. Larger: feet on chords of small arcs; smaller: time.
_PIECE_PX = 0.6
# Side of a cell of the grid that they are sorted into, in pixels. Larger: more pieces to look at;
# smaller: more cells.
_CELL_PX = 4.0
# No outline is looked for beyond this from a thinned line, in pixels: half the width of the widest
# stroke. Larger: time in solid blacks.
_FAR_PX = 400.0


@keywords
def find_strokes(
    bitmap: Bitmap | Any, curves: Curves | Paths, *, stroke_width_max_px: float | None = None,
    spur_length_max_px: float | None = None, threads: int = 1,
) -> Strokes:  # fmt: skip
    """Centre lines of the ink.

    bitmap               Bitmap, or bool array (height, width): what hangs together
    curves               its outlines, as `outline` or `fit` makes them: where the middle is
    stroke_width_max_px  what is wider is no stroke, but a fill; None: three times the middle width
    spur_length_max_px   branches up to this length are left out, whatever ink they leave uncovered;
                         None: those that leave none
    threads              the result is the same for any number

    Memory goes with the page's pixels, the outlines' length and the strokes' length. Raises
    ImageShapeError when the sizes differ, and for outlines longer than any of such a page.
    """
    bitmap = as_bitmap(bitmap)
    if not isinstance(curves, Paths):
        instance(curves, Curves, "curves")
    same_size(curves, bitmap)
    if isinstance(curves, Paths):
        curves = curves.to_curves()
    axis = Axis(bitmap, curves)
    graph = Graph(axis, spur_length_max_px)
    marks = marks_of(graph, axis)
    graph.resolve()
    return drawn(axis, marks + graph.lines(), graph.junctions, stroke_width_max_px)


class Axis:
    """The atoms of a page, chain by chain, and the outlines around them."""

    def __init__(self, bitmap: Bitmap, curves: Curves) -> None:
        self.bitmap, self.curves = bitmap, curves
        self.width, self.height = bitmap.width, bitmap.height
        lines = thinned(bitmap)
        pixels = bits.count(lines, len(lines))
        # A branch has its pixel in each of its chains, of which there are at most four.
        track = buffers.scratch("axes.track", 2 * (4 * pixels + 1), "i")
        offsets, closed = buffers.scratch("axes.offsets", 4 * pixels + 2, "q"), buffers.scratch("axes.closed", 4 * pixels + 1, "B")
        self.count = count = axes.follow_chains(
            lines, buffers.copied(lines), bitmap.width, bitmap.height, bitmap.stride, track, offsets, closed
        )
        self.offsets, self.closed = buffers.settled(offsets, count + 1), closed[:count].tolist()
        self.track = track
        self._lay(curves)
        made = self.offsets[count]
        self.atoms = buffers.zeros(axes.ATOM * made, "d")
        axes.find_atoms(track, self.offsets, closed, count, *self.outlines, self.atoms)
        self._sorted = buffers.zeros(64, "d")
        radii = buffers.zeros(count, "d")
        axes.middle_radii(self.atoms, self.offsets, count, self._sorted, radii)
        self.radii = radii.tolist()

    def _lay(self, curves: Curves) -> None:
        """Sort the outlines' pieces into cells."""
        given = curves.segments, curves.kinds, curves.offsets, len(curves), _PIECE_PX
        count = axes.lay_pieces(*given, buffers.zeros(0, "d"), 0)
        # All pixels' edges, each a curve of its own: no outlines of a page are longer.
        if count > 4 * (self.width + 1) * (self.height + 1) / _PIECE_PX + len(curves.kinds):
            raise ImageShapeError(f"the outlines are longer than those of a page of {self.width} × {self.height} pixels can be")
        pieces = buffers.zeros(axes.PIECE * count, "d")
        axes.lay_pieces(*given, pieces, count)
        columns, rows = int(self.width / _CELL_PX) + 1, int(self.height / _CELL_PX) + 1
        grid = buffers.numbers("d", _CELL_PX, columns, rows, _FAR_PX, axes.REACH_STEPS * _PIECE_PX)
        starts, items = buffers.zeros(columns * rows + 2, "q"), buffers.zeros(count, "i")
        axes.sort_pieces(pieces, count, grid, starts, items)
        self.piece_count, self.outlines = count, (pieces, grid, starts, items)

    def arms(self, wanted: list[tuple[int, int, float]]) -> list[list[float]]:
        """How ends of chains go on towards a branch; rows of `axes.find_arms`."""
        rows = buffers.zeros(axes.ARM * len(wanted), "d")
        asked = buffers.numbers("d", *(number for row in wanted for number in row))
        axes.find_arms(self.atoms, self.offsets, asked, len(wanted), self._sorted, rows)
        flat = list(rows)
        return [flat[at : at + axes.ARM] for at in range(0, len(flat), axes.ARM)]

    def tips(self, wanted: list[tuple[int, int]]) -> list[list[float]]:
        """Where strokes end; rows of `axes.find_tips`."""
        rows = buffers.zeros(axes.TIP * len(wanted), "d")
        asked = buffers.numbers("q", *(number for row in wanted for number in row))
        axes.find_tips(self.atoms, self.offsets, asked, len(wanted), *self.outlines, self._sorted, rows)
        flat = list(rows)
        return [flat[at : at + axes.TIP] for at in range(0, len(flat), axes.TIP)]
