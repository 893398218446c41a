"""The command `linefinish`: words → one of the commands → exit code."""
from __future__ import annotations

import os
import sys
from errno import EINVAL

from linefinish.command import say
from linefinish.errors import InternalError, LinefinishError, OptionsError, UnknownFormatError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

FINE, FILE_PROBLEM, USAGE = 0, 1, 2
_WINDOWS = os.name == "nt"
# As a shell counts deaths by a signal: 128 + SIGINT, SIGPIPE.
INTERRUPTED, BROKEN_PIPE = 130, 141


def run() -> None:
    """The command as a process of its own: `main()`, and nothing that a process about to end can do
    without.
    """
    if sys.stdin is None or sys.stdout is None or sys.stderr is None:
        _have_streams()
    import _signal  # type: ignore[import-not-found]  # what `signal` wraps, without the 3 ms of enum
    import gc

    if _signal.getsignal(_signal.SIGINT) == _signal.SIG_DFL:  # __main__.py has it so
        _signal.signal(_signal.SIGINT, _signal.default_int_handler)
    # An exception, so that all is tidied up on the way out. Whoever is told to ignore a signal
    # (nohup) goes on ignoring it.
    for number in (_signal.SIGTERM, getattr(_signal, "SIGHUP", _signal.SIGTERM)):
        if _signal.getsignal(number) == _signal.SIG_DFL:
            _signal.signal(number, _stop)
    if sys.argv[1:2] != ["batch"]:
        gc.disable()  # one drawing makes no garbage worth looking for: 1.3 ms of 44
    code = main()
    if "multiprocessing" not in sys.modules:  # whose workers are taken leave of at exit
        try:  # noqa: SIM105  # contextlib stays off the fast path
            sys.stdout.flush()
        except OSError:
            pass  # main() has told it
        os._exit(code)  # taking the interpreter apart costs 3 ms
    sys.exit(code)


def _have_streams() -> None:
    """Streams that whoever started us has closed lead nowhere: as with other tools, nothing is said
    there. Left closed, their numbers would be those of the next files.
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            opened = os.open(os.devnull, os.O_RDWR)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)
            setattr(sys, name, open(os.devnull, mode))  # noqa: SIM115  # as long as the process


def _stop(number: int, _frame: object) -> None:
    sys.exit(128 + number)  # as a shell counts deaths by a signal


def main(words: list[str] | None = None) -> int:
    """Run a command line; returns the exit code. No error leaves as a traceback but a fault of
    linefinish itself.
    """
    try:
        code = _run(sys.argv[1:] if words is None else words)
        sys.stdout.flush()
        return code
    except (UnknownFormatError, OptionsError) as error:
        return _complain(error, USAGE)
    except InternalError:
        raise
    except LinefinishError as error:
        from linefinish.command.arguments import UsageError

        if _is_broken_pipe(error.__cause__):
            return _leave_quietly()
        return _complain(error, USAGE if isinstance(error, UsageError) else FILE_PROBLEM)
    except MemoryError:
        return _complain("there is not enough memory for this image", FILE_PROBLEM)
    except OSError as error:
        if _is_broken_pipe(error):
            return _leave_quietly()
        reason = (error.strerror or str(error)).lower()
        return _complain(f"{error.filename}: {reason}" if error.filename else reason, FILE_PROBLEM)
    except ImportError as error:  # the kernels cannot be had, or Pillow is needed and not there
        return _complain(error, FILE_PROBLEM)
    except KeyboardInterrupt:
        return INTERRUPTED


def _run(words: list[str]) -> int:
    """The command that the words begin with, or the one that needs no name."""
    from linefinish.command.arguments import help_text, parse

    command: Any
    name = words[0] if words else ""
    if name == "batch":
        from linefinish.command import batch as command
    elif name == "verify":
        from linefinish.command import verify as command
    elif name == "compare":
        from linefinish.command import compare as command
    elif name == "book" and "--check" in words:
        from linefinish.command import preflight as command
    elif name == "book":
        from linefinish.command import book as command
    elif name == "impose":
        from linefinish.command import impose as command
    else:
        from linefinish.command import finish as command

        name = ""
    rest = words[1:] if name else words
    # Whoever asks for help gets it, however wrong the rest is.
    if not rest or "--help" in rest or "-h" in rest:
        say(help_text(command.COMMAND).rstrip(), sys.stdout)
        return FINE
    code: int = command.run(*parse(command.COMMAND, rest))
    return code


def _complain(error: object, code: int) -> int:
    say(f"linefinish: {error}", sys.stderr)
    return code


def _is_broken_pipe(error: object) -> bool:
    """Whether whoever reads our output has left, which Windows calls an invalid argument."""
    return isinstance(error, BrokenPipeError) or (
        _WINDOWS and isinstance(error, OSError) and error.errno == EINVAL and error.filename is None
    )


def _leave_quietly() -> int:
    """Whoever read our output has left. Python would complain once more at exit about what is still
    buffered; nobody listens.
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return BROKEN_PIPE
