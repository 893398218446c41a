"""Inflate (RFC 1951), and the Adler-32 of what comes out (RFC 1950): a zlib stream in pieces →
bytes.

A line drawing compresses forty to one, so most of the time goes into copying runs and summing them
up, which zlib does a few bytes at a time. Here both go by words of eight bytes, and symbols are
looked up from a register of 56 bits or more that is filled by one load (F. Giesen, Reading bits in
far too many ways, part 2, 2018, variant 4). On drawings this takes 0.28 to 0.44 of zlib's time.
"""
from __future__ import annotations

from linefinish.kernels._casts import bit_reverse, i64, u64
from linefinish.kernels._lanes import add8, bytes8, ints8, store8
from linefinish.kernels._modes import helper, kernel

# What `inflate` answers. Negative: the stream is damaged.
WANTS_OUTPUT, WANTS_INPUT, ENDED = 0, 1, 2
DAMAGED, TRUNCATED = -1, -2

# Bytes behind the end of `source` that may be read (never used), and behind `want` that may be
# written (and then hold what follows).
SOURCE_SLACK = 32
OUT_SLACK = 320
# Bytes that a back reference may reach behind itself (section 3.2.5).
WINDOW = 32768
# Bytes of `source` that are enough for the head of any block: 3 + 14 + 19 · 3 + 316 · 14 bits.
_HEAD_BYTES = 600

# The state that lasts from call to call: where in `source` and `out`, how many bits of the byte
# there are used, in which part of a block we are, whether it is the last one, bytes left of a
# stored block, whether the tables are the fixed ones.
STATE = 7
AT, TO, _USED, _PART, _LAST, _STORED, _FIXED = 0, 1, 2, 3, 4, 5, 6
_HEAD, _SYMBOLS, _COPYING = 0, 1, 2

# Tables of codes. The index is the next bits of the stream: _ROOT of them, and where a code is
# longer, all of a further table. Longer roots: fewer second looks, more to fill for each block. 11
# and 9 bits are 10 KiB, which the first-level cache holds beside the output.
_ROOT, _DISTANCE_ROOT, _LENGTHS_ROOT, _LONGEST = 11, 9, 7, 15
# At most 286 / 2 prefixes of 11 bits have longer codes, with 16 entries each; 15 of 9 bits with 64;
# and the codes of code lengths.
_DISTANCES = 2048 + 143 * 16
_LENGTHS = _DISTANCES + 512 + 15 * 64
TABLE = _LENGTHS + 128
# Scratch: the lengths of all codes, then counts and next codes of each length.
_COUNTS = 320
SCRATCH = _COUNTS + 64

# An entry: bits 0–5 how many bits the code and its extra bits take, 8–13 how many the code alone,
# from 16 on the value: a byte, the base of a length or distance, or where a further table begins.
# Bit 6: a literal. Bit 7: neither literal nor length, and then bit 14: go on in a further table
# (bits 0–5 its index's), bit 15: the end of the block, neither: damage.
_LITERAL, _OTHER, _FURTHER, _END = 1 << 6, 1 << 7, 1 << 14, 1 << 15


@helper
def _load(source, at):
    """Eight bytes as a word, lowest first; LLVM makes one load of it."""
    low = u64(0)
    high = u64(0)
    for k in range(4):
        low |= u64(u64(source[at + k]) << u64(8 * k))
        high |= u64(u64(source[at + 4 + k]) << u64(8 * k))
    return low | u64(high << u64(32))


@helper
def _store(out, to, word):
    """A word as eight bytes; LLVM makes one store of it."""
    for k in range(8):
        out[to + k] = (word >> u64(8 * k)) & u64(255)


