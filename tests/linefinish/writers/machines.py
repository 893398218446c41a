"""Machines that read what the writers of toolpaths write, word by word, and refuse what they do not
know.
"""
from __future__ import annotations

import re

Way = list[tuple[float, float]]


def plotted(text: str) -> list[Way]:
    """What a plotter of HPGL draws, in millimetres: its ways with the pen down, as it is lifted."""
    ways: list[Way] = []
    at, down, pen, ready = (0.0, 0.0), False, 0, False
    for command in text.replace("\n", "").rstrip(";").split(";"):
        name, rest = command[:2], command[2:]
        numbers = [int(number) for number in rest.split(",")] if rest else []
        assert name in ("IN", "SP", "PU", "PD"), command
        ready = ready or name == "IN"
        assert ready, "a command before IN"
        if name == "SP":
            (pen,) = numbers
        if name in ("PU", "PD"):
            assert pen == 1 and len(numbers) % 2 == 0
            if name == "PD" and not down:
                ways.append([at])
            down = name == "PD"
            for x, y in zip(numbers[::2], numbers[1::2], strict=True):
                at = (x / 40, y / 40)
                if down:
                    ways[-1].append(at)
    assert not down and pen == 0, "the pen is left on the paper"
    return ways


def cut(text: str, on: str = "M3", off: str = "M5") -> list[tuple[Way, list[float]]]:
    """What a Grbl machine burns: its ways with the tool on, and S of each step."""
    ways: list[tuple[Way, list[float]]] = []
    at, is_on, modes, feed, power, ended = (0.0, 0.0), False, set(), 0.0, 0.0, False
    for line in text.splitlines():
        words = re.findall(r"([A-Z])([-+]?\d+(?:\.\d+)?)", line.partition(";")[0])
        if not words:
            continue
        assert not ended, "words after the end"
        assert "".join(letter + value for letter, value in words) == line.partition(";")[0].replace(" ", ""), line
        values = {letter: float(value) for letter, value in words}
        feed, power = values.get("F", feed), values.get("S", power)
        name = words[0][0] + words[0][1]
        if name in ("G20", "G21", "G90", "G91"):
            modes.add(name)
        elif name in (on, off):
            if name == on and not is_on:
                ways.append(([at], []))
            is_on = name == on
        elif name in ("G0", "G1"):
            assert modes == {"G21", "G90"}, "a move before its unit is known"
            assert name == "G0" or feed > 0, "a cut without feed"
            at = (values.get("X", at[0]), values.get("Y", at[1]))
            assert not (name == "G0" and is_on), "a jump with the tool on"
            if is_on:
                ways[-1][0].append(at)
                ways[-1][1].append(power)
        else:
            assert name == "M2", line
            ended = True
    assert ended and not is_on, "the tool is left on"
    return ways
