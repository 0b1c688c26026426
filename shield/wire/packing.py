"""Content codings of a body that passes: unpacked and packed piece by piece (RFC 9110 section 8.4.1).

The same codings as ``codings``, for bodies that are never at hand as a whole. What comes out of an :class:`Unpacker`
is what ``codings`` would open, however it is cut. Memory stays flat: a piece may expand by ``Limits.ratio`` and by
what pieces before it left over, up to ``_MOST_CREDIT`` bytes, so a bomb ends the stream and not the process.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Any, Final, Protocol

import brotli  # type: ignore[import-untyped]

from shield.errors import Unreadable, Unwritable
from shield.wire import codings
from shield.wire.limits import ALWAYS_FINE_BYTES, LIMITS, Limits, TooMuch

_MOST_CREDIT: Final = 16_000_000
"""Bytes that one piece may expand to, however small what came before was packed."""

_SLICE: Final = 4096


class _Opening(Protocol):
    """One coding being unpacked."""

    def feed(self, data: bytes, limit: int) -> bytes:
        """What *data* opens to; more than *limit* bytes if it is more than that."""
        ...

    def is_complete(self) -> bool:
        """Whether the body may end here."""
        ...


class _Gzip:
    """Members one after another (RFC 1952 section 2.2)."""

    def __init__(self) -> None:
        self._machine = zlib.decompressobj(31)
        self._is_fresh = True

    def feed(self, data: bytes, limit: int) -> bytes:
        out: list[bytes] = []
        room = limit + 1
        for at in range(0, len(data), _SLICE):  # each member copies what follows it
            piece = data[at : at + _SLICE]
            while piece and room > 0:
                out.append(self._machine.decompress(piece, room))
                room -= len(out[-1])
                self._is_fresh = self._machine.eof
                piece = self._machine.unused_data
                if self._is_fresh:
                    self._machine = zlib.decompressobj(31)
        return b"".join(out)

    def is_complete(self) -> bool:
        return self._is_fresh


class _Deflate:
    """With or without the zlib wrapper (RFC 1950 section 2.2); the first two bytes tell."""

    def __init__(self) -> None:
        self._machine: Any = None
        self._begin = b""

    def feed(self, data: bytes, limit: int) -> bytes:
        if self._machine is None:
            data = self._begin + data
            if len(data) < 2:
                self._begin = data
                return b""
            self._machine = zlib.decompressobj(15 if codings.has_zlib_header(data) else -15)
        if self._machine.eof and data:
            raise Unreadable("bytes after the end")
        out: bytes = self._machine.decompress(data, limit + 1)
        if self._machine.unused_data:
            raise Unreadable("bytes after the end")
        return out

    def is_complete(self) -> bool:
        return self._machine is not None and bool(self._machine.eof)


class _Brotli:
    def __init__(self) -> None:
        self._machine = brotli.Decompressor()

    def feed(self, data: bytes, limit: int) -> bytes:
        if self._machine.is_finished():
            raise Unreadable("bytes after the end")
        out = [self._machine.process(data, output_buffer_limit=limit + 1)]
        size = len(out[0])
        while size <= limit and not self._machine.can_accept_more_data():
            piece = self._machine.process(b"", output_buffer_limit=limit + 1 - size)
            out.append(piece)
            size += len(piece)
        return b"".join(out)

    def is_complete(self) -> bool:
        return bool(self._machine.is_finished())


class _Zstd:
    def __init__(self) -> None:
        self._machine = codings.new_zstd_opening()

    def feed(self, data: bytes, limit: int) -> bytes:
        if self._machine.eof:
            raise Unreadable("bytes after the end")
        out = [self._machine.decompress(data, limit + 1)]
        size = len(out[0])
        while size <= limit and not (self._machine.eof or self._machine.needs_input):
            out.append(self._machine.decompress(b"", limit + 1 - size))
            size += len(out[-1])
        if self._machine.eof and self._machine.unused_data:
            raise Unreadable("bytes after the end")
        return b"".join(out)

    def is_complete(self) -> bool:
        return bool(self._machine.eof)


_OPENINGS: Final[dict[bytes, Callable[[], _Opening]]] = {
    b"gzip": _Gzip, b"x-gzip": _Gzip, b"deflate": _Deflate, b"br": _Brotli, b"zstd": _Zstd,
}  # fmt: skip


def tokens_of(content_encoding: bytes) -> list[bytes]:
    """The codings of a Content-Encoding value (lines joined with commas), first applied first; no ``identity``."""
    tokens = (token.strip() for token in content_encoding.lower().split(b","))
    return [token for token in tokens if token not in (b"", b"identity")]


class Unpacker:
    """Opens the codings of one body that passes.

    Args:
        content_encoding: values of the header, joined with commas; empty for none.

    Raises:
        Unreadable: a coding that nobody here knows.
    """

    __slots__ = ("_begun", "_chain", "_credit", "_limits")

    def __init__(self, content_encoding: bytes, limits: Limits = LIMITS) -> None:
        tokens = tokens_of(content_encoding)
        if any(token not in _OPENINGS for token in tokens):
            raise Unreadable("unknown content coding")
        self._limits = limits
        self._chain: list[tuple[str, _Opening]] = [
            (token.decode("ascii"), _OPENINGS[token]()) for token in reversed(tokens)
        ]
        self._credit = [ALWAYS_FINE_BYTES] * len(tokens)
        self._begun = 0

    def feed(self, data: bytes) -> bytes:
        """The opened bytes that *data* completes.

        Raises:
            Unreadable: damaged, or bytes after the end. TooMuch: a bomb. The stream ends with either.
        """
        for number, (name, opening) in enumerate(self._chain):
            if not data:
                return b""
            self._begun = max(self._begun, number + 1)
            credit = min(self._credit[number] + len(data) * self._limits.ratio, max(_MOST_CREDIT, ALWAYS_FINE_BYTES))
            data = _opened(name, opening, data, credit)
            self._credit[number] = credit - len(data)
        return data

    def finish(self) -> bytes:
        """Nothing is held back: always empty. No bytes at all are an empty body, whatever its codings.

        Raises:
            Unreadable: cut off.
        """
        for name, opening in self._chain[: self._begun]:
            if not opening.is_complete():
                raise Unreadable(f"content coding {name}: cut off")
        return b""


def _opened(name: str, opening: _Opening, data: bytes, limit: int) -> bytes:
    try:
        content = opening.feed(data, limit)
    except TooMuch:
        raise
    except Unreadable as error:
        raise Unreadable(f"content coding {name}: {error.message}") from None
    except Exception:  # each library has errors of its own; none of them may pass
        raise Unreadable(f"content coding {name}: damaged") from None
    if len(content) > limit:
        raise TooMuch(f"content coding {name}: expands more than {LIMITS.ratio} times")
    return content


class _Closing(Protocol):
    """One coding being packed."""

    def feed(self, data: bytes) -> bytes: ...
    def flush(self) -> bytes: ...
    def finish(self) -> bytes: ...


class _Deflating:
    def __init__(self, window: int) -> None:
        self._machine = zlib.compressobj(1, zlib.DEFLATED, window)

    def feed(self, data: bytes) -> bytes:
        return self._machine.compress(data)

    def flush(self) -> bytes:
        return self._machine.flush(zlib.Z_SYNC_FLUSH)

    def finish(self) -> bytes:
        return self._machine.flush()


class _Brotling:
    def __init__(self) -> None:
        self._machine = brotli.Compressor(quality=4)

    def feed(self, data: bytes) -> bytes:
        return bytes(self._machine.process(data))

    def flush(self) -> bytes:
        return bytes(self._machine.flush())

    def finish(self) -> bytes:
        return bytes(self._machine.finish())


class _Zstding:
    def __init__(self) -> None:
        self._machine = codings.new_zstd_closing()

    def feed(self, data: bytes) -> bytes:
        return bytes(self._machine.compress(data))

    def flush(self) -> bytes:
        return bytes(self._machine.flush(self._machine.FLUSH_BLOCK))

    def finish(self) -> bytes:
        return bytes(self._machine.flush())


def _closing(token: bytes) -> _Closing:
    match token:
        case b"gzip" | b"x-gzip":
            return _Deflating(31)
        case b"deflate":  # the wrapper is what RFC 9110 section 8.4.1.2 means; every reader takes it
            return _Deflating(15)
        case b"br":
            return _Brotling()
        case b"zstd":
            return _Zstding()
    raise Unwritable("unknown content coding")


class Packer:
    """Packs a body that was edited while it passes, as fast as ``codings`` does.

    Args:
        content_encoding: as of :class:`Unpacker`.

    Raises:
        Unwritable: a coding that nobody here knows. Unreadable: zstd without its library.
    """

    __slots__ = ("_chain",)

    def __init__(self, content_encoding: bytes) -> None:
        self._chain = [_closing(token) for token in tokens_of(content_encoding)]

    def feed(self, data: bytes) -> bytes:
        """The packed bytes that are ready; the rest waits for more, a :meth:`flush` or the end."""
        for coding in self._chain:
            data = coding.feed(data) if data else b""
        return data

    def flush(self) -> bytes:
        """Everything fed so far, so that the receiver can open all of it now: after each event of a stream."""
        data = b""
        for coding in self._chain:
            data = (coding.feed(data) if data else b"") + coding.flush()
        return data

    def finish(self) -> bytes:
        """The end of the body."""
        data = b""
        for coding in self._chain:
            data = (coding.feed(data) if data else b"") + coding.finish()
        return data
