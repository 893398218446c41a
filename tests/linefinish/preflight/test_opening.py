"""Hostile files end in one sentence."""
from __future__ import annotations

from pathlib import Path

import pikepdf
import pytest

from linefinish.preflight.checking import UnreadableError, check


def test_forms_that_multiply_or_call_themselves_are_refused(tmp_path: Path) -> None:
    file = pikepdf.new()
    file.add_blank_page(page_size=(612, 792))
    form = file.make_stream(b"/F Do /F Do", Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form, BBox=[0, 0, 9, 9])
    form.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(F=form))
    file.pages[0].Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(F=form))
    file.pages[0].Contents = file.make_stream(b"/F Do")
    file.save(tmp_path / "a.pdf")
    with pytest.raises(UnreadableError, match="page 1: cannot be read: more than"):
        check(tmp_path / "a.pdf")
