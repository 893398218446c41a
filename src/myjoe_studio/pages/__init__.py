"""Every page there is, in the order of the house: a file a subject."""
from __future__ import annotations

from myjoe_studio.pages import (
    account,
    admin,
    admin_acts,
    confirming,
    forgot,
    google,
    health,
    landing,
    new_password,
    overview,
    sign_in,
    sign_up,
    theme,
)
from myjoe_studio.routing import Page

SUBJECTS = (
    landing,
    sign_up,
    sign_in,
    google,
    confirming,
    forgot,
    new_password,
    overview,
    account,
    admin,
    admin_acts,
    theme,
    health,
)
PAGES: list[Page] = [page for subject in SUBJECTS for page in subject.pages]
