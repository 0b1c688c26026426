"""Digests that stand for a value on the wire, by name; as labels, never as a protection of ours.

MurmurHash3 (seed 0) is a number, or two: ``murmur3-32`` and ``murmur3-128`` are written as JavaScript libraries write
them, most significant digit first; ``-le`` as C writes its memory, ``-be`` as the one number of 128 bits.

Source: hashlib; pycryptodome for what OpenSSL has left behind (MD2 RFC 1319, MD4 RFC 1320, RIPEMD-160); mmh3.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from functools import partial
from struct import pack
from typing import Any, Final

import mmh3
from Crypto.Hash import MD2, MD4, RIPEMD160

from shield.whirlpool import whirlpool

Digest = Callable[[bytes], bytes]


def _of_hashlib(make: Callable[..., Any], **settings: Any) -> Digest:
    def digest(data: bytes) -> bytes:
        made: bytes = make(data, usedforsecurity=False, **settings).digest()
        return made

    return digest


def _of_crypto(module: Any) -> Digest:
    def digest(data: bytes) -> bytes:
        made: bytes = module.new(data).digest()
        return made

    return digest


def _murmur32(data: bytes) -> bytes:
    return pack(">I", mmh3.hash(data, signed=False))


def _murmur128(data: bytes) -> bytes:
    return pack(">QQ", *mmh3.hash64(data, signed=False))


DIGESTS: Final[Mapping[str, Digest]] = {
    "md5": _of_hashlib(hashlib.md5),
    "sha1": _of_hashlib(hashlib.sha1),
    "sha256": _of_hashlib(hashlib.sha256),
    "sha512": _of_hashlib(hashlib.sha512),
    "sha224": _of_hashlib(hashlib.sha224),
    "sha384": _of_hashlib(hashlib.sha384),
    "sha512-224": _of_hashlib(partial(hashlib.new, "sha512_224")),
    "sha512-256": _of_hashlib(partial(hashlib.new, "sha512_256")),
    "sha3-224": _of_hashlib(hashlib.sha3_224),
    "sha3-256": _of_hashlib(hashlib.sha3_256),
    "sha3-384": _of_hashlib(hashlib.sha3_384),
    "sha3-512": _of_hashlib(hashlib.sha3_512),
    "blake2b": _of_hashlib(hashlib.blake2b),
    "blake2b-256": _of_hashlib(hashlib.blake2b, digest_size=32),
    "blake2s": _of_hashlib(hashlib.blake2s),
    "ripemd160": _of_crypto(RIPEMD160),
    "md4": _of_crypto(MD4),
    "md2": _of_crypto(MD2),
    "whirlpool": whirlpool,
    "murmur3-128": _murmur128,
    "murmur3-128-le": mmh3.hash_bytes,
    "murmur3-128-be": lambda data: mmh3.hash_bytes(data)[::-1],
    "murmur3-x86-128": lambda data: pack(">IIII", *_quarters(data)),
    "murmur3-64": lambda data: _murmur128(data)[:8],
    "murmur3-32": _murmur32,
    "murmur3-32-le": lambda data: _murmur32(data)[::-1],
}
"""Name -> digest of bytes."""

USUAL: Final = ("md5", "sha1", "sha256", "sha512", "sha224", "sha384")
"""What is searched for at every offset, also inside other letters; the others as words of their own."""
SHORT: Final = ("murmur3-32", "murmur3-32-le")
"""Four bytes: too few to be sure of, but between boundaries."""


def _quarters(data: bytes) -> tuple[int, ...]:
    number = mmh3.hash128(data, x64arch=False, signed=False)
    return tuple(number >> 32 * at & 0xFFFFFFFF for at in range(4))


def digest_of(name: str, data: bytes) -> bytes:
    """The digest of DIGESTS with this name."""
    return DIGESTS[name](data)
