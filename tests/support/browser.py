"""A real browser: Debian's Chromium, one for all tests of a process, with a fresh profile for each
visitor.
"""
from __future__ import annotations

import asyncio
import uuid
from asyncio.events import _set_running_loop
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.support.studio import Site

CHROMIUM = "/usr/bin/chromium"
# As root in a container, without a GPU, and quiet: it asks nobody but us.
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync")


class Chromium:
    """The browser. Playwright's synchronous calls are answered by an event loop of its own, which
    sleeps between them and counts as running all the time, so that nobody else in the thread could
    start one. Here it counts as running only while the browser is in use.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser, self._loop = browser, asyncio.get_running_loop()
        _set_running_loop(None)

    @contextmanager
    def in_use(self) -> Iterator[Browser]:
        """The browser, for the block."""
        _set_running_loop(self._loop)
        try:
            yield self._browser
        finally:
            _set_running_loop(None)


@contextmanager
def running_chromium() -> Iterator[Chromium]:
    """The browser, for as long as the block runs."""
    playwright = sync_playwright().start()
    chromium = Chromium(playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS)))
    yield chromium
    with chromium.in_use() as browser:
        browser.close()
        playwright.stop()


class Visitors:
    """Visitors of one Studio. Each has a profile of its own; all that its pages complain of, errors
    of script and what the policy blocked, is in `complaints`.
    """

    def __init__(self, browser: Browser, site: Site) -> None:
        self._browser, self._site = browser, site
        self._contexts: list[BrowserContext] = []
        self.complaints: list[str] = []

    def __call__(
        self, user: uuid.UUID | None = None, *, width: int = 1440, height: int = 900, theme: str = "light", script: bool = True,
        reduced_motion: bool = False, forced_colors: bool = False, touch: bool = False, zoom: float = 1.0,
    ) -> Page:
        """A visitor's empty page, of so many CSS pixels; with `user`, one that is signed in. `zoom`
        is what a person sets in the browser: 2.0 leaves half the CSS pixels.
        """
        settings: dict[str, Any] = {
            "base_url": self._site.address, "viewport": {"width": round(width / zoom), "height": round(height / zoom)},
            "device_scale_factor": zoom, "color_scheme": theme, "java_script_enabled": script, "has_touch": touch,
            "reduced_motion": "reduce" if reduced_motion else "no-preference", "forced_colors": "active" if forced_colors else "none",
        }  # fmt: skip
        context = self._browser.new_context(**settings)
        self._contexts.append(context)
        if user is not None:
            context.add_cookies([{"name": "myjoe", "value": self._site.session(user), "url": self._site.address}])
        page = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda said: said.type == "error" and self.complaints.append(f"{said.text} ({said.location['url']})"))
        return page

    def close(self) -> None:
        """Close all of them."""
        for context in self._contexts:
            context.close()


def sideways(page: Page) -> int:
    """By how many CSS pixels the page can be scrolled sideways: 0 where it fits."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
