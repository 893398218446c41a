"""Billing by the settings: Stripe's, or in development without a key a Stripe of one's own."""
from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from myjoe.settings.variables import Secret
from myjoe_studio.billing.billing import open_billing
from myjoe_studio.deciding import Decider
from myjoe_studio.reading import Connections
from myjoe_studio.settings import StudioSettings
from tests.database.support import Database
from tests.house.test_house import python_environment


@pytest.mark.parametrize(
    ("env", "key", "local"), [("development", "", True), ("development", "sk_test_1", False), ("staging", "sk_test_1", False)]
)
def test_a_stripe_of_ones_own_is_for_development_without_a_key(newest: Database, tmp_path: Path, env: str, key: str, local: bool) -> None:
    async def opened() -> bool:
        connections = Connections(newest.server.url(newest.name), 1)
        try:
            async with open_billing(StudioSettings(env=env, home=tmp_path, stripe_secret_key=Secret(key)), Decider(connections)) as billing:
                return billing.local is not None
        finally:
            await connections.close()

    assert asyncio.run(opened()) is local


def test_it_is_not_loaded_with_the_rest() -> None:
    """The page of it is, but not what pays."""
    code = "import sys, myjoe_studio.asgi; assert not [m for m in sys.modules if m.startswith('myjoe_studio.billing.local.')], 'loaded'"
    done = subprocess.run([sys.executable, "-c", code], env=python_environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
