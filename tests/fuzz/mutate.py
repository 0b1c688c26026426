"""Random changes of bytes, the same for the same seed: enough to walk through most branches of a reader."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

LONGEST = 4_000


def inputs(seeds: Sequence[bytes], words: Sequence[bytes], number: int, seed: int) -> Iterator[bytes]:
    """*number* inputs, each with a first byte that chooses what is done with it."""
    chance = random.Random(seed)
    for _ in range(number):
        data = bytearray(chance.choice(seeds))
        for _ in range(chance.choice((0, 1, 1, 2, 3, 8))):
            _change(data, seeds, words, chance)
        yield bytes([chance.randrange(256)]) + bytes(data[:LONGEST])


def _change(data: bytearray, seeds: Sequence[bytes], words: Sequence[bytes], chance: random.Random) -> None:
    at = chance.randrange(len(data) + 1)
    match chance.randrange(7):
        case 0:
            data[at:at] = chance.choice(words)
        case 1:
            del data[at : at + chance.randrange(1, 9)]
        case 2:
            data[at : at + 1] = bytes([chance.randrange(256)])
        case 3:
            other = chance.choice(seeds)
            cut = chance.randrange(len(other) + 1)
            data[at:] = other[cut:]
        case 4:
            piece = data[at : at + chance.randrange(1, 30)]
            data[at:at] = piece * chance.randrange(1, 4)
        case 5:
            if at < len(data):
                data[at] ^= 1 << chance.randrange(8)
        case _:
            word = chance.choice(words)
            data[at : at + len(word)] = word
