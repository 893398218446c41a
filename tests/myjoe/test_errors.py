"""The error family: each type's docstring is its message, and the type alone decides what becomes
of a job.
"""
from __future__ import annotations

import inspect

import pytest

from myjoe import errors
from myjoe.errors import (
    FileMissingError,
    JobError,
    LeaseLostError,
    MyJoeError,
    PermanentError,
    ProviderBusyError,
    RetryableError,
    SettingsError,
    SnoozeError,
)

FAMILY = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, MyJoeError)]
# The names of whole families, whose types decide.
FAMILIES = (JobError, errors.StorageError)
JOBS = [kind for kind in FAMILY if issubclass(kind, JobError) and kind not in FAMILIES]
# What becomes of a job, by the branch of the family.
FATES = (RetryableError, SnoozeError, PermanentError, LeaseLostError)


@pytest.mark.parametrize("kind", [kind for kind in FAMILY if kind is not SettingsError])
def test_the_docstring_is_the_message_unless_there_is_another(kind: type[MyJoeError]) -> None:
    assert kind.__doc__ and kind.__doc__.endswith((".", "\n    "))
    assert str(kind()) == kind.__doc__.strip()
    assert str(kind("another")) == "another"


@pytest.mark.parametrize("kind", JOBS)
def test_each_decides_one_fate_and_has_a_kind_to_be_counted_by(kind: type[JobError]) -> None:
    assert sum(issubclass(kind, fate) for fate in FATES) == 1
    assert kind.kind.replace("_", "").isalpha() and kind.kind.islower()


def test_only_a_snooze_costs_no_attempt_and_says_when_to_come_back() -> None:
    assert SnoozeError().after_seconds == 30.0 and ProviderBusyError("busy", 7.5).after_seconds == 7.5
    assert errors.OperatorError().after_seconds == 300.0


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (RetryableError(), None), (RetryableError("x", 5.0), 5.0), (errors.PageRefusedError("ugly"), 0.0), (errors.LeaseRanOutError(), 0.0),
        (errors.ProviderTimeoutError("gone", 3.0), 3.0), (FileMissingError(), None),
    ],
)  # fmt: skip
def test_a_retry_waits_for_the_queues_backoff_unless_it_says_otherwise(error: RetryableError, seconds: float | None) -> None:
    assert error.retry_after_seconds == seconds


def test_mistakes_in_settings_are_kept_one_by_one() -> None:
    error = SettingsError(["A is wrong", "B is missing"])
    assert error.mistakes == ("A is wrong", "B is missing") and str(error) == "A is wrong; B is missing"
