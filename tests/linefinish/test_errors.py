"""The error family: a type says what happened, its docstring is what a person reads."""
from __future__ import annotations

import inspect

import pytest

from linefinish import errors

FAMILY = [value for _, value in inspect.getmembers(errors, inspect.isclass) if issubclass(value, errors.LinefinishError)]


@pytest.mark.parametrize("kind", FAMILY, ids=lambda kind: kind.__name__)
def test_its_docstring_is_its_message(kind: type[errors.LinefinishError]) -> None:
    message = str(kind())
    assert message == inspect.getdoc(kind)
    assert "\n" not in message and message.endswith(".") and kind.__name__.endswith("Error")
    assert str(kind("the file is gone")) == "the file is gone"


def test_what_a_caller_may_catch() -> None:
    assert issubclass(errors.ImageError, ValueError) and issubclass(errors.OptionsError, ValueError)
    assert issubclass(errors.UnknownFormatError, errors.WriteError)
    error = errors.ImageTooLargeError("too large", megapixels=900.0, megapixels_max=500.0)
    assert (error.megapixels, error.megapixels_max) == (900.0, 500.0)
