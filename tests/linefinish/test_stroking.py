"""Strokes as a person asks for them, from the pixels to the file."""
from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import resvg_py
from PIL import Image, ImageDraw

import linefinish
from linefinish import FinishOptions, OptionsError, Order, WriteError, finish, finish_many, stroking, verify
from linefinish.command.arguments import parse
from linefinish.command.finish import COMMAND, run
from linefinish.stroking import facts_of
from tests.linefinish.drawings import doodle

WIDTH, HEIGHT = 160, 120


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cross with long arms, a ring, a dot, and a black square that no pen draws."""
    image = Image.new("L", (4 * WIDTH, 4 * HEIGHT), 255)
    draw = ImageDraw.Draw(image)
    draw.line((40, 200, 360, 200), fill=0, width=12)
    draw.line((200, 40, 200, 360), fill=0, width=12)
    draw.ellipse((400, 40, 600, 240), outline=0, width=12)
    draw.ellipse((60, 400, 90, 430), fill=0)
    draw.rectangle((420, 300, 560, 440), fill=0)
    path = tmp_path_factory.mktemp("strokes") / "page.png"
    image.resize((WIDTH, HEIGHT), Image.Resampling.BOX).save(path, dpi=(96, 96))
    return path


@pytest.fixture(scope="module")
def found(page: Path) -> linefinish.Finished:
    return stroked(page)


def stroked(page: Any, **options: Any) -> linefinish.Finished:
    return finish(page, FinishOptions(centerline=True, speckle_area_px_max=0, **options))


def test_strokes_of_a_page_and_what_is_told_of_them(found: linefinish.Finished) -> None:
    strokes, facts = found.strokes, found.report.strokes
    assert strokes is not None and facts is not None and strokes.fills is not None
    assert (facts["count"], facts["dots"], facts["loops"], facts["junctions"], facts["fills"]) == (4, 1, 1, 1, 1)
    assert strokes.junctions.tolist() == pytest.approx([50, 50], abs=0.5)
    assert facts["width_median_px"] == pytest.approx(3, abs=0.2)
    assert facts["length_px"] == pytest.approx(strokes.length, abs=0.01) == pytest.approx(80 + 80 + np.pi * 47, rel=0.05)
    assert facts["fill_share"] == pytest.approx(strokes.fills.area / found.bitmap.ink_count(), rel=0.01)
    assert any(line.startswith("strokes    4 of ") for line in found.report.lines())
    assert json.loads(json.dumps(found.report.to_mapping()))["strokes"] == facts
    assert finish(np.full((9, 9), 255, np.uint8)).strokes is None


def test_mostly_fills_are_warned_of_with_their_share() -> None:
    black = np.full((120, 160), 255, np.uint8)
    black[20:100, 20:140] = 0
    black[110:112, 5:155] = 0
    made = stroked(black)
    assert any("% of the ink is too wide for strokes" in warning for warning in made.report.warnings)
    assert made.report.strokes is not None and made.report.strokes["fill_share"] > 0.9


@pytest.mark.parametrize("name", ["svg", "dxf", "plt", "gcode", "strokes.json"])
def test_an_empty_page_is_an_empty_file(name: str, tmp_path: Path) -> None:
    made = stroked(np.full((30, 40), 255, np.uint8))
    assert made.strokes is not None and len(made.strokes) == 0
    made.write(tmp_path / f"a.{name}")
    assert (tmp_path / f"a.{name}").stat().st_size > 0
    if name in ("svg", "dxf"):
        assert verify(tmp_path / f"a.{name}").is_one_bit


def test_options_of_strokes(page: Path) -> None:
    arms = stroked(page, stroke_join="none", stroke_fills="drop", stroke_width=2.5).strokes
    assert arms is not None and len(arms) == 6 and arms.fills is None and set(arms.widths) == {2.5}
    ways = stroked(page, stroke_join="trails", stroke_order="none", stroke_width="measured").strokes
    assert ways is not None and len(ways) == 4 and len(set(ways.widths)) > 4
    lines = stroked(page, stroke_fills=2.0).strokes
    assert lines is not None and lines.fills is None and len(lines) == 4 + 18
    assert stroked(page, stroke_width_px_max=200).report.strokes["fills"] == 0  # type: ignore[index]


def test_files_of_strokes_and_of_ink(found: linefinish.Finished, page: Path, tmp_path: Path) -> None:
    for name in ("a.svg", "a.dxf", "a.plt", "a.gcode", "a.strokes.json", "a.png", "a.tif"):
        found.write(tmp_path / name)
    for name in ("a.svg", "a.dxf", "a.png", "a.tif"):
        assert verify(tmp_path / name).is_one_bit, name
    with pytest.raises(WriteError, match="strokes cannot be written as pdf"):
        found.write(tmp_path / "a.pdf")
    shown = bytes(resvg_py.svg_to_bytes(svg_string=(tmp_path / "a.svg").read_text(), background="white", dpi=96))
    with Image.open(io.BytesIO(shown)) as image:
        again = np.asarray(image.convert("L")) < 128
    assert (again ^ np.asarray(found.bitmap)).sum() < 0.06 * found.bitmap.ink_count()  # an edge of 3 px strokes is a third of them


def test_the_outlines_of_an_svg_are_a_page(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same strokes come of the drawing's own outlines, in the same physical size."""
    monkeypatch.setattr(stroking, "_OUTLINED_SIDE_PX", 480)
    finish(page, FinishOptions(speckle_area_px_max=0)).write(tmp_path / "outlines.svg")
    made = stroked(tmp_path / "outlines.svg")
    assert made.strokes is not None and made.report.strokes is not None
    scale = made.strokes.width / WIDTH
    assert scale == 3
    assert [made.report.strokes[name] for name in ("count", "dots", "loops", "junctions", "fills")] == [4, 1, 1, 1, 1]
    assert made.strokes.junctions.tolist() == pytest.approx([50 * scale, 50 * scale], abs=0.5 * scale)
    made.write(tmp_path / "strokes.svg")
    assert ' width="120pt" height="90pt" ' in (tmp_path / "strokes.svg").read_text()  # 160 × 120 px at 96 dpi
    with monkeypatch.context() as piped, (tmp_path / "outlines.svg").open("rb") as file:
        piped.setattr(sys, "stdin", io.TextIOWrapper(file))
        piped_strokes = stroked("-").strokes
        assert piped_strokes is not None and piped_strokes.to_svg_path() == made.strokes.to_svg_path()
    with pytest.raises(linefinish.ImageReadError):
        stroked(b"<svg xmlns='http://www.w3.org/2000/svg'><image/></svg>")
    (tmp_path / "text.svg").write_text("hello")
    for name, words in (("text.svg", "text.svg: the drawing is no SVG"), ("none.svg", "none.svg: there is no such file")):
        with pytest.raises(linefinish.ImageReadError, match=words):
            stroked(tmp_path / name)
    with pytest.raises(linefinish.ImageTooLargeError, match="30000 × 30000 pixels"):
        stroked(b"<svg xmlns='http://www.w3.org/2000/svg' width='30000' height='30000'><path d='M0 0H9V9z'/></svg>")


