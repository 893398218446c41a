"""A GoTrue for development, over the same database: users, passwords, links in mails that are shown
at `/dev/mail`, and a Google that believes everybody. It is imported where MYJOE_STUDIO_IDENTITY is
`local`, which the settings refuse outside development.
"""
from __future__ import annotations

from myjoe_studio.identity.local.development import Development, one_time_link

__all__ = ["Development", "one_time_link"]
