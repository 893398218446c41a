"""What a killed book left is swept by the next; a living one's is not."""
from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from linefinish.book import staging
from linefinish.book.staging import staged

CODE = """
import sys
from linefinish.book.staging import staged
with staged(sys.argv[1]) as hidden:
    open(hidden + "/interior.pdf", "w").close()
    print(hidden, flush=True)
    sys.stdin.read()
"""


def test_a_dead_ones_folder_is_swept_and_a_living_ones_is_not(tmp_path: Path) -> None:
    foreign = [tmp_path / ".book.notes.part", tmp_path / "book.0123456789ab.part"]
    for folder in foreign:
        folder.mkdir()
    (tmp_path / ".book.0123456789ab.part").write_text("a file, no folder")
    living, killed = (
        subprocess.Popen([sys.executable, "-c", CODE, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    )
    hidden = []
    for process in (living, killed):
        assert process.stdout is not None
        hidden.append(Path(process.stdout.readline().strip()))
    killed.kill()
    killed.wait()
    with staged(str(tmp_path)) as own:
        assert Path(own).is_dir() and hidden[0].is_dir() and not hidden[1].exists()
    living.communicate("")
    assert sorted(tmp_path.iterdir()) == sorted([*foreign, tmp_path / ".book.0123456789ab.part"])


def test_an_error_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), staged(str(tmp_path)):
        raise ZeroDivisionError
    assert not any(tmp_path.iterdir())


def test_windows_has_a_file_beside_each_folder_to_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which the system removes with the last handle; here it stays."""
    book = tmp_path / "book"
    book.mkdir()
    dead = book / ".book.0123456789ab.part"
    dead.mkdir()
    monkeypatch.setattr(staging, "_WINDOWS", True)
    with staged(str(book)) as own:
        assert sorted(path.name for path in book.iterdir()) == sorted([Path(own).name, f"{Path(own).name}.lock", f"{dead.name}.lock"])
        assert staging._locked(own, wait=False) is None
