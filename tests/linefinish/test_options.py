"""Options: checked on creation, known by Potrace's names too, and validated by pydantic without our
depending on it.
"""
from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from linefinish.errors import OptionsError
from linefinish.options import ALIASES, OPTIONS, FinishOptions

WRONG = [
    ({"threshold": "magic"}, "threshold"),
    ({"threshold_level": 257}, "0 to 256"),
    ({"threshold_level": 1.5}, "whole"),
    ({"threshold_level": True}, "number"),
    ({"speckle_area_px_max": -1}, "speckle_area_px_max"),
    ({"speckle_area_px_max": float("nan")}, "number"),
    ({"speckle_area_px_max": "9"}, "number"),
    ({"threads": 0}, "1 to 256"),
    ({"gap_length_px_max": None}, "number"),
]


@pytest.mark.parametrize(("values", "words"), WRONG)
def test_wrong_values_are_named(values: dict[str, Any], words: str) -> None:
    with pytest.raises(OptionsError, match=words):
        FinishOptions(**values)


def test_unknown_names_are_refused_with_the_known_ones() -> None:
    with pytest.raises(OptionsError, match="speckle_area_px_max"):
        FinishOptions.from_mapping({"speckles": 3})


@pytest.mark.parametrize(("alias", "name"), ALIASES.items())
def test_potraces_names_are_understood(alias: str, name: str) -> None:
    option = next(option for option in OPTIONS if option.name == name)
    value = option.choices[-1] if option.choices else (option.high if option.high is not None else 1)
    assert getattr(FinishOptions.from_mapping({alias: value}), name) == value


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_defaults_and_bounds_are_themselves_allowed(option: Any) -> None:
    for value in (option.default, option.low, option.high, *option.choices):
        if value is not None:
            assert getattr(FinishOptions(**{option.name: value}), option.name) == value
    for beyond in (option.low and option.low - 1, option.high and option.high + 1):
        if beyond is not None and beyond != option.low:
            with pytest.raises(OptionsError):
                FinishOptions(**{option.name: beyond})


def test_there_and_back_through_json() -> None:
    options = FinishOptions(threshold="sauvola", speckle_area_px_max=9)
    assert FinishOptions.from_mapping(json.loads(json.dumps(options.to_mapping()))) == options


def test_pydantic_validates_job_json() -> None:
    adapter = TypeAdapter(FinishOptions)
    options = adapter.validate_json('{"turdsize": 4, "threshold": "otsu"}')
    assert options == FinishOptions(speckle_area_px_max=4, threshold="otsu")
    assert json.loads(adapter.dump_json(options)) == options.to_mapping()
    with pytest.raises(ValidationError, match="no option"):
        adapter.validate_python({"nonsense": 1})


def test_pydantic_refuses_what_is_no_mapping_and_describes_the_rest() -> None:
    adapter = TypeAdapter(FinishOptions)
    for thing in ([1], "fast", None, 7):
        with pytest.raises(ValidationError, match="names and values"):
            adapter.validate_python(thing)
    schema = adapter.json_schema()
    assert list(schema["properties"]) == [option.name for option in OPTIONS]
    threads = schema["properties"]["threads"]
    assert (threads["type"], threads["default"], threads["minimum"], threads["maximum"]) == ("integer", 1, 1, 256)
    assert schema["properties"]["threshold_k"]["type"] == ["number", "null"]
