"""Every page there is, in the order of the house: a file a subject."""
from __future__ import annotations

from myjoe_studio.pages import health, landing, overview, theme
from myjoe_studio.routing import Page

PAGES: list[Page] = [*landing.pages, *overview.pages, *health.pages, *theme.pages]
