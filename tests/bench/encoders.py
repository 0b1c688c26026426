"""The corpus' own encoders and digests, written from the specifications: nothing is shared with what is measured."""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import json
import random
import struct
import zlib
from collections.abc import Callable
from typing import Final
from urllib.parse import quote

import mmh3
from Crypto.Hash import MD2, MD4, RIPEMD160

from shield.whirlpool import whirlpool  # its vectors are in tests/test_digests.py

Step = Callable[[bytes], bytes]
BASE64: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
URI: Final = BASE64[:-1] + "-"


def base58(data: bytes) -> bytes:
    alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
    digits = [0]
    for byte in data:
        for at, digit in enumerate(digits):
            byte += digit << 8
            digits[at], byte = byte % 58, byte // 58
        while byte:
            digits.append(byte % 58)
            byte //= 58
    zeros = len(data) - len(data.lstrip(b"\0"))
    text = "".join(alphabet[digit] for digit in reversed(digits)).lstrip("1")
    return ("1" * zeros + text).encode()


def rot13(data: bytes) -> bytes:
    return bytes(
        (byte - 97 + 13) % 26 + 97 if 97 <= byte <= 122 else (byte - 65 + 13) % 26 + 65 if 65 <= byte <= 90 else byte
        for byte in data
    )


def turned(data: bytes) -> bytes:
    try:
        return data.decode()[::-1].encode()
    except UnicodeDecodeError:
        return data[::-1]


def _as_text(data: bytes) -> str:
    """What is no text stays as it is: nobody writes it so."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return ""


def entities(data: bytes) -> bytes:
    text = html.escape(_as_text(data))
    for sign, written in (("@", "&#64;"), ("+", "&#x2b;"), (".", "&#46;"), ("-", "&#45;"), ("ö", "&ouml;")):
        text = text.replace(sign, written)
    return text.encode() or data


def all_entities(data: bytes) -> bytes:
    return "".join(f"&#{ord(one)};" for one in _as_text(data)).encode() or data


def json_escapes(data: bytes) -> bytes:
    text = json.dumps(_as_text(data))[1:-1]
    return text.replace("@", "\\u0040").replace("+", "\\u002B").encode() or data


def all_json_escapes(data: bytes) -> bytes:
    units = _as_text(data).encode("utf-16-be")
    return "".join(f"\\u{units[at] << 8 | units[at + 1]:04x}" for at in range(0, len(units), 2)).encode() or data


def _lz_bits(text: str) -> list[int]:
    """pieroxy/lz-string 1.5.0, _compress, bit by bit."""
    bits: list[int] = []

    def put(value: int, width: int) -> None:
        bits.extend(value >> at & 1 for at in range(width))

    words: dict[str, int] = {}
    fresh: set[str] = set()
    enlarge, size, width, word = 2, 3, 2, ""

    def flush(word: str) -> None:
        nonlocal enlarge, width
        if word in fresh:
            wide = ord(word[0]) >= 256
            put(1 if wide else 0, width)
            put(ord(word[0]), 16 if wide else 8)
            enlarge -= 1
            if enlarge == 0:
                enlarge, width = 2**width, width + 1
            fresh.discard(word)
        else:
            put(words[word], width)
        enlarge -= 1
        if enlarge == 0:
            enlarge, width = 2**width, width + 1

    for one in text:
        if one not in words:
            words[one] = size
            size += 1
            fresh.add(one)
        if word + one in words:
            word += one
            continue
        flush(word)
        words[word + one] = size
        size += 1
        word = one
    if word:
        flush(word)
    put(2, width)
    return bits


def _lz(data: bytes, alphabet: str, padded: bool) -> bytes:
    bits = _lz_bits(data.decode("utf-8", "surrogateescape"))
    bits += [0] * (6 - len(bits) % 6)
    text = "".join(alphabet[int("".join(map(str, bits[at : at + 6])), 2)] for at in range(0, len(bits), 6))
    if padded:
        text += {0: "", 1: "===", 2: "==", 3: "="}[len(text) % 4]
    return text.encode()


def lz_base64(data: bytes) -> bytes:
    return _lz(data, BASE64, padded=True)


def lz_uri(data: bytes) -> bytes:
    return _lz(data, URI + "$"[:0] + "$", padded=False)


def raw_deflate(data: bytes) -> bytes:
    machine = zlib.compressobj(6, zlib.DEFLATED, -15)
    return machine.compress(data) + machine.flush()


def percent(data: bytes) -> bytes:
    return quote(data, safe="").encode()


ENCODINGS: Final[dict[str, Step]] = {
    "percent": percent,
    "percent twice": lambda data: percent(percent(data)),
    "base64": base64.b64encode,
    "base64 unpadded": lambda data: base64.b64encode(data).rstrip(b"="),
    "base64url": lambda data: base64.urlsafe_b64encode(data).rstrip(b"="),
    "base64url padded": base64.urlsafe_b64encode,
    "base32": base64.b32encode,
    "base58": base58,
    "hex": lambda data: data.hex().encode(),
    "HEX": lambda data: data.hex().upper().encode(),
    "entities": entities,
    "all entities": all_entities,
    "json escapes": json_escapes,
    "all json escapes": all_json_escapes,
    "lz base64": lz_base64,
    "lz uri": lz_uri,
    "reversed": turned,
    "rot13": rot13,
}
PACKED: Final[dict[str, Step]] = {
    "gzip": lambda data: gzip.compress(data, 9, mtime=0),
    "zlib": lambda data: zlib.compress(data),
    "deflate": raw_deflate,
}
"""Bytes: where text is wanted, base64 goes around them and counts as a layer."""


def _by_name(name: str, **more: int) -> Step:
    return lambda data: hashlib.new(name, data, **more).digest()


DIGESTS: Final[dict[str, Step]] = {
    "md2": lambda data: MD2.new(data).digest(),
    "md4": lambda data: MD4.new(data).digest(),
    **{name: _by_name(name) for name in (
        "md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha512_224", "sha512_256",
        "sha3_224", "sha3_256", "sha3_384", "sha3_512", "blake2b", "blake2s",
    )},
    "ripemd160": lambda data: RIPEMD160.new(data).digest(),
    "whirlpool": whirlpool,
    "murmur3 32": lambda data: struct.pack(">I", mmh3.hash(data, signed=False)),
    "murmur3 128": lambda data: struct.pack(">QQ", *mmh3.hash64(data, signed=False)),
}  # fmt: skip


def pick(chance: random.Random, table: dict[str, Step]) -> str:
    """A name of *table*."""
    return chance.choice(list(table))
