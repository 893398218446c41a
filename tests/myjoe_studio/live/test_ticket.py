"""Where Supabase Realtime is."""
from __future__ import annotations

import pytest

from myjoe.settings.variables import Secret
from myjoe_studio.live.ticket import realtime_address, realtime_origins
from myjoe_studio.settings import StudioSettings


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://abc.supabase.co", "wss://abc.supabase.co/realtime/v1/websocket?apikey=sb_publishable_a%2Fb&vsn=1.0.0"),
        ("http://127.0.0.1:54321", "ws://127.0.0.1:54321/realtime/v1/websocket?apikey=sb_publishable_a%2Fb&vsn=1.0.0"),
    ],
)
def test_the_address_is_the_projects(url: str, address: str) -> None:
    settings = StudioSettings(supabase_url=url, publishable_key=Secret("sb_publishable_a/b"), live="realtime")
    assert realtime_address(settings) == address
    assert realtime_origins(settings) == (address.partition("/realtime")[0],)


@pytest.mark.parametrize("live", ["sse", "poll"])
def test_nobody_connects_there_without_need(live: str) -> None:
    assert realtime_origins(StudioSettings(supabase_url="https://abc.supabase.co", live=live)) == ()
