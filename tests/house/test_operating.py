"""What docs/operating tells an operator to look for and to type is there: every metric, event,
setting and command.
"""
from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from myjoe import telemetry
from myjoe_cli.cli import _parser
from myjoe_studio.settings import StudioSettings
from myjoe_worker.health.dashboard import metrics
from myjoe_worker.health.monitor import HealthMonitor
from myjoe_worker.settings import WorkerSettings
from tests.house.test_house import ROOT
from tests.myjoe_worker.health.samples import bad_day

FOLDER = ROOT / "docs" / "operating"
# What is typed at night or in order. How the worker and the Studio are set up is told beside them,
# for shells and dashboards of others, too.
SETTING_UP = {"worker.md", "studio.md"}
PAGES = [*sorted(path for path in FOLDER.glob("*.md") if path.name not in SETTING_UP), FOLDER.with_name("guides") / "first-deploy.md"]
RULES: list[dict[str, Any]] = yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"][0]["rules"]
# What Prometheus itself knows in an expression.
WORDS = {"max", "min", "sum", "by", "or", "absent", "increase", "event", "end", "state", "provider", "kind", "operation", "worker"}


def commands(page: Path) -> list[str]:
    """The lines of its blocks, in order."""
    return [line.strip() for block in re.findall(r"^ *```\n(.*?)^ *```$", page.read_text(), re.DOTALL | re.MULTILINE)
            for line in block.splitlines()]  # fmt: skip


def bad_day_of_a_worker() -> tuple[HealthMonitor, dict[str, Any]]:
    """A worker that has met one of each, and the figures of the factory around it."""
    monitor = HealthMonitor(WorkerSettings(), "1.2.3")
    for event, fields in {
        "job.snoozed": {"job": "a", "provider": "openai", "kind": "account", "error": "openai: no"}, "job.completed": {"job": "b"},
        "job.retried": {"job": "c", "kind": "timeout"}, "provider.called": {"provider": "openai", "seconds": 1.0},
    }.items():  # fmt: skip
        monitor(event, fields)
    day = {**bad_day(), "workers": [{"worker": "w", "jobs": 1, "silent_seconds": 1, "free_seconds": 1}]}
    return monitor, day


def told() -> set[str]:
    """The names of all metrics, with each that appears only where there is something to tell."""
    monitor, day = bad_day_of_a_worker()
    text = monitor.metrics() + metrics(day)
    return {sample.name for family in text_string_to_metric_families(text) for sample in family.samples}


def test_every_alert_is_about_metrics_that_are_told() -> None:
    known = told()
    for rule in RULES:
        named = set(re.findall(r"\bmyjoe_\w+", rule["expr"]))
        assert named and named <= known, (rule["alert"], named - known)
        rest = re.sub(r"\"[^\"]*\"|\[\w+\]|\bmyjoe_\w+", "", rule["expr"])
        assert set(re.findall(r"[a-z_]+", rest)) <= WORDS, rule["expr"]


def test_every_alert_has_its_meaning_and_two_commands_and_nothing_else_has() -> None:
    text = (FOLDER / "alerts.md").read_text()
    sections = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE))
    assert list(sections) == [rule["alert"] for rule in RULES]
    for name, section in sections.items():
        meaning, block = section.split("```\n", 1)
        assert len(meaning.split()) >= 15, name
        assert len(block.split("```")[0].splitlines()) == 2, name


def test_labels_that_alerts_choose_by_are_told() -> None:
    monitor = HealthMonitor(WorkerSettings(), "1.2.3")
    samples = {(sample.name, *sample.labels.values()) for family in text_string_to_metric_families(monitor.metrics() + metrics(bad_day()))
               for sample in family.samples}  # fmt: skip
    chosen = [(name, value) for rule in RULES
              for name, values in re.findall(r"(myjoe_\w+)\{\w+=~?\"([^\"]+)\"", rule["expr"]) for value in values.split("|")]  # fmt: skip
    assert len(chosen) >= 5 and set(chosen) <= samples


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_command_can_be_typed(page: Path) -> None:
    others = {"psql", "pg_dump", "pg_restore", "createdb"}
    for line in commands(page):
        words = shlex.split(line)
        if words[0] == "myjoe":
            _parser().parse_args(words[1:])
        else:
            assert words[0] in others, line
    for words in re.findall(r"`myjoe ([^`]+)`", page.read_text()):
        _parser().parse_args(shlex.split(words))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_event_setting_and_function_exists(page: Path) -> None:
    from myjoe_studio import events as _studio  # which declares the Studio's
    from myjoe_worker import events as _worker

    assert _studio and _worker
    text = page.read_text()
    families = {name.partition(".")[0] for name in telemetry.EVENTS}
    named = {name for name in re.findall(r"`([a-z]+\.[a-z_]+)`", text) if name.partition(".")[0] in families}
    assert named <= set(telemetry.EVENTS), named - set(telemetry.EVENTS)
    known = {one.metadata["name"] for kind in (WorkerSettings, StudioSettings) for one in kind.__dataclass_fields__.values()}
    variables = set(re.findall(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b", text))
    assert variables <= known, variables - known
    schema = (ROOT / "supabase" / "schema.sql").read_text()
    for name in re.findall(r"\b((?:private|public)\.\w+)", text):
        assert f" {name}" in schema, name


def test_the_pages_are_listed() -> None:
    listed = set(re.findall(r"\]\(([\w-]+\.(?:md|yml))\)", (FOLDER / "README.md").read_text()))  # of its own folder
    assert listed == {path.name for path in FOLDER.iterdir()} - {"README.md"}
