"""A Studio in which something has happened: every page has something to show, to each kind of
person.
"""
from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from tests.support.studio import Site
from tests.support.working import ordered, planned, work


@dataclass(frozen=True)
class Populated:
    """People of one Studio, and where what is `user`'s lies, by the names of a page's path."""

    site: Site
    # Has a plan, credits, books, a storyboard, a project, an export, and a ledger.
    user: uuid.UUID
    # Has just come: no plan, no credit, no book.
    newcomer: uuid.UUID
    # Whose payment failed, and whose pages were stopped, or failed, or are being drawn.
    unlucky: uuid.UUID
    # Owes credits, is frozen, and has asked for the account to be deleted.
    leaving: uuid.UUID
    admin: uuid.UUID
    # Addresses of `user`, by what is shown there.
    addresses: Mapping[str, str]

    @property
    def people(self) -> Mapping[str, uuid.UUID | None]:
        """All kinds of persons; a visitor is nobody."""
        return {"visitor": None, "user": self.user, "newcomer": self.newcomer, "unlucky": self.unlucky, "leaving": self.leaving,
                "admin": self.admin}  # fmt: skip


def populate(site: Site) -> Populated:
    """Make them by the ways that people go."""
    database = site.database
    user, unlucky = database.user(credits_half=80), database.user(credits_half=20)
    newcomer, leaving, admin = database.user(None), database.user(), database.user()
    database.run("update public.profiles set display_name = 'Ada Byron' where id = %s", user)
    visitor = site.visitor(user)
    run = ordered(visitor)
    work(site)
    kinds = {"book": {"kind": "book"}, "printed": {"kind": "print", "printer": "home", "author": "Ada Byron"},
             "unprinted": {"kind": "print", "printer": "kdp"}, "pack": {"kind": "shop"}}  # fmt: skip
    exports = {name: visitor.post(f"{run}/export", data=form).headers["location"] for name, form in kinds.items()}
    work(site)

    stopped = site.visitor(unlucky)
    cancelled = ordered(stopped)
    stopped.post(f"{cancelled}/cancel")
    troubled = ordered(stopped)
    failing, _drawn_now = database.claim(2)
    assert database.fail(failing, for_good=True) == "failed"
    database.run("update public.subscriptions set status = 'past_due' where user_id = %s", unlucky)

    binding = visitor.post(f"{run}/export", data={"kind": "zip"}).headers["location"]
    waiting = ordered(visitor, description="A whale and a boat at sea", pages="4")
    storyboard = planned(visitor, description="Dragons & <castles> by the moon", pages="4")
    unpaid = planned(visitor, description="A rocket among planets", pages="60")
    [job, *_] = re.findall(r'data-picture="([0-9a-f-]{36})"', visitor.get(run).text)
    [project, *_] = re.findall(r'href="(/projects/[0-9a-f-]{36})"', visitor.get("/projects").text)

    frozen = "update public.credit_accounts set owed_half = 5, frozen_at = private.clock(), frozen_reason = %s where user_id = %s"
    database.run(frozen, "A payment is disputed.", leaving)
    database.one("select private.request_deletion(%s)", leaving)
    database.run("insert into public.admins (user_id, appointed_by, reason) values (%s, 'tests', 'for tests')", admin)
    return Populated(site, user, newcomer, unlucky, leaving, admin, {
        "run": run, "waiting": waiting, "job": job, **exports, "binding": binding, "storyboard": storyboard, "unpaid": unpaid,
        "project": project, "troubled": troubled, "cancelled": cancelled,
    })  # fmt: skip
