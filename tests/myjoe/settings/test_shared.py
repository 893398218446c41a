"""What every process is told, by itself and as a process with settings of its own reads it."""
from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

import pytest

from myjoe.errors import SettingsError
from myjoe.settings import variables
from myjoe.settings.shared import Settings, home_folder, read_settings
from myjoe.settings.variables import Secret, variable


@dataclass(frozen=True)
class WebSettings(Settings):
    """A process with a field of its own, and a rule for it."""

    port: int = variable("MYJOE_PORT", variables.count(1, 65535), 8000, "where it listens")

    def needed(self) -> list[tuple[str, str]]:
        """One more outside of development."""
        return [*super().needed(), *([("MYJOE_PORT", "a web server")] if self.env != "development" else [])]


REAL = {
    "MYJOE_ENV": "production", "DATABASE_URL": "postgresql://db/x", "SUPABASE_URL": "https://abc.supabase.co",
    "SUPABASE_SECRET_KEY": "sb_secret_1", "OPENAI_API_KEY": "sk-1",
}  # fmt: skip


def mistakes(environment: dict[str, str], kind: type[Settings] = Settings) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        read_settings(environment, kind)
    return caught.value.mistakes


def test_nothing_at_all_is_development_with_stand_ins() -> None:
    settings = read_settings({}, Settings)
    assert settings == Settings()
    assert (settings.env, settings.storage, settings.providers, settings.log) == ("development", "folder", "sketch", "text")
    assert settings.storage_folder == settings.home / "pages" and settings.secrets() == []


def test_away_from_development_the_defaults_are_the_real_things() -> None:
    settings = read_settings(REAL, Settings)
    assert (settings.storage, settings.providers, settings.log) == ("supabase", "real", "json")
    assert set(settings.secrets()) == {"postgresql://db/x", "sb_secret_1", "sk-1"}
    assert read_settings({**REAL, "MYJOE_LOG": "text"}, Settings).log == "text"


@pytest.mark.parametrize("name", sorted(set(REAL) - {"MYJOE_ENV"}))
def test_each_thing_that_is_missing_is_named_with_what_needs_it(name: str) -> None:
    [sentence] = mistakes({key: value for key, value in REAL.items() if key != name})
    assert sentence.startswith(f"{name} is missing; MYJOE_") and sentence.endswith(" needs it")


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"MYJOE_PROVIDERS": "sketch"}, "MYJOE_PROVIDERS=sketch draws for demo and tests; staging and production take the real ones"),
        ({"OPENAI_BASE_URL": "http://127.0.0.1:1"}, "OPENAI_BASE_URL has to begin with https:// outside development"),
        ({"SUPABASE_URL": "http://127.0.0.1:1"}, "SUPABASE_URL has to begin with https:// outside development"),
        ({"MYJOE_STORAGE": "s3"}, "S3_ACCESS_KEY_ID is missing; MYJOE_STORAGE=s3 needs it"),
        ({"MYJOE_STORAGE": "folder"}, "MYJOE_STORAGE_FOLDER is missing; MYJOE_STORAGE=folder with MYJOE_ENV=production needs it"),
    ],
)  # fmt: skip
def test_what_cannot_be_in_production_is_a_sentence(given: dict[str, str], sentence: str) -> None:
    assert sentence in mistakes({**REAL, **given})


def test_a_process_adds_its_fields_its_defaults_and_its_rules() -> None:
    assert read_settings({}, WebSettings).port == 8000
    assert read_settings({"MYJOE_PORT": "80"}, WebSettings).port == 80
    assert mistakes({**REAL}, WebSettings) == ("MYJOE_PORT is missing; a web server needs it",)
    assert mistakes({"MYJOE_PORT": "80"}) == ("MYJOE_PORT is no setting; perhaps MYJOE_LOG is meant",), "of another process"
    assert mistakes({"MYJOE_PORT": "0", "MYJOE_LOG": "xml"}, WebSettings) == (
        "MYJOE_LOG has to be json or text, not 'xml'", "MYJOE_PORT has to be a whole number from 1 to 65535, not '0'",
    )  # fmt: skip


def test_another_database_is_another_settings_and_nothing_else() -> None:
    settings = read_settings({"MYJOE_PORT": "80", "DATABASE_URL": "postgresql://old/x"}, WebSettings)
    other = settings.with_database("postgresql://new/x")
    assert type(other) is WebSettings and other.database_url == Secret("postgresql://new/x")
    assert {one.name for one in fields(settings) if getattr(settings, one.name) != getattr(other, one.name)} == {"database_url"}


def test_every_field_says_what_it_is_called_and_what_it_means() -> None:
    names = [one.metadata["name"] for one in fields(Settings)]
    assert len(set(names)) == len(names) and all(name.isupper() for name in names)
    assert all(one.metadata["text"] for one in fields(Settings))


def test_home_is_where_pages_and_database_go(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_settings({"MYJOE_HOME": "/srv/joe"}, Settings).storage_folder == Path("/srv/joe/pages")
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert home_folder({"XDG_DATA_HOME": "/data"}) == Path("/data/myjoe")
    assert home_folder({"MYJOE_HOME": " /a b \t"}) == Path("/a b") == read_settings({"MYJOE_HOME": " /a b \t"}, Settings).home
    assert home_folder({}) == Path.home() / ".local/share/myjoe"
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert home_folder({"XDG_DATA_HOME": "/data"}) == Path("/var/lib/myjoe")
