"""The targets: of each format honest files, how they are damaged, and who reads them. A reading
ends in a result or in one of our errors; whatever else is raised is a find.
"""
from __future__ import annotations

import importlib
import importlib.util
import io
import random
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

import linefinish
from linefinish.sheets.views import view_of
from tests.fuzzing import mutating, pdf
from tests.linefinish.verifiers.samples import resealed

# Where other suites put targets of their own: a module with `seeds() -> {name: (format, file)}` and
# `mutant(file, format, rng) -> file`, whose files are verified.
PLUGGED_IN = "tests.linefinish.verifiers.fuzzing"
# Megapixels that a damaged file may have: now and then all that a person gets by default.
MEGAPIXELS = (4.0, 4.0, 4.0, 500.0)


@dataclass(frozen=True)
class Target:
    """`judge` gives a word for what became of a file: "read", "header" for what its header alone
    refused, "refused" for the rest.
    """

    name: str
    seeds: Callable[[], list[bytes]]
    damage: Callable[[bytes, random.Random], bytes]
    judge: Callable[[bytes, random.Random], str]


def read(data: bytes, rng: random.Random) -> str:
    """What `read_gray` makes of it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's remarks on damaged TIFFs
        try:
            gray = linefinish.read_gray(data, megapixels_max=rng.choice(MEGAPIXELS))
        except linefinish.ImageError as error:
            message = str(error)
            if not message.startswith("the given bytes: ") or "\n" in message:
                raise AssertionError(message) from error
            return "refused" if "cannot be decoded" in message or "unpacked" in message else "header"
        assert len(memoryview(gray.data)) == gray.width * gray.height
        return "read"


def verified(data: bytes, rng: random.Random) -> str:
    """What `verify` makes of it."""
    verdict = linefinish.verify(data)
    assert "could not be verified (" not in verdict.problem, verdict.problem
    return "read" if verdict.is_one_bit else "refused"


def viewed(data: bytes, rng: random.Random) -> str:
    """What the finder of sheets sees of a photograph, with what its EXIF says."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            view_of(data, megapixels_max=4.0)
        except linefinish.ImageError as error:
            return "refused" if "cannot be decoded" in str(error) else "header"
        return "read"


def into_curves(data: bytes, rng: random.Random) -> str:
    """What `Curves.from_svg` makes of it."""
    try:
        linefinish.Curves.from_svg(data)
    except linefinish.LinefinishError:
        return "refused"
    return "read"


