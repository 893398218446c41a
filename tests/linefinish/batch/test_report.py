"""A batch's report.json: complete, whole, and known from a drawing."""
from __future__ import annotations

import json
from pathlib import Path

import pytest

from linefinish import PageResult, __version__, verify
from linefinish.batch.report import REPORT_NAME, is_batch_report, write_report
from linefinish.errors import WriteError

RESULTS = [
    PageResult("/in/a.png", ("/out/a.svg", "/out/a.pdf"), "done", {"segment_count": 3}),
    PageResult("/in/b.png", ("/out/b.svg", "/out/b.pdf"), "kept", {"segment_count": 4, "warnings": ["the page has no ink"]}),
    PageResult("/in/c é.png", ("/out/c.svg", "/out/c.pdf"), "failed", None, "it is broken"),
]


def test_it_counts_and_tells_of_each_page_in_order(tmp_path: Path) -> None:
    write_report(RESULTS, 5, str(tmp_path))
    report = json.loads((tmp_path / REPORT_NAME).read_text())
    assert report["warned"] == 1
    assert list(report) == ["linefinish batch", "pages", "done", "kept", "failed", "warned", "results"]
    assert [report[name] for name in list(report)[:5]] == [__version__, 5, 1, 1, 1], "a batch that was stopped had more pages"
    assert [result["source"] for result in report["results"]] == ["/in/a.png", "/in/b.png", "/in/c é.png"]
    assert report["results"][2] == {
        "source": "/in/c é.png", "outputs": ["/out/c.svg", "/out/c.pdf"], "status": "failed", "report": None, "error": "it is broken",
    }  # fmt: skip


def test_no_pages_are_a_report_too(tmp_path: Path) -> None:
    write_report([], 0, str(tmp_path))
    report = json.loads((tmp_path / REPORT_NAME).read_text())
    assert (report["pages"], report["done"], report["kept"], report["failed"], report["results"]) == (0, 0, 0, 0, [])


def test_it_replaces_the_last_one_whole(tmp_path: Path) -> None:
    write_report(RESULTS, 3, str(tmp_path))
    write_report(RESULTS[:1], 1, str(tmp_path))
    assert json.loads((tmp_path / REPORT_NAME).read_text())["pages"] == 1
    assert [path.name for path in tmp_path.iterdir()] == [REPORT_NAME]
    with pytest.raises(WriteError, match="does not exist"):
        write_report(RESULTS, 3, str(tmp_path / "nowhere"))


def test_it_is_known_by_its_name_and_its_beginning(tmp_path: Path) -> None:
    write_report(RESULTS, 3, str(tmp_path))
    path = tmp_path / REPORT_NAME
    assert is_batch_report(str(path))
    assert not verify(path).is_one_bit
    (tmp_path / "copy.json").write_bytes(path.read_bytes())
    assert not is_batch_report(str(tmp_path / "copy.json"))
    for content in (b"", b"{}", b'{"linefinish batch": ""}'):
        path.write_bytes(content)
        assert not is_batch_report(str(path))
    assert not is_batch_report(str(tmp_path / "missing" / REPORT_NAME))
    assert not is_batch_report(str(tmp_path))
