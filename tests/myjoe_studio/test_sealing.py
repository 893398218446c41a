"""What is sealed and signed."""
from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myjoe.settings.variables import Secret
from myjoe_studio.sealing import Sealer

SEALER, OTHER = Sealer(Secret("5" * 64)), Sealer(Secret("6" * 64))
JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda one: st.lists(one) | st.dictionaries(st.text(), one))


@given(JSON)
def test_what_was_sealed_comes_back(value: Any) -> None:
    assert SEALER.unseal("tests", SEALER.seal("tests", value)) == value


def test_the_same_is_sealed_differently_each_time_and_shows_nothing() -> None:
    first, second = SEALER.seal("tests", "a secret"), SEALER.seal("tests", "a secret")
    assert first != second and b"a secret" not in first


def test_by_others_for_another_use_changed_or_cut_it_is_none() -> None:
    sealed = SEALER.seal("tests", {"a": 1})
    for sealer, use, given_bytes in (
        (OTHER, "tests", sealed), (SEALER, "other", sealed), (SEALER, "tests", sealed[:-1]), (SEALER, "tests", sealed + b"x"),
        (SEALER, "tests", bytes([sealed[0] ^ 1]) + sealed[1:]), (SEALER, "tests", b""), (SEALER, "tests", b"short"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match="not sealed here"):
            sealer.unseal(use, given_bytes)


@given(st.binary(max_size=64), st.integers(0))
def test_no_byte_of_it_may_be_another(noise: bytes, at: int) -> None:
    sealed = SEALER.seal("tests", "value")
    at %= len(sealed)
    changed = sealed[:at] + noise + sealed[at + len(noise) :]
    if changed != sealed:
        with pytest.raises(ValueError, match="not sealed here"):
            SEALER.unseal("tests", changed)


def test_a_forms_token_is_its_cookies_alone_and_looks_new_each_time() -> None:
    first, second = SEALER.form_token("cookie"), SEALER.form_token("cookie")
    assert first != second
    assert SEALER.is_form_token("cookie", first) and SEALER.is_form_token("cookie", second)
    assert not SEALER.is_form_token("other", first) and not OTHER.is_form_token("cookie", first)


@pytest.mark.parametrize("token", ["", "x", "=", "ä", "a" * 7, "A" * 1000, base64.urlsafe_b64encode(bytes(48)).decode(), "\x00"])
def test_what_is_no_token(token: str) -> None:
    assert not SEALER.is_form_token("cookie", token)
