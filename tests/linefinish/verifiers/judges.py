"""Renderers that are not ours, asked one question: is there a grey area in what this file shows?

A pixel that equals its four neighbours and is neither black nor white is grey; so the edges that a
renderer smooths do not count.
"""

from __future__ import annotations

import io
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image

# Full black ink is #231F20 on the screens of poppler, pdfium and Ghostscript, and black on paper.
BLACK_MAX = 48
WHITE_MIN = 252

Judge = Callable[[bytes], Iterator[Image.Image]]


def is_gray(image: Image.Image) -> bool:
    """Whether an area of a picture is neither black nor white, on white paper."""
    if image.mode not in ("RGB", "L", "1"):
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    array = np.asarray(image.convert("RGB")).astype(np.int16)
    inner = array[1:-1, 1:-1]
    flat = np.ones(inner.shape[:2], np.bool_)
    for other in (array[:-2, 1:-1], array[2:, 1:-1], array[1:-1, :-2], array[1:-1, 2:]):
        flat &= (inner == other).all(axis=2)
    return bool((flat & (inner.max(axis=2) > BLACK_MAX) & (inner.min(axis=2) < WHITE_MIN)).any())


def _run(command: list[str], data: bytes, suffix: str) -> Iterator[Image.Image]:
    """A program's pictures, out.png or out-1.png …, of a file; none if it refuses it."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / f"in{suffix}").write_bytes(data)
        try:
            subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=30)
        except subprocess.TimeoutExpired:
            return
        for path in sorted(Path(folder).glob("out*")):
            try:
                yield Image.open(io.BytesIO(path.read_bytes())).convert("RGB")
            except OSError:
                continue


@contextmanager
def limited(seconds: float = 5) -> Iterator[None]:
    """TimeoutError in a judge written in Python that takes longer."""

    def stop(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def poppler(data: bytes) -> Iterator[Image.Image]:
    """https://poppler.freedesktop.org"""
    yield from _run(["pdftoppm", "-r", "72", "-l", "3", "-scale-to", "200", "-png", "in.pdf", "out"], data, ".pdf")


def mupdf(data: bytes) -> Iterator[Image.Image]:
    """https://mupdf.com, by its command `mutool`; of SVG with a reader of styles of its own."""
    suffix = ".pdf" if data[:5] == b"%PDF-" else ".svg"
    yield from _run(["mutool", "draw", "-q", "-w", "200", "-h", "200", "-o", "out-%d.png", f"in{suffix}", "1-3"], data, suffix)


def ghostscript(data: bytes) -> Iterator[Image.Image]:
    """https://ghostscript.com; of EPS the only one here."""
    suffix = ".pdf" if data[:5] == b"%PDF-" else ".eps"
    command = [
        "gs",
        "-q",
        "-dBATCH",
        "-dNOPAUSE",
        "-dSAFER",
        "-sDEVICE=ppmraw",
        "-r72",
        "-g200x200",
        "-dLastPage=3",
        "-sOutputFile=out-%d.ppm",
    ]
    yield from _run([*command, f"in{suffix}"], data, suffix)


def pdfium(data: bytes) -> Iterator[Image.Image]:
    """Chromium's."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
        for index in range(min(3, len(document))):
            page = document[index]
            yield page.render(scale=200 / max(1, *page.get_size()), may_draw_forms=False).to_pil()
    except (pypdfium2.PdfiumError, ValueError, MemoryError):
        return


def resvg(data: bytes) -> Iterator[Image.Image]:
    """https://github.com/linebender/resvg"""
    import resvg_py

    try:
        yield Image.open(io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=data.decode(), background="white", width=200))))
    except (ValueError, OSError, BaseException) as error:  # noqa: BLE001, RUF100 - a panic of Rust is no Exception
        if isinstance(error, KeyboardInterrupt):
            raise
        return


def cairo(data: bytes) -> Iterator[Image.Image]:
    """CairoSVG."""
    import cairosvg

    try:
        with limited():  # it runs for ever over some broken paths
            made = cairosvg.svg2png(bytestring=data, output_width=200, background_color="white")
    except Exception:  # it lets about any error out of an odd file
        return
    yield Image.open(io.BytesIO(made))


def rsvg(data: bytes) -> Iterator[Image.Image]:
    """GNOME's."""
    yield from _run(["rsvg-convert", "-w", "200", "-b", "white", "-o", "out.png", "in.svg"], data, ".svg")


def ezdxf(data: bytes) -> Iterator[Image.Image]:
    """ezdxf's reader that recovers and its drawing add-on; a picture for each of its colours."""
    from ezdxf import recover
    from ezdxf.addons.drawing import Frontend, RenderContext
    from ezdxf.addons.drawing.config import ColorPolicy, Configuration
    from ezdxf.addons.drawing.layout import Page
    from ezdxf.addons.drawing.svg import SVGBackend

    try:
        with limited():
            document, _ = recover.read(io.BytesIO(data))
        backend = SVGBackend()
        context = RenderContext(document)
        context.set_current_layout(document.modelspace())
        Frontend(context, backend, config=Configuration(color_policy=ColorPolicy.COLOR)).draw_layout(document.modelspace())
        text = backend.get_string(Page(100, 100))
    except Exception:  # what it cannot recover, it does not show
        return
    import re

    body = text.partition("</style>")[2]
    used = {name for names in re.findall(r'class="([^"]*)"', body) for name in names.split()}
    for name, rule in re.findall(r"\.(\w+) \{([^}]*)\}", text):
        for colour in re.findall(r"#[0-9a-fA-F]{6}", rule):
            if name in used:
                yield Image.new("RGB", (5, 5), colour)


def pillow(data: bytes) -> Iterator[Image.Image]:
    """The pictures of a file."""
    from PIL import ImageSequence

    try:
        for frame in ImageSequence.Iterator(Image.open(io.BytesIO(data))):
            yield frame.convert("RGBA")
    except Exception:  # its plugins let about any error out of a broken file
        return


def opencv(data: bytes) -> Iterator[Image.Image]:
    """OpenCV's readers: libpng and libtiff, in their own way."""
    import cv2

    made = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    if made is not None:
        yield Image.fromarray(made)


JUDGES: dict[str, tuple[Judge, ...]] = {
    "PDF": (pdfium, poppler, mupdf, ghostscript), "SVG": (resvg, cairo, mupdf, rsvg), "EPS": (ghostscript,), "DXF": (ezdxf,),
    "PNG": (pillow, opencv), "TIFF": (pillow, opencv), "PBM": (pillow, opencv),
}  # fmt: skip


def who_sees_gray(data: bytes, form: str) -> str:
    """The first of the judges that shows grey; "" if none does."""
    for judge in JUDGES.get(form, ()):
        if any(is_gray(image) for image in judge(data)):
            return judge.__name__
    return ""
