"""Content codings: opened, packed again after an edit, and what is damaged or too large."""

from __future__ import annotations

import gzip
import importlib.util
import sys
import zlib

import brotli
import pytest

from shield.address import parse_address
from shield.edits import Edits
from shield.message import Request, first_header
from shield.wire import reader, writer
from shield.wire.codings import CODINGS

HAS_ZSTD = importlib.util.find_spec("compression.zstd" if sys.version_info >= (3, 14) else "backports") is not None
DOCUMENT = b'{"email":"anna@real.example","n":[1,2,3]}'


def raw_deflate(content: bytes) -> bytes:
    """Deflate without the zlib wrapper, as some send it."""
    return zlib.compress(content, wbits=-15)


def unstacked(raw: bytes) -> bytes:
    """gzip inside brotli, taken apart."""
    return gzip.decompress(brotli.decompress(raw))


PACKED = [
    ("gzip", gzip.compress(DOCUMENT), gzip.decompress),
    ("x-gzip", gzip.compress(DOCUMENT), gzip.decompress),
    ("GZIP", gzip.compress(DOCUMENT[:9]) + gzip.compress(DOCUMENT[9:]), gzip.decompress),
    ("deflate", zlib.compress(DOCUMENT), zlib.decompress),
    ("deflate", raw_deflate(DOCUMENT), lambda raw: zlib.decompress(raw, -15)),
    ("br", brotli.compress(DOCUMENT), brotli.decompress),
    ("identity", DOCUMENT, bytes),
    ("gzip, br", brotli.compress(gzip.compress(DOCUMENT)), unstacked),
    ("gzip,identity , br", brotli.compress(gzip.compress(DOCUMENT)), unstacked),
]


def request(coding: str, body: bytes) -> Request:
    """A JSON body in a content coding."""
    headers = (
        (b"Content-Type", b"application/json"), (b"Content-Encoding", coding.encode()),
        (b"Content-Length", b"%d" % len(body)), (b"Content-MD5", b"x"), (b"Content-Digest", b"x"), (b"X", b"y"),
    )  # fmt: skip
    return Request("POST", "https", "h.test", 443, b"/", headers, body)


@pytest.mark.parametrize(("coding", "packed", "unpack"), PACKED, ids=[one[0] for one in PACKED])
def test_opened_and_packed_again(coding: str, packed: bytes, unpack) -> None:  # type: ignore[no-untyped-def]
    """An edit inside is packed in the same coding, and the framing fits; without one nothing is packed."""
    sent = request(coding, packed)
    opened = reader.read(sent)
    (node,) = opened.at(parse_address("json:/email"))
    assert node.content == b"anna@real.example"
    leaving = writer.rebuild(sent, opened, Edits(content={node: b"e@f.test"}))
    assert leaving.body is not None
    assert unpack(leaving.body) == DOCUMENT.replace(b"anna@real.example", b"e@f.test")
    assert first_header(leaving.headers, b"content-length") == b"%d" % len(leaving.body)
    assert [key for key, _ in leaving.headers] == [b"Content-Type", b"Content-Encoding", b"Content-Length", b"X"]
    assert writer.rebuild(sent, opened, Edits(content={node: node.content})) is sent


@pytest.mark.skipif(not HAS_ZSTD, reason="backports.zstd is not installed")
def test_zstd_opens_and_is_packed_again() -> None:
    """Through the standard library's module, or its backport."""
    coding = CODINGS[b"zstd"]
    packed = coding.close(DOCUMENT, b"")
    assert coding.open(packed, 1000) == DOCUMENT
    opened = reader.read(request("zstd", packed))
    assert opened.at(parse_address("json:/email"))
    assert opened.body is not None
    assert reader.read(request("zstd", packed[:-3])).body.children == ()  # type: ignore[union-attr]


BAD = [
    ("gzip", gzip.compress(DOCUMENT)[:-5]),
    ("gzip", gzip.compress(DOCUMENT) + b"rest"),
    ("gzip", b"\x1f\x8b"),
    ("gzip", gzip.compress(b"") * 20_000 + gzip.compress(DOCUMENT)),
    ("deflate", zlib.compress(DOCUMENT)[:-5]),
    ("deflate", zlib.compress(DOCUMENT) + b"rest"),
    ("br", brotli.compress(DOCUMENT)[:-2]),
    ("br", b"no brotli at all"),
    ("zstd", b"no zstd at all"),
    ("compress", DOCUMENT),
    ("gzip", gzip.compress(b"[" + b"1," * 5_000_000 + b"1]")),
    ("br", brotli.compress(b"0" * 50_000_000, quality=1)),
    ("deflate", zlib.compress(b"0" * 50_000_000)),
    ("gzip, gzip", gzip.compress(gzip.compress(b"0" * 50_000_000))),
]


@pytest.mark.parametrize(("coding", "body"), BAD)
def test_damaged_or_a_bomb_is_one_unreadable_field(coding: str, body: bytes) -> None:
    """The bytes are there to be searched, the reason names no value, and an edit elsewhere leaves them."""
    sent = request(coding, body)
    opened = reader.read(sent)
    assert opened.body is not None
    (leaf,) = opened.body.leaves()
    assert leaf.unreadable
    assert opened.body.content == body
    (other,) = opened.at(parse_address("header:x"))
    assert writer.rebuild(sent, opened, Edits(content={other: b"z"})).body == body
