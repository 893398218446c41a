"""The Studio as Vercel's Python runtime starts it: an ASGI application named `app`."""
from __future__ import annotations

from myjoe_studio.asgi import production

app = production()
