"""Files of a folder, by signed links."""
from __future__ import annotations

import re

import pytest

from myjoe.storage.links import FolderLinks
from myjoe_studio.sealing import Sealer
from tests.support.studio import Site


def link(site: Site, key: str, content: bytes = b"0123456789", seconds: int = 300) -> str:
    path = site.settings.storage_folder / key
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return FolderLinks(f"{site.settings.address}/files", Sealer(site.settings.secret).secret_for("folder links")).url(key, seconds)


def test_a_link_gives_its_file_whole_or_in_part(lasting_site: Site) -> None:
    visitor, address = lasting_site.visitor(), link(lasting_site, "u/j/1/page.pdf")
    whole = visitor.get(address)
    assert (whole.content, whole.headers["content-type"]) == (b"0123456789", "application/pdf")
    assert whole.headers["content-disposition"] == 'inline; filename="page.pdf"'
    part = visitor.get(address, headers={"range": "bytes=2-4"})
    assert (part.status_code, part.content, part.headers["content-range"]) == (206, b"234", "bytes 2-4/10")
    assert visitor.get(address, headers={"range": "bytes=20-"}).status_code == 416


def test_a_drawing_is_never_opened_as_a_page_of_ours(lasting_site: Site) -> None:
    address = link(lasting_site, "u/j/1/page.svg", b"<svg/>")
    answer = lasting_site.visitor().get(address)
    assert answer.headers["content-disposition"] == 'attachment; filename="page.svg"'
    assert answer.headers["x-content-type-options"] == "nosniff" and "default-src 'none'" in answer.headers["content-security-policy"]


def test_a_name_to_save_it_under_is_taken(lasting_site: Site) -> None:
    address = link(lasting_site, "u/j/1/page.png")
    answer = lasting_site.visitor().get(f'{address}&download=a"b%0d%0aset-cookie:x.png')
    assert answer.headers["content-disposition"].startswith("attachment; filename*=") and "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    ("pattern", "instead"),
    [("signature=.", "signature=z"), ("until=.", "until=9"), ("/page.png", "/other.png"), (r"\?.*", ""), ("/u/", "/%2e%2e/")],
)
def test_a_link_that_was_changed_is_none(lasting_site: Site, pattern: str, instead: str) -> None:
    link(lasting_site, "u/j/1/other.png")
    answer = lasting_site.visitor().get(re.sub(pattern, instead, link(lasting_site, "u/j/1/page.png"), count=1))
    assert answer.status_code == 404 and b"0123456789" not in answer.content


def test_an_old_link_says_what_to_do(lasting_site: Site) -> None:
    answer = lasting_site.visitor().get(link(lasting_site, "u/j/1/page.png", seconds=-1))
    assert answer.status_code == 404 and "This link is no longer good." in answer.text and 'href="/runs"' in answer.text
