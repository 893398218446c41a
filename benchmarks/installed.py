"""The package as a user has it: in a virtual environment of its own, compiled to bytecode, with its
kernels beside it.

An editable install starts slower: it looks through its kernels' sources for changes, and everything
else that is installed beside it has a word at start-up.
"""
from __future__ import annotations

import compileall
import shutil
import venv
from pathlib import Path

import linefinish
from linefinish.kernels import _native

ROOT = Path(__file__).parents[1]


def command(folder: Path) -> Path:
    """`linefinish`, installed into `folder` as its wheel would be; the same in less
    than a second.
    """
    venv.create(folder, with_pip=False, symlinks=True)
    (site,) = (folder / "lib").glob("python*/site-packages")
    package = site / "linefinish"
    shutil.copytree(Path(linefinish.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    library = _native.library()
    shutil.copy(library.path, package / "kernels" / f"kernels-{library.facts['target']}.bin")
    compileall.compile_dir(package, quiet=1)
    script = folder / "bin" / "linefinish"
    script.write_text((ROOT / "scripts" / "linefinish").read_text().replace("#!python", f"#!{folder}/bin/python", 1))
    script.chmod(0o755)
    return script
