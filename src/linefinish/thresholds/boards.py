"""Checkerboards: what image editors show where a picture is transparent, and what stays in it.

A board is two greys in squares of one size. Once its lattice is known, the paper under each pixel
is known as well, soft edges of squares included, and ink over either square becomes ink over paper.
"""
from __future__ import annotations

import cmath
import math
from collections import Counter

from linefinish.data.raster import Gray
from linefinish.memory import buffers
from linefinish.records import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

# A grey of a board has one pixel in so many of the page, and within _TONE_REACH_GRAYS of it one in
# so many. Larger: pages with a small fill are asked in vain; smaller: boards round a large white
# drawing stay.
_TONE_ONE_IN, _TONES_ONE_IN, _TONE_REACH_GRAYS = 100, 25, 4
# Its two greys are apart by at least so many, and so is the darker one from the ink.
_APART_GRAYS_MIN, _INK_APART_GRAYS_MIN = 12, 16
# Of the page, ink darker than the board is at least one pixel in so many: else the squares are what
# is drawn. Larger: dust on a chessboard is ink.
_INK_ONE_IN = 2000
# Rows and columns that are looked at for the lattice, and for how soft its edges are.
_LINES_ASKED = 48
# Of the lines that are looked at so many have an edge at the same pixel, where any has one, and of
# every fourth of them. Larger: boards of which little is seen stay; smaller: the edges of a shadow
# (1.0 to 1.3) are searched for a lattice, which takes as long as all else.
_EDGES_A_PLACE_MIN, _EDGES_A_PLACE_OF_FEW_MIN = 2, 1.15
# Sides of squares, edges that are seen, and whole squares side by side: fewer are no board.
_SIDE_PX_MIN, _EDGES_MIN, _SQUARES_MIN = 1.5, 32, 1
# An edge counts where, within a pixel, there are so many as this share of the most. Soft edges of
# ink pass through both greys, each at a place of its own. Larger: lines of the lattice that a
# drawing mostly covers do not count; smaller: large squares stay, of which there are few edges.
_VOTES_SHARE_MIN = 0.125
# So much of the edges lies on the lattice, and so much of the darker grey in squares of one kind.
# Larger: boards behind dense drawings stay; smaller: grey tiles of a drawing are taken for one.
_ON_LATTICE_MIN, _ONE_KIND_MIN = 0.8, 0.9
# Where so few squares are seen to be dark, or side by side, any two fills might be squares. So the
# sides are alike across and down, up to this share, and of what is dark and what should be at most
# so much is on the other's side. Larger: large fills of a drawing are taken for a board; smaller:
# boards of large squares behind dense drawings stay.
_FEW_DARK, _FEW_SIDE_BY_SIDE, _SIDES_APART_MAX, _FEW_WRONG_MAX = 9, 3, 0.03, 0.3
# Pixels so near to a line of the lattice may be of both squares.
_SOFT_PX = 1.75
# In so many steps it is told how much of a pixel is of the darker square.
_STEPS = 16
# What is paler than the paper less this share of the board's contrast is paper, where a pixel is of
# both squares; elsewhere less so many greys.
_MIXED_SHARE, _PLAIN_GRAYS = 0.2, 3
# A dark square is filled with white where at most so much of it is as dark as such squares. Larger:
# narrow strips of squares that a white drawing covers stay; smaller: soft edges of ink are dark.
_DARK_SHARE_MAX = 0.04


@record
class _Axis:
    """Lines of a lattice across one axis: at first + side · k pixels; how many whole squares lie
    between those of its lines that are seen.
    """

    first: float
    side: float
    seen: int

    def square(self, at: float) -> int:
        """The number of the square that a place in pixels lies in."""
        return math.floor((at - self.first) / self.side)

    def middle(self, square: int) -> int:
        """The pixel in the middle of a square."""
        return math.floor(self.first + (square + 0.5) * self.side)


@record
class _Board:
    """Two greys, the ink's and the page's lightest; which squares are dark: those the sum of whose
    numbers is even (0) or odd (1); and the share of each column's and row's pixels that lies in a
    square of an odd number, in steps.
    """

    light: int
    dark: int
    ink: int
    white: int
    kind: int
    across: _Axis
    down: _Axis
    columns: bytes
    rows: bytes


