"""Texts of others, made fit for everybody: what no database, log or wire takes is replaced.

Two kinds of characters do that damage: NUL, which PostgreSQL's text cannot hold, and lone
surrogates, which are no Unicode (The Unicode Standard, D75) and cannot be encoded. JSON brings in
both by its escapes, a command line brings in the second.
"""
from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any

# The character that stands for one that cannot be shown.
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_UNFIT = re.compile("[\x00\ud800-\udfff]")


def washed(text: str) -> str:
    """The text with U+FFFD in place of NUL and of lone surrogates."""
    return _UNFIT.sub(REPLACEMENT, text)


def washed_json(value: Any) -> str:
    """The value as JSON (RFC 8259) that PostgreSQL takes as jsonb: its texts washed, names
    included, and null for numbers that are none.
    """
    return json.dumps(_plain(value), allow_nan=False)


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return washed(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {_plain(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
