"""The wheel carries the kernels as machine code for its platform, so that nobody who installs it
needs a compiler.

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

from setuptools import setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_py import build_py

# Platform, as Python names system and processor → the targets whose machine code its wheel carries
# (linefinish/kernels/_targets.py), and the wheel's tags. The code calls no library, so a wheel
# serves every glibc that pip knows by name, and musl; macOS from the first that the Pythons run on.
PLATFORMS = {
    "linux-x86_64": (("x86-64-v2", "x86-64-v3"), "manylinux_2_17_x86_64.manylinux2014_x86_64.musllinux_1_1_x86_64"),
    "linux-aarch64": (("aarch64",), "manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64"),
    "darwin-x86_64": (("x86-64-v2", "x86-64-v3"), "macosx_10_9_x86_64"),
    "darwin-arm64": (("aarch64",), "macosx_11_0_arm64"),
    "win32-AMD64": (("windows-x86-64-v2", "windows-x86-64-v3"), "win_amd64"),
    "win32-ARM64": (("aarch64",), "win_arm64"),
}
# LINEFINISH_PLATFORM makes the wheel of another platform than this machine's. On a platform that is
# not listed, the wheel is plain Python, and the kernels run through Numba (LINEFINISH_KERNELS=jit).
PLATFORM = os.environ.get("LINEFINISH_PLATFORM") or f"{sys.platform}-{platform.machine()}"
if "LINEFINISH_PLATFORM" in os.environ and PLATFORM not in PLATFORMS:
    raise SystemExit(f"LINEFINISH_PLATFORM is {PLATFORM!r}; it may be one of {', '.join(PLATFORMS)}")
TARGETS, TAGS = PLATFORMS.get(PLATFORM, ((), "any"))


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
        if TARGETS and not self.editable_mode:
            self._compile_kernels()

    def _compile_kernels(self) -> None:
        folder = os.path.join(self.build_lib, "linefinish", "kernels")
        command = [sys.executable, "-m", "linefinish.kernels._build"]
        for target in TARGETS:
            command += ["--target", target, "-o", os.path.join(folder, f"kernels-{target}.bin")]
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
        return "py3", "none", TAGS


# On the fast path the command is a script of our own: the one that pip makes of an entry point
# imports `re` for the sake of Windows, which costs a cold process 4 ms of 24. Elsewhere pip's,
# which is an .exe where it has to be.
HAS_SCRIPTS = bool(TARGETS) and not PLATFORM.startswith("win32")
SCRIPTS = ["scripts/linefinish"] if HAS_SCRIPTS else []
ENTRY_POINTS = [] if HAS_SCRIPTS else ["linefinish = linefinish.command.cli:run"]

setup(
    cmdclass={"build_py": BuildWithKernels, "bdist_wheel": PlatformWheel}, scripts=SCRIPTS, entry_points={"console_scripts": ENTRY_POINTS}
)