def test_the_command_and_its_spellings(page: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--centreline", "--join", "none", "--order", "none", "--stroke-width", "given:0.5mm", "--stroke-fills", "hatch:1mm",
             "--gcode-feed", "300", "--gcode-on", "M4 S5")  # fmt: skip
    outputs = [word for name in ("svg", "gcode", "plt") for word in ("-o", str(tmp_path / f"a.{name}"))]
    assert run(*parse(COMMAND, [str(page), *outputs, *words])) == 0
    assert "\nstrokes " in capsys.readouterr().out
    assert 'stroke-width="1.89"' in (tmp_path / "a.svg").read_text()  # 0.5 mm at 96 dpi
    assert "M4 S5\n" in (tmp_path / "a.gcode").read_text() and " F300\n" in (tmp_path / "a.gcode").read_text()


@pytest.mark.parametrize(("words", "told"), [
    (["-o", "a.plt"], "add --centerline"), (["-o", "a.pdf", "--centerline"], "would hold outlines"),
    (["-o", "a.svg", "--centerline", "--gcode-on", "M3"], "--gcode-on is for gcode, and none is written"),
    (["-o", "a.png", "--svg-paths", "each"], "--svg-paths is for svg, and none"),
    (["-o", "a.pdf", "--layers", "depth"], "--layers is for svg and dxf, and none"),
])  # fmt: skip
def test_files_that_would_hold_something_else_are_refused(words: list[str], told: str, page: Path) -> None:
    with pytest.raises(OptionsError, match=told):
        run(*parse(COMMAND, [str(page), *words]))


def test_a_batch_of_strokes(page: Path, tmp_path: Path) -> None:
    order = Order({"centerline": True}, gcode={"feed": 200.0})
    (result,) = finish_many([page], tmp_path, order, ("svg", "gcode", "strokes.json"), jobs=1)
    assert result.status == "done" and result.report is not None and result.report["strokes"]["count"] >= 3
    assert sorted(path.name for path in tmp_path.glob("page.*")) == ["page.gcode", "page.strokes.json", "page.svg"]
    with pytest.raises(OptionsError):
        finish_many([page], tmp_path, None, ("plt",))


def test_facts_of_strokes_made_by_hand() -> None:
    facts = facts_of(doodle(), 0.25)
    assert (facts["count"], facts["dots"], facts["loops"], facts["segments"], facts["fills"], facts["fill_share"]) == (7, 1, 2, 11, 1, 0.25)
    assert (facts["width_median_px"], facts["width_min_px"], facts["width_max_px"], facts["lifts"]) == (1.5, 1.0, 6.0, 7)
