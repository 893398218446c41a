"""ICC profiles: those of everyday use keep black and white, and twisted ones do not."""
from __future__ import annotations

import struct

import pytest
from PIL import ImageCms

from linefinish.verifiers.icc import keeps_black_and_white, prints_black_on_white
from linefinish.verifiers.verifying import verify

from .samples import pdf, stream


def profile(space: bytes, tags: dict[bytes, bytes]) -> bytes:
    """A profile of these tags."""
    places, body = b"", b""
    start = 132 + 12 * len(tags)
    for name, element in tags.items():
        places += struct.pack(">4sII", name, start + len(body), len(element))
        body += element
    head = bytearray(128)
    head[12:16], head[16:20], head[20:24], head[36:40] = b"mntr", space, b"XYZ ", b"acsp"
    return bytes(head) + struct.pack(">I", len(tags)) + places + body


def curve(*values: int) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(f">I{len(values)}H", len(values), *values)


def parametric(kind: int, *values: float) -> bytes:
    return b"para\0\0\0\0" + struct.pack(f">HH{len(values)}i", kind, 0, *(round(value * 65536) for value in values))


@pytest.mark.parametrize(
    ("element", "keeps"),
    [
        (curve(), True), (curve(0x233), True), (curve(0, 65535), True), (curve(0, 30000, 65535), True), (curve(30000, 65535), False),
        (curve(0, 30000), False), (curve(0), False), (parametric(0, 2.2), True), (parametric(0, -1), False),
        (parametric(3, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045), True), (parametric(4, 1, 0.5, 0, 1, 0, 0, 0), False),
        (parametric(1, 1, 1, 0.5), False), (parametric(2, 1, 1, 0, 0.5), False), (parametric(9, 1), False), (b"junk", False), (b"", False),
    ],
)  # fmt: skip
def test_curves(element: bytes, keeps: bool) -> None:
    assert keeps_black_and_white(profile(b"GRAY", {b"kTRC": element}), 1) is keeps


def test_the_absolute_intent_and_links() -> None:
    made = bytearray(profile(b"GRAY", {b"kTRC": curve()}))
    linked = made[:12] + b"link" + made[16:]
    assert not keeps_black_and_white(linked, 1)
    made[67] = 1
    assert keeps_black_and_white(made, 1)
    made[67] = 3
    assert not keeps_black_and_white(made, 1)


def test_profiles_of_everyday_use() -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert keeps_black_and_white(srgb, 3)
    assert not keeps_black_and_white(srgb, 1)
    assert not keeps_black_and_white(srgb[:200], 3)
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    assert not keeps_black_and_white(lab, 3)


def test_a_profile_with_a_table_or_a_dim_white() -> None:
    colours = {name: b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(v * 65536) for v in xyz)) for name, xyz in
               ((b"rXYZ", (0.4361, 0.2225, 0.0139)), (b"gXYZ", (0.3851, 0.7169, 0.0971)), (b"bXYZ", (0.1431, 0.0606, 0.7141)))}  # fmt: skip
    curves = {name: curve() for name in (b"rTRC", b"gTRC", b"bTRC")}
    assert keeps_black_and_white(profile(b"RGB ", colours | curves), 3)
    assert not keeps_black_and_white(profile(b"RGB ", colours | curves | {b"A2B0": b"mft2"}), 3)
    assert not keeps_black_and_white(profile(b"RGB ", colours | curves | {b"gXYZ": colours[b"bXYZ"]}), 3)
    assert not keeps_black_and_white(profile(b"RGB ", colours), 3)


def press(ink: int = 30, paper: int = 255, *, tint: int = 128, wide: bool = False, **tags: bytes) -> bytes:
    """A press's profile: how light (of 255) its inks and its paper are, in a table of two steps."""
    lab = [value for corner in range(16) for value in (paper if corner == 0 else ink, tint, 128)]
    if wide:
        body = struct.pack(">2H", 2, 2) + struct.pack(">8H", *(0, 65535) * 4)
        body += struct.pack(">48H", *(value * 256 for value in lab)) + struct.pack(">6H", *(0, 65535) * 3)
    else:
        body = bytes(range(256)) * 4 + bytes(lab) + bytes(range(256)) * 3
    table = (b"mft2" if wide else b"mft1") + bytes(4) + bytes((4, 3, 2, 0)) + bytes(36) + body
    made = bytearray(profile(b"CMYK", {b"A2B0": table} | {name.encode(): element for name, element in tags.items()}))
    made[12:16], made[20:24] = b"prtr", b"Lab "
    return bytes(made)


def test_a_press_prints_black_on_white() -> None:
    assert prints_black_on_white(press()) and prints_black_on_white(press(wide=True))
    for odd in (press(128), press(128, wide=True), press(30, 200), press(tint=160), press(D2B0=b"mpet"), press(A2B1=b"mAB "), press()[:900],
                b"", profile(b"CMYK", {})):  # fmt: skip
        assert not prints_black_on_white(odd)


def test_the_press_of_an_output_intent_is_read() -> None:
    intent = b"/OutputIntents[<</Type/OutputIntent/S/GTS_PDFX/DestOutputProfile 5 0 R>>]"
    for made, words in ((press(), ""), (press(128), "black ink may not be black")):
        verdict = verify(pdf(b"0 0 0 1 k 10 10 80 80 re f", b"", (stream(made, b"/N 4"),), root=intent))
        assert words in verdict.problem and verdict.is_one_bit is (words == "")
