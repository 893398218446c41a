"""SQL by name. Statements lie in `.sql` files beside their subject, each below a line
`-- name: <name>` and a sentence on what it is for.
"""
from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib import resources


@cache
def statements(package: str, file: str = "queries.sql") -> Mapping[str, str]:
    """The statements of a package's file by their names, without comments."""
    text = resources.files(package).joinpath(file).read_text(encoding="utf-8")
    parts = re.split(r"^-- name: (\w+)$", text, flags=re.MULTILINE)[1:]
    return {name: re.sub(r"^--.*$", "", sql, flags=re.MULTILINE).strip() for name, sql in zip(parts[::2], parts[1::2], strict=True)}
