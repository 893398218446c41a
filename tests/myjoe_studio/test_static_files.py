"""Style, script and pictures: their addresses, how they are sent, and that they name each other
rightly.
"""
from __future__ import annotations

import re
import zlib
from pathlib import Path

import brotli
import pytest

from myjoe_studio import static_files
from myjoe_studio.static_files import MEDIA_TYPES, StaticFiles
from tests.support.studio import Site


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package's folder of the test's own, with `static` in it."""
    (tmp_path / "static" / "deep").mkdir(parents=True)
    monkeypatch.setattr(static_files.resources, "files", lambda _package: tmp_path)
    return tmp_path / "static"


def test_an_address_tells_the_content(folder: Path) -> None:
    (folder / "a.css").write_text("p {}")
    first = StaticFiles().address("a.css")
    assert re.fullmatch(r"/static/a\.[0-9a-f]{10}\.css", first)
    assert StaticFiles().address("a.css") == first
    (folder / "a.css").write_text("q {}")
    assert StaticFiles().address("a.css") != first


def test_a_name_that_is_not_there_is_an_error(folder: Path) -> None:
    with pytest.raises(LookupError):
        StaticFiles().address("nowhere.css")


def test_notes_beside_the_files_are_not_served(folder: Path) -> None:
    (folder / "VENDOR.md").write_text("where it came from")
    (folder / "deep" / "b.svg").write_text("<svg/>")
    files = StaticFiles()
    assert files.address("deep/b.svg").startswith("/static/deep/b.")
    with pytest.raises(LookupError):
        files.address("VENDOR.md")


def test_modules_and_styles_name_others_by_their_addresses(folder: Path) -> None:
    (folder / "a.js").write_text('import { b } from "./b.js";\nimport { c } from "./c.js";')
    (folder / "b.js").write_text('import { c } from "./c.js";')
    (folder / "c.js").write_text("export const c = 1;")
    (folder / "s.css").write_text('p { background: url("./p.svg") }')
    (folder / "p.svg").write_text("<svg/>")
    files = StaticFiles()
    sent = {name: files._files[files.address(name)].content.decode() for name in ("a.js", "b.js", "s.css")}
    assert files.address("c.js") in sent["b.js"]
    assert files.address("b.js") in sent["a.js"]
    assert files.address("p.svg") in sent["s.css"]
    assert not any('"./' in content for content in sent.values())


def test_a_chain_of_modules_is_put_right_in_its_order(folder: Path) -> None:
    # The first in the alphabet is needed by the last, and each imports one.
    for name, other in (("z", "y"), ("y", "x"), ("a", "z")):
        (folder / f"{name}.js").write_text(f'import "./{other}.js"; import {{ q }} from "./{other}.js";')
    (folder / "x.js").write_text("export const q = 1;")
    files = StaticFiles()
    for name, other in (("z", "y"), ("y", "x"), ("a", "z")):
        assert files.address(f"{other}.js") in files._files[files.address(f"{name}.js")].content.decode()


def test_modules_that_import_each_other_are_refused(folder: Path) -> None:
    (folder / "a.js").write_text('import { b } from "./b.js";')
    (folder / "b.js").write_text('import { a } from "./a.js";')
    with pytest.raises(ValueError, match="cycle"):
        StaticFiles()


def test_a_file_that_is_not_there_is_a_mistake_at_the_start(folder: Path) -> None:
    (folder / "a.js").write_text('import { b } from "./gone.js";')
    with pytest.raises(ValueError, match=r"gone\.js"):
        StaticFiles()


def test_a_kind_that_nobody_named_is_a_mistake_at_the_start(folder: Path) -> None:
    (folder / "a.exe").write_text("x")
    with pytest.raises(ValueError, match=r"a\.exe"):
        StaticFiles()


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [("gzip, deflate, br", "br"), ("gzip", "gzip"), ("br;q=0.5", "br"), ("", None), ("zstd", None), ("br;q=0, gzip", "gzip")],
)
def test_it_comes_as_the_browser_takes_it(lasting_site: Site, accepted: str, encoding: str | None) -> None:
    visitor = lasting_site.visitor()
    address = re.findall(r'href="(/static/studio\.[^"]+)"', visitor.get("/").text)[0]
    with visitor.stream("GET", address, headers={"accept-encoding": accepted}) as answer:
        sent = b"".join(answer.iter_raw())
    assert (answer.status_code, answer.headers.get("content-encoding")) == (200, encoding)
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert (answer.headers["content-type"], answer.headers["vary"]) == ("text/css; charset=utf-8", "accept-encoding")
    plain = {"br": brotli.decompress, "gzip": lambda data: zlib.decompress(data, 31), None: bytes}[encoding](sent)
    assert plain == StaticFiles()._files[address].content


@pytest.mark.parametrize("path", ["studio.css", "studio.0000000000.css", "../settings.py", "%2e%2e/settings.py", ""])
def test_no_other_address_gives_a_file(lasting_site: Site, path: str) -> None:
    answer = lasting_site.visitor().get(f"/static/{path}")
    assert answer.status_code == 404
    assert "immutable" not in answer.headers.get("cache-control", "")


def test_each_of_our_files_has_a_kind(lasting_site: Site) -> None:
    files = StaticFiles()
    assert {name.rpartition(".")[2] for name in files._addresses} <= set(MEDIA_TYPES)
    for address, file in files._files.items():
        assert lasting_site.visitor().head(address).status_code in (200, 405), address
        assert file.content, address
