"""What was done about the sheet of paper of a visitor's picture, in sentences for a visitor."""
from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

CUT_OUT = "The sheet was cut out and made straight."
AS_ASKED = "The whole picture was drawn, as you asked."
# What the library adds for who uses its command and for who reads its log: its options, a score.
_ASIDE = re.compile(r" \((?:[^()]*--[^()]*|score [\d.]+)\)")


def told_of(sheet: Mapping[str, Any]) -> tuple[str, ...]:
    """The sentences. `sheet` is what the child says of it; empty where it was told not to look."""
    if not sheet:
        return (AS_ASKED,)
    around = round(100 * sheet["left_out_share"])
    done = f"{CUT_OUT} The {around}\u00a0% of the picture that lay around it are left out." if around else CUT_OUT
    return (*([done] if sheet["found"] else []), *map(sentence, sheet["warnings"]))


def sentence(warning: str) -> str:
    """A warning of the library's as a sentence, without what only its own users can do."""
    words = _ASIDE.sub("", warning)
    return f"{words[:1].upper()}{words[1:]}."
