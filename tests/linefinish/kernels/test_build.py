"""What the block of compiled kernels cannot hold is refused when it is made, by name; and what it
holds is free-standing.
"""
from __future__ import annotations

from typing import Any

import pytest

from linefinish.kernels import _targets

HEAD = "import math\nfrom linefinish.kernels._casts import i64\nfrom linefinish.kernels._modes import kernel\n\nTHREE = 3\n\n\n"
REFUSED = {
    "a call into the maths library": (
        '@kernel("f64(f64)")\ndef sine(x):\n    return math.sin(x)\n', "refers to sin, which is outside the kernels"),
    "an allocation": (
        'import numpy as np\n\n@kernel("f64(i64)")\ndef room(n):\n    return np.zeros(n).sum()\n', "kernel small_room does not compile"),
    "an exception": (
        '@kernel("i64(i64)")\ndef refuse(n):\n    if n < 0:\n        raise ValueError("negative")\n    return n\n', "kernel"),
    "a call into Python": (
        '@kernel("i64(i64)")\ndef say(n):\n    print(n)\n    return n\n', "kernel"),
    "a type that the signature does not name": (
        '@kernel("i64(i64)")\ndef mixed(n):\n    x = "text"\n    return len(x + n)\n', "kernel small_mixed does not compile"),
    "a variable of two types": (
        '@kernel("i64(u64, i64)")\ndef two(a, b):\n    x = a\n    for i in range(b):\n        x = i\n    return i64(x)\n',
        "kernel small_two does not compile"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_refused(package: Any, case: str) -> None:
    source, words = REFUSED[case]
    done = package.build(HEAD + source)
    assert done.returncode != 0
    assert words in done.stderr.strip().splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert not (package.folder / "made.bin").exists()


@pytest.mark.parametrize("signature", ["i64(u9)", "u8(i64)", "i64(const i64)", "i64(char*)"])
def test_a_signature_that_means_nothing_is_refused(package: Any, signature: str) -> None:
    done = package.build(HEAD + f'@kernel("{signature}")\ndef odd(a):\n    return 0\n')
    assert done.returncode != 0
    assert f"bad kernel signature {signature!r}" in done.stderr


def test_a_variable_holds_narrower_integers_and_begins_with_a_constant_of_the_module(package: Any) -> None:
    source = HEAD + """@kernel("i64(const u8*, const i32*, i64)")
def last(grays, numbers, count):
    found = THREE
    for i in range(count):
        found = grays[i]
        if found - 200 < numbers[i]:
            found = numbers[i] - found
    return found - THREE
"""
    (package.kernels / "small.py").write_text(source)
    code = "from array import array; from linefinish.kernels.small import last\n"
    code += "print([last(bytes([100, 250]), array('i', [-99, -7]), count) for count in (0, 1, 2)])"
    assert package.run(code).stdout == "[0, -202, 247]\n"


def test_fills_and_copies_bring_their_own_memory_functions(package: Any) -> None:
    """LLVM turns these loops into calls of memset and memcpy; the block must answer them itself, at
    every size.
    """
    source = HEAD + """@kernel("i64(const u8*, u8*, i64)")
def copied(source, target, count):
    for i in range(count):
        target[i] = source[i]
    return 0


@kernel("i64(u8*, i64)")
def filled(target, count):
    for i in range(count):
        target[i] = 7
    return 0
"""
    (package.kernels / "small.py").write_text(source)
    done = package.run("""
from linefinish.kernels import small
for size in (0, 1, 7, 8, 9, 63, 64, 65, 1000):
    source, target = bytes(i % 251 for i in range(size)), bytearray(size + 1)
    small.copied(source, target, size)
    assert bytes(target[:size]) == source and target[size] == 0, size
    small.filled(target, size)
    assert bytes(target) == bytes([7]) * size + bytes(1), size
print("agree")
""")
    assert done.stdout == "agree\n", done.stderr


def test_every_target_is_built_on_any_machine(package: Any) -> None:
    source = (package.kernels / "small.py").read_text()
    facts = []
    for target in _targets.TARGETS:
        assert package.build(source, target).returncode == 0
        header = (package.folder / "made.bin").read_bytes()[:65536].decode("ascii").rstrip().splitlines()
        facts.append(dict(line.split(" ", 1) for line in header[1:]))
    assert [fact["target"] for fact in facts] == list(_targets.TARGETS)
    assert len({fact["source_hash"] for fact in facts}) == 1


# --- blocks that are kept
# ------------------------------------------------------------


def test_what_the_cache_has_is_copied_and_what_it_has_not_is_kept(package: Any) -> None:
    """Two platforms' wheels have the same block for AArch64."""
    source = (package.kernels / "small.py").read_text()
    first = package.build(source, "aarch64")
    made = package.folder / "made.bin"
    whole = made.read_bytes()
    assert [path.read_bytes() for path in package.built()] == [whole]
    made.unlink()
    second = package.build(source, "aarch64")
    assert first.stdout != "" and second.stdout == ""
    assert made.read_bytes() == whole


@pytest.mark.parametrize("damage", [lambda data: data[:-1], lambda data: b"x" + data[1:]], ids=["cut off", "another head"])
def test_what_is_damaged_is_not_copied(package: Any, damage: Any) -> None:
    source = (package.kernels / "small.py").read_text()
    package.build(source, "aarch64")
    (kept,) = package.built()
    whole = kept.read_bytes()
    kept.write_bytes(damage(whole))
    package.build(source, "aarch64")
    assert (package.folder / "made.bin").read_bytes() == whole == kept.read_bytes()
