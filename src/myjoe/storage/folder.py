"""Pages in a folder of this machine. A file is there whole or not at all, and is still there after
a power cut.
"""
from __future__ import annotations

import asyncio
import errno
import os
import secrets
from pathlib import Path

from myjoe.errors import FileMissingError, FileRefusedError, StorageAwayError, StorageError
from myjoe.storage.keys import checked, probe
from myjoe.storage.links import FolderLinks


class FolderStorage:
    """Keys are paths below the folder, which is made when first needed.

    With `links`, `signed_url` gives addresses that somebody serves; without, file:// ones.
    """

    def __init__(self, folder: str | os.PathLike[str], links: FolderLinks | None = None) -> None:
        self.folder = Path(folder).absolute()
        self._links = links

    async def put(self, key: str, content: bytes, media_type: str) -> None:
        """Store; what was there under this key is replaced."""
        await asyncio.to_thread(self._put, self._path(key), content)

    async def get(self, key: str) -> bytes:
        """The content."""
        return await asyncio.to_thread(self._get, self._path(key))

    async def signed_url(self, key: str, seconds: int) -> str:
        """A signed address; without links a file:// one, which holds for as long as the file is
        there, for whoever may read it.
        """
        path = self._path(key)
        if not path.is_file():
            raise FileMissingError(f"{path} is not there")
        return self._links.url(key, seconds) if self._links else path.as_uri()

    async def delete(self, keys: list[str]) -> None:
        """Remove; what is not there is no error. Folders stay."""
        for key in keys:
            try:
                self._path(key).unlink(missing_ok=True)
            except OSError as error:
                raise _error(f"{key} could not be removed", error) from error

    async def check(self, size: int = 0) -> None:
        """Prove that the folder can be written to and read from."""
        key = f"check-{secrets.token_hex(6)}.png"
        content = probe(size)
        await self.put(key, content, "image/png")
        if await self.get(key) != content:
            raise StorageAwayError(f"{self.folder} does not give back what was put into it")
        await self.delete([key])

    async def close(self) -> None:
        """Nothing to close."""

    def _path(self, key: str) -> Path:
        """Where the key lies. FileRefusedError if a link leads out of the folder there."""
        path = self.folder / checked(key)
        if not path.resolve().is_relative_to(self.folder.resolve()):
            raise FileRefusedError(f"{key} leads out of {self.folder}")
        return path

    def _put(self, path: Path, content: bytes) -> None:
        beside = path.with_name(f".{path.name}.{secrets.token_hex(6)}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                with beside.open("xb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                beside.replace(path)
            finally:
                beside.unlink(missing_ok=True)
            folder = os.open(path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)  # the new name, too, is on the disk
            finally:
                os.close(folder)
        except OSError as error:
            raise _error(f"{path} could not be written", error) from error

    def _get(self, path: Path) -> bytes:
        try:
            return path.read_bytes()
        except FileNotFoundError as error:
            if not self.folder.is_dir():  # a disk that is not mounted has lost nothing
                raise StorageAwayError(f"the folder {self.folder} is not there") from error
            raise FileMissingError(f"{path} is not there") from error
        except OSError as error:
            raise _error(f"{path} could not be read", error) from error


def _error(what: str, error: OSError) -> StorageError:
    """What a system's refusal means. All but names that are too long or lead in circles would meet
    any file: a disk that is full, read only, damaged, or somebody else's.
    """
    family = FileRefusedError if error.errno in (errno.ENAMETOOLONG, errno.ELOOP) else StorageAwayError
    return family(f"{what}: {(error.strerror or str(error)).lower()}")
