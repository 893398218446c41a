"""ICC profiles: those of everyday use keep black and white, and twisted ones do not."""
from __future__ import annotations

import struct

import pytest
from PIL import ImageCms

from linefinish.verifiers.icc import keeps_black_and_white


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
