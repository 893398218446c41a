"""Every page there is, in the order of the house: a file a subject."""
from __future__ import annotations

from myjoe_studio.pages import admin, admin_acts, health, landing, overview
from myjoe_studio.routing import Page

PAGES: list[Page] = [*landing.pages, *overview.pages, *admin.pages, *admin_acts.pages, *health.pages]
