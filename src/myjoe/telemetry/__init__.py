"""Events: a table of them, one way to emit them, and text that is scrubbed on its way out.

`events` says what may be logged, `emitting` logs it, `reporting` sends crashes to Sentry.
"""
from __future__ import annotations

from myjoe.telemetry.emitting import context, emit, hide, scrub, start, subscribe
from myjoe.telemetry.events import EVENTS

__all__ = ["EVENTS", "context", "emit", "hide", "scrub", "start", "subscribe"]
