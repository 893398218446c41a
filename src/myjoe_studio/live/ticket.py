"""A ticket for Supabase Realtime: its address and the user's own access token, which the browser
keeps in memory. Supabase checks by the policies whose topic that is.
"""
from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from myjoe_studio.settings import StudioSettings


def realtime_address(settings: StudioSettings) -> str:
    """The WebSocket of the project, with its publishable key."""
    project = urlsplit(settings.supabase_url)
    scheme = "wss" if project.scheme == "https" else "ws"
    query = urlencode({"apikey": settings.publishable_key.reveal(), "vsn": "1.0.0"})
    return f"{scheme}://{project.netloc}/realtime/v1/websocket?{query}"


def realtime_origins(settings: StudioSettings) -> tuple[str, ...]:
    """Where a page may connect to beside us, for the policy that binds browsers."""
    if settings.live != "realtime" or not settings.supabase_url:
        return ()
    address = urlsplit(realtime_address(settings))
    return (f"{address.scheme}://{address.netloc}",)
