"""Write the generated parts of docs/worker.md: the command's own help, the settings, the events. A
test holds them current.
"""
from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import tables

from myjoe.telemetry.events import SHARED
from myjoe_worker.events import OWN
from myjoe_worker.settings import WorkerSettings

TARGET = Path(__file__).with_name("worker.md")


def text() -> str:
    """The whole page: what is written by hand, with the generated parts in their places."""
    parts = {"commands": _commands(), "settings": tables.settings(WorkerSettings), "events": tables.events({**SHARED, **OWN})}
    return tables.filled(TARGET.read_text(encoding="utf-8"), parts)


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


def main() -> None:
    """Write the page."""
    TARGET.write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
