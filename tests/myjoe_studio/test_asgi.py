"""The application as a whole: every page at its address, and what is at none."""
from __future__ import annotations

import subprocess
import sys

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount, Route

from myjoe.errors import SettingsError
from myjoe.settings.variables import Secret
from myjoe_studio import asgi
from myjoe_studio.asgi import production, studio
from myjoe_studio.guarding import Guard
from myjoe_studio.pages import PAGES
from myjoe_studio.settings import StudioSettings
from tests.support.studio import SECRET, Site


def application(**settings: object) -> Starlette:
    """What is behind the guard."""
    guard = studio(StudioSettings(secret=Secret(SECRET), **settings))._app  # type: ignore[arg-type]
    assert isinstance(guard, Guard)
    assert isinstance(guard._app, Starlette)
    return guard._app


def test_every_page_has_its_route() -> None:
    routes = {(route.path, method) for route in application().routes if isinstance(route, Route) for method in route.methods or ()}
    assert {(page.path, page.method) for page in PAGES} <= routes


@pytest.mark.parametrize(("identity", "mounts"), [("local", ["/dev"]), ("supabase", [])])
def test_what_is_for_development_is_served_there_alone(identity: str, mounts: list[str]) -> None:
    assert [route.path for route in application(identity=identity).routes if isinstance(route, Mount)] == mounts


@pytest.mark.parametrize("path", ["/nowhere", "/runs/not-a-number", "/static/nothing.css", "/runs/", "/%00", "/..%2f..%2fetc/passwd"])
def test_what_is_nowhere_is_404(lasting_site: Site, path: str) -> None:
    answer = lasting_site.visitor().get(path)
    assert answer.status_code in (404, 307)
    assert "x-request-id" in answer.headers


def test_what_is_nowhere_is_said_on_a_page_of_ours(lasting_site: Site) -> None:
    page = lasting_site.visitor().get("/nowhere")
    assert (page.status_code, "There is no such page." in page.text, 'href="/"' in page.text) == (404, True, True)
    assert "content-security-policy" in page.headers


def test_who_is_signed_in_is_not_asked_to_sign_in_there(lasting_site: Site) -> None:
    assert 'href="/sign-up"' in lasting_site.visitor().get("/nowhere").text
    signed_in = lasting_site.visitor(lasting_site.database.user()).get("/nowhere").text
    assert ('href="/sign-up"' in signed_in, 'href="/studio"' in signed_in) == (False, True)


def test_an_address_for_forms_alone_says_so_too(lasting_site: Site) -> None:
    page = lasting_site.visitor().get("/try")
    assert (page.status_code, page.headers["allow"], "There is no such page." in page.text) == (405, "POST", True)


def test_production_takes_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asgi.os, "environ", {"MYJOE_ENV": "production"})
    with pytest.raises(SettingsError, match="MYJOE_STUDIO_SECRET"):
        production()


def test_no_provider_is_loaded_before_it_is_used() -> None:
    """Without a key nobody asks OpenAI, whose package is a sixth of the process; pictures are the
    worker's.
    """
    code = "import sys, myjoe_studio.asgi; print(*{'openai', 'numpy', 'PIL', 'cv2', 'replicate'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "\n"), done.stderr
