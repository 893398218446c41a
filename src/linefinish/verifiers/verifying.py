"""`verify`: is this file truly 1-bit, and where is it not?

A verdict is a promise: True only if the file was read to its end and nothing in it can paint
another colour than pure black and pure white. What cannot be known is not 1-bit.
`docs/discussion/algorithms/verify.md` says what is checked in each format.
"""
from __future__ import annotations

import os
import stat

from linefinish.checks import keywords
from linefinish.errors import ImageReadError
from linefinish.verifiers.verdict import DamagedError, Facts, GrayError, Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

# Bytes read from a stream, which could go on for ever; files are mapped and may be of any size.
STREAM_BYTES_MAX = 1 << 28
# Bytes above which a file is mapped, not read. Mapping costs no memory of our own, but a page fault
# for each 4 KiB.
_MAPPED_BYTES_MIN = 1 << 24

# Bytes at the beginning in which viewers of PDF look for its mark (ISO 32000-1, annex H).
_PDF_HEAD_BYTES = 1024

_NOT_VERIFIED = {
    b"\xff\xd8\xff": ("JPEG", "it stores 8-bit samples, never 1-bit"),
    b"GIF8": ("GIF", "the format is not verified"),
    b"BM": ("BMP", "the format is not verified"),
    b"RIFF": ("WebP", "it stores 8-bit samples, never 1-bit"),
    b"\xc5\xd0\xd3\xc6": ("EPS", "it carries a preview picture, and the format is not verified"),
    b"AutoCAD Binary DXF": ("DXF", "binary DXF is not verified"),
}


@keywords
def verify(source: Any) -> Verdict:
    """Whether a file is truly 1-bit: a path, bytes, or a binary stream holding PNG, TIFF, PBM, SVG,
    PDF, plain EPS, or DXF.

    A broken file is a verdict too; ImageReadError is raised only for a path or stream that cannot
    be read at all.
    """
    path, data = _opened(source)
    facts = Facts()
    form = ""
    try:
        form, check = _verifier(data)
        if form != "PDF" and b"%PDF-" in bytes(data[:_PDF_HEAD_BYTES]):
            raise DamagedError("cannot be verified: it is a PDF besides")
        check(data, facts)
    except GrayError as error:
        return _verdict(path, form, facts, str(error), where=error.where)
    except DamagedError as error:
        return _verdict(path, form, facts, str(error), is_damaged=True)
    except (ArithmeticError, LookupError, MemoryError, RecursionError, TypeError, ValueError) as error:
        # A fault of ours in the face of a file that nobody thought of; the batch goes on, and the
        # file has not passed.
        return _verdict(path, form, facts, f"it could not be verified ({type(error).__name__}: {error})", is_damaged=True)
    return _verdict(path, form, facts, "")


def verify_many(sources: Iterable[Any]) -> Iterator[Verdict]:
    """`verify` for each, in order, one at a time; a path that cannot be read gives a verdict here,
    so that the others get theirs.
    """
    for source in sources:
        try:
            yield verify(source)
        except ImageReadError as error:
            name = _name(source)
            yield Verdict(name, "", False, str(error).removeprefix(f"{name}: "), is_damaged=True)


def _verdict(path: str, form: str, facts: Facts, problem: str, where: tuple[Any, ...] | None = None, is_damaged: bool = False) -> Verdict:
    return Verdict(path, form, not problem, problem, where, facts.page, facts.detail, facts.width, facts.height, facts.dpi, is_damaged)


def _opened(source: Any) -> tuple[str, memoryview]:
    """The name and the bytes."""
    if isinstance(source, (bytes, bytearray, memoryview)):
        return "", memoryview(source).cast("B")
    path = _name(source)
    try:
        if hasattr(source, "read"):
            data = source.read(STREAM_BYTES_MAX + 1)
            if not isinstance(data, bytes):
                raise ImageReadError(f"{path or 'the stream'} gives no bytes; open it in binary mode")
            if len(data) > STREAM_BYTES_MAX:
                raise ImageReadError(f"{path or 'the stream'} is longer than {STREAM_BYTES_MAX >> 20} MiB")
            return path, memoryview(data)
        with open(path, "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                return _opened(file)
            if status.st_size < _MAPPED_BYTES_MIN:
                return path, memoryview(file.read(_MAPPED_BYTES_MIN))
            import mmap

            return path, memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except FileNotFoundError:
        raise ImageReadError(f"{path}: there is no such file") from None
    except (OSError, ValueError) as error:
        if isinstance(error, ImageReadError):
            raise
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise ImageReadError(f"{path or 'the stream'}: it cannot be read: {reason}") from None


def _name(source: Any) -> str:
    """What a source is called."""
    if isinstance(source, (str, os.PathLike)):
        return os.fsdecode(source)
    name = getattr(source, "name", "")
    return name if isinstance(name, str) else ""


def _verifier(data: memoryview) -> tuple[str, Any]:
    """The format's name and its check, by the first bytes; suffixes lie."""
    head = bytes(data[:1024])
    if head.startswith(b"\x89PNG"):
        from linefinish.verifiers import png

        if not head.startswith(png.SIGNATURE):
            return "PNG", _raising(DamagedError("the signature is damaged: the file went through a text conversion"))
        return "PNG", png.check
    if head[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        from linefinish.verifiers import tiff

        return "TIFF", tiff.check
    if head[:1] == b"P" and head[1:2] in b"123456" and (head[2:3].isspace() or head[2:3] == b"#"):
        from linefinish.verifiers import pnm

        return pnm.FORMATS[head[1:2]], pnm.check
    if head.startswith(b"%PDF-"):
        from linefinish.verifiers import pdf

        return "PDF", pdf.check
    if head.startswith(b"%!PS"):
        from linefinish.verifiers import eps

        return "EPS", eps.check
    if head.split(maxsplit=2)[:2] == [b"0", b"SECTION"] or head.split(maxsplit=1)[:1] == [b"999"]:  # 999: a comment before the first
        from linefinish.verifiers import dxf

        return "DXF", dxf.check
    if _looks_like_xml(head):
        from linefinish.verifiers import svg

        return "SVG", svg.check
    if head.lstrip()[:1] == b"{" and b'"type"' in head and (b'"Feature' in head or b'"coordinates"' in head):
        return "GeoJSON", _raising(DamagedError("it has no colours: whoever opens it paints its shapes"))
    for magic, (form, problem) in _NOT_VERIFIED.items():
        if head.startswith(magic):
            return form, _raising((GrayError if "never" in problem else DamagedError)(problem))
    if not head:
        raise DamagedError("the file is empty")
    raise DamagedError("this is no PNG, TIFF, PBM, SVG, PDF, EPS or DXF; other formats are not verified")


def _looks_like_xml(head: bytes) -> bool:
    """An svgz, or text that begins with a tag, in any encoding that XML can tell by its first
    bytes.
    """
    if head.startswith(b"\x1f\x8b"):
        return True
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<" or head.startswith((b"\xff\xfe<\0", b"\xfe\xff\0<", b"<\0", b"\0<"))


def _raising(error: Exception) -> Any:
    """A check that says what is known already."""

    def check(_data: memoryview, _facts: Facts) -> None:
        raise error

    return check
