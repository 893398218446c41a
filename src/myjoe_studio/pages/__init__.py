"""Every page there is, in the order of the house: a file a subject."""
from __future__ import annotations

from myjoe_studio.pages import account, confirming, forgot, google, health, landing, new_password, overview, sign_in, sign_up
from myjoe_studio.routing import Page

PAGES: list[Page] = [
    *landing.pages, *overview.pages, *health.pages,
    *sign_up.pages, *sign_in.pages, *google.pages, *confirming.pages, *forgot.pages, *new_password.pages, *account.pages,
]  # fmt: skip
