"""Write the generated parts of docs/worker.md: the command's own help, the settings, the events. A
test holds them current.
"""
from __future__ import annotations

import argparse
import logging
import os
from collections.abc import Iterator
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

from myjoe.settings.variables import Secret
from myjoe.telemetry.events import SHARED
from myjoe_worker.events import OWN
from myjoe_worker.settings import WorkerSettings

TARGET = Path(__file__).with_name("worker.md")
# Where a default depends on the machine, what it is made of is told by the setting's own words.
MACHINE_S_OWN = {"MYJOE_HOME", "MYJOE_WORKER_NAME", "MYJOE_STORAGE_FOLDER"}


def text() -> str:
    """The whole page: what is written by hand, with the generated parts in their places."""
    page = TARGET.read_text(encoding="utf-8")
    for name, made in {"commands": _commands(), "settings": _settings(), "events": _events()}.items():
        begin, end = f"<!-- {name}: begin -->\n", f"<!-- {name}: end -->\n"
        before, _, rest = page.partition(begin)
        _, found, after = rest.partition(end)
        if not found:
            raise SystemExit(f"docs/worker.md has no place for the {name}")
        page = before + begin + made + end + after
    return page


def _commands() -> str:
    os.environ["COLUMNS"] = "110"
    from myjoe_cli.cli import _parser  # the parser reads the environment when it is made

    parts = [f"```\n{command.format_help().rstrip()}\n```\n" for command in _leaves(_parser())]
    return "\n".join(parts)


def _leaves(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """All commands that do something, in the order of the help."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                deeper = any(isinstance(inner, argparse._SubParsersAction) for inner in command._actions)
                yield from _leaves(command) if deeper else (command,)


def _settings() -> str:
    rows = ["| variable | default | what it says |", "| --- | --- | --- |"]
    for one in fields(WorkerSettings):
        name, words = one.metadata["name"], one.metadata["text"]
        rows.append(f"| `{name}` | {_default(one)} | {words[0].upper()}{words[1:]} |")
    return "\n".join(rows) + "\n"


def _default(one: Any) -> str:
    if one.metadata["name"] in MACHINE_S_OWN:
        return ""
    value = one.default if one.default is not MISSING else one.default_factory()
    if value is None or value == "" or isinstance(value, Secret) or value == {}:
        return ""
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`"


def _events() -> str:
    rows = ["| event | level | what it means | fields |", "| --- | --- | --- | --- |"]
    for name, event in {**SHARED, **OWN}.items():
        level = logging.getLevelName(event.level).lower()
        rows.append(f"| `{name}` | {level} | {event.text} | {', '.join(f'`{field}`' for field in event.fields)} |")
    return "\n".join(rows) + "\n"


def main() -> None:
    """Write the page."""
    TARGET.write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
