"""Which identity service the settings name."""
from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from myjoe.database.server import SUPERUSER
from myjoe.errors import SettingsError
from myjoe.settings.variables import Secret
from myjoe_studio.identity.opening import open_identity
from myjoe_studio.rendering import Templates
from myjoe_studio.settings import StudioSettings
from myjoe_studio.static_files import StaticFiles
from tests.database import support


def opened(settings: StudioSettings) -> tuple[str, bool]:
    async def look() -> tuple[str, bool]:
        async with open_identity(settings, Templates(StaticFiles(), settings=settings)) as one:
            return one.identity.google_address("http://x", "v"), one.development is not None

    return asyncio.run(look())


def test_supabase(tmp_path: Path) -> None:
    settings = StudioSettings(home=tmp_path, identity="supabase", supabase_url="https://p.supabase.co", publishable_key=Secret("sb"))
    address, development = opened(settings)
    assert address.startswith("https://p.supabase.co/auth/v1/authorize?") and not development


def test_the_embedded_one(newest: support.Database, tmp_path: Path) -> None:
    settings = StudioSettings(home=tmp_path, secret=Secret("5" * 64), database_url=Secret(newest.server.url(newest.name)))
    address, development = opened(settings)
    assert address.startswith("http://127.0.0.1:8000/dev/auth/v1/authorize?") and development


def test_a_database_from_before_the_studio_is_named(newest: support.Database, tmp_path: Path) -> None:
    newest.run("drop table auth.one_time_tokens")
    settings = StudioSettings(home=tmp_path, secret=Secret("5" * 64), database_url=Secret(newest.server.url(newest.name, SUPERUSER)))
    with pytest.raises(SettingsError, match="before My Joe had a Studio"):
        opened(settings)


def test_with_supabase_the_embedded_one_is_not_even_imported() -> None:
    program = """
import asyncio, sys
from pathlib import Path
from myjoe_studio.asgi import studio
from myjoe_studio.identity.opening import open_identity
from myjoe_studio.settings import StudioSettings
settings = StudioSettings(home=Path("."), identity="supabase", supabase_url="https://p.supabase.co")
studio(settings)
async def look():
    async with open_identity(settings, None):
        pass
asyncio.run(look())
print(sorted(name for name in sys.modules if name.startswith("myjoe_studio.identity.local")))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
