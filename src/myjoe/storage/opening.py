"""The storage that the settings name."""
from __future__ import annotations

from myjoe.settings.shared import Settings
from myjoe.storage.folder import FolderStorage
from myjoe.storage.links import FolderLinks
from myjoe.storage.protocol import Storage
from myjoe.storage.s3 import S3Storage
from myjoe.storage.supabase import SupabaseStorage


def open_storage(settings: Settings, links: FolderLinks | None = None) -> Storage:
    """Where pages go. `links` are for a folder that somebody serves."""
    if settings.storage == "supabase":
        return SupabaseStorage(settings.supabase_url, settings.supabase_secret_key.reveal(), settings.bucket)
    if settings.storage == "s3":
        return S3Storage(
            settings.s3_endpoint_url, settings.s3_region, settings.bucket, settings.s3_access_key_id.reveal(),
            settings.s3_secret_access_key.reveal(),
        )  # fmt: skip
    return FolderStorage(settings.storage_folder, links)


def whole_address(settings: Settings, key: str) -> str:
    """Where a file lies, whole, as a person finds it: a path, or the bucket's address. It lets
    nobody in.
    """
    if settings.storage == "supabase":
        # A machine that only asks the database need not know the project.
        return f"{settings.supabase_url or 'https://PROJECT.supabase.co'}/storage/v1/object/{settings.bucket}/{key}"
    if settings.storage == "s3":
        return f"s3://{settings.bucket}/{key}"
    return str(settings.storage_folder / key)
