"""Links to files; `pages/test_stored_files.py` has those of a folder over HTTP."""
from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from myjoe.errors import FileMissingError
from myjoe.settings.variables import Secret
from myjoe_studio.files import Files, image_origins
from myjoe_studio.sealing import Sealer
from myjoe_studio.settings import StudioSettings

SEALER = Sealer(Secret("5" * 64))


def test_a_folder_is_served_by_us(tmp_path: Path) -> None:
    files = Files(StudioSettings(storage_folder=tmp_path, address="https://joe.example"), SEALER)
    assert files.served_here
    (tmp_path / "a.png").write_bytes(b"x")
    assert asyncio.run(files.link("a.png")).startswith("https://joe.example/files/a.png?until=")
    assert asyncio.run(files.link("a.png", "the owl.png")).endswith("&download=the%20owl.png")
    with pytest.raises(FileMissingError):
        asyncio.run(files.link("b.png"))


def test_what_amazon_signed_is_not_changed() -> None:
    told = StudioSettings(storage="s3", s3_access_key_id=Secret("id"), s3_secret_access_key=Secret("key"))
    files = Files(told, SEALER)
    address = asyncio.run(files.link("u/j/1/page.png", "the owl.png"))
    assert "X-Amz-Signature" in address and "download" not in address and not files.served_here


@pytest.mark.parametrize(
    ("told", "origins"),
    [
        ({}, ()), ({"storage": "supabase", "supabase_url": "https://abc.supabase.co/x"}, ("https://abc.supabase.co",)),
        ({"storage": "s3", "s3_region": "eu-1"}, ("https://s3.eu-1.amazonaws.com",)),
        ({"storage": "s3", "s3_endpoint_url": "https://r2.example"}, ("https://r2.example",)),
    ],
)  # fmt: skip
def test_pictures_come_from_where_they_lie(told: dict[str, str], origins: tuple[str, ...]) -> None:
    assert image_origins(StudioSettings(**told)) == origins  # type: ignore[arg-type]
