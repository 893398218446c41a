"""Write docs/images/demo.png: the contact sheet of the book that `myjoe demo` leaves."""
from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from myjoe.settings.shared import home_folder
from myjoe_cli import demo
from myjoe_cli.storyboard import STORYBOARD

TARGET = Path(__file__).with_name("images") / "demo.png"


def main() -> None:
    """Make the book, and keep its sheet."""
    with tempfile.TemporaryDirectory() as folder:
        demo.run(home_folder(), Path(folder), len(STORYBOARD), sys.stderr)
        TARGET.parent.mkdir(exist_ok=True)
        shutil.copyfile(Path(folder) / "for-the-printer" / "contact.png", TARGET)


if __name__ == "__main__":
    main()
