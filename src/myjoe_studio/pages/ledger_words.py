"""The ledger in words: what each of its rows says to its user."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# Why credits were taken back or given again, by the kind of clawback.
TAKEN = {"refund": "Taken back: a payment was refunded", "dispute": "Taken back: a payment was disputed"}
RESTORED = {"refund": "Given back: a refund did not go through", "dispute": "Given back: a dispute ended"}


def words(entry: Mapping[str, Any]) -> str:
    """What a row of the ledger is: a month's credits, a book, a page that failed, and so on."""
    kind, reason = entry["kind"], entry["reason"] or ""
    if kind == "grant":
        return "Credits to try My Joe" if entry["reference"].startswith("grant:trial:") else f"A month's credits: {reason or 'your plan'}"
    if kind == "topup":
        return f"Top-up: {reason}" if reason else "Top-up"
    if kind == "burn":
        return f"A book of {entry['page_count']} pages" if entry["page_count"] and not reason else "A page, drawn again"
    if kind == "refund":
        return "Refunded: a page that was not drawn"
    if kind == "adjustment":
        return "Given by us" if entry["amount_half"] > 0 else "Taken by us"
    return (TAKEN if kind == "clawback" else RESTORED).get(reason, "A correction")
