"""What the Studio is told, and what it refuses to be told."""
from __future__ import annotations

import stat
from pathlib import Path

import pytest

from myjoe.errors import SettingsError
from myjoe.settings.variables import Secret
from myjoe_studio.settings import StudioSettings, kept_secret, read_settings

STAGING = {
    "MYJOE_ENV": "staging", "DATABASE_URL": "postgresql://db/x", "SUPABASE_URL": "https://abc.supabase.co",
    "SUPABASE_SECRET_KEY": "sb_secret_1", "SUPABASE_PUBLISHABLE_KEY": "sb_publishable_1", "OPENAI_API_KEY": "sk-1",
    "MYJOE_STUDIO_ADDRESS": "https://staging.example", "MYJOE_STUDIO_SECRET": "5" * 64, "STRIPE_SECRET_KEY": "sk_test_1",
    "STRIPE_WEBHOOK_SECRET": "whsec_1",
}  # fmt: skip
PRODUCTION = {**STAGING, "MYJOE_ENV": "production", "STRIPE_SECRET_KEY": "sk_live_1"}


def mistakes(environment: dict[str, str]) -> str:
    with pytest.raises(SettingsError) as caught:
        read_settings(environment)
    return " | ".join(caught.value.mistakes)


def test_a_fresh_machine_needs_nothing(tmp_path: Path) -> None:
    settings = read_settings({"MYJOE_HOME": str(tmp_path)})
    assert (settings.address, settings.identity, settings.google, settings.live) == ("http://127.0.0.1:8000", "local", "on", "sse")
    assert len(settings.secret.reveal()) == 64 and not settings.secure
    assert read_settings({"MYJOE_HOME": str(tmp_path)}).secret == settings.secret


@pytest.mark.parametrize("environment", [STAGING, PRODUCTION])
def test_elsewhere_it_is_the_real_thing(environment: dict[str, str]) -> None:
    settings = read_settings(environment)
    assert (settings.identity, settings.google, settings.live, settings.secure) == ("supabase", "off", "realtime", True)
    assert {"5" * 64, "sb_publishable_1", "whsec_1"} <= set(settings.secrets())


@pytest.mark.parametrize("name", ["MYJOE_STUDIO_ADDRESS", "MYJOE_STUDIO_SECRET", "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET",
                                  "SUPABASE_URL", "SUPABASE_PUBLISHABLE_KEY", "DATABASE_URL"])  # fmt: skip
def test_and_nothing_of_it_may_be_missing(name: str) -> None:
    assert f"{name} is missing" in mistakes({key: value for key, value in PRODUCTION.items() if key != name})


WRONG = {
    "staging takes no real money": ({**STAGING, "STRIPE_SECRET_KEY": "sk_live_1"}, "STRIPE_SECRET_KEY takes real money"),
    "nor by a restricted key": ({**STAGING, "STRIPE_SECRET_KEY": "rk_live_1"}, "STRIPE_SECRET_KEY takes real money"),
    "production takes no play money": ({**PRODUCTION, "STRIPE_SECRET_KEY": "sk_test_1"}, "STRIPE_SECRET_KEY is a test key"),
    "nobody signs in by a stand-in": ({**STAGING, "MYJOE_STUDIO_IDENTITY": "local"}, "MYJOE_STUDIO_IDENTITY=local"),
    "nor by a shared secret": ({**STAGING, "SUPABASE_JWT_SECRET": "s" * 40}, "SUPABASE_JWT_SECRET is for development"),
    "a secret is long": ({**STAGING, "MYJOE_STUDIO_SECRET": "5" * 63}, "MYJOE_STUDIO_SECRET has to be of 64"),
    "people come by HTTPS": ({**STAGING, "MYJOE_STUDIO_ADDRESS": "http://staging.example"}, "MYJOE_STUDIO_ADDRESS has to begin with https"),
    "so does Supabase": ({**STAGING, "SUPABASE_URL": "http://abc.supabase.co"}, "SUPABASE_URL has to begin with https"),
    "words are what they may be": ({**STAGING, "MYJOE_STUDIO_LIVE": "telegraph"}, "MYJOE_STUDIO_LIVE has to be"),
    "a name is spelt right": ({**STAGING, "MYJOE_STUDIO_GOOGEL": "on"}, "perhaps MYJOE_STUDIO_GOOGLE is meant"),
    "in development, too, Supabase needs its keys": ({"MYJOE_STUDIO_IDENTITY": "supabase"}, "SUPABASE_URL is missing"),
    "a machine for development takes no real money": ({"STRIPE_SECRET_KEY": "sk_live_1"}, "STRIPE_SECRET_KEY takes real money"),
}


@pytest.mark.parametrize(("environment", "sentence"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_together_is_named(environment: dict[str, str], sentence: str, tmp_path: Path) -> None:
    assert sentence in mistakes({"MYJOE_HOME": str(tmp_path), **environment})


def test_no_secret_is_shown_by_accident() -> None:
    assert "5" * 64 not in repr(read_settings(PRODUCTION)) and "whsec_1" not in repr(read_settings(PRODUCTION))


def test_a_machines_secret_is_its_owners_alone(tmp_path: Path) -> None:
    secret = kept_secret(tmp_path / "new")
    path = tmp_path / "new" / "studio-secret"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert kept_secret(tmp_path / "new") == secret != kept_secret(tmp_path / "other")
    assert [one.name for one in path.parent.iterdir()] == ["studio-secret"]


def test_https_is_what_makes_cookies_secure() -> None:
    assert StudioSettings(address="https://myjoe.example", secret=Secret("5" * 64)).secure
