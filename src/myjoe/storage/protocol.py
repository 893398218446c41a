"""Where pages lie: Supabase Storage, any S3, or a local folder, behind one seam.

Keys are made of letters, digits and `-_./`, and are the same whenever the same attempt at the same
job stores the same kind of file, so that a second delivery overwrites itself.
"""
from __future__ import annotations

from typing import Protocol


class Storage(Protocol):
    """A flat room of files by key. Methods raise a StorageError, whose type says what it means."""

    async def put(self, key: str, content: bytes, media_type: str) -> None:
        """Store; what was there under this key is replaced."""

    async def get(self, key: str) -> bytes:
        """The content; FileMissingError if there is none."""

    async def signed_url(self, key: str, seconds: int) -> str:
        """An address under which anybody who has it can read the file for so long."""

    async def delete(self, keys: list[str]) -> None:
        """Remove; what is not there is no error."""

    async def check(self, size: int = 0) -> None:
        """Prove that this room can be written to and read from, a file of so many bytes at least,
        or raise StorageError with what is wrong.
        """

    async def close(self) -> None:
        """Let go of connections."""
