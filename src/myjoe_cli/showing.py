"""What the command prints of jobs and runs: tables for people, JSON for machines.
Pure functions.
"""
from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from myjoe.formatting import credits, dollars, short, span
from myjoe.operating.operator import Row
from myjoe_cli.tables import table


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
        f"Run {one['id']}{' · ' + one['title'] if one['title'] else ''}\n"
        f"{pages_of(one['page_count'])} for user {one['user_id']}, {credits(one['credits_half'])} credits{refunded}; "
        f"cost {dollars(one['cost_micro_usd'])}, reckoned with {dollars(one['cogs_worst_micro_usd'])} at worst\n\n"
    )
    return head + table(
        ["page", "title", "job", "state", "tries", "seconds", "drawn by", "cost", "file or error"],
        [
            [page["page"], page["title"][:40], short(page["id"]), page["state"], tries(page), seconds(page["seconds"]),
             page["model"], dollars(page["cost_micro_usd"]), page["files"].get("svg") or failure(page)]
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
        return f"Refused ({given['code']}): {given['message']}"
    price = f"{pages_of(given['page_count'])} for {credits(given['credits_half'])} credits; {credits(given['balance_half'])} are left"
    if "run_id" not in given:
        return f"Would be accepted: {price} then. At worst it costs us {dollars(given['cogs_worst_micro_usd'])}."
    return f"Accepted: {price}. Run {given['run_id']}; follow it with `myjoe run {short(given['run_id'])}`."


def as_json(value: Any) -> str:
    """JSON for machines; ids and times as text."""
    return json.dumps(value, default=str, ensure_ascii=False, indent=2)


# ── cells ─────────────────────────────────────────────────────────────────────────────────────────


def pages_of(count: int) -> str:
    """So many pages."""
    return "1 page" if count == 1 else f"{count:,} pages"


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
