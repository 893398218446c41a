"""What a file is, is told by its first bytes alone."""
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myjoe_worker.imaging.kinds import MEDIA_TYPES, kind_of
from tests.support.peers import pictures

SOUND = {"png": pictures.png(8, 8), "jpeg": b"\xff\xd8\xff\xe0", "webp": b"RIFF\0\0\0\0WEBPVP8 ", "svg": pictures.SVG}


def test_every_kind_is_told() -> None:
    assert {kind: kind_of(content) for kind, content in SOUND.items()} == {kind: kind for kind in MEDIA_TYPES}


@pytest.mark.parametrize("kind", SOUND)
def test_what_follows_the_beginning_changes_nothing(kind: str) -> None:
    assert kind_of(SOUND[kind] + b"\0<svg>" * 1000) == kind


@pytest.mark.parametrize(
    "head",
    [b"", b"\xef\xbb\xbf", b"  \n", b"<?xml version='1.0'?>\n", b"<!-- a <svg> -->", b"<!DOCTYPE svg>",
     b'<!DOCTYPE svg [<!ENTITY a "aa"> <!ENTITY b "&a;&a;">]>'],
)  # fmt: skip
def test_an_svg_may_have_in_front_what_xml_allows(head: bytes) -> None:
    assert kind_of(head + b"<svg xmlns='http://www.w3.org/2000/svg'/>") == "svg"


@pytest.mark.parametrize(
    "content",
    [b"", b"<", b"<html><svg></svg></html>", b"<!DOCTYPE html><svg>", b"<svgs>", b"text <svg>", b"GIF89a", b"%PDF-1.7", b"\0" * 100],
)
def test_what_is_none_of_them_is_none(content: bytes) -> None:
    assert kind_of(content) is None


@given(st.binary(max_size=200))
def test_any_bytes_have_an_answer(content: bytes) -> None:
    assert kind_of(content) in {*MEDIA_TYPES, None}


@pytest.mark.parametrize(
    "part", [b"<!---->", b"<!--", b"-->", b"<!-- --> ", b"<?xml?>", b"<!DOCTYPE svg>", b"<!DOCTYPE svg[]>", b"]", b" "]
)
@pytest.mark.parametrize("head", [b"", b"<!DOCTYPE svg [", b"<!--"])
def test_a_file_made_to_be_slow_is_not(head: bytes, part: bytes) -> None:
    """Each was, or could be, read in more ways than anybody can wait for."""
    assert kind_of(head + 5000 * part) is None