def photographs() -> list[bytes]:
    """With what cameras say of themselves, in a format each."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif.get_ifd(0x8769)[0xA405], exif.get_ifd(0x8825)[1] = 6, "maker", 28, "N"
    files = [io.BytesIO() for _ in range(4)]
    for file, kind in zip(files, ("JPEG", "WEBP", "TIFF", "PNG"), strict=True):
        Image.new("RGB", (24, 16), (200, 180, 90)).save(file, kind, exif=exif)
    return [file.getvalue() for file in files]


def in_exif(data: bytes, rng: random.Random) -> bytes:
    """Some bytes of the EXIF are others, mostly numbers of types."""
    made = bytearray(data)
    at = max(data.find(b"MM\0*"), data.find(b"II*\0"), 0) + 8
    for _ in range(rng.choice((1, 1, 2, 4, 8))):
        made[min(len(made) - 1, at + rng.randrange(150))] = rng.choice((*range(14), 128, 255, rng.randrange(256)))
    return resealed(bytes(made)) if data[:4] == b"\x89PNG" else bytes(made)


def pictures(kind: str, *modes: str, **how: Any) -> Callable[[], list[bytes]]:
    """A picture as Pillow writes it, in some modes."""

    def made() -> list[bytes]:
        noise = np.random.default_rng(0).integers(0, 256, (23, 31, 3), np.uint8)
        noise[5:20] = 250
        image = Image.fromarray(noise)
        image.putalpha(Image.fromarray(noise[..., 0]))
        files = []
        for word in modes:
            mode, _, option = word.partition("/")
            more = {"compression": option} if kind == "TIFF" and option else {option: True} if option else {}
            file = io.BytesIO()
            image.convert("RGB" if mode == "CMYK" else "RGBA").convert(mode).save(file, kind, **how, **more)
            files.append(file.getvalue())
        return files

    return made


def drawings(*formats: str) -> Callable[[], list[bytes]]:
    """A drawing as we write it."""

    def made() -> list[bytes]:
        pixels = np.full((40, 50), 250, np.uint8)
        pixels[10:30, 8:12] = pixels[14:17, 12:40] = 20
        pixels[20:30, 30:40] = 90
        finished = linefinish.finish(pixels)
        files = []
        for name in formats:
            file = io.BytesIO()
            finished.write(file, format=name)
            files.append(file.getvalue())
        return files

    return made


def _plugged_in() -> list[Target]:
    if importlib.util.find_spec(PLUGGED_IN) is None:
        return []
    module: Any = importlib.import_module(PLUGGED_IN)
    formats = sorted({form for form, _ in module.seeds().values()})

    def seeds_of(form: str) -> Callable[[], list[bytes]]:
        return lambda: [data for name, data in module.seeds().values() if name == form]

    def damage_of(form: str) -> Callable[[bytes, random.Random], bytes]:
        return lambda data, rng: module.mutant(data, form, rng)  # type: ignore[no-any-return]

    return [Target(f"verify {form} with words", seeds_of(form), damage_of(form), verified) for form in formats]


_SVG = (b"<", b"/>", b'"', b"<!--", b"<![CDATA[", b"&#x0;", b' fill="gray"', b"<style>", b"e999", b"M", b"z", b"xmlns:a=''", b"<!DOCTYPE")
_PDF = (b"<<", b">>", b"[", b"]", b"(", b")", b"obj", b"endobj", b"stream", b"4 0 R", b"/Length 9", b"/Filter/Fl", b"9" * 11, b".5 g")
_EPS = (b"{", b"}", b"def", b"setgray", b"0.5", b"%%EOF", b"(", b")", b"<", b">", b"exch", b"dup", b"/a", b"1e999", b"bind")
_DXF = (b"0\nSECTION\n", b"0\nEOF\n", b"62\n8\n", b"420\n8421504\n", b"  ", b"\r\n", b"999\n", b"70\n-1\n", b"1e999\n")
_PNM = (b"P1", b"P4", b"P7\n", b"#", b"\n", b" ", b"65535", b"65536", b"0", b"-1", b"99999999999", b"ENDHDR\n", b"DEPTH 4\n", b"MAXVAL 0\n")


def targets() -> list[Target]:
    """All of them."""

    def words(*them: bytes) -> Callable[[bytes, random.Random], bytes]:
        return lambda data, rng: mutating.damaged(data, rng, them)

    blind = mutating.damaged
    fax, others = ("1/group4", "1/group3"), ("L/raw", "RGB/tiff_lzw", "P/raw", "RGB/jpeg", "CMYK/tiff_adobe_deflate", "RGBA/packbits")
    packed = (*fax, *others, "L/zstd", "L/lzma")
    return [
        Target("PNG", pictures("PNG", "L", "RGBA", "P", "1", "LA"), mutating.png, read),
        Target("PNM", pictures("PPM", "L", "RGB", "1"), words(*_PNM), read),
        Target("BMP", pictures("BMP", "1", "P", "RGB", "RGBA"), blind, read),
        Target("JPEG", pictures("JPEG", "RGB", "L/progressive", "CMYK", "RGB/optimize"), mutating.jpeg, read),
        Target("WebP", pictures("WEBP", "RGB", "RGBA/lossless", "RGBA"), mutating.webp, read),
        Target("TIFF", pictures("TIFF", *packed), mutating.tiff, read),
        Target("TIFF, blind", pictures("TIFF", *packed), blind, read),
        Target("GIF", pictures("GIF", "P", "1"), blind, read),
        Target("AVIF", pictures("AVIF", "RGB", "RGBA"), blind, read),
        Target("EXIF of sheets", photographs, in_exif, viewed),
        Target("curves of SVG", drawings("svg"), words(*_SVG, b"1e308", b"a0 0 0 1 1 0 0", b'transform="scale(1e300)"'), into_curves),
        Target("verify SVG", drawings("svg"), words(*_SVG), verified),
        Target("verify PDF", drawings("pdf"), words(*_PDF), verified),
        Target("verify EPS", drawings("eps"), words(*_EPS), verified),
        Target("verify DXF", drawings("dxf"), words(*_DXF), verified),
        Target("verify PNG", drawings("png"), mutating.png, verified),
        Target("verify TIFF", drawings("tiff"), mutating.tiff, verified),
        Target("verify PBM", drawings("pbm"), words(*_PNM), verified),
        Target("preflight PDF", pdf.seeds, pdf.damage, pdf.checked),
        *_plugged_in(),
    ]
