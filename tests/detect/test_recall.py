"""A small sample of the corpus of ``tests.bench.recall_bench``, which measures the rest."""

from __future__ import annotations

from base64 import b32encode, b64encode

import pytest

from shield.detect.known import Matcher
from shield.person import Fact, Person
from shield.wire import reader
from tests.bench.encoders import DIGESTS, ENCODINGS, percent
from tests.bench.recall_bench import Bench, Case, cases, request

BENCH = Bench()
base58, rot13 = ENCODINGS["base58"], ENCODINGS["rot13"]
SAMPLE = {layers: list(cases(150, layers, seed=7)) for layers in (1, 2, 3)}
GOALS = [(1, 99.5), (2, 98.5), (3, 96.0)]


def found(layers: int) -> list[Case]:
    return [case for case in SAMPLE[layers] if BENCH.is_found(case)]


@pytest.mark.parametrize(("layers", "percent"), GOALS)
def test_recall(layers: int, percent: float) -> None:
    """Facts x forms x disguises x places, each written by encoders of the corpus' own."""
    missed = [str(case) for case in SAMPLE[layers] if not BENCH.is_found(case)]
    assert 100 * len(missed) <= (100 - percent) * len(SAMPLE[layers]), missed


@pytest.mark.parametrize("layers", [1, 2])
def test_substitution(layers: int) -> None:
    """What was found is gone, and the persona's value stands there under the same layers."""
    troubles = [(trouble, str(case)) for case in found(layers) if (trouble := BENCH.trouble(case))]
    assert troubles == []


def find(value: bytes) -> list[tuple[int, int, str]]:
    """The spans in a form's field, and what is worn there."""
    made = request("/c", b"uid=" + value, "application/x-www-form-urlencoded")
    return [(one.start, one.end, one.likeness.disguise.name) for one in BENCH.findings(made) if one.likeness]


def digest(name: str) -> bytes:
    return DIGESTS[name](b"anna_s@real.example")


@pytest.mark.parametrize(
    ("value", "worn"),
    [
        (b"4111111111111111"[::-1], "reversed"),  # a number is no word of the index
        (b64encode(b64encode(digest("md4")).rstrip(b"="))[::-1], "base64-unpadded base64 reversed"),
        (b32encode(b64encode(digest("ripemd160")))[::-1], "base64 base32 reversed"),  # four signs of padding
        (rot13(digest("sha1").hex().encode())[::-1], "hex rot13 reversed"),
        (rot13(base58(digest("blake2b"))), "base58 rot13"),
        (base58(digest("md5").hex().encode())[::-1], "hex base58 reversed"),
        (digest("sha3_256").hex().encode().hex().encode()[::-1], "hex hex reversed"),  # all of it digits
        (base58(digest("blake2b").hex().encode().hex().encode()), "hex hex base58"),  # 350 letters
        (base58(percent(b64encode(digest("sha256")))), "base64 percent base58"),
    ],
)
def test_digests_behind_what_no_reader_opens(value: bytes, worn: str) -> None:
    """Each layer is undone, in one run of letters."""
    found = find(percent(value))
    assert [name for _, _, name in found if name.endswith(worn)] != [], found
    assert {(start, end) for start, end, _ in found} == {(0, len(value))}


def test_a_digest_that_begins_with_nul() -> None:
    """As bytes it is one finding, within its field."""
    made = next(b"%d" % number for number in range(10**9, 10**9 + 10**4) if DIGESTS["sha256"](b"%d" % number)[0] == 0)
    matcher = Matcher.build(Person((Fact("account_id-1", "account_id", {"value": made.decode()}),)))
    opened = reader.read(request("/c", b"uid=" + percent(DIGESTS["sha256"](made)), "application/x-www-form-urlencoded"))
    assert [(one.start, one.end) for one in matcher.find(opened)] == [(0, 32)]


def test_padding_is_part_of_the_span_under_two_layers_too() -> None:
    """A digest in base32 that was shifted keeps its disguise, and its six signs go with it."""
    value = rot13(b32encode(digest("sha512").rjust(64)))
    found = find(percent(value))
    assert [(start, end) for start, end, _ in found] == [(0, len(value))]
    assert found[0][2].endswith("base32 rot13")
