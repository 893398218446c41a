"""How long does it take to bind 100 finished pages into an interior, and how much memory? Half of
the pages are drawings, each with a blank back.
"""
from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import linefinish
from benchmarks import datasets, peers
from benchmarks.measuring import Table, interleaved, ms, processes, times
from benchmarks.settings import Settings
from linefinish.book.finished import read_pdf
from linefinish.book.geometry import RECTO, VERSO, page_geometry
from linefinish.book.interior import BoundPage, interior_pieces
from linefinish.preflight.rules import printer_of

DRAWINGS = 50
LETTER_PT = (612.0, 792.0)
# Bars: what an interior of 50 drawings may take.
CURVES_MB_MAX, IMAGES_MB_MAX = 2.0, 5.0
OURS, REFERENCE, FILES = "linefinish", "pikepdf", "the files alone, read and written"

# The same as whole processes, from a folder of PDFs to a file.
_PROCESSES = {
    OURS: """
import glob, sys
from linefinish.book.finished import read_pdf
from linefinish.book.geometry import page_geometry
from linefinish.book.interior import BoundPage, interior_pieces
from linefinish.preflight.rules import printer_of
from linefinish.writers import replace_file
recto, verso = (page_geometry(printer_of("kdp"), (8.5, 11), 100, side) for side in ("recto", "verso"))
def pages():
    for name in sorted(glob.glob(sys.argv[1] + "/*.pdf")):
        size, stream = read_pdf(open(name, "rb").read(), name)
        yield BoundPage(recto, (), stream, size, recto.live_pt)
        yield BoundPage(verso)
replace_file(interior_pieces(pages()), sys.argv[2])
""",
    REFERENCE: """
import glob, sys
import pikepdf
with pikepdf.new() as book:
    for name in sorted(glob.glob(sys.argv[1] + "/*.pdf")):
        with pikepdf.open(name) as one:
            book.pages.append(one.pages[0])
        book.add_blank_page(page_size=(612, 792))
    book.save(sys.argv[2])
""",
    "linefinish impose": "import sys; from linefinish import impose; impose(sys.argv[1], sys.argv[2], booklet=True)",
}


def bind(pages: list[bytes]) -> bytes:
    """The pages, each on a recto, by linefinish."""
    printer = printer_of("kdp")
    recto, verso = (page_geometry(printer, (8.5, 11), 2 * len(pages), side) for side in (RECTO, VERSO))

    def bound() -> Iterator[BoundPage]:
        for page in pages:
            size, stream = read_pdf(page, "page")
            yield BoundPage(recto, (), stream, size, recto.live_pt)
            yield BoundPage(verso)

    return b"".join(interior_pieces(bound()))


def by_pikepdf(pages: list[bytes]) -> bytes:
    """The same by pikepdf, pages as they are."""
    import pikepdf

    out = io.BytesIO()
    with pikepdf.new() as book:
        for page in pages:
            with pikepdf.open(io.BytesIO(page)) as one:
                book.pages.append(one.pages[0])
            book.add_blank_page(page_size=LETTER_PT)
        book.save(out)
    return out.getvalue()


def from_files(folder: Path, pages: list[bytes]) -> dict[str, Callable[[], Any]]:
    """From files to a file: ours, pikepdf's, and the files alone, read and written by nobody's
    code. What a bar asks for below that is no binding's to give.
    """
    import pikepdf

    names = [folder / f"{number:02}.pdf" for number in range(len(pages))]
    for name, page in zip(names, pages, strict=True):
        name.write_bytes(page)
    whole, out = bind(pages), folder / "book.pdf"

    def by_reference() -> None:
        with pikepdf.new() as book:
            for name in names:
                with pikepdf.open(name) as one:
                    book.pages.append(one.pages[0])
                book.add_blank_page(page_size=LETTER_PT)
            book.save(out)

    def files_alone() -> None:
        for name in names:
            name.read_bytes()
        out.write_bytes(whole)

    return {OURS: lambda: out.write_bytes(bind([name.read_bytes() for name in names])), REFERENCE: by_reference, FILES: files_alone}


