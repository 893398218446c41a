"""The dashboard as HTML: one page for a phone as for a screen, light or dark, without a script."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from myjoe.formatting import span
from myjoe_worker.health.monitor import needs_you

RELOAD_SECONDS = 10

# A transaction that is open for longer than this, in seconds, is worth a word: from some minutes on
# the queue's dead rows pile up.
SNAPSHOT_SECONDS_MAX = 3600
# Jobs that wait for longer than this, in seconds, while nobody works, are not just about to be
# taken.
WAITING_SECONDS_MAX = 60

# A worker that holds jobs is heard of with every heartbeat, four times a minute by default. Of one
# that is silent for longer than this, in seconds, something is to be said.
SILENT_SECONDS_MAX = 45

LABELS = {"waiting": "waiting", "in_progress": "running", "postponed": "postponed", "completed": "completed", "failed": "failed"}
STYLE = (Path(__file__).parent / "style.css").read_text()


def html(values: Mapping[str, Any] | None, age_seconds: float, trouble: str, health: Mapping[str, Any]) -> str:
    """The page; `values` are the database's figures, so many seconds old, and `trouble` is why
    there are no newer ones.
    """
    body = _nothing() if values is None else (
        _cards(values) + _throughput(values["hours"])
        + f'<div class="two">{_costs(values["costs"])}{_failures(values["failures"])}{_workers(values["workers"])}{_worker(health)}</div>'
    )  # fmt: skip
    age = "" if values is None else f"as of {span(age_seconds)} ago"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><meta http-equiv="refresh" content="{RELOAD_SECONDS}">'
        f'<title>My Joe · {escape(health["env"])}</title><style>{STYLE}</style></head><body>'
        f'<header><h1>My Joe</h1><span class="soft">{escape(health["env"])}</span>{_pill(health, values)}'
        f'<span class="soft">{age}</span></header>'
        f"{_notes(values, trouble, health)}{body}</body></html>\n"
    )


def dollars(micro_usd: float) -> str:
    """Micro-USD as dollars; cents, and what is less than one to a hundredth of a cent."""
    value = micro_usd / 1e6
    return f"${value:,.2f}" if abs(value) >= 1 or value == 0 else f"${value:.4f}"


def _pill(health: Mapping[str, Any], values: Mapping[str, Any] | None) -> str:
    if health["ready"]:
        if health["needs_operator"] or (values is not None and values["needs_operator"]):
            return '<span class="pill bad">needs you</span>'
        return '<span class="pill warn">polling only</span>' if health["degraded"] else '<span class="pill good">healthy</span>'
    return '<span class="pill bad">not ready</span>'


def _notes(values: Mapping[str, Any] | None, trouble: str, health: Mapping[str, Any]) -> str:
    notes = [("bad", text) for text in health["troubles"]] + [("bad", needs_you(one)) for one in needed(values, health)]
    notes += [("warn", text) for text in health["degraded"][len(health["needs_operator"]):]]
    if trouble:
        notes.append(("bad", trouble))
    if values is not None:
        queue = values["queue"]
        notes += [("bad", f"{row['operation']} is switched off") for row in values["costs"] if row["switched_off"]]
        if values["snapshot_seconds"] > SNAPSHOT_SECONDS_MAX:
            notes.append(("warn", f"a transaction has been open for {span(values['snapshot_seconds'])}, and holds back vacuum"))
        for row in values["workers"]:
            if row["silent_seconds"] > SILENT_SECONDS_MAX:
                notes.append(("warn", f"nothing was heard of {row['worker']} for {span(row['silent_seconds'])}: {_held(row)}"))
        if values["users_at_limit"] and any(row["silent_seconds"] > SILENT_SECONDS_MAX for row in values["workers"]):
            notes.append(("warn", "pages wait at their user's limit, behind jobs of a worker that is silent"))
        if not values["workers"] and queue.get("waiting", {}).get("oldest_seconds", 0) > WAITING_SECONDS_MAX:
            notes.append(("bad", "jobs are waiting, and no worker takes them"))
    return f'<ul class="notes">{"".join(f"<li class={level}>{escape(text)}</li>" for level, text in notes)}</ul>' if notes else ""


def needed(values: Mapping[str, Any] | None, health: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What an operator is needed for: as this worker knows it, and what the database tells of
    beside.
    """
    known = {(one["provider"], one["kind"]) for one in health["needs_operator"]}
    others = [] if values is None else [row for row in values["needs_operator"] if (row["provider"], row["kind"]) not in known]
    return [*health["needs_operator"], *others]


def _held(row: Mapping[str, Any]) -> str:
    jobs = "its job runs" if row["jobs"] == 1 else f"its {row['jobs']} jobs run"
    if row["free_seconds"] <= 0:
        return f"{jobs} again as soon as a worker has room"
    return f"{jobs} again in {span(row['free_seconds'])}, or at once by `myjoe release {row['worker']}`"


def _nothing() -> str:
    return '<section class="wide"><p class="soft">The database has not answered yet; there is nothing to show.</p></section>'


def _cards(values: Mapping[str, Any]) -> str:
    queue = values["queue"]

    def card(figure: str, label: str, under: str = "", level: str = "") -> str:
        return f'<div><b class="{level}">{figure}</b>{label}<div class="soft">{under or "&nbsp;"}</div></div>'

    def state(name: str, under: str = "", level: str = "") -> str:
        jobs = queue.get(name, {}).get("jobs", 0)
        return card(f"{jobs:,}", LABELS[name], under, level if jobs else "")

    oldest = {name: f"oldest {span(queue[name]['oldest_seconds'])}" for name in ("waiting", "in_progress") if name in queue}
    return '<div class="cards">' + "".join([
        state("waiting", oldest.get("waiting", "")), state("in_progress", oldest.get("in_progress", "")), state("postponed"),
        state("completed", f"{values['hours'][-1]['completed']:,} in the last hour"), state("failed", "in 24 h", "bad"),
        card(dollars(values["spent_micro_usd"]), "spent", "in 24 h"),
    ]) + "</div>"  # fmt: skip


