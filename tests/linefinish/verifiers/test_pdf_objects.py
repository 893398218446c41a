"""PDF objects: found by the cross-reference, and nothing beside it."""
from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from linefinish.verifiers.pdf_lexer import Reference
from linefinish.verifiers.pdf_objects import File
from linefinish.verifiers.verdict import DamagedError

from .samples import pdf, stream


def file(*bodies: bytes) -> File:
    """A file whose objects from 5 on are these."""
    return File(memoryview(pdf(b"", b"", bodies)))


def test_objects_are_found_by_number_and_generation() -> None:
    opened = file(b"<</A 6 0 R>>", b"[1 2]")
    assert opened.get(Reference((5, 0))) == {b"A": Reference((6, 0))}
    assert opened.get(opened.get(Reference((5, 0)))[b"A"]) == [1, 2]
    assert opened.get(7) == 7
    for missing in ((77, 0), (0, 65535)):
        assert opened.get(Reference(missing)) is None
    with pytest.raises(DamagedError, match="generation 1 of object 6"):
        opened.get(Reference((6, 1)))


def test_what_is_no_dictionary_and_no_array_is_said() -> None:
    opened = file(b"[1]", b"<</A 1>>")
    assert opened.dictionary(Reference((6, 0)), "it") == {b"A": 1}
    assert opened.array(Reference((5, 0)), "it") == [1]
    assert (opened.dictionary(None, "it"), opened.array(Reference((99, 0)), "it")) == ({}, [])
    with pytest.raises(DamagedError, match="the font is no dictionary"):
        opened.dictionary(Reference((5, 0)), "the font")
    with pytest.raises(DamagedError, match="its kids is no array"):
        opened.array(Reference((6, 0)), "its kids")


def test_references_in_a_circle() -> None:
    with pytest.raises(DamagedError, match="circle"):
        file(b"6 0 R", b"5 0 R").get(Reference((5, 0)))


def test_qpdf_packs_objects_into_streams_and_they_are_found(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(pdf(b"0 g", b"", (b"<</Size[1 2.5 (x)]>>",), b"/Mine 5 0 R"))
    subprocess.run(["qpdf", "--object-streams=generate", "a.pdf", "b.pdf"], cwd=tmp_path, check=True)
    opened = File(memoryview((tmp_path / "b.pdf").read_bytes()))
    root = opened.dictionary(opened.trailer[b"Root"], "the root")
    (page,) = opened.array(opened.dictionary(root[b"Pages"], "the pages")[b"Kids"], "the kids")
    mine = opened.dictionary(opened.dictionary(page, "the page")[b"Mine"], "mine")
    assert mine == {b"Size": [1, 2.5, b"x"]}
    number = opened.dictionary(page, "the page")[b"Mine"][0]
    with pytest.raises(DamagedError, match="generation 1"):  # an object in a stream is of generation 0
        opened.get(Reference((number, 1)))


def test_the_newest_of_several_updates_counts() -> None:
    """An incremental update (7.5.6): a second cross-reference, whose /Prev is the first."""
    first = pdf(b"", b"", (b"(old)", b"(kept)"))
    at = len(first)
    body = b"5 0 obj\n(new)\nendobj\n"
    start = first.rindex(b"xref\n0")
    update = b"xref\n5 1\n%010d 00000 n \ntrailer\n<</Size 7/Root 1 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n" % (at, start, at + len(body))
    opened = File(memoryview(first + body + update))
    assert opened.get(Reference((5, 0))) == b"new"
    assert opened.get(Reference((6, 0))) == b"kept"


def test_words_of_a_text_are_no_objects() -> None:
    opened = File(memoryview(pdf(b"", b"", (b"(the trailer of 3 objects, an obj and 4 x obj)",))))
    assert opened.get(Reference((5, 0))) == b"the trailer of 3 objects, an obj and 4 x obj"


HIDDEN = b"9 0 obj\n<</Type/Catalog>>\nendobj\n"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (pdf(b"").replace(b"xref\n0", HIDDEN + b"xref\n0").replace(b"startxref", b"%%"), "no startxref"),
        (pdf(b"", b"", (stream(HIDDEN),)), "object 9 at byte .* is not in the cross-reference"),
        (pdf(b"", b"", (b"(a trailer % \n<</Root 9 0 R>>)",)), "a trailer that"),
        (pdf(b"").replace(b"/Size 5", b"/Size 4"), "of 4"),
        (pdf(b"").replace(b"/Size 5", b""), "no Size"),
        (pdf(b"").replace(b"/Size 5", b"/Size 5/Size 5"), "stands twice"),
        (pdf(b"").replace(b"0000000009 00000 n", b"0000000010 00000 n"), "where the cross-reference says"),
    ],
)
def test_what_a_viewer_that_mends_could_find_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(DamagedError, match=words):
        opened = File(memoryview(data))
        for number in range(1, 6):
            opened.get(Reference((number, 0)))
