"""Outlines: `Paths` (closed polygons) and `Curves` (closed chains of lines and cubic Béziers).

Ink lies to the right of the way: outer outlines run clockwise on the screen (y down), holes
counter-clockwise, so that the non-zero and the even-odd rule fill the same.
"""
from __future__ import annotations

from linefinish import checks
from linefinish.errors import ImageShapeError
from linefinish.memory import buffers
from linefinish.records import record, trusted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from os import PathLike
    from typing import Any, BinaryIO

    import numpy as np
    from numpy.typing import ArrayLike

    from linefinish.data.nesting import Outline

    Box = tuple[float, float, float, float]
    Matrix = Sequence[float] | Sequence[Sequence[float]] | np.ndarray

LINE, CUBIC = 0, 1
# How far a vertex may lie from the page's corner, in pixels: 16 times the longest side, which is
# where `compose` cuts coordinates, too.
COORDINATE_PX_MAX = 16_000_000.0


@record
class Paths:
    """Closed polygons over a page of width × height pixels.

    points   f64, (n, 2) flat: x, y of each vertex, in pixels
    offsets  i64, (m + 1,): path i has the vertices offsets[i] … offsets[i + 1] - 1, its last joined
    to its first
    signs    i32, (m,): +1 an outer outline (ink inside), -1 a hole
    grey     whether the vertices come from grey values (sub-pixel) or lie on the midpoints of pixel
             edges
    sharp    whether these greys were not blurred, so that nothing of the outline is wobble
    """

    width: int
    height: int
    points: memoryview[float]
    offsets: memoryview[int]
    signs: memoryview[int]
    grey: bool = False
    sharp: bool = False

    def __post_init__(self) -> None:
        offsets, count = checks.counts(self.offsets, "Paths.offsets")
        points = checks.flat(self.points, 2 * count, checks.NUMBERS, "Paths.points")
        signs = checks.flat(self.signs, len(offsets) - 1, checks.INTEGERS, "Paths.signs")
        checks.sides(self.__dict__)
        checks.at_most(points, COORDINATE_PX_MAX, "Paths.points")
        if any(sign not in (1, -1) for sign in signs):
            raise ImageShapeError("Paths.signs may hold 1 and -1 alone")
        self.__dict__.update(points=points, offsets=offsets, signs=signs, grey=bool(self.grey), sharp=bool(self.sharp))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def points_array(self) -> np.ndarray:
        """Vertices as float64 (n, 2), read-only."""
        return _array(self.points, "f8", (-1, 2))

    def offsets_array(self) -> np.ndarray:
        """Offsets as int64 (m + 1,), read-only."""
        return _array(self.offsets, "i8", (-1,))

    def signs_array(self) -> np.ndarray:
        """Signs as int32 (m,), read-only."""
        return _array(self.signs, "i4", (-1,))

    @classmethod
    def from_arrays(cls, width: int, height: int, points: ArrayLike, offsets: ArrayLike | None = None) -> Paths:
        """From array-likes: points (n, 2) in pixels and offsets (m + 1,), or in place of both a
        list of m arrays (n_i, 2), each closed, with or without its first point again at its end.

        The signs are those of the polygons' areas. Raises ImageShapeError.
        """
        from linefinish.data import arrays

        if offsets is None:
            points, offsets = arrays.rings(points, "points")
        flat = arrays.flat(points, "d", (-1, 2), "points")
        starts = arrays.flat(offsets, "q", (-1,), "offsets")
        made = cls(width, height, flat, starts, buffers.numbers("i", *(1,) * max(len(starts) - 1, 0)))
        signs = buffers.numbers("i", *(outline.sign for outline in made.outlines()))
        return cls(width, height, flat, starts, signs)

    def to_curves(self) -> Curves:
        """The same outlines as chains of lines."""
        from linefinish.data.polygons import lines

        return trusted(Curves, self.width, self.height, *lines(self), self.offsets)

    def __iter__(self) -> Iterator[Outline]:
        return iter(self.outlines())

    def outlines(self) -> list[Outline]:
        """Each outline with its sign, area and bounds, and with the one that holds it."""
        return self.to_curves().outlines()

    @property
    def area(self) -> float:
        """Square pixels of ink, exactly: outer outlines less holes."""
        return self.to_curves().area

    @property
    def bounds(self) -> Box | None:
        """Left, top, right, bottom of all vertices in pixels; None where there are none."""
        return self.to_curves().bounds

    def transform(self, matrix: Matrix, *, width: int | None = None, height: int | None = None) -> Paths:
        """`Curves.transform`, for polygons."""
        from linefinish.data import affine, polygons

        six = affine.matrix_of(matrix)
        size = affine.page_of(self.width, self.height, six, (width, height))
        points = affine.moved(self.points, self.offsets[-1], six)
        if affine.mirrors(six):
            points = polygons.turned_round(points, self.offsets)
        return trusted(Paths, *size, points, self.offsets, self.signs, self.grey, self.sharp)

    def to_svg_path(self, *, decimals: int = 2) -> str:
        """`Curves.to_svg_path`, of polygons."""
        return self.to_curves().to_svg_path(decimals=decimals)

    @property
    def __geo_interface__(self) -> dict[str, Any]:
        """A MultiPolygon in pixels, y down: `shapely.geometry.shape(paths)`."""
        from linefinish.data.polygons import geo_interface

        return geo_interface(self)


