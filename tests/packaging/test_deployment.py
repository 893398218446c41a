"""What platforms are told: held against each other and against the settings, since no platform is
here to try them on.
"""
from __future__ import annotations

import re
import tomllib
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml

from myjoe_cli.cli import _parser
from myjoe_worker.settings import WorkerSettings, read_settings
from myjoe_worker.worker import HAND_BACK_SECONDS

ROOT = Path(__file__).parents[2]
# Between the last job's handing back and the platform's kill, in seconds: connections are closed,
# and Sentry is flushed.
AIR_SECONDS = 5
SECRETS = {
    "DATABASE_URL": "postgresql://db/x", "SUPABASE_URL": "https://x.supabase.co", "SUPABASE_SECRET_KEY": "k", "OPENAI_API_KEY": "k",
    "REPLICATE_API_TOKEN": "k", "RECRAFT_API_KEY": "k",
}  # fmt: skip


def dockerfile() -> list[tuple[str, str]]:
    """Instructions and what they say, continued lines joined."""
    text = re.sub(r"\\\n", " ", "\n".join(line for line in (ROOT / "Dockerfile").read_text().splitlines() if not line.startswith("#")))
    return [(line.split()[0], line.split(maxsplit=1)[1]) for line in text.splitlines() if line.strip()]


def fly() -> dict[str, Any]:
    return tomllib.loads((ROOT / "fly.toml").read_text())


def render() -> dict[str, Any]:
    [service] = yaml.safe_load((ROOT / "render.yaml").read_text())["services"]
    return dict(service)


def image_environment() -> dict[str, str]:
    words = next(said for what, said in dockerfile() if what == "ENV").split()
    return dict(word.split("=", 1) for word in words)


def is_command(words: str) -> bool:
    program, *rest = words.split()
    _parser().parse_args(rest)  # leaves with code 2 if it is none
    return program == "myjoe"


# ── the image ─────────────────────────────────────────────────────────────────────────────────────


def test_the_image_runs_the_worker_as_nobody_in_particular_and_lets_signals_arrive() -> None:
    said = dict(dockerfile())  # of each instruction the last
    assert said["CMD"] == '["myjoe", "worker", "run"]' and "ENTRYPOINT" not in said and said["STOPSIGNAL"] == "SIGTERM"
    assert int(said["USER"].split(":")[0]) >= 10_000
    final = [what for what, _ in dockerfile()]
    assert final.index("USER") > final.index("COPY") and final.count("FROM") == 2


def test_the_second_stage_brings_no_compiler_no_numba_and_no_database() -> None:
    stages = re.split(r"^FROM ", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)[1:]
    assert "COPY --from=build /app /app" in stages[1] and "pip" not in stages[1] and "apt" not in stages[1]
    project = tomllib.loads((ROOT / "distributions" / "myjoe" / "pyproject.toml").read_text())["project"]
    [asked] = re.findall(r"/wheels/myjoe-\*\.whl\)\[(.+?)\]", stages[0])
    extras = [requirement for extra in asked.split(",") for requirement in project["optional-dependencies"][extra]]
    installed = " ".join([*project["dependencies"], *extras])
    assert all(name in installed for name in ("linefinish==", "psycopg", "resvg-py")) and not re.search("numba|pgserver", installed)


def test_the_build_gets_what_the_wheel_is_made_of_and_nothing_else() -> None:
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    assert lines[0] == "*"
    let_in = {line[1:] for line in lines if line.startswith("!")}
    copied = {word for what, said in dockerfile() if what == "COPY" and "--from" not in said for word in said.split()[:-1]}
    assert copied == let_in and all((ROOT / name).exists() for name in let_in)
    assert any(fnmatch("src/linefinish/kernels/kernels-x86-64-v3.bin", line) for line in lines[1:] if not line.startswith("!"))


def test_the_image_s_environment_is_one_that_settings_take() -> None:
    settings = read_settings({**{name: value for name, value in image_environment().items() if name.startswith("MYJOE_")}, **SECRETS})
    assert (settings.env, settings.health_address) == ("production", ("0.0.0.0", 8080))


# ── the platforms ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("grace", "patience", "most"),
    [
        (fly()["env"]["MYJOE_GRACE_SECONDS"], fly()["kill_timeout"], 300),
        ({row["key"]: row.get("value") for row in render()["envVars"]}["MYJOE_GRACE_SECONDS"], render()["maxShutdownDelaySeconds"], 300),
    ],
    ids=["fly", "render"],
)
def test_the_grace_fits_into_the_platform_s_patience(grace: str, patience: int, most: int) -> None:
    assert float(grace) + HAND_BACK_SECONDS + AIR_SECONDS <= patience <= most


def test_docs_tell_railway_a_patience_that_fits() -> None:
    [patience] = re.findall(r"RAILWAY_DEPLOYMENT_DRAINING_SECONDS=(\d+)", (ROOT / "docs" / "operating" / "worker.md").read_text())
    assert WorkerSettings().grace_seconds + HAND_BACK_SECONDS + AIR_SECONDS <= int(patience)


def test_fly_stops_by_sigterm_checks_what_is_served_and_never_sleeps() -> None:
    told = fly()
    assert told["kill_signal"] == "SIGTERM" and "http_service" not in told and "services" not in told
    assert is_command(told["processes"]["worker"]) and is_command(told["deploy"]["release_command"])
    settings = read_settings({**told["env"], **SECRETS})
    assert settings.health_address is not None
    check = told["checks"]["live"]
    assert (check["port"], check["path"]) == (settings.health_address[1], "/health/live") == (told["metrics"]["port"], check["path"])


def test_render_runs_a_worker_with_every_secret_asked_for() -> None:
    told = render()
    assert told["type"] == "worker" and told["runtime"] == "docker" and (ROOT / told["dockerfilePath"]).exists()
    assert is_command(told["preDeployCommand"])
    asked = {row["key"] for row in told["envVars"] if row.get("sync") is False}
    assert asked == set(SECRETS)
    read_settings({**{row["key"]: row["value"] for row in told["envVars"] if "value" in row}, **SECRETS})


def test_the_procfile_names_commands_that_exist() -> None:
    lines = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
    assert set(lines) == {"release", "worker"} and all(is_command(words) for words in lines.values())