def _throughput(hours: Sequence[Mapping[str, int]]) -> str:
    most = max([hour["completed"] + hour["failed"] for hour in hours] + [1])
    bars = []
    for k, hour in enumerate(hours):
        done, dead = (100 * hour[what] / most for what in ("completed", "failed"))
        ago = "the last hour" if k == 23 else f"{24 - k} to {23 - k} h ago"
        bars.append(
            f"<g><title>{ago}: {hour['completed']} completed, {hour['failed']} failed</title>"
            f'<rect x="{k * 10}" y="0" width="10" height="100" fill="transparent"/>'
            f'<rect x="{k * 10 + 1}" y="{100 - done:.2f}" width="8" height="{done:.2f}" fill="var(--bar)"/>'
            f'<rect x="{k * 10 + 1}" y="{100 - done - dead:.2f}" width="8" height="{dead:.2f}" fill="var(--bad)"/></g>'
        )
    return (
        '<section class="wide"><h2>Pages an hour <span class="soft">· last 24 hours, '
        f'at most {most:,}</span></h2><svg viewBox="0 0 240 100" preserveAspectRatio="none" role="img" '
        f'aria-label="pages an hour over the last 24 hours">{"".join(bars)}'
        '<line x1="0" x2="240" y1="100" y2="100" stroke="var(--line)" stroke-width="1" vector-effect="non-scaling-stroke"/></svg></section>'
    )


def _costs(costs: Sequence[Mapping[str, Any]]) -> str:
    levels = {"green": "good", "yellow": "warn", "red": "bad", "unknown": "soft"}
    rows = []
    for row in costs:
        level = levels.get(row["level"], "soft")
        share, target = (100 * row[what] / row["max_micro_usd"] for what in ("mean_micro_usd", "target_micro_usd"))
        how = "off" if row["switched_off"] else "fallback" if row["uses_fallback"] else ""
        seen = f"{row['jobs']:,} jobs" if row["level"] != "unknown" else f"{row['jobs']:,} jobs, too few to judge"
        rows.append(
            f'<tr><td>{escape(row["operation"])}{f" <span class=pill>{how}</span>" if how else ""}<div class="soft">{seen}</div></td>'
            f'<td><div class="meter"><i class="{level}" style="width:{min(share, 100):.1f}%;background:currentColor"></i>'
            f'<u style="left:{target:.1f}%"></u></div><span class="{level}">{share:.0f} % of the limit</span></td>'
            f'<td class="n">{dollars(row["mean_micro_usd"])}<div class="soft">target {dollars(row["target_micro_usd"])}</div></td></tr>'
        )
    return (
        '<section><h2>What an operation costs <span class="soft">· mean of 6 hours; the mark is the target</span></h2>'
        f'<div class="scroll"><table>{"".join(rows)}</table></div></section>'
    )


def _failures(failures: Sequence[Mapping[str, Any]]) -> str:
    if not failures:
        return '<section><h2>Failures</h2><p class="soft">None in the last 24 hours.</p></section>'
    rows = "".join(
        f'<tr><td>{escape(row["kind"])}</td><td class="n">{row["jobs"]:,}</td>'
        f'<td class="n {"bad" if row["dead"] else ""}">{row["dead"]:,}</td><td class="n">{span(row["seconds"])} ago</td></tr>'
        for row in failures
    )
    return (
        '<section><h2>Failures <span class="soft">· jobs whose last attempt failed, 24 h</span></h2><div class="scroll"><table>'
        f'<tr><th>kind</th><th class="n">jobs</th><th class="n">dead</th><th class="n">latest</th></tr>{rows}</table></div></section>'
    )


def _workers(workers: Sequence[Mapping[str, Any]]) -> str:
    if not workers:
        return '<section><h2>Workers</h2><p class="soft">None holds a job.</p></section>'
    rows = "".join(
        f'<tr><td>{escape(row["worker"])}</td><td class="n">{row["jobs"]}</td>'
        f'<td class="n {"bad" if row["silent_seconds"] > SILENT_SECONDS_MAX else ""}">{span(row["silent_seconds"])}</td>'
        f'<td class="n">{"now" if row["free_seconds"] <= 0 else "in " + span(row["free_seconds"])}</td></tr>'
        for row in workers
    )
    return (
        '<section><h2>Workers <span class="soft">· that hold jobs</span></h2><div class="scroll"><table>'
        f'<tr><th>worker</th><th class="n">jobs</th><th class="n">silent for</th><th class="n">free</th></tr>{rows}</table></div></section>'
    )


def _worker(health: Mapping[str, Any]) -> str:
    lines = [
        ("name", escape(health["worker"])), ("up", span(health["up_seconds"])), ("queue", escape(health["queue"])),
        ("notifications", escape(health["listen"])), ("running", str(health["running"])),
        ("last claim", _ago(health["last_claim_seconds"])), ("last page", _ago(health["last_completed_seconds"])),
        ("version", escape(health["version"])),
    ]  # fmt: skip
    rows = "".join(f'<tr><td class="soft">{name}</td><td>{value}</td></tr>' for name, value in lines)
    return f"<section><h2>This worker</h2><table>{rows}</table></section>"


def _ago(seconds: float | None) -> str:
    return "never" if seconds is None else f"{span(seconds)} ago"
