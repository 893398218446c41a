"""What a page's content paints: content streams and forms → `Mark`s (ISO 32000-2, sections 8, 9).

The graphics state is followed as far as a preflight asks: matrix, clip bounds, colours, stroke
width, text size and position, transparency. Glyphs are boxes between the font's ascent and descent;
those that are drawings themselves (Type 3) are painted, too, the first time on a page.
"""
from __future__ import annotations

import math
import re

import numpy as np

from linefinish.preflight.colours import Colours, tone_of
from linefinish.preflight.images import Pictures, coarse
from linefinish.preflight.marks import BLACK, COLOUR, GRAY, WHITE, Mark, overlap
from linefinish.verifiers.pdf_lexer import Lexer, Name, Stream, Word, name_of, number
from linefinish.verifiers.verdict import DamagedError, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from linefinish.preflight.marks import Box
    from linefinish.preflight.opening import Opened

Matrix = tuple[float, float, float, float, float, float]
_UNIT: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
_EVERYWHERE: Box = (-1e9, -1e9, 1e9, 1e9)
# Forms within forms; real files have five.
_FORMS_DEPTH_MAX = 28
_STATES_MAX = 10_000
_OPERANDS_MAX = 200
# Lines and curves of one path: a dense mandala has a hundred thousand.
_EDGES_MAX = 1_000_000
# PaintType of a pattern whose tiles have the colour that the pattern is painted in.
_UNCOLOURED = 2
# Bytes of a string whose widths are added up at a time.
_GLYPHS = 1 << 16
# Straight pieces that a curve becomes: within 0.1 pt for curves as long as a page.
_PIECES = 8
# A line that is filled, not stroked: at least this long, in points, and an outline of four edges,
# or any that is alone in its path.
_BAR_PT_MIN = 7.2
_BAR_EDGES = 4
_PATHS = re.compile(rb"(?:[\0\t\n\f\r \d.+-]{0,200}+(?:re|[mlcvyhfnFBbSsW]\*?|[wJjMi])(?=[\0\t\n\f\r ]|\Z))*+")
_SPACE = re.compile(rb"[\0\t\n\f\r ]")
# Bytes of path operators that are taken apart at a time: a word takes fifty bytes then.
_RUN_BYTES = 1 << 18
# Rows of an image that is turned, at a time, and the least side of the squares that it is laid on,
# in points: a pixel of 600 dpi. Larger misses less than a margin's tolerance; smaller costs memory.
_LAID_ROWS, _LAID_PT_MIN = 256, 0.12
# So many squares at most, for memory, and pixels with ink, for time; of more than that both become
# larger. Letter has 34 million at 600 dpi, a twentieth of them ink where it is a drawing.
_LAID_MAX, _LAID_INK_MAX = 1 << 26, 1 << 22


class State:
    """The graphics state (ISO 32000-2, section 8.4)."""

    __slots__ = ("clip", "fill", "fill_space", "font", "leading", "matrix", "mode", "rise", "size", "space", "squeeze",
                 "stroke", "stroke_space", "width", "word")  # fmt: skip

    def __init__(self, matrix: Matrix, clip: Box) -> None:
        self.matrix, self.clip = matrix, clip
        self.fill = self.stroke = BLACK
        self.fill_space: Any = b"DeviceGray"
        self.stroke_space: Any = b"DeviceGray"
        self.width = 1.0
        self.font: Any = None
        self.size = self.leading = self.rise = self.space = self.word = 0.0
        self.squeeze = 1.0
        self.mode = 0

    def copy(self) -> State:
        """For `q`."""
        other = State(self.matrix, self.clip)
        for name in State.__slots__:
            setattr(other, name, getattr(self, name))
        return other


