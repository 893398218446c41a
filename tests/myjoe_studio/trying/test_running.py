"""The parent: how many children at a time, for how long, and what of ours they see."""
from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from myjoe_studio.trying import child, running
from myjoe_studio.trying.running import BUSY, NO_PICTURE, TOO_RICH, TOO_SLOW, Tried, Tryer, TryError
from myjoe_studio.trying.telling import AS_ASKED, CUT_OUT
from tests.myjoe_studio.trying.pictures import NO_PICTURES, drawing, encoded, photographed

PICTURE = encoded(drawing())


def refused(tryer: Tryer, content: bytes) -> TryError:
    """Why the picture was refused."""
    with pytest.raises(TryError) as caught:
        asyncio.run(tryer.finish(content))
    return caught.value


def a_child_that(monkeypatch: pytest.MonkeyPatch, folder: Path, program: str) -> None:
    """Put another program in the child's place."""
    (folder / "other.py").write_text(program)
    monkeypatch.setattr(child, "__file__", str(folder / "other.py"))


def children() -> set[str]:
    """The ids of our child processes, of all threads."""
    return {one for thread in Path("/proc/self/task").iterdir() for one in (thread / "children").read_text().split()}


def test_a_picture_becomes_a_drawing() -> None:
    tried = asyncio.run(Tryer().finish(PICTURE))
    assert isinstance(tried, Tried)
    assert (tried.curves, tried.areas, tried.svg[:4]) == (4, 2, "<svg")
    assert (tried.cut, tried.flat) == (False, "")
    assert tried.told == ("No sheet was found (no four edges with paper along them); the whole picture is drawn.",)


def test_a_photographed_sheet_is_cut_out_unless_the_whole_is_asked_for() -> None:
    photo = encoded(photographed(), "JPEG")
    sheet, whole = (asyncio.run(Tryer().finish(photo, whole=asked)) for asked in (False, True))
    assert sheet.cut and sheet.told[0].startswith(CUT_OUT) and sheet.flat.startswith("data:image/jpeg;base64,")
    assert (whole.cut, whole.told, whole.flat) == (False, (AS_ASKED,), "")
    assert sheet.width < whole.width == 600


@pytest.mark.parametrize("name", ["nothing", "SVG", "a truncated PNG", "a bomb: 1 GB of zeros in 1 MB", "5 megapixels"])
def test_what_is_no_picture_is_refused(name: str) -> None:
    assert refused(Tryer(), NO_PICTURES[name]) is NO_PICTURE


def test_what_has_too_many_shapes_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    a_child_that(monkeypatch, tmp_path, "print('{\"too_rich\": true}')")
    assert refused(Tryer(), PICTURE) is TOO_RICH


def test_a_child_that_crashes_was_sent_no_picture(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    a_child_that(monkeypatch, tmp_path, "import os; os.abort()")
    assert refused(Tryer(), PICTURE) is NO_PICTURE


def test_a_child_that_takes_too_long_is_killed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    a_child_that(monkeypatch, tmp_path, "import time; time.sleep(600)")
    before = children()
    assert refused(Tryer(seconds_max=0.3), PICTURE) is TOO_SLOW
    assert children() == before


def test_so_many_at_a_time_and_others_are_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    a_child_that(monkeypatch, tmp_path, "import sys, time\nsys.stdin.buffer.read()\ntime.sleep(0.5)\nprint('{\"refused\": true}')")

    async def three() -> list[BaseException | Tried]:
        tryer = Tryer(at_once=2)
        answers = await asyncio.gather(*(tryer.finish(PICTURE) for _ in range(3)), return_exceptions=True)
        # There is room again afterwards, whatever became of them.
        return [*answers, *(await asyncio.gather(tryer.finish(PICTURE), return_exceptions=True))]

    assert asyncio.run(three()) == [NO_PICTURE, NO_PICTURE, BUSY, NO_PICTURE]


def test_who_goes_away_has_killed_the_child(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    a_child_that(monkeypatch, tmp_path, "import time; time.sleep(600)")
    before = children()

    async def gone() -> None:
        task = asyncio.create_task(Tryer().finish(PICTURE))
        await asyncio.sleep(0.2)
        assert len(children()) == len(before) + 1
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(gone())
    assert children() == before


def test_a_child_sees_none_of_our_secrets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    a_child_that(monkeypatch, tmp_path, f"import os\nopen({str(seen)!r}, 'w').write(' '.join(os.environ))\nprint('{{}}')")
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_test_none")
    monkeypatch.setenv("MYJOE_DATABASE_URL", "postgres://none")
    refused(Tryer(), PICTURE)
    # Python itself adds LC_CTYPE where the locale is C.
    assert set(seen.read_text().split()) <= {*running.ENVIRONMENT, "LC_CTYPE"}
