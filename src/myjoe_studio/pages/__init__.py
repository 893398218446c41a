"""Every page there is, in the order of the house: a file a subject."""
from __future__ import annotations

from myjoe_studio.pages import drafts, health, landing, overview, run_pages, runs, stored_files, storyboards
from myjoe_studio.routing import Page

PAGES: list[Page] = [
    *landing.pages,
    *overview.pages, *drafts.pages, *storyboards.pages, *runs.pages, *run_pages.pages, *stored_files.pages,
    *health.pages,
]  # fmt: skip
