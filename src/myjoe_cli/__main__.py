"""`python -m myjoe_cli` is the command `myjoe`."""
from __future__ import annotations

import sys


def run() -> None:
    """The entry point of the console script."""
    try:
        from myjoe_cli.cli import main
    except ModuleNotFoundError as error:
        # myjoe can be installed without the worker, and brings this command with it.
        print(f"myjoe: {error.name} is missing: install myjoe with its extra `worker`", file=sys.stderr)
        sys.exit(1)
    sys.exit(main(sys.argv[1:]))


if __name__ == "__main__":
    run()
