"""`python -m myjoe_worker` is the command `myjoe`."""
from __future__ import annotations

from myjoe_worker.cli import run

if __name__ == "__main__":
    run()
