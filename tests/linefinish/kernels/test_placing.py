"""A block's references lead to what they name, wherever its sections come to lie; what it cannot
hold is refused by name.
"""
from __future__ import annotations

import struct

import llvmlite.binding as llvm
import pytest

from linefinish.kernels._placing import PlacementError, place
from linefinish.kernels._targets import TARGETS

# A function that gives the address of a constant which lies pages away, and one that calls it.
REFERRING = """
@far = hidden constant [9000 x i8] zeroinitializer, align 64
@table = hidden constant [3 x i64] [i64 11, i64 22, i64 33], align 64
define hidden ptr @where() noinline { ret ptr @table }
define i64 @called() {
  %at = call ptr @where()
  %value = load i64, ptr %at
  %far = load i8, ptr @far
  %more = zext i8 %far to i64
  %sum = add i64 %value, %more
  ret i64 %sum
}
"""


def emitted(target: str, ir: str) -> bytes:
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    triple, cpu, features = TARGETS[target]
    machine = llvm.Target.from_triple(triple).create_target_machine(cpu=cpu, features=features, reloc="pic", codemodel="small")
    module = llvm.parse_assembly(f'target datalayout = "{machine.target_data}"\ntarget triple = "{triple}"\n{ir}')
    found: bytes = machine.emit_object(module)
    return found


def address_given(target: str, block: bytes, at: int) -> int:
    """What the function at a place returns, read from its first instructions."""
    if target != "aarch64":  # lea rax, [rip + displacement]
        assert block[at : at + 3] == b"\x48\x8d\x05"
        return at + 7 + int(struct.unpack_from("<i", block, at + 3)[0])
    page, add = struct.unpack_from("<II", block, at)
    assert (page & 0x9F00001F, add & 0xFFC003FF) == (0x90000000, 0x91000000)  # adrp x0; add x0, x0
    pages = (page >> 5 & 0x7FFFF) << 2 | page >> 29 & 3
    pages -= (pages >> 20) << 21  # a signed number of 21 bits
    return (at // 4096 + pages) * 4096 + (add >> 10 & 0xFFF)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("padding", [0, 64, 4032, 70_000])
def test_a_reference_leads_to_what_it_names(target: str, padding: int) -> None:
    filler = "\n".join(f"@filler{i} = constant [64 x i8] zeroinitializer, align 64" for i in range(padding // 64))
    block, symbols = place([emitted(target, filler + REFERRING)], ["where", "called", "table"])
    assert block[symbols["table"] :][:24] == struct.pack("<3q", 11, 22, 33)
    assert address_given(target, block, symbols["where"]) == symbols["table"]
    assert all(offset % 4 == 0 for offset in symbols.values())


@pytest.mark.parametrize("target", TARGETS)
def test_an_object_calls_what_another_offers_and_not_what_it_keeps(target: str) -> None:
    caller = "declare i64 @answer()\ndefine i64 @asks() {\n %a = tail call i64 @answer()\n ret i64 %a\n}"
    offering = emitted(target, "define i64 @other() {\n ret i64 7\n}\ndefine i64 @answer() {\n ret i64 8\n}")
    block, symbols = place([emitted(target, caller), offering], ["asks", "answer"])
    assert sorted(symbols) == ["answer", "asks"]
    at = symbols["asks"]
    if target == "aarch64":  # b answer
        (instruction,) = struct.unpack_from("<I", block, at)
        assert (instruction >> 26, at + 4 * (instruction & 0x3FFFFFF)) == (5, symbols["answer"])
    else:  # jmp answer
        assert (block[at], at + 5 + struct.unpack_from("<i", block, at + 1)[0]) == (0xE9, symbols["answer"])
    kept = "define internal i64 @answer() noinline {\n ret i64 8\n}\n"
    keeping = emitted(target, kept + "define i64 @b() {\n %a = call i64 @answer()\n ret i64 %a\n}")
    with pytest.raises(PlacementError, match="refers to answer, which is outside"):
        place([emitted(target, caller), keeping], ["asks"])


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(
    ("ir", "words"),
    [
        ("declare i64 @getpid()\ndefine i64 @ours() {\n %a = call i64 @getpid()\n ret i64 %a\n}", "refers to getpid, which is outside"),
        ("@count = global i64 7\ndefine ptr @ours() {\n ret ptr @count\n}", "writable static data"),
        ("@count = global i64 0\ndefine ptr @ours() {\n ret ptr @count\n}", "writable static data"),
        ("@table = constant i64 7\n@to = constant ptr @table\ndefine ptr @ours() {\n ret ptr @to\n}", "writable static data"),
    ],
    ids=["undefined", "initialised", "zero", "address in a constant"],
)  # fmt: skip
def test_what_a_block_cannot_hold_is_refused(target: str, ir: str, words: str) -> None:
    with pytest.raises(PlacementError, match=words):
        place([emitted(target, ir)], ["ours"])


def test_an_object_of_another_machine_is_refused() -> None:
    elf = bytearray(emitted("x86-64-v2", REFERRING))
    struct.pack_into("<H", elf, 0x12, 243)  # RISC-V
    with pytest.raises(PlacementError, match="machine 243"):
        place([bytes(elf)], ["where"])
