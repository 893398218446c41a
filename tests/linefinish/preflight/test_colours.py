"""Colours of all kinds of spaces, as inks see them."""
from __future__ import annotations

import io
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name

from linefinish.preflight.colours import Colours, tone_of
from linefinish.preflight.marks import BLACK, COLOUR, GRAY, WHITE
from linefinish.preflight.opening import opened


@pytest.mark.parametrize(("space", "values", "tone"), [
    (b"DeviceGray", [0], BLACK), (b"DeviceGray", [0.5], GRAY), (b"DeviceRGB", [1, 1, 1], WHITE), (b"DeviceRGB", [0, 0, 1], COLOUR),
    (b"DeviceCMYK", [0, 0, 0, 1], BLACK), (b"DeviceCMYK", [0.6, 0.4, 0.4, 1], COLOUR), (b"DeviceCMYK", [0, 0, 0, 0], WHITE),
])  # fmt: skip
def test_tone(space: bytes, values: list[float], tone: str) -> None:
    assert tone_of(space, values) == tone


TINT = Dictionary(FunctionType=2, Domain=[0, 1], C0=[0, 0, 0, 0], C1=[0, 1, 1, 0], N=1)
LAB = Array([Name.Lab, Dictionary(WhitePoint=[0.9505, 1, 1.089], Range=[-128, 127, -128, 127])])


def separation(name: str) -> Array:
    return Array([Name.Separation, Name(name), Name.DeviceCMYK, TINT])


def device_n(*names: str) -> Array:
    return Array([Name.DeviceN, Array([Name(name) for name in names]), Name.DeviceCMYK, TINT])


def indexed(base: Any, table: bytes) -> Array:
    return Array([Name.Indexed, base, 1, pikepdf.String(table)])


@pytest.mark.parametrize(("space", "values", "tone", "initial"), [
    (separation("/Black"), [1], BLACK, BLACK), (separation("/Black"), [0.5], GRAY, BLACK), (separation("/All"), [0], WHITE, BLACK),
    (separation("/Gold"), [1], COLOUR, COLOUR), (separation("/Gold"), [0], WHITE, COLOUR), (separation("/None"), [1], WHITE, WHITE),
    (device_n("/Black"), [1], BLACK, BLACK), (device_n("/Black", "/Gold"), [1, 0], BLACK, COLOUR),
    (device_n("/Cyan", "/Black"), [0.1, 1], COLOUR, COLOUR), (device_n("/Black", "/None"), [0.5, 1], GRAY, BLACK),
    (LAB, [0, 0, 0], BLACK, BLACK), (LAB, [50, 0, 0], GRAY, BLACK), (LAB, [50, 70, 50], COLOUR, BLACK),
    (indexed(Name.DeviceRGB, b"\0\0\0\xff\0\0"), [0], BLACK, BLACK), (indexed(Name.DeviceRGB, b"\0\0\0\xff\0\0"), [1], COLOUR, BLACK),
    (indexed(Name.DeviceRGB, b"\0\0\0"), [1], COLOUR, BLACK), (indexed(separation("/Black"), b"\0\xff"), [1], BLACK, WHITE),
    (Name.DeviceCMYK, [0, 0, 0, 1], BLACK, BLACK), (Array([Name.CalGray, Dictionary(WhitePoint=[1, 1, 1])]), [0.5], GRAY, BLACK),
    (Name("/Unknown"), [0], COLOUR, COLOUR),
])  # fmt: skip
def test_spaces(space: Any, values: list[float], tone: str, initial: str) -> None:
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.Root.Space = space
        held = io.BytesIO()
        pdf.save(held)
    file = opened(held.getvalue())
    colours, found = Colours(file), file.catalog()[b"Space"]
    assert (colours.tone(found, values), colours.initial(found)) == (tone, initial)
