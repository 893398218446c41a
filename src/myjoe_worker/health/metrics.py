"""`MetricsText`: metrics in Prometheus' text format, version 0.0.4.

By hand: the format is forty lines, the client library a registry of globals and a server in a
thread of its own.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

# Upper bounds of the histograms' buckets, in seconds: providers take 1 to 60, pages a little more;
# beyond two minutes something is wrong.
BUCKETS_SECONDS = (0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300)


@dataclass
class Histogram:
    """Durations, counted by buckets."""

    buckets: list[int] = field(default_factory=lambda: [0] * len(BUCKETS_SECONDS))
    count: int = 0
    total: float = 0.0

    def add(self, seconds: float) -> None:
        """One more."""
        self.count += 1
        self.total += seconds
        for k, bound in enumerate(BUCKETS_SECONDS):
            self.buckets[k] += seconds <= bound


class MetricsText:
    """Metrics in the order in which they are added."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def add(self, name: str, kind: str, text: str, samples: Sequence[tuple[Mapping[str, str], float]]) -> None:
        """A metric and its samples; none where there are no samples."""
        if samples:
            self._lines += [f"# HELP {name} {text}", f"# TYPE {name} {kind}"]
            self._lines += [_sample(name, labels, value) for labels, value in samples]

    def histogram(self, name: str, text: str, samples: Sequence[tuple[Mapping[str, str], Histogram]]) -> None:
        """A histogram of durations for each set of labels."""
        if samples:
            self._lines += [f"# HELP {name} {text}", f"# TYPE {name} histogram"]
        for labels, seen in samples:
            for bound, count in zip(BUCKETS_SECONDS, seen.buckets):
                self._lines.append(_sample(f"{name}_bucket", {**labels, "le": f"{bound:g}"}, count))
            self._lines.append(_sample(f"{name}_bucket", {**labels, "le": "+Inf"}, seen.count))
            self._lines += [_sample(f"{name}_sum", labels, seen.total), _sample(f"{name}_count", labels, seen.count)]

    def text(self) -> str:
        """All of it."""
        return "".join(f"{line}\n" for line in self._lines)


def _sample(name: str, labels: Mapping[str, str], value: float) -> str:
    escaped = (text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n") for text in labels.values())
    inside = ",".join(f'{label}="{text}"' for label, text in zip(labels, escaped))
    return f"{name}{{{inside}}} {value:.10g}" if inside else f"{name} {value:.10g}"
