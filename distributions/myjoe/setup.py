"""The wheel carries the database's migrations, which lie outside the packages, where the Supabase
CLI looks for them. Everything else about the packages stands in pyproject.toml.
"""
from __future__ import annotations

import os
import shutil

from setuptools import setup
from setuptools.command.build_py import build_py

REPOSITORY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")


class BuildWithMigrations(build_py):
    """Copies the Python files, then the migrations and the seed beside `myjoe.database`."""

    def run(self) -> None:
        # setuptools never removes what an earlier build left in build/lib.
        if not self.editable_mode:
            shutil.rmtree(self.build_lib, ignore_errors=True)
        super().run()
        if not self.editable_mode:
            self._copy_migrations()

    def _copy_migrations(self) -> None:
        target = os.path.join(self.build_lib, "myjoe", "database", "supabase")
        source = os.path.join(REPOSITORY, "supabase")
        shutil.copytree(os.path.join(source, "migrations"), os.path.join(target, "migrations"))
        shutil.copy2(os.path.join(source, "seed.sql"), target)


setup(cmdclass={"build_py": BuildWithMigrations})
