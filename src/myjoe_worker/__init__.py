"""My Joe's worker: one long-lived process that takes pages from the queue and makes them.

In reading order: `assembling` makes all parts of the settings; `worker` is the loop that claims
jobs and settles them; `queues` and `leases` are what it holds the jobs by; `page_pipeline` tells a
page's life, from its order to its files; `providers`, `sketching`, `judging` and `imaging` do its
steps; `account` and `drafts` keep what was paid for; `health` says how the worker is.
"""
from __future__ import annotations

from myjoe_worker import events  # declares what a worker logs

__all__ = ["events"]
