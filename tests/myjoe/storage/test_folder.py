"""The folder: whole files or none, nothing outside of it, and a full disk is an error like any
other.
"""
from __future__ import annotations

import asyncio
import errno
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.request import url2pathname

import pytest

from myjoe.errors import FileMissingError, FileRefusedError, StorageAwayError, StorageError
from myjoe.storage.folder import FolderStorage

KEY = "11111111-2222/33333333/1/page.png"


@pytest.fixture
def folder(tmp_path: Path) -> FolderStorage:
    return FolderStorage(tmp_path / "pages")


def files_in(folder: FolderStorage) -> list[str]:
    return sorted(str(path.relative_to(folder.folder)) for path in folder.folder.rglob("*") if path.is_file())


def test_what_is_put_is_given_back_and_replaced(folder: FolderStorage) -> None:
    async def work() -> None:
        await folder.put(KEY, b"one", "image/png")
        assert await folder.get(KEY) == b"one"
        await folder.put(KEY, b"", "image/png")
        assert await folder.get(KEY) == b""

    asyncio.run(work())
    assert files_in(folder) == [KEY]


def test_many_at_once_leave_one_whole_file(folder: FolderStorage) -> None:
    contents = [bytes([number]) * 100_000 for number in range(20)]

    async def work() -> bytes:
        await asyncio.gather(*[folder.put(KEY, content, "image/png") for content in contents])
        return await folder.get(KEY)

    assert asyncio.run(work()) in contents
    assert files_in(folder) == [KEY]


def test_the_address_is_that_of_the_file(folder: FolderStorage) -> None:
    asyncio.run(folder.put(KEY, b"content", "image/png"))
    address = asyncio.run(folder.signed_url(KEY, 60))
    assert address.startswith("file:///")
    assert Path(url2pathname(address.removeprefix("file://"))).read_bytes() == b"content"


def test_what_is_not_there_cannot_be_got_but_deleted(folder: FolderStorage) -> None:
    for missing in (folder.get(KEY), folder.signed_url(KEY, 60)):
        with pytest.raises(StorageError, match="page"):
            asyncio.run(missing)
    asyncio.run(folder.put(KEY, b"x", "image/png"))
    asyncio.run(folder.delete([KEY, "never/there.png"]))
    assert files_in(folder) == []


@pytest.mark.parametrize(
    "key",
    [
        "", "/etc/passwd", "../up.png", "a/../../up.png", "a//b", "a/", "a/.hidden", ".", "a\\b", "a b", "ä.png", "a\n", "a/./b", "x" * 201,
        "a/" * 300 + "b",
    ],
)  # fmt: skip
def test_keys_that_lead_elsewhere_are_none(folder: FolderStorage, key: str) -> None:
    for refused in (folder.put(key, b"x", "image/png"), folder.get(key), folder.signed_url(key, 1), folder.delete([key])):
        with pytest.raises(StorageError, match="is no key"):
            asyncio.run(refused)
    assert not folder.folder.exists()


def test_links_do_not_lead_out_either(folder: FolderStorage, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    folder.folder.mkdir()
    (folder.folder / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StorageError, match="leads out of"):
        asyncio.run(folder.put("link/page.png", b"x", "image/png"))
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_the_check_writes_reads_and_leaves_nothing(folder: FolderStorage) -> None:
    asyncio.run(folder.check())
    assert files_in(folder) == []


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(StorageError, match="could not be written: file exists"):
        asyncio.run(FolderStorage(tmp_path / "file").check())


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 1 MiB where we may mount one; elsewhere the file system's answer is put into its
    mouth (see the test).
    """
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)], capture_output=True, check=False)
    try:
        yield place
    finally:
        if mounted.returncode == 0:
            subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_is_an_error_and_what_was_there_stays(small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = FolderStorage(small_disk / "pages")
    asyncio.run(folder.put(KEY, b"first", "image/png"))
    if not os.path.ismount(small_disk):
        monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(errno.ENOSPC, "No space left on device")))
    with pytest.raises(StorageAwayError, match="no space left on device"):
        asyncio.run(folder.put(KEY, os.urandom(4 << 20), "image/png"))
    assert asyncio.run(folder.get(KEY)) == b"first"
    assert files_in(folder) == [KEY]


@pytest.mark.parametrize(
    "number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EIO, errno.EFBIG, errno.ENOTDIR, errno.ESTALE]
)
def test_what_would_meet_any_file_is_an_operator_s_affair(folder: FolderStorage, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(number, os.strerror(number))))
    with pytest.raises(StorageAwayError, match="could not be written"):
        asyncio.run(folder.put(KEY, b"x", "image/png"))
    assert files_in(folder) == []


def test_a_folder_that_is_not_there_has_lost_nothing(folder: FolderStorage) -> None:
    with pytest.raises(StorageAwayError, match="is not there"):
        asyncio.run(folder.get(KEY))
    folder.folder.mkdir()
    with pytest.raises(FileMissingError):
        asyncio.run(folder.get(KEY))


def test_a_name_of_its_own_making_is_the_file_s_fault(folder: FolderStorage) -> None:
    folder.folder.mkdir()
    with pytest.raises(FileRefusedError, match="is no key"):
        asyncio.run(folder.put("a b", b"x", "image/png"))
