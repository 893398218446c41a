"""`linefinish compare`: a picture of a drawing before and after."""
from __future__ import annotations

import os
import sys

from linefinish.command import called, is_lost, say, warn
from linefinish.command.arguments import Command, Flag
from linefinish.command.flags import CLEAN, CURVES, INK, LIMITS, READ, SHEET, TALK, one_input, order_of
from linefinish.comparing import compare
from linefinish.delivering import Target, check_targets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

COMMAND = Command(
    "linefinish compare",
    ("linefinish compare INPUT [-o OUTPUT.png] [options]",),
    "Draws a picture to look at: before, after and their difference side by side, and the three places that differ most, enlarged.",
    (
        ("result", (Flag(("--output", "-o"), "the PNG to write, - for standard output [INPUT.compare.png]", "FILE"),)),
        ("input", READ),
        ("sheet of paper", SHEET),
        ("ink or paper", INK),
        ("clean-up (what changes the drawing is off unless asked for)", CLEAN),
        ("curves", CURVES),
        ("limits", LIMITS),
        ("messages", TALK),
    ),
    (("linefinish compare input.png -o compare.png", "before | after | difference"),),
)  # fmt: skip


def run(values: dict[str, Any], operands: list[str]) -> int:
    """Draw the comparison. Exit code 0, or 1 if it went nowhere."""
    source = one_input(operands)
    target = values.get("output") or (os.path.splitext(source)[0] if source != "-" else "standard-input") + ".compare.png"
    check_targets(source, (Target(target, "png"),))
    finished = compare(source, sys.stdout.buffer if target == "-" else target, order_of(values))
    warn(source, finished.report)
    if not values.get("quiet"):
        told = f"{called(source)}: before | after | difference → {called(target, 'output')}"
        say(told, sys.stderr if target == "-" else sys.stdout)
    return int(is_lost((target,)))
