"""Which theme a request asks for."""
from __future__ import annotations

import pytest
from starlette.requests import Request

from myjoe_studio.theming import theme_of


@pytest.mark.parametrize(("cookie", "theme"), [("", ""), ("dark", "dark"), ("light", "light"), ('"><script>', ""), ("blue", "")])
def test_only_what_may_be_chosen_counts(cookie: str, theme: str) -> None:
    headers = [(b"cookie", f"myjoe-theme={cookie}".encode())]
    assert theme_of(Request({"type": "http", "headers": headers})) == theme
