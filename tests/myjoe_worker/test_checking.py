"""`check`: each part of a worker looked at by itself, and what will not do named in a sentence."""
from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from myjoe_worker import checking
from myjoe_worker.checking import FAIL, NOTE, OK, Finding, check
from myjoe_worker.settings import read_settings
from tests.database.support import Database, drop_database, make_database
from tests.support.peers import OpenAIPeer, RecraftPeer, ReplicatePeer


@pytest.fixture
def there(newest: Database) -> Database:
    return newest


@pytest.fixture
def told(there: Database, tmp_path: Path) -> dict[str, str]:
    """The environment of a worker that has everything."""
    return {"DATABASE_URL": there.server.url(there.name), "MYJOE_HOME": str(tmp_path)}


def findings(told: dict[str, str]) -> dict[str, Finding]:
    async def looking() -> list[Finding]:
        return [finding async for finding in check(read_settings(told))]

    found = asyncio.run(looking())
    assert len({finding.what for finding in found}) == len(found)
    return {finding.what: finding for finding in found}


def failures(found: dict[str, Finding]) -> dict[str, str]:
    return {what: finding.sentence for what, finding in found.items() if finding.verdict == FAIL}


def test_all_is_well_and_nothing_is_left_behind(there: Database, told: dict[str, str], tmp_path: Path) -> None:
    before = there.one("select count(*) from pg_stat_user_tables where n_tup_ins + n_tup_upd + n_tup_del > 0")
    found = findings(told)
    assert {finding.verdict for finding in found.values()} == {OK}
    assert list(found) == [
        "database", "migrations", "environment", "rights", "queue", "routes", "listen", "storage", "images", "providers", "health",
        "sentry",
    ]  # fmt: skip
    assert "2550 × 3300 px finished and proved" in found["images"].sentence
    assert there.one("select count(*) from pg_stat_user_tables where n_tup_ins + n_tup_upd + n_tup_del > 0") == before
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_without_a_database_the_rest_is_looked_at(told: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "PATIENCE_SECONDS", 0.5)
    told["DATABASE_URL"] = "postgresql://joe:hunter2@127.0.0.1:1/x"
    found = findings(told)
    assert set(failures(found)) == {"database"} and "hunter2" not in str(found)
    assert "migrations" not in found and found["listen"].verdict == NOTE and found["storage"].verdict == OK


def test_what_will_not_do_is_named(there: Database, told: dict[str, str], tmp_path: Path) -> None:
    there.run("select private.mark_environment('production')")
    applied = "supabase_migrations.schema_migrations"
    there.run(f"delete from {applied} where version = (select max(version) from {applied})")
    (tmp_path / "file").write_text("")
    told |= {"MYJOE_STORAGE_FOLDER": str(tmp_path / "file" / "pages"), "MYJOE_QUEUE": "pgmq", "MYJOE_HEALTH_ADDRESS": "203.0.113.1:80"}
    failed = failures(findings(told))
    assert set(failed) == {"migrations", "environment", "queue", "storage", "health"}
    assert failed["environment"] == "MYJOE_ENV is development, but the database is marked as production"
    assert "run `myjoe db migrate`" in failed["migrations"] and "MYJOE_QUEUE=table" in failed["queue"]


def test_migrations_of_a_newer_version_are_a_note(there: Database, told: dict[str, str]) -> None:
    there.run("insert into supabase_migrations.schema_migrations (version, name, statements) values ('20990101000000', 'later', '{}')")
    finding = findings(told)["migrations"]
    assert finding.verdict == NOTE and "1 of a newer version" in finding.sentence


def test_through_a_pooler_notifications_do_not_arrive_and_polling_serves(
    there: Database, told: dict[str, str], pooler: Callable[[Database], str]
) -> None:
    told["DATABASE_URL"] = pooler(there)
    found = findings(told)
    assert failures(found) == {} and found["listen"].verdict == NOTE and "polling every" in found["listen"].sentence


def test_what_waits_in_the_queue_is_counted(there: Database, told: dict[str, str]) -> None:
    there.enqueue(there.user(), 3)
    there.claim(1)
    assert findings(told)["queue"].sentence in ("table; 2 waiting, 1 in progress", "table; 1 in progress, 2 waiting")