@helper
def _copy(out, to, distance, length):
    """`length` bytes from `distance` before `to`; up to 31 bytes more are written, which come to be
    overwritten or not used.
    """
    end = to + length
    if distance >= 32:
        while to < end:
            a = _load(out, to - distance)
            b = _load(out, to - distance + 8)
            c = _load(out, to - distance + 16)
            d = _load(out, to - distance + 24)
            _store(out, to, a)
            _store(out, to + 8, b)
            _store(out, to + 16, c)
            _store(out, to + 24, d)
            to += 32
    elif distance == 1:
        word = u64(u64(out[to - 1]) * u64(0x0101010101010101))
        while to < end:
            _store(out, to, word)
            _store(out, to + 8, word)
            _store(out, to + 16, word)
            _store(out, to + 24, word)
            to += 32
    elif distance >= 8:
        while to < end:
            _store(out, to, _load(out, to - distance))
            to += 8
    else:  # as many whole periods as a word holds, again and again
        word = _load(out, to - distance) & u64((1 << (8 * distance)) - 1)
        word |= u64(word << u64(8 * distance))
        if distance < 4:
            word |= u64(word << u64(16 * distance))
        step = distance
        while step + distance <= 8:
            step += distance
        while to < end:
            _store(out, to, word)
            to += step
    return end


@helper
def _entry(symbol, kind, length):
    """The entry of a symbol whose code has `length` bits. kind 0: literals and lengths, 1:
    distances, 2: code lengths (section 3.2.5).
    """
    if kind == 2:
        return (symbol << 16) | (length << 8) | length
    if kind == 1:
        if symbol > 29:
            return _OTHER | (length << 8) | length
        extra = max(0, (symbol >> 1) - 1)
        base = 1 + symbol
        if symbol > 3:
            base = 1 + ((2 + (symbol & 1)) << extra)
        return (base << 16) | (length << 8) | (length + extra)
    if symbol < 256:
        return _LITERAL | (symbol << 16) | (length << 8) | length
    if symbol == 256:
        return _OTHER | _END | (length << 8) | length
    if symbol > 285:
        return _OTHER | (length << 8) | length
    number = symbol - 257
    extra = max(0, (number >> 2) - 1)
    base = 3 + number
    if number > 7:
        base = 3 + ((4 + (number & 3)) << extra)
    if symbol == 285:
        extra = 0
        base = 258
    return (base << 16) | (length << 8) | (length + extra)


@helper
def _table(lengths, first, count, kind, root, table, begin, room):
    """Codes of `count` symbols by their lengths (section 3.2.2) → a table from `begin` on. Returns
    0, or DAMAGED.

    A set of codes that leaves bits without a meaning is damage, as zlib has it, but for no code at
    all and, among symbols, a single one of one bit: then it is damage where other bits come.
    """
    for bits in range(_LONGEST + 1):
        lengths[_COUNTS + bits] = 0
    for symbol in range(count):
        lengths[_COUNTS + lengths[first + symbol]] += 1
    longest = i64(0)
    code = i64(0)
    left = i64(1)
    lengths[_COUNTS] = 0
    for bits in range(1, _LONGEST + 1):
        here = lengths[_COUNTS + bits]
        code = (code + lengths[_COUNTS + bits - 1]) << 1
        lengths[_COUNTS + 16 + bits] = code
        left = (left << 1) - here
        if left < 0:
            return DAMAGED
        if here > 0:
            longest = i64(bits)
    if left > 0 and longest > (0 if kind == 2 else 1):
        return DAMAGED
    if left > 0:  # one code or none: whatever else comes is damage
        for i in range(1 << root):
            table[begin + i] = _OTHER | 257
    further = begin + (1 << root)
    below = longest - root  # bits of each further table
    if below > 0:
        for i in range(1 << root):
            table[begin + i] = 0
    for symbol in range(count):
        bits = lengths[first + symbol]
        if bits > 0:
            code = lengths[_COUNTS + 16 + bits]
            lengths[_COUNTS + 16 + bits] = code + 1
            index = i64(bit_reverse(u64(code)) >> u64(64 - bits))
            if bits <= root:
                made = _entry(symbol, kind, bits)
                while index < 1 << root:
                    table[begin + index] = made
                    index += 1 << bits
            else:
                place = begin + (index & ((1 << root) - 1))
                if table[place] == 0:
                    if further + (1 << below) > begin + room:
                        return DAMAGED
                    table[place] = _OTHER | _FURTHER | (further << 16) | (root << 8) | below
                    further += 1 << below
                start = i64(table[place]) >> 16
                made = _entry(symbol, kind, bits - root)
                index >>= root
                while index < 1 << below:
                    table[start + index] = made
                    index += 1 << (bits - root)
    return 0


