"""What the command prints of jobs and runs: tables for people, JSON for machines.
Pure functions.
"""
from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from myjoe import telemetry
from myjoe.formatting import counted, credits, dollars, escaped, short, span
from myjoe.operating.operator import Row
from myjoe_cli.tables import Whole, table


def complain(sentence: str) -> None:
    """A sentence on standard error, without secrets and without what a terminal would obey."""
    print(f"myjoe: {escaped(' '.join(telemetry.scrub(sentence).split()))}", file=sys.stderr)


def jobs(rows: Sequence[Row], width: int) -> str:
    """The jobs that changed last."""
    return table(
        ["job", "state", "run", "page", "tries", "cost", "changed", "waits for, or error"],
        [
            [short(row["id"]), row["state"], short(row["run_id"]), row["page"], tries(row), dollars(row["cost_micro_usd"]),
             ago(row["seconds_ago"]), " · ".join(filter(None, [row["why"], failure(row)]))]
            for row in rows
        ],
        width,
    ) if rows else "There are no such jobs."  # fmt: skip


def run(one: Row, pages: Sequence[Row], width: int) -> str:
    """A run and its pages, with where their files lie."""
    refunded = f", {credits(one['refunded_half'])} refunded" if one["refunded_half"] else ""
    head = (
        f"Run {one['id']}{' · ' + escaped(one['title']) if one['title'] else ''}\n"
        f"{counted(one['page_count'], 'page')} for user {one['user_id']}, {credits(one['credits_half'])} credits{refunded}; "
        f"cost {dollars(one['cost_micro_usd'])}, reckoned with {dollars(one['cogs_worst_micro_usd'])} at worst\n\n"
    )
    return head + table(
        ["page", "title", "job", "state", "tries", "seconds", "drawn by", "cost", "file or error"],
        [
            [page["page"], page["title"][:40], short(page["id"]), page["state"], tries(page), seconds(page["seconds"]),
             page["model"], dollars(page["cost_micro_usd"]), Whole(page["files"]["svg"]) if page["files"].get("svg") else failure(page)]
            for page in pages
        ],
        width,
    )  # fmt: skip


def dead(rows: Sequence[Row], width: int) -> str:
    """Jobs that failed for good."""
    return table(
        ["job", "run", "page", "kind", "tries", "died", "tried again as", "why"],
        [
            [short(row["id"]), short(row["run_id"]), row["page"], row["error_kind"], row["attempts"], ago(row["seconds_ago"]),
             short(row["requeued_as"]), row["last_error"]]
            for row in rows
        ],
        width,
    ) if rows else "No job is dead."  # fmt: skip


def answer(given: Mapping[str, Any]) -> str:
    """What the governor said to an order or a quote."""
    if not given["accepted"]:
        return f"Refused ({escaped(given['code'])}): {escaped(given['message'])}"
    pages, left = counted(given['page_count'], 'page'), credits(given['balance_half'])
    price = f"{pages} for {credits(given['credits_half'])} credits; {left} are left"
    if "run_id" not in given:
        return f"Would be accepted: {price} then. At worst it costs us {dollars(given['cogs_worst_micro_usd'])}."
    run = short(given["run_id"])
    return f"Accepted: {price}. Run {given['run_id']}; follow it with `myjoe run {run}`. `myjoe book {run}` binds it."


def users(rows: Sequence[Row], width: int) -> str:
    """Users, with what they have."""
    return table(
        ["user", "plan", "credits", "owed", "runs", "unfinished", "dead", "since", "address"],
        [
            [short(row["user_id"]), row["plan"] or "none", credits(row["balance_half"]), credits(row["owed_half"]), row["runs"],
             row["unfinished"], row["dead"], f"{row['created_at']:%Y-%m-%d}",
             f"{row['email']}{' · frozen: ' + row['frozen_reason'] if row['frozen_reason'] else ''}"]
            for row in rows
        ],
        width,
    ) if rows else "There are no such users."  # fmt: skip


def ledger(account: Row, rows: Sequence[Row], width: int) -> str:
    """A user's credits, and how they came to be."""
    head = f"{escaped(account['email'])}, user {account['user_id']}: {credits(account['balance_half'])} credits"
    head += f", {credits(account['owed_half'])} owed" if account["owed_half"] else ""
    head += f"; frozen: {escaped(account['frozen_reason'])}" if account["frozen_reason"] else ""
    return f"{head}\n\n" + table(
        ["when", "kind", "credits", "run", "reference", "reason"],
        [
            [f"{row['created_at']:%Y-%m-%d %H:%M}", row["kind"],
             f"{'-' if row['amount_half'] < 0 else '+'}{credits(abs(row['amount_half']))}",
             short(row["run_id"]), row["reference"], row["reason"]]
            for row in rows
        ],
        width,
    )  # fmt: skip


def files(one: Row, pages: Sequence[Row], found: Sequence[Row], width: int) -> str:
    """A run's files, a line each, with whole paths."""
    if not found:
        return f"Run {short(one['id'])} has no files yet."
    costs = {page["page"]: page["cost_micro_usd"] for page in pages}
    rows = [[row["page"], row["kind"], dollars(costs[row["page"]]) if row["page"] in costs else "", Whole(row["where"])] for row in found]
    total = f"\n\n{counted(len({row['page'] for row in found} - {None}), 'page')} with files; the run cost {dollars(one['cost_micro_usd'])}"
    return table(["page", "kind", "page's cost", "file"], rows, width) + total


def operations(rows: Sequence[Row], width: int) -> str:
    """Operations, and how they are switched."""
    return table(
        ["operation", "is", "by", "switched", "reason"],
        [[row["operation"], switched(row), row["providers"], "" if row["seconds_ago"] is None else ago(row["seconds_ago"]),
          row["switch_reason"]] for row in rows],
        width,
    )  # fmt: skip


def switched(row: Mapping[str, Any]) -> str:
    """How an operation is switched."""
    return "off" if row["switched_off"] else "on, by its fallback" if row["uses_fallback"] else "on"


def as_json(value: Any) -> str:
    """JSON for machines; ids and times as text, and nothing that a terminal would obey."""
    return "\n".join(escaped(line, json=True) for line in json.dumps(value, default=str, ensure_ascii=False, indent=2).split("\n"))


# ── cells ─────────────────────────────────────────────────────────────────────────────────────────


def tries(row: Mapping[str, Any]) -> str:
    """Attempts of how many."""
    return f"{row['attempts']}/{row['max_attempts']}"


def seconds(value: float | None) -> str:
    """A duration."""
    return "" if value is None else f"{value:.1f}"


def ago(value: float) -> str:
    """How long ago."""
    return f"{span(value)} ago"


def failure(row: Mapping[str, Any]) -> str:
    """The last error and its kind, where there was one and the job is not done all the same."""
    return f"{row['error_kind']}: {row['last_error']}" if row["last_error"] and row["state"] != "completed" else ""
