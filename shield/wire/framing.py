"""Header lines that speak about the body, made to fit after an edit.

Content-Length is corrected where present and never added; digests of the old body go (RFC 9530, RFC 1864);
Transfer-Encoding is left to who sends. An edited response loses its validators too and must not be stored: the
browser would ask for a range of, or compare, bytes that it never got.
"""

from __future__ import annotations

from typing import Final

from shield.message import Headers

DIGESTS: Final = frozenset({
    b"content-md5", b"digest", b"content-digest", b"repr-digest", b"x-goog-hash",
    b"x-amz-checksum-crc32", b"x-amz-checksum-crc32c", b"x-amz-checksum-crc64nvme", b"x-amz-checksum-sha1",
    b"x-amz-checksum-sha256",
})  # fmt: skip
_VALIDATORS: Final = frozenset({b"etag", b"accept-ranges", b"cache-control", b"last-modified", b"expires"})


def fit(headers: Headers, body: bytes) -> Headers:
    """The same lines for another body."""
    return tuple(
        (key, b"%d" % len(body) if key.lower() == b"content-length" else value)
        for key, value in headers
        if key.lower() not in DIGESTS
    )


def fit_response(headers: Headers, body: bytes) -> Headers:
    """The same for a response, which is not to be stored."""
    kept = tuple((key, value) for key, value in headers if key.lower() not in _VALIDATORS)
    return (*fit(kept, body), (b"cache-control", b"no-store"))


def without_digests(trailers: Headers) -> Headers:
    """Trailers after the body was edited."""
    return tuple((key, value) for key, value in trailers if key.lower() not in DIGESTS)
