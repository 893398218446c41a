"""Style, script and pictures of the Studio: each under an address that names its content, so that a
browser keeps it for ever; compressed once in a process, for the first browser that takes it so.
"""
from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter
from importlib import resources
from importlib.resources.abc import Traversable

import brotli
from starlette.requests import Request
from starlette.responses import Response

from myjoe_studio.compressing import accepted

# Digits of a file's SHA-256 in its address: enough to tell all versions of a file apart.
HASH_DIGITS = 10
# A year, which browsers take for "for ever" (RFC 9111 has no longer promise).
FOREVER = "public, max-age=31536000, immutable"
# Media types by suffix: what the system's own table says differs from machine to machine.
MEDIA_TYPES = {
    "css": "text/css", "js": "text/javascript", "json": "application/json", "txt": "text/plain", "svg": "image/svg+xml",
    "png": "image/png", "webp": "image/webp", "jpg": "image/jpeg", "ico": "image/x-icon", "woff2": "font/woff2",
}  # fmt: skip
COMPRESSED = {"text/css", "text/javascript", "image/svg+xml", "application/json", "text/plain"}
# As small as they get, best first: a file is compressed once and sent many times. Brotli takes
# 0.1 s for the style, so that all files together would hold up a process that starts.
ENCODINGS: Mapping[str, Callable[[bytes], bytes]] = {"br": brotli.compress, "gzip": lambda content: gzip.compress(content, mtime=0)}

# Files that name others, and how: `"./name"`, from the folder `static` on.
NAMING, NAMED = (".js", ".css"), re.compile(rb'"\./([^"\s]+)"')


@dataclass(frozen=True)
class StaticFile:
    """A file's content and what it is."""

    media_type: str
    content: bytes


class StaticFiles:
    """All files of the package's folder `static`. Modules of script import each other by the names
    that stand in the source (`./once-form.js`); these are put right here. ValueError, when the
    process starts, for a name without a file and for files that name each other in a circle.
    """

    def __init__(self) -> None:
        sources = {name: file.read_bytes() for name, file in _walk(resources.files("myjoe_studio") / "static")}
        self._addresses: dict[str, str] = {}
        self._files: dict[str, StaticFile] = {}
        named = {name: _named(content) if name.endswith(NAMING) else [] for name, content in sources.items()}
        # Files that name others come after them, as their own addresses tell these too.
        for name in TopologicalSorter(named).static_order():
            if name not in sources:
                by = [one for one, others in named.items() if name in others]
                raise ValueError(f"{name} is named by {by}, and there is no such file")
            self._add(name, NAMED.sub(self._addressed, sources[name]) if named[name] else sources[name])

    def address(self, name: str) -> str:
        """Where the file of this name lies now; LookupError if there is none."""
        return self._addresses[name]

    async def serve(self, request: Request) -> Response:
        """A file by its address. A page is sent from a name that was in use before a deployment to
        a new one only if its content is the same; others are 404.
        """
        file = self._files.get(request.url.path)
        if file is None:
            return Response("There is no such file.\n", 404, media_type="text/plain")
        taken = accepted(request.headers)
        headers = {"cache-control": FOREVER, "vary": "accept-encoding"}
        for encoding in ENCODINGS:
            if encoding in taken and file.media_type in COMPRESSED:
                headers["content-encoding"] = encoding
                return Response(_compressed(encoding, file.content), headers=headers, media_type=file.media_type)
        return Response(file.content, headers=headers, media_type=file.media_type)

    def _add(self, name: str, content: bytes) -> None:
        stem, _, suffix = name.rpartition(".")
        address = f"/static/{stem}.{hashlib.sha256(content).hexdigest()[:HASH_DIGITS]}.{suffix}"
        media_type = MEDIA_TYPES.get(suffix)
        if media_type is None:
            raise ValueError(f"{name} is of a kind that static_files.MEDIA_TYPES does not have")
        self._addresses[name] = address
        self._files[address] = StaticFile(media_type, content)

    def _addressed(self, named: re.Match[bytes]) -> bytes:
        return f'"{self._addresses[named[1].decode()]}"'.encode()


@cache
def _compressed(encoding: str, content: bytes) -> bytes:
    return ENCODINGS[encoding](content)


def _named(content: bytes) -> list[str]:
    return [name.decode() for name in NAMED.findall(content)]


def _walk(folder: Traversable, prefix: str = "") -> list[tuple[str, Traversable]]:
    found: list[tuple[str, Traversable]] = []
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            found += _walk(entry, f"{prefix}{entry.name}/")
        elif not entry.name.endswith((".md", ".py")):
            found.append((prefix + entry.name, entry))
    return found
