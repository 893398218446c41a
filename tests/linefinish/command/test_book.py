"""`linefinish book`: exit codes and what is said."""
from __future__ import annotations

from pathlib import Path

import pytest

import linefinish
from linefinish.command.cli import main
from tests.linefinish.book.conftest import draw


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pages")
    for number in range(1, 11):
        draw(number).save(folder / "drawn.png")
        linefinish.finish(folder / "drawn.png").write(folder / f"page-{number}.svg", width_pt=550.0)
    (folder / "drawn.png").unlink()
    return folder


def test_exit_codes(pages: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(tmp_path / "out")
    assert main(["book", str(pages), "-o", out, "--title", "Cats", "--quiet"]) == 0
    assert main(["book", str(pages / "page-1.svg"), "-o", out]) == 3
    assert "fewer than the 24" in capsys.readouterr().err
    assert (tmp_path / "out" / "interior.pdf").exists()
    assert main(["book", str(pages), "-o", str(tmp_path / "lulu"), "-p", "ingramspark", "--trim", "7x10", "--strict", "-q"]) == 1
    assert main(["book", str(pages), "-o", out, "--printer", "nobody"]) == 2
    assert main(["book", str(pages)]) == 2
    capsys.readouterr()
    assert main(["book", str(pages / "page-77.svg"), "-o", str(tmp_path / "none")]) == 4
    assert "page-77.svg: there is no such file" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    assert main(["book", *[str(path) for path in pages.iterdir()], str(broken), "-o", out]) == 4
    assert "broken.png" in capsys.readouterr().err
