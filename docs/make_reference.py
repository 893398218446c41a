"""Write the pages of docs/reference that the code says of itself: the command `myjoe`, the
settings, the events, the kinds of failures, the metrics, the addresses, the tables. A test
holds them current.
"""
from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import tables
import wrapping

from myjoe import errors
from myjoe.settings.shared import Settings
from myjoe.telemetry.events import SHARED
from myjoe_studio.events import OWN as STUDIO_S
from myjoe_studio.pages import SUBJECTS
from myjoe_studio.settings import StudioSettings
from myjoe_worker.events import OWN as WORKER_S
from myjoe_worker.settings import WorkerSettings

FOLDER = Path(__file__).with_name("reference")
SCHEMA = Path(__file__).parents[1] / "supabase" / "schema.sql"


def parts() -> Mapping[str, Callable[[], str]]:
    """What is made, by the mark where it stands: the page's name, a dot, and the part's."""
    return {
        "myjoe.commands": commands,
        "settings.shared": lambda: tables.settings(Settings, processes={"worker": WorkerSettings, "Studio": StudioSettings}),
        "settings.worker": lambda: tables.settings(WorkerSettings, Settings),
        "settings.studio": lambda: tables.settings(StudioSettings, Settings),
        "events.shared": lambda: tables.events(SHARED),
        "events.worker": lambda: tables.events(WORKER_S),
        "events.studio": lambda: tables.events(STUDIO_S),
        "addresses.addresses": addresses,
        "errors.kinds": kinds,
        "schema.tables": schema,
        "metrics.metrics": metrics,
    }


def texts() -> dict[Path, str]:
    """The pages: what is written by hand, with the made parts in their places."""
    made: dict[str, dict[str, str]] = {}
    for mark, write in parts().items():
        page, _, part = mark.partition(".")
        made.setdefault(page, {})[part] = write()
    return {path: wrapping.wrapped(tables.filled(path.read_text(encoding="utf-8"), of_page))
            for page, of_page in made.items() for path in [FOLDER / f"{page}.md"]}  # fmt: skip


def commands() -> str:
    """What each command's `--help` says."""
    os.environ["COLUMNS"] = "110"
    from myjoe_cli.cli import _parser  # the parser reads the environment when it is made

    return "\n".join(f"## {one.prog}\n\n```\n{one.format_help().rstrip()}\n```\n" for one in _leaves(_parser()))


def _leaves(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """All commands that do something, in the order of the help."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                deeper = any(isinstance(inner, argparse._SubParsersAction) for inner in command._actions)
                yield from _leaves(command) if deeper else (command,)


def addresses() -> str:
    """Every address of the Studio."""
    rows = ["| address | who | what it does |", "| --- | --- | --- |"]
    for subject in SUBJECTS:
        for page in subject.pages:
            says = " ".join((page.handler.__doc__ or "").split()).replace("|", "\\|")
            rows.append(f"| {page.method} `{page.path}` | {page.who} | {says} |")
    return "\n".join(rows) + "\n"


def kinds() -> str:
    """The kinds under which failures of jobs are counted, and what becomes of a job of each."""
    rows: dict[str, tuple[list[str], list[str]]] = {}
    for error in dict.fromkeys(_below(errors.JobError)):
        fates, words = rows.setdefault(error.kind, ([], []))
        fate = next((fate for base, fate in FATES.items() if issubclass(error, base)), None)
        if fate:
            fates += [fate] if fate not in fates else []
            words.append(" ".join((error.__doc__ or "").partition("\n\n")[0].split()))
    table = [f"| `{kind}` | {'; '.join(fates)} | {' '.join(words)} |" for kind, (fates, words) in sorted(rows.items()) if fates]
    return "\n".join(["| kind | the job | what happened |", "| --- | --- | --- |", *table]) + "\n"


# What becomes of a job, by the type of its error. The first that fits holds.
FATES = {
    errors.OperatorError: "is put off until an operator has acted",
    errors.SnoozeError: "is put off; the attempt does not count",
    errors.RetryableError: "is tried again, while attempts are left",
    errors.PermanentError: "is dead, and refunded",
    errors.LeaseLostError: "is another worker's",
}


def _below(kind: type[errors.JobError]) -> Iterator[type[errors.JobError]]:
    """All types of errors of a job that a job can end in: those below others have a name for it."""
    for one in kind.__subclasses__():
        if one.__module__ == errors.__name__ and one not in FATES:
            yield one
        yield from _below(one)


def metrics() -> str:
    """Every metric of a worker, as one tells them on a bad day."""
    # The tests' own day, on which there is something of each to tell.
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from prometheus_client.parser import text_string_to_metric_families

    from myjoe_worker.health import dashboard
    from tests.house.test_operating import bad_day_of_a_worker

    monitor, day = bad_day_of_a_worker()
    rows = ["| metric | type | what it tells | labels |", "| --- | --- | --- | --- |"]
    for family in text_string_to_metric_families(monitor.metrics() + dashboard.metrics(day)):
        labels = dict.fromkeys(label for sample in family.samples for label in sample.labels)
        name = family.name + "_total" * (family.type == "counter")
        rows.append(f"| `{name}` | {family.type} | {family.documentation} | {', '.join(f'`{label}`' for label in labels)} |")
    return "\n".join(rows) + "\n"


def schema() -> str:
    """Every table with its columns; what the migrations say of each stands above it there."""
    words = _words_of_tables()
    parts = []
    found = re.findall(r"^CREATE (?:UNLOGGED )?TABLE (\w+\.\w+) \(\n(.*?)^\)", SCHEMA.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    # Those that users may read stand first.
    for name, body in sorted(found, key=lambda one: (one[0].startswith("private"), one[0])):
        about, columns = words.get(name, ("", {}))
        rows = ["| column | type | what it is |", "| --- | --- | --- |"]
        for line in body.splitlines():
            column, _, kind = line.strip().rstrip(",").partition(" ")
            if column != "CONSTRAINT":
                told = re.split(r" (?:DEFAULT|GENERATED|NOT NULL|CONSTRAINT)\b", kind)[0] + ("" if " NOT NULL" in kind else ", or null")
                rows.append(f"| `{column}` | {told} | {columns.get(column, '')} |")
        parts.append("\n".join(filter(None, (f"## {name}\n", f"{about}\n" if about else "", *rows))) + "\n")
    return "\n".join(parts)


def _words_of_tables() -> dict[str, tuple[str, dict[str, str]]]:
    """The comments of the migrations: above each table, and above its columns."""
    words: dict[str, tuple[str, dict[str, str]]] = {}
    for path in sorted(SCHEMA.with_name("migrations").glob("*.sql")):
        said: list[str] = []
        table = ""
        for line in path.read_text(encoding="utf-8").splitlines():
            created = re.match(r"create (?:unlogged )?table (?:if not exists )?(\w+\.\w+)", line)
            altered = re.match(r"alter table (\w+\.\w+)", line)
            column = re.match(r"(?:  |alter table \S+ )(?:add column )?([a-z]\w*) [a-z]", line) if table or altered else None
            if line.lstrip().startswith("--"):
                said.append(line.strip().removeprefix("--").strip())
                continue
            if created:
                table = created[1]
                words[table] = (_sentence(said), {})
            elif altered:
                table = altered[1]
            if column and table in words and said and not created:
                words[table][1][column[1]] = _sentence(said)
            if not line.startswith(" ") and ";" in line:
                table = ""
            said = []
    return words


def _sentence(said: list[str]) -> str:
    return " ".join(said).replace("|", "\\|").replace("<", "\\<")


def main() -> None:
    """Write the pages."""
    for path, text in texts().items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
