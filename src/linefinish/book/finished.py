"""Pages that linefinish has finished before: its own SVG and PDF, read back as the curves they
hold. Files of other hands are not read: they are checked (`linefinish book --check`), not bound.
"""
from __future__ import annotations

import re  # a book is not the fast path
import zlib

from linefinish.data.document import POINTS_PER_UNIT, UNITS_PER_PX, Document
from linefinish.errors import ImageReadError
from linefinish.memory import buffers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Bytes of a page's content, inflated. More than any drawing of ours has; fewer would refuse some.
_CONTENT_BYTES_MAX = 1 << 28

_PDF = re.compile(
    rb"\A%PDF-1\.4\n.{6}1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids \[3 0 R\] /Count 1 >>\n"
    rb"endobj\n3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox \[0 0 ([\d.]+) ([\d.]+)\](?: /\w+Box \[[^\]]*\])* "
    rb"/Resources <<  >> /Contents 4 0 R >>\nendobj\n4 0 obj\n<< /Filter /FlateDecode /Length (\d+) >>\nstream\n",
    re.DOTALL,
)
_HEAD = re.compile(rb"\A0 g ([\d.-]+) 0 0 ([\d.-]+) ([\d.-]+) ([\d.-]+) cm\n")
_POSTFIX = re.compile(rb"(?:(?:-?\d+ )*[mlcvyh]\n)*\Z")
_SVG = re.compile(
    rb'\A<svg xmlns="http://www\.w3\.org/2000/svg" width="([\d.]+)(in|mm|pt|)" height="([\d.]+)(in|mm|pt|)" '
    rb'viewBox="(-?[\d.]+) (-?[\d.]+) ([\d.]+) ([\d.]+)"(?: preserveAspectRatio="none")?>(.*)</svg>\n?\Z', re.DOTALL
)
_PATHS = re.compile(
    rb'(?:<path transform="scale\(\.0625\)" fill="#000" d="([^"]*)"/>|'
    rb'<g transform="scale\(\.0625\)" fill="#000">\n((?:<path d="[^"]*"/>\n)*)</g>)?\Z'
)
_TOKEN = re.compile(rb"[a-zA-Z]|-?\d+")


def read_pdf(data: bytes, name: str) -> tuple[tuple[float, float], memoryview]:
    """The page's size in points, and its content as it is deflated there, not copied.
    ImageReadError for what is no page of ours.
    """
    found = _PDF.match(data)
    if not found:
        raise ImageReadError(
            f"{name}: only a page of curves that linefinish made can be bound; other PDFs are checked with linefinish book --check"
        )
    stream = memoryview(data)[found.end() : found.end() + int(found[3])]
    if len(stream) < int(found[3]):
        raise ImageReadError(f"{name}: the PDF ends before its page does")
    return (float(found[1]), float(found[2])), stream


def document_of(stream: bytes | memoryview, page_pt: tuple[float, float], name: str) -> Document:
    """The curves of a page's deflated content. ImageReadError where it holds anything else."""
    try:
        inflater = zlib.decompressobj()
        content = inflater.decompress(stream, _CONTENT_BYTES_MAX)
    except zlib.error as error:
        raise ImageReadError(f"{name}: the page is damaged: {error}") from error
    if not content:
        return _document([], page_pt, (0.0, 0.0, *page_pt), (page_pt[0] / UNITS_PER_PX, page_pt[1] / UNITS_PER_PX))
    head = _HEAD.match(content)
    if not head or not content.endswith(b"f\n") or not inflater.eof or not _POSTFIX.match(content, head.end(), len(content) - 2):
        raise ImageReadError(f"{name}: the page holds something else than curves of linefinish")
    across, down, left, up = (float(value) for value in head.groups())
    if across <= 0 or down >= 0:
        raise ImageReadError(f"{name}: the page holds something else than curves of linefinish")
    chains: list[list[tuple[int, ...]]] = []
    x = y = 0
    for line in content[head.end() : -2].split(b"\n"):
        numbers = [int(word) for word in line[:-1].split()]
        letter = line[-1:]
        if letter == b"m":
            x, y = numbers
            chains.append([(x, y)])
        elif letter == b"h":
            continue
        elif letter:
            if letter == b"v":
                numbers = [x, y, *numbers]
            elif letter == b"y":
                numbers = [*numbers, *numbers[2:]]
            chains[-1].append(tuple(numbers))
            x, y = numbers[-2:]
    frame = (left, page_pt[1] - up, across, -down)
    return _document(chains, page_pt, frame, frame[2:])


