"""Pages put together: a printer's book, a shop's pack."""
from __future__ import annotations

import io
import json
import subprocess
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from linefinish import Finding, check
from myjoe_worker.binding import bind, grouped, picture_name, plain
from tests.support.finished import page_file

PRINT = {"printer": "kdp", "trim": "8.5x11", "bleed": False, "single_sided": True, "title": "Foxes", "author": "A. B."}


def pages_in(folder: Path, count: int, **instead: Any) -> list[dict[str, Any]]:
    """Finished pages in a folder, as `bind` is told of them."""
    made = []
    for number in range(1, count + 1):
        (folder / f"{number}.pdf").write_bytes(page_file(number, **instead))
        made.append({"file": f"{number}.pdf", "name": f"{number:02}-page", "page": number, "title": f"Page {number}", "margin_pt": 27.0,
                     "provider": "recraft", "model": "recraftv3", "edited": False})  # fmt: skip
    return made


def bound(folder: Path, count: int, wanted: Mapping[str, Any] = PRINT, **instead: Any) -> tuple[dict[str, Any], list[str]]:
    """What is told of so many pages, and the files that were made."""
    made = bind(str(folder), pages_in(folder, count, **instead), wanted)
    assert sorted(path.name for path in (folder / "out").iterdir()) == made["files"]
    return made["told"], made["files"]


def said(told: Mapping[str, Any], level: str) -> list[str]:
    return [finding["code"] for finding in told["findings"] if finding["level"] == level]


def _drawn(path: Path, page: int) -> bytes:
    command = ["pdftoppm", "-r", "40", "-png", "-singlefile", "-f", str(page), "-l", str(page), path, "-"]
    return subprocess.run([*command[:-1]], check=True, capture_output=True).stdout


def test_a_printer_s_book_passes_its_check_and_says_all_that_is_to_be_said(tmp_path: Path) -> None:
    told, files = bound(tmp_path, 9)
    assert [name for name in files if not name.startswith("page-")] == [
        "contact.png", "cover.pdf", "interior.pdf", "mockup.png", "report.json"
    ]  # fmt: skip
    assert told["ready"] and said(told, "fail") == said(told, "warn") == []
    assert check(tmp_path / "out/interior.pdf", tmp_path / "out/cover.pdf", printer="kdp", trim="8.5x11") == []
    assert (told["pages"], told["printer"], told["bleed"], told["single_sided"]) == (24, "Amazon KDP, paperback", False, True)
    assert told["ai"]["kdp"].startswith("AI-generated content: text no; images yes (all images)")
    assert told["drawn_by"] == {"recraft (recraftv3)": 9} and told["rules_seen_on"] >= "2026-11-29"
    report = json.loads((tmp_path / "out/report.json").read_text())
    assert report["ready"] and str(tmp_path) not in json.dumps(report), "a report names no folder of ours"
    assert (tmp_path / "progress").stat().st_size == 9


def test_a_cover_of_the_printer_s_template_is_made_and_checked_by_it(tmp_path: Path) -> None:
    told, files = bound(tmp_path, 9, {**PRINT, "printer": "blurb", "trim": "8x10", "spine": "0.3", "cover_size": "17x11"})
    assert told["ready"] and "cover.pdf" in files and said(told, "fail") == []
    assert told["cover"] == {"spine_in": 0.3, "cover_in": [17.0, 11.0]}


def test_a_drawing_is_as_large_as_the_printer_s_margins_allow(tmp_path: Path) -> None:
    bound(tmp_path, 9)
    page = np.asarray(Image.open(io.BytesIO(_drawn(tmp_path / "out/interior.pdf", 7))).convert("L")) < 128
    columns = np.flatnonzero(page.any(axis=0))
    # 7.875 inches are live; the drawing's frame leaves 10 of its 310 pixels at each side.
    assert (columns[-1] - columns[0]) / 40 == pytest.approx(7.875 * 290 / 310, abs=0.15)


def test_with_bleed_drawings_run_over_the_edges(tmp_path: Path) -> None:
    told, files = bound(tmp_path, 9, {**PRINT, "bleed": True})
    assert told["ready"] and "interior.pdf" in files and told["page_in"] == [8.625, 11.25]
    page = np.asarray(Image.open(io.BytesIO(_drawn(tmp_path / "out/interior.pdf", 7))).convert("L")) < 128
    assert page[:, -1].any()


def test_what_is_not_ready_has_a_report_and_no_book(tmp_path: Path) -> None:
    told, files = bound(tmp_path, 2)
    assert not told["ready"] and files == ["report.json"]
    [finding] = told["findings"]
    assert finding["code"] == "page-count" and finding["text"].startswith("10 pages are fewer than the 24") and "--" not in finding["text"]


