"""The other tools, each behind one plain function, and the reason when one cannot be had.

libpotrace is called through its documented C interface (potracelib.h of Debian's libpotrace-dev);
nothing of it is copied or linked.
"""
from __future__ import annotations

import ctypes
import functools
import importlib
import importlib.metadata
import io
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

FOLDER = Path(__file__).parents[1] / "build" / "peers"  # where `make bench` puts what cannot be installed side by side


class MissingError(Exception):
    """A tool is not on this machine."""


def made(makers: dict[str, Callable[[], Any]], missing: dict[str, str]) -> dict[str, Any]:
    """What each maker makes, by its name; `missing` is told why a tool is not on this machine."""
    calls = {}
    for name, make in makers.items():
        try:
            calls[name] = make()
        except MissingError as error:
            missing[name] = str(error)
    return calls


# --- libpotrace
# ------------------------------------------------------------

class _Progress(ctypes.Structure):
    _fields_ = [("callback", ctypes.c_void_p), ("data", ctypes.c_void_p), ("min", ctypes.c_double), ("max", ctypes.c_double),
                ("epsilon", ctypes.c_double)]  # fmt: skip


class _Parameters(ctypes.Structure):
    _fields_ = [("turdsize", ctypes.c_int), ("turnpolicy", ctypes.c_int), ("alphamax", ctypes.c_double), ("opticurve", ctypes.c_int),
                ("opttolerance", ctypes.c_double), ("progress", _Progress)]  # fmt: skip


class _Bitmap(ctypes.Structure):
    _fields_ = [("w", ctypes.c_int), ("h", ctypes.c_int), ("dy", ctypes.c_int), ("map", ctypes.c_void_p)]


class _Curve(ctypes.Structure):
    _fields_ = [("n", ctypes.c_int), ("tag", ctypes.POINTER(ctypes.c_int)), ("c", ctypes.POINTER(ctypes.c_double * 6))]


class _Path(ctypes.Structure):
    pass


_Path._fields_ = [("area", ctypes.c_int), ("sign", ctypes.c_int), ("curve", _Curve), ("next", ctypes.POINTER(_Path)),
                  ("childlist", ctypes.POINTER(_Path)), ("sibling", ctypes.POINTER(_Path)), ("priv", ctypes.c_void_p)]  # fmt: skip


class _State(ctypes.Structure):
    _fields_ = [("status", ctypes.c_int), ("plist", ctypes.POINTER(_Path)), ("priv", ctypes.c_void_p)]


class LibPotrace:
    """Trace bitmaps that are already in the library's own form, with its default parameters unless
    told otherwise.
    """

    def __init__(self) -> None:
        try:
            self._library = ctypes.CDLL("libpotrace.so.0")
        except OSError as error:
            raise MissingError(f"libpotrace: {error}") from None
        self._library.potrace_param_default.restype = ctypes.POINTER(_Parameters)
        self._library.potrace_trace.restype = ctypes.POINTER(_State)
        self._library.potrace_trace.argtypes = [ctypes.POINTER(_Parameters), ctypes.POINTER(_Bitmap)]
        self._library.potrace_state_free.argtypes = [ctypes.POINTER(_State)]
        self._library.potrace_version.restype = ctypes.c_char_p
        self.version = self._library.potrace_version().decode()
        self.parameters = self._library.potrace_param_default()

    @staticmethod
    def bitmap(ink: Any) -> tuple[_Bitmap, Any]:
        """A bool array, True is ink, as the library wants it: u64 words, highest bit leftmost. Keep
        both alive.
        """
        height, width = ink.shape
        row_words = (width + 63) // 64
        padded = np.zeros((height, row_words * 64), bool)
        padded[:, :width] = ink
        words = np.ascontiguousarray(np.packbits(padded, axis=1)).view(">u8").astype("<u8")
        return _Bitmap(width, height, row_words, words.ctypes.data), words

    def trace(self, bitmap: _Bitmap) -> int:
        """Trace and let go; the number of segments. This is what is measured: nothing is copied
        out.
        """
        state = self._library.potrace_trace(self.parameters, ctypes.byref(bitmap))
        count, path = 0, state.contents.plist
        while path:
            count += path.contents.curve.n
            path = path.contents.next
        self._library.potrace_state_free(state)
        return count

    def svg(self, bitmap: _Bitmap) -> str:
        """The traced outlines as an SVG in pixels, y down. (The bitmap's first row is taken for the
        top one.)
        """
        state = self._library.potrace_trace(self.parameters, ctypes.byref(bitmap))
        pieces, path = [], state.contents.plist
        while path:
            curve = path.contents.curve
            end = curve.c[curve.n - 1]
            pieces.append(f"M{end[4]:.3f} {end[5]:.3f}")
            for i in range(curve.n):
                c = curve.c[i]
                if curve.tag[i] == 2:  # POTRACE_CORNER: two lines over a vertex
                    pieces.append(f"L{c[2]:.3f} {c[3]:.3f}L{c[4]:.3f} {c[5]:.3f}")
                else:
                    pieces.append("C" + " ".join(f"{value:.3f}" for value in c))
            pieces.append("Z")
            path = path.contents.next
        self._library.potrace_state_free(state)
        size = f'width="{bitmap.w}" height="{bitmap.h}" viewBox="0 0 {bitmap.w} {bitmap.h}"'
        return f'<svg xmlns="http://www.w3.org/2000/svg" {size}><path fill-rule="evenodd" d="{"".join(pieces)}"/></svg>'


# --- Python bindings
# ------------------------------------------------------------

