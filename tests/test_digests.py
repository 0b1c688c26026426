"""Digests and encoders against vectors of those who made them."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shield.digests import DIGESTS, SHORT, USUAL, digest_of
from shield.encoders import ENCODERS, base58
from shield.whirlpool import whirlpool

# ISO/IEC 10118-3:2004 annex; the paper's file iso-test-vectors.txt, sets 1 to 7 (first 16 digits).
WHIRLPOOL = [
    ("", "19fa61d75522a466"), ("a", "8aca2602792aec6f"), ("abc", "4e2448a4c6f486bb"),
    ("message digest", "378c84a4126e2dc6"), ("abcdefghijklmnopqrstuvwxyz", "f1d754662636ffe9"),
    ("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", "dc37e008cf9ee69b"),
    ("1234567890" * 8, "466ef18babb0154d"), ("abcdbcdecdefdefgefghfghighijhijk", "2a987ea40f917061"),
]  # fmt: skip
VECTORS = [
    ("md2", b"abc", "da853b0d3f88d99b30283a69e6ded6bb"),  # RFC 1319, A.5
    ("md4", b"abc", "a448017aaf21d8525fc10ae87aa6729d"),  # RFC 1320, A.5
    ("ripemd160", b"abc", "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc"),  # its authors' page
    ("blake2s", b"abc", "508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982"),  # RFC 7693, B
    ("sha3-256", b"", "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a"),  # FIPS 202
    ("murmur3-32", b"hello", "248bfa47"),  # what C++ calls 0x248bfa47
    ("murmur3-32", b"", "00000000"),
    ("murmur3-128", b"hello", "cbd8a7b341bd9b025b1e906a48ae1d19"),  # Guava and murmurhash3js x64
]


@pytest.mark.parametrize(("text", "begins"), WHIRLPOOL)
def test_whirlpool(text: str, begins: str) -> None:
    """The standard's vectors."""
    digest = whirlpool(text.encode())
    assert (digest.hex()[:16], len(digest)) == (begins, 64)


def test_whirlpool_over_many_blocks() -> None:
    """A million times ``a``, shortened: what a second block changes."""
    assert whirlpool(b"a" * 31) != whirlpool(b"a" * 32)
    assert len({whirlpool(b"a" * count) for count in range(130)}) == 130


@pytest.mark.parametrize(("name", "data", "hexed"), VECTORS)
def test_digest(name: str, data: bytes, hexed: str) -> None:
    """One vector of each that hashlib does not vouch for."""
    assert digest_of(name, data).hex() == hexed


def test_names() -> None:
    """All differ, and those of hashlib are hashlib's."""
    assert len({digest_of(name, b"anna@real.example") for name in DIGESTS}) == len(DIGESTS)
    assert set(USUAL) | set(SHORT) <= set(DIGESTS)
    for name in ("md5", "sha512", "sha3_384", "blake2b", "sha512_256"):
        assert digest_of(name.replace("_", "-"), b"x") == hashlib.new(name, b"x").digest()


BASE58 = [(b"Hello World!", b"2NEpo7TZRRrLZSi2U"), (bytes.fromhex("0000287fb4cd"), b"11233QC4"), (b"", b"")]


@pytest.mark.parametrize(("data", "text"), BASE58)
def test_base58(data: bytes, text: bytes) -> None:
    """Vectors of draft-msporny-base58."""
    assert base58(data) == text


@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=60))
def test_every_encoder_takes_any_bytes(data: bytes) -> None:
    """None raises; what turns around twice is itself."""
    for encode in ENCODERS.values():
        encode(data)
    assert ENCODERS["rot13"](ENCODERS["rot13"](data)) == data
    number = int.from_bytes(data)
    alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
    assert sum(58**at * alphabet.index(chr(one)) for at, one in enumerate(reversed(base58(data)))) == number
