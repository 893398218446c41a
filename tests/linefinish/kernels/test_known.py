"""The calls of the self-test: their results are those of the interpreted kernels, and of some a
truth from elsewhere.
"""
from __future__ import annotations

import importlib
import os
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import pytest

from linefinish.kernels import _known, _native

CODE = """
import importlib
from linefinish.kernels import _known
print(_known.wrong(lambda module, name: getattr(importlib.import_module(f"linefinish.kernels.{module}"), name)))
"""


def kernel_of(module: str, name: str) -> Any:
    return getattr(importlib.import_module(f"linefinish.kernels.{module}"), name)


def test_machine_code_gives_what_is_known() -> None:
    assert _known.wrong(kernel_of) == []


def test_the_interpreted_kernels_do() -> None:
    environment = {**os.environ, "LINEFINISH_KERNELS": "python", "PYTHONPATH": str(Path(_known.__file__).parents[2])}
    done = subprocess.run([sys.executable, "-c", CODE], env=environment, capture_output=True, text=True, check=False)
    assert done.stdout == "[]\n", done.stderr


def test_each_call_is_known_and_none_is_known_that_is_not_made() -> None:
    assert sorted(_known.KNOWN) == sorted(f"{module}.{name}" for module, name, _ in _known.calls())


def test_what_is_known_is_true() -> None:
    told = {name: (kernel_of(module, name)(*arguments), arguments) for module, name, arguments in _known.calls()}
    assert told["count"][0] == 512
    assert told["adler32"][0] == zlib.adler32(_known._noise(3000)[3:2999])
    gray, _, bins = told["count_levels"][1]
    assert list(memoryview(bins).cast("i")[:256]) == [gray.count(level) for level in range(256)]


def test_a_kernel_that_gives_one_bit_otherwise_is_named() -> None:
    def flawed(module: str, name: str) -> Any:
        kernel = kernel_of(module, name)

        def run(*arguments: Any) -> Any:
            result = kernel(*arguments)
            if name == "rgba8":
                arguments[5][3] ^= 1
            return result + (1 if name == "count" else 0)

        return run

    assert _known.wrong(flawed) == ["bits.count", "luma.rgba8"]


def test_kernels_that_a_block_does_not_have_are_passed_over() -> None:
    assert _known.wrong(lambda *_: None) == []


def test_as_a_process_it_says_when_it_begins_and_what_came_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    path = _native.library().path
    _known.main(path)
    assert capsys.readouterr().out == "ready\npassed\n"
    _known.main(f"{path}.gone")
    assert capsys.readouterr().out == "ready\nNo such file or directory\n"


def test_as_a_process_it_names_what_is_wrong(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    path = _native.library().path
    monkeypatch.setitem(_known.KNOWN, "bits.count", 1)
    _known.main(path)
    assert capsys.readouterr().out == "ready\nbits.count gives another result than it should\n"
