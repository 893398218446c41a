"""The registry: what a kernel is called, and which signatures there are."""
from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from linefinish.kernels import _registry, bits
from linefinish.kernels._registry import FORMATS, Signature, registered


def test_a_kernel_keeps_its_name_and_its_words() -> None:
    assert bits.count.symbol == "bits_count"
    assert _registry.REGISTRY["bits_count"] is bits.count
    assert bits.count.__doc__ and "bits" in bits.count.__doc__


def test_a_signature_is_read_word_by_word() -> None:
    signature = Signature("f64(const u8*, i64, f32*)")
    assert (signature.returns, signature.args) == ("f64", [("u8", True, True), ("i64", False, False), ("f32", True, False)])
    assert signature.text == "f64(const u8*, i64, f32*)"
    assert bits.count.signature.args == [("u64", True, True), ("i64", False, False)]


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("form", ["{}", "{}*", "const {}*"])
def test_every_type_may_be_a_number_and_a_buffer(name: str, form: str) -> None:
    assert Signature(f"i64({form.format(name)})").args == [(name, form.endswith("*"), form.startswith("const"))]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("i64(u128)", "'u128'"),
        ("i64(u8 *)", "'u8 \\*'"),
        ("i64(const u8)", "'const u8'"),
        ("i64(u8*,i64)", "'u8\\*,i64'"),
        ("i64()", "''"),
        ("u8(i64)", "kernels return i64 or f64"),
        ("(i64)", "kernels return i64 or f64"),
    ],
)
def test_other_signatures_are_refused(text: str, words: str) -> None:
    with pytest.raises(TypeError, match=words):
        Signature(text)


def test_there_is_one_kernel_of_a_name_and_its_source_completes_it() -> None:
    """A native process meets it in the header of the machine code first, and by its source
    later.
    """

    def bind(_made: object) -> object:
        raise AssertionError("nobody calls it")

    def total() -> None:
        """Words."""

    made = registered("invented", "total", "i64(i64)", bind)
    try:
        assert registered("invented", "total", "i64(i64)", bind) is made
        assert _registry.REGISTRY["invented_total"] is made
        assert registered("invented", "total", "i64(i64)", bind, total) is made
        assert (made.function, made.__doc__, made.symbol) == (total, "Words.", "invented_total")
    finally:
        del _registry.REGISTRY["invented_total"]


def test_jit_without_numba_says_what_is_missing() -> None:
    """-S: site-packages are not there, and Numba with them."""
    source = str(Path(_registry.__file__ or "").parents[2])
    code = f"import sys; sys.path.insert(0, {source!r}); from linefinish.kernels import _registry"
    environment = {**os.environ, "LINEFINISH_KERNELS": "jit", "PYTHONPATH": ""}
    done = subprocess.run([sys.executable, "-S", "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.stderr.strip().splitlines()[-1].startswith("ImportError: LINEFINISH_KERNELS=jit needs Numba: No module")


# --- a machine that nothing was compiled for
# ------------------------------------------------------------

ELSEWHERE = """
import os, sys
told = os.uname()
os.uname = lambda: type(told)((*told[:4], "riscv64"))
{numba}
from linefinish.kernels import bits
from linefinish.command.finish import _facts
print(bits.count(bytes([255] * 8), 1))
print(_facts()[2][1])
"""


def elsewhere(numba: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
    plain = {key: value for key, value in os.environ.items() if not key.startswith("LINEFINISH_")}
    code = ELSEWHERE.format(numba=numba)
    return subprocess.run([sys.executable, "-c", code], env={**plain, **variables}, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("numba", "mode", "words"),
    [
        ("", "jit", "Numba compiles each kernel at its first call, which takes up to a minute in all"),
        ("sys.modules['numba'] = None", "python",
         "the kernels run as plain Python, some hundred times slower (pip install 'linefinish[build]' brings a compiler)"),
    ],
    ids=["with Numba", "without"],
)  # fmt: skip
def test_where_there_is_no_machine_code_kernels_run_otherwise_and_say_so(numba: str, mode: str, words: str) -> None:
    done = elsewhere(numba)
    assert done.stdout == f"64\n{mode}, as there is no machine code for linux on riscv64\n"
    assert done.stderr == f"linefinish: there is no machine code for linux on riscv64; {words}\n"


def test_who_asks_for_machine_code_where_there_is_none_is_told() -> None:
    done = elsewhere(LINEFINISH_KERNELS="native")
    assert "there is no machine code for linux on riscv64" in done.stderr.strip().splitlines()[-1]
    assert done.returncode == 1
