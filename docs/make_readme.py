"""Put the README's table in its place: what the measurements of docs/discussion/benchmarks.md say,
in short. A test holds it current.
"""
from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.__main__ import ROOT, replaced, short


def main() -> None:
    """Write the README."""
    readme = ROOT / "README.md"
    measured = (ROOT / "docs" / "discussion" / "benchmarks.md").read_text(encoding="utf-8")
    readme.write_text(replaced(readme.read_text(encoding="utf-8"), short(measured)), encoding="utf-8")


if __name__ == "__main__":
    main()
