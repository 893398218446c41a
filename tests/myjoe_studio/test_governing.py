"""What the governor refuses, told to a person."""
from __future__ import annotations

import pytest

from myjoe_studio.governing import notice, refusal

DEAR = {"accepted": False, "code": "margin_floor", "message": "This cannot be made at a fair price now.", "detail": {"worst_micro_usd": 9}}


@pytest.mark.parametrize(
    ("code", "status", "address"),
    [
        ("plan_forbids", 402, "/billing"), ("insufficient_credits", 402, "/billing"), ("account_frozen", 403, "/billing"),
        ("deletion_pending", 403, "/account"), ("limit_reached", 409, "/billing"), ("switched_off", 503, "/runs"),
        ("cogs_ceiling", 503, "/runs"), ("margin_floor", 503, "/runs"),
    ],
)  # fmt: skip
def test_each_refusal_has_one_way_out(code: str, status: int, address: str) -> None:
    refused = refusal({"code": code, "message": "No."}, ("Elsewhere", "/elsewhere"))
    assert (refused.status, refused.sentence) == (status, "No.")
    assert refused.way_out is not None and refused.way_out[1] == address


def test_what_has_no_way_of_its_own_takes_the_pages() -> None:
    assert refusal({"code": "nothing_drawn", "message": "No."}, ("Back", "/runs/1")).way_out == ("Back", "/runs/1")
    assert refusal({"code": "stale", "message": "No."}).way_out is None


def test_nothing_of_our_costs_is_shown() -> None:
    assert notice(DEAR) == {"accepted": False, "code": "margin_floor", "sentence": "This cannot be made at a fair price now.",
                            "way_out": ("Look at your books", "/runs"), "opens_at": None}  # fmt: skip
    accepted = {"accepted": True, "page_count": 3, "credits_half": 6, "balance_half": 14, "cogs_worst_micro_usd": 30000, "priced_at": "now"}
    assert notice(accepted) == {"accepted": True, "page_count": 3, "credits_half": 6, "balance_half": 14}
