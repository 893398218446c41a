"""How passwords are kept."""
from __future__ import annotations

import pytest

from myjoe_studio.identity.local.passwords import fits, hashed


def test_a_password_fits_what_was_kept_of_it_and_no_other_does() -> None:
    kept = hashed("correct horse")
    assert fits("correct horse", kept)
    assert not fits("correct horsE", kept) and not fits("", kept)
    assert "correct" not in kept


def test_the_same_password_is_kept_differently_each_time() -> None:
    assert hashed("correct horse") != hashed("correct horse")


def test_where_none_was_kept_none_fits() -> None:
    assert not fits("", None) and not fits("correct horse", None)


def test_what_was_kept_at_other_costs_still_fits() -> None:
    from tests.support.accounts import cheaply_hashed

    assert fits("correct horse", cheaply_hashed("correct horse")) and not fits("other", cheaply_hashed("correct horse"))


def test_what_others_keep_is_not_ours_to_judge() -> None:
    with pytest.raises(ValueError, match="not kept by"):
        fits("correct horse", "$2a$10$abcdefghijklmnopqrstuv")


def test_guessing_one_takes_what_owasp_recommends() -> None:
    """N = 2¹⁴, r = 8, p = 5 is one of the equal settings of its cheat sheet."""
    assert hashed("correct horse").startswith("scrypt$16384$8$5$")
