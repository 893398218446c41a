"""Hostile files end in one sentence, whatever it is that they repeat."""
from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name
from PIL import Image

from linefinish import impose
from linefinish.book.drawings import PageError
from linefinish.preflight import opening
from linefinish.preflight.checking import UnreadableError, check, looks


def page_of(content: bytes, resources: Callable[[pikepdf.Pdf], Any] = lambda _: Dictionary()) -> bytes:
    """A page that says something, as small as Flate makes it."""
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(612, 792))
        pdf.pages[0].Resources = resources(pdf)
        pdf.pages[0].Contents = pdf.make_stream(content)
        whole = io.BytesIO()
        pdf.save(whole)
    return whole.getvalue()


def calling(times: int, depth: int) -> Callable[[pikepdf.Pdf], Any]:
    """Forms that call one another, so often and so deep; without a depth, a form that calls
    itself.
    """

    def resources(pdf: pikepdf.Pdf) -> Any:
        def form(text: bytes) -> Any:
            return pdf.make_stream(text, Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 9, 9])

        inner = form(b"0 0 1 1 re f " * 20)
        for _ in range(depth):
            outer = form(b"/F Do " * times)
            outer.Resources = Dictionary(XObject=Dictionary(F=inner))
            inner = outer
        if not depth:
            inner = form(b"/F Do " * times)
            inner.Resources = Dictionary(XObject=Dictionary(F=inner))
        return Dictionary(XObject=Dictionary(F=inner))

    return resources


def font(pdf: pikepdf.Pdf) -> Any:
    """A font of which a short list says long ranges."""
    inner = Dictionary(Type=Name.Font, Subtype=Name.CIDFontType2, BaseFont=Name.X, W=Array([0, 65535, 500] * 20_000),
                       FontDescriptor=Dictionary(Type=Name.FontDescriptor))  # fmt: skip
    return Dictionary(Font=Dictionary(F=Dictionary(
        Type=Name.Font, Subtype=Name.Type0, BaseFont=Name.X, Encoding=Name("/Identity-H"), DescendantFonts=[pdf.make_indirect(inner)]
    )))  # fmt: skip


def picture(pdf: pikepdf.Pdf) -> Any:
    image = pdf.make_stream(bytes(16384 * 2048), Type=Name.XObject, Subtype=Name.Image, Width=16384, Height=16384, BitsPerComponent=1,
                            ColorSpace=Name.DeviceGray)  # fmt: skip
    return Dictionary(XObject=Dictionary(F=image))


def scans(pdf: pikepdf.Pdf) -> Any:
    """A JPEG whose last scan comes again and again."""
    held = io.BytesIO()
    Image.new("L", (800, 800), 200).save(held, "JPEG", progressive=True)
    once = held.getvalue()
    last = once.rfind(b"\xff\xda")
    image = pikepdf.Stream(pdf, once[:-2] + once[last:-2] * 900 + once[-2:])
    for name, value in {"Type": Name.XObject, "Subtype": Name.Image, "Width": 800, "Height": 800, "BitsPerComponent": 8,
                        "ColorSpace": Name.DeviceGray, "Filter": Name.DCTDecode}.items():  # fmt: skip
        image[f"/{name}"] = value
    return Dictionary(XObject=Dictionary(F=pdf.make_indirect(image)))


HOSTILE: dict[str, Callable[[], bytes]] = {
    "forms that call themselves": lambda: page_of(b"/F Do", calling(2, 0)),
    "forms that multiply": lambda: page_of(b"/F Do", calling(4, 15)),
    "a long array": lambda: page_of(b"[" + b"1 " * 3_000_000 + b"] TJ"),
    "open parentheses": lambda: page_of(b"(" * 5_000_000),
    "a string of parentheses": lambda: page_of(b"(" + b"()" * 4_000_000 + b") Tj"),
    "a path without end": lambda: page_of(b"0 0 m " + b"1 1 l " * 2_000_000 + b"f"),
    "many fills": lambda: page_of(b"0 0 1 1 re f " * 300_000),
    "many states": lambda: page_of(b"q Q " * 1_000_000),
    "states within states": lambda: page_of(b"q " * 20_000),
    "many images in the content": lambda: page_of(b"BI /W 1 /H 1 /BPC 8 /CS /G ID \0 EI " * 200_000),
    "a large image": lambda: page_of(b"612 0 0 792 0 0 cm /F Do", picture),
    "scans without end": lambda: page_of(b"612 0 0 792 0 0 cm /F Do", scans),
    "ranges of a font": lambda: page_of(b"BT /F 12 Tf (aa) Tj ET", font),
    "a long string": lambda: page_of(b"BT /F 12 Tf (" + b"a" * 50_000_000 + b") Tj ET", font),
}