def contestants(gray: Any) -> tuple[list[bytes], dict[str, Callable[[], bytes]], dict[str, str]]:
    """The finished pages, no two alike; name → call that gives the book's bytes; and name → reason
    for the missing ones.
    """
    finished = linefinish.finish(gray)
    pages = []
    for number in range(DRAWINGS):
        held = io.BytesIO()
        finished.write(held, format="pdf", page=linefinish.Page("letter", margin=f"{27 + number / 10}pt"))
        pages.append(held.getvalue())
    bits = io.BytesIO()
    linefinish.write(linefinish.rasterize(finished.curves, width=4500), bits, "tiff", dpi=600)
    group4 = bits.getvalue()
    calls: dict[str, Callable[[], bytes]] = {OURS: lambda: bind(pages)}
    missing: dict[str, str] = {}

    def pikepdf() -> Callable[[], bytes]:
        peers.imported("pikepdf")
        return lambda: by_pikepdf(pages)

    def pypdf() -> Callable[[], bytes]:
        pypdf = peers.imported("pypdf")

        def call() -> bytes:
            writer, out = pypdf.PdfWriter(), io.BytesIO()
            for page in pages:
                writer.add_page(pypdf.PdfReader(io.BytesIO(page)).pages[0])
                writer.add_blank_page(*LETTER_PT)
            writer.write(out)
            return out.getvalue()

        return call

    def img2pdf() -> Callable[[], bytes]:
        img2pdf = peers.imported("img2pdf")
        layout = img2pdf.get_layout_fun(LETTER_PT)
        return lambda: bytes(img2pdf.convert([group4] * DRAWINGS, layout_fun=layout))

    def reportlab() -> Callable[[], bytes]:
        peers.imported("reportlab")
        from reportlab.pdfgen.canvas import Canvas

        curves = finished.curves
        segments, kinds, offsets = list(curves.segments), list(curves.kinds), list(curves.offsets)
        unit = LETTER_PT[0] / curves.width

        def call() -> bytes:
            out = io.BytesIO()
            canvas = Canvas(out, pagesize=LETTER_PT, pageCompression=1)
            for _ in range(DRAWINGS):
                canvas.transform(unit, 0, 0, -unit, 0, LETTER_PT[1])
                path = canvas.beginPath()
                for first, last in zip(offsets, offsets[1:]):
                    path.moveTo(*segments[6 * last - 2 : 6 * last])
                    for at in range(first, last):
                        a, b, c, d, x, y = segments[6 * at : 6 * at + 6]
                        if kinds[at]:
                            path.curveTo(a, b, c, d, x, y)
                        else:
                            path.lineTo(x, y)
                    path.close()
                canvas.drawPath(path, stroke=0, fill=1)
                canvas.showPage()
                canvas.showPage()
            canvas.save()
            return out.getvalue()

        return call

    others = {
        REFERENCE: pikepdf, "img2pdf, Group 4 at 600 dpi, without blanks": img2pdf, "pypdf": pypdf, "reportlab, drawn anew": reportlab,
    }  # fmt: skip
    calls |= peers.made(others, missing)
    return pages, calls, missing


def bytes_of_fifty(svgs: list[str], long_side: int = 2048) -> tuple[int, int]:
    """Bytes of an interior of 50 drawings, these in turn, as curves; and of as many Group 4 images
    at 600 dpi.
    """
    pages, images = [], 0
    for number in range(DRAWINGS):
        if number < len(svgs):
            finished = linefinish.finish(datasets.page(svgs[number], long_side, "clean"))
            held, bits = io.BytesIO(), io.BytesIO()
            finished.write(held, format="pdf", page=linefinish.Page("letter", margin="27pt"))
            wide = round(600 / 72 * min(LETTER_PT[0] - 54, (LETTER_PT[1] - 54) * finished.curves.width / finished.curves.height))
            linefinish.write(linefinish.rasterize(finished.curves, width=wide), bits, "tiff", dpi=600)
            pages.append((held.getvalue(), len(bits.getvalue())))
        images += pages[number % len(svgs)][1]
    return len(bind([pages[number % len(svgs)][0] for number in range(DRAWINGS)])), images


def commands(folder: Path, pages: list[bytes]) -> dict[str, str]:
    """Name → shell command that binds the pages, which lie there."""
    source = folder / "pages"
    source.mkdir()
    for number, page in enumerate(pages):
        (source / f"page-{number:02}.pdf").write_bytes(page)
    found = {}
    for at, (name, code) in enumerate(_PROCESSES.items()):
        script = folder / f"bind{at}.py"
        script.write_text(code)
        found[name] = f"{sys.executable} {script} {source} {folder}/book{at}.pdf"
    return found


def run(settings: Settings) -> list[Table]:
    """CPU ms, bytes, and peak memory of a whole process."""
    pages, calls, missing = contestants(datasets.page(datasets.drawings()["fairy-godmother"], 2048, "clean"))
    taken = interleaved(calls, settings.rounds)
    with tempfile.TemporaryDirectory() as folder:
        found = commands(Path(folder), pages)
        whole = processes({name: command for name, command in found.items() if name not in missing}, settings.rounds)
    table = Table(
        f"Binding 100 pages: {DRAWINGS} times a drawing of {len(pages[0]) / 1000:.1f} kB and a blank back",
        ["by", "CPU ms", "over ours", "kB", "whole process, CPU ms", "peak MiB"],
    )
    for name, seconds in taken.items():
        process = whole.get(name)
        more = (ms(process["cpu"]), f"{process['memory']:.0f}") if process else ("–", "–")
        table.add(name, ms(seconds), times(seconds / taken[OURS]), f"{len(calls[name]()) / 1000:.0f}", *more)
    impose = whole["linefinish impose"]
    table.add("linefinish impose, the drawings as a booklet", "–", "–", "–", ms(impose["cpu"]), f"{impose['memory']:.0f}")
    for name, reason in missing.items():
        table.add(name, f"missing: {reason}", "–", "–", "–", "–")
    table.notes.append("Ours binds pages that linefinish finished: it knows them and copies their streams. The others take any PDF.")
    drawings = settings.drawings()
    curves, images = bytes_of_fifty(list(drawings.values()))
    sizes = Table(f"An interior of {DRAWINGS} drawings, {len(drawings)} in turn, with blank backs", ["as", "MB", "bar"])
    sizes.add("curves", f"{curves / 1e6:.2f}", f"< {CURVES_MB_MAX:g}")
    sizes.add("Group 4 images at 600 dpi", f"{images / 1e6:.2f}", f"< {IMAGES_MB_MAX:g}")
    return [table, sizes]