def read_svg(data: bytes, name: str) -> Document:
    """The drawing of an SVG of ours. ImageReadError for what is none."""
    found = _SVG.match(data)
    inner = _PATHS.match(found[9]) if found else None
    if not found or not inner:
        raise ImageReadError(f"{name}: only an SVG that linefinish made can be bound; draw another one as a PNG of print size first")
    width, height = (float(found[i]) * POINTS_PER_UNIT[found[i + 1].decode() or "px"] for i in (1, 3))
    x, y, across, down = (float(found[i]) for i in range(5, 9))
    if not (width > 0 and height > 0 and across > 0 and down > 0):
        raise ImageReadError(f"{name}: an SVG without a size")
    paths = [inner[1]] if inner[1] is not None else re.findall(rb'd="([^"]*)"', inner[2] or b"")
    unit = (width / across / UNITS_PER_PX, height / down / UNITS_PER_PX)
    chains = [chain for path in paths for chain in _path(path, name)]
    return _document(chains, (width, height), (-x * width / across, -y * height / down), unit)


def _path(path: bytes, name: str) -> list[list[tuple[int, ...]]]:
    """Relative path data as chains in absolute units."""
    chains: list[list[tuple[int, ...]]] = []
    x = y = home_x = home_y = 0
    last: tuple[int, int] | None = None  # the second control point of a cubic just before
    command = b""
    numbers: list[int] = []
    needed = {b"m": 2, b"l": 2, b"h": 1, b"v": 1, b"c": 6, b"s": 4}
    try:
        for token in _TOKEN.findall(path):
            if token.isalpha():
                if numbers or token not in b"mlhvcsz":
                    raise ValueError
                command = token
                if command == b"z":
                    x, y, last = home_x, home_y, None
                continue
            numbers.append(int(token))
            if len(numbers) < needed[command]:
                continue
            smooth = (x, y) if last is None else last
            last = None
            if command == b"m":
                x, y = home_x, home_y = x + numbers[0], y + numbers[1]
                chains.append([(x, y)])
                command = b"l"
            elif command == b"c" or command == b"s":
                first = (2 * x - smooth[0], 2 * y - smooth[1]) if command == b"s" else (x + numbers[0], y + numbers[1])
                rest = numbers[-4:]
                last = (x + rest[0], y + rest[1])
                x, y = x + rest[2], y + rest[3]
                chains[-1].append((*first, *last, x, y))
            else:
                x += numbers[0] if command != b"v" else 0
                y += numbers[-1] if command != b"h" else 0
                chains[-1].append((x, y))
            numbers = []
        if numbers:
            raise ValueError
    except (ValueError, LookupError) as error:
        raise ImageReadError(f"{name}: the SVG's path is not of linefinish's making") from error
    return chains


def _document(chains: list[list[tuple[int, ...]]], page_pt: tuple[float, float], place: Any, unit: Any) -> Document:
    """Chains in units, the first point of each being where it begins, as a drawing on its page."""
    segments: list[int] = []
    kinds = bytearray()
    offsets = [0]
    for chain in chains:
        home = chain[0]
        pieces = chain[1:] if chain[-1][-2:] == home else [*chain[1:], home]
        for piece in pieces:
            segments += (0, 0, 0, 0, *piece) if len(piece) == 2 else piece
            kinds.append(int(len(piece) == 6))
        offsets.append(len(kinds))
    width, height = (max(1, round(side / step / UNITS_PER_PX)) for side, step in zip(page_pt, unit))
    return Document(
        width, height, buffers.numbers("i", *segments), buffers.numbers("B", *kinds), buffers.numbers("q", *offsets), page_pt,
        (place[0], place[1], width * UNITS_PER_PX * unit[0], height * UNITS_PER_PX * unit[1]), True,
    )  # fmt: skip