def _from_folder(folder: str, module: str) -> Any:
    """Import a module from build/peers/<folder>, beside others of the same name."""
    path = str(FOLDER / folder)
    sys.path.insert(0, path)
    for name in [name for name in sys.modules if name == module or name.startswith(f"{module}.")]:
        del sys.modules[name]
    try:
        found = importlib.import_module(module)
    except ImportError as error:
        raise MissingError(f"{folder}: {error}") from None
    finally:
        sys.path.remove(path)
    if not str(getattr(found, "__file__", "")).startswith(path):
        raise MissingError(f"{folder}: not in build/peers (`make bench` installs it)")
    return found


def pypotrace(ink: Any) -> Callable[[], Any]:
    """A bool array → traced by pypotrace, its copying of the array included."""
    potrace = _from_folder("pypotrace", "potrace")
    flags = ink.astype(np.uint32)
    return lambda: potrace.Bitmap(flags).trace()


def potracer(ink: Any) -> Callable[[], Any]:
    """A bool array → traced by potracer, Potrace in plain Python."""
    potrace = _from_folder("potracer", "potrace")
    return lambda: potrace.Bitmap(ink).trace()


def vtracer_svg(gray: Any) -> Callable[[], str]:
    """A grey page → SVG text by vtracer in its binary mode, from PNG bytes (its other inputs are
    slower).
    """
    vtracer = imported("vtracer")
    data = png_bytes(gray)
    return lambda: str(vtracer.convert_raw_image_to_svg(data, img_format="png", colormode="binary"))


def autotrace_svg(gray: Any) -> Callable[[], str]:
    """A grey page cut at 128 → SVG text by AutoTrace; white is told to be background."""
    autotrace = _from_folder("pyautotrace", "autotrace")
    rgb = np.repeat(np.where(gray < 128, 0, 255).astype(np.uint8)[..., None], 3, axis=2)

    def run() -> str:
        vector = autotrace.Bitmap(rgb).trace(background_color=autotrace.Color(255, 255, 255))
        return str(vector.encode("svg").decode())

    return run


def autotrace_centreline(gray: Any) -> Callable[[], str]:
    """A grey page cut at 128 → SVG text of centre lines by AutoTrace, which takes each grey at a
    soft edge for a colour of its own.
    """
    autotrace = _from_folder("pyautotrace", "autotrace")
    rgb = np.repeat(np.where(gray < 128, 0, 255).astype(np.uint8)[..., None], 3, axis=2)

    def run() -> str:
        vector = autotrace.Bitmap(rgb).trace(centerline=True, background_color=autotrace.Color(255, 255, 255))
        return str(vector.encode("svg").decode())

    return run


def imported(name: str) -> Any:
    """A module that pip may or may not have brought."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise MissingError(f"{name}: {error}") from None


def vpype(commands: str) -> Callable[[list[Any]], list[Any]]:
    """vpype's commands, done to polylines (n, 2): the polylines that they leave, in their order."""
    data, cli = imported("vpype"), imported("vpype_cli")

    def run(lines: list[Any]) -> list[Any]:
        document = data.Document()
        document.add(data.LineCollection([line[:, 0] + 1j * line[:, 1] for line in lines]), 1)
        made = cli.execute(commands, document=document)
        return [np.column_stack([line.real, line.imag]) for line in made.layers[1]]

    return run


def one_thread_cv2() -> Any:
    """OpenCV, held to one thread as everyone else."""
    cv2 = imported("cv2")
    cv2.setNumThreads(1)
    return cv2


@functools.cache
def contributed_cv2() -> Any:
    """OpenCV with the modules of its contributors, held to one thread. It loads once in a
    process.
    """
    cv2 = _from_folder("opencv-contrib", "cv2")
    cv2.setNumThreads(1)
    return cv2


# --- commands
# ------------------------------------------------------------

def command(name: str) -> str:
    """The path of a command."""
    found = shutil.which(name)
    if found is None:
        raise MissingError(f"{name}: no such command")
    return found


def potrace_svg(ink: Any) -> str:
    """`potrace -s` over a bool array, True is ink: the command's own file, for its bytes and
    segments.
    """
    done = subprocess.run([command("potrace"), "-s", "-o", "-", "-"], input=pbm_bytes(ink), capture_output=True, check=True)
    return done.stdout.decode()


# --- small helpers
# ------------------------------------------------------------

def pbm_bytes(ink: Any) -> bytes:
    """A bool array as raw PBM."""
    return b"P4\n%d %d\n" % ink.shape[::-1] + np.packbits(ink, axis=1).tobytes()


def pgm_bytes(gray: Any) -> bytes:
    """A grey page as raw PGM."""
    return b"P5\n%d %d\n255\n" % gray.shape[::-1] + gray.tobytes()


def png_bytes(gray: Any) -> bytes:
    """A grey page as PNG, as Pillow writes it."""
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(gray).save(file, "PNG")
    return file.getvalue()


def versions() -> list[str]:
    """What this run measured, name and version; or that it is missing."""
    lines = []
    installed = ("linefinish", "numba", "opencv-python-headless", "scikit-image", "doxapy", "connected-components-3d", "pillow", "vtracer")
    for package in installed:
        try:
            lines.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            lines.append(f"{package} missing")
    for folder, package in (("pypotrace", "pypotrace"), ("potracer", "potracer"), ("pyautotrace", "pyautotrace")):
        found = sorted((FOLDER / folder).glob(f"{package}-*.dist-info"))
        lines.append(found[0].name.removesuffix(".dist-info").replace("-", " ") if found else f"{package} missing")
    try:
        lines.append(LibPotrace().version)
    except MissingError as error:
        lines.append(str(error))
    lines += [f"{name} {'present' if shutil.which(name) else 'missing'}" for name in ("potrace", "mkbitmap")]
    return lines
