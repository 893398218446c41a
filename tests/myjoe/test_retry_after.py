"""How long others ask us to stay away, in every form, and within bounds."""
from __future__ import annotations

import email.utils
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myjoe.retry_after import RETRY_AFTER_SECONDS_MAX, bounded, retry_after_seconds

NOW = 1_764_000_000.0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.25"}, 0.25),
        ({"retry-after": "300"}, 300.0),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after-ms": "0"}, 0.0),
        ({"retry-after-ms": "nan", "retry-after": "9"}, 9.0),
        ({"retry-after": email.utils.formatdate(NOW + 90, usegmt=True)}, 90.0),
        ({"retry-after": email.utils.formatdate(NOW - 90, usegmt=True)}, 0.0),
        ({"retry-after": "-5"}, 0.0),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "1e999"}, RETRY_AFTER_SECONDS_MAX),
        ({"retry-after": "-inf"}, 0.0),
        ({"retry-after": "99999999"}, RETRY_AFTER_SECONDS_MAX),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "Wed, 25 Nov 99999999 00:00:00 GMT"}, None),
        ({"retry-after": "Wed, 99 Nov 2026 99:99:99 GMT"}, None),
        ({"retry-after": "Wed, 25 Nov 2026 00:00:00 +999999999999"}, None),
    ],
)
def test_a_pause_is_read_in_every_form_and_bounded(headers: dict[str, str], seconds: float | None) -> None:
    found = retry_after_seconds(headers, NOW)
    # A day that no calendar has may be read as one that is: within bounds in any case.
    assert found == seconds or (seconds is None and found is not None and 0 <= found <= RETRY_AFTER_SECONDS_MAX and "99" in str(headers))


@given(st.text(max_size=60) | st.floats().map(str) | st.integers().map(str), st.floats(allow_nan=False, allow_infinity=False))
def test_whatever_is_said_comes_out_within_bounds_or_as_nothing(said: str, now: float) -> None:
    for headers in ({"retry-after": said}, {"retry-after-ms": said}):
        found = retry_after_seconds(headers, now)
        assert found is None or 0 <= found <= RETRY_AFTER_SECONDS_MAX


@given(st.floats())
def test_a_pause_is_bounded(seconds: float) -> None:
    assert 0 <= bounded(seconds) <= RETRY_AFTER_SECONDS_MAX
    assert bounded(math.nan) == 0
