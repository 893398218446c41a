"""Staging and production are apart: whose a database is, is written into it once."""
from __future__ import annotations

import pytest

from myjoe.database.environment import require_environment
from myjoe.errors import SettingsError


@pytest.mark.parametrize(
    ("env", "marked", "works"),
    [
        ("development", None, True), ("development", "development", True), ("development", "staging", False),
        ("development", "production", False), ("staging", None, False), ("staging", "staging", True), ("staging", "production", False),
        ("production", None, False), ("production", "staging", False), ("production", "production", True),
    ],
)  # fmt: skip
def test_staging_and_production_are_apart(env: str, marked: str | None, works: bool) -> None:
    if works:
        require_environment(env, marked)
    else:
        with pytest.raises(SettingsError, match="marked as"):
            require_environment(env, marked)