def test_the_pages_of_a_finding_are_shown(tmp_path: Path) -> None:
    pages = pages_in(tmp_path, 9)
    (tmp_path / "9.pdf").write_bytes((tmp_path / "4.pdf").read_bytes())
    made = bind(str(tmp_path), pages, PRINT)
    [twice] = [finding for finding in made["told"]["findings"] if finding["level"] == "fail"]
    assert (twice["code"], twice["pages"], twice["drawings"]) == ("twice", [13, 23], [4, 9])
    assert not made["told"]["ready"] and "interior.pdf" not in made["files"]
    assert Image.open(tmp_path / "out" / picture_name(23)).size == (420, 544)


def test_thin_lines_alone_are_made_wider(tmp_path: Path) -> None:
    told, files = bound(tmp_path, 9, {**PRINT, "trim": "4x6"}, line_px=1)
    assert told["ready"] and "interior.pdf" in files
    [note] = [finding for finding in told["findings"] if finding["code"] == "stroke-width"]
    assert note["level"] == "note" and note["count"] == 9 and "made as wide" in note["text"]


@pytest.mark.parametrize(
    ("wanted", "code", "text"),
    [({"title": "狐"}, "unfit", "no outline for 狐"), ({"trim": "12x12"}, "unfit", "does not print 12x12"),
     ({"title": "x" * 200}, "unfit", "too long")],
)  # fmt: skip
def test_what_cannot_be_is_told_and_not_tried_again(tmp_path: Path, wanted: dict[str, Any], code: str, text: str) -> None:
    told, files = bound(tmp_path, 2, {**PRINT, **wanted})
    assert files == ["report.json"] and not told["ready"]
    assert [finding["code"] for finding in told["findings"]] == [code] and text in told["findings"][0]["text"]


def test_a_page_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    pages = pages_in(tmp_path, 2)
    (tmp_path / "2.pdf").write_bytes(b"%PDF-1.4\nof somebody")
    told = bind(str(tmp_path), pages, PRINT)["told"]
    assert told["findings"][0]["code"] == "unreadable" and "2.pdf" in told["findings"][0]["text"]


def test_a_shop_s_pack_has_what_the_shop_takes(tmp_path: Path) -> None:
    told, files = bound(tmp_path, 3, {"shop": "etsy", "title": "Foxes", "author": "A. B."})
    assert told["ready"] and files == ["README.txt", "a4.pdf", "letter.pdf", "png-600dpi.zip", "report.json", "svg.zip"]
    assert "pages" not in told and told["ai"]["etsy"] == "The drawings were made with the help of AI."
    assert len(zipfile.ZipFile(tmp_path / "out/svg.zip").namelist()) == 3
    assert told["ai"]["etsy"] in (tmp_path / "out/README.txt").read_text()


def test_what_each_page_records_is_what_shops_are_told(tmp_path: Path) -> None:
    pages = pages_in(tmp_path, 3)
    pages[0]["provider"], pages[1]["edited"] = "sketch", True
    told = bind(str(tmp_path), pages, {"shop": "etsy", "title": "", "author": ""})["told"]
    assert told["ai"] == {
        "kdp": "AI-generated content: text no; images yes (2 of 3 images, 1 of them edited by a person afterwards); translations no.",
        "etsy": "2 of the 3 drawings were made with the help of AI and 1 of them edited by a person afterwards.",
    }
    assert told["drawn_by"] == {"recraft (recraftv3)": 2, "sketch (recraftv3)": 1}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("paper is not for heavy ink (--force takes it all the same)", "Paper is not for heavy ink."),
        ("the page is solid black; --allow-solid takes it all the same", "The page is solid black."),
        ("26 pages are more than the 24 of KDP; 9 of the 10 drawings fit, 18 with --double-sided",
         "26 pages are more than the 24 of KDP; 9 of the 10 drawings fit, 18 with drawings on both sides."),
        ("the face has no outline for 狐 (U+72D0); give one that has, with --font FILE.ttf", "The face has no outline for 狐 (U+72D0)."),
        ("no cover: Blurb says the spine in its own calculator (--spine LENGTH)", "No cover: Blurb says the spine in its own calculator."),
    ],
)
def test_findings_are_sentences_without_flags(text: str, sentence: str) -> None:
    assert plain(text) == sentence


def test_findings_of_one_kind_are_one_and_the_worst_come_first() -> None:
    found = [Finding("note", "region", "small", 7), Finding("fail", "solid", "black", 9), Finding("note", "region", "smaller", 9),
             Finding("note", "region", "smaller", 9)]  # fmt: skip
    assert grouped(found, {7: 1, 9: 2}) == [
        {"level": "fail", "code": "solid", "text": "Black.", "count": 1, "pages": [9], "drawings": [2]},
        {"level": "note", "code": "region", "text": "Small.", "count": 2, "pages": [7, 9], "drawings": [1, 2]},
    ]
