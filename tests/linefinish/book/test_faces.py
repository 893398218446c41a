"""The bundled face, and others through fontTools."""
from __future__ import annotations

from pathlib import Path

import pytest

from linefinish import OptionsError
from linefinish.book import faces

VERA = Path(__import__("reportlab").__file__).parent / "fonts" / "Vera.ttf"


def test_the_bundled_face_has_the_scripts_it_says() -> None:
    face = faces.bundled()
    assert face.lacks("Äñøßłğ Ελληνικά Жђї Tiếng Việt “—…” €£ ©®") == []
    assert face.lacks("a猫b☃猫") == ["猫", "☃"]
    advance, contours = face.glyph("o")
    assert advance > 0
    assert len(contours) == 2
    assert face.glyph(" ")[1] == []


def test_widths_follow_advances_and_kerning() -> None:
    face = faces.bundled()
    assert face.kerning("AV") < 0
    apart = (face.glyph("A")[0] + face.glyph("V")[0]) / face.units
    assert face.width("AV") == pytest.approx(apart + face.kerning("AV") / face.units)
    assert face.width("") == 0


def test_the_licence_lies_beside_the_outlines() -> None:
    text = (Path(faces.__file__).parent / "OFL.txt").read_text(encoding="utf-8")
    assert "Lukasz Dziedzic" in text
    assert "SIL OPEN FONT LICENSE" in text


def test_another_face_is_read_by_fonttools_and_packs_into_the_same() -> None:
    import zlib

    face = faces.face_of(VERA)
    assert face.lacks("Vera猫") == ["猫"]
    assert face.width("Vera") > 1.5
    lines = zlib.decompress(face.packed("Ver")).decode().split("\n")
    assert len(lines) == 2 + 3
    assert lines[2].startswith("56 ")
    assert faces.face_of(None) is faces.bundled()


def test_files_that_are_no_font(tmp_path: Path) -> None:
    path = tmp_path / "none.ttf"
    with pytest.raises(OptionsError, match="no such file"):
        faces.face_of(path)
    path.write_bytes(b"no font at all")
    with pytest.raises(OptionsError, match="no TrueType or OpenType"):
        faces.face_of(path)