@helper
def _order(i):
    """In which order the lengths of the code lengths' codes come (section 3.2.7)."""
    if i < 3:
        return 16 + i
    if i == 3:
        return 0
    if (i & 1) == 0:
        return 6 + (i >> 1)
    return 10 - ((i + 1) >> 1)


@helper
def _fixed_tables(lengths, table):
    """The codes that need no description (section 3.2.6)."""
    for symbol in range(288):
        if symbol < 144:
            lengths[symbol] = 8
        elif symbol < 256:
            lengths[symbol] = 9
        elif symbol < 280:
            lengths[symbol] = 7
        else:
            lengths[symbol] = 8
    _table(lengths, 0, 288, 0, _ROOT, table, 0, _DISTANCES)
    for symbol in range(32):
        lengths[symbol] = 5
    _table(lengths, 0, 32, 1, _DISTANCE_ROOT, table, _DISTANCES, _LENGTHS - _DISTANCES)


@helper
def _described_tables(source, at, end, bit, lengths, table):
    """Read the codes' description (section 3.2.7) from bit `bit` of source[at:]. Returns the bit
    after it, negative if it is damaged.
    """
    word = _load(source, at) >> u64(bit)
    literals = 257 + i64(word & u64(31))
    distances = 1 + i64((word >> u64(5)) & u64(31))
    described = 4 + i64((word >> u64(10)) & u64(15))
    bit += 14
    if literals > 286 or distances > 30:
        return -bit
    for i in range(19):
        lengths[_order(i)] = 0
    for i in range(described):
        lengths[_order(i)] = (_load(source, at + (bit >> 3)) >> u64(bit & 7)) & u64(7)
        bit += 3
    if _table(lengths, 0, 19, 2, _LENGTHS_ROOT, table, _LENGTHS, TABLE - _LENGTHS) != 0:
        return -bit
    done = i64(0)
    total = literals + distances
    while done < total:
        if at + (bit >> 3) > end:  # what is read next is not there
            return -bit
        word = _load(source, at + (bit >> 3)) >> u64(bit & 7)
        entry = i64(table[_LENGTHS + i64(word & u64(127))])
        symbol = entry >> 16
        used = entry & 63
        word >>= u64(used)
        bit += used
        if symbol < 16:
            lengths[done] = symbol
            done += 1
            continue
        value = i64(0)
        repeat = i64(0)
        if symbol == 16:
            bit += 2
            if done == 0:
                return -bit
            value = lengths[done - 1]
            repeat = 3 + i64(word & u64(3))
        elif symbol == 17:
            repeat = 3 + i64(word & u64(7))
            bit += 3
        else:
            repeat = 11 + i64(word & u64(127))
            bit += 7
        if done + repeat > total:
            return -bit
        for i in range(repeat):
            lengths[done + i] = value
        done += repeat
    if lengths[256] == 0:  # a block without an end
        return -bit
    if _table(lengths, literals, distances, 1, _DISTANCE_ROOT, table, _DISTANCES, _LENGTHS - _DISTANCES) != 0:
        return -bit
    if _table(lengths, 0, literals, 0, _ROOT, table, 0, _DISTANCES) != 0:
        return -bit
    return bit


