"""Write the pages of docs/reference that the code says of itself: the command `myjoe`, the
settings, the events, the addresses. A test holds them current.
"""
from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import tables

from myjoe.settings.shared import Settings
from myjoe.telemetry.events import SHARED
from myjoe_studio.events import OWN as STUDIO_S
from myjoe_studio.pages import SUBJECTS
from myjoe_studio.settings import StudioSettings
from myjoe_worker.events import OWN as WORKER_S
from myjoe_worker.settings import WorkerSettings

FOLDER = Path(__file__).with_name("reference")


def parts() -> Mapping[str, Callable[[], str]]:
    """What is made, by the mark where it stands: the page's name, a dot, and the part's."""
    return {
        "myjoe.commands": commands,
        "settings.shared": lambda: tables.settings(Settings, processes={"worker": WorkerSettings, "Studio": StudioSettings}),
        "settings.worker": lambda: tables.settings(WorkerSettings, Settings),
        "settings.studio": lambda: tables.settings(StudioSettings, Settings),
        "events.shared": lambda: tables.events(SHARED),
        "events.worker": lambda: tables.events(WORKER_S),
        "events.studio": lambda: tables.events(STUDIO_S),
        "addresses.addresses": addresses,
    }


def texts() -> dict[Path, str]:
    """The pages: what is written by hand, with the made parts in their places."""
    made: dict[str, dict[str, str]] = {}
    for mark, write in parts().items():
        page, _, part = mark.partition(".")
        made.setdefault(page, {})[part] = write()
    return {path: tables.filled(path.read_text(encoding="utf-8"), of_page)
            for page, of_page in made.items() for path in [FOLDER / f"{page}.md"]}  # fmt: skip


def commands() -> str:
    """What each command's `--help` says."""
    os.environ["COLUMNS"] = "110"
    from myjoe_cli.cli import _parser  # the parser reads the environment when it is made

    return "\n".join(f"## {one.prog}\n\n```\n{one.format_help().rstrip()}\n```\n" for one in _leaves(_parser()))


def _leaves(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """All commands that do something, in the order of the help."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                deeper = any(isinstance(inner, argparse._SubParsersAction) for inner in command._actions)
                yield from _leaves(command) if deeper else (command,)


def addresses() -> str:
    """Every address of the Studio."""
    rows = ["| address | who | what it does |", "| --- | --- | --- |"]
    for subject in SUBJECTS:
        for page in subject.pages:
            says = " ".join((page.handler.__doc__ or "").split()).replace("|", "\\|")
            rows.append(f"| {page.method} `{page.path}` | {page.who} | {says} |")
    return "\n".join(rows) + "\n"


def main() -> None:
    """Write the pages."""
    for path, text in texts().items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
