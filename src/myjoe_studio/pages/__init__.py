"""Every page there is, in the order of the house: a file a subject."""
from __future__ import annotations

from myjoe_studio.pages import billing, dev_pay, health, landing, overview, pricing, webhooks
from myjoe_studio.routing import Page

PAGES: list[Page] = [*landing.pages, *overview.pages, *pricing.pages, *billing.pages, *dev_pay.pages, *webhooks.pages, *health.pages]
