"""Links to files of a folder: they hold for their file and their time alone."""
from __future__ import annotations

import asyncio
import secrets
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myjoe.errors import StorageError
from myjoe.settings.variables import Secret
from myjoe.storage.folder import FolderStorage
from myjoe.storage.links import SECRET_BYTES_MIN, FolderLinks

BASE, SECRET = "https://joe.example.com/files/", Secret("s" * SECRET_BYTES_MIN)
KEYS = st.from_regex(r"[a-z0-9_-]{1,8}(/[A-Za-z0-9_-][A-Za-z0-9._-]{0,8}){0,3}", fullmatch=True)


def links(at: float = 1000.0, secret: Secret = SECRET) -> FolderLinks:
    return FolderLinks(BASE, secret, lambda: at)


def parts(url: str) -> tuple[str, dict[str, str]]:
    split = urlsplit(url)
    return split.path.removeprefix("/files/"), dict(parse_qsl(split.query))


@given(KEYS, st.integers(1, 10**6))
def test_a_link_holds_until_its_time_is_over(key: str, seconds: int) -> None:
    url = links().url(key, seconds)
    assert url.startswith(BASE)
    named, query = parts(url)
    assert named == key
    assert links(1000.0).key_of(named, query) == links(1000.0 + seconds).key_of(named, query) == key
    with pytest.raises(StorageError, match="has run out"):
        links(1000.5 + seconds).key_of(named, query)


@given(KEYS, KEYS)
def test_a_link_opens_no_other_file(key: str, other: str) -> None:
    _, query = parts(links().url(key, 60))
    if other != key:
        with pytest.raises(StorageError, match="not one of ours"):
            links().key_of(other, query)


@pytest.mark.parametrize(
    "change",
    [{"until": "9999999999"}, {"until": ""}, {"until": "1e9"}, {"until": "٣"}, {"until": "9" * 5000},
     {"signature": ""}, {"signature": "0" * 64}, {"signature": "é"}],
)  # fmt: skip
def test_a_link_that_was_changed_is_none(change: dict[str, str]) -> None:
    key, query = parts(links().url("u/page.png", 60))
    with pytest.raises(StorageError, match="not one of ours"):
        links().key_of(key, {**query, **change})


def test_a_link_of_another_secret_is_none() -> None:
    key, query = parts(links(secret=Secret(secrets.token_hex(32))).url("u/page.png", 60))
    with pytest.raises(StorageError, match="not one of ours"):
        links().key_of(key, query)


def test_a_short_secret_signs_nothing() -> None:
    with pytest.raises(ValueError, match="at least 32 bytes"):
        FolderLinks(BASE, Secret("s" * (SECRET_BYTES_MIN - 1)))


@pytest.mark.parametrize("key", ["../secret", "/etc/passwd", "a//b", ".hidden"])
def test_what_is_no_key_is_never_signed(key: str) -> None:
    with pytest.raises(StorageError, match="is no key"):
        links().url(key, 60)


def test_a_folder_with_links_hands_them_out(tmp_path: Path) -> None:
    folder = FolderStorage(tmp_path, links())
    asyncio.run(folder.put("u/page.png", b"x", "image/png"))
    key, query = parts(asyncio.run(folder.signed_url("u/page.png", 60)))
    assert links().key_of(key, query) == "u/page.png"
