"""The client of Stripe's API: the version it speaks, how long it waits, and whose money it
moves.
"""
from __future__ import annotations

import asyncio

import pytest
import stripe

from myjoe.errors import SettingsError
from myjoe_studio.billing.stripe import API_VERSION, RETRIES, StripeAwayError, asking, connect, id_of, plain
from myjoe_studio.settings import StudioSettings, read_settings
from tests.support.peers import StripePeer, drop, hang, refuse
from tests.support.stripe import settings_for

DEPLOYED = {
    "MYJOE_STUDIO_ADDRESS": "https://myjoe.example", "MYJOE_STUDIO_SECRET": "5" * 64, "DATABASE_URL": "postgresql://db/myjoe",
    "SUPABASE_URL": "https://p.supabase.co", "SUPABASE_PUBLISHABLE_KEY": "sb_publishable_1", "SUPABASE_SECRET_KEY": "sb_secret_1",
    "STRIPE_WEBHOOK_SECRET": "whsec_1", "OPENAI_API_KEY": "sk-1", "MYJOE_STORAGE": "supabase",
}  # fmt: skip


def ask(client: stripe.StripeClient, customer: str) -> stripe.Customer:
    async def asked() -> stripe.Customer:
        async with asking():
            return await client.v1.customers.retrieve_async(customer)

    return asyncio.run(asked())


def test_we_speak_the_version_that_the_library_was_made_for() -> None:
    assert stripe.api_version == API_VERSION


def test_requests_carry_the_version_and_the_key_and_nothing_of_us() -> None:
    with StripePeer() as peer:
        customer = peer.objects.add("cus", "customer", email="a@example.com")
        client = connect(settings_for(peer))
        for _ in range(2):
            assert ask(client, customer["id"]).email == "a@example.com"
        headers = peer.last("GET customers/:id").headers
        assert (headers["stripe-version"], headers["authorization"]) == (API_VERSION, f"Bearer {peer.key}")
        assert "x-stripe-client-telemetry" not in headers


@pytest.mark.parametrize(
    ("fault", "tries"), [(refuse(500), RETRIES + 1), (refuse(409), RETRIES + 1), (drop(), RETRIES + 1), (refuse(429), 1)]
)
def test_what_may_pass_is_asked_again_and_then_stripe_is_away(fault: object, tries: int) -> None:
    with StripePeer() as peer:
        peer.script("GET customers/:id", *[fault] * tries)  # type: ignore[list-item]
        with pytest.raises(StripeAwayError):
            ask(connect(settings_for(peer)), "cus_1")
        assert peer.count("GET customers/:id") == tries


def test_a_stripe_that_is_slow_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("myjoe_studio.billing.stripe.TIMEOUT_SECONDS", 0.2)
    with StripePeer() as peer:
        peer.script("GET customers/:id", *[hang(60)] * (RETRIES + 1))
        with pytest.raises(StripeAwayError, match="APIConnectionError"):
            ask(connect(settings_for(peer)), "cus_1")


def test_a_wrong_key_is_as_good_as_no_stripe() -> None:
    with StripePeer() as peer:
        peer.key = "sk_test_another"
        settings = settings_for(peer)
        peer.key = "sk_test_peer"
        with pytest.raises(StripeAwayError, match="AuthenticationError"):
            ask(connect(settings), "cus_1")


@pytest.mark.parametrize(
    ("environment", "key", "refused"),
    [
        ("staging", "sk_live_1", "STRIPE_SECRET_KEY takes real money, and MYJOE_ENV is staging"),
        ("staging", "rk_live_1", "STRIPE_SECRET_KEY takes real money, and MYJOE_ENV is staging"),
        ("staging", "sk_test_1", None),
        ("production", "sk_test_1", "STRIPE_SECRET_KEY is a test key, and MYJOE_ENV is production"),
        ("production", "sk_live_1", None),
        ("staging", "", "STRIPE_SECRET_KEY"),
        ("production", "", "STRIPE_SECRET_KEY"),
    ],
)
def test_staging_takes_no_real_money_and_production_no_other(environment: str, key: str, refused: str | None) -> None:
    told = {**DEPLOYED, "MYJOE_ENV": environment, **({"STRIPE_SECRET_KEY": key} if key else {})}
    if refused is None:
        assert connect(read_settings(told)) is not None
        return
    with pytest.raises(SettingsError) as raised:
        read_settings(told)
    assert refused in str(raised.value) and (not key or key not in str(raised.value))


def test_development_takes_no_real_money() -> None:
    with pytest.raises(SettingsError, match="takes real money"):
        read_settings({"STRIPE_SECRET_KEY": "sk_live_1"})


def test_objects_become_plain() -> None:
    told = stripe.StripeObject.construct_from({"id": "in_1", "lines": {"data": [{"id": "il_1"}]}}, None)
    assert plain(told) == {"id": "in_1", "lines": {"data": [{"id": "il_1"}]}}
    assert [id_of(value) for value in ("cus_1", {"id": "cus_2"}, None)] == ["cus_1", "cus_2", None]
    assert StudioSettings().stripe_base_url == "https://api.stripe.com"
