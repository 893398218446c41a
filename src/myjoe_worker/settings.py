"""What a worker is told beside what every process is: its queue, its leases, who draws, and where
its health can be asked for.
"""
from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from myjoe.settings import shared, variables
from myjoe.settings.variables import Secret, variable

# Two heartbeats may be missed before two thirds of the lease are over and the worker has to stop
# its own jobs.
HEARTBEATS_PER_LEASE_MIN = 3
KEY_SAYS = "for {}; without it the provider is absent, and operations that take it are switched off"
# The variable of each provider's key.
KEYS = {"openai": "OPENAI_API_KEY", "replicate": "REPLICATE_API_TOKEN", "recraft": "RECRAFT_API_KEY"}


def _worker_name() -> str:
    return f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"


@dataclass(frozen=True)
class WorkerSettings(shared.Settings):
    """What a worker was told. `WorkerSettings()` are the defaults of development."""

    listen_url: Secret = variable(
        "LISTEN_URL", variables.database, Secret(),
        "the same database by a direct or session connection, where DATABASE_URL is a transaction pooler; by default DATABASE_URL",
    )
    queue: str = variable(
        "MYJOE_QUEUE", variables.one_of("table", "pgmq"), "table",
        "the kind of queue; either kind takes what the other has left",
    )

    worker_name: str = variable(
        "MYJOE_WORKER_NAME", variables.text, _worker_name,
        "how leases and log lines name this worker; by default host, pid and chance",
    )
    concurrency: int = variable(
        "MYJOE_CONCURRENCY", variables.count(1, 64), 4,
        "jobs at a time; most of a job's time is waiting for providers",
    )
    concurrency_per_user: int = variable(
        "MYJOE_CONCURRENCY_PER_USER", variables.count(1, 64), 2,
        "jobs of one user at a time, over all workers",
    )
    concurrency_per_provider: Mapping[str, int] = variable(
        "MYJOE_CONCURRENCY_PER_PROVIDER", variables.limits, dict,
        "calls at a time, such as replicate=4,recraft=4; no limit for those not named",
    )
    lease_seconds: float = variable(
        "MYJOE_LEASE_SECONDS", variables.seconds(1, 3600), 90.0,
        "how long a job stays a worker's without a heartbeat: so long the pages of a dead one wait; more bears longer outages",
    )
    heartbeat_seconds: float = variable(
        "MYJOE_HEARTBEAT_SECONDS", variables.seconds(0.1, 600), 15.0,
        "how often leases are renewed; a third of the lease at most",
    )
    poll_seconds: float = variable(
        "MYJOE_POLL_SECONDS", variables.seconds(0.1, 600), 30.0,
        "how often an idle worker looks for jobs of which nobody told it; twice a lease at least",
    )
    grace_seconds: float = variable(
        "MYJOE_GRACE_SECONDS", variables.seconds(0, 295), 25.0,
        "after SIGTERM, how long running jobs may take to finish before they are handed back; less than the platform waits",
    )

    replicate_api_token: Secret = variable("REPLICATE_API_TOKEN", variables.secret, Secret(), KEY_SAYS.format("drawing and enlarging"))
    replicate_base_url: str = variable("REPLICATE_BASE_URL", variables.address, "https://api.replicate.com/v1", "where Replicate is")
    replicate_upscaler_version: str = variable(
        "REPLICATE_UPSCALER_VERSION", variables.text, "",
        "the version of real-esrgan that enlarges at Replicate, 64 hexadecimal digits; needed only where a route names it",
    )
    recraft_api_key: Secret = variable("RECRAFT_API_KEY", variables.secret, Secret(), KEY_SAYS.format("drawing in bulk and vectors"))
    recraft_base_url: str = variable("RECRAFT_BASE_URL", variables.address, "https://external.api.recraft.ai/v1", "where Recraft is")
    recraft_style: str = variable(
        "RECRAFT_STYLE", variables.text, "",
        "the style that Recraft's older models are asked for, as its API spells it at present; none by default",
    )

    health_address: tuple[str, int] | None = variable(
        "MYJOE_HEALTH_ADDRESS", variables.endpoint, None,
        "host:port of /health, /metrics and the dashboard, which ask for no password; :port is for this machine only. None by default",
    )

    @classmethod
    def completed(cls, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """The values that were given, and those that follow from them."""
        values = super().completed(values)
        return {**({"listen_url": values["database_url"]} if "database_url" in values else {}), **values}

    def with_database(self, url: str) -> Self:
        """The same with the database at `url`, for listening as well unless that has an address of
        its own.
        """
        own = self.listen_url and self.listen_url != self.database_url
        return replace(super().with_database(url), listen_url=self.listen_url if own else Secret(url))

    def contradictions(self) -> list[str]:
        """A sentence for each pair of values that cannot be together."""
        mistakes = []
        beat, lease = self.heartbeat_seconds, self.lease_seconds
        if beat * HEARTBEATS_PER_LEASE_MIN > lease:
            mistakes.append(f"MYJOE_HEARTBEAT_SECONDS ({beat:g}) has to be a third of MYJOE_LEASE_SECONDS ({lease:g}) at most")
        return mistakes + super().contradictions()

    def needed(self) -> list[tuple[str, str]]:
        """The variables that have to be given, and because of what. No provider's key is among
        them: what has none is absent, and what takes it is switched off.
        """
        return [(name, why) for name, why in super().needed() if name not in KEYS.values()]

    def needed_any(self) -> list[tuple[tuple[str, ...], str]]:
        """The variables of which one at least has to be given, and because of what."""
        return [(tuple(KEYS.values()), "MYJOE_PROVIDERS=real")] if self.providers == "real" else []

    def given_keys(self) -> dict[str, Secret]:
        """The providers' keys that were given, by the providers' names."""
        given = {"openai": self.openai_api_key, "replicate": self.replicate_api_token, "recraft": self.recraft_api_key}
        return {name: key for name, key in given.items() if key}


def read_settings(environment: Mapping[str, str], *, needed: Collection[str] | None = None) -> WorkerSettings:
    """The settings of a worker that the variables of `environment` give. Raises SettingsError with
    every mistake; see `shared.read_settings`.
    """
    return shared.read_settings(environment, WorkerSettings, needed=needed)