class Painter:
    """Paints pages of one file. After `page`: `marks` in the order of painting; `tiles`, those of
    patterns and glyphs, which stand where other marks do; `transparency`, what on the page is not
    opaque, in words.
    """

    def __init__(self, file: Opened) -> None:
        self.file = file
        self.colours = Colours(file)
        self.pictures = Pictures(file)
        self.fonts: dict[int, Any] = {}
        self.marks: list[Mark] = []
        self.tiles: list[Mark] = []
        self.transparency: list[str] = []
        self.base = _UNIT
        self.drawn: set[Any] = set()  # tiles and glyphs of this page
        self.depth = 0
        self.steps = 0

    def page(self, page: dict[bytes, Any], matrix: Matrix) -> None:
        """Paint a page; `matrix` leads from its units to points from its lower left corner."""
        self.marks, self.tiles, self.transparency, self.depth = [], [], [], 0
        self.base, self.drawn = matrix, set()
        self.file.clock.turn_page()
        self.content(self.file.page_content(page), self.file.dictionary(page.get(b"Resources"), "Resources"), State(matrix, _EVERYWHERE))

    def content(self, text: bytes, resources: dict[bytes, Any], state: State) -> None:
        """A content stream."""
        run = _Run(self, resources, state)
        lexer = self.file.lexer(text)
        operands: list[Any] = []
        while True:
            if not operands:
                space = _SPACE.search(text, lexer.at + _RUN_BYTES)
                end = _PATHS.match(text, lexer.at, space.start() if space else len(text)).end()  # type: ignore[union-attr]
                if end > lexer.at:
                    run.path_words(text[lexer.at : end])
                    lexer.at = end
            item = lexer.next(references=False)
            if item is None:
                return
            if not isinstance(item, Word):
                operands.append(item)
                if len(operands) > _OPERANDS_MAX:
                    raise DamagedError(f"{_OPERANDS_MAX} operands without an operator")
                continue
            self.step()
            if item == b"BI":
                lexer.at = run.inline_image(lexer)
            else:
                run.operator(bytes(item), operands)
            operands.clear()

    def step(self) -> None:
        """Work is counted."""
        self.steps += 1
        if not self.steps % 128:
            self.file.clock.tick()

    def font(self, value: Any) -> _Font:
        """A font, looked at once."""
        entries = self.file.dictionary(value, "a font")
        held = self.fonts.get(id(entries))
        if held is None:
            held = self.fonts[id(entries)] = (entries, _Font(self.file, entries))
        font: _Font = held[1]
        return font


