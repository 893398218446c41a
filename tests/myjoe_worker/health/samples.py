"""What the tests of the dashboard share: strict HTML, a monitor, and figures of a bad day."""
from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from myjoe_worker.health.monitor import HealthMonitor
from myjoe_worker.settings import WorkerSettings

VOID = {"meta", "rect", "line", "br"}


class Tree(HTMLParser):
    """Reads HTML strictly: every element is closed, in order; `text` is what a person sees."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text = ""
        self.addresses: list[str] = []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href")]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += f" {data}"

    @property
    def words(self) -> str:
        return " ".join(self.text.replace("\xa0", " ").split())


def monitor() -> HealthMonitor:
    monitor = HealthMonitor(WorkerSettings(worker_name="w<1>"), "1.2.3")
    monitor("loop.turned", {})
    monitor("listen.works", {})
    return monitor


def bad_day() -> dict[str, Any]:
    """Figures of a bad day."""
    cost = {"jobs": 40, "mean_micro_usd": 42000, "target_micro_usd": 35994, "max_micro_usd": 44992, "share_of_max": 0.93, "level": "red",
            "switched_off": True, "uses_fallback": True}  # fmt: skip
    return {
        "queue": {"waiting": {"jobs": 12345, "oldest_seconds": 7300}, "failed": {"jobs": 3, "oldest_seconds": 60}},
        "hours": [{"completed": k, "failed": k % 3} for k in range(24)],
        "failures": [{"kind": "<script>", "jobs": 5, "dead": 3, "seconds": 40}],
        "costs": [{"operation": "raster", **cost}, {"operation": "vector", **cost, "level": "unknown", "jobs": 2, "switched_off": False}],
        "spent_micro_usd": 12_340_000, "workers": [], "snapshot_seconds": 9000, "users_at_limit": 0,
        "needs_operator": [
            {"provider": "recraft", "kind": "account", "pages": 7, "reason": "recraft: the account is empty", "seconds": 60}
        ],
    }  # fmt: skip
