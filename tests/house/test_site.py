"""The site of docs/: it builds without a dead link or anchor, has every page, loads nothing from
elsewhere, is found through offline, and is good for everybody. It is built once.
"""
from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.house.test_house import ROOT
from tests.support.browser import CHROMIUM, FLAGS
from tests.support.web_tools import axe_violations

# One of each make: pictures, wide tables, code in lists, code with colours and links of code.
SAMPLES = ("index", "reference/settings", "guides/first-deploy", "start/programming")
# Themes and widths in CSS pixels: both of each always, and each with each where there is time.
VIEWS = [("light", 400), ("dark", 1280), *([("light", 1280), ("dark", 400)] if os.environ.get("MYJOE_TESTS_ALL") else [])]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def pages(site: Path) -> Iterator[dict[tuple[str, int], Page]]:
    """A page of each theme at each width; whatever it asks the network for is told as an error."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        opened = {}
        for theme, width in VIEWS:
            page = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme).new_page()
            page.route(re.compile("^(?!file:|blob:|data:)"), lambda route: pytest.fail(f"asks for {route.request.url}"))
            opened[theme, width] = page
        yield opened
        browser.close()


def test_every_page_is_there_and_in_the_navigation(site: Path) -> None:
    there = {path.relative_to(ROOT / "docs").with_suffix(".html").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    there = {name.replace("README.html", "index.html") for name in there} | {"changelog.html"}
    built = {path.relative_to(site).as_posix() for path in site.rglob("*.html")} - {"404.html"}
    assert built == there
    front = (site / "index.html").read_text(encoding="utf-8")
    assert {name for name in there if f'href="{name}"' not in front} == set()


def test_nothing_comes_from_elsewhere(site: Path) -> None:
    loading = re.compile(r"""<(?:script|img|iframe|source|link)\b[^>]*\b(?:src|href)=["']?(?:https?:)?//|@import""")
    assert [str(path.relative_to(site)) for path in site.rglob("*.html") if loading.search(path.read_text(encoding="utf-8"))] == []
    for path in site.rglob("*.css"):
        assert not re.search(r"url\(\s*[\"']?(?:https?:)?//", path.read_text(encoding="utf-8")), path


def test_search_works_where_pages_are_files(site: Path, pages: dict[tuple[str, int], Page]) -> None:
    page = pages["dark", 1280]
    page.goto((site / "index.html").as_uri())
    page.keyboard.press("s")
    page.keyboard.type("turn policy")
    page.wait_for_selector(".md-search-result__item a[href*='words.html']")


@pytest.mark.parametrize("name", SAMPLES)
def test_everybody_can_read_it(name: str, site: Path, pages: dict[tuple[str, int], Page]) -> None:
    for (theme, width), page in pages.items():
        page.goto((site / f"{name}.html").as_uri())
        assert axe_violations(page) == [], (theme, width)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), (theme, width)


def test_blocks_of_code_stand_where_they_belong(site: Path) -> None:
    steps = (site / "guides" / "first-deploy.html").read_text(encoding="utf-8")
    assert re.search(r"<li>\s*<p><strong>The schema</strong>[^<]*</p>\s*<div class=\"highlight\">", steps)
    assert [path.name for path in site.rglob("*.html") if re.search(r"<p><div|<th[^>]*></th>", path.read_text(encoding="utf-8"))] == []
