"""Settings: names of the environment → one checked `Settings`. Every mistake is named at once,
before the first job is taken.

The fields below are the only list there is: the variables' names, what they may be, their defaults
and what they mean; docs/worker.md is made from it. Secrets are wrapped, so that no log line and no
traceback shows one by accident.
"""
from __future__ import annotations

import difflib
import os
import secrets
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from psycopg.conninfo import conninfo_to_dict

from myjoe.errors import SettingsError

DEVELOPMENT, STAGING, PRODUCTION = "development", "staging", "production"
# Two heartbeats may be missed before two thirds of the lease are over and the worker has to stop
# its own jobs.
HEARTBEATS_PER_LEASE_MIN = 3


class Secret:
    """A text that shows itself only to those who call `reveal`. An empty one is false: it was not
    given.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str = "") -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself."""
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return "Secret('…')" if self._text else "Secret('')"


# ── what a variable may be ────────────────────────────────────────────────────────────────────────
# Each takes the text and returns the value, or raises ValueError with what it has to be, as the end
# of the sentence "NAME has to be …".


def _text(text: str) -> str:
    return text


def _secret(text: str) -> Secret:
    return Secret(text)


def _one_of(*words: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in words:
            raise ValueError(f"{', '.join(words[:-1])} or {words[-1]}, not {text!r}")
        return text

    return parse


def _count(least: int, most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
            raise ValueError(f"a whole number from {least} to {most}, not {text!r}")
        return int(text)

    return parse


def _seconds(least: float, most: float) -> Callable[[str], float]:
    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not least <= value <= most:  # false for what is no number, too
            raise ValueError(f"seconds from {least:g} to {most:g}, not {text!r}")
        return value

    return parse


def _database(text: str) -> Secret:
    # libpq's own message would quote the string, password and all.
    try:
        conninfo_to_dict(text)
    except Exception as error:
        raise ValueError("a PostgreSQL connection string, such as postgresql://user:password@host:5432/postgres") from error
    return Secret(text)


def _address(text: str) -> str:
    if not text.startswith(("https://", "http://")) or len(text.split("/")) < 3 or not text.split("/")[2]:
        raise ValueError("an address that begins with https://")
    return text.rstrip("/")


def _folder(text: str) -> Path:
    return Path(text).expanduser().absolute()


def _endpoint(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not (port.isascii() and port.isdigit() and int(port) < 65536):
        raise ValueError(f"host:port, such as 127.0.0.1:8080, not {text!r}")
    return host.strip("[]") or "127.0.0.1", int(port)


def _limits(text: str) -> Mapping[str, int]:
    limits = {}
    for part in text.split(","):
        name, _, count = part.strip().partition("=")
        if not name or not (count.isascii() and count.isdigit() and int(count) > 0):
            raise ValueError(f"a list such as replicate=4,recraft=4, not {text!r}")
        limits[name.strip()] = int(count)
    return limits


def _variable(name: str, parse: Callable[[str], object], default: Any, text: str) -> Any:
    """A field that is read from the variable `name`. A callable default is called; both give the
    value itself, not its text.
    """
    how = {"default_factory": default} if callable(default) else {"default": default}
    return field(**how, metadata={"name": name, "parse": parse, "text": text})


def home_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Where My Joe keeps what it makes on a machine: `$MYJOE_HOME`, the user's data folder, or for
    root /var/lib/myjoe.

    Root's own folders are no place, since the embedded server runs as nobody there and may not
    enter them.
    """
    if home := environment.get("MYJOE_HOME"):
        return Path(home).absolute()
    if os.geteuid() == 0:
        return Path("/var/lib/myjoe")
    return Path(environment.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "myjoe"


def _worker_name() -> str:
    return f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"


# ── the settings ──────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Settings:
    """What the worker was told. `Settings()` are the defaults of development; `read_settings` makes
    them from the environment.
    """

    env: str = _variable(
        "MYJOE_ENV", _one_of(DEVELOPMENT, STAGING, PRODUCTION), DEVELOPMENT,
        "where this worker belongs; it refuses a database that is marked as another's",
    )
    home: Path = _variable(
        "MYJOE_HOME", _folder, home_folder,
        "where the embedded database and, in development, the pages lie",
    )

    database_url: Secret = _variable(
        "DATABASE_URL", _database, Secret(),
        "the database; any pooler will do. In development, none means the embedded server",
    )
    listen_url: Secret = _variable(
        "LISTEN_URL", _database, Secret(),
        "the same database by a direct or session connection, where DATABASE_URL is a transaction pooler; by default DATABASE_URL",
    )
    queue: str = _variable(
        "MYJOE_QUEUE", _one_of("table", "pgmq"), "table",
        "the kind of queue; either kind takes what the other has left",
    )

    worker_name: str = _variable(
        "MYJOE_WORKER_NAME", _text, _worker_name,
        "how leases and log lines name this worker; by default host, pid and chance",
    )
    concurrency: int = _variable(
        "MYJOE_CONCURRENCY", _count(1, 64), 4,
        "jobs at a time; most of a job's time is waiting for providers",
    )
    concurrency_per_user: int = _variable(
        "MYJOE_CONCURRENCY_PER_USER", _count(1, 64), 2,
        "jobs of one user at a time, over all workers",
    )
    concurrency_per_provider: Mapping[str, int] = _variable(
        "MYJOE_CONCURRENCY_PER_PROVIDER", _limits, dict,
        "calls at a time, such as replicate=4,recraft=4; no limit for those not named",
    )
    lease_seconds: float = _variable(
        "MYJOE_LEASE_SECONDS", _seconds(1, 3600), 300.0,
        "how long a job stays a worker's without a heartbeat; less finds dead workers sooner, more bears longer outages",
    )
    heartbeat_seconds: float = _variable(
        "MYJOE_HEARTBEAT_SECONDS", _seconds(0.1, 600), 15.0,
        "how often leases are renewed; a third of the lease at most",
    )
    poll_seconds: float = _variable(
        "MYJOE_POLL_SECONDS", _seconds(0.1, 600), 30.0,
        "how often an idle worker looks for jobs of which nobody told it",
    )
    grace_seconds: float = _variable(
        "MYJOE_GRACE_SECONDS", _seconds(0, 295), 25.0,
        "after SIGTERM, how long running jobs may take to finish before they are handed back; less than the platform waits",
    )

    storage: str = _variable(
        "MYJOE_STORAGE", _one_of("folder", "supabase", "s3"), "folder",
        "where pages go; outside development supabase by default",
    )
    storage_folder: Path = _variable(
        "MYJOE_STORAGE_FOLDER", _folder, lambda: home_folder() / "pages",
        "the folder, where pages go to one; by default pages in MYJOE_HOME, and outside development none",
    )
    bucket: str = _variable(
        "MYJOE_BUCKET", _text, "pages",
        "the bucket, at Supabase or S3",
    )
    supabase_url: str = _variable("SUPABASE_URL", _address, "", "the project's address, https://….supabase.co")
    supabase_secret_key: Secret = _variable("SUPABASE_SECRET_KEY", _secret, Secret(), "the project's secret key, sb_secret_…")
    s3_endpoint_url: str = _variable("S3_ENDPOINT_URL", _address, "", "the S3 server; none means Amazon's")
    s3_region: str = _variable("S3_REGION", _text, "us-east-1", "the bucket's region")
    s3_access_key_id: Secret = _variable("S3_ACCESS_KEY_ID", _secret, Secret(), "the key's name")
    s3_secret_access_key: Secret = _variable("S3_SECRET_ACCESS_KEY", _secret, Secret(), "the key")

    providers: str = _variable(
        "MYJOE_PROVIDERS", _one_of("real", "sketch"), "sketch",
        "who draws; outside development real by default and always. sketch draws offline, for demo and tests",
    )
    openai_api_key: Secret = _variable("OPENAI_API_KEY", _secret, Secret(), "for planning, judging and moderation")
    openai_base_url: str = _variable("OPENAI_BASE_URL", _address, "https://api.openai.com/v1", "where OpenAI is")
    replicate_api_token: Secret = _variable("REPLICATE_API_TOKEN", _secret, Secret(), "for drawing and enlarging")
    replicate_base_url: str = _variable("REPLICATE_BASE_URL", _address, "https://api.replicate.com/v1", "where Replicate is")
    replicate_upscaler_version: str = _variable(
        "REPLICATE_UPSCALER_VERSION", _text, "",
        "the version of real-esrgan that enlarges at Replicate, 64 hexadecimal digits; needed only where a route names it",
    )
    recraft_api_key: Secret = _variable("RECRAFT_API_KEY", _secret, Secret(), "for drawing in bulk and for vectors")
    recraft_base_url: str = _variable("RECRAFT_BASE_URL", _address, "https://external.api.recraft.ai/v1", "where Recraft is")
    recraft_style: str = _variable(
        "RECRAFT_STYLE", _text, "",
        "the style that Recraft's older models are asked for, as its API spells it at present; none by default",
    )

    health_address: tuple[str, int] | None = _variable(
        "MYJOE_HEALTH_ADDRESS", _endpoint, None,
        "host:port of /health, /metrics and the dashboard, which ask for no password; :port is for this machine only. None by default",
    )
    sentry_dsn: Secret = _variable("SENTRY_DSN", _secret, Secret(), "where crashes are reported; takes the extra `sentry`")
    log: str = _variable(
        "MYJOE_LOG", _one_of("json", "text"), "text",
        "how log lines look; outside development json by default",
    )

    def secrets(self) -> list[str]:
        """All secrets that were given, to be kept out of what is written."""
        values = (getattr(self, one.name) for one in fields(self))
        return [value.reveal() for value in values if isinstance(value, Secret) and value]

    def with_database(self, url: str) -> Settings:
        """The same with the database at `url`, for listening as well unless that has an address of
        its own.
        """
        own = self.listen_url and self.listen_url != self.database_url
        return replace(self, database_url=Secret(url), listen_url=self.listen_url if own else Secret(url))


def read_settings(environment: Mapping[str, str]) -> Settings:
    """The settings that the variables of `environment` give; an empty variable is none. Raises
    SettingsError with every mistake.
    """
    given = {name: text.strip() for name, text in environment.items() if text.strip()}
    values, mistakes = _parsed(given)
    mistakes += _unknown(given)
    away = values.get("env", DEVELOPMENT) != DEVELOPMENT
    if away:
        values = {"storage": "supabase", "providers": "real", "log": "json", **values}
    values = {"home": home_folder(given), **values}
    settings = Settings(**{"storage_folder": values["home"] / "pages", **values})
    settings = replace(settings, listen_url=settings.listen_url or settings.database_url)
    mistakes += _contradictions(settings)
    # Where a value is wrong already, what would be missing because of it is not known.
    mistakes += _missing(settings, away, given) if not mistakes else []
    if mistakes:
        raise SettingsError(mistakes)
    return settings


def check_environment(env: str, marked: str | None) -> None:
    """Staging works on a database marked as staging, production on one marked as production;
    `marked` is what private.environment() says.

    Raises SettingsError. Development also takes an unmarked one.
    """
    if marked is None and env != DEVELOPMENT:
        raise SettingsError([f"the database is marked as nobody's; mark it once with `myjoe db mark {env}`, or set DATABASE_URL right"])
    if marked is not None and marked != env:
        raise SettingsError([f"MYJOE_ENV is {env}, but the database is marked as {marked}"])


def _parsed(given: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    values, mistakes = {}, []
    for one in fields(Settings):
        name, parse = one.metadata["name"], one.metadata["parse"]
        if name in given:
            try:
                values[one.name] = parse(given[name])
            except ValueError as error:
                mistakes.append(f"{name} has to be {error}")
    return values, mistakes


def _unknown(given: Mapping[str, str]) -> list[str]:
    """A misspelt name would be a setting that silently does nothing."""
    known = [one.metadata["name"] for one in fields(Settings)]
    mistakes = []
    for name in sorted(given):
        if name.startswith("MYJOE_") and name not in known:
            near = difflib.get_close_matches(name, known, 1)
            mistakes.append(f"{name} is no setting" + (f"; perhaps {near[0]} is meant" if near else ""))
    return mistakes


def _contradictions(settings: Settings) -> list[str]:
    mistakes = []
    beat, lease = settings.heartbeat_seconds, settings.lease_seconds
    if beat * HEARTBEATS_PER_LEASE_MIN > lease:
        mistakes.append(f"MYJOE_HEARTBEAT_SECONDS ({beat:g}) has to be a third of MYJOE_LEASE_SECONDS ({lease:g}) at most")
    if settings.providers == "sketch" and settings.env != DEVELOPMENT:
        mistakes.append("MYJOE_PROVIDERS=sketch draws for demo and tests; staging and production take the real ones")
    if settings.env != DEVELOPMENT:
        for one in fields(settings):
            value = getattr(settings, one.name)
            if one.metadata["parse"] is _address and value.startswith("http://"):
                mistakes.append(f"{one.metadata['name']} has to begin with https:// outside development")
    return mistakes


def _missing(settings: Settings, away: bool, given: Mapping[str, str]) -> list[str]:
    needed: list[tuple[str, str]] = []
    if away:
        needed.append(("DATABASE_URL", f"MYJOE_ENV={settings.env}"))
    if settings.storage == "supabase":
        needed += [(name, "MYJOE_STORAGE=supabase") for name in ("SUPABASE_URL", "SUPABASE_SECRET_KEY")]
    if settings.storage == "s3":
        needed += [(name, "MYJOE_STORAGE=s3") for name in ("S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY")]
    if settings.storage == "folder" and away:
        needed.append(("MYJOE_STORAGE_FOLDER", f"MYJOE_STORAGE=folder with MYJOE_ENV={settings.env}"))
    if settings.providers == "real":
        needed += [(name, "MYJOE_PROVIDERS=real") for name in ("OPENAI_API_KEY", "REPLICATE_API_TOKEN", "RECRAFT_API_KEY")]
    return [f"{name} is missing; {why} needs it" for name, why in needed if name not in given]
