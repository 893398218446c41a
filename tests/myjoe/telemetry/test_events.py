"""The tables of events: each explains itself, and none has two meanings."""
from __future__ import annotations

import pytest

import myjoe_worker.events  # declares a worker's
from myjoe.telemetry.events import CONTEXT, DEBUG, ERROR, EVENTS, INFO, WARNING, Event, declare

assert myjoe_worker.events


def test_every_event_explains_itself_and_holds_no_field_for_what_is_private() -> None:
    for name, event in EVENTS.items():
        assert event.text.endswith(".") and event.text[0].isupper(), name
        assert not {"prompt", "payload", "manifest", "description", "url", "key", "password"} & set(event.fields), name


def test_every_event_has_a_family_a_level_and_no_field_twice() -> None:
    for name, event in EVENTS.items():
        assert name == "log" or name.replace("_", "").count(".") == 1 and name.islower(), name
        assert event.level in (DEBUG, INFO, WARNING, ERROR), name
        assert len(set(event.fields)) == len(event.fields) and not set(event.fields) & set(CONTEXT), name


def test_what_goes_wrong_says_why() -> None:
    for name, event in EVENTS.items():
        if event.level >= WARNING and name != "log":
            assert {"error", "reason", "action", "outcome"} & set(event.fields), name


def test_a_table_may_be_declared_again_and_not_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("myjoe.telemetry.events.EVENTS", dict(EVENTS))
    table = {"test.done": Event(INFO, "It is done.", ("seconds",))}
    declare(table)
    declare(table)
    from myjoe.telemetry import events

    assert events.EVENTS["test.done"].fields == ("seconds",)
    with pytest.raises(ValueError, match=r"test\.done is declared twice"):
        declare({"test.done": Event(WARNING, "It is done.", ("seconds",))})
