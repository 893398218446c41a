"""WorkerSettings: every variable does something, every mistake is named at once, and no secret
shows itself.
"""
from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import pytest

from myjoe.errors import SettingsError
from myjoe.settings.variables import Secret
from myjoe_worker.settings import KEYS, WorkerSettings, read_settings
from myjoe_worker.worker import DUE_PAUSE_SECONDS

# A value other than the default for every variable there is, and what it is read as.
OTHERS: dict[str, tuple[str, object]] = {
    "MYJOE_ENV": ("staging", "staging"),
    "MYJOE_HOME": ("/srv/joe", Path("/srv/joe")),
    "DATABASE_URL": ("postgresql://joe:pw@db:6543/postgres", Secret("postgresql://joe:pw@db:6543/postgres")),
    "LISTEN_URL": ("host=db port=5432 user=joe password=pw", Secret("host=db port=5432 user=joe password=pw")),
    "MYJOE_QUEUE": ("pgmq", "pgmq"),
    "MYJOE_WORKER_NAME": ("w1", "w1"),
    "MYJOE_CONCURRENCY": ("8", 8),
    "MYJOE_CONCURRENCY_PER_USER": ("3", 3),
    "MYJOE_CONCURRENCY_PER_PROVIDER": ("replicate=4, recraft=2", {"replicate": 4, "recraft": 2}),
    "MYJOE_LEASE_SECONDS": ("60", 60.0),
    "MYJOE_HEARTBEAT_SECONDS": ("0.5", 0.5),
    "MYJOE_POLL_SECONDS": ("5", 5.0),
    "MYJOE_GRACE_SECONDS": ("100", 100.0),
    "MYJOE_STORAGE": ("s3", "s3"),
    "MYJOE_STORAGE_FOLDER": ("/srv/pages", Path("/srv/pages")),
    "MYJOE_BUCKET": ("books", "books"),
    "SUPABASE_URL": ("https://abc.supabase.co/", "https://abc.supabase.co"),
    "SUPABASE_SECRET_KEY": ("sb_secret_1", Secret("sb_secret_1")),
    "S3_ENDPOINT_URL": ("https://s3.example.com", "https://s3.example.com"),
    "S3_REGION": ("eu-central-1", "eu-central-1"),
    "S3_ACCESS_KEY_ID": ("key", Secret("key")),
    "S3_SECRET_ACCESS_KEY": ("hush", Secret("hush")),
    "MYJOE_PROVIDERS": ("real", "real"),
    "OPENAI_API_KEY": ("sk-1", Secret("sk-1")),
    "OPENAI_BASE_URL": ("https://openai.example.com", "https://openai.example.com"),
    "REPLICATE_API_TOKEN": ("r8_1", Secret("r8_1")),
    "REPLICATE_BASE_URL": ("https://replicate.example.com", "https://replicate.example.com"),
    "REPLICATE_UPSCALER_VERSION": ("f121", "f121"),
    "RECRAFT_STYLE": ("Line art", "Line art"),
    "RECRAFT_API_KEY": ("rc", Secret("rc")),
    "RECRAFT_BASE_URL": ("https://recraft.example.com", "https://recraft.example.com"),
    "MYJOE_HEALTH_ADDRESS": ("0.0.0.0:8080", ("0.0.0.0", 8080)),
    "STRIPE_SECRET_KEY": ("rk_test_1", Secret("rk_test_1")),
    "STRIPE_BASE_URL": ("https://stripe.example.com", "https://stripe.example.com"),
    "SENTRY_DSN": ("https://a@sentry.example.com/1", Secret("https://a@sentry.example.com/1")),
    "MYJOE_LOG": ("json", "json"),
}
ALL = {name: text for name, (text, _) in OTHERS.items()}


def mistakes(**environment: str) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        read_settings(environment)
    return caught.value.mistakes


def test_nothing_at_all_is_a_worker_for_development() -> None:
    settings = read_settings({})
    assert (settings.env, settings.providers, settings.storage, settings.health_address) == ("development", "sketch", "folder", None)
    assert not settings.database_url and not settings.listen_url
    assert replace(settings, worker_name="") == replace(WorkerSettings(), worker_name="")


def test_every_variable_is_read() -> None:
    settings = read_settings(ALL)
    defaults = WorkerSettings()
    for one in fields(WorkerSettings):
        text, value = OTHERS[one.metadata["name"]]
        assert getattr(settings, one.name) == value, text
        assert getattr(defaults, one.name) != value, "this proves nothing"


