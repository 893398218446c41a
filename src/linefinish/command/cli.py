"""The command `linefinish`: arguments → deliver() → exit code. What the flags are stands in
`commands.py`.
"""
from __future__ import annotations

import os
import sys

from linefinish.command.progress import say
from linefinish.errors import InternalError, LinefinishError, OptionsError, UnknownFormatError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from linefinish.delivering import Order
    from linefinish.report import FinishReport

FINE, FILE_PROBLEM, USAGE = 0, 1, 2
# As a shell counts deaths by a signal: 128 + SIGINT, SIGPIPE.
INTERRUPTED, BROKEN_PIPE = 130, 141


def run() -> None:
    """The command as a process of its own: `main()`, and nothing that a process about to end can do
    without.
    """
    import _signal  # type: ignore[import-not-found]  # what `signal` wraps, without the 3 ms of enum
    import gc

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
    except BrokenPipeError:
        return _leave_quietly()
    except (UnknownFormatError, OptionsError) as error:
        return _complain(error, USAGE)
    except InternalError:
        raise
    except LinefinishError as error:
        from linefinish.command.arguments import UsageError

        if isinstance(error.__cause__, BrokenPipeError):
            return _leave_quietly()
        return _complain(error, USAGE if isinstance(error, UsageError) else FILE_PROBLEM)
    except MemoryError:
        return _complain("there is not enough memory for this image", FILE_PROBLEM)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        return _complain(f"{error.filename}: {reason}" if error.filename else reason, FILE_PROBLEM)
    except ImportError as error:  # the kernels cannot be had, or Pillow is needed and not there
        return _complain(error, FILE_PROBLEM)
    except KeyboardInterrupt:
        return INTERRUPTED


def _run(words: list[str]) -> int:
    command = words[0] if words else ""
    if command == "batch":
        return _batch(words[1:])
    if command == "verify":
        return _verify(words[1:])
    if command == "compare":
        return _compare(words[1:])
    return _finish(words)


# --- linefinish INPUT -o OUTPUT
# ------------------------------------------------------------

def _finish(words: list[str]) -> int:
    from linefinish.command import commands
    from linefinish.command.arguments import UsageError

    values, operands = _parse(commands.FINISH, words)
    if values.get("version"):
        return _show_version(bool(values.get("verbose")))
    if values.get("help") or not words:
        return _show_help(commands.FINISH)
    source = _one_input(operands)
    targets = _targets(source, values)
    order = _order(values)
    report_path = values.get("report")

    from linefinish.command.progress import Spinner
    from linefinish.delivering import check_place, check_targets, deliver

    check_targets(source, targets)
    places = [*(target.path for target in targets), *([report_path] if report_path else [])]
    if report_path:
        check_place(source, report_path)
        if places.count(report_path) > 1:
            raise UsageError(f"the drawing and the report cannot both go to {_called(report_path, 'output')}")
    with Spinner(quiet=bool(values.get("quiet"))) as spinner:
        report = deliver(source, targets, order, on_step=spinner.step)
    if report_path:
        _write_json({"input": source, "outputs": [target.path for target in targets], **report.to_mapping()}, report_path)
    _warn(source, report)
    if not values.get("quiet"):
        lines = [f"{_called(source)} → {', '.join(_called(target.path, 'output') for target in targets)}", *report.lines()]
        if values.get("verbose"):
            lines += _more_lines(report)
        # Standard output belongs to the drawing, or to the report, if that is where it goes.
        say("\n".join(lines), sys.stderr if "-" in places else sys.stdout)
    return FINE


def _warn(source: str, report: FinishReport) -> None:
    for warning in report.warnings:
        say(f"linefinish: {_called(source)}: warning: {warning}", sys.stderr)


def _more_lines(report: FinishReport) -> list[str]:
    from linefinish.options import FinishOptions

    given = {name: value for name, value in report.options.items() if value != getattr(FinishOptions, name)}
    told = ", ".join(f"{name} {value:g}" if isinstance(value, float) else f"{name} {value}" for name, value in given.items())
    return [f"options    {told or 'all as they come'}", *(f"{name:<10} {fact}" for name, fact in _facts())]


def _one_input(operands: list[str]) -> str:
    from linefinish.command.arguments import UsageError

    if not operands:
        raise UsageError("which drawing? linefinish INPUT -o OUTPUT (linefinish --help explains)")
    if len(operands) > 1:
        raise UsageError(f"one drawing at a time, got {', '.join(operands)}; for many use linefinish batch {' '.join(operands)} -o FOLDER")
    return operands[0]


def _targets(source: str, values: dict[str, Any]) -> tuple[Any, ...]:
    """Where the results go: each -o, or beside the input in each --format."""
    from linefinish.command.arguments import UsageError
    from linefinish.delivering import Target

    formats = values.get("format")
    outputs = values.get("output")
    if not outputs:
        stem = "-" if source == "-" else os.path.splitext(source)[0]
        if source == "-" and formats and len(formats) > 1:
            raise UsageError("standard output takes one format")
        return tuple(Target("-" if source == "-" else f"{stem}.{name}", name) for name in formats or ["svg"])
    if formats and (len(formats) > 1 or len(outputs) > 1 and "-" not in outputs):
        raise UsageError("give -o FILE for each file, or --format NAMES without -o")
    if len(set(outputs)) < len(outputs):
        raise UsageError("the same -o is given twice")
    chosen = formats[0] if formats else None
    if "-" in outputs and not chosen:
        raise UsageError("standard output has no suffix; say the format, as in --format svg")
    return tuple(Target(path, chosen if path == "-" or len(outputs) == 1 else None) for path in outputs)


