"""The wheel carries the kernels as machine code, one block per CPU level, so that nobody who
installs it needs a compiler.

Everything else about the packages stands in pyproject.toml. An editable install builds nothing:
there the kernels are made on first use, into the user's cache, and made anew whenever a kernel is
edited.
"""
from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import sysconfig

from setuptools import setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_py import build_py

CPU_LEVELS = ("x86-64-v2", "x86-64-v3")
# Elsewhere the wheel is plain Python, and the kernels run through Numba (LINEFINISH_KERNELS=jit).
HAS_NATIVE_KERNELS = sys.platform == "linux" and platform.machine() == "x86_64"


class BuildWithKernels(build_py):
    """Copies the Python files, then compiles the copies' kernels beside them: the source tree stays
    clean.
    """

    def run(self) -> None:
        # setuptools never removes what an earlier build left in build/lib: a deleted kernel would
        # be compiled again.
        if not self.editable_mode:
            shutil.rmtree(os.path.join(self.build_lib, "linefinish"), ignore_errors=True)
        super().run()
        if HAS_NATIVE_KERNELS and not self.editable_mode:
            self._compile_kernels()

    def _compile_kernels(self) -> None:
        folder = os.path.join(self.build_lib, "linefinish", "kernels")
        command = [sys.executable, "-m", "linefinish.kernels._build"]
        for cpu in CPU_LEVELS:
            command += ["--cpu", cpu, "-o", os.path.join(folder, f"kernels-{cpu}.bin")]
        # The build's own search path (pip's isolated environment among it) must reach the compiling
        # process.
        search = os.pathsep.join([os.path.abspath(self.build_lib), *filter(None, sys.path)])
        if subprocess.run(command, env=dict(os.environ, PYTHONPATH=search), check=False).returncode != 0:
            raise SystemExit("the kernels could not be compiled; see the message above")


class PlatformWheel(bdist_wheel):
    """Any Python 3, this platform only: the machine code refers to no library and to nothing of one
    Python version.
    """

    def get_tag(self) -> tuple[str, str, str]:
        here = sysconfig.get_platform().replace("-", "_").replace(".", "_")
        return "py3", "none", here if HAS_NATIVE_KERNELS else "any"


# On the fast path the command is a script of our own: the one that pip makes of an entry point
# imports `re` for the sake of Windows, which costs a cold process 4 ms of 24. Elsewhere pip's,
# which is an .exe where it has to be.
SCRIPTS = ["scripts/linefinish"] if HAS_NATIVE_KERNELS else []
ENTRY_POINTS = [] if HAS_NATIVE_KERNELS else ["linefinish = linefinish.command.cli:run"]

setup(
    cmdclass={"build_py": BuildWithKernels, "bdist_wheel": PlatformWheel}, scripts=SCRIPTS, entry_points={"console_scripts": ENTRY_POINTS}
)