@kernel("i64(const u8*, i64, i64, u8*, i64, i64*, u32*, i64*)")
def inflate(source, end, last, out, want, state, table, lengths):
    """Unpack from source[state[AT]:end] to out[state[TO]:], until `want` is reached or passed by at
    most OUT_SLACK bytes.

    source u8 (end + SOURCE_SLACK,), last 1 if nothing follows it; out u8 (want + OUT_SLACK,), which
    holds before state[TO] what was unpacked before: WINDOW bytes or all. state i64 (STATE,), zeros
    for a new stream; table u32 (TABLE,), lengths i64 (SCRATCH,). Returns WANTS_OUTPUT, WANTS_INPUT
    (what is left of source, less than 1 KiB, comes again before more of it), ENDED (at state[AT]
    the bytes after the last block begin), DAMAGED or TRUNCATED.

    Bounded: each turn of the loops takes bits from source or is one of a table's. Safe: no distance
    reaches before out[0], each symbol writes at most 258 + 31 bytes, and it is looked at before
    each whether `source` still has all bits of one.
    """
    at = state[AT] + 1
    to = state[TO]
    bits = u64(source[at - 1]) >> u64(state[_USED])
    count = 8 - state[_USED]
    part = state[_PART]
    status = i64(WANTS_OUTPUT)
    # Where the last symbol may begin: the loop reads 16 bytes from there.
    stop = end - 16
    if last != 0:
        stop = end + 8
    while to < want:
        if part == _SYMBOLS:
            entry = i64(0)
            while to < want and at <= stop:
                bits |= u64(_load(source, at) << u64(count))
                at += (63 - count) >> 3
                count |= 56
                entry = i64(table[i64(bits & u64(2047))])
                if entry & _LITERAL != 0:
                    bits >>= u64(entry & 63)
                    count -= entry & 63
                    out[to] = entry >> 16
                    to += 1
                    entry = i64(table[i64(bits & u64(2047))])
                    if entry & _LITERAL != 0:
                        bits >>= u64(entry & 63)
                        count -= entry & 63
                        out[to] = entry >> 16
                        to += 1
                        entry = i64(table[i64(bits & u64(2047))])
                        if entry & _LITERAL != 0:
                            bits >>= u64(entry & 63)
                            count -= entry & 63
                            out[to] = entry >> 16
                            to += 1
                            continue
                    bits |= u64(_load(source, at) << u64(count))
                    at += (63 - count) >> 3
                    count |= 56
                if entry & _OTHER != 0:
                    if entry & _FURTHER != 0:
                        bits >>= u64(_ROOT)
                        count -= _ROOT
                        entry = i64(table[(entry >> 16) + i64(bits & u64((1 << (entry & 63)) - 1))])
                        if entry & _LITERAL != 0:
                            bits >>= u64(entry & 63)
                            count -= entry & 63
                            out[to] = entry >> 16
                            to += 1
                            continue
                    if entry & _OTHER != 0:
                        break
                length = (entry >> 16) + i64((bits & u64((1 << (entry & 63)) - 1)) >> u64((entry >> 8) & 63))
                bits >>= u64(entry & 63)
                count -= entry & 63
                entry = i64(table[_DISTANCES + i64(bits & u64(511))])
                if entry & _OTHER != 0:
                    if entry & _FURTHER == 0:
                        break
                    bits >>= u64(_DISTANCE_ROOT)
                    count -= _DISTANCE_ROOT
                    entry = i64(table[(entry >> 16) + i64(bits & u64((1 << (entry & 63)) - 1))])
                    if entry & _OTHER != 0:
                        break
                distance = (entry >> 16) + i64((bits & u64((1 << (entry & 63)) - 1)) >> u64((entry >> 8) & 63))
                bits >>= u64(entry & 63)
                count -= entry & 63
                if distance > to:
                    entry = i64(_OTHER)
                    break
                to = _copy(out, to, distance, length)
            if entry & _OTHER != 0:
                bits >>= u64(entry & 63)
                count -= entry & 63
                if entry & _END == 0:
                    status = i64(DAMAGED)
                    break
                part = i64(_HEAD)
            elif to < want:
                status = i64(WANTS_INPUT)
                break
        elif part == _COPYING:
            at -= count >> 3
            count = i64(0)
            some = min(state[_STORED], min(want - to, end - at))
            for i in range(some):
                out[to + i] = source[at + i]
            to += some
            at += some
            state[_STORED] -= some
            if state[_STORED] == 0:
                part = i64(_HEAD)
            elif to < want:
                status = i64(WANTS_INPUT)
                break
        else:
            # By place and not by register: it is read again from its beginning when there was too
            # little of it.
            head_at = at - ((count + 7) >> 3)
            bit = -count & 7
            if state[_LAST] != 0:
                status = i64(ENDED)
                at -= count >> 3
                count = i64(0)
                break
            if head_at + _HEAD_BYTES > end and last == 0:
                status = i64(WANTS_INPUT)
                break
            if head_at > end:
                break
            head = i64(_load(source, head_at) >> u64(bit))
            bit += 3
            at = head_at + ((bit + 7) >> 3)
            count = i64(0)
            kind = (head >> 1) & 3
            if kind == 0:
                at += 4
                if at > end:
                    break
                sizes = i64(_load(source, at - 4))
                if sizes & 0xFFFF != ((sizes >> 16) & 0xFFFF) ^ 0xFFFF:
                    status = i64(DAMAGED)
                    break
                state[_STORED] = sizes & 0xFFFF
                part = i64(_COPYING)
            else:
                if kind == 3:
                    status = i64(DAMAGED)
                    break
                if kind == 2:
                    state[_FIXED] = 0
                    bit = _described_tables(source, head_at, end, bit, lengths, table)
                    if bit < 0:
                        status = i64(DAMAGED)
                        at = head_at + ((7 - bit) >> 3)
                        break
                elif state[_FIXED] == 0:
                    state[_FIXED] = 1
                    _fixed_tables(lengths, table)
                at = head_at + (bit >> 3) + 1
                bits = u64(source[at - 1]) >> u64(bit & 7)
                count = 8 - (bit & 7)
                part = i64(_SYMBOLS)
            state[_LAST] = head & 1
    if 8 * at - count > 8 * end or (last != 0 and status == WANTS_INPUT):  # bits were used that are not there
        status = i64(TRUNCATED)
    state[AT] = at - ((count + 7) >> 3)
    state[TO] = to
    state[_USED] = -count & 7
    state[_PART] = part
    return status


