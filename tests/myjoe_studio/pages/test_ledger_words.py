"""The ledger in words."""
from __future__ import annotations

import pytest

from myjoe_studio.pages.ledger_words import words
from tests.database.support import Database

ENTRY = {"kind": "grant", "amount_half": 2, "reference": "grant:in_1:il_1", "reason": None, "page_count": None}


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"reason": "Lite"}, "A month's credits: Lite"),
        ({}, "A month's credits: your plan"),
        ({"reference": "grant:trial:1"}, "Credits to try My Joe"),
        ({"kind": "topup", "reason": "50 credits"}, "Top-up: 50 credits"),
        ({"kind": "topup"}, "Top-up"),
        ({"kind": "burn", "page_count": 24}, "A book of 24 pages"),
        ({"kind": "burn", "page_count": 24, "reason": "it works again"}, "A page, drawn again"),
        ({"kind": "burn"}, "A page, drawn again"),
        ({"kind": "refund"}, "Refunded: a page that was not drawn"),
        ({"kind": "adjustment", "reason": "an internal remark"}, "Given by us"),
        ({"kind": "adjustment", "amount_half": -2}, "Taken by us"),
        ({"kind": "clawback", "reason": "refund"}, "Taken back: a payment was refunded"),
        ({"kind": "clawback", "reason": "dispute"}, "Taken back: a payment was disputed"),
        ({"kind": "restore", "reason": "refund"}, "Given back: a refund did not go through"),
        ({"kind": "restore", "reason": "dispute"}, "Given back: a dispute ended"),
        ({"kind": "something new"}, "A correction"),
    ],
)
def test_words(entry: dict[str, object], said: str) -> None:
    assert words({**ENTRY, **entry}) == said


def test_every_kind_of_the_database_has_words(newest: Database) -> None:
    checked = newest.one("select pg_get_constraintdef(oid) from pg_constraint where conname = 'credit_ledger_kind_check'")
    kinds = [part.split("'")[1] for part in checked.split("ARRAY[")[1].split(",")]
    assert len(kinds) == 7
    for kind in kinds:
        assert words({**ENTRY, "kind": kind, "reason": "refund"}) != "A correction", kind
