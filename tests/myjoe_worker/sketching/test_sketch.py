"""The sketcher: the same words give the same page, others another; what it draws is a colouring
page, with work for the finisher.
"""
from __future__ import annotations

import asyncio
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import linefinish
from myjoe.errors import ImageRefusedError
from myjoe.ordering.page_order import PageOrder
from myjoe.providers.sketch_brain import MOTIF_NAMES
from myjoe_worker.imaging.examining import examine
from myjoe_worker.imaging.finishing import finish_page
from myjoe_worker.imaging.processes import ImageProcesses
from myjoe_worker.providers.protocol import DrawingOrder, Picture
from myjoe_worker.sketching import _sketchbook, sketch
from myjoe_worker.sketching._motifs import MOTIFS

ORDER = PageOrder(page=1, operations=("raster",), prompt="a page")
PROMPTS = (
    "a cat in the garden", "an owl at night", "a flower mandala", "a fish under the sea", "a rocket in space", "a sailboat on a lake",
    "a pattern of hearts and cupcakes", "a house with a tree", "a castle for a princess", "a snowman in winter", "steam trains",
)  # fmt: skip


def small(content: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(content)) as image:
        return np.asarray(image.convert("L").resize((60, 80)), np.float64)


def test_the_same_order_gives_the_same_bytes() -> None:
    assert sketch.draw("a cat", 3, 4, 7, False) == sketch.draw("a cat", 3, 4, 7, False)
    assert sketch.draw("a cat", 3, 4, 7, True) == sketch.draw("a cat", 3, 4, 7, True)


def test_other_seeds_and_other_words_give_other_pages() -> None:
    pages = [small(sketch.draw(prompt, 3, 4, 1, False)) for prompt in PROMPTS] + [small(sketch.draw(PROMPTS[0], 3, 4, 2, False))]
    for index, page in enumerate(pages):
        for other in pages[index + 1 :]:
            assert np.abs(page - other).mean() > 3


@pytest.mark.parametrize("prompt", PROMPTS)
def test_pages_are_closed_line_art(prompt: str) -> None:
    page = finish_page(sketch.draw(prompt, 7.75, 10.25, 1, False), "image/png", ORDER)
    report = page.qc["finisher"]
    assert report["regions"] >= 15
    assert 0.03 < report["ink_coverage"] < 0.25
    assert report["specks_removed"] > 0


@pytest.mark.parametrize("name", {motif: name for name, motif in MOTIFS.items()}.values())
def test_every_motif_can_be_the_page(name: str) -> None:
    """Each alone: it is drawn, has something to colour, and the page is one that
    linefinish proves.
    """
    page = finish_page(sketch.draw(name, 7.75, 10.25, 3, True), "image/svg+xml", ORDER.model_copy(update={"dpi": 72}))
    assert page.qc["finisher"]["regions"] >= 8
    assert _sketchbook.motifs_of(f"two {name}s, please") == _sketchbook.motifs_of(name) == [MOTIFS[name]]


def test_it_looks_generated() -> None:
    content = sketch.draw("a cat", 3, 4, 1, False)
    with Image.open(io.BytesIO(content)) as image:
        levels = np.asarray(image)
    assert 0.9e6 < levels.size < 1.2e6
    assert len(np.unique(levels)) > 150
    assert 245 < np.median(levels) < 255  # paper that is not quite white
    assert 0.02 < ((levels > 60) & (levels < 220)).mean() < 0.2  # soft edges


@pytest.mark.parametrize(("width", "height"), [(7.75, 10.25), (8, 8), (11, 8.5), (1, 100)])
def test_pages_have_the_proportions_asked_for(width: float, height: float) -> None:
    with Image.open(io.BytesIO(sketch.draw("a cat", width, height, 1, False))) as image:
        assert image.width / image.height == pytest.approx(max(width / height, 0.25), rel=0.03)


def test_audiences_are_heard() -> None:
    widths = [
        linefinish.finish(sketch.draw(f"a cat. {words}", 3, 4, 1, False)).report.stroke_width_median_px
        for words in ("very simple, few large shapes, very thick outlines", "bold outlines", "medium outlines", "fine even outlines")
    ]
    assert widths == sorted(widths, reverse=True) and widths[0] > 1.8 * widths[3]


def test_it_draws_what_the_brain_plans_with() -> None:
    assert set(MOTIFS) == set(MOTIF_NAMES)


class RecordingMeter:
    """Takes down what it is told."""

    resumable = None

    def __init__(self) -> None:
        self.closings: list[tuple[str, int | None]] = []

    async def intended(self, units: Any) -> None:
        raise AssertionError("nothing is noted of what is free")

    async def withdrawn(self) -> None:
        raise AssertionError("nothing was noted")

    async def opened(self, request_id: str, units: Any) -> None:
        raise AssertionError("nothing is reserved for what is free")

    async def closed(self, request_id: str, units: Any = None, *, micro_usd: int | None = None) -> None:
        self.closings.append((request_id, micro_usd))

    async def unknown(self, units: Any) -> None:
        raise AssertionError("nothing that is free is unknown")


def test_artist_and_upscaler_work_in_image_processes_and_cost_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[3]))
    meter = RecordingMeter()

    async def main() -> tuple[Picture, Picture, Picture]:
        async with ImageProcesses(1) as processes:
            order = DrawingOrder("a cat", 3, 4, 1, "job:raster:1")
            drawn = await sketch.SketchArtist(processes).draw(order, "sketch", meter)
            vector = await sketch.SketchArtist(processes).draw(order, "sketch-vector", meter)
            return drawn, vector, await sketch.SketchUpscaler(processes).enlarge(drawn, "sketch", meter)

    drawn, vector, large = asyncio.run(main())
    assert drawn.content == sketch.draw("a cat", 3, 4, 1, False)
    assert (drawn.media_type, vector.media_type) == ("image/png", "image/svg+xml")
    assert examine(vector.content, vector.media_type, ORDER).kind == "svg"
    sizes = [examine(picture.content, "", ORDER) for picture in (drawn, large)]
    assert sizes[1].width_px == 2 * sizes[0].width_px and sizes[1].height_px == 2 * sizes[0].height_px
    assert [micro_usd for _, micro_usd in meter.closings] == [0, 0, 0]


def test_what_is_large_already_is_not_enlarged() -> None:
    stream = io.BytesIO()
    Image.new("L", (2100, 2100), 255).save(stream, "PNG")
    with pytest.raises(ImageRefusedError, match="too large to be enlarged"):
        sketch.enlarge(stream.getvalue())
