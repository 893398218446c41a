"""Writing: whole or not at all, by suffix, to paths, streams and standard output; every failure is
one sentence.
"""
from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from linefinish import writers
from linefinish.data.document import compose
from linefinish.data.raster import Bitmap, Gray
from linefinish.errors import OptionsError, UnknownFormatError, WriteError
from linefinish.writers import WRITERS, encode, write
from tests.linefinish.drawings import doodle, flower

DOCUMENT = compose(flower())
HEAVY = ("numpy", "numba", "PIL", "dataclasses", "typing", "json", "pathlib", "re", "hashlib", "argparse", "logging", "enum")


@pytest.mark.parametrize("suffix", WRITERS)
def test_path_stream_and_standard_output_get_the_same_bytes(suffix: str, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    document = compose(doodle()) if suffix in ("plt", "gcode", "strokes.json") else DOCUMENT
    write(document, tmp_path / f"a.{suffix.upper()}")
    stream = io.BytesIO()
    write(document, stream, suffix)
    write(document, "-", f".{suffix}")
    data = (tmp_path / f"a.{suffix.upper()}").read_bytes()
    assert data == stream.getvalue() == capfdbinary.readouterr().out
    assert len(data) > 20


@pytest.mark.parametrize("name", ["a", "a.", "a.jpg", ".svg", "svg", "a.svg.gz"])
def test_an_unknown_suffix_names_the_known_ones(name: str, tmp_path: Path) -> None:
    with pytest.raises(UnknownFormatError, match=r"\.svg, \.png, \.tif, \.tiff, \.pbm, \.pdf, \.eps, \.dxf"):
        write(DOCUMENT, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_format_that_is_not_known_or_not_said() -> None:
    with pytest.raises(UnknownFormatError, match="jpeg"):
        encode(DOCUMENT, "jpeg")
    for target in ("-", io.BytesIO()):
        with pytest.raises(UnknownFormatError):
            write(DOCUMENT, target)


def test_a_bitmap_has_no_curves() -> None:
    for name in ("svg", "eps", "dxf"):
        with pytest.raises(WriteError, match="curves"):
            encode(Bitmap.blank(3, 3), name)


def test_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(WriteError, match=r"the folder .*nowhere does not exist"):
        write(DOCUMENT, tmp_path / "nowhere" / "a.svg")


def test_a_folder_of_that_name(tmp_path: Path) -> None:
    (tmp_path / "a.svg").mkdir()
    with pytest.raises(WriteError, match="folder of this name"):
        write(DOCUMENT, tmp_path / "a.svg")
    assert [path.name for path in tmp_path.iterdir()] == ["a.svg"]


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_stop_halfway_leaves_the_old_file_and_no_other(error: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.svg"
    path.write_text("old")

    def failing(*_: object) -> Iterator[bytes]:
        yield bytes(1_000_000)
        assert len(list(tmp_path.iterdir())) == 2, "the new file grows beside the old one"
        raise error

    monkeypatch.setattr(writers, "encode", failing)
    with pytest.raises(WriteError if isinstance(error, OSError) else KeyboardInterrupt) as caught:
        write(DOCUMENT, path)
    assert path.read_text() == "old"
    assert [found.name for found in tmp_path.iterdir()] == ["a.svg"]
    if isinstance(error, OSError):
        assert str(caught.value) == f"{path} could not be written: no space left on device"


@pytest.mark.parametrize("moment", ["open", "replace", "unlink"])
def test_ctrl_c_at_any_moment_leaves_no_hidden_file(moment: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Right after the file was made, before it has its name, and once more while it is deleted."""
    real = {name: getattr(os, name) for name in ("open", "replace", "unlink")}

    def interrupt(name: str) -> None:
        def interrupted(*args: Any) -> None:
            monkeypatch.setattr(os, name, real[name])  # once
            if name == "open":
                os.close(real[name](*args))
            raise KeyboardInterrupt

        monkeypatch.setattr(os, name, interrupted)

    interrupt(moment)
    if moment == "unlink":
        interrupt("replace")
    with pytest.raises(KeyboardInterrupt):
        write(compose(flower()), tmp_path / "a.svg")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_was_planted_under_the_hidden_name_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "urandom", bytes)
    planted = tmp_path / f".a.svg.{'00' * 6}.part"
    planted.write_bytes(b"not ours")
    with pytest.raises(WriteError):
        write(compose(flower()), tmp_path / "a.svg")
    assert planted.read_bytes() == b"not ours"


def test_a_link_stays_a_link_and_a_pipe_a_pipe(tmp_path: Path) -> None:
    (tmp_path / "real.svg").write_text("old")
    (tmp_path / "link.svg").symlink_to("real.svg")
    write(DOCUMENT, tmp_path / "link.svg")
    assert (tmp_path / "link.svg").is_symlink()
    data = (tmp_path / "real.svg").read_bytes()
    assert data.startswith(b"<svg")
    os.mkfifo(tmp_path / "pipe.svg")
    reader = subprocess.Popen(["cat", tmp_path / "pipe.svg"], stdout=subprocess.PIPE)
    write(DOCUMENT, tmp_path / "pipe.svg")
    assert reader.communicate()[0] == data
    assert (tmp_path / "pipe.svg").is_fifo()


def test_a_full_disk_for_real() -> None:
    with open("/dev/full", "wb", buffering=0) as full, pytest.raises(WriteError, match="no space left on device"):
        write(DOCUMENT, full, "svg")


def test_a_read_only_folder(tmp_path: Path) -> None:
    """As an unprivileged user, in a process of its own: root may write everywhere."""
    tmp_path.chmod(0o555)
    code = (
        "import os, sys\n"
        "from linefinish.data.geometry import Curves\nfrom linefinish.data.document import compose\n"
        "from linefinish.writers import write\nfrom linefinish.errors import WriteError\n"
        "document = compose(Curves.empty(3, 3))\n"
        "write(document, sys.stderr.buffer, 'svg')\n"
        "import linefinish.writers.svg\n"
        "if os.getuid() == 0: os.setuid(65534)\n"
        f"try: write(document, {str(tmp_path / 'a.svg')!r})\n"
        "except WriteError as error: print(error)\n"
    )
    for parent in (tmp_path.parent, tmp_path.parent.parent):
        parent.chmod(parent.stat().st_mode | 0o011)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False,
                          env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))})  # fmt: skip
    assert done.stdout.strip() == f"{tmp_path / 'a.svg'} could not be written: permission denied", done.stderr


def test_new_files_have_the_rights_of_any_new_file(tmp_path: Path) -> None:
    old = os.umask(0o027)
    try:
        write(DOCUMENT, tmp_path / "a.svg")
    finally:
        os.umask(old)
    assert (tmp_path / "a.svg").stat().st_mode & 0o777 == 0o640


def test_writing_loads_nothing_heavy() -> None:
    source = str(Path(writers.__file__).parents[2])
    code = (
        f"import io, sys\nsys.path.insert(0, {source!r})\n"
        "from linefinish.data.geometry import Curves\nfrom linefinish.data.document import compose\nfrom linefinish.writers import write\n"
        "for name in ('svg', 'png', 'pbm'): write(compose(Curves.empty(3, 3)), io.BytesIO(), name)\n"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    environment = {key: value for key, value in os.environ.items() if key != "LINEFINISH_KERNELS"}
    done = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True, check=False, env=environment)
    assert done.stdout.strip() == "[]", done.stderr


def test_a_large_random_bitmap_survives_every_bitmap_format(tmp_path: Path) -> None:
    from PIL import Image

    flags = np.random.default_rng(5).random((1200, 1501)) < 0.5
    for suffix in ("png", "tiff", "pbm"):
        write(Bitmap.from_array(flags), tmp_path / f"a.{suffix}")
        with Image.open(tmp_path / f"a.{suffix}") as image:
            np.testing.assert_array_equal(~np.asarray(image), flags)


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664])
def test_a_file_that_is_written_over_keeps_its_permissions(mode: int, tmp_path: Path) -> None:
    path = tmp_path / "a.svg"
    path.write_text("old")
    path.chmod(mode)
    write(DOCUMENT, path)
    assert path.stat().st_mode & 0o777 == mode
    assert path.stat().st_size > 20


@pytest.mark.parametrize("length", [236, 237, 255])
@pytest.mark.parametrize("letter", ["a", "é"])
def test_a_name_may_be_as_long_as_the_file_system_allows(length: int, letter: str, tmp_path: Path) -> None:
    stem = letter * ((length - 4) // len(letter.encode()))
    name = stem + "a" * (length - 4 - len(stem.encode())) + ".svg"
    assert len(name.encode()) == length
    write(DOCUMENT, tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_what_is_no_drawing_yet_is_told_what_to_call() -> None:
    curves = flower()
    bitmap = Bitmap.blank(3, 4)
    for value, words in (
        (curves, r"write\(compose\(curves\)"), (curves.to_polygons(), "fit makes Curves"), (curves.outlines()[0], "outline.curves"),
        (np.zeros((3, 4)), r"Bitmap\.from_array"), (Gray.from_array(np.zeros((3, 4), np.uint8)), r"finish\(gray\)"),
    ):  # fmt: skip
        with pytest.raises(WriteError, match=words):
            write(value, io.BytesIO(), "svg")
    for option, words in (("svg_path", r"did you mean svg_paths\?"), ("colour", "it has dpi, svg_paths")):
        with pytest.raises(OptionsError, match=words):
            write(compose(curves), io.BytesIO(), "svg", **{option: "each"})
    with pytest.raises(OptionsError, match="png has no option 'dip'; did you mean dpi"):
        write(bitmap, io.BytesIO(), "png", dip=300)


def test_windows_is_asked_again_while_something_has_the_old_file_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A virus scanner, for a moment."""
    replace, refusals = os.replace, [PermissionError(13, "Permission denied")] * 2

    def busy(*names: str) -> None:
        if refusals:
            raise refusals.pop()
        replace(*names)

    monkeypatch.setattr(writers, "_WINDOWS", True)
    monkeypatch.setattr(writers, "_RENAME_SECONDS", 0)
    monkeypatch.setattr(os, "replace", busy)
    write(compose(flower()), tmp_path / "a.svg")
    assert [path.name for path in tmp_path.iterdir()] == ["a.svg"] and not refusals


@pytest.mark.parametrize("windows", [True, False])
def test_a_file_that_stays_open_is_said_to_be(windows: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def busy(*names: str) -> None:
        asked.append(names)
        error = PermissionError(13, "Permission denied")
        if windows:
            error.winerror = 32  # type: ignore[attr-defined]
        raise error

    monkeypatch.setattr(writers, "_WINDOWS", windows)
    monkeypatch.setattr(writers, "_RENAME_SECONDS", 0)
    monkeypatch.setattr(os, "replace", busy)
    with pytest.raises(WriteError, match="another program has it open" if windows else "permission denied"):
        write(compose(flower()), tmp_path / "a.svg")
    assert len(asked) == (writers._RENAMES_MAX if windows else 1)
    assert list(tmp_path.iterdir()) == []
