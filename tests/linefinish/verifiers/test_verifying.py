"""The front: sources, errors, words, and what stays unloaded."""
from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from linefinish.data.document import compose
from linefinish.data.raster import Bitmap
from linefinish.errors import ImageReadError
from linefinish.outlines.fitting import fit
from linefinish.outlines.tracing import trace
from linefinish.verifiers.verifying import verify, verify_many
from linefinish.writers import encode


@pytest.fixture
def drawing(tmp_path: Path) -> Path:
    path = tmp_path / "drawing.png"
    Image.new("1", (20, 10), 1).save(path, dpi=(300, 300))
    return path


def test_a_path_bytes_or_a_stream(drawing: Path) -> None:
    data = drawing.read_bytes()
    for source in (drawing, str(drawing), data, bytearray(data), memoryview(data), io.BytesIO(data), drawing.open("rb")):
        assert verify(source).is_one_bit
    assert verify(drawing).line() == f"OK   {drawing}  PNG 1-bit, 20 × 10, 300 dpi"
    assert verify(drawing) == verify(drawing)


def test_what_cannot_be_read_is_an_error(tmp_path: Path, drawing: Path) -> None:
    for source in (tmp_path / "missing.png", tmp_path, "a\0b", io.StringIO("P1 1 1 1")):
        with pytest.raises(ImageReadError):
            verify(source)
    verdicts = list(verify_many([tmp_path / "missing.png", drawing]))
    assert [verdict.word for verdict in verdicts] == ["BAD", "OK"]


@pytest.mark.parametrize(
    ("data", "form", "problem"),
    [(b"", "", "empty"), (b"hello", "", "not verified"), (b"\xff\xd8\xff\xe0", "JPEG", "never 1-bit"), (b"GIF89a", "GIF", "not verified"),
     (b"  0\nSECTION\n", "DXF", "truncated"), (b"AutoCAD Binary DXF\r\n", "DXF", "not verified"), (b"\x89PNG\n", "PNG", "text conversion")],
)  # fmt: skip
def test_other_files(data: bytes, form: str, problem: str) -> None:
    verdict = verify(data)
    assert verdict.format == form and problem in verdict.problem and not verdict.is_one_bit


@pytest.mark.parametrize("suffix", ["svg", "png", "tiff", "pbm", "pdf", "eps"])
def test_our_own_files(suffix: str) -> None:
    flags = np.zeros((40, 61), np.bool_)
    flags[5:30, 8:50] = True
    flags[10:20, 20:30] = False
    drawing = compose(fit(trace(Bitmap.from_array(flags))), dpi=300)
    verdict = verify(b"".join(map(bytes, encode(drawing, suffix))))
    assert verdict.is_one_bit and verdict.problem == ""


def test_mapping_is_json(drawing: Path) -> None:
    mapping = verify(drawing).to_mapping()
    assert json.loads(json.dumps(mapping)) == mapping
    assert mapping["is_one_bit"] is True and mapping["dpi"] == [300, 300]


def test_large_files_are_mapped(tmp_path: Path) -> None:
    path = tmp_path / "large.pbm"
    path.write_bytes(b"P4 16384 16384\n" + bytes(2048 * 16384))
    assert verify(path).is_one_bit


def test_nothing_heavy_is_loaded(drawing: Path) -> None:
    code = (
        "import sys; from linefinish.verifiers.verifying import verify; v = verify(sys.argv[1]); assert v.is_one_bit; "
        "print(sorted({'numpy', 'PIL', 'numba', 're', 'typing', 'json', 'pathlib', 'dataclasses', 'ctypes'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-S", "-c", code, str(drawing)], capture_output=True, text=True, check=True,
                         env={"PYTHONPATH": str(Path(__file__).parents[3] / "src")})  # fmt: skip
    assert run.stdout.strip() == "[]"


def test_geojson_is_told_by_its_name_and_that_it_cannot_be_verified() -> None:
    verdict = verify(b'{"type":"FeatureCollection","features":[]}')
    assert (verdict.format, verdict.is_one_bit) == ("GeoJSON", False)
    assert "no colours" in verdict.line()
