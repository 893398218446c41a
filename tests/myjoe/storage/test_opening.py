"""The storage is one setting."""
from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from myjoe.settings.shared import Settings
from myjoe.storage.folder import FolderStorage
from myjoe.storage.opening import open_storage
from myjoe.storage.s3 import S3Storage
from myjoe.storage.supabase import SupabaseStorage


@pytest.mark.parametrize(("storage", "expected"), [("folder", FolderStorage), ("supabase", SupabaseStorage), ("s3", S3Storage)])
def test_the_storage_is_one_setting(storage: str, expected: type[Any]) -> None:
    assert type(open_storage(replace(Settings(), storage=storage, supabase_url="https://x.supabase.co"))) is expected
