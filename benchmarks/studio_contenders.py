"""Servers of `bench_studio`, each in a process of its own: the Studio, and beside it a bare
Starlette that sends a page of the same size and asks nobody.

    python -m benchmarks.studio_contenders studio <port> <database> <folder>
    python -m benchmarks.studio_contenders bare <port> <bytes>
"""
from __future__ import annotations

import sys
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from myjoe.settings.variables import Secret
from myjoe_studio.asgi import studio
from myjoe_studio.settings import StudioSettings

SECRET = "b" * 64


def bare(size: int) -> ASGIApp:
    """A page of so many bytes, and nothing else."""
    page = "x" * size

    async def show(_request: Request) -> Response:
        return HTMLResponse(page)

    return Starlette(routes=[Route("/", show)])


def settings(port: int, database_url: str, folder: Path) -> StudioSettings:
    """What the Studio under measurement is told."""
    return StudioSettings(
        address=f"http://127.0.0.1:{port}", home=folder, storage_folder=folder / "pages", secret=Secret(SECRET),
        database_url=Secret(database_url),
    )  # fmt: skip


def main(words: list[str]) -> None:
    """Serve until SIGTERM."""
    what, port = words[0], int(words[1])
    app = bare(int(words[2])) if what == "bare" else studio(settings(port, words[2], Path(words[3])))
    uvicorn.run(app, host="127.0.0.1", port=port, log_config=None, backlog=4096)


if __name__ == "__main__":
    main(sys.argv[1:])