@pytest.mark.parametrize("key", ["", "right"])
def test_with_real_providers_each_is_asked(told: dict[str, str], key: str) -> None:
    with OpenAIPeer() as openai, ReplicatePeer() as replicate, RecraftPeer() as recraft:
        for name, peer, variable in (
            ("OPENAI", openai, "OPENAI_API_KEY"), ("REPLICATE", replicate, "REPLICATE_API_TOKEN"), ("RECRAFT", recraft, "RECRAFT_API_KEY")
        ):  # fmt: skip
            told |= {variable: peer.key if key else "wrong", f"{name}_BASE_URL": peer.url}
        found = findings({**told, "MYJOE_PROVIDERS": "real"})
        assert found["routes"].verdict == OK
        if key:
            assert {found[name].verdict for name in ("openai", "replicate", "recraft")} <= {OK, NOTE}, found
        else:
            assert {"openai", "replicate"} <= set(failures(found))
        assert not openai.billed and not replicate.billed and not recraft.billed


@pytest.mark.parametrize(("variable", "off"), [
    ("RECRAFT_API_KEY", "brain (no OPENAI_API_KEY), fix_upscale (no OPENAI_API_KEY), raster (no REPLICATE_API_TOKEN), "
                        "vector (no OPENAI_API_KEY)"),
    ("OPENAI_API_KEY", "fix_upscale (no RECRAFT_API_KEY), raster (no REPLICATE_API_TOKEN), vector (no RECRAFT_API_KEY)"),
])  # fmt: skip
def test_one_key_alone_will_do_and_what_is_not_done_is_noted(told: dict[str, str], variable: str, off: str) -> None:
    with OpenAIPeer() as openai, RecraftPeer() as recraft:
        told |= {"OPENAI_BASE_URL": openai.url, "RECRAFT_BASE_URL": recraft.url, variable: recraft.key, "MYJOE_PROVIDERS": "real"}
        found = findings(told)
    assert failures(found) == {}
    assert found["routes"] == Finding("routes", NOTE, f"not done here: {off}; what no worker does is switched off")
    assert found["replicate"] == Finding("replicate", NOTE, "absent: REPLICATE_API_TOKEN is not given")


def test_a_database_that_was_never_migrated_is_said_to_be_that_and_nothing_else_is_claimed(there: Database, told: dict[str, str]) -> None:
    make_database(there.server, "raw")
    try:
        found = findings({**told, "DATABASE_URL": there.server.url("raw", "supabase_admin")})
    finally:
        drop_database(there.server, "raw")
    assert set(failures(found)) == {"migrations"} and not {"rights", "queue", "routes", "environment"} & set(found)
    assert found["migrations"].sentence.endswith("run `myjoe db migrate`")


def test_what_takes_long_is_said_meanwhile(told: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "WORD_SECONDS", 0.01)
    said: list[tuple[str, float]] = []

    async def looking() -> None:
        async for finding in check(read_settings(told), lambda what, seconds: said.append((what, seconds))):
            assert said[-1][0] == finding.what

    asyncio.run(looking())
    assert [what for what, seconds in said if seconds == 0.0][:3] == ["database", "migrations", "environment"]
    assert any(what == "images" and seconds > 0 for what, seconds in said)


def test_a_route_to_somebody_who_is_not_here_or_has_no_price_is_named(there: Database, told: dict[str, str]) -> None:
    told |= {"MYJOE_PROVIDERS": "real", **dict.fromkeys(("OPENAI_API_KEY", "REPLICATE_API_TOKEN", "RECRAFT_API_KEY"), "k")}
    told |= {f"{name}_BASE_URL": "http://127.0.0.1:1/v1" for name in ("OPENAI", "REPLICATE", "RECRAFT")}
    there.run("update public.operation_steps set provider = 'midjourney' where operation = 'raster' and step = 'raster'")
    assert failures(findings(told))["routes"] == "nobody here does the step raster of raster as midjourney"


def test_a_login_without_rights_is_told_which_role_it_needs(there: Database, told: dict[str, str]) -> None:
    there.run("create role helpless login")
    there.run("grant usage on schema private, supabase_migrations to helpless")
    there.run("grant select on supabase_migrations.schema_migrations to helpless")
    try:
        told["DATABASE_URL"] = there.server.url(there.name, "helpless")
        assert "service_role" in failures(findings(told))["rights"]
    finally:
        there.run("drop owned by helpless")
        there.run("drop role helpless")
