"""Content codings of a body that passes: the same as of a body at hand, however it is cut."""

from __future__ import annotations

import gzip
import importlib.util
import sys
import zlib

import brotli
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shield.errors import Unreadable, Unwritable
from shield.wire.codings import CODINGS, coding
from shield.wire.limits import TooMuch
from shield.wire.packing import Packer, Unpacker, tokens_of

HAS_ZSTD = importlib.util.find_spec("compression.zstd" if sys.version_info >= (3, 14) else "backports") is not None
NAMES = [name for name in (b"gzip", b"x-gzip", b"deflate", b"br", b"zstd") if HAS_ZSTD or name != b"zstd"]
DOCUMENT = b'{"email":"anna@real.example","n":[%s]}' % b",".join(b"%d" % n for n in range(2000))


def raw_deflate(content: bytes) -> bytes:
    """Deflate without the zlib wrapper."""
    return zlib.compress(content, wbits=-15)


def packed(names: bytes, content: bytes) -> bytes:
    """Content in stacked codings, by the layers of a body at hand."""
    for token in tokens_of(names):
        content = coding(token).close(content, b"\x78\x01")
    return content


def unpacked(names: bytes, data: bytes, size: int) -> bytes:
    """The same bytes in pieces of one size."""
    unpacker = Unpacker(names)
    out = [unpacker.feed(data[at : at + size]) for at in range(0, len(data), size)]
    return b"".join([*out, unpacker.finish()])


@pytest.mark.parametrize("names", [*NAMES, b"gzip, br", b"", b"identity", b"br,identity , GZIP"])
@pytest.mark.parametrize("size", [1, 7, 1000, 100_000])
def test_what_was_packed_opens_however_it_is_cut(names: bytes, size: int) -> None:
    assert unpacked(names, packed(names, DOCUMENT), size) == DOCUMENT


@pytest.mark.parametrize("size", [1, 5, 10_000])
def test_raw_deflate_and_several_members(size: int) -> None:
    """What scripts send under these names."""
    assert unpacked(b"deflate", raw_deflate(DOCUMENT), size) == DOCUMENT
    assert unpacked(b"gzip", gzip.compress(DOCUMENT) + gzip.compress(b"more"), size) == DOCUMENT + b"more"
    assert unpacked(b"gzip", gzip.compress(b"") * 5000 + gzip.compress(b"last"), size) == b"last"


@pytest.mark.parametrize("names", [*NAMES, b"gzip, br", b"", b"deflate,gzip"])
@settings(max_examples=15, deadline=None)
@given(pieces=st.lists(st.binary(max_size=300), max_size=5), flushes=st.booleans())
def test_what_is_packed_in_pieces_opens(names: bytes, pieces: list[bytes], flushes: bool) -> None:
    """After a flush everything fed so far can be opened by the receiver."""
    packer, unpacker = Packer(names), Unpacker(names)
    seen = b""
    for number, piece in enumerate(pieces):
        seen += unpacker.feed(packer.feed(piece) + (packer.flush() if flushes else b""))
        if flushes:
            assert seen == b"".join(pieces[: number + 1])
    seen += unpacker.feed(packer.finish())
    assert seen + unpacker.finish() == b"".join(pieces)


@pytest.mark.parametrize("names", [*NAMES, b"gzip, br"])
def test_no_bytes_are_an_empty_body(names: bytes) -> None:
    """A coding that is stated where there is no body (304, HEAD) is no damage."""
    assert unpacked(names, b"", 1) == b""


BAD = [
    (b"gzip", gzip.compress(DOCUMENT)[:-5]),
    (b"gzip", gzip.compress(DOCUMENT) + b"rest"),
    (b"gzip", b"\x1f\x8b"),
    (b"deflate", zlib.compress(DOCUMENT)[:-5]),
    (b"deflate", zlib.compress(DOCUMENT) + b"rest"),
    (b"deflate", b"x"),
    (b"br", brotli.compress(DOCUMENT)[:-2]),
    (b"br", b"no brotli at all"),
    (b"zstd", b"no zstd at all"),
]


@pytest.mark.parametrize(("names", "data"), BAD)
@pytest.mark.parametrize("size", [1000, 1_000_000])
def test_damaged_bytes_are_unreadable(names: bytes, data: bytes, size: int) -> None:
    """The reason names the coding and no value."""
    with pytest.raises(Unreadable, match="content coding"):
        unpacked(names, data, size)


BOMBS = [
    (b"gzip", gzip.compress(b"0" * 50_000_000, 9)),
    (b"deflate", zlib.compress(b"0" * 50_000_000, 9)),
    (b"br", brotli.compress(b"0" * 50_000_000, quality=1)),
    (b"zstd", CODINGS[b"zstd"].close(b"0" * 50_000_000, b"") if HAS_ZSTD else b""),
    (b"gzip, gzip", gzip.compress(gzip.compress(b"0" * 50_000_000))),
]


@pytest.mark.parametrize(("names", "data"), BOMBS, ids=[one[0].decode() for one in BOMBS])
@pytest.mark.parametrize("size", [100, 1_000_000])
def test_a_bomb_ends_the_stream(names: bytes, data: bytes, size: int) -> None:
    """In small pieces and in one."""
    if not data:
        pytest.skip("backports.zstd is not installed")
    with pytest.raises(TooMuch):
        unpacked(names, data, size)


def test_one_piece_expands_no_more_however_much_came_before() -> None:
    """What a stream of a gigabyte left over is not spent by one piece."""
    machine = zlib.compressobj(0, zlib.DEFLATED, 31)
    unpacker = Unpacker(b"gzip")
    for _ in range(20):
        unpacker.feed(machine.compress(b"0123456789" * 1000) + machine.flush(zlib.Z_FULL_FLUSH))
    with pytest.raises(TooMuch):
        unpacker.feed(zlib.compress(b"0" * 20_000_000, 9, wbits=-15))


@pytest.mark.parametrize("names", [b"snappy", b"gzip, snappy", b"\xff", b"dcb"])
def test_an_unknown_coding_says_so(names: bytes) -> None:
    """Neither direction guesses."""
    with pytest.raises(Unreadable):
        Unpacker(names)
    with pytest.raises(Unwritable):
        Packer(names)
