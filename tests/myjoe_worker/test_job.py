"""`Job` and `Result`: plain data that survives JSON."""
from __future__ import annotations

import json
import uuid
from dataclasses import FrozenInstanceError

import pytest

from myjoe_worker.job import Job, Result
from tests.database.support import Database

RESULT = Result("replicate", "flux", 2550, 3300, 300, 1, {"png": "a/page.png"}, {"finisher": {"regions": 8}})


def test_a_result_is_ready_for_json_with_every_field() -> None:
    assert json.loads(json.dumps(RESULT.to_mapping())) == {
        "provider": "replicate", "model": "flux", "width_px": 2550, "height_px": 3300, "dpi": 300, "bit_depth": 1,
        "files": {"png": "a/page.png"}, "qc": {"finisher": {"regions": 8}},
    }  # fmt: skip


def test_a_results_mapping_is_a_copy() -> None:
    RESULT.to_mapping()["files"]["svg"] = "elsewhere"
    assert RESULT.files == {"png": "a/page.png"}


def test_neither_can_be_changed() -> None:
    job = Job(uuid.uuid4(), 1, "page", {}, ("raster",), uuid.uuid4(), None, 1, 3, None)
    for record, name in ((job, "lease_token"), (RESULT, "files")):
        with pytest.raises(FrozenInstanceError):
            setattr(record, name, 7)


def test_a_results_fields_are_the_columns_that_the_database_keeps(newest: Database) -> None:
    [held] = [(newest.submit(newest.user(credits_half=4)), newest.claim()[0])[1]]
    assert newest.complete(held, result=RESULT.to_mapping()) == [held[0]]
    kept = newest.rows("select provider, model, width_px, height_px, dpi, bit_depth, files, qc from public.generations")
    assert kept == [tuple(RESULT.to_mapping().values())]
