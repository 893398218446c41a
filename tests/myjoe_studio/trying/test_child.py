"""What a child makes of a picture."""
from __future__ import annotations

import base64
import io
import json
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from PIL import Image

from linefinish import Gray, find_sheet, finish, flatten, read_gray, verify
from myjoe_studio.trying import child
from tests.myjoe_studio.trying.pictures import NO_PICTURES, drawing, encoded, noise, photographed, sideways, with_lens


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_becomes_a_drawing_that_is_black_and_white(kind: str) -> None:
    tried = child.finished(encoded(drawing(), kind))
    assert verify(tried["svg"].encode()).is_one_bit
    # Two outlines, each with what is inside it.
    assert (tried["width"], tried["height"], tried["curves"], tried["areas"]) == (600, 400, 4, 2)
    # All of it was grey, but for a few dots of JPEG's that happen to be black.
    assert 0.99 * 600 * 400 < tried["grays_before"] <= 600 * 400


def test_black_and_white_had_no_greys_before() -> None:
    assert child.finished(encoded(drawing().point(lambda level: 255 * (level > 128)).convert("1")))["grays_before"] == 0


def test_a_photograph_comes_out_the_right_way_up() -> None:
    tried = child.finished(sideways(600, 400))
    assert (tried["width"], tried["height"]) == (400, 600)


def svg_of(page: Any) -> str:
    """A page's drawing, as the library alone makes it."""
    written = io.BytesIO()
    finish(page).write(written, format="svg")
    return written.getvalue().decode()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_of_a_photographed_sheet_the_sheet_alone_is_drawn(kind: str) -> None:
    content = encoded(photographed(), kind)
    tried, gray = child.finished(content), read_gray(content)
    sheet = find_sheet(content)
    assert sheet is not None
    flat = flatten(gray, sheet)
    assert (tried["width"], tried["height"], tried["svg"]) == (flat.width, flat.height, svg_of(flat))
    assert tried["sheet"]["found"] and 0.2 < tried["sheet"]["left_out_share"] < 0.7
    shown = Image.open(io.BytesIO(base64.b64decode(tried["sheet"]["flat"])))
    assert (shown.format, shown.size, shown.mode) == ("JPEG", (flat.width, flat.height), "L")


def test_the_lens_told_is_as_good_as_the_lens_stated() -> None:
    photo = encoded(photographed(), "JPEG")
    stated = child.finished(with_lens(photographed(), 50))
    told, neither = (child.finished(photo, focal_mm=focal_mm) for focal_mm in (50.0, None))
    assert stated["svg"] == told["svg"] != neither["svg"]
    assert any("assumed" in warning for warning in neither["sheet"]["warnings"]) and not stated["sheet"]["warnings"]


def test_the_whole_of_it_is_drawn_if_that_is_asked_for() -> None:
    content = encoded(photographed(), "JPEG")
    tried = child.finished(content, whole=True)
    assert (tried["width"], tried["height"], tried["sheet"]) == (600, 800, {})
    assert tried["svg"] == svg_of(read_gray(content))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_what_is_no_photograph_is_drawn_as_if_nobody_looked(kind: str) -> None:
    content = encoded(drawing(), kind)
    tried = child.finished(content)
    assert tried["svg"] == svg_of(read_gray(content)) == child.finished(content, whole=True)["svg"]
    assert not tried["sheet"]["found"] and tried["sheet"]["flat"] == ""


@pytest.mark.parametrize("name", NO_PICTURES)
def test_whatever_else_is_refused(name: str) -> None:
    assert child.finished(NO_PICTURES[name]) == {"refused": True}


def test_a_drawing_that_nobody_could_show_is_not_given_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "SVG_BYTES_MAX", 100_000)
    assert child.finished(noise(300)) == {"too_rich": True}


def test_noise_of_all_greys_is_refused_before_it_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "finish", None)
    greys = np.random.default_rng(3).integers(0, 256, (300, 400), np.uint8)
    assert child.finished(encoded(Image.fromarray(greys))) == {"too_rich": True}


def test_dithering_and_hatching_of_single_pixels_are_no_noise() -> None:
    slope = Image.fromarray(np.tile(np.linspace(0, 255, 300).astype(np.uint8), (300, 1)))
    hatched = np.full((300, 300), 255, np.uint8)
    hatched[:, ::3] = 0
    for page in (np.asarray(slope.convert("1").convert("L")), hatched, np.asarray(slope)):
        assert not child.is_noise(Gray.from_array(page))


def test_the_program_reads_a_picture_and_writes_json() -> None:
    done = subprocess.run([sys.executable, "-P", child.__file__], input=encoded(drawing()), capture_output=True, check=True)
    assert json.loads(done.stdout)["curves"] == 4


def test_the_program_takes_a_large_photograph_and_the_wish_for_all_of_it() -> None:
    """Nearly as many pixels as it takes, within its limit of memory."""
    content = encoded(photographed(times=2).resize((1700, 2267)), "JPEG")
    for wish, size in (((), None), ((child.WHOLE,), (1700, 2267))):
        done = subprocess.run([sys.executable, "-P", child.__file__, *wish], input=content, capture_output=True, check=True)
        tried = json.loads(done.stdout)
        assert bool(tried["sheet"]) == (not wish) and tried["width"] < 1700 + len(wish)
        assert size is None or (tried["width"], tried["height"]) == size


def test_the_program_has_a_limit_of_memory() -> None:
    asked = f"import resource, runpy\nrunpy.run_path({child.__file__!r})['main']()\nprint(resource.getrlimit(resource.RLIMIT_AS)[0])"
    done = subprocess.run([sys.executable, "-c", asked], input=b"", capture_output=True, check=True)
    assert done.stdout.decode() == '{"refused": true}' + f"{child.MEMORY_MIB_MAX << 20}\n"
