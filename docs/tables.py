"""Tables of docs that are made from the code: settings and events."""
from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any

from myjoe.settings.variables import Secret
from myjoe.telemetry.events import Event

# Where a default depends on the machine, what it is made of is told by the setting's own words.
MACHINE_S_OWN = {"MYJOE_HOME", "MYJOE_WORKER_NAME", "MYJOE_STORAGE_FOLDER"}


def filled(page: str, parts: Mapping[str, str]) -> str:
    """The page with the parts in their places, each between its two marks. SystemExit where a mark
    is missing.
    """
    for name, made in parts.items():
        begin, end = f"<!-- {name}: begin -->\n", f"<!-- {name}: end -->\n"
        before, _, rest = page.partition(begin)
        _, found, after = rest.partition(end)
        if not found:
            raise SystemExit(f"the page has no place for the {name}")
        page = before + begin + made + end + after
    return page


def settings(kind: type[Any], but: type[Any] | None = None) -> str:
    """The settings of a process, without those of `but`."""
    known = {one.name for one in fields(but)} if but else set()
    rows = ["| variable | default | what it says |", "| --- | --- | --- |"]
    for one in fields(kind):
        if one.name not in known:
            name, words = one.metadata["name"], one.metadata["text"]
            rows.append(f"| `{name}` | {_default(one)} | {words[0].upper()}{words[1:]} |")
    return "\n".join(rows) + "\n"


def events(table: Mapping[str, Event]) -> str:
    """Events with what they mean."""
    rows = ["| event | level | what it means | fields |", "| --- | --- | --- | --- |"]
    for name, event in table.items():
        level = logging.getLevelName(event.level).lower()
        rows.append(f"| `{name}` | {level} | {event.text} | {', '.join(f'`{field}`' for field in event.fields)} |")
    return "\n".join(rows) + "\n"


def _default(one: Any) -> str:
    if one.metadata["name"] in MACHINE_S_OWN:
        return ""
    value = one.default if one.default is not MISSING else one.default_factory()
    if value is None or value == "" or isinstance(value, Secret) or value == {}:
        return ""
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`"
