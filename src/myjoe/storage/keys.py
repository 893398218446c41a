"""Which keys there may be. The same for all rooms, so that what one takes the others take."""
from __future__ import annotations

import re

from myjoe.errors import FileRefusedError

# Names that mean the same to a file system, to Supabase and to S3, and need no quoting in an
# address. None begins with a dot.
_KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
_KEY_LENGTH_MAX = 500  # S3 takes 1024 bytes, file systems 255 a name; ours have about 130


def checked(key: str) -> str:
    """The key, or FileRefusedError if it is none."""
    if len(key) > _KEY_LENGTH_MAX or not _KEY.fullmatch(key) or max(map(len, key.split("/"))) > 200:
        raise FileRefusedError(f"{key[:200]!r} is no key: names of letters, digits and -_. separated by /")
    return key


# How large a file `check` tries where a storage has refused: as all files of a page together. One
# that has room for a few bytes alone would refuse the next page again.
TRIAL_BYTES = 2_000_000


def probe(size: int) -> bytes:
    """What `check` stores for a moment, so many bytes long at least: what follows a PNG's end is
    nobody's.
    """
    return PROBE.ljust(size, b"\0")


# What `check` stores for a moment: the smallest PNG there is, as the bucket takes no other kinds
# than pages have.
PROBE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010100000000376ef9240000000a4944415478da6360000000020001e527defc0000000049454e44ae426082"
)