# Pairs of words whose sums of sums fit 31 bits: 255 · 2048² / 2.
_PAIRS_MAX = 2048
# Scratch of `adler32`: eight columns each of the sums of first and second words, and of the sums
# before them.
COLUMNS = 32


@kernel("i64(const u8*, i64, i64, i64, i32*)")
def adler32(data, begin, end, checksum, columns):
    """The checksum of RFC 1950, section 8.2, carried on over data[begin:end]; 1 is that of nothing.
    columns i32 (COLUMNS,) is scratch.

    By pairs of words of eight bytes: bytes are summed in eight columns of 32 bits, and so are the
    sums before each pair, which say how often each byte counts in the second sum. 0.04 ns a byte;
    by columns of 16 bits 0.08, and zlib's takes 0.33.
    """
    first = checksum & 0xFFFF
    second = checksum >> 16
    at = begin
    while at + 16 <= end:
        pairs = min((end - at) >> 4, _PAIRS_MAX)
        ones, twos, ones_before, twos_before = ints8(0), ints8(0), ints8(0), ints8(0)
        for _pair in range(pairs):
            ones_before, twos_before = add8(ones_before, ones), add8(twos_before, twos)
            ones, twos = add8(ones, bytes8(data, at)), add8(twos, bytes8(data, at + 8))
            at += 16
        store8(columns, 0, ones)
        store8(columns, 8, twos)
        store8(columns, 16, ones_before)
        store8(columns, 24, twos_before)
        # A byte counts once for each that comes before the end, itself among them: 16 for each pair
        # that comes after its own, and 8 if there is a second word.
        second += 16 * pairs * first
        for k in range(8):
            one, two = i64(columns[k]), i64(columns[8 + k])
            second += 16 * (i64(columns[16 + k]) + i64(columns[24 + k])) + 8 * one + (8 - k) * (one + two)
            first += one + two
        first %= 65521
        second %= 65521
    while at < end:
        first += i64(data[at])
        second += first
        at += 1
    return ((second % 65521) << 16) | (first % 65521)
