"""What the Studio may log."""
from __future__ import annotations

import pytest

from myjoe import telemetry
from myjoe.telemetry.emitting import UnknownEventError
from myjoe.telemetry.events import EVENTS
from myjoe_studio import events


def test_its_events_are_declared_with_a_sentence_each() -> None:
    own = {name: event for name, event in EVENTS.items() if name.startswith(("studio.", "request."))}
    assert events and {"studio.started", "request.failed"} <= set(own)
    assert all(event.text.endswith(".") for event in own.values())


def test_a_field_that_is_not_declared_is_refused() -> None:
    with pytest.raises(UnknownEventError):
        telemetry.emit("request.answered", cookie="secret")