@pytest.fixture(autouse=True)
def on_a_fast_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is refused after so many seconds is so on every machine."""
    monkeypatch.setattr(opening, "times_slower", lambda: 1.0)


@pytest.mark.parametrize("name", HOSTILE)
def test_what_asks_for_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(opening, "_PAGE_S_MAX", 0.2)
    (tmp_path / "a.pdf").write_bytes(HOSTILE[name]())
    with pytest.raises(UnreadableError, match=r"a\.pdf: page 1: cannot be read: "):
        check(tmp_path / "a.pdf")


def test_scans_are_counted_and_not_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "_PAGE_S_MAX", 60.0)
    (tmp_path / "a.pdf").write_bytes(HOSTILE["scans without end"]())
    with pytest.raises(UnreadableError, match="many scans"):
        check(tmp_path / "a.pdf")


def test_a_content_of_the_same_part_again_and_again(tmp_path: Path) -> None:
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(612, 792))
        part = pdf.make_stream(b"0 0 9 9 re f " * 10_000)
        pdf.pages[0].Contents = Array([part] * 1000)
        pdf.save(tmp_path / "a.pdf")
    with pytest.raises(UnreadableError, match="more than 64 MiB"):
        check(tmp_path / "a.pdf")
    with pytest.raises(PageError, match="more than 64 MiB"):
        impose(tmp_path / "a.pdf", tmp_path / "out.pdf", n_up=2)
    assert not (tmp_path / "out.pdf").exists()


def test_bytes_that_no_page_uses_earn_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    with pikepdf.open(io.BytesIO(page_of(b"0 0 9 9 re f"))) as pdf:
        pdf.Root.Padding = pdf.make_stream(bytes(range(256)) * 40_000)
        whole = io.BytesIO()
        pdf.save(whole, compress_streams=False)
    file = opening.opened(whole.getvalue())
    begun = file.clock.file_max
    for page in file.pages():
        file.page_content(page)
        file.page_content(page)
    assert 0 < file.clock.file_max - begun < 0.001 + opening._S_PER_STREAM


def test_an_image_keeps_what_it_needs_of_its_time(tmp_path: Path) -> None:
    def white(pdf: pikepdf.Pdf) -> Any:
        image = pdf.make_stream(b"\xff" * (5104 // 8 * 6600), Type=Name.XObject, Subtype=Name.Image, Width=5104, Height=6600,
                                BitsPerComponent=1, ColorSpace=Name.DeviceGray)  # fmt: skip
        return Dictionary(XObject=Dictionary(F=image))

    file = opening.opened(page_of(b"612 0 0 792 0 0 cm /F Do", white))
    assert len(list(looks(file))) == 1
    assert opening._FILE_S_MAX < file.clock.file_max < opening._FILE_S_MAX + 0.05 * 33.7 / 2


def test_on_a_busy_computer_the_clock_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "_PAGE_S_MAX", 60.0)
    monkeypatch.setattr(opening, "_FILE_S_MAX", 60.0)
    monkeypatch.setattr(opening, "_SHARE_WHEN_LATE", 0.001)
    (tmp_path / "a.pdf").write_bytes(page_of(b"q Q " * 100_000))
    with monkeypatch.context() as late:
        late.setattr(opening, "_LATE_S", 0.001)
        with pytest.raises(UnreadableError, match="more work"):
            check(tmp_path / "a.pdf")
    monkeypatch.setattr(opening, "_LATE_S", 600.0)  # however busy this computer is
    check(tmp_path / "a.pdf")


def test_a_slow_machine_has_more_seconds_for_the_same_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "_PAGE_S_MAX", 0.001)
    (tmp_path / "a.pdf").write_bytes(page_of(b"q Q " * 20_000))
    with pytest.raises(UnreadableError, match="more work"):
        check(tmp_path / "a.pdf")
    monkeypatch.setattr(opening, "times_slower", lambda: 1e6)
    check(tmp_path / "a.pdf")


def test_a_machine_is_no_faster_than_that_of_the_measurements(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(opening, "_LOOP_S", 1e9)
    assert opening.times_slower() == 1.0
    monkeypatch.setattr(opening, "_LOOP_S", 1e-9)
    assert opening.times_slower() == opening._TIMES_SLOWER_MAX


def test_much_to_judge_is_work_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "_PAGE_S_MAX", 0.5)
    (tmp_path / "a.pdf").write_bytes(page_of(b"0 0 1 1 re f " * 20_000))  # all of it in the gutter
    with pytest.raises(UnreadableError, match="more work"):
        check(tmp_path / "a.pdf")


@pytest.mark.parametrize("mode", [pikepdf.ObjectStreamMode.disable, pikepdf.ObjectStreamMode.generate])
def test_many_blank_pages_are_honest(tmp_path: Path, mode: pikepdf.ObjectStreamMode) -> None:
    with pikepdf.new() as pdf:
        for _ in range(700):
            pdf.add_blank_page(page_size=(612, 792))
        pdf.save(tmp_path / "a.pdf", object_stream_mode=mode)  # their streams are empty, and no zlib
    assert {one.code for one in check(tmp_path / "a.pdf") if one.level == "fail"} == {"page-count", "blank-run", "blank"}
