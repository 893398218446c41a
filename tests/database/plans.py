"""What PostgreSQL tells of the plans it made (auto_explain): each statement inside each function,
as it ran, and how many rows it looked at.
"""
from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from typing import Any

import psycopg

Plans = list[dict[str, Any]]


def watch(connection: psycopg.Connection[Any]) -> Plans:
    """A list that fills with the plans of whatever a superuser's connection asks from now on."""
    plans: Plans = []
    connection.execute("load 'auto_explain'")
    settings = {"log_nested_statements": "on", "log_analyze": "on", "log_timing": "off", "log_level": "notice", "log_format": "json"}
    for setting, value in settings.items():
        connection.execute(f"set auto_explain.{setting} = '{value}'")
    connection.execute("set client_min_messages = notice")
    connection.add_notice_handler(lambda notice: plans.extend(_plan(notice.message_primary or "")))
    listen(connection, True)
    return plans


def listen(connection: psycopg.Connection[Any], listens: bool) -> None:
    """Have the plans told from now on, or not."""
    connection.execute(f"set auto_explain.log_min_duration = {0 if listens else -1}")


def _plan(message: str) -> Plans:
    found = re.search(r"plan:\n(\{.*\})\s*$", message, re.DOTALL)
    return [json.loads(found[1])] if found else []


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The nodes of a plan, each before those below it."""
    yield plan
    for inner in plan.get("Plans", []):
        yield from nodes(inner)


def scans(plans: Plans) -> Iterator[tuple[dict[str, Any], str]]:
    """Each scan of a table, and a sentence on where it is."""
    for plan in plans:
        for node in nodes(plan["Plan"]):
            if "Relation Name" in node and "Scan" in node["Node Type"]:
                yield node, f"{node['Node Type']} on {node['Relation Name']} in {plan['Query Text'][:300]}"


def rows_looked_at(scan: dict[str, Any]) -> float:
    """All that a scan read, given on or not."""
    each = sum(scan.get(kind, 0) for kind in ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck"))
    return float(each * scan.get("Actual Loops", 0))


def whole_scans(plans: Plans, tables: Collection[str]) -> list[str]:
    """Where one of these tables is read whole."""
    return sorted({where for scan, where in scans(plans) if scan["Relation Name"] in tables and scan["Node Type"] == "Seq Scan"})
