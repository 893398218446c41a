"""The version of what is installed, as logs, metrics and reports say it."""
from __future__ import annotations

from importlib.metadata import version

VERSION = version("myjoe")
