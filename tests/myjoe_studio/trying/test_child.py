"""What a child makes of a picture."""
from __future__ import annotations

import json
import subprocess
import sys

import pytest

from linefinish import verify
from myjoe_studio.trying import child
from tests.myjoe_studio.trying.pictures import NO_PICTURES, drawing, encoded, noise, sideways


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


@pytest.mark.parametrize("name", NO_PICTURES)
def test_whatever_else_is_refused(name: str) -> None:
    assert child.finished(NO_PICTURES[name]) == {"refused": True}


def test_a_drawing_that_nobody_could_show_is_not_given_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "SVG_BYTES_MAX", 100_000)
    assert child.finished(noise(300)) == {"too_rich": True}


def test_the_program_reads_a_picture_and_writes_json() -> None:
    done = subprocess.run([sys.executable, "-P", child.__file__], input=encoded(drawing()), capture_output=True, check=True)
    assert json.loads(done.stdout)["curves"] == 4


def test_the_program_has_a_limit_of_memory() -> None:
    asked = f"import resource, runpy\nrunpy.run_path({child.__file__!r})['main']()\nprint(resource.getrlimit(resource.RLIMIT_AS)[0])"
    done = subprocess.run([sys.executable, "-c", asked], input=b"", capture_output=True, check=True)
    assert done.stdout.decode() == '{"refused": true}' + f"{child.MEMORY_MIB_MAX << 20}\n"
