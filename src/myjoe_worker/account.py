"""`JobAccount`: one attempt's money, held under the job's ceiling."""
from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from myjoe.costs.booking import Costs, Settled
from myjoe.costs.meter import StepMeter
from myjoe.costs.routes import StepRoute
from myjoe.errors import CostCeilingError
from myjoe_worker.job import Job


class JobAccount:
    """One attempt's money: what the job has cost before, what each further step may cost, and its
    ceiling.
    """

    def __init__(
        self, costs: Costs, job: Job, spent: int = 0, open_requests: Mapping[tuple[str, str, str], str] = MappingProxyType({}),
        settled: Mapping[str, Settled] = MappingProxyType({}), lost: Mapping[str, Settled] = MappingProxyType({}),
    ) -> None:  # fmt: skip
        self._costs = costs
        self._job = job
        self._before = spent
        self._open = open_requests
        self._meters: list[StepMeter] = []
        # What earlier attempts have paid for, by step, and whether it was settled, as it is once a
        # picture is kept. A picture may be kept, too, of which a killed attempt could not say so.
        self.settled, self.lost = settled, lost
        opened = {step: Settled(provider, model, request) for (step, provider, model), request in open_requests.items()}
        self.paid = dict(lost) | opened | dict(settled)

    @classmethod
    async def of(cls, costs: Costs, job: Job) -> JobAccount:
        """Only a job that was tried before can have cost anything: first attempts ask nothing of
        the database.
        """
        if job.lease_token == 1:
            return cls(costs, job)
        spent, open_requests = await costs.spent(job.id), await costs.open_requests(job.id)
        return cls(costs, job, spent, open_requests, await costs.settled(job.id), await costs.lost_answers(job.id))

    @property
    def spent(self) -> int:
        """What the job has cost so far in micro-USD, all attempts."""
        return self._before + sum(meter.booked_micro_usd for meter in self._meters)

    def meter(self, route: StepRoute) -> StepMeter:
        """A meter for a step that is about to be taken; CostCeilingError if it could cost more than
        is left.

        A request that is already open was paid for, so it may be asked after whatever is left.
        """
        resumable = self._open.get((route.step, route.provider, route.model))
        ceiling, estimate = self._job.cogs_max_micro_usd, self._costs.price(route.provider, route.model, route.units)
        if resumable is None and ceiling is not None and self.spent + estimate > ceiling:
            raise CostCeilingError(
                f"the job has cost {self.spent} micro-USD; {route.step} could cost {estimate} more, and {ceiling} is the most"
            )
        payer, key = {"job_id": str(self._job.id)}, f"{self._job.id}:{route.step}:{self._job.lease_token}"
        meter = StepMeter(self._costs, route, payer, key, resumable, self._job.lease_token)
        self._meters.append(meter)
        return meter