def test_empty_variables_are_none() -> None:
    assert read_settings(dict.fromkeys(ALL, " ")).concurrency == 4


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("MYJOE_ENV", "prod", "MYJOE_ENV has to be development, staging or production, not 'prod'"),
        ("MYJOE_CONCURRENCY", "many", "MYJOE_CONCURRENCY has to be a whole number from 1 to 64, not 'many'"),
        ("MYJOE_CONCURRENCY", "0", "MYJOE_CONCURRENCY has to be a whole number from 1 to 64, not '0'"),
        ("MYJOE_CONCURRENCY", "²", "MYJOE_CONCURRENCY has to be a whole number from 1 to 64, not '²'"),
        ("MYJOE_POLL_SECONDS", "nan", "MYJOE_POLL_SECONDS has to be seconds from 0.1 to 600, not 'nan'"),
        ("MYJOE_GRACE_SECONDS", "-1", "MYJOE_GRACE_SECONDS has to be seconds from 0 to 295, not '-1'"),
        ("MYJOE_CONCURRENCY_PER_PROVIDER", "replicate", "MYJOE_CONCURRENCY_PER_PROVIDER has to be a list such as "
         "replicate=4,recraft=4, not 'replicate'"),
        ("MYJOE_HEALTH_ADDRESS", "everywhere", "MYJOE_HEALTH_ADDRESS has to be host:port, such as 127.0.0.1:8080, not 'everywhere'"),
        ("SUPABASE_URL", "abc.supabase.co", "SUPABASE_URL has to be an address that begins with https://"),
        ("SUPABASE_URL", "https://", "SUPABASE_URL has to be an address that begins with https://"),
        ("MYJOE_CONCURENCY", "4", "MYJOE_CONCURENCY is no setting; perhaps MYJOE_CONCURRENCY is meant"),
        ("MYJOE_HEARTBEAT_SECONDS", "120", "MYJOE_HEARTBEAT_SECONDS (120) has to be a third of MYJOE_LEASE_SECONDS (90) at most"),
        ("MYJOE_STORAGE", "s3", "S3_SECRET_ACCESS_KEY is missing; MYJOE_STORAGE=s3 needs it"),
    ],
)  # fmt: skip
def test_a_mistake_is_a_sentence(name: str, text: str, sentence: str) -> None:
    assert sentence in mistakes(**{name: text})


def test_a_dead_worker_s_pages_run_again_within_100_seconds_by_default() -> None:
    # A lease that ran out is noticed by whoever is idle (`next_due`), at once.
    assert WorkerSettings().lease_seconds + DUE_PAUSE_SECONDS <= 100 - 5
    assert WorkerSettings().heartbeat_seconds * 3 < WorkerSettings().lease_seconds


def test_all_mistakes_are_named_at_once() -> None:
    found = mistakes(MYJOE_ENV="prod", MYJOE_CONCURRENCY="many", MYJOE_LOGS="json", MYJOE_LEASE_SECONDS="0", DATABASE_URL="nonsense")
    assert len(found) == 5
    assert [sentence.split()[0] for sentence in found] == [
        "MYJOE_ENV", "DATABASE_URL", "MYJOE_CONCURRENCY", "MYJOE_LEASE_SECONDS", "MYJOE_LOGS"
    ]  # fmt: skip


def test_a_connection_string_is_not_quoted_back() -> None:
    [sentence] = mistakes(DATABASE_URL="postgresql://joe:hunter2@db:port/postgres?x")
    assert "hunter2" not in sentence and sentence.startswith("DATABASE_URL has to be a PostgreSQL connection string")


@pytest.mark.parametrize("env", ["staging", "production"])
def test_away_from_development_nothing_is_a_stand_in(env: str) -> None:
    missing = mistakes(MYJOE_ENV=env)
    assert [sentence.split()[0] for sentence in missing] == [
        "DATABASE_URL", "SUPABASE_URL", "SUPABASE_SECRET_KEY", "one"
    ]
    assert missing[-1] == (
        "one of OPENAI_API_KEY, REPLICATE_API_TOKEN and RECRAFT_API_KEY is missing; MYJOE_PROVIDERS=real needs one at least"
    )
    settled = {"DATABASE_URL": "postgresql://db/x", "SUPABASE_URL": "https://a.supabase.co", "SUPABASE_SECRET_KEY": "s", "MYJOE_ENV": env}
    for key in KEYS.values():
        assert len(read_settings({**settled, key: "k"}).given_keys()) == 1, "one alone will do"
    assert "MYJOE_PROVIDERS=sketch draws for demo and tests; staging and production take the real ones" in mistakes(
        MYJOE_ENV=env, MYJOE_PROVIDERS="sketch"
    )
    assert "MYJOE_STORAGE_FOLDER is missing; MYJOE_STORAGE=folder with MYJOE_ENV=" + env + " needs it" in mistakes(
        MYJOE_ENV=env, MYJOE_STORAGE="folder"
    )
    assert "OPENAI_BASE_URL has to begin with https:// outside development" in mistakes(MYJOE_ENV=env, OPENAI_BASE_URL="http://localhost:1")


def test_secrets_do_not_show_themselves() -> None:
    settings = read_settings(ALL)
    hidden = {text for name, (text, value) in OTHERS.items() if isinstance(value, Secret)}
    assert set(settings.secrets()) == hidden
    written = f"{settings} {settings!r} {settings.database_url} {settings.openai_api_key!r}"
    assert [text for text in hidden if len(text) > 3 and text in written] == []


def test_listening_takes_the_database_unless_it_has_an_address_of_its_own() -> None:
    url, direct = "postgresql://db:6543/postgres", "postgresql://db:5432/postgres"
    assert read_settings({"DATABASE_URL": url}).listen_url == Secret(url)
    assert read_settings({"DATABASE_URL": url, "LISTEN_URL": direct}).listen_url == Secret(direct)
    assert read_settings({}).with_database(url).listen_url == Secret(url)
    assert read_settings({"DATABASE_URL": "postgresql://old/x"}).with_database(url).listen_url == Secret(url)
    assert read_settings({"LISTEN_URL": direct}).with_database(url).listen_url == Secret(direct)
