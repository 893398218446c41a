"""Light or dark: the system decides, unless a person chose; their choice is a cookie of its own,
which tells nothing of who they are.
"""
from __future__ import annotations

from starlette.requests import Request

COOKIE = "myjoe-theme"
# What may be chosen; "" is to follow the system.
THEMES = ("", "light", "dark")


def theme_of(request: Request) -> str:
    """The theme that this browser's person chose, or ""."""
    chosen = request.cookies.get(COOKIE, "")
    return chosen if chosen in THEMES else ""
