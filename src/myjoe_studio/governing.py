"""What the governor refuses, told to a person: its sentence, the status it has on the web, and one
way out.
"""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg

from myjoe_studio.visiting import NOT_HERE, RefusalError, Visit

# By the code of a refusal: its status, and the way out as its label and its address.
WAYS: Mapping[str, tuple[int, tuple[str, str] | None]] = {
    "plan_forbids": (402, ("See the plans", "/billing")),
    "insufficient_credits": (402, ("Get credits", "/billing")),
    "account_frozen": (403, ("See what is owed", "/billing")),
    "deletion_pending": (403, ("Keep the account", "/account")),
    "limit_reached": (409, ("See the plans", "/billing")),
    "switched_off": (503, ("Look at your books", "/runs")),
    "cogs_ceiling": (503, ("Look at your books", "/runs")),
    "margin_floor": (503, ("Look at your books", "/runs")),
}
OTHERWISE: tuple[int, tuple[str, str] | None] = (409, None)


def refusal(answer: Mapping[str, Any], way_out: tuple[str, str] | None = None) -> RefusalError:
    """The governor's refusal as one of a page; `way_out` where its code has none."""
    status, way = WAYS.get(answer["code"], OTHERWISE)
    return RefusalError(status, answer["message"], way_out=way or way_out)


def notice(answer: Mapping[str, Any]) -> dict[str, Any]:
    """What a page shows of an answer: whether it is accepted, and the price or why not. Nothing of
    our costs.
    """
    if answer["accepted"]:
        return {"accepted": True, **{name: answer[name] for name in ("page_count", "credits_half", "balance_half")}}
    way = WAYS.get(answer["code"], OTHERWISE)[1]
    return {"accepted": False, "code": answer["code"], "sentence": answer["message"], "way_out": way, "opens_at": answer.get("opens_at")}


async def asked(visit: Visit, name: str, /, **values: Any) -> dict[str, Any]:
    """The answer of a function that decides about something of the visitor's; 404 where that is not
    there, or somebody else's.
    """
    try:
        answer = await visit.parts.decide(name, user=visit.person.id, **values)
    except psycopg.errors.InvalidParameterValue as error:
        raise RefusalError(404, NOT_HERE) from error
    if answer is None:
        raise RefusalError(404, NOT_HERE)
    return dict(answer)


async def decided(visit: Visit, name: str, /, *, way_out: tuple[str, str] | None = None, **values: Any) -> dict[str, Any]:
    """The same, where a refusal is the page's."""
    answer = await asked(visit, name, **values)
    if not answer["accepted"]:
        raise refusal(answer, way_out)
    return answer
