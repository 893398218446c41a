"""The Google of development."""
from __future__ import annotations

from myjoe_studio.identity.local.google import Google


def test_a_code_is_good_once() -> None:
    google = Google()
    state = google.begin("http://x/auth/callback", "challenge")
    assert google.is_under_way(state)
    back, code = google.answer(state, "joe@example.com")
    assert back == "http://x/auth/callback" and not google.is_under_way(state)
    flow = google.take(code)
    assert flow is not None and (flow.email, flow.challenge) == ("joe@example.com", "challenge")
    assert google.take(code) is None


def test_who_denied_is_not_under_way() -> None:
    google = Google()
    state = google.begin("http://x", "c")
    google.deny(state)
    google.deny(state)
    assert not google.is_under_way(state)


def test_a_made_up_state_or_code_is_nothing() -> None:
    google = Google()
    assert not google.is_under_way("made up") and google.take("made up") is None
