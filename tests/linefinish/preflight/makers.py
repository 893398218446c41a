"""Books made by hands that are not ours: good ones, and ones with a defect each."""
from __future__ import annotations

import io
import math
import random
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name
from PIL import Image, ImageDraw
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

LETTER = (612.0, 792.0)
SMALL = (288.0, 432.0)  # the smallest of KDP's sizes: pixels cost time
COUNT, ODD_PAGE = 24, 5


# --- what a page shows
# ------------------------------------------------------------

def polygon(number: int, size: tuple[float, float] = LETTER) -> list[list[tuple[float, float]]]:
    """Outlines of a page's drawing, in points and within all margins; of no two pages alike."""
    chance = random.Random(number)
    found = []
    for _ in range(4):
        r = chance.uniform(0.08, 0.16) * size[0]
        x, y = chance.uniform(0.32, 0.68) * size[0], chance.uniform(0.3, 0.7) * size[1]
        corners = chance.randint(3, 9)
        turn = [2 * math.pi * at / corners + number for at in range(corners)]
        found.append([(x + r * math.cos(t), y + r * math.sin(t)) for t in turn])
    return found


def picture(number: int, dpi: int, mode: str, size: tuple[float, float] = LETTER) -> Image.Image:
    """The same as pixels over the whole page."""
    made = Image.new(mode, (round(size[0] * dpi / 72), round(size[1] * dpi / 72)), 255)
    pen = ImageDraw.Draw(made)
    for outline in polygon(number, size):
        points = [(x * dpi / 72, made.height - y * dpi / 72) for x, y in outline]
        pen.line([*points, points[0]], fill=0, width=max(2, dpi // 36))
    return made


# --- a good book by reportlab, and one page of it with something of its own
# ------------------------------------------------------------

def book(odd: Callable[[Canvas], Any] | None = None, count: int = COUNT, size: tuple[float, float] = LETTER, at: int = ODD_PAGE,
         skip: tuple[int, ...] = (), repeat: dict[int, int] | None = None) -> bytes:  # fmt: skip
    """Stroked drawings on every page but those of `skip`; `odd` draws more on one; `repeat` has
    pages that show another one's drawing.
    """
    whole = io.BytesIO()
    canvas = Canvas(whole, pagesize=size, initialFontName="Helvetica")
    for number in range(1, count + 1):
        if number not in skip:
            canvas.setLineWidth(2)
            for outline in polygon((repeat or {}).get(number, number), size):
                path = canvas.beginPath()
                path.moveTo(*outline[0])
                for point in outline[1:]:
                    path.lineTo(*point)
                path.close()
                canvas.drawPath(path)
        if number == at and odd:
            odd(canvas)
        canvas.showPage()
    canvas.save()
    return whole.getvalue()


def changed(change: Callable[[pikepdf.Pdf], Any], data: bytes | None = None, **saving: Any) -> bytes:
    """A book with something that pikepdf does to it."""
    with pikepdf.open(io.BytesIO(data or book())) as pdf:
        change(pdf)
        whole = io.BytesIO()
        pdf.save(whole, **saving)
    return whole.getvalue()


def content(text: str, **resources: Any) -> Callable[[pikepdf.Pdf], Any]:
    """More operators on the odd page, and what they name."""

    def change(pdf: pikepdf.Pdf) -> None:
        page = pdf.pages[ODD_PAGE - 1]
        for group, entries in resources.items():
            held = page.Resources.get(f"/{group}", Dictionary())
            for name, value in (entries(pdf) if callable(entries) else entries).items():
                held[f"/{name}"] = value
            page.Resources[f"/{group}"] = held
        page.contents_add(pdf.make_stream(b"\nq " + text.encode() + b" Q\n"))

    return change


def stream(pdf: pikepdf.Pdf, data: bytes, **entries: Any) -> Any:
    return pdf.make_stream(data, {f"/{name}": value for name, value in entries.items()})


def form(text: bytes, pdf: pikepdf.Pdf, **entries: Any) -> Any:
    return stream(pdf, text, Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 612, 792], **entries)


def image(pdf: pikepdf.Pdf, side: int, bits: int, data: bytes, space: Any = Name.DeviceGray, **entries: Any) -> Any:
    size = {"Width": side, "Height": side, "BitsPerComponent": bits}
    return stream(pdf, data, Type=Name.XObject, Subtype=Name.Image, ColorSpace=space, **size, **entries)


def annotation(**entries: Any) -> Callable[[pikepdf.Pdf], Any]:
    def change(pdf: pikepdf.Pdf) -> None:
        made = Dictionary(Type=Name.Annot, Rect=[200, 200, 300, 300], **entries)
        pdf.pages[ODD_PAGE - 1].Annots = Array([pdf.make_indirect(made)])

    return change


def root(**entries: Any) -> Callable[[pikepdf.Pdf], Any]:
    def change(pdf: pikepdf.Pdf) -> None:
        for name, value in entries.items():
            pdf.Root[f"/{name}"] = value

    return change


def odd_page(**entries: Any) -> Callable[[pikepdf.Pdf], Any]:
    def change(pdf: pikepdf.Pdf) -> None:
        for name, value in entries.items():
            pdf.pages[ODD_PAGE - 1][f"/{name}"] = value

    return change


def layered(pdf: pikepdf.Pdf) -> None:
    layer = pdf.make_indirect(Dictionary(Type=Name.OCG, Name="colours"))
    pdf.Root.OCProperties = Dictionary(OCGs=[layer], D=Dictionary(Order=[layer]))


def titled(pdf: pikepdf.Pdf) -> None:
    pdf.docinfo["/Title"] = "Cosy Cats"


def titled_in_xmp(pdf: pikepdf.Pdf) -> None:
    with pdf.open_metadata() as known:
        known["dc:title"] = "Cosy Cats"


def words(size: float, x: float = 200, y: float = 300, turn: float = 0, scale: float = 1) -> Callable[[Canvas], None]:
    """Words of an embedded font."""

    def draw(canvas: Canvas) -> None:
        embedded(canvas)
        canvas.setFont("Embedded", size)
        canvas.translate(x, y)
        canvas.rotate(turn)
        canvas.scale(scale, scale)
        canvas.drawString(0, 0, "A cat in a box")

    return draw


def embedded(_canvas: Canvas | None = None) -> str:
    """The name of a font that goes into the file."""
    import reportlab
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    if "Embedded" not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(TTFont("Embedded", str(Path(reportlab.__file__).with_name("fonts") / "Vera.ttf")))
    return "Embedded"


def drawn(*steps: tuple[Any, ...]) -> Callable[[Canvas], None]:
    """Calls of the canvas by name."""

    def draw(canvas: Canvas) -> None:
        for name, *arguments in steps:
            getattr(canvas, name)(*arguments)

    return draw


def pasted(mode: str, dpi: int, level: int = 0, x: float = 250, y: float = 350, mask: str | None = None) -> Callable[[Canvas], None]:
    """A square inch of pixels with a disc of a level."""

    def draw(canvas: Canvas) -> None:
        made = Image.new("L", (dpi, dpi), 255)
        ImageDraw.Draw(made).ellipse((dpi // 8, dpi // 8, dpi - dpi // 8, dpi - dpi // 8), fill=level)
        made = made.convert(mode)
        if mode == "RGBA":
            made.putalpha(Image.linear_gradient("L").resize(made.size))
        canvas.drawImage(ImageReader(made), x, y, 72, 72, mask=mask)

    return draw


def coloured() -> Image.Image:
    """600 px of all shades between two colours."""
    shade = Image.radial_gradient("L").resize((600, 600))
    return Image.merge("RGB", [shade, Image.new("L", shade.size, 9), Image.new("L", shade.size, 200)])


BLEED_PAGE = (621.0, 810.0)


def bled(odd: Callable[[Canvas], Any] | None = None) -> bytes:
    """A book whose pages run over the three outer edges; page 5 is a recto."""
    return book(odd, size=BLEED_PAGE)


# --- covers of 24 pages of 8.5 x 11 on white: a spine of 0.054048 in
# ------------------------------------------------------------

COVER = (2 * 612 + 24 * 0.002252 * 72 + 18, 792 + 18.0)


def cover(odd: Callable[[Canvas], Any] | None = None, size: tuple[float, float] = COVER, pages: int = 1) -> bytes:
    """A flat colour up to the edges, a white box for the barcode, a title."""
    whole = io.BytesIO()
    canvas = Canvas(whole, pagesize=size)
    for _ in range(pages):
        canvas.setFillColorCMYK(0.2, 0, 0.2, 0)
        canvas.rect(0, 0, *size, stroke=0, fill=1)
        canvas.setFillColorCMYK(0, 0, 0, 0)
        canvas.rect(9 + 612 - 18 - 144, 9 + 18, 144, 86.4, stroke=0, fill=1)
        canvas.setFillColorCMYK(0, 0, 0, 1)
        canvas.setFont(embedded(), 40)
        canvas.drawCentredString(size[0] - 9 - 306, 600, "Cosy Cats")
        if odd:
            odd(canvas)
        canvas.showPage()
    canvas.save()
    return whole.getvalue()


def frame_of_colour(canvas: Canvas) -> None:
    """White over the bleed, so that the ground stops 1/16 in before the edge."""
    canvas.setFillColorCMYK(0, 0, 0, 0)
    for box in ((0, 0, COVER[0], 4.5), (0, COVER[1] - 4.5, COVER[0], 4.5), (0, 0, 4.5, COVER[1]), (COVER[0] - 4.5, 0, 4.5, COVER[1])):
        canvas.rect(*box, stroke=0, fill=1)


# --- defects: code, page, what is wrong
# ------------------------------------------------------------

# Name → code of the finding, its page, the file. Each is wrong in one way.
INTERIORS: dict[str, tuple[str, int | None, Callable[[], bytes]]] = {
    "a line in the gutter of a recto": ("gutter", 5, lambda: book(drawn(("line", 10, 300, 200, 300)))),
    "a line in the gutter of a verso": ("gutter", 6, lambda: book(drawn(("line", 400, 300, 600, 300)), at=6)),
    "pixels in the gutter": ("gutter", 5, lambda: book(pasted("L", 600, x=5))),
    "words in the gutter": ("gutter", 5, lambda: book(words(12, x=10))),
    "words that run down in the outer margin": ("margin", 5, lambda: book(words(12, x=600, y=400, turn=-90))),
    "a line in the outer margin": ("margin", 5, lambda: book(drawn(("line", 400, 300, 605, 300)))),
    "a circle over the head margin": ("margin", 5, lambda: book(drawn(("circle", 306, 740, 50)))),
    "a border near the trim": ("margin", 5, lambda: book(drawn(("rect", 30, 9, 560, 774)))),
    "a line whose width reaches into the margin": ("margin", 5, lambda: book(drawn(("setLineWidth", 20), ("line", 590, 200, 590, 300)))),
    "ink beyond the trim that stops early": ("bleed", 5, lambda: bled(drawn(("setLineWidth", 2), ("line", 400, 300, 617, 300)))),
    "words near the trim of a page with bleed": ("margin", 5, lambda: bled(words(12, x=510))),
    "a page of another size": ("page-size", 5, lambda: changed(odd_page(MediaBox=[0, 0, 600, 792]))),
    "a page that is cropped": ("page-size", 5, lambda: changed(odd_page(CropBox=[9, 9, 603, 783]))),
    "a page in larger units": ("page-size", 5, lambda: changed(odd_page(UserUnit=1.2))),
    "two pages on one": ("page-size", 5, lambda: changed(odd_page(MediaBox=[0, 0, 1224, 792]))),
    "a page that is turned": ("rotated", 5, lambda: changed(odd_page(Rotate=180))),
    "too few pages": ("page-count", None, lambda: book(count=20)),
    "too many pages": ("page-count", None, lambda: book(count=592)),
    "an odd count": ("page-parity", None, lambda: book(count=25)),
    "a size that is not printed": ("trim", None, lambda: book(size=(216, 360))),
    "a grey fill": ("grey", 5, lambda: book(drawn(("setFillGray", 0.5), ("rect", 300, 300, 20, 20, 0, 1)))),
    "a grey stroke": ("grey", 5, lambda: book(drawn(("setStrokeGray", 0.3), ("line", 300, 300, 400, 400)))),
    "a grey image": ("grey", 5, lambda: book(pasted("L", 600, level=128))),
    "grey in an image in the content": ("grey", 5, lambda: changed(content("36 0 0 36 300 300 cm BI /W 1 /H 1 /CS /G /BPC 8 ID \x40 EI"))),
    "grey in a form in a form": ("grey", 5, lambda: changed(content("/A Do", XObject=lambda pdf: {"A": form(
        b"/B Do", pdf, Resources=Dictionary(XObject=Dictionary(B=form(b"0.5 g 300 300 20 20 re f", pdf))))}))),
    "grey in a tile": ("grey", 5, lambda: changed(content("/Pattern cs /T scn 300 300 90 90 re f", Pattern=lambda pdf: {"T": stream(
        pdf, b"0.6 g 0 0 4 4 re f", PatternType=1, PaintType=1, TilingType=1, BBox=[0, 0, 9, 9], XStep=9, YStep=9,
        Resources=Dictionary())}))),
    "black at 90 percent of K": ("grey", 5, lambda: book(drawn(("setFillColorCMYK", 0, 0, 0, 0.9), ("rect", 300, 300, 20, 20, 0, 1)))),
    "a red fill": ("colour", 5, lambda: book(drawn(("setFillColorRGB", 1, 0, 0), ("rect", 300, 300, 20, 20, 0, 1)))),
    "black of four inks": ("colour", 5, lambda: book(drawn(("setFillColorCMYK", 0.6, 0.4, 0.4, 1), ("rect", 300, 300, 20, 20, 0, 1)))),
    "a spot colour": ("colour", 5, lambda: changed(content("/S cs 1 scn 300 300 20 20 re f", ColorSpace=lambda pdf: {"S": Array([
        Name.Separation, Name("/PANTONE 185 C"), Name.DeviceCMYK,
        Dictionary(FunctionType=2, Domain=[0, 1], C0=[0, 0, 0, 0], C1=[0, 1, 1, 0], N=1)])}))),
    "a colour of a palette": ("colour", 5, lambda: changed(content("72 0 0 72 300 300 cm /I Do", XObject=lambda pdf: {"I": image(
        pdf, 64, 1, bytes([0xAA] * 512), Array([Name.Indexed, Name.DeviceRGB, 1, pikepdf.String(b"\xff\0\0\xff\xff\xff")]))}))),
    "a colour image": ("colour", 5, lambda: book(lambda canvas: canvas.drawImage(ImageReader(coloured()), 250, 350, 72, 72))),
    "a shading": ("colour", 5, lambda: changed(content("0 0 50 50 re W n /S sh", Shading={"S": Dictionary(
        ShadingType=2, ColorSpace=Name.DeviceGray, Coords=[0, 0, 50, 50], Function=Dictionary(
            FunctionType=2, Domain=[0, 1], C0=[0], C1=[1], N=1))}))),
    "an opacity": ("transparency", 5, lambda: book(drawn(("setFillAlpha", 0.5), ("rect", 300, 300, 20, 20, 0, 1)))),
    "a blend mode": ("transparency", 5, lambda: changed(content("/G gs 300 300 9 9 re f", ExtGState={"G": Dictionary(BM=Name.Multiply)}))),
    "a soft mask": ("transparency", 5, lambda: changed(content("/G gs 300 300 9 9 re f", ExtGState=lambda pdf: {"G": Dictionary(
        SMask=Dictionary(S=Name.Luminosity, G=form(b"1 g 0 0 612 792 re f", pdf, Group=Dictionary(
            S=Name.Transparency, CS=Name.DeviceGray))))}))),
    "an image with a soft mask": ("transparency", 5, lambda: book(pasted("RGBA", 600, mask="auto"))),
    "a thin line": ("stroke-width", 5, lambda: book(drawn(("setLineWidth", 0.3), ("line", 200, 300, 300, 300)))),
    "a line of no width": ("stroke-width", 5, lambda: book(drawn(("setLineWidth", 0), ("line", 200, 300, 300, 300)))),
    "a line made thin by its scale": ("stroke-width", 5, lambda: changed(content("0.2 0 0 0.2 0 0 cm 2 w 900 900 m 1200 1200 l S"))),
    "a thin bar": ("stroke-width", 5, lambda: book(drawn(("rect", 200, 300, 100, 0.3, 0, 1)))),
    "small words": ("text-size", 5, lambda: book(words(5))),
    "words made small by their scale": ("text-size", 5, lambda: book(words(12, scale=0.4))),
    "a font that is not in the file": ("font", 5, lambda: book(drawn(("setFont", "Helvetica", 12), ("drawString", 200, 300, "A cat")))),
    "a link": ("annotation", 5, lambda: book(drawn(("linkURL", "https://example.org", (200, 200, 300, 300))))),
    "a comment": ("annotation", 5, lambda: changed(annotation(Subtype=Name.Text, Contents="look here"))),
    "a form field": ("form", None, lambda: book(lambda canvas: canvas.acroForm.textfield(x=200, y=200))),
    "bookmarks": ("outline", None, lambda: book(drawn(("bookmarkPage", "p"), ("addOutlineEntry", "cats", "p")))),
    "a layer": ("layer", None, lambda: changed(layered)),
    "a script on opening": ("script", None, lambda: changed(root(OpenAction=Dictionary(S=Name.JavaScript, JS="app.alert(1)")))),
    "a script of a page": ("script", 5, lambda: changed(odd_page(AA=Dictionary(O=Dictionary(S=Name.JavaScript, JS="1"))))),
    "a script by name": ("script", None, lambda: changed(root(Names=Dictionary(JavaScript=Dictionary(
        Names=["a", Dictionary(S=Name.JavaScript, JS="1")]))))),
    "a file attached": ("attachment", None, lambda: changed(lambda pdf: pdf.attachments.update(
        {"a.txt": pikepdf.AttachedFileSpec(pdf, b"hello", filename="a.txt")}))),
    "a password": ("encryption", None, lambda: changed(lambda pdf: None, encryption=pikepdf.Encryption(owner="a", user="b"))),
    "an owner's password": ("encryption", None, lambda: changed(lambda pdf: None, encryption=pikepdf.Encryption(owner="a", user=""))),
    "a title within": ("metadata", None, lambda: changed(titled)),
    "a title in XMP": ("metadata", None, lambda: changed(titled_in_xmp)),
    "an image of 150 dpi": ("image-dpi", 5, lambda: book(pasted("1", 150))),
    "a 1-bit image of 300 dpi": ("image-dpi", 5, lambda: changed(content("72 0 0 72 300 300 cm /I Do", XObject=lambda pdf: {"I": image(
        pdf, 304, 1, bytes([0xAA] * 38 * 304))}))),
    "five blank pages": ("blank-run", 7, lambda: book(skip=tuple(range(7, 12)))),
    "three blank pages": ("blank-run", 7, lambda: book(skip=(7, 8, 9))),
    "eleven blank pages at the end": ("blank-run", 26, lambda: book(count=36, skip=tuple(range(26, 37)))),
    "a drawing twice": ("twice", 9, lambda: book(repeat={9: 3})),
    "a drawing twice, once with a dot more": ("twice", 9, lambda: book(drawn(("circle", 306, 396, 2)), at=9, repeat={9: 3})),
}
COVERS: dict[str, tuple[str, int | None, Callable[[], bytes]]] = {
    "a spine of another count": ("cover-size", 1, lambda: cover(size=(COVER[0] + 20, COVER[1]))),
    "no bleed": ("cover-size", 1, lambda: cover(size=(COVER[0] - 18, COVER[1] - 18))),
    "words on a thin spine": ("spine-text", 1, lambda: cover(words(7, x=COVER[0] / 2 - 2, y=700, turn=-90))),
    "a drawing where the barcode goes": ("barcode", 1, lambda: cover(drawn(("circle", 520, 70, 20)))),
    "words near the trim": ("margin", 1, lambda: cover(words(12, x=700, y=12))),
    "a ground that stops before the edge": ("bleed", 1, lambda: cover(frame_of_colour)),
    "two pages": ("cover-pages", None, lambda: cover(pages=2)),
    "a font that is not in it": ("font", 1, lambda: cover(drawn(("setFont", "Helvetica", 12), ("drawString", 800, 300, "A cat")))),
    "a picture of 72 dpi": ("image-dpi", 1, lambda: cover(pasted("RGB", 72, x=800))),
    "a soft shadow": ("transparency", 1, lambda: cover(drawn(("setFillAlpha", 0.5), ("rect", 800, 300, 20, 20, 0, 1)))),
}


# --- good files
# ------------------------------------------------------------

def by_pikepdf(mode: str) -> bytes:
    """Pages that pikepdf writes itself: filled outlines, forms, or 1-bit images of 600 dpi."""
    size = SMALL if mode == "image" else LETTER
    with pikepdf.new() as pdf:
        for number in range(1, COUNT + 1):
            page = pdf.add_blank_page(page_size=size)
            corners = ["".join(f"{x:.2f} {y:.2f} {'l' if at else 'm'}\n" for at, (x, y) in enumerate(one)) for one in polygon(number)]
            text = "0 g\n" + "".join(f"{one}h\n" for one in corners) + "f*\n"
            if mode == "image":
                made = picture(number, 600, "1", size)
                pixels = stream(pdf, made.tobytes(), Type=Name.XObject, Subtype=Name.Image, Width=made.width, Height=made.height,
                                ColorSpace=Name.DeviceGray, BitsPerComponent=1)  # fmt: skip
                page.Resources, text = Dictionary(XObject=Dictionary(I=pixels)), "q 288 0 0 432 0 0 cm /I Do Q"
            elif mode == "form":
                page.Resources, text = Dictionary(XObject=Dictionary(F=form(text.encode(), pdf))), "q /F Do Q"
            page.Contents = pdf.make_stream(text.encode())
        whole = io.BytesIO()
        pdf.save(whole, object_stream_mode=pikepdf.ObjectStreamMode.generate, linearize=mode == "form")
    return whole.getvalue()


def by_img2pdf(mode: str, dpi: int) -> bytes:
    """Scans of whole pages: G4 where they are 1-bit, else PNG or JPEG."""
    import img2pdf

    pages = []
    for number in range(1, COUNT + 1):
        held = io.BytesIO()
        made = picture(number, dpi, "L" if mode == "JPEG" else mode, SMALL)
        made.save(held, "JPEG" if mode == "JPEG" else "PNG", dpi=(dpi, dpi), **({"quality": 95} if mode == "JPEG" else {}))
        pages.append(held.getvalue())
    return bytes(img2pdf.convert(pages, layout_fun=img2pdf.get_layout_fun(SMALL)))


def by_fpdf2(with_words: bool) -> bytes:
    """Lines, and words of a font of which fpdf2 embeds a part."""
    import fpdf
    import reportlab

    pdf = fpdf.FPDF(unit="pt", format=LETTER)
    pdf.set_auto_page_break(False)
    pdf.add_font("Vera", fname=str(Path(reportlab.__file__).with_name("fonts") / "Vera.ttf"))
    for number in range(1, COUNT + 1):
        pdf.add_page()
        pdf.set_line_width(2)
        for outline in polygon(number):
            pdf.polygon([(x, 792 - y) for x, y in outline], style="D")
        if with_words:
            pdf.set_font("Vera", size=12)
            pdf.text(290, 700, f"Drawing {number}")
    return bytes(pdf.output())


def by_pypdf(data: bytes, packed: bool = False) -> bytes:
    """Another one's pages, put together by pypdf."""
    import pypdf

    writer = pypdf.PdfWriter()
    for page in pypdf.PdfReader(io.BytesIO(data)).pages:
        added = writer.add_page(page)
        if packed:
            added.compress_content_streams()
    whole = io.BytesIO()
    writer.write(whole)
    return whole.getvalue()


def by_cairo(kind: str) -> bytes:
    """Strokes, fills, or words of an embedded font."""
    import cairocffi

    whole = io.BytesIO()
    surface = cairocffi.PDFSurface(whole, *LETTER)
    context = cairocffi.Context(surface)
    for number in range(1, COUNT + 1):
        context.set_line_width(2)
        for outline in polygon(number):
            context.move_to(*outline[0])
            for point in outline[1:]:
                context.line_to(*point)
            context.close_path()
            if kind == "fill":
                context.fill()
            else:
                context.stroke()
        if kind == "words":
            context.select_font_face("DejaVu Sans")
            context.set_font_size(14)
            context.move_to(250, 700)
            context.show_text(f"Drawing {number}")
        context.show_page()
    surface.finish()
    return whole.getvalue()


def by_tool(words: list[str], data: bytes, folder: Path) -> bytes:
    """What a command makes of a PDF: `IN` and `OUT` are its files."""
    source, target = folder / "in.pdf", folder / "out.pdf"
    source.write_bytes(data)
    named = {"IN": str(source), "OUT": str(target), "OUT=": f"-sOutputFile={target}"}
    subprocess.run([named.get(word, word) for word in words], check=True, capture_output=True)
    return target.read_bytes()


def with_words() -> bytes:
    """A book of reportlab's with words of an embedded font on one page."""
    return book(words(12))


_GS = ["gs", "-q", "-dNOPAUSE", "-dBATCH", "-sDEVICE=pdfwrite", "OUT="]
GOOD: dict[str, Callable[[Path], bytes]] = {
    "reportlab: strokes": lambda _: book(),
    "reportlab: words": lambda _: with_words(),
    "reportlab: bleed": lambda _: bled(lambda canvas: canvas.rect(300, 700, 330, 120, fill=1)),
    "reportlab: a grey image that is white and black": lambda _: book(pasted("L", 600)),
    "reportlab: 150 pages": lambda _: book(count=150),
    "pikepdf: fills": lambda _: by_pikepdf("fill"),
    "pikepdf: forms, linear": lambda _: by_pikepdf("form"),
    "pikepdf: 1-bit images": lambda _: by_pikepdf("image"),
    "img2pdf: Group 4": lambda _: by_img2pdf("1", 600),
    "img2pdf: grey PNG": lambda _: by_img2pdf("L", 300),
    "img2pdf: JPEG": lambda _: by_img2pdf("JPEG", 300),
    "fpdf2: strokes": lambda _: by_fpdf2(False),
    "fpdf2: words": lambda _: by_fpdf2(True),
    "pypdf: of reportlab": lambda _: by_pypdf(with_words()),
    "pypdf: of pikepdf, packed": lambda _: by_pypdf(by_pikepdf("form"), packed=True),
    "pypdf: of fpdf2": lambda _: by_pypdf(by_fpdf2(True)),
    "cairo: strokes": lambda _: by_cairo("stroke"),
    "cairo: fills": lambda _: by_cairo("fill"),
    "cairo: words": lambda _: by_cairo("words"),
    "Ghostscript: of reportlab": lambda folder: by_tool([*_GS, "IN"], with_words(), folder),
    "Ghostscript: of cairo, PDF 1.3": lambda folder: by_tool([*_GS, "-dCompatibilityLevel=1.3", "IN"], by_cairo("words"), folder),
    "qpdf: object streams": lambda folder: by_tool(["qpdf", "--object-streams=generate", "IN", "OUT"], with_words(), folder),
    "poppler: of reportlab": lambda folder: by_tool(["pdftocairo", "-pdf", "IN", "OUT"], with_words(), folder),
}
