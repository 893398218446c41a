"""The storage is one setting."""
from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from myjoe.settings.shared import Settings
from myjoe.settings.variables import Secret
from myjoe.storage.folder import FolderStorage
from myjoe.storage.links import FolderLinks
from myjoe.storage.opening import open_storage
from myjoe.storage.s3 import S3Storage
from myjoe.storage.supabase import SupabaseStorage


@pytest.mark.parametrize(("storage", "expected"), [("folder", FolderStorage), ("supabase", SupabaseStorage), ("s3", S3Storage)])
def test_the_storage_is_one_setting(storage: str, expected: type[Any]) -> None:
    assert type(open_storage(replace(Settings(), storage=storage, supabase_url="https://x.supabase.co"))) is expected


def test_a_folder_that_somebody_serves_has_links(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"x")
    settings = replace(Settings(), storage_folder=tmp_path)
    served = open_storage(settings, FolderLinks("https://joe.example/files", Secret("s" * 32)))
    assert asyncio.run(served.signed_url("a.png", 60)).startswith("https://joe.example/files/a.png?until=")
    assert asyncio.run(open_storage(settings).signed_url("a.png", 60)).startswith("file://")
