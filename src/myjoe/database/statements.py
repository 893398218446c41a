"""The statements of queries.sql by their names."""
from __future__ import annotations

import re
from functools import cache
from importlib import resources


@cache
def statements() -> dict[str, str]:
    """SQL by name, comments left out. A statement begins after its line `-- name: <name>`."""
    text = resources.files("myjoe_worker.queues").joinpath("queries.sql").read_text()
    found = re.split(r"^-- name: (\w+)$", text, flags=re.MULTILINE)[1:]
    return {name: re.sub(r"^--.*$", "", sql, flags=re.MULTILINE).strip() for name, sql in zip(found[::2], found[1::2], strict=True)}
