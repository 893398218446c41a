"""`python -m myjoe_cli` is the command `myjoe`."""
from __future__ import annotations

import sys


def run() -> None:
    """The entry point of the console script."""
    try:
        from myjoe_cli.cli import main
    except ModuleNotFoundError as error:
        # linefinish can be installed alone, and brings this command with it.
        print(f"myjoe: {error.name} is missing: install linefinish with its extra `worker`", file=sys.stderr)
        sys.exit(1)
    sys.exit(main(sys.argv[1:]))


if __name__ == "__main__":
    run()
