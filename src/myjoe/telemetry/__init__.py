"""Events: one table, one way to emit them, and text that is scrubbed on its way out."""
from __future__ import annotations

from myjoe.telemetry.emitting import EVENTS, context, emit, scrub, start, subscribe

__all__ = ["EVENTS", "context", "emit", "scrub", "start", "subscribe"]
