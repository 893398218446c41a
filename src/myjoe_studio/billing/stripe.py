"""Stripe's API: one client, with the version it speaks and how long it is waited for."""
from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import stripe

from myjoe_studio.settings import StudioSettings

# The version of the API that we speak. The webhook endpoint is made with the same one: it decides
# what events look like, and events of another are parked.
API_VERSION = "2026-10-28.endive"
# How long Stripe is waited for, in seconds, and how often it is asked again after a failure. A
# person waits too: longer outlasts a slow minute of Stripe's, shorter tells sooner.
TIMEOUT_SECONDS = 8.0
RETRIES = 1
# What requests say of our machine and of earlier requests is nobody's business.
stripe.enable_telemetry = False


class StripeAwayError(Exception):
    """Stripe did not answer, or not as it should; nothing was charged by what was asked."""


def connect(settings: StudioSettings, transport: stripe.HTTPClient | None = None) -> stripe.StripeClient:
    """The client that the settings describe; `transport` is for a Stripe that is no server."""
    return stripe.StripeClient(
        settings.stripe_secret_key.reveal() or "sk_test_development", stripe_version=API_VERSION,
        base_addresses={"api": settings.stripe_base_url}, max_network_retries=RETRIES,
        http_client=transport or stripe.HTTPXClient(timeout=TIMEOUT_SECONDS),
    )  # fmt: skip


@asynccontextmanager
async def asking() -> AsyncIterator[None]:
    """Turns whatever goes wrong in asking Stripe into StripeAwayError."""
    try:
        yield
    except stripe.StripeError as error:
        raise StripeAwayError(f"{type(error).__name__}: {error.user_message or error}") from error


def plain(told: stripe.StripeObject) -> dict[str, Any]:
    """What Stripe told, as plain dicts and lists."""
    return told.to_dict()


def id_of(value: str | Mapping[str, Any] | None) -> str | None:
    """The id of what Stripe names either by its id or by the whole object."""
    return value if value is None or isinstance(value, str) else str(value["id"])
