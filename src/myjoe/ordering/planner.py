"""From a description to a run: screen, plan, ask the governor. What a person's order passes before
there is a job.

The governor is asked twice: for a quote before the brain costs anything, and for the run itself,
which decides. One key per intent: the same key again gives the first answer, and plans nothing
anew.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from myjoe.costs.booking import Costs
from myjoe.costs.meter import user_meter
from myjoe.costs.routes import StepRoute
from myjoe.database.protocol import Database
from myjoe.database.statements import statements
from myjoe.errors import OperatorError
from myjoe.ordering.page_order import Audience, Paper
from myjoe.providers.protocol import BookPlan, Brain

SQL = statements("myjoe.ordering")


@dataclass(frozen=True)
class BookOrder:
    """A described colouring book. `operations` is what each page is to get; `print` what is said of
    the printed book (printer, trim, bleed, single_sided, author), as private.print_fault takes it.
    """

    description: str
    pages: int
    audience: Audience = "kids"
    paper: Paper = "letter"
    operations: Sequence[str] = ("raster",)
    extra: Mapping[str, Any] = field(default_factory=dict)
    print: Mapping[str, Any] = field(default_factory=dict)

    def to_mapping(self) -> dict[str, Any]:
        """Ready for JSON; kept with the run, as what was asked for. A print of which nothing is
        said is left out: a key that was used before there were prints asks for the same.
        """
        known = {**vars(self), "operations": list(self.operations), "extra": dict(self.extra), "print": dict(self.print)}
        return known if self.print else {name: value for name, value in known.items() if name != "print"}


class Planner:
    """Makes runs of descriptions for users. `offline` has the brain called "sketch" plan, whatever
    the database's route says.
    """

    def __init__(self, database: Database, brains: Mapping[str, Brain], costs: Costs, *, offline: bool = False) -> None:
        self._database = database
        self._brains = brains
        self._costs = costs
        self._offline = offline

    async def order_book(self, user: UUID, project: UUID, key: str, book: BookOrder) -> Mapping[str, Any]:
        """The governor's answer: accepted with a run, or refused with a code and a sentence.
        PromptRefusedError before that.
        """
        if (replayed := await self._replayed(user, key, book)) is not None:
            return replayed
        quote = await self.quote(user, project, book)
        if not quote["accepted"]:
            return quote
        return await self._submit(user, project, key, self._manifest(book, await self.plan_book(user, key, book)))

    async def plan_book(self, user: UUID, key: str, book: BookOrder) -> BookPlan:
        """The pages that the brain makes of a description, for no credits. `key` names the call
        among our costs. Raises PromptRefusedError, and JobError where the brain is away.
        """
        route = StepRoute("brain", "brain", "sketch", "sketch", {}) if self._offline else await self._costs.route("brain", "brain")
        if route is None or route.provider not in self._brains:
            raise OperatorError("nobody plans books here: there is no brain for this database's route")
        meter = user_meter(self._costs, route, user, f"plan:{user}:{key}")
        return await meter.watch(self._brains[route.provider].plan(book.description, book.audience, book.pages, route.model, meter))

    async def quote(self, user: UUID, project: UUID, book: BookOrder) -> Mapping[str, Any]:
        """What the governor would say now, whatever the pages will show."""
        pages = [{"operations": list(book.operations)}] * book.pages
        values = {"user": user, "project": project, "manifest": Jsonb({"pages": pages})}
        [(answer,)] = await self._database.rows(SQL["quote_run"], values)
        return dict(answer)

    async def _replayed(self, user: UUID, key: str, book: BookOrder) -> Mapping[str, Any] | None:
        """The governor's answer where this key was used before. It is asked about the book, as the
        brain plans none twice the same.
        """
        [(answer,)] = await self._database.rows(SQL["replay_run"], {"user": user, "key": key, "book": Jsonb(book.to_mapping())})
        return dict(answer) if answer is not None else None

    def _manifest(self, book: BookOrder, plan: BookPlan) -> Mapping[str, Any]:
        same = {"operations": list(book.operations), "style": plan.style, "audience": book.audience, "paper": book.paper, **book.extra}
        pages = [{**same, "title": page.title, "prompt": page.prompt} for page in plan.pages]
        return {"title": plan.title, "book": book.to_mapping(), "pages": pages}

    async def _submit(self, user: UUID, project: UUID, key: str, manifest: Mapping[str, Any]) -> Mapping[str, Any]:
        # While the disk takes the run in, a worker may have its first page already; it is answered
        # when it is there. One that is not was wiped out by a crash of the server, credits and all:
        # it is submitted again.
        values = {"user": user, "project": project, "key": key, "manifest": Jsonb(manifest)}
        while True:
            [(answer, _)] = await self._database.rows(SQL["submit_run"], values)
            if not answer["accepted"] or await self._is_on_disk(answer["run_id"]):
                return dict(answer)

    async def _is_on_disk(self, run: str) -> bool:
        [(there,)] = await self._database.rows(SQL["confirm_run"], {"run": run})
        return bool(there)
