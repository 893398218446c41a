"""Tables of docs that are made from the code: settings and events."""
from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from itertools import product
from typing import Any

from myjoe.settings import variables
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


def settings(kind: type[Any], but: type[Any] | None = None, processes: Mapping[str, type[Any]] | None = None) -> str:
    """The settings of a process, without those of `but`. What is needed when is asked of `kind`, or
    of the `processes` that share these settings, by name.
    """
    known = {one.name for one in fields(but)} if but else set()
    rows, needed = ["| variable | values | default | needed | what it says |", "| --- | --- | --- | --- | --- |"], _needed(kind)
    if processes:
        needed = _needed_of_some({name: _needed(process) for name, process in processes.items()})
    for one in fields(kind):
        if one.name not in known:
            name, words = one.metadata["name"], one.metadata["text"]
            taken = variables.values(one.metadata["parse"])
            if _is_choice(taken, one):
                taken = ", ".join(f"`{value}`" for value in taken.split(", "))
            why = "; ".join(needed.get(name, ()))
            rows.append(f"| `{name}` | {taken} | {_default(one)} | {why} | {_begun(words)} |")
    return "\n".join(rows) + "\n"


def _begun(words: str) -> str:
    """As a sentence begins, but for a word that is spelt as it is, such as sk_live_."""
    return words if "_" in words.partition(" ")[0] else words[0].upper() + words[1:]


def _needed_of_some(found: Mapping[str, Mapping[str, Sequence[str]]]) -> Mapping[str, Sequence[str]]:
    """What several processes need; where not all need it, with the name of who does."""
    needed: dict[str, dict[str, None]] = {}
    for process, of_process in found.items():
        for name, whys in of_process.items():
            for why in whys:
                shared = all(why in other.get(name, ()) for other in found.values())
                needed.setdefault(name, {})[why if shared else f"{process}: {why}"] = None
    return {name: list(whys) for name, whys in needed.items()}


def _is_choice(values: str, one: Any) -> bool:
    """Whether the values are words to choose from."""
    return isinstance(one.default, str) and one.default in values.split(", ")


def _needed(kind: type[Any]) -> Mapping[str, Sequence[str]]:
    """Because of what each variable has to be given: asked of the settings themselves, under every
    choice that there is.
    """
    found: dict[str, dict[str, None]] = {}
    choices = {one.name: variables.values(one.metadata["parse"]).split(", ") for one in fields(kind)
               if one.name in ("env", "storage", "providers", "identity")}  # fmt: skip
    for chosen in product(*choices.values()):
        settings = kind(**dict(zip(choices, chosen, strict=True)))
        for name, why in settings.needed():
            found.setdefault(name, {})[_reason(why)] = None
        for names, why in settings.needed_any():
            for name in names:
                found.setdefault(name, {})[f"with `{why}` one of {', '.join(f'`{other}`' for other in names)}"] = None
    return {name: list(whys) for name, whys in found.items()}


def _reason(why: str) -> str:
    """As `with MYJOE_ENV=staging`, the assignments as code."""
    worded = re.sub(r"\b[A-Z_0-9]+=\w+", r"`\g<0>`", why)
    return f"with {worded}" if worded.startswith("`") else worded


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
