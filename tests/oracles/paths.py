"""Readers of path data that follow the grammars word by word, for what the text kernels write."""
from __future__ import annotations

import re

Segment = tuple[str, tuple[int, ...]]


def read_svg(data: str) -> list[list[Segment]]:
    """SVG path data of m l h v c s z → chains of absolute ("line", (x, y)) and ("cubic", (x1, y1,
    x2, y2, x, y)), closing line included.
    """
    tokens = re.findall(r"[a-zA-Z]|-?\d+", data)
    assert re.sub(r"[mlhvcsz]|-?\d+|[ ]", "", data) == ""
    chains: list[list[Segment]] = []
    x = y = home_x = home_y = 0
    command, smooth, at = "", None, 0

    def numbers(count: int) -> list[int]:
        nonlocal at
        taken = [int(token) for token in tokens[at : at + count]]
        assert len(taken) == count
        at += count
        return taken

    while at < len(tokens):
        if tokens[at].isalpha():
            command = tokens[at]
            at += 1
        else:
            assert command != "z"
            command = "l" if command == "m" else command
        if command == "m":
            dx, dy = numbers(2)
            x, y = home_x, home_y = x + dx, y + dy
            chains.append([])
        elif command == "z":
            if (x, y) != (home_x, home_y):
                chains[-1].append(("line", (home_x, home_y)))
            x, y = home_x, home_y
        elif command in "lhv":
            dx, dy = numbers(2) if command == "l" else (numbers(1)[0], 0) if command == "h" else (0, numbers(1)[0])
            x, y = x + dx, y + dy
            chains[-1].append(("line", (x, y)))
        else:
            first = (smooth or (x, y)) if command == "s" else tuple(a + b for a, b in zip(numbers(2), (x, y), strict=True))
            x2, y2, x3, y3 = (a + b for a, b in zip(numbers(4), (x, y, x, y), strict=True))
            chains[-1].append(("cubic", (*first, x2, y2, x3, y3)))
            x, y, smooth = x3, y3, (2 * x3 - x2, 2 * y3 - y2)
            continue
        smooth = None
    return chains


def read_postfix(data: str, relative: bool) -> list[list[Segment]]:
    """PDF's (absolute) or our EPS's (relative) operands and operators → chains as `read_svg` gives
    them.
    """
    chains: list[list[Segment]] = []
    operands: list[int] = []
    x = y = home_x = home_y = 0
    for token in data.split():
        if token not in "mlcvyh":
            operands.append(int(token))
            continue
        origin = (x, y) if relative else (0, 0)
        points = [value + origin[i % 2] for i, value in enumerate(operands)]
        operands = []
        if token == "h":
            if (x, y) != (home_x, home_y):
                chains[-1].append(("line", (home_x, home_y)))
            x, y = home_x, home_y
            continue
        if token == "m":
            home_x, home_y = points
            chains.append([])
        elif token == "l":
            chains[-1].append(("line", tuple(points)))
        else:
            full = {"c": points, "v": [x, y, *points], "y": [*points, *points[2:4]]}[token]
            chains[-1].append(("cubic", tuple(full)))
        x, y = points[-2:]
    return chains
