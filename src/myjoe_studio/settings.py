"""What the Studio is told beside what every process is: its address, its secret, who signs people
in, and Stripe.
"""
from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from myjoe.settings import shared, variables
from myjoe.settings.shared import DEVELOPMENT
from myjoe.settings.variables import Secret, variable

# The shortest secret that may seal sessions, in characters: 32 bytes as hexadecimal digits.
SECRET_CHARS_MIN = 64
LOCAL, SUPABASE = "local", "supabase"
SSE, REALTIME, POLL = "sse", "realtime", "poll"


@dataclass(frozen=True)
class StudioSettings(shared.Settings):
    """What the Studio was told. `StudioSettings()` are the defaults of development."""

    address: str = variable(
        "MYJOE_STUDIO_ADDRESS", variables.address, "http://127.0.0.1:8000",
        "where people find the Studio; links in mails and from Stripe lead here",
    )
    secret: Secret = variable(
        "MYJOE_STUDIO_SECRET", variables.secret, Secret(),
        "seals sessions and signs forms: 64 hexadecimal digits or more, the same for all instances; in development one is made and kept",
    )
    identity: str = variable(
        "MYJOE_STUDIO_IDENTITY", variables.one_of(LOCAL, SUPABASE), LOCAL,
        "who signs people in; outside development supabase by default and always",
    )
    publishable_key: Secret = variable(
        "SUPABASE_PUBLISHABLE_KEY", variables.secret, Secret(), "the project's publishable key, sb_publishable_…"
    )
    supabase_jwt_secret: Secret = variable(
        "SUPABASE_JWT_SECRET", variables.secret, Secret(),
        "in development, what a Supabase of one's own signs tokens with by HS256; elsewhere only published keys are believed",
    )
    client_header: str = variable(
        "MYJOE_STUDIO_CLIENT_HEADER", variables.text, "",
        "the header in which the platform's proxy tells who asks: x-real-ip on Vercel, fly-client-ip on Fly; none means who connects",
    )
    google: str = variable(
        "MYJOE_STUDIO_GOOGLE", variables.one_of("on", "off"), "off",
        "whether people may sign in with Google; Supabase has to be told Google's keys. The embedded identity has a Google of its own",
    )
    live: str = variable(
        "MYJOE_STUDIO_LIVE", variables.one_of(SSE, REALTIME, POLL), SSE,
        "how a page hears of changes: from us, from Supabase Realtime, or by asking again; outside development realtime by default",
    )
    connections: int = variable(
        "MYJOE_STUDIO_CONNECTIONS", variables.count(1, 64), 4,
        "connections to the database; each answers some 500 pages a second",
    )

    stripe_webhook_secret: Secret = variable(
        "STRIPE_WEBHOOK_SECRET", variables.secret, Secret(), "whsec_…, of the endpoint /webhooks/stripe"
    )

    @property
    def secure(self) -> bool:
        """Whether browsers come by HTTPS, and cookies may be for that alone."""
        return self.address.startswith("https://")

    @classmethod
    def concerns(cls, name: str) -> bool:
        """Whether the Studio has to know a MYJOE_… of this name: others are the worker's."""
        return name.startswith("MYJOE_STUDIO_")

    @classmethod
    def completed(cls, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """The values that were given, and those that follow from them and the machine."""
        values = super().completed(values)
        if values.get("env", DEVELOPMENT) != DEVELOPMENT:
            return {"identity": SUPABASE, "live": REALTIME, "address": "", **values}  # there is no address to guess
        if values.get("identity", LOCAL) == LOCAL:
            values = {"google": "on", **values}
        if not values.get("secret"):
            values = {**values, "secret": kept_secret(values["home"])}
        return values

    def contradictions(self) -> list[str]:
        """A sentence for each pair of values that cannot be together."""
        mistakes = []
        if self.secret and len(self.secret.reveal()) < SECRET_CHARS_MIN:
            mistakes.append(f"MYJOE_STUDIO_SECRET has to be of {SECRET_CHARS_MIN} characters or more; `openssl rand -hex 32` makes one")
        if self.env != DEVELOPMENT and self.identity == LOCAL:
            mistakes.append("MYJOE_STUDIO_IDENTITY=local signs people in on one machine; staging and production take supabase")
        if self.env != DEVELOPMENT and self.supabase_jwt_secret:
            mistakes.append("SUPABASE_JWT_SECRET is for development: who can check a token with it can make one")
        return mistakes + super().contradictions()

    def needed(self) -> list[tuple[str, str]]:
        """The variables that have to be given, and because of what."""
        needed = super().needed()
        if self.env != DEVELOPMENT:
            needed += [(name, f"MYJOE_ENV={self.env}") for name in
                       ("MYJOE_STUDIO_ADDRESS", "MYJOE_STUDIO_SECRET", "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET")]  # fmt: skip
        if self.identity == SUPABASE:
            needed += [(name, "MYJOE_STUDIO_IDENTITY=supabase") for name in ("SUPABASE_URL", "SUPABASE_PUBLISHABLE_KEY")]
        return needed


def kept_secret(home: Path) -> Secret:
    """The secret of a machine for development: made once, and kept in `home`, so that a session
    outlives a restart.
    """
    path = home / "studio-secret"
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
        beside.touch(mode=0o600)
        beside.write_text(secrets.token_hex(32))
        beside.rename(path)
    return Secret(path.read_text().strip())


def read_settings(environment: Mapping[str, str]) -> StudioSettings:
    """The settings of the Studio that the variables of `environment` give. Raises SettingsError
    with every mistake.
    """
    return shared.read_settings(environment, StudioSettings)
