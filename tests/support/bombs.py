"""Bombs: a few bytes that unpack to very many zeros. They are made without packing them all, as
many tests' parameters hold one, and each of pytest's processes makes these anew.
"""
from __future__ import annotations

import struct
import zlib

MIB = 1 << 20
_ADLER = 65521
# A stream of blocks without a header; the empty block that ends one.
_RAW, _LAST = -15, b"\x03\x00"


def flate(mebibytes: int) -> bytes:
    """A zlib stream (RFC 1950) of so many MiB of zeros, whole and with a right checksum."""
    checksum = (mebibytes * MIB % _ADLER) << 16 | 1
    return b"\x78\x9c" + _blocks(b"", mebibytes) + struct.pack(">I", checksum)


def gzipped(mebibytes: int, head: bytes = b"") -> bytes:
    """A gzip file (RFC 1952) of `head` and so many MiB of zeros. Its checksum is wrong: what reads
    so far has fallen for the bomb.
    """
    return b"\x1f\x8b\x08" + bytes(6) + b"\xff" + _blocks(head, mebibytes) + bytes(8)


def _blocks(head: bytes, mebibytes: int) -> bytes:
    """Raw deflate blocks (RFC 1951). After a full flush one knows nothing of those before it, so
    one of zeros may be repeated.
    """
    packer = zlib.compressobj(9, wbits=_RAW)
    first = packer.compress(head) + packer.flush(zlib.Z_FULL_FLUSH)
    zeros = packer.compress(bytes(MIB)) + packer.flush(zlib.Z_FULL_FLUSH)
    return first + zeros * mebibytes + _LAST