class _Run:
    """One content stream being painted."""

    def __init__(self, painter: Painter, resources: dict[bytes, Any], state: State) -> None:
        self.painter, self.file, self.resources, self.state = painter, painter.file, resources, state
        self.stack: list[State] = []
        self.begin_path()
        self.pending_clip = False
        self.is_stencil = False  # a glyph that has the colour of its words
        self.text = self.line = _UNIT

    # --- paths
    # ------------------------------------------------------------

    def begin_path(self) -> None:
        """No path."""
        self.edges: list[tuple[float, ...]] = []
        self.curves: list[tuple[float, ...]] = []
        self.outlines: list[tuple[int, int]] = []  # edges and curves before each
        self.x = self.y = self.first_x = self.first_y = 0.0

    def path_words(self, text: bytes) -> None:
        """A run of path operators, by the quickest way that Python has."""
        stack: list[float] = []
        words = text.replace(b"\0", b" ").split()
        for start in range(0, len(words), 4096):
            self.file.clock.tick()
            for word in words[start : start + 4096]:
                if word[0] < 58:
                    try:
                        stack.append(float(word))
                    except ValueError:
                        raise DamagedError(f"{shown(word)} is no number") from None
                    continue
                self.path(word, stack)
                stack = []
            if len(self.edges) + len(self.curves) > _EDGES_MAX:
                raise DamagedError(f"a path of more than {_EDGES_MAX:,} pieces")

    def path(self, operator: bytes, numbers: list[float]) -> None:
        """One path operator."""
        needed = _PATH_OPERANDS.get(operator)
        if needed is not None and len(numbers) != needed:
            if len(numbers) < needed:
                raise DamagedError(f"the operator {shown(operator)} lacks operands")
            numbers = numbers[-needed:] if needed else []
        if operator == b"l":
            x, y = numbers
            self.edges.append((self.x, self.y, x, y))
            self.x, self.y = x, y
        elif operator == b"c":
            self.curves.append((self.x, self.y, *numbers))
            self.x, self.y = numbers[4:]
        elif operator == b"m":
            self.close()
            self.x, self.y = self.first_x, self.first_y = numbers[0], numbers[1]
            self.outlines.append((len(self.edges), len(self.curves)))
        elif operator == b"re":
            x, y, w, h = numbers
            self.close()
            self.outlines.append((len(self.edges), len(self.curves)))
            self.edges += [(x, y, x + w, y), (x + w, y, x + w, y + h), (x + w, y + h, x, y + h), (x, y + h, x, y)]
            self.x, self.y = self.first_x, self.first_y = x, y
        elif operator == b"v":
            self.curves.append((self.x, self.y, self.x, self.y, *numbers))
            self.x, self.y = numbers[2:]
        elif operator == b"y":
            self.curves.append((self.x, self.y, *numbers, *numbers[2:]))
            self.x, self.y = numbers[2:]
        elif operator == b"h":
            self.close(drawn=True)
        elif operator == b"w":
            self.state.width = abs(numbers[0])
        elif operator in (b"W", b"W*"):
            self.pending_clip = True
        elif operator in _PAINT:
            self.paint(operator)

    def close(self, drawn: bool = False) -> None:
        """Fills close what is open; strokes only what is told (`drawn`)."""
        if self.x != self.first_x or self.y != self.first_y:
            # A fifth number marks an edge that a fill has and a stroke has not.
            edge = self.x, self.y, self.first_x, self.first_y
            self.edges.append(edge if drawn else (*edge, 0.0))
            self.x, self.y = self.first_x, self.first_y

    def paint(self, operator: bytes) -> None:
        """The path is painted, becomes the clip, or both."""
        self.painter.step()
        state = self.state
        if operator[:1] in b"bs":
            self.close(drawn=True)
        else:
            self.close()
        if self.edges or self.curves:
            starts, ends = self.flattened(for_stroke=False)
            points = np.concatenate((starts, ends))
            low, high = points.min(axis=0), points.max(axis=0)
            box = float(low[0]), float(low[1]), float(high[0]), float(high[1])
            if operator[:1] in b"fFBb":
                bar = self.thinnest_bar(starts, box)
                self.add(Mark("fill", state.fill, box, starts=starts, ends=ends, even_odd=operator.endswith(b"*"), size_pt=bar))
            if operator[:1] in b"SsBb":
                width = state.width * _scale(state.matrix)
                starts, ends = self.flattened(for_stroke=True)
                if len(starts):
                    wide = box[0] - width / 2, box[1] - width / 2, box[2] + width / 2, box[3] + width / 2
                    self.add(Mark("stroke", state.stroke, wide, starts=starts, ends=ends, size_pt=width))
            if self.pending_clip:
                state.clip = overlap(state.clip, box) or (0.0, 0.0, 0.0, 0.0)
        self.pending_clip = False
        self.begin_path()

    def thinnest_bar(self, starts: Any, box: Box) -> float:
        """The thickness of the thinnest line that is filled; 0 where there is none. Bars side by
        side are slices of something larger.
        """
        if len(self.outlines) == 1:
            sides = sorted((box[2] - box[0], box[3] - box[1]))
            return sides[0] if sides[1] >= _BAR_PT_MIN else 0.0
        counts = np.diff([*self.outlines, (len(self.edges), len(self.curves))], axis=0)
        first = np.array(self.outlines)[(counts[:, 0] == _BAR_EDGES) & (counts[:, 1] == 0), 0]
        corners = starts[first[:, None] + np.arange(_BAR_EDGES)]
        low, high = corners.min(axis=1), corners.max(axis=1)
        is_bar = (high - low).max(axis=1) >= _BAR_PT_MIN
        bars = [(high - low)[is_bar, axis] for axis in (0, 1)]
        thin = np.minimum(*bars)
        for axis in (0, 1):
            one, other = np.round(low[is_bar, axis], 2), np.round(high[is_bar, axis], 2)
            thin = np.where((bars[axis] == thin) & (np.isin(one, other) | np.isin(other, one)), np.inf, thin)
        thinnest = float(thin.min(initial=np.inf))
        return thinnest if thinnest < np.inf else 0.0

    def flattened(self, *, for_stroke: bool) -> tuple[Any, Any]:
        """The path's edges in points."""
        a, b, c, d, e, f = self.state.matrix
        edges = [edge[:4] for edge in self.edges if len(edge) == 4 or not for_stroke]
        rows = np.array(edges, float).reshape(-1, 4)
        starts, ends = rows[:, :2], rows[:, 2:]
        if self.curves:
            control = np.array(self.curves, float).reshape(-1, 4, 2)
            t = np.linspace(0, 1, _PIECES + 1)[:, None]
            weights = np.hstack(((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3))
            along = np.einsum("tk,nkd->ntd", weights, control)
            starts = np.concatenate((starts, along[:, :-1].reshape(-1, 2)))
            ends = np.concatenate((ends, along[:, 1:].reshape(-1, 2)))
        turn = np.array(((a, b), (c, d)))
        return starts @ turn + (e, f), ends @ turn + (e, f)

    def add(self, mark: Mark) -> None:
        """A mark, within the clip."""
        box = mark.box
        if not all(map(math.isfinite, box)):
            raise DamagedError("a number that is too large")
        if mark.kind in ("fill", "stroke") and (box[0] == box[2] or box[1] == box[3]):  # the thinnest line is one pixel
            box = box[0] - 0.01, box[1] - 0.01, box[2] + 0.01, box[3] + 0.01
        inside = overlap(box, self.state.clip)
        if inside is None:
            return
        mark.box = inside
        self.painter.marks.append(mark)

    # --- everything else
    # ------------------------------------------------------------

    def operator(self, operator: bytes, operands: list[Any]) -> None:
        """One operator with its operands."""
        state = self.state
        if operator in _PATH_OPERANDS or operator in _PAINT or operator in (b"W", b"W*"):
            self.path(operator, _all_numbers(operands, operator))
        elif operator == b"q":
            self.stack.append(state.copy())
            if len(self.stack) > _STATES_MAX:
                raise DamagedError(f"more than {_STATES_MAX:,} states saved")
        elif operator == b"Q":
            if self.stack:
                self.state = self.stack.pop()
        elif operator == b"cm":
            state.matrix = multiplied(_matrix(_all_numbers(operands, operator)), state.matrix)
        elif operator in _DEVICES:
            space, is_fill = _DEVICES[operator]
            self.set_space(space, is_fill)
            self.set_tone(tone_of(space, _all_numbers(operands, operator)), is_fill)
        elif operator in (b"cs", b"CS"):
            name = name_of(operands[0]) if operands else b""
            space = self.file.dictionary(self.resources.get(b"ColorSpace"), "ColorSpace").get(name, Name(name))
            self.set_space(space, operator == b"cs")
            self.set_tone(self.painter.colours.initial(space), operator == b"cs")
        elif operator in (b"sc", b"scn", b"SC", b"SCN"):
            is_fill = operator[:1] == b"s"
            self.set_tone(self.tone(state.fill_space if is_fill else state.stroke_space, operands), is_fill)
        elif operator == b"gs":
            self.graphics_state(self.named(b"ExtGState", operands))
        elif operator == b"Do":
            self.external(self.named(b"XObject", operands))
        elif operator == b"sh":
            self.add(Mark("shading", COLOUR, state.clip))
        else:
            self.text_operator(operator, operands)

    def set_space(self, space: Any, is_fill: bool) -> None:
        """The colour space."""
        if is_fill:
            self.state.fill_space = space
        else:
            self.state.stroke_space = space

    def set_tone(self, tone: str, is_fill: bool) -> None:
        """The colour."""
        if self.is_stencil:
            return
        if is_fill:
            self.state.fill = tone
        else:
            self.state.stroke = tone

    def tone(self, space: Any, operands: list[Any]) -> str:
        """The tone of a colour in a space."""
        colours = self.painter.colours
        family, parts = colours.family(space)
        values = [float(value) for value in operands if number(value) is not None]
        if family == b"Pattern" and operands and isinstance(operands[-1], Name):
            pattern = self.file.get(self.file.dictionary(self.resources.get(b"Pattern"), "Pattern").get(operands[-1]))
            tone = self.pattern_tone(pattern)
            if isinstance(pattern, Stream) and self.file.get(pattern.entries.get(b"PaintType")) == _UNCOLOURED and tone != WHITE:
                return colours.tone(parts[1], values) if len(parts) > 1 else COLOUR
            return tone
        return colours.tone(space, values)

    def pattern_tone(self, pattern: Any) -> str:
        """The worst tone that a tile paints; shadings are colour."""
        if not isinstance(pattern, Stream) or self.painter.depth > _FORMS_DEPTH_MAX:
            return COLOUR
        kept, self.painter.marks = self.painter.marks, []
        own = self.file.dictionary(pattern.entries.get(b"Resources"), "Resources")
        matrix = self.file.numbers(pattern.entries.get(b"Matrix"))
        placed = multiplied(_matrix(matrix), self.painter.base) if len(matrix) == 6 else self.painter.base
        self.nested(self.file.content(pattern), own, State(placed, _EVERYWHERE))
        found, self.painter.marks = self.painter.marks, kept
        if id(pattern) not in self.painter.drawn:
            self.painter.drawn.add(id(pattern))
            self.painter.tiles += found
        tones = {mark.tone for mark in found}
        return next((tone for tone in (COLOUR, GRAY, BLACK) if tone in tones), WHITE)

    def nested(self, text: bytes, resources: dict[bytes, Any], state: State) -> None:
        """A form's or tile's content."""
        if self.painter.depth >= _FORMS_DEPTH_MAX:
            raise DamagedError(f"more than {_FORMS_DEPTH_MAX} forms in one another")
        self.painter.depth += 1
        self.file.clock.tick()
        self.painter.content(text, resources, state)
        self.painter.depth -= 1

    def named(self, group: bytes, operands: list[Any]) -> Any:
        """The resource that the operand names."""
        key = operands[0] if operands else None
        entry = self.file.dictionary(self.resources.get(group), "Resources").get(key) if isinstance(key, Name) else None
        if entry is None:
            raise DamagedError(f"{shown(name_of(key) or b'?')} names a resource that is not there")
        return entry

    def graphics_state(self, value: Any) -> None:
        """Of a graphics state dictionary: stroke width, font, and what is not opaque."""
        entries = self.file.dictionary(value, "ExtGState")
        told = self.painter.transparency
        for key, one in entries.items():
            found = self.file.get(one)
            if key == b"LW" and number(found) is not None:
                self.state.width = abs(float(found))
            elif key == b"Font" and isinstance(found, list) and len(found) == 2:
                self.state.font, self.state.size = self.painter.font(found[0]), float(number(self.file.get(found[1])) or 0)
            elif key in (b"ca", b"CA") and number(found) is not None and found < 1:
                told.append(f"an opacity of {100 * found:g} %")
            elif key == b"SMask" and isinstance(found, dict):
                told.append("a soft mask")
            elif key == b"BM":
                modes = [name_of(self.file.get(mode)) for mode in (found if isinstance(found, list) else [found])]
                if modes and modes[0] not in (b"Normal", b"Compatible"):
                    told.append(f"the blend mode {shown(modes[0])}")

    def external(self, value: Any) -> None:
        """What `Do` paints."""
        stream = self.file.get(value)
        if not isinstance(stream, Stream):
            raise DamagedError("Do names no stream")
        kind = name_of(self.file.get(stream.entries.get(b"Subtype")))
        if kind == b"Image":
            self.image(stream.entries, stream)
        elif kind == b"Form":
            state = self.state.copy()
            matrix = self.file.numbers(stream.entries.get(b"Matrix"))
            if len(matrix) == 6:
                state.matrix = multiplied(_matrix(matrix), state.matrix)
            bounds = self.file.numbers(stream.entries.get(b"BBox"))
            if len(bounds) == 4:
                state.clip = overlap(state.clip, transformed(bounds, state.matrix)) or (0.0, 0.0, 0.0, 0.0)
            own = stream.entries.get(b"Resources")
            self.nested(self.file.content(stream), self.resources if own is None else self.file.dictionary(own, "Resources"), state)

    def image(self, entries: dict[bytes, Any], stream: Stream) -> None:
        """An image, in the unit square."""
        matrix, state = self.state.matrix, self.state
        spaces = self.file.dictionary(self.resources.get(b"ColorSpace"), "ColorSpace")
        found = self.painter.pictures.look(entries, stream, spaces)
        if found.is_soft:
            self.painter.transparency.append("an image with a soft mask")
        box = transformed((0.0, 0.0, 1.0, 1.0), matrix)
        across, down = math.hypot(matrix[0], matrix[1]), math.hypot(matrix[2], matrix[3])
        if not across or not down:
            return
        dpi = min(found.width / across, found.height / down) * 72
        ink, tone = found.ink, found.tone
        if found.is_mask:
            tone = state.fill
        inside = overlap(box, state.clip)
        if inside is None:
            return
        if ink is not None:
            ink = _turned(ink, matrix)
            if ink is None:
                ink = _laid(found.ink, matrix, inside, self.file.clock.tick)
            elif inside != box:
                ink, inside = _cropped(ink, box, inside)
        self.add(Mark("image", tone, inside, dpi=dpi, bits=found.bits, ink=ink, note=found.note))

    def inline_image(self, lexer: Lexer) -> int:
        """An image within the content; returns where it ends."""
        stream, end = self.painter.pictures.inline(lexer)
        self.image(stream.entries, stream)
        return end

    # --- text
    # ------------------------------------------------------------

    def text_operator(self, operator: bytes, operands: list[Any]) -> None:
        """Text; operators that are not known here paint nothing."""
        state = self.state
        first = number(operands[0]) if operands else None
        value = float(first or 0)
        if operator == b"BT":
            self.text = self.line = _UNIT
        elif operator == b"Tf" and len(operands) == 2:
            state.font, state.size = self.painter.font(self.named(b"Font", operands)), float(number(operands[1]) or 0)
        elif operator == b"d1":
            self.is_stencil = True
        elif operator == b"Tc":
            state.space = value
        elif operator == b"Tw":
            state.word = value
        elif operator == b"Tz":
            state.squeeze = value / 100
        elif operator == b"TL":
            state.leading = value
        elif operator == b"Ts":
            state.rise = value
        elif operator == b"Tr":
            state.mode = int(value)
        elif operator in (b"Td", b"TD"):
            x, y = _all_numbers(operands, operator)[:2] if len(operands) >= 2 else (0.0, 0.0)
            if operator == b"TD":
                state.leading = -y
            self.next_line(x, y)
        elif operator == b"Tm":
            self.text = self.line = _matrix(_all_numbers(operands, operator))
        elif operator == b"T*":
            self.next_line(0, -state.leading)
        elif operator == b"Tj" and operands:
            self.show(operands[:1])
        elif operator == b"TJ" and operands and isinstance(operands[0], list):
            self.show(operands[0])
        elif operator in (b"'", b'"') and operands:
            if operator == b'"' and len(operands) == 3:
                state.word, state.space = float(number(operands[0]) or 0), float(number(operands[1]) or 0)
            self.next_line(0, -state.leading)
            self.show(operands[-1:])

    def next_line(self, x: float, y: float) -> None:
        """The next line begins at an offset from this one's beginning."""
        self.text = self.line = multiplied((1.0, 0.0, 0.0, 1.0, x, y), self.line)

    def show(self, parts: list[Any]) -> None:
        """Strings, and steps between them."""
        state, font = self.state, self.state.font
        if font is None:
            raise DamagedError("text without a font")
        length, has_glyph = 0.0, False
        for part in parts:
            if isinstance(part, bytes) and not isinstance(part, Name):
                for at in range(0, len(part), _GLYPHS):
                    self.file.clock.tick()
                    advance, glyphs, spaces = font.advance(part[at : at + _GLYPHS])
                    length += (advance * state.size + glyphs * state.space + spaces * state.word) * state.squeeze
                    has_glyph = has_glyph or glyphs > spaces
            elif number(part) is not None:
                length -= float(part) / 1000 * state.size * state.squeeze
        whole = multiplied(self.text, state.matrix)
        if has_glyph and state.mode not in (3, 7):
            box = (0.0, font.descent * state.size + state.rise, length, font.ascent * state.size + state.rise)
            height = state.size * font.em * math.hypot(whole[2], whole[3])
            is_outlined = state.mode in (1, 5) and not font.glyphs
            placed = transformed(box, whole)
            self.add(Mark("text", state.stroke if is_outlined else state.fill, placed, size_pt=abs(height), font=font.missing))
            if is_outlined:
                self.add(Mark("stroke", state.stroke, placed, size_pt=state.width * _scale(state.matrix)))
            for part in parts if font.glyphs else ():
                self.drawings(part, font, whole)
        elif has_glyph and font.missing:
            self.add(Mark("text", WHITE, transformed((0, 0, length, state.size), whole), font=font.missing))
        self.text = multiplied((1.0, 0.0, 0.0, 1.0, length, 0.0), self.text)


    def drawings(self, codes: Any, font: _Font, text: Matrix) -> None:
        """Glyphs of Type 3, each once a page for its size and colour; their place is that of the
        words, and thin bars in them are dashes.
        """
        state, painter = self.state, self.painter
        for code in set(codes) if isinstance(codes, bytes) else ():
            glyph = self.file.get(font.glyphs.get(code))
            placed = multiplied(multiplied(font.matrix, (state.size * state.squeeze, 0.0, 0.0, state.size, 0.0, state.rise)), text)
            key = (id(glyph), state.fill, *(round(one, 3) for one in placed[:4]))
            if not isinstance(glyph, Stream) or key in painter.drawn:
                continue
            painter.drawn.add(key)
            inner = state.copy()
            inner.matrix, inner.clip = placed, _EVERYWHERE
            kept, painter.marks = painter.marks, []
            resources = self.resources if font.resources is None else self.file.dictionary(font.resources, "Resources")
            self.nested(self.file.content(glyph), resources, inner)
            found, painter.marks = painter.marks, kept
            for mark in found:
                mark.size_pt = 0.0 if mark.kind == "fill" else mark.size_pt
            painter.tiles += found


class _Font:
    """Widths, heights, whether the font is in the file, and the glyphs of one that draws them."""

    def __init__(self, file: Opened, entries: dict[bytes, Any]) -> None:
        get = file.get
        kind = name_of(get(entries.get(b"Subtype")))
        self.is_wide = kind == b"Type0"
        self.first, self.scale, self.em = 0, 0.001, 1.0
        self.glyphs: dict[int, Any] = {}
        self.matrix, self.resources = _UNIT, entries.get(b"Resources")
        self.widths: dict[int, float] = {}
        self.default = 0.5
        inner = entries
        if self.is_wide:
            parts = file.array(entries.get(b"DescendantFonts"), "DescendantFonts")
            inner = file.dictionary(parts[0] if parts else None, "a font")
            self.default = float(number(get(inner.get(b"DW", 1000))) or 0) / 1000
            self.read_wide(file, file.array(inner.get(b"W"), "W"))
        else:
            if kind == b"Type3":
                matrix = file.numbers(entries.get(b"FontMatrix"))
                self.matrix = _matrix(matrix) if len(matrix) == 6 else (0.001, 0.0, 0.0, 0.001, 0.0, 0.0)
                self.scale = self.matrix[0]
                self.read_glyphs(file, entries)
            first = get(entries.get(b"FirstChar"))
            widths = file.numbers(entries.get(b"Widths"))
            self.widths = {(first if type(first) is int else 0) + i: width * self.scale for i, width in enumerate(widths)}
        descriptor = file.dictionary(inner.get(b"FontDescriptor"), "FontDescriptor")
        rises = [number(get(descriptor.get(key))) for key in (b"Ascent", b"Descent")]
        self.ascent = float(rises[0] or 750) / 1000
        self.descent = -abs(float(rises[1] or -220)) / 1000
        bounds = file.numbers(entries.get(b"FontBBox")) if kind == b"Type3" else []
        if len(bounds) == 4 and bounds[1] != bounds[3]:
            self.descent, self.ascent = (one * self.matrix[3] for one in (bounds[1], bounds[3]))
        programs = [get(descriptor.get(key)) for key in (b"FontFile", b"FontFile2", b"FontFile3")]
        is_embedded = kind == b"Type3" or any(isinstance(program, Stream) for program in programs)
        self.missing = "" if is_embedded else shown(name_of(get(entries.get(b"BaseFont"))) or b"?")

    def read_glyphs(self, file: Opened, entries: dict[bytes, Any]) -> None:
        """The drawings of Type 3 by code. Their units are their own: without a thousand to an em, a
        size in points is told by the highest one alone, if at all.
        """
        drawings = file.dictionary(entries.get(b"CharProcs"), "CharProcs")
        code = 0
        for item in file.array(file.dictionary(entries.get(b"Encoding"), "Encoding").get(b"Differences"), "Differences"):
            found = file.get(item)
            if type(found) is int:
                code = found
            elif isinstance(found, Name):
                self.glyphs[code] = drawings.get(found)
                code += 1
        bounds = file.numbers(entries.get(b"FontBBox"))
        if abs(self.matrix[3]) != 0.001:
            self.em = abs((bounds[3] - bounds[1]) * self.matrix[3]) if len(bounds) == 4 else 0.0

    def read_wide(self, file: Opened, items: list[Any]) -> None:
        """The widths of a composite font: `c [w1 w2 …]` and `c1 c2 w`."""
        at = 0
        while at + 1 < len(items):
            file.clock.tick()
            first, second = file.get(items[at]), file.get(items[at + 1])
            if type(first) is not int:
                return
            if isinstance(second, list):
                for i, width in enumerate(second):
                    self.widths[first + i] = float(number(file.get(width)) or 0) / 1000
                at += 2
                continue
            width = number(file.get(items[at + 2])) if at + 2 < len(items) else None
            if type(second) is not int or width is None or not 0 <= second - first < 1 << 16:
                return
            self.widths.update(dict.fromkeys(range(first, second + 1), float(width) / 1000))
            at += 3

    def advance(self, text: bytes) -> tuple[float, int, int]:
        """Width for a size of 1, count of glyphs, and of those that are spaces."""
        codes = [text[i] << 8 | text[i + 1] for i in range(0, len(text) - 1, 2)] if self.is_wide else text
        return sum(self.widths.get(code, self.default) for code in codes), len(codes), 0 if self.is_wide else text.count(b" ")


_PATH_OPERANDS = {b"m": 2, b"l": 2, b"c": 6, b"v": 4, b"y": 4, b"re": 4, b"h": 0, b"w": 1}
_PAINT = frozenset((b"f", b"F", b"f*", b"B", b"B*", b"b", b"b*", b"S", b"s", b"n"))
_DEVICES = {b"g": (b"DeviceGray", True), b"G": (b"DeviceGray", False), b"rg": (b"DeviceRGB", True), b"RG": (b"DeviceRGB", False),
            b"k": (b"DeviceCMYK", True), b"K": (b"DeviceCMYK", False)}  # fmt: skip


def multiplied(one: Matrix, other: Matrix) -> Matrix:
    """First `one`, then `other`."""
    a, b, c, d, e, f = one
    g, h, i, j, k, m = other
    return a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m


def transformed(box: Any, matrix: Matrix) -> Box:
    """The bounds of a rectangle under a matrix."""
    a, b, c, d, e, f = matrix
    x = [a * p + c * q + e for p in (box[0], box[2]) for q in (box[1], box[3])]
    y = [b * p + d * q + f for p in (box[0], box[2]) for q in (box[1], box[3])]
    return min(x), min(y), max(x), max(y)


def _scale(matrix: Matrix) -> float:
    return math.sqrt(abs(matrix[0] * matrix[3] - matrix[1] * matrix[2]))


def _matrix(numbers: list[float]) -> Matrix:
    if len(numbers) != 6:
        raise DamagedError("a matrix has six numbers")
    a, b, c, d, e, f = numbers
    return a, b, c, d, e, f


def _all_numbers(operands: list[Any], operator: bytes) -> list[float]:
    found = [float(value) for value in operands if number(value) is not None]
    if len(found) != len(operands):
        raise DamagedError(f"the operator {shown(operator)} takes numbers")
    return found


def _turned(ink: Any, matrix: Matrix) -> Any:
    """The pixels as they stand on the page, for turns by right angles; others are a full box."""
    a, b, c, d = matrix[:4]
    small = 1e-6 * (abs(a) + abs(b) + abs(c) + abs(d))
    if abs(a) < small and abs(d) < small:
        ink = ink.T  # rows run along x now: what was right is up
        ink = ink[::-1] if b > 0 else ink
        return ink if c < 0 else ink[:, ::-1]
    if abs(b) > small or abs(c) > small:
        return None
    ink = ink[:, ::-1] if a < 0 else ink
    return ink[::-1] if d < 0 else ink


def _laid(ink: Any, matrix: Matrix, box: Box, tick: Callable[[], None]) -> Any:
    """What a box holds of the pixels of an image that is turned or slanted, as upright ones."""
    a, b, c, d, e, f = matrix
    wide, high = box[2] - box[0], box[3] - box[1]
    while np.count_nonzero(ink) > _LAID_INK_MAX:
        ink = coarse(ink, 2)
    across, down = math.hypot(a, b) / ink.shape[1], math.hypot(c, d) / ink.shape[0]
    side = max(across, down, _LAID_PT_MIN, math.sqrt(wide * high / _LAID_MAX))
    laid = np.zeros((max(1, math.ceil(high / side)), max(1, math.ceil(wide / side))), bool)
    for top in range(0, ink.shape[0], _LAID_ROWS):
        tick()
        rows, columns = np.nonzero(ink[top : top + _LAID_ROWS])
        u, v = (columns + 0.5) / ink.shape[1], 1 - (rows + top + 0.5) / ink.shape[0]
        x, y = a * u + c * v + e, b * u + d * v + f
        within = (x >= box[0]) & (x <= box[2]) & (y >= box[1]) & (y <= box[3])
        x, y = (x[within] - box[0]) / side, (box[3] - y[within]) / side
        laid[np.minimum(y.astype(int), laid.shape[0] - 1), np.minimum(x.astype(int), laid.shape[1] - 1)] = True
    return laid


def _cropped(ink: Any, box: Box, inside: Box) -> tuple[Any, Box]:
    rows, columns = ink.shape
    across, down = columns / (box[2] - box[0]), rows / (box[3] - box[1])
    left, right = math.floor((inside[0] - box[0]) * across), math.ceil((inside[2] - box[0]) * across)
    top, bottom = math.floor((box[3] - inside[3]) * down), math.ceil((box[3] - inside[1]) * down)
    part = ink[max(0, top) : bottom, max(0, left) : right]
    if not part.size:
        return None, inside
    return part, (box[0] + left / across, box[3] - bottom / down, box[0] + right / across, box[3] - top / down)
