"""Whether the Studio answers."""
from __future__ import annotations

from tests.support.studio import Site


def test_it_is_ready_with_its_database(site: Site) -> None:
    answer = site.visitor().get("/health")
    assert (answer.status_code, answer.json()["ready"]) == (200, True)
    assert answer.headers["cache-control"] == "private, no-store"


def test_without_its_database_it_says_so_in_a_sentence(site: Site) -> None:
    # Cleanly: other files share the server, and after a crash it numbers leases anew.
    site.database.server.stop("fast")
    try:
        answer = site.visitor().get("/health", headers={"accept": "application/json"})
        assert answer.status_code == 503
        assert "Nothing was lost" in answer.json()["error"]
    finally:
        site.database.server.start()
