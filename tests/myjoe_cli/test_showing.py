"""What is printed of jobs and runs, from rows as `Operator` gives them."""
from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest

from myjoe_cli import showing

ONE, RUN = uuid.UUID(int=0xABCDEF << 96), uuid.UUID(int=0x123456 << 96)


def row(**more: Any) -> dict[str, Any]:
    """A page as the database has it."""
    return {
        "id": ONE, "state": "waiting", "run_id": RUN, "page": 3, "title": "The owl at night", "attempts": 1, "max_attempts": 3,
        "cost_micro_usd": 3000, "seconds_ago": 200.0, "worker": None, "error_kind": None, "last_error": None, "seconds": None,
        "model": None, "files": {}, "requeued_as": None, "why": "", **more,
    }  # fmt: skip


def run(**more: Any) -> dict[str, Any]:
    return {"id": RUN, "title": "Owls", "page_count": 1, "user_id": ONE, "credits_half": 3, "refunded_half": 0, "cost_micro_usd": 3000,
            "cogs_worst_micro_usd": 44992, **more}  # fmt: skip


def test_a_job_is_a_line_with_short_ids() -> None:
    head, line = showing.jobs([row(why="its turn has not come")], 200).splitlines()
    assert head.split(maxsplit=7) == ["job", "state", "run", "page", "tries", "cost", "changed", "waits for, or error"]
    assert line.split(maxsplit=9) == ["00abcdef", "waiting", "00123456", "3", "1/3", "$0.0030", "3", "min", "ago", "its turn has not come"]


@pytest.mark.parametrize(("state", "shown"), [("failed", "provider: it broke"), ("waiting", "provider: it broke"), ("completed", "")])
def test_an_error_is_shown_unless_the_job_is_done_all_the_same(state: str, shown: str) -> None:
    failed = row(state=state, error_kind="provider", last_error="it broke")
    assert showing.failure(failed) == shown
    assert ("it broke" in showing.jobs([failed], 200)) == bool(shown)


def test_no_line_is_wider_than_the_terminal() -> None:
    failed = row(state="failed", error_kind="provider", last_error="x" * 500)
    for text in (showing.jobs([failed], 100), showing.dead([failed], 100), showing.run(run(), [failed], 140)):
        assert max(map(len, text.splitlines()[-1:])) <= 140 and "…" in text


def test_a_run_says_what_it_cost_what_was_refunded_and_where_files_are() -> None:
    pages = [row(state="completed", seconds=12.345, model="flux-dev", files={"svg": "u/j/1/page.svg"})]
    text = showing.run(run(), pages, 200)
    assert text.startswith(f"Run {RUN} · Owls\n1 page for user {ONE}, 1.5 credits; cost $0.0030, reckoned with $0.0450 at worst\n\n")
    assert "u/j/1/page.svg" in text and "12.3" in text and "flux-dev" in text
    assert "1.5 credits, 1 refunded;" in showing.run(run(refunded_half=2, page_count=1200), [], 200)
    assert "1,200 pages" in showing.run(run(page_count=1200, title=""), [], 200)


def test_the_dead_are_shown_with_what_takes_their_place() -> None:
    text = showing.dead([row(error_kind="judge", last_error="ugly", requeued_as=RUN)], 200)
    assert text.splitlines()[1].split()[:7] == ["00abcdef", "00123456", "3", "judge", "1", "3", "min"]
    assert text.endswith("00123456        ugly")


def test_nothing_is_said_plainly() -> None:
    assert showing.jobs([], 80) == "There are no such jobs." and showing.dead([], 80) == "No job is dead."


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"accepted": False, "code": "insufficient_credits", "message": "You need 3 credits."}, "Refused (insufficient_credits): You need"),
        ({"accepted": True, "page_count": 3, "credits_half": 6, "balance_half": 14, "cogs_worst_micro_usd": 9000},
         "Would be accepted: 3 pages for 3 credits; 7 are left then. At worst it costs us $0.0090."),
        ({"accepted": True, "page_count": 1, "credits_half": 3, "balance_half": 1, "run_id": str(RUN)},
         f"Accepted: 1 page for 1.5 credits; 0.5 are left. Run {RUN}; follow it with `myjoe run 00123456`."),
    ],
)  # fmt: skip
def test_what_the_governor_said(given: dict[str, Any], text: str) -> None:
    assert showing.answer(given).startswith(text)


def test_machines_get_ids_and_times_as_text() -> None:
    moment = datetime(2026, 12, 1, tzinfo=UTC)
    assert json.loads(showing.as_json({"id": ONE, "at": moment, "title": "Übung"})) == {"id": str(ONE), "at": str(moment), "title": "Übung"}
    assert "Übung" in showing.as_json("Übung")