@record
class Curves:
    """Closed chains of segments over a page of width × height pixels.

    segments  f64, (k, 3, 2) flat: first control point, second control point, end point of each
    segment, in pixels. A
              segment starts where the one before it in its chain ends; the first starts at the end
              of the last. A line's control points repeat its start and its end.
    kinds     u8, (k,): LINE or CUBIC
    offsets   i64, (m + 1,): chain i has the segments offsets[i] … offsets[i + 1] - 1
    """

    width: int
    height: int
    segments: memoryview[float]
    kinds: memoryview[int]
    offsets: memoryview[int]

    def __post_init__(self) -> None:
        offsets, count = checks.counts(self.offsets, "Curves.offsets")
        segments = checks.flat(self.segments, 6 * count, checks.NUMBERS, "Curves.segments")
        kinds = checks.flat(self.kinds, count, checks.OCTETS, "Curves.kinds")
        checks.sides(self.__dict__)
        checks.only(kinds, bytes((LINE, CUBIC)), "Curves.kinds")
        self.__dict__.update(segments=segments, kinds=kinds, offsets=offsets)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @classmethod
    def empty(cls, width: int, height: int) -> Curves:
        """A page without ink."""
        checks.size(width, height)
        return trusted(cls, width, height, buffers.zeros(0, "d"), buffers.zeros(0, "B"), buffers.zeros(1, "q"))

    @classmethod
    def from_arrays(cls, width: int, height: int, segments: ArrayLike, kinds: ArrayLike, offsets: ArrayLike) -> Curves:
        """From array-likes of the shapes (k, 3, 2), (k,) and (m + 1,), which are copied. Of a line
        only the end is read: its control points are made its start and its end.

        Raises ImageShapeError.
        """
        from linefinish.data import arrays, polygons

        flat = arrays.flat(segments, "d", (-1, 3, 2), "segments")
        made = cls(width, height, flat, arrays.flat(kinds, "B", (-1,), "kinds"), arrays.flat(offsets, "q", (-1,), "offsets"))
        polygons.straighten(made)
        made.bounds  # noqa: B018 (whether all are numbers)
        return made

    @classmethod
    def from_svg(
        cls, source: str | bytes | PathLike[str] | BinaryIO, *, width: int | None = None, height: int | None = None
    ) -> Curves:
        """From an SVG file, its text, or a path's data ("M0 0…"): what is filled, as ink.

        All of the path grammar, basic shapes, nested transforms, viewBox and fill rules are read; a
        user unit of the viewBox is a pixel. The page is as large as asked for, else as the drawing
        says. White over ink is cut out where its outlines lie within those of the ink, or around
        them. Refused, and not passed over, are white across an edge of ink, strokes alone, text,
        images, `use`, clipping, masks, entities, and more than 64 MiB. Raises ImageReadError,
        ImageShapeError.
        """
        from linefinish.data.svg_drawing import read

        return read(source, cls, width, height)

    @property
    def segment_count(self) -> int:
        """Lines and cubics in all chains."""
        return int(self.offsets[-1])

    def __iter__(self) -> Iterator[Outline]:
        return iter(self.outlines())

    def outlines(self) -> list[Outline]:
        """Each outline with its sign, area and bounds, and with the one that holds it."""
        from linefinish.data.nesting import outlines_of

        return outlines_of(self)

    @property
    def area(self) -> float:
        """Square pixels of ink, exactly: outer outlines less holes. Where outlines overlap, each
        counts.
        """
        from linefinish.data.measures import areas_of

        return areas_of(self)[1]

    @property
    def bounds(self) -> Box | None:
        """Left, top, right, bottom of the ink in pixels, to the curves' own extremes; None where
        there is none.
        """
        from linefinish.data.measures import box_of

        return box_of(self)

    def transform(self, matrix: Matrix, *, width: int | None = None, height: int | None = None) -> Curves:
        """The curves through an affine map, exactly.

        matrix  2 × 3 or 3 × 3 numbers in rows, as OpenCV has them, or six as in SVG's matrix(a b c
                d e f). Of one that mirrors, the outlines are turned round, so that ink stays to the
                right of the way.
        width, height  of the new page in pixels; by default it reaches as far as the moved page

        Raises OptionsError for a matrix that is none or has no way back, ImageShapeError for a page
        that cannot be, ImageError for a coordinate that is no number.
        """
        from linefinish.data import affine

        six = affine.matrix_of(matrix)
        size = affine.page_of(self.width, self.height, six, (width, height))
        made = trusted(Curves, *size, affine.moved(self.segments, 3 * self.segment_count, six), self.kinds, self.offsets)
        if affine.mirrors(six):
            made = trusted(Curves, *size, *affine.turned(made, b"\1" * len(self)), self.offsets)
        return made

    def to_polygons(self, tolerance: float = 0.05) -> Paths:
        """Closed polygons whose chords lie no farther from the curves than `tolerance` pixels: from
        0.000001 on, larger gives fewer vertices. Raises OptionsError, ImageError.
        """
        from linefinish.data.polygons import polygons

        return trusted(Paths, self.width, self.height, *polygons(self, tolerance), False, False)

    def to_svg_path(self, *, decimals: int = 2) -> str:
        """What stands in an SVG's d="…": relative commands, in pixels rounded to 0 to 9 decimals,
        for the non-zero or the even-odd rule. Raises OptionsError, ImageError.
        """
        from linefinish.data.path_text import path_text

        return path_text(self, decimals)

    @property
    def __geo_interface__(self) -> dict[str, Any]:
        """A MultiPolygon in pixels, y down, of `to_polygons()`, as `shapely.geometry.shape` reads
        it.
        """
        from linefinish.data.polygons import geo_interface

        return geo_interface(self.to_polygons())

    def segments_array(self) -> np.ndarray:
        """Segments as float64 (k, 3, 2), read-only."""
        return _array(self.segments, "f8", (-1, 3, 2))

    def kinds_array(self) -> np.ndarray:
        """Kinds as uint8 (k,), read-only."""
        return _array(self.kinds, "u1", (-1,))

    def offsets_array(self) -> np.ndarray:
        """Offsets as int64 (m + 1,), read-only."""
        return _array(self.offsets, "i8", (-1,))


def _array(data: Any, dtype: str, shape: tuple[int, ...]) -> np.ndarray:
    import numpy as np

    flat = np.frombuffer(data, dtype) if memoryview(data).nbytes else np.zeros(0, dtype)
    view = flat.reshape((0, *shape[1:]) if flat.size == 0 else shape)
    view.flags.writeable = False
    return view
