"""`write`: a drawing → a file, whole or not at all. The suffix chooses the writer."""
from __future__ import annotations

import os
import sys

from linefinish.checks import shown
from linefinish.data.document import Document, resolution_pair
from linefinish.data.raster import Bitmap
from linefinish.errors import OptionsError, UnknownFormatError, WriteError
from linefinish.records import nearest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, BinaryIO, Literal

    # The keys of WRITERS, for editors; a test holds them together.
    Format = Literal["svg", "png", "tif", "tiff", "pbm", "pdf", "eps", "dxf", "geojson", "plt", "gcode", "strokes.json"]

# Suffix → the module of this package that writes it. Each has `encode(drawing, **options) -> list
# of bytes-like pieces`.
WRITERS = {
    "svg": "svg", "png": "png", "tif": "tiff", "tiff": "tiff", "pbm": "pbm", "pdf": "pdf", "eps": "eps", "dxf": "dxf",
    "geojson": "geojson", "plt": "hpgl", "gcode": "gcode", "strokes.json": "strokes_json",
}  # fmt: skip
# What a writer may be told beside the resolution.
_OPTIONS = {
    "svg": ("svg_paths", "layers", "widths"), "pdf": ("pdf_image",), "dxf": ("dxf", "layers"), "geojson": ("geojson_matrix",),
    "gcode": ("gcode",),
}  # fmt: skip
# Writers of strokes; those of them that write nothing else.
STROKE_WRITERS = ("svg", "dxf", "hpgl", "gcode", "strokes_json")
_STROKES_ALONE = STROKE_WRITERS[2:]

# Bytes of a name that file systems take, and those of the temporary one beside it.
_NAME_BYTES_MAX = 255
_MORE_BYTES = len(".." + 12 * "0" + ".part")
_WINDOWS = os.name == "nt"
# How often, and how many seconds apart, Windows is asked to rename a file over one that is open.
# Less gives up before a scanner has done; more keeps a person waiting whose viewer has the file.
_RENAMES_MAX, _RENAME_SECONDS = 10, 0.1


def write(drawing: Document | Bitmap, target: str | os.PathLike[str] | BinaryIO, format: Format | None = None, **options: Any) -> None:
    """Write a drawing to a path, a binary stream, or "-" for standard output.

    format   one of WRITERS; by default the path's suffix
    options  dpi: resolution of bitmaps, instead of the document's own. pdf_image: a PDF with a
    1-bit image instead of curves. svg_paths: "one" path for the drawing, or "each" shape a path.
    dxf: the version, "2000" or "r12". layers, of svg and dxf: "one", or by "depth", so that a
    cutter cuts what lies inside first. geojson_matrix: pixels → coordinates, as in
    `Curves.transform`. widths: how an SVG of strokes shows a width that changes, "data",
    "split" or "outline". gcode: a dictionary of words, as `writers.gcode` has them.

    A document of `Strokes` can become svg, dxf, plt, gcode and strokes.json, and the last three
    hold strokes alone. A `Bitmap` alone can become png, tiff, pbm, and pdf (as an image). A file
    appears whole under its name or not at all: it is written beside its place and then renamed.
    Raises UnknownFormatError, WriteError, OptionsError.
    """
    path = os.fsdecode(target) if isinstance(target, (str, os.PathLike)) else ""
    if not path and not callable(getattr(target, "write", None)):
        raise WriteError(f"the target is {shown(target)}; it takes a path, a binary stream, or - for standard output")
    named: Any = format
    if format is None or isinstance(format, str) and not format:
        named = _suffix(path)
    pieces = encode(drawing, named, **options)
    if path in ("", "-"):
        write_to_output(pieces, None if path else target)
    else:
        replace_file(pieces, path)


def write_to_output(pieces: Iterable[Any], stream: Any = None) -> None:
    """Write to a binary stream, or to standard output. Raises WriteError."""
    try:
        _pour(pieces, sys.stdout.buffer if stream is None else stream)
    except OSError as error:
        raise WriteError(f"the output could not be written: {_reason(error)}") from error
    except (TypeError, ValueError) as error:  # a stream of text, or one that is closed
        raise WriteError("the output could not be written: it takes an open binary stream") from error


def encode(drawing: Document | Bitmap, format: str, **options: Any) -> list[Any]:
    """The file's bytes, in pieces that are written one after the other."""
    name = WRITERS.get(format.lower().removeprefix(".")) if isinstance(format, str) else None
    if name is None:
        raise UnknownFormatError(f"{shown(format)} names no format that linefinish writes; there are {', '.join(WRITERS)}")
    if not isinstance(drawing, (Document, Bitmap)):
        raise WriteError(f"a drawing to write is a Document or a Bitmap; this is {shown(drawing)}{_way_to_a_drawing(drawing)}")
    for option in options:
        own = ("dpi", *_OPTIONS.get(name, ()))
        if option not in own:
            raise OptionsError(f"{name} has no option {shown(option)}{nearest(option, own) or ', it has ' + ', '.join(own)}")
    resolution_pair(options.get("dpi"))
    if not isinstance(options.get("pdf_image", False), bool):
        raise OptionsError(f"pdf_image is {shown(options['pdf_image'])}; it is either true or false")
    for option in ("svg_paths", "dxf", "layers", "widths"):
        if not isinstance(options.get(option, ""), str):
            raise OptionsError(f"{option} is {shown(options[option])}; it takes a word")
    if isinstance(drawing, Document) and drawing.strokes is not None and name not in STROKE_WRITERS:
        raise WriteError(f"a drawing of strokes cannot be written as {name}; there are svg, dxf, plt, gcode and strokes.json")
    if name in _STROKES_ALONE and (isinstance(drawing, Bitmap) or drawing.strokes is None):
        raise WriteError(f"a {format} holds strokes, and this drawing has outlines; finish it with centerline (--centerline)")
    if isinstance(drawing, Bitmap) and name in ("svg", "eps", "dxf", "geojson"):
        raise WriteError(f"a bitmap has no curves to write as {name}; trace it first, or write png, tiff, pbm or pdf")
    writer = __import__(f"linefinish.writers.{name}", fromlist=["encode"])  # importlib's own function costs 1 ms to import
    return writer.encode(drawing, **options)


