"""How long others ask us to stay away: read from their headers, and never believed beyond bounds.

The floor is the queue's (`private.pause_floor`): it grows with each pause of a job, so that whoever
says 0 again and again is not asked again and again.
"""
from __future__ import annotations

import email.utils
import math
import time
from collections.abc import Mapping

# A pause that others ask for is kept up to so many seconds; after that they are asked again. More
# trusts a mistaken header for longer.
RETRY_AFTER_SECONDS_MAX = 3600.0


def retry_after_seconds(headers: Mapping[str, str], now: float | None = None) -> float | None:
    """How long somebody asks us to stay away, 0 … RETRY_AFTER_SECONDS_MAX; None if they do not say,
    or nothing that can be read.

    Milliseconds, seconds (fractions too) or a date (RFC 9110, 10.2.3), in this order.
    """
    for name, per_second in (("retry-after-ms", 1000), ("retry-after", 1)):
        try:
            seconds = float(headers.get(name, "")) / per_second
        except ValueError:
            continue
        if not math.isnan(seconds):
            return bounded(seconds)
    try:
        date = email.utils.parsedate_tz(headers.get("retry-after", ""))
        at = None if date is None else email.utils.mktime_tz(date)
    except (ValueError, OverflowError, IndexError, TypeError):  # a day that no calendar has
        return None
    return None if at is None else bounded(at - (time.time() if now is None else now))


def bounded(seconds: float) -> float:
    """A pause that others ask for, 0 … RETRY_AFTER_SECONDS_MAX; what is no number is 0."""
    return 0.0 if math.isnan(seconds) else min(max(seconds, 0.0), RETRY_AFTER_SECONDS_MAX)
