"""Every page there is, in the order of the house: a file a subject."""
from __future__ import annotations

from myjoe_studio.pages import (
    admin,
    admin_acts,
    health,
    landing,
    overview,
    theme,
)
from myjoe_studio.routing import Page

SUBJECTS = (
    landing,
    overview,
    admin,
    admin_acts,
    theme,
    health,
)
PAGES: list[Page] = [page for subject in SUBJECTS for page in subject.pages]