# What to call with what is none yet, by its type's name: no type is loaded to be told apart.
_CALLS = {
    "Curves": "write(compose(curves), …) puts them on a page", "Paths": "fit makes Curves of them, and compose a Document of those",
    "Finished": "it writes itself: finished.write(…)", "Gray": "finish(gray).write(…) makes a drawing of it",
    "Separation": "its bitmap can be written: separation.bitmap",
    "ndarray": "Bitmap.from_array makes one of bools, finish a drawing of greys",
    "Outline": "write(compose(outline.curves), …)",
}  # fmt: skip


def _way_to_a_drawing(value: Any) -> str:
    call = _CALLS.get(type(value).__name__)
    return f"; {call}" if call else ""


def _suffix(path: str) -> str:
    if path in ("", "-"):
        raise UnknownFormatError("a stream has no suffix; say the format")
    suffix = suffix_of(path)
    if suffix not in WRITERS:
        raise UnknownFormatError(f"{path} does not end in a format that linefinish writes; there are .{', .'.join(WRITERS)}")
    return suffix


def holds_strokes(path: str, format: Any = None) -> bool:
    """Whether a file of this name or format holds the strokes of a drawing that has some. A bitmap
    shows its ink. WriteError for a file of outlines.
    """
    name = WRITERS.get(format.lower().removeprefix(".") if isinstance(format, str) and format else suffix_of(path), "")
    if name in ("pdf", "eps", "geojson"):
        raise WriteError(f"strokes cannot be written as {name}; there are svg, dxf, plt, gcode and strokes.json")
    return name in STROKE_WRITERS


def suffix_of(path: str) -> str:
    """What a file's name ends in, in small letters and without its point; two words where a format
    has two.
    """
    return "strokes.json" if path.lower().endswith(".strokes.json") else os.path.splitext(path)[1][1:].lower()


def _pour(pieces: Iterable[Any], stream: Any) -> None:
    for piece in pieces:
        stream.write(piece)
    stream.flush()


def replace_file(pieces: Iterable[Any], path: str) -> None:
    """Write to a hidden name in the same folder, then rename, which on one file
    system is atomic.
    """
    place = os.path.realpath(path)  # a link stays a link
    folder, name = os.path.split(place)
    temporary = os.path.join(folder, f".{temporary_stem(name)}.{os.urandom(6).hex()}.part")
    try:
        # By the name as given: a pipe behind /dev/stdout has no real path.
        if os.path.exists(path) and not os.path.isfile(path) and not os.path.isdir(path):
            with open(path, "wb") as device:  # /dev/stdout, a named pipe: nothing to rename over
                return _pour(pieces, device)
        # O_EXCL: never follow or overwrite something planted under that name. 0o666 goes through
        # the umask as for any new file.
        mode = _mode_of(place)
        try:
            handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666 if mode is None else 0o600)
            with open(handle, "wb") as file:
                if mode is not None:
                    os.chmod(temporary, mode)
                _pour(pieces, file)
            _rename(temporary, place)
        except FileExistsError:  # not ours
            raise
        except BaseException:  # KeyboardInterrupt too, and right after the file was made
            _sweep(temporary)
            raise
    except OSError as error:
        raise WriteError(f"{path} could not be written: {_reason(error, os.path.dirname(path))}") from error
    except ValueError as error:  # a NUL in the name
        raise WriteError(f"{shown(path)} could not be written: {error}") from error


def _rename(temporary: str, place: str) -> None:
    """Have the file take its name. Windows refuses that while anything has the old file open, and a
    virus scanner or an indexer has it for a moment after it was written.
    """
    for left in reversed(range(_RENAMES_MAX if _WINDOWS else 1)):
        try:
            return os.replace(temporary, place)
        except PermissionError:
            if not left:
                raise
            from time import sleep

            sleep(_RENAME_SECONDS)


def _sweep(temporary: str) -> None:
    """Delete an unfinished file, if it is there; a second Ctrl-C does not keep it."""
    try:
        os.unlink(temporary)
    except FileNotFoundError:
        pass
    except BaseException:
        if os.path.exists(temporary):
            os.unlink(temporary)
        raise


def temporary_stem(name: str) -> str:
    """What of a file's name its temporary one has: as much as a file system takes."""
    return os.fsdecode(os.fsencode(name)[: _NAME_BYTES_MAX - _MORE_BYTES])


def _mode_of(path: str) -> int | None:
    """The permissions of a file that is written over, which the new one keeps; None where there is
    none.
    """
    try:
        return os.stat(path).st_mode & 0o777
    except OSError:
        return None


def _reason(error: OSError, folder: str = "") -> str:
    if isinstance(error, FileNotFoundError) and not os.path.isdir(folder or "."):
        return f"the folder {folder or '.'} does not exist"
    if isinstance(error, IsADirectoryError):
        return "there is a folder of this name"
    if getattr(error, "winerror", None) in (5, 32):  # ERROR_ACCESS_DENIED, ERROR_SHARING_VIOLATION
        return "another program has it open, or it may not be written to"
    return (error.strerror or str(error)).lower()