def without_board(gray: Gray, histogram: list[int]) -> Gray | None:
    """The page as it would be without the checkerboard under its ink; None where there is none."""
    pixels, data = gray.width * gray.height, memoryview(gray.data).cast("B")
    asked = [bytes(data[y * gray.width : (y + 1) * gray.width]) for y in _asked(gray.height)]
    for light, dark in _pairs(histogram, pixels):
        darker = list(histogram[: max(dark - _INK_APART_GRAYS_MIN, 0)])
        if sum(darker) * _INK_ONE_IN <= pixels:
            continue
        found = _lattice(gray, asked, light, dark)
        if found:
            across, down, kind = found
            white = max(light, max(grey for grey in range(256) if histogram[grey] * _TONE_ONE_IN >= pixels))
            columns, rows = _shares(gray, light, dark, across, down, kind)
            board = _Board(light, dark, _ink(darker), white, kind, across, down, columns, rows)
            return _over_paper(gray, board)
    return None


def _pairs(histogram: list[int], pixels: int) -> list[tuple[int, int]]:
    """The greys that may be a board's, lighter and darker, most common first."""
    common = sorted((grey for grey, count in enumerate(histogram) if count * _TONE_ONE_IN >= pixels), key=histogram.__getitem__)
    peaks: list[int] = []
    while common and len(peaks) < 4:
        grey = common.pop()
        near = sum(histogram[max(grey - _TONE_REACH_GRAYS, 0) : grey + _TONE_REACH_GRAYS + 1])
        if all(abs(grey - peak) >= _APART_GRAYS_MIN for peak in peaks) and near * _TONES_ONE_IN >= pixels:
            peaks.append(grey)
    return [(max(a, b), min(a, b)) for i, b in enumerate(peaks) for a in peaks[:i]]


def _ink(darker: list[int]) -> int:
    """The grey that is most common, within two, of those darker than a board."""
    near = [sum(darker[max(grey - 2, 0) : grey + 3]) for grey in range(len(darker))]
    return near.index(max(near))


