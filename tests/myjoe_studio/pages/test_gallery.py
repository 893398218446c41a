"""The gallery: every page that was drawn."""
from __future__ import annotations

import json

from tests.support.studio import Site


def test_an_empty_gallery_says_how_it_fills(lasting_site: Site) -> None:
    page = lasting_site.visitor(lasting_site.database.user()).get("/gallery").text
    assert "Nothing has been drawn yet." in page and 'href="/studio"' in page


def test_all_pages_are_there_the_newest_first_and_nobody_elses(site: Site) -> None:
    users = [site.database.user(credits_half=200) for _ in range(2)]
    pages = [{"operations": ["raster"], "prompt": "a", "title": f"Page {number:02}"} for number in range(1, 51)]
    for user in users:
        site.database.submit_manifest(user, "k", {"title": "Foxes", "pages": pages})
    result = {"provider": "p", "model": "m", "width_px": 9, "height_px": 9, "dpi": 300, "bit_depth": 1, "files": {"thumbnail": "a/b.png"}}
    for _ in range(100):
        site.database.advance(1)
        [(job, token)] = site.database.claim()
        site.database.rows(
            "select private.complete_jobs(array[%s::uuid], array[%s::bigint], array[%s::jsonb])", job, token, json.dumps(result)
        )
    visitor = site.visitor(users[0])
    first = visitor.get("/gallery").text
    assert first.count("<img") == 48 and 'alt="Page 50"' in first and 'alt="Page 02"' not in first
    assert first.count('loading="eager"') == 12
    assert first.index('alt="Page 50"') < first.index('alt="Page 03"')
    older = first.split('href="/gallery?before=')[1].split('"')[0]
    second = visitor.get(f"/gallery?before={older}").text
    assert second.count("<img") == 2 and 'alt="Page 02"' in second and 'alt="Page 01"' in second
