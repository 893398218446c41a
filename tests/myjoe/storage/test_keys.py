"""Which keys there may be, for every kind of storage alike."""
from __future__ import annotations

import io
import string
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from myjoe.errors import StorageError
from myjoe.storage.keys import PROBE, checked


@pytest.mark.parametrize(
    "key", [f"{uuid.UUID(int=7)}/{uuid.UUID(int=2**127)}/3/page.png", "a", "-/_", "a.b.c", "x" * 200, "/".join(["ab"] * 160)]
)
def test_ours_are_keys(key: str) -> None:
    assert checked(key) == key


@pytest.mark.parametrize(
    "key",
    [
        "", "/", "/etc/passwd", "../up.png", "a/../../up.png", "a//b", "a/", "a/.hidden", ".", "..", "a\\b", "a b", "ä.png", "a\n", "a/./b",
        "x" * 201, "a/" * 300 + "b", "a?b", "a%2e", "C:a", "a\0",
    ],
)  # fmt: skip
def test_what_leads_elsewhere_or_needs_quoting_is_none(key: str) -> None:
    with pytest.raises(StorageError, match="is no key"):
        checked(key)


@given(st.text(alphabet=string.ascii_letters + string.digits + "-_./\\ %~", max_size=40))
def test_a_key_has_no_part_that_is_empty_or_begins_with_a_dot(key: str) -> None:
    try:
        checked(key)
    except StorageError:
        return
    assert all(part and not part.startswith(".") for part in key.split("/"))
    assert set(key) <= set(string.ascii_letters + string.digits + "-_./")


def test_a_refused_key_is_quoted_in_part_only() -> None:
    with pytest.raises(StorageError) as caught:
        checked("?" * 10_000)
    assert len(str(caught.value)) < 400


def test_the_probe_is_a_whole_png() -> None:
    with Image.open(io.BytesIO(PROBE)) as image:
        image.load()
        assert (image.format, image.size) == ("PNG", (1, 1))