def _classes(light: int, dark: int) -> bytes:
    """A table that makes each grey a letter: light or dark square, mixed of both, whiter,
    or else x.
    """
    reach = min((light - dark) // 4, 12)
    letters = bytearray(b"x" * 256)
    letters[light:] = b"w" * (256 - light)
    for grey in range(dark - reach if dark > reach else 0, min(light + reach, 255) + 1):
        letters[grey] = b"d"[0] if grey <= dark + reach else b"l"[0] if grey >= light - reach else b"m"[0]
    return bytes(letters)


def _lattice(gray: Gray, rows: list[bytes], light: int, dark: int) -> tuple[_Axis, _Axis, int] | None:
    """The board's lines, across and down, and which squares are dark; None where it is no board.
    `rows` are those that are asked.
    """
    data = memoryview(gray.data).cast("B")
    across = _axis(rows, light, dark)
    if across is None:
        return None
    down = _axis([bytes(data[x :: gray.width]) for x in _asked(gray.width)], light, dark)
    if down is None:
        return None
    letters, kinds = _classes(light, dark), [0, 0]
    for v in range(max(down.square(0), -1), down.square(gray.height - 1) + 1):
        y = down.middle(v)
        if 0 <= y < gray.height:
            row = bytes(data[y * gray.width : (y + 1) * gray.width]).translate(letters)
            for u in range(across.square(0), across.square(gray.width - 1) + 1):
                x = across.middle(u)
                if 0 <= x < gray.width and row[x] == b"d"[0]:
                    kinds[(u + v) & 1] += 1
    kind = kinds.index(max(kinds))
    if kinds[kind] < _FEW_DARK or min(across.seen, down.seen) < _FEW_SIDE_BY_SIDE:
        is_board = any(kinds) and _is_of_few([row.translate(letters) for row in rows], gray.height, across, down, kind)
    else:
        is_board = kinds[kind] >= _ONE_KIND_MIN * sum(kinds)
    return (across, down, kind) if is_board else None


def _is_of_few(rows: list[bytes], height: int, across: _Axis, down: _Axis, kind: int) -> bool:
    """Whether a few squares are a board: as high as they are wide, dark and light in turn. `rows`
    are the letters of those that are asked.
    """
    if abs(across.side - down.side) > _SIDES_APART_MAX * across.side:
        return False
    dark = wrong = 0
    for y, row in zip(_asked(height), rows, strict=True):
        v = down.square(y + 0.5)
        for u in range(across.square(0.5), across.square(len(row) - 0.5) + 1):
            left, right = (max(round(across.first + k * across.side), 0) for k in (u, u + 1))
            seen = row[left:right]
            if (u + v) & 1 == kind:
                dark += seen.count(b"d")
                wrong += seen.count(b"l") + seen.count(b"w")
            else:
                wrong += seen.count(b"d")
    return wrong <= _FEW_WRONG_MAX * (dark + wrong)


def _asked(count: int) -> Sequence[int]:
    """Rows or columns at uneven distances, so that none of them all lie on lines of a lattice."""
    asked = min(_LINES_ASKED, count)
    return sorted({(2 * i + 1) * count // (2 * asked) + i * i % 7 - 3 for i in range(asked)} & set(range(count)))


def _axis(lines: list[bytes], light: int, dark: int) -> _Axis | None:
    """The lattice's lines across rows of pixels (or columns), by where the two greys meet."""
    letters, edges, gaps = _classes(light, dark), Counter[float](), Counter[float]()
    if not lines or _scattered(_edges([line.translate(letters) for line in lines[::4]]), _EDGES_A_PLACE_OF_FEW_MIN):
        return None
    lettered = [line.translate(letters) for line in lines]
    marks = _edges(lettered)
    if sum(line.count(1) for line in marks) < _EDGES_MIN or _scattered(marks, _EDGES_A_PLACE_MIN):
        return None
    meetings = [_spans(line, marked) for line, marked in zip(lettered, marks, strict=True)]
    for line, spans in zip(lines, meetings, strict=True):
        before = None
        for begin, end in spans:
            first, second = line[begin - 1], line[end]
            place = round(8 * (begin + sum((grey - second) / (first - second) for grey in line[begin:end]))) / 8
            edges[place] += 1
            if before is not None:
                gaps[place - before] += 1
            before = place
    edges = _voted(edges)
    if not gaps:
        return None
    eighths = [0] * (8 * (len(lines[0]) + 4))
    for gap, count in gaps.items():
        eighths[round(8 * gap)] = count
    around = {gap: sum(eighths[max(round(8 * gap) - 9, 0) : round(8 * gap) + 10]) for gap in gaps}
    gap = max(around, key=lambda gap: (around[gap], gaps[gap]))
    near = {other: count for other, count in gaps.items() if abs(other - gap) <= 1.125}
    side = sum(other * count for other, count in near.items()) / sum(near.values())
    length = max(edges) - min(edges)
    if side < _SIDE_PX_MIN or length < _SQUARES_MIN * side:
        return None
    return _fitted(edges, side, length)


# The letters of a board's squares as bits: light, dark, mixed as two more.
_BITS = bytes({b"l"[0]: 1, b"d"[0]: 2, b"m"[0]: 12}.get(letter, 0) for letter in range(256))


# Pixels of both squares between one and the other, at most.
_MIXED_MAX = 3


def _edges(lines: list[bytes]) -> list[bytes]:
    """For each of some lines of as many letters 1 where a square ends: after it comes the other
    one, at once or after pixels of both. Else 0.

    All letters are asked at once, each a byte of a large number: most pages that are asked have no
    board, and a search letter by letter takes ten times as long.
    """
    count = len(lines[0]) + 1
    here = int.from_bytes(b"x".join(lines).translate(_BITS), "little")
    mixed, reached = here >> 2, here  # which squares are reached from a pixel over mixed ones
    for _ in range(_MIXED_MAX):
        reached = here | mixed & (reached >> 8)
    found = (here & (reached >> 9) | (here >> 1) & (reached >> 8)) & int.from_bytes(b"\1" * (count * len(lines)), "little")
    marks = found.to_bytes(count * len(lines), "little")
    return [marks[i * count : (i + 1) * count] for i in range(len(lines))]


def _spans(line: bytes, marks: bytes) -> list[tuple[int, int]]:
    """Where the pixels of both squares at each marked edge begin and end."""
    spans, at = [], marks.find(1)
    while at >= 0:
        end = at + 1
        while line[end] == b"m"[0]:
            end += 1
        spans.append((at + 1, end))
        at = marks.find(1, end)
    return spans


def _scattered(marks: list[bytes], least: float) -> bool:
    """Whether so many lines have their edges at other pixels each."""
    places = 0
    for line in marks:
        places |= int.from_bytes(line, "little")
    return sum(line.count(1) for line in marks) < least * places.bit_count()


def _voted(edges: Counter[float]) -> Counter[float]:
    """The edges at places where, within a pixel, there are many."""
    pixels = Counter[int]()
    for place, count in edges.items():
        pixels[math.floor(place)] += count
    near = {at: pixels[at - 1] + pixels[at] + pixels[at + 1] for at in pixels}
    least = _VOTES_SHARE_MIN * max(near.values(), default=0)
    return Counter({place: count for place, count in edges.items() if near[math.floor(place)] >= least})


def _fitted(edges: Counter[float], side: float, length: float) -> _Axis | None:
    """The lattice near one of that side on which most edges lie; None where too few do."""

    def waves(side: float) -> complex:
        return sum(count * cmath.exp(2j * math.pi * place / side) for place, count in edges.items())

    step = side * side / (8 * length)
    steps = min(int(0.04 * side / step) + 1, 200)
    # Every fourth is within a tenth of the best one's height.
    for every, reach in ((4, steps // 4), (1, 3)):
        side = max((side + i * every * step for i in range(-reach, reach + 1)), key=lambda side: abs(waves(side)))
    first = side * cmath.phase(waves(side)) / (2 * math.pi)
    for share in (0.2, 0.08, 0.03):  # the line through the edges' places by their numbers, nearer each time
        on = [(round((place - first) / side), place, count) for place, count in edges.items()]
        on = [(k, place, count) for k, place, count in on if abs(place - first - k * side) <= max(share * side, 0.75)]
        total = sum(count for _, _, count in on)
        if total < max(_ON_LATTICE_MIN * edges.total(), _EDGES_MIN):  # nearest-neighbour steps are within 0.5 px
            return None
        mean_k, mean_place = (sum(one[i] * one[2] for one in on) / total for i in (0, 1))
        spread = sum((k - mean_k) ** 2 * count for k, _, count in on)
        if spread == 0:
            return None
        side = sum((k - mean_k) * (place - mean_place) * count for k, place, count in on) / spread
        first = mean_place - mean_k * side
    places = [place for _, place, _ in on]
    return _Axis(first, side, round((max(places) - min(places)) / side)) if side >= _SIDE_PX_MIN else None


def _shares(gray: Gray, light: int, dark: int, across: _Axis, down: _Axis, kind: int) -> tuple[bytes, bytes]:
    """How much of each column and each row lies in squares of an odd number, in steps."""
    data, width, height = memoryview(gray.data).cast("B"), gray.width, gray.height
    rows = [
        (bytes(data[y * width : (y + 1) * width]), (v + kind) & 1)
        for v in _some(down.square(0), down.square(height - 1)) if 0 <= (y := down.middle(v)) < height
    ]  # fmt: skip
    columns = [
        (bytes(data[x::width]), (u + kind) & 1)
        for u in _some(across.square(0), across.square(width - 1)) if 0 <= (x := across.middle(u)) < width
    ]  # fmt: skip
    return _shares_along(rows, width, light, dark, across), _shares_along(columns, height, light, dark, down)


def _some(first: int, last: int) -> Sequence[int]:
    """At most twice as many squares as lines are asked, of both kinds."""
    step = max(1, (last - first + 1) // (2 * _LINES_ASKED)) | 1
    return range(first, last + 1, step)


def _shares_along(lines: list[tuple[bytes, int]], count: int, light: int, dark: int, axis: _Axis) -> bytes:
    """The share of odd squares at each of `count` places; `lines` are rows (or columns) through the
    middle of squares, and whether even squares are light there.
    """
    letters = _classes(light, dark)
    lettered = [(line, line.translate(letters), odd) for line, odd in lines]
    out = bytearray(count)
    for at in range(count):
        square = axis.square(at + 0.5)
        out[at] = _STEPS * (square & 1)
        line = round((at + 0.5 - axis.first) / axis.side)
        before_px = axis.first + line * axis.side - at  # of this pixel
        if abs(before_px - 0.5) > _SOFT_PX:
            continue
        odd = before_px if line - 1 & 1 else 1 - before_px
        out[at] = min(max(round(_STEPS * odd), 0), _STEPS)
        before, after = axis.middle(line - 1), axis.middle(line)
        if before < 0 or after >= count:
            continue
        seen = []
        for greys, letter, even_is_light in lettered:
            # Dark is the square whose number is odd where even ones are light.
            pair = b"ld" if (line - 1 & 1) ^ even_is_light else b"dl"
            if letter[before] == pair[0] and letter[after] == pair[1] and letter[at] != b"x"[0]:
                share = (light - greys[at]) / (light - dark)
                seen.append(share if even_is_light else 1 - share)
        if len(seen) >= 3:
            seen.sort()
            out[at] = min(max(round(_STEPS * seen[len(seen) // 2]), 0), _STEPS)
    return bytes(out)


def _over_paper(gray: Gray, board: _Board) -> Gray:
    """The page with each pixel's ink laid over white."""
    width, height = gray.width, gray.height
    data = memoryview(gray.data).cast("B")
    out = buffers.zeros(width * height, "B", written_whole=True)
    tables = [_table(board, share) for share in range(_STEPS + 1)]
    only = [bytes(step) + b"\xff" + bytes(255 - step) for step in range(_STEPS + 1)]
    squares = [board.across.square(x + 0.5) for x in range(width)]
    masks: dict[Any, list[tuple[bytes, int]]] = {}
    for y in range(height):
        v = board.down.square(y + 0.5)
        white = _white_squares(gray, board, v) if (v,) not in masks else None
        if white is not None:
            masks[(v,)] = [(bytes(u in white for u in range(squares[0], squares[-1] + 1)), 0)]
        whites = masks[(v,)][0][0]
        key = (board.rows[y], whites if 1 in whites else b"")
        if key not in masks:
            masks[key] = _masks(board, squares, board.rows[y], whites, tables, only)
        row = bytes(data[y * width : (y + 1) * width])
        made = 0
        for table, mask in masks[key]:
            made |= int.from_bytes(row.translate(table), "little") & mask
        out[y * width : (y + 1) * width] = made.to_bytes(width, "little")
    return Gray(width, height, out, gray.dpi)


def _masks(
    board: _Board, squares: list[int], row: int, whites: bytes, tables: list[bytes], only: list[bytes]
) -> list[tuple[bytes, int]]:
    """The tables that a row's pixels go through, and which pixels go through each."""
    shares = bytearray(len(squares))
    for x, column in enumerate(board.columns):
        odd = column * (_STEPS - row) + row * (_STEPS - column)  # of the sum of both numbers
        odd = round(odd / _STEPS)
        shares[x] = 0 if whites[squares[x] - squares[0]] else odd if board.kind else _STEPS - odd
    return [(tables[share], int.from_bytes(shares.translate(only[share]), "little")) for share in sorted(set(shares))]


def _white_squares(gray: Gray, board: _Board, v: int) -> set[int]:
    """Of a row of squares those dark ones that are white: the drawing is filled there."""
    data, width = memoryview(gray.data).cast("B"), gray.width
    letters = _classes(board.light, board.dark)
    top, bottom = (round(board.down.first + k * board.down.side) for k in (v, v + 1))
    rows = [bytes(data[y * width : (y + 1) * width]).translate(letters) for y in range(max(top, 0), min(bottom, gray.height))]
    white = set()
    for u in range(board.across.square(0.5), board.across.square(width - 0.5) + 1):
        if (u + v) & 1 == board.kind:
            left, right = (max(round(board.across.first + k * board.across.side), 0) for k in (u, u + 1))
            seen = b"".join([row[left:right] for row in rows])
            light, dark = seen.count(b"l") + seen.count(b"w"), seen.count(b"d")
            if light and dark <= _DARK_SHARE_MAX * len(seen):
                white.add(u)
    return white


def _table(board: _Board, share: int) -> bytes:
    """What ink over that share of the darker grey becomes over white, by grey."""
    paper = board.light - (board.light - board.dark) * share / _STEPS
    mixed = 0 < share < _STEPS
    clear = paper - max(_MIXED_SHARE * (board.light - board.dark) if mixed else 0, _PLAIN_GRAYS)
    return bytes(
        board.white if grey >= clear else
        max(round(board.white - (board.white - board.ink) * (paper - grey) / (paper - board.ink)), 0) for grey in range(256)
    )  # fmt: skip