def _order(values: dict[str, Any]) -> Order:
    """The flags of the drawing and the page as an order."""
    from linefinish.command.arguments import UsageError
    from linefinish.data.document import Page
    from linefinish.delivering import Order
    from linefinish.options import OPTIONS

    options = {option.name: values[option.name] for option in OPTIONS if option.name in values}
    if "threshold_level" in options and "threshold" not in options:
        options["threshold"] = "fixed"

    page = None
    sheet = values.get("page") or values.get("trim")
    sides = {name: values[name] for name in ("trim", "bleed", "margin", "fit") if name in values}
    if sheet:
        if "page" not in values:
            del sides["trim"]  # without a page the sheet is the trim, and grows by the bleed
        page = Page(sheet, **sides)
        if "width" in values or "height" in values:
            raise UsageError("--page says the size already; leave out --width and --height")
    elif sides:
        raise UsageError(f"--{next(iter(sides))} needs a page: add --page letter, --page a4 or --page WxH")
    return Order(options, page, values.get("dpi"), values.get("width"), values.get("height"), bool(values.get("pdf_image")))


# --- the other commands
# ------------------------------------------------------------

def _batch(words: list[str]) -> int:
    from linefinish.command import commands

    values, sources = _parse(commands.BATCH, words)
    if values.get("help") or not words:
        return _show_help(commands.BATCH)
    from linefinish.batch.finish_many import cpu_count
    from linefinish.command.arguments import UsageError
    from linefinish.command.batch import run_batch

    if not sources:
        raise UsageError("which drawings? linefinish batch SOURCE… -o FOLDER")
    if "output" not in values:
        raise UsageError("where to? add -o FOLDER")
    return run_batch(
        sources, values["output"], _order(values), tuple(values.get("format") or ["svg"]),
        jobs=values.get("jobs") or cpu_count(), scheduler=values.get("scheduler"), recursive=bool(values.get("recursive")),
        force=bool(values.get("force")), quiet=bool(values.get("quiet")),
    )  # fmt: skip


def _verify(words: list[str]) -> int:
    from linefinish.command import commands

    values, paths = _parse(commands.VERIFY, words)
    if values.get("help") or not words:
        return _show_help(commands.VERIFY)
    from linefinish.batch.report import is_batch_report
    from linefinish.command.arguments import UsageError
    from linefinish.verifiers.verifying import verify_many

    if not paths:
        raise UsageError("which files? linefinish verify FILE…")
    code = FINE
    drawings = [path for path in paths if path == "-" or not is_batch_report(path)]
    if len(drawings) < len(paths) and not (values.get("quiet") or values.get("json")):
        say(f"left out {', '.join(path for path in paths if path not in drawings)}: the report of a batch, no drawing", sys.stderr)
    for verdict in verify_many(sys.stdin.buffer if path == "-" else path for path in drawings):
        if not verdict.is_one_bit:
            code = FILE_PROBLEM
        if values.get("json"):
            import json

            say(json.dumps(verdict.to_mapping()), sys.stdout)
        elif not values.get("quiet"):
            say(verdict.line(), sys.stdout)
    return code


def _compare(words: list[str]) -> int:
    from linefinish.command import commands

    values, operands = _parse(commands.COMPARE, words)
    if values.get("help") or not words:
        return _show_help(commands.COMPARE)
    from linefinish.comparing import compare
    from linefinish.delivering import Target, check_targets

    source = _one_input(operands)
    target = values.get("output") or (os.path.splitext(source)[0] if source != "-" else "standard-input") + ".compare.png"
    check_targets(source, (Target(target, "png"),))
    finished = compare(source, sys.stdout.buffer if target == "-" else target, _order(values))
    _warn(source, finished.report)
    if not values.get("quiet"):
        told = f"{_called(source)}: before | after | difference → {_called(target, 'output')}"
        say(told, sys.stderr if target == "-" else sys.stdout)
    return FINE


# --- words
# ------------------------------------------------------------

def _parse(command: Any, words: list[str]) -> tuple[dict[str, Any], list[str]]:
    from linefinish.command.arguments import parse

    # Whoever asks for help gets it, however wrong the rest is.
    if "--help" in words or "-h" in words:
        return {"help": True}, []
    return parse(command, words)


def _show_help(command: Any) -> int:
    from linefinish.command.arguments import help_text

    say(help_text(command).rstrip(), sys.stdout)
    return FINE


def _show_version(verbose: bool) -> int:
    from linefinish import __version__

    say("\n".join([f"linefinish {__version__}", *(f"{name:<8} {fact}" for name, fact in _facts() if verbose)]), sys.stdout)
    return FINE


def _facts() -> list[tuple[str, str]]:
    """What runs here: the interpreter, and which kernels from where."""
    from linefinish.kernels import _kernel, _native

    facts = [("python", f"{sys.version.split()[0]} ({sys.executable})")]
    if _kernel.MODE != "native":
        return [*facts, ("kernels", f"{_kernel.MODE}, by LINEFINISH_KERNELS")]
    library = _native.library()
    return [*facts, ("kernels", f"native, {library.facts['cpu']}, compiled by numba {library.facts['numba']}"), ("from", library.path)]


def _write_json(mapping: dict[str, Any], path: str) -> None:
    import json

    from linefinish.writers import replace_file

    text = json.dumps(mapping, indent=2) + "\n"
    if path == "-":
        sys.stdout.write(text)
    else:
        replace_file([text.encode()], path)


def _called(path: str, stream: str = "input") -> str:
    return f"standard {stream}" if path == "-" else path


def _complain(error: object, code: int) -> int:
    say(f"linefinish: {error}", sys.stderr)
    return code


def _leave_quietly() -> int:
    """Whoever read our output has left. Python would complain once more at exit about what is still
    buffered; nobody listens.
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return BROKEN_PIPE
