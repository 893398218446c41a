"""ELF objects laid out as one block of code and constants that runs at any address.

Their sections are laid side by side, and what they refer to in each other is filled in.
Anything that the block cannot hold (an undefined symbol, an absolute address, a writable section)
is an error.
System V ABI: the generic part and the x86-64 supplement; ELF for the Arm 64-bit Architecture.
"""
from __future__ import annotations

import struct
from collections.abc import Callable

_EM_X86_64, _EM_AARCH64 = 62, 183
_SHF_WRITE, _SHF_ALLOC = 1, 2
_SHT_PROGBITS, _SHT_RELA, _SHT_NOBITS, _SHT_SYMTAB = 1, 4, 8, 2
_STB_LOCAL = 0
# A section begins at a line of the cache, at the least.
_ALIGNMENT_MIN = 64
# An ADRP of AArch64 gives the page of an address, and the instruction after it the place in the
# page; the block begins with a page wherever it is mapped.
_PAGE_BYTES = 4096


class PlacementError(Exception):
    """The object refers to something outside itself, so it cannot be a free-standing block."""


class _Object:
    """An ELF object. `placed` tells where in the block each of its sections lies, once it does."""

    def __init__(self, elf: bytes) -> None:
        self._elf = elf
        (self.machine,) = struct.unpack_from("<H", elf, 0x12)
        section_table = struct.unpack_from("<Q", elf, 0x28)[0]
        entry_size, section_count, _ = struct.unpack_from("<HHH", elf, 0x3A)
        fields = "<IIQQQQIIQQ"  # name, type, flags, addr, offset, size, link, info, align, entsize
        self._sections = [struct.unpack_from(fields, elf, section_table + i * entry_size) for i in range(section_count)]
        self._symbol_table = next(s for s in self._sections if s[1] == _SHT_SYMTAB)
        self.placed: dict[int, int] = {}

    def lay(self, block: bytearray) -> None:
        """Append its code and constants."""
        for index, (_, kind, flags, _, offset, size, _, _, align, _) in enumerate(self._sections):
            if not flags & _SHF_ALLOC or size == 0 or kind not in (_SHT_PROGBITS, _SHT_NOBITS):
                continue
            if flags & _SHF_WRITE or kind == _SHT_NOBITS:
                raise PlacementError("a kernel has writable static data")
            block += bytes(-len(block) % max(align, _ALIGNMENT_MIN))
            self.placed[index] = len(block)
            block += self._elf[offset : offset + size]

    def symbol(self, number: int) -> tuple[str, int | None, bool]:
        """Name, where it lies (None: not in this object), and whether others may refer to it."""
        name, info, _, section, value, _ = struct.unpack_from("<IBBHQQ", self._elf, self._symbol_table[4] + 24 * number)
        start = self._sections[self._symbol_table[6]][4] + name
        where = self.placed[section] + value if section in self.placed else None
        return self._elf[start : self._elf.index(b"\0", start)].decode(), where, info >> 4 != _STB_LOCAL

    def offered(self) -> dict[str, int]:
        """What others may refer to, and where it lies."""
        symbols = [self.symbol(number) for number in range(self._symbol_table[5] // 24)]
        return {name: where for name, where, offered in symbols if offered and where is not None}

    def fill(self, block: bytearray, offered: dict[str, int]) -> None:
        """Fill in its references, to what lies in it and to what the others offer."""
        fill = _RELOCATIONS[self.machine]
        for _, kind, _, _, offset, size, _, target, _, _ in self._sections:
            if kind != _SHT_RELA or target not in self.placed:
                continue
            for at in range(offset, offset + size, 24):
                spot, info, addend = struct.unpack_from("<QQq", self._elf, at)
                name, where, _ = self.symbol(info >> 32)
                if where is None:
                    where = offered.get(name)
                if where is None:
                    raise PlacementError(f"a kernel refers to {name or 'a section'}, which is outside the kernels")
                if not fill(block, info & 0xFFFFFFFF, self.placed[target] + spot, where + addend):
                    raise PlacementError(f"relocation {info & 0xFFFFFFFF} to {name or 'a section'} is not relative")


def place(objects: list[bytes], wanted: list[str]) -> tuple[bytes, dict[str, int]]:
    """Lay ELF objects out as one free-standing block: (code and constants, symbol → offset)."""
    read = [_Object(elf) for elf in objects]
    for one in read:
        if one.machine not in _RELOCATIONS:
            raise PlacementError(f"nothing is known of ELF machine {one.machine}")
    block = bytearray()
    offered: dict[str, int] = {}
    for one in read:
        one.lay(block)
        offered.update(one.offered())
    for one in read:
        one.fill(block, offered)
    return bytes(block), {name: where for name, where in offered.items() if name in wanted}


# --- relocations: each fills in, at `spot`, how `to` is reached from there; False if it is another
# ------------------------------------------------------------

_R_X86_64_PC32, _R_X86_64_PLT32, _R_X86_64_PC64 = 2, 4, 24


def _x86_64(block: bytearray, relocation: int, spot: int, to: int) -> bool:
    if relocation in (_R_X86_64_PC32, _R_X86_64_PLT32):
        struct.pack_into("<i", block, spot, to - spot)
    elif relocation == _R_X86_64_PC64:
        struct.pack_into("<q", block, spot, to - spot)
    else:
        return False
    return True


_R_AARCH64_PREL64, _R_AARCH64_PREL32, _R_AARCH64_ADR_PREL_PG_HI21 = 260, 261, 275
_R_AARCH64_JUMP26, _R_AARCH64_CALL26 = 282, 283
# Relocation → how many low bits of the place in the page the instruction leaves out: it reads or
# writes so many bytes, as a power of two.
_LOW_BITS = {277: 0, 278: 0, 284: 1, 285: 2, 286: 3, 299: 4}


def _aarch64(block: bytearray, relocation: int, spot: int, to: int) -> bool:
    if relocation == _R_AARCH64_PREL64:
        struct.pack_into("<q", block, spot, to - spot)
    elif relocation == _R_AARCH64_PREL32:
        struct.pack_into("<i", block, spot, to - spot)
    elif relocation == _R_AARCH64_ADR_PREL_PG_HI21:
        pages = to // _PAGE_BYTES - spot // _PAGE_BYTES
        _or_into(block, spot, (pages & 3) << 29 | (pages >> 2 & 0x7FFFF) << 5)
    elif relocation in (_R_AARCH64_JUMP26, _R_AARCH64_CALL26):
        _or_into(block, spot, (to - spot) // 4 & 0x3FFFFFF)
    elif relocation in _LOW_BITS:
        _or_into(block, spot, to % _PAGE_BYTES >> _LOW_BITS[relocation] << 10)
    else:
        return False
    return True


def _or_into(block: bytearray, spot: int, bits: int) -> None:
    """Fill the empty field of an instruction."""
    (instruction,) = struct.unpack_from("<I", block, spot)
    struct.pack_into("<I", block, spot, instruction | bits)


_RELOCATIONS: dict[int, Callable[[bytearray, int, int, int], bool]] = {_EM_X86_64: _x86_64, _EM_AARCH64: _aarch64}
