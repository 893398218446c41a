"""Every page there is, in the order of the house: a file a subject."""
from __future__ import annotations

from myjoe_studio.pages import (
    admin,
    admin_acts,
    asking,
    billing,
    dev_pay,
    drafts,
    exports,
    gallery,
    health,
    landing,
    live,
    overview,
    pricing,
    projects,
    run_pages,
    runs,
    stored_files,
    storyboards,
    theme,
    webhooks,
)
from myjoe_studio.routing import Page

SUBJECTS = (
    landing,
    pricing,
    overview,
    billing,
    dev_pay,
    webhooks,
    drafts,
    storyboards,
    runs,
    run_pages,
    exports,
    live,
    asking,
    projects,
    gallery,
    stored_files,
    admin,
    admin_acts,
    theme,
    health,
)
PAGES: list[Page] = [page for subject in SUBJECTS for page in subject.pages]
