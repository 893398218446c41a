"""Pages of any origin as forms: each shows what it showed, to the pixel."""
from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from linefinish import impose
from linefinish.book.drawings import PageError
from linefinish.imposition.copying import pages_of
from tests.linefinish.imposition.conftest import numbered, rendered


def made_by_reportlab() -> bytes:
    """Fonts, an image with a mask, transparency, a form, a link and bookmarks."""
    whole = io.BytesIO()
    canvas = Canvas(whole, pagesize=(300, 400))
    picture = Image.radial_gradient("L").resize((60, 60)).convert("RGBA")
    picture.putalpha(Image.linear_gradient("L").resize((60, 60)))
    canvas.beginForm("stamp")
    canvas.circle(40, 40, 30, fill=1)
    canvas.endForm()
    for number in range(2):
        canvas.bookmarkPage(f"page {number}")
        canvas.setFont("Times-Italic", 40)
        canvas.drawString(20, 300, f"Page {number} (fi)")
        canvas.drawImage(ImageReader(picture), 100, 100, mask="auto")
        canvas.setFillColorRGB(1, 0, 0, alpha=0.5)
        canvas.doForm("stamp")
        canvas.linkRect("", f"page {number}", (0, 0, 100, 100))
        canvas.showPage()
    canvas.save()
    return whole.getvalue()


def changed(name: str) -> bytes:
    """The same with something that a page may have."""
    with pikepdf.open(io.BytesIO(made_by_reportlab())) as pdf:
        for page in pdf.pages:
            if name == "in two streams":
                content = page.Contents.read_bytes()
                middle = content.index(b"\n", len(content) // 2)
                page.Contents = pdf.make_indirect(pikepdf.Array([pdf.make_stream(content[:middle]), pdf.make_stream(content[middle:])]))
            elif name == "odd names":
                fonts = page.Resources.Font
                page.Contents = pdf.make_stream(page.Contents.read_bytes().replace(b"/F2", b"/P#20#23a"))
                fonts["/P #a"] = fonts["/F2"]
            elif name == "a box that does not begin at 0":
                page.MediaBox, page.CropBox = [-50, -50, 350, 450], [10, 20, 290, 390]
            elif name == "inherited":
                pdf.Root.Pages.Resources = page.Resources
                del page.Resources
            elif name.startswith("turned"):
                page.Rotate = int(name.split()[1])
                page.MediaBox = [0, 0, 280, 400]
            elif name == "a larger unit":
                page.UserUnit = 1.5
            elif name == "a layer that is off":
                layer = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.OCG, Name="hidden"))
                page.Resources.Properties = pikepdf.Dictionary(L0=layer)
                page.Contents = pdf.make_stream(b"/OC /L0 BDC 0 0 300 200 re f EMC " + page.Contents.read_bytes())
                pdf.Root.OCProperties = pikepdf.Dictionary(OCGs=[layer], D=pikepdf.Dictionary(OFF=[layer], Order=[]))
        whole = io.BytesIO()
        streams = pikepdf.ObjectStreamMode.generate if name == "object streams" else pikepdf.ObjectStreamMode.disable
        pdf.save(whole, object_stream_mode=streams)
    return whole.getvalue()


NAMES = (
    "as it is", "object streams", "in two streams", "odd names", "a box that does not begin at 0", "inherited", "turned 90", "turned 180",
    "turned 270", "turned -90", "a larger unit", "a layer that is off",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_page_shows_what_it_showed(name: str, tmp_path: Path) -> None:
    (tmp_path / "pages.pdf").write_bytes(changed(name))
    done = impose(tmp_path / "pages.pdf", tmp_path / "sheets.pdf", booklet=True)
    dpi = 72 * 1.5 if name == "a larger unit" else 72  # pdfium does not know units
    pages, (front, back) = rendered(tmp_path / "pages.pdf", dpi), rendered(tmp_path / "sheets.pdf", 72)
    assert front.shape == (pages[0].shape[0], 2 * pages[0].shape[1])
    middle = front.shape[1] // 2
    assert np.abs(front[:, middle:].astype(int) - pages[0]).max() <= 2
    assert np.abs(back[:, :middle].astype(int) - pages[1]).max() <= 2
    assert (pages[0] < 128).any()
    assert "2 annotations" in done.notes[0]
    with pikepdf.open(tmp_path / "sheets.pdf") as pdf:
        assert pdf.check_pdf_syntax() == []
        assert all("/Annots" not in page for page in pdf.pages)


def test_what_is_shared_is_copied_once(tmp_path: Path) -> None:
    (tmp_path / "pages.pdf").write_bytes(made_by_reportlab())
    impose(tmp_path / "pages.pdf", tmp_path / "sheets.pdf", booklet=True)
    with pikepdf.open(tmp_path / "sheets.pdf") as pdf:
        images = [one for one in pdf.objects if isinstance(one, pikepdf.Stream) and one.get("/Subtype") == "/Image"]
    assert len(images) == 2


def test_blank_pages() -> None:
    whole = io.BytesIO()
    canvas = Canvas(whole)
    canvas.showPage()
    canvas.drawString(100, 100, "words")
    canvas.showPage()
    canvas.save()
    assert [page.is_blank for page in pages_of(whole.getvalue())] == [True, False]


def test_encrypted_and_broken_files_are_named(tmp_path: Path) -> None:
    whole = io.BytesIO()
    with pikepdf.open(io.BytesIO(numbered(1))) as pdf:
        pdf.save(whole, encryption=pikepdf.Encryption(owner="o", user=""))
    (tmp_path / "locked.pdf").write_bytes(whole.getvalue())
    (tmp_path / "cut.pdf").write_bytes(numbered(1)[:-300])
    for name, told in (("locked", "encrypted"), ("cut", "truncated")):
        with pytest.raises(PageError, match=rf"{name}\.pdf: .*{told}"):
            impose(tmp_path / f"{name}.pdf", tmp_path / "out.pdf", n_up=2)
    assert not (tmp_path / "out.pdf").exists()
