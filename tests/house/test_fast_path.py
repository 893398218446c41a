"""The command's fast path (PNG or PNM in; SVG, PNG, PBM out) loads the standard library's lightest
part and the kernels only.

Each of these modules costs a cold process 3 to 500 ms of the 30 that it takes in all
(docs/discussion/architecture.md has the figures).
"""
from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = (
    "numpy", "numba", "llvmlite", "PIL", "dataclasses", "typing", "json", "pathlib", "re", "hashlib", "argparse", "logging", "enum",
    "inspect", "subprocess", "concurrent.futures", "asyncio", "tempfile", "shutil", "urllib", "xml", "email", "datetime", "decimal",
)  # fmt: skip


# Modules of ours, packages among them, that the command loads from PNG to SVG.
MODULES_MAX = 42
# A page of few greys is asked whether it was dithered or cut to a few tones: two modules more, and
# one that cleaning it may take.
FEW_GREYS_MODULES = 3


def loaded_by(code: str, *arguments: str) -> set[str]:
    """The heavy modules that a bare interpreter has loaded after running the code. -S:
    site-packages may load what they like.
    """
    tail = f"\nimport sys; sys.stderr.write('LOADED ' + ' '.join(m for m in {HEAVY!r} if m in sys.modules))"
    environment = {key: value for key, value in os.environ.items() if key != "LINEFINISH_KERNELS"}
    done = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path.insert(0, {str(ROOT / 'src')!r})\n" + code + tail, *arguments],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "LOADED" in done.stderr, done.stderr
    return set(done.stderr.rpartition("LOADED")[2].split())


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small drawing as PNG and PGM; writing them with Pillow happens here and not in the process
    that is looked at.
    """
    from PIL import Image, ImageDraw

    from linefinish.kernels import _native

    _native.library()  # made here if need be: making the kernels loads the heaviest of all
    image = Image.new("L", (120, 90), 250)
    ImageDraw.Draw(image).ellipse((20, 15, 100, 75), outline=20, width=4)
    folder = tmp_path_factory.mktemp("page")
    image.save(folder / "page.png")
    image.save(folder / "page.pgm")
    image.resize((240, 180), Image.Resampling.BICUBIC).save(folder / "greys.png")
    return folder


def test_importing_linefinish_loads_nothing_heavy() -> None:
    assert loaded_by("import linefinish") == set()


@pytest.mark.parametrize("source", ["page.png", "page.pgm"])
@pytest.mark.parametrize("suffix", ["svg", "png", "pbm"])
def test_the_command_loads_nothing_heavy(page: Path, source: str, suffix: str) -> None:
    target = page / f"{source}.{suffix}"
    code = "from linefinish.command.cli import main\ntry:\n    main()\nexcept SystemExit as stop:\n    assert not stop.code, stop.code"
    assert loaded_by(code, str(page / source), "-o", str(target)) == set()
    assert target.stat().st_size > 0


@pytest.mark.parametrize(("name", "more"), [("greys.png", 0), ("page.png", FEW_GREYS_MODULES)])
def test_the_command_loads_no_more_modules_of_ours_than_it_did(page: Path, name: str, more: int) -> None:
    """Each costs a cold process 0.05 to 0.08 ms. Whoever adds one takes another away, or says
    here why not.
    """
    code = (
        "from linefinish.command.cli import main\n"
        "main()\n"
        "ours = sorted(name for name, module in sys.modules.items() if name.startswith('linefinish') and hasattr(module, '__file__'))\n"
        "sys.stderr.write(f'{len(ours)} OURS {ours}')"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path.insert(0, {str(ROOT / 'src')!r})\n" + code,
         str(page / name), "-o", str(page / "counted.svg"), "--quiet"],
        env={key: value for key, value in os.environ.items() if key != "LINEFINISH_KERNELS"}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    count, _, names = done.stderr.partition(" OURS ")
    # The user's cache of kernels is looked at in a checkout alone.
    assert int(count) - ("linefinish.kernels._cache" in names) <= MODULES_MAX + more, names


def test_the_library_loads_nothing_heavy(page: Path) -> None:
    code = "from linefinish import finish, read_gray\nfinish(read_gray(sys.argv[1])).write(sys.argv[2])"
    assert loaded_by(code, str(page / "page.png"), str(page / "library.svg")) == set()
