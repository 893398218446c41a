"""Write the generated parts of docs/studio.md: every address, the settings, the events. A test
holds them current.
"""
from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import tables

from myjoe.settings.shared import Settings
from myjoe_studio.events import OWN
from myjoe_studio.pages import SUBJECTS
from myjoe_studio.settings import StudioSettings

TARGET = Path(__file__).with_name("studio.md")


def text() -> str:
    """The whole page: what is written by hand, with the generated parts in their places."""
    parts = {"addresses": _addresses(), "settings": tables.settings(StudioSettings, Settings), "events": tables.events(OWN)}
    return tables.filled(TARGET.read_text(encoding="utf-8"), parts)


def _addresses() -> str:
    rows = ["| address | who | what it does |", "| --- | --- | --- |"]
    for subject in SUBJECTS:
        for page in subject.pages:
            says = " ".join((page.handler.__doc__ or "").split()).replace("|", "\\|")
            rows.append(f"| {page.method} `{page.path}` | {page.who} | {says} |")
    return "\n".join(rows) + "\n"


def main() -> None:
    """Write the page."""
    TARGET.write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
