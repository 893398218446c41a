"""Options: checked on creation, known by Potrace's names too, and validated by pydantic without our
depending on it.
"""
from __future__ import annotations

import ast
import json
import pydoc
import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from linefinish import options, writers
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
    value = option.choices[-1] if option.choices else option.high if option.high is not None else option.kind == "flag" or 1
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


def test_potraces_values_are_converted_where_they_are_others() -> None:
    made = [FinishOptions.from_mapping({"alphamax": value}).corner_sharpness for value in (0, 0.5, 1, 1.2, 4 / 3, 9)]
    assert made == pytest.approx([2, 1.5, 1, 0.4, 0, 0], abs=1e-9)
    assert FinishOptions.from_mapping({"blacklevel": 0.5}).threshold_level == 128
    assert FinishOptions.from_mapping({"blacklevel": 90}).threshold_level == 90
    for values in ({"alphamax": "1"}, {"alphamax": True}, {"blacklevel": "dark"}):
        with pytest.raises(OptionsError):
            FinishOptions.from_mapping(values)


def test_an_unknown_word_is_answered_with_the_nearest() -> None:
    with pytest.raises(OptionsError, match=r"no option 'thershold'; did you mean threshold\?"):
        FinishOptions.from_mapping({"thershold": "otsu"})
    with pytest.raises(TypeError, match=r"FinishOptions has no speckle_area_max; did you mean speckle_area_px_max\?"):
        FinishOptions(speckle_area_max=9)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match=r"FinishOptions has no stroke; did you mean stroke_"):
        FinishOptions(stroke=9)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="FinishOptions has no turdsize; it is called speckle_area_px_max here"):
        FinishOptions(turdsize=9)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="FinishOptions has no alphamax; it is called corner_sharpness here"):
        FinishOptions(alphamax=1)  # type: ignore[call-arg]


def test_help_lists_each_option_with_its_unit_and_bounds() -> None:
    text = pydoc.render_doc(FinishOptions, renderer=pydoc.plaintext)
    for option in OPTIONS:
        assert f"{option.name} = {option.default!r}: " in text and option.help in text
    assert "speckle_area_px_max = None: 0 to 1e+09 square pixels (Potrace: turdsize)" in text
    assert "threads = 1: 1 to 256, whole" in text
    assert "hollow_line_px = None: 1 to 1000 pixels" in text
    assert "threshold = 'auto': auto, otsu, sauvola" in text


def test_editors_are_told_the_same_words() -> None:
    tree = ast.parse(Path(options.__file__ or "").read_text())
    literals = {
        node.targets[0].id: ast.literal_eval(node.value.slice)
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and isinstance(node.value, ast.Subscript)
    }
    assert literals == {
        "ThresholdMethod": options.THRESHOLD_METHODS, "BackgroundMode": options.BACKGROUND_MODES, "FillMode": options.FILL_MODES,
        "TurnPolicy": options.TURN_POLICIES, "StrokeJoin": options.STROKE_JOINS, "StrokeOrder": options.STROKE_ORDERS,
    }  # fmt: skip
    (formats,) = re.findall(r"Format = Literal\[(.*)\]", Path(writers.__file__ or "").read_text())
    assert ast.literal_eval(f"({formats})") == tuple(writers.WRITERS)
