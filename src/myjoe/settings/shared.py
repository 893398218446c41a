"""What every process of My Joe is told: where it belongs, its database, its storage, who plans, and
how it logs. A process adds its own fields in a subclass.

The fields below and those of the subclasses are the only list there is: the variables' names, what
they may be, their defaults and what they mean. docs/reference/settings.md is made from it.
"""
from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Self, TypeVar

from myjoe.errors import SettingsError
from myjoe.settings import variables
from myjoe.settings.variables import Secret, variable

DEVELOPMENT, STAGING, PRODUCTION = "development", "staging", "production"


def home_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Where My Joe keeps what it makes on a machine: `$MYJOE_HOME`, the user's data folder, or for
    root /var/lib/myjoe.

    Root's own folders are no place, since the embedded server runs as nobody there and may not
    enter them.
    """
    if home := environment.get("MYJOE_HOME", "").strip():  # as all settings are read
        return Path(home).absolute()
    if os.geteuid() == 0:
        return Path("/var/lib/myjoe")
    return Path(environment.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "myjoe"


@dataclass(frozen=True)
class Settings:
    """What a process was told. `Settings()` are the defaults of development; `read_settings` makes
    them from the environment.
    """

    env: str = variable(
        "MYJOE_ENV", variables.one_of(DEVELOPMENT, STAGING, PRODUCTION), DEVELOPMENT,
        "where this process belongs; it refuses a database that is marked as another's",
    )
    home: Path = variable(
        "MYJOE_HOME", variables.folder, home_folder,
        "where the embedded database and, in development, the pages lie",
    )

    database_url: Secret = variable(
        "DATABASE_URL", variables.database, Secret(),
        "the database; any pooler will do. In development, none means the embedded server",
    )

    storage: str = variable(
        "MYJOE_STORAGE", variables.one_of("folder", "supabase", "s3"), "folder",
        "where pages go; outside development supabase by default",
    )
    storage_folder: Path = variable(
        "MYJOE_STORAGE_FOLDER", variables.folder, lambda: home_folder() / "pages",
        "the folder, where pages go to one; by default pages in MYJOE_HOME, and outside development none",
    )
    bucket: str = variable(
        "MYJOE_BUCKET", variables.text, "pages",
        "the bucket, at Supabase or S3",
    )
    supabase_url: str = variable("SUPABASE_URL", variables.address, "", "the project's address, https://….supabase.co")
    supabase_secret_key: Secret = variable("SUPABASE_SECRET_KEY", variables.secret, Secret(), "the project's secret key, sb_secret_…")
    s3_endpoint_url: str = variable("S3_ENDPOINT_URL", variables.address, "", "the S3 server; none means Amazon's")
    s3_region: str = variable("S3_REGION", variables.text, "us-east-1", "the bucket's region")
    s3_access_key_id: Secret = variable("S3_ACCESS_KEY_ID", variables.secret, Secret(), "the key's name")
    s3_secret_access_key: Secret = variable("S3_SECRET_ACCESS_KEY", variables.secret, Secret(), "the key")

    providers: str = variable(
        "MYJOE_PROVIDERS", variables.one_of("real", "sketch"), "sketch",
        "who draws; outside development real by default and always. sketch draws offline, for demo and tests",
    )
    openai_api_key: Secret = variable("OPENAI_API_KEY", variables.secret, Secret(), "for planning, judging and moderation, whoever draws")
    openai_base_url: str = variable("OPENAI_BASE_URL", variables.address, "https://api.openai.com/v1", "where OpenAI is")

    stripe_secret_key: Secret = variable(
        "STRIPE_SECRET_KEY", variables.secret, Secret(),
        "sk_live_… in production, sk_test_… elsewhere. The Studio sells with it, and a worker deletes customers of closed accounts",
    )
    stripe_base_url: str = variable("STRIPE_BASE_URL", variables.address, "https://api.stripe.com", "where Stripe is")

    sentry_dsn: Secret = variable("SENTRY_DSN", variables.secret, Secret(), "where crashes are reported; takes the extra `sentry`")
    log: str = variable(
        "MYJOE_LOG", variables.one_of("json", "text"), "text",
        "how log lines look; outside development json by default",
    )

    def secrets(self) -> list[str]:
        """All secrets that were given, to be kept out of what is written."""
        values = (getattr(self, one.name) for one in fields(self))
        return [value.reveal() for value in values if isinstance(value, Secret) and value]

    def with_database(self, url: str) -> Self:
        """The same with the database at `url`."""
        return replace(self, database_url=Secret(url))

    @classmethod
    def concerns(cls, name: str) -> bool:
        """Whether this process has to know a variable of this name. The Studio checks its own: both
        processes are often told by one list.
        """
        return not name.startswith("MYJOE_STUDIO_")

    @classmethod
    def completed(cls, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """The values that were given, and those that follow from them and the machine."""
        return {"storage_folder": values["home"] / "pages", **values}

    def contradictions(self) -> list[str]:
        """A sentence for each pair of values that cannot be together."""
        mistakes = []
        live_key = self.stripe_secret_key.reveal().startswith(("sk_live_", "rk_live_"))
        if live_key and self.env != PRODUCTION:
            mistakes.append(f"STRIPE_SECRET_KEY takes real money, and MYJOE_ENV is {self.env}; take a test key")
        if self.stripe_secret_key and not live_key and self.env == PRODUCTION:
            mistakes.append("STRIPE_SECRET_KEY is a test key, and MYJOE_ENV is production; take a live key")
        if self.env != DEVELOPMENT:
            if self.providers == "sketch":
                mistakes.append("MYJOE_PROVIDERS=sketch draws for demo and tests; staging and production take the real ones")
            for one in fields(self):
                if one.metadata["parse"] is variables.address and getattr(self, one.name).startswith("http://"):
                    mistakes.append(f"{one.metadata['name']} has to begin with https:// outside development")
        return mistakes

    def needed(self) -> list[tuple[str, str]]:
        """The variables that have to be given, and because of what."""
        away = self.env != DEVELOPMENT
        needed: list[tuple[str, str]] = []
        if away:
            needed.append(("DATABASE_URL", f"MYJOE_ENV={self.env}"))
        if self.storage == "supabase":
            needed += [(name, "MYJOE_STORAGE=supabase") for name in ("SUPABASE_URL", "SUPABASE_SECRET_KEY")]
        if self.storage == "s3":
            needed += [(name, "MYJOE_STORAGE=s3") for name in ("S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY")]
        if self.storage == "folder" and away:
            needed.append(("MYJOE_STORAGE_FOLDER", f"MYJOE_STORAGE=folder with MYJOE_ENV={self.env}"))
        if self.providers == "real":
            needed.append(("OPENAI_API_KEY", "MYJOE_PROVIDERS=real"))
        return needed

    def needed_any(self) -> list[tuple[tuple[str, ...], str]]:
        """The variables of which one at least has to be given, and because of what."""
        return []


Kind = TypeVar("Kind", bound=Settings)


def read_settings(environment: Mapping[str, str], kind: type[Kind], *, needed: Collection[str] | None = None) -> Kind:
    """The settings of this kind that the variables of `environment` give; an empty variable is
    none. Of those that have to be given, only `needed` are missed, where that is not None.

    Raises SettingsError with every mistake.
    """
    given = {name: text.strip() for name, text in environment.items() if text.strip()}
    values, mistakes = variables.parsed(kind, given)
    mistakes += variables.unknown(kind, {name: text for name, text in given.items() if kind.concerns(name)})
    if values.get("env", DEVELOPMENT) != DEVELOPMENT:
        values = {"storage": "supabase", "providers": "real", "log": "json", **values}
    settings = kind(**kind.completed({"home": home_folder(given), **values}))
    mistakes += settings.contradictions()
    # Where a value is wrong already, what would be missing because of it is not known.
    if not mistakes:
        mistakes = [f"{name} is missing; {why} needs it" for name, why in settings.needed()
                    if name not in given and (needed is None or name in needed)]  # fmt: skip
        mistakes += [f"one of {', '.join(names[:-1])} and {names[-1]} is missing; {why} needs one at least"
                     for names, why in settings.needed_any() if needed is None and not set(names) & set(given)]  # fmt: skip
    if mistakes:
        raise SettingsError(mistakes)
    return settings
