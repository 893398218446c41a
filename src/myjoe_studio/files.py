"""Links to the files of pages: signed, and good for a few minutes. Supabase and S3 serve their own;
a folder's are served by us.
"""
from __future__ import annotations

import mimetypes
from collections.abc import Mapping
from urllib.parse import quote, urlsplit

from starlette.responses import FileResponse

from myjoe.errors import FileMissingError
from myjoe.storage.folder import FolderStorage
from myjoe.storage.links import FolderLinks
from myjoe.storage.opening import open_storage
from myjoe_studio.sealing import Sealer
from myjoe_studio.settings import StudioSettings

# How long a link is good for, in seconds. Longer outlasts a slow connection's start; shorter leaves
# a link that somebody passed on less time.
LINK_SECONDS = 300
# Kinds that a browser may show on a page of its own. A drawing could carry script, so it is shown
# as a picture or saved, and never opened.
SHOWN = {"image/png", "application/pdf"}


class Files:
    """Signs links, and serves those of a folder."""

    def __init__(self, settings: StudioSettings, sealer: Sealer) -> None:
        self._links = FolderLinks(f"{settings.address}/files", sealer.secret_for("folder links")) if settings.storage == "folder" else None
        self.storage = open_storage(settings, self._links)

    async def link(self, key: str, save_as: str = "") -> str:
        """An address of the file; with `save_as`, one that saves it under that name.

        Raises FileMissingError.
        """
        address = await self.storage.signed_url(key, LINK_SECONDS)
        # Amazon signs what an answer's name shall be; there the key's own name has to do.
        return f"{address}&download={quote(save_as)}" if save_as and "X-Amz-Signature" not in address else address

    def served(self, key: str, query: Mapping[str, str]) -> FileResponse:
        """The file of a link to the folder. StorageError if it is none of ours, or too old."""
        assert self._links is not None and isinstance(self.storage, FolderStorage), "only a folder is served by us"
        path = self.storage.folder / self._links.key_of(key, query)
        if not path.is_file():
            raise FileMissingError(f"{key} is not there")
        media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        save_as = query.get("download", "")
        kind = "inline" if media_type in SHOWN and not save_as else "attachment"
        headers = {"cache-control": f"private, max-age={LINK_SECONDS}"}
        return FileResponse(path, headers=headers, media_type=media_type, filename=save_as or path.name, content_disposition_type=kind)

    @property
    def served_here(self) -> bool:
        """Whether there are files that we serve ourselves."""
        return self._links is not None


def image_origins(settings: StudioSettings) -> tuple[str, ...]:
    """From where pictures come, beside us: for the policy that binds browsers."""
    addresses = {"supabase": settings.supabase_url, "s3": settings.s3_endpoint_url or f"https://s3.{settings.s3_region}.amazonaws.com"}
    address = urlsplit(addresses.get(settings.storage, ""))
    return (f"{address.scheme}://{address.netloc}",) if address.netloc else ()
