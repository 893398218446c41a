"""What is read and what is refused, and that nothing else comes of any file."""
from __future__ import annotations

import contextlib
import io
import struct
import zlib

import numpy as np
import pytest
import resvg_py
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from myjoe.errors import ImageRefusedError
from myjoe_worker.imaging import pictures
from myjoe_worker.imaging.examining import examine
from myjoe_worker.imaging.finishing import finish_page
from myjoe_worker.imaging.pictures import decoded
from tests.myjoe_worker.imaging.samples import SOUND, drawing, encoded, order, svg


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (encoded(drawing()), "png"), (encoded(drawing(mode="RGB"), "JPEG"), "jpeg"), (encoded(drawing(mode="RGB"), "WEBP"), "webp"),
        (encoded(drawing(mode="RGBA")), "png"), (svg(), "svg"), (b"\xef\xbb\xbf" + svg(), "svg"),
        (b"<?xml version='1.0' encoding='UTF-8'?>\n<!-- made by hand -->\n" + svg(), "svg"),
    ],
)  # fmt: skip
def test_the_content_decides_what_it_is(content: bytes, kind: str) -> None:
    assert examine(content, "text/html", order()).kind == kind
    assert finish_page(content, "text/html", order()).width_px == 2550


def bomb(side: int) -> bytes:
    """A PNG of side × side pixels in a few bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    body = zlib.compress(bytes(1 << 20), 9)
    head = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0))
    return head + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "none of PNG"), (b"<html><body>502 Bad Gateway</body></html>", "none of PNG"), (b"GIF89a" + bytes(50), "none of PNG"),
        (b'{"error": "moderated"}', "none of PNG"), (encoded(drawing(), "TIFF"), "none of PNG"),
        (encoded(drawing())[:300], "cannot be read"), (bomb(100_000), "cannot be read"), (bomb(6_000), "cannot be read"),
        (encoded(drawing(mode="RGB"), "JPEG")[:400], "cannot be read"), (encoded(drawing(mode="RGB"), "WEBP")[:200], "cannot be read"),
        (encoded(Image.new("L", (2000, 200), 255)), "too long and narrow"), (b"\x89PNG\r\n\x1a\n" + bytes(49 << 20), "MiB large"),
        (encoded(Image.new("L", (8, 8), 255)), "too small"), (svg().decode().encode("utf-16"), "none of PNG"),
    ],
)  # fmt: skip
def test_what_is_no_page_is_refused_with_a_sentence(content: bytes, said: str) -> None:
    for look in (examine, finish_page):
        with pytest.raises(ImageRefusedError, match=said):
            look(content, "image/png", order())


@settings(max_examples=60)
@given(st.data())
def test_whatever_is_broken_is_refused_or_read(data: st.DataObject) -> None:
    """Bytes of good files, changed, cut and put together: nothing else than a refusal may come of
    it.
    """
    content = bytearray(data.draw(st.sampled_from(SOUND)))
    for _ in range(data.draw(st.integers(1, 6))):
        begin = data.draw(st.integers(0, len(content)))
        end = min(len(content), begin + data.draw(st.integers(0, 40)))
        content[begin:end] = data.draw(st.binary(max_size=40) | st.sampled_from([b"", b"<g>", b"</svg>", b"&amp;", b"1e999", b"\0"]))
    with contextlib.suppress(ImageRefusedError):
        assert examine(bytes(content), "image/png", order(dpi=72)).width_px > 0


def test_an_svg_is_drawn_as_large_as_it_will_be_printed() -> None:
    seen = examine(svg(), "image/svg+xml", order())
    assert (seen.width_px, seen.height_px) == (2325, 2790)  # 7.75 in at 300 dpi; 100 to 120
    assert seen.stroke_width_median_pt == pytest.approx(3 / 100 * 7.75 * 72, rel=0.05)
    large = examine(svg(), "image/svg+xml", order(dpi=1200))
    assert max(large.width_px, large.height_px) == 4096


def test_an_svg_that_is_long_and_narrow_is_refused_before_it_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resvg_py, "svg_to_bytes", lambda **_: pytest.fail("it was drawn"))
    with pytest.raises(ImageRefusedError, match="1000 × 10 large, which is no page"):
        decoded(svg(head='viewBox="0 0 1000 10"'), "image/svg+xml", order())


@pytest.mark.parametrize(
    ("paper", "margin", "per_in"),
    [("letter", 0.375, 100), ("letter", 0.0, 1025 / 11), ("square", 0.375, 1025 / 7.75)]
)
def test_the_picture_is_as_large_on_its_paper_as_the_margins_let_it(paper: str, margin: float, per_in: float) -> None:
    _, gray = decoded(encoded(Image.new("L", (775, 1025), 255)), "", order())
    assert pictures.px_per_in(gray, order(paper=paper, margin_in=margin)) == pytest.approx(per_in)


@pytest.mark.parametrize("size", [(100, 50), (512, 400), (700, 520), (4000, 3000)])
def test_a_small_copy_is_never_larger_than_it_may_be_and_never_enlarged(size: tuple[int, int]) -> None:
    with Image.open(io.BytesIO(pictures.small_copy(Image.new("L", size, 200), 512))) as image:
        assert image.format == "PNG" and max(image.size) == min(512, max(size))
        assert np.asarray(image).min() == np.asarray(image).max() == 200
