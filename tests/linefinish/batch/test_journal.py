"""The journal of a batch survives being cut off anywhere."""
from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linefinish.batch.journal import Journal
from linefinish.errors import WriteError

ENTRIES = [{"input": f"/pages/{name}.png", "report": {"ink": 0.25}} for name in ("a", "b", "é\n", "a")]


def written(folder: Path) -> bytes:
    journal = Journal(str(folder))
    for entry in ENTRIES:
        journal.add(entry)
    journal.close()
    return Path(journal.path).read_bytes()


def pages(folder: Path) -> dict[str, object]:
    journal = Journal(str(folder))
    journal.close()
    return journal.pages


def test_it_remembers(tmp_path: Path) -> None:
    written(tmp_path)
    assert pages(tmp_path) == {entry["input"]: entry for entry in ENTRIES}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_cut_off_anywhere_the_whole_lines_count_and_it_can_be_continued(tmp_path: Path, data: st.DataObject) -> None:
    for path in tmp_path.iterdir():
        path.unlink()
    whole = written(tmp_path)
    cut = data.draw(st.integers(0, len(whole)))
    (tmp_path / ".linefinish-journal").write_bytes(whole[:cut])
    complete = whole[: cut + 1].count(b"\n")  # a line that lacks its newline only is whole
    expected = {entry["input"]: entry for entry in ENTRIES[:complete]}
    assert pages(tmp_path) == expected
    journal = Journal(str(tmp_path))
    journal.add({"input": "new"})
    journal.close()
    assert pages(tmp_path) == {**expected, "new": {"input": "new"}}


@given(st.binary(max_size=300))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_junk_is_passed_over(tmp_path: Path, junk: bytes) -> None:
    (tmp_path / ".linefinish-journal").write_bytes(junk)
    assert pages(tmp_path) == {}


def test_one_batch_at_a_time(tmp_path: Path) -> None:
    journal = Journal(str(tmp_path))
    with pytest.raises(WriteError, match="another batch is writing to"):
        Journal(str(tmp_path))
    journal.close()
    Journal(str(tmp_path)).close()
