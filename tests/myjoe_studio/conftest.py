"""A Studio of one's own for each test, or one for a file."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from myjoe.database.server import Server
from myjoe_studio.identity.local import passwords
from tests.database import support
from tests.support.browser import Chromium, Visitors, running_chromium
from tests.support.peers import StripePeer
from tests.support.stripe import Shop, shop
from tests.support.studio import Site, serving


@pytest.fixture(autouse=True)
def cheap_passwords(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords are hashed at no cost, but where that is what is tested: a tenth of a second each
    was most of what the tests of accounts took.
    """
    if request.path.name != "test_passwords.py":
        for name, cost in (("COST", 2), ("BLOCK", 1), ("PARALLEL", 1)):
            monkeypatch.setattr(passwords, name, cost)


@pytest.fixture
def site(newest: support.Database, tmp_path: Path) -> Iterator[Site]:
    """A Studio before a database of one's own."""
    with serving(newest, tmp_path) as site:
        yield site


@pytest.fixture
def lasting_site(one_site: Site) -> Site:
    """One Studio for all tests of a file, for those that only touch what they made. What earlier
    tests took of the rates is given back.
    """
    one_site.database.run("delete from private.rates")
    return one_site


@pytest.fixture(scope="module")
def one_site(servers: Callable[[int], Server], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The Studio of `lasting_site`."""
    server = servers(18)
    name = f"studio_{tmp_path_factory.mktemp('site').name.replace('-', '_')}"
    support.make_database(server, name, "template_myjoe")
    database = support.Database(server, name)
    try:
        with serving(database, tmp_path_factory.mktemp("files")) as site:
            yield site
    finally:
        database.close()
        support.drop_database(server, name)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    """One browser for all tests of a process."""
    with running_chromium() as chromium:
        yield chromium


@pytest.fixture
def browser(chromium: Chromium) -> Iterator[Browser]:
    """The browser, while a test uses it."""
    with chromium.in_use() as browser:
        yield browser


@pytest.fixture
def visitors(browser: Browser, site: Site) -> Iterator[Visitors]:
    """Visitors of the test's own Studio, in a real browser."""
    visitors = Visitors(browser, site)
    yield visitors
    visitors.close()


@pytest.fixture
def lasting_visitors(browser: Browser, lasting_site: Site) -> Iterator[Visitors]:
    """Visitors of the file's Studio, in a real browser."""
    visitors = Visitors(browser, lasting_site)
    yield visitors
    visitors.close()


@pytest.fixture
def till(newest: support.Database, tmp_path: Path) -> Iterator[Shop]:
    """A Studio that talks to a Stripe of the tests, both of one's own."""
    with StripePeer() as peer:
        assert isinstance(peer, StripePeer)
        with shop(newest, peer, tmp_path) as opened:
            yield opened
