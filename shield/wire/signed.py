"""Signatures over parts of a request: what they cover passes or is blocked, never edited.

AWS SigV4 and SigV4A (header or presigned query), Google, CloudFront and video presigned queries, HTTP Message
Signatures (RFC 9421) and their draft (Signature with ``headers=``), OAuth 1.0a (RFC 5849 section 3.4), SAPISIDHASH
(wire facts, section 0, fact 6: a digest of Origin and a cookie), Amazon's device signature (X-ADP-Signature).
Whatever else a link or a form is signed with: a field called signature, sig, hmac, token and the like with a digest in
it.
Digests without a signature (Content-Digest, Digest, Content-MD5) cover nothing: who edits the body drops them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from shield.message import Request

_HEADER_LIST: Final = re.compile(rb"SignedHeaders=([^,\s&]*)")
_DRAFT_LIST: Final = re.compile(rb'headers="([^"]*)"')
_COMPONENT: Final = re.compile(rb'"([^"]+)"')
_PRESIGNED: Final = re.compile(
    rb"[?&](?:X-Amz-Signature|X-Goog-Signature|oauth_signature)="
    rb"|[?&](?:SignatureVersion|Key-Pair-Id|GoogleAccessId|AWSAccessKeyId|sparams)=",
    re.IGNORECASE,
)
_DIGEST: Final = (
    rb"(?:[0-9A-Fa-f]{32}|[0-9A-Fa-f]{40}|[0-9A-Fa-f]{56}|[0-9A-Fa-f]{64}|[0-9A-Fa-f]{96}|[0-9A-Fa-f]{128}"
    rb"|(?:[A-Za-z0-9_-]|[+/]|%2[BbFf]){22,24}|(?:[A-Za-z0-9_-]|[+/]|%2[BbFf]){27,28}"
    rb"|(?:[A-Za-z0-9_-]|[+/]|%2[BbFf]){43,44}|(?:[A-Za-z0-9_-]|[+/]|%2[BbFf]){86,88})(?:=|%3[Dd]){0,2}"
)
"""Of 16, 20, 28, 32, 48 or 64 bytes, in hex or base64 (that of 28 and 48 bytes only in hex)."""
_CALLED: Final = rb"(?:[a-z0-9]+[_.-])?(?:signature|sig|sign|hmac|mac)(?:[_.-]?v?[0-9]{1,3})?"
_BY_NAME: Final = re.compile(
    rb"[?&;](?:"
    + _CALLED
    + rb"|(?:[a-z0-9]+[_.-])?token|checksum|oh)=(?:v?[0-9]{1,3}[_.:-])?"
    + _DIGEST
    + rb"(?:[&;#]|\Z)"
    rb"|[?&;~](?:hmac|hdnea|hdnts|hdntl|__gda__|__token__)=[^&;#]{0,512}?(?<![0-9A-Fa-f])[0-9A-Fa-f]{32,64}(?:[&;#~]|\Z)",
    re.IGNORECASE,
)
"""In a target. Sources: Azure SAS (``sig``), Akamai edge tokens (``hdnea=exp=...~hmac=...``), Bunny and KeyCDN
(``token``), Facebook's CDN (``oh``), Flickr and Last.fm (``api_sig``), Shopify (``hmac``)."""
_IN_FORM: Final = re.compile(rb"(?:\A|&)" + _CALLED + rb"=" + _DIGEST + rb"(?:&|\Z)", re.IGNORECASE)
_IN_JSON: Final = re.compile(rb'"' + _CALLED + rb'"\s{0,64}:\s{0,64}"' + _DIGEST + rb'"', re.IGNORECASE)
_HEADER: Final = re.compile(rb"(?:[a-z0-9]+-)*(?:signature|hmac)(?:-[a-z0-9]+)?", re.IGNORECASE)
_HEADER_DIGEST: Final = re.compile(rb"(?:[a-z0-9]+=)?(?:" + _DIGEST + rb")", re.IGNORECASE)
_AMZ_HEADERS: Final = re.compile(rb"[?&]X-(?:Amz|Goog)-SignedHeaders=([^&]*)", re.IGNORECASE)
_UNSIGNED_PAYLOAD: Final = b"UNSIGNED-PAYLOAD"
_TARGET_COMPONENTS: Final = frozenset({
    b"@target-uri", b"@path", b"@query", b"@request-target", b"(request-target)", b"@query-param",
})  # fmt: skip
_SAPISID: Final = frozenset({b"SAPISID", b"APISID", b"__Secure-1PAPISID", b"__Secure-3PAPISID"})
_DIGESTS: Final = frozenset({b"digest", b"content-digest", b"repr-digest", b"content-md5"})


@dataclass(frozen=True, slots=True)
class Cover:
    """What a signature covers.

    Attributes:
        headers: names in lower case.
        cookies: names of the cookies that went into it; the others may be edited.
    """

    target: bool = False
    body: bool = False
    headers: frozenset[bytes] = frozenset()
    cookies: frozenset[bytes] = frozenset()

    def __or__(self, other: Cover) -> Cover:
        return Cover(
            self.target or other.target, self.body or other.body,
            self.headers | other.headers, self.cookies | other.cookies,
        )  # fmt: skip

    def __bool__(self) -> bool:
        return self.target or self.body or bool(self.headers or self.cookies)


NOTHING: Final = Cover()
_ALL: Final = Cover(target=True, body=True, headers=frozenset({b"x-adp-token", b"x-adp-alg", b"x-adp-signature"}))


def is_signed(request: Request) -> bool:
    """Whether a signature covers some part of *request*."""
    return bool(covers(request))


def covers(request: Request) -> Cover:
    """What the signatures of *request* cover, all together."""
    out = _query(request.target) | _body(request)
    for key, value in request.headers:
        low = key.lower()
        reader = _READERS.get(low)
        if reader is not None:
            out |= reader(request, value)
        elif _HEADER.fullmatch(low) and _HEADER_DIGEST.fullmatch(value.strip()):
            out |= Cover(target=True, body=True, headers=frozenset({low}))
    return out


def _body(request: Request) -> Cover:
    """A form or JSON with a signature among its fields."""
    kind = (request.header(b"content-type") or b"").lower()
    body = request.body or b""
    found = _IN_FORM.search(body) if kind.startswith(b"application/x-www-form-urlencoded") else None
    if found is None and b"json" in kind:
        found = _IN_JSON.search(body)
    return NOTHING if found is None else Cover(body=True)


def _query(target: bytes) -> Cover:
    if b"=" not in target or (_PRESIGNED.search(target) is None and _BY_NAME.search(target) is None):
        return NOTHING
    listed = _AMZ_HEADERS.search(target)
    names = listed[1].lower().replace(b"%3b", b";").split(b";") if listed else ()
    return Cover(target=True, headers=frozenset(names))


def _authorization(request: Request, value: bytes) -> Cover:
    scheme, _, rest = value.strip().partition(b" ")
    scheme = scheme.lower()
    if scheme.startswith(b"aws4-"):
        listed = _HEADER_LIST.search(rest)
        names = frozenset(listed[1].lower().split(b";")) if listed else frozenset[bytes]()
        hashed = request.header(b"x-amz-content-sha256")
        return Cover(target=True, body=hashed != _UNSIGNED_PAYLOAD, headers=names | {b"authorization"})
    if scheme == b"aws":  # the version before: target, some headers, Content-MD5
        names = frozenset({b"authorization", b"date", b"content-md5", b"content-type"})
        return Cover(target=True, body=True, headers=names)
    if scheme == b"oauth":
        return Cover(target=True, body=True, headers=frozenset({b"authorization"}))
    if scheme == b"signature":
        listed = _DRAFT_LIST.search(rest)
        return _components(request, listed[1].lower().split() if listed else [b"date"])
    if scheme.startswith((b"sapisidhash", b"sapisid1phash", b"sapisid3phash")):
        return Cover(headers=frozenset({b"authorization", b"origin"}), cookies=_SAPISID)
    return NOTHING


def _components(request: Request, names: list[bytes]) -> Cover:
    """A cover from the names of RFC 9421 components; a covered digest covers the body."""
    listed = frozenset(names)
    headers = frozenset(name for name in listed if name[:1] not in b"@(")
    return Cover(bool(listed & _TARGET_COMPONENTS), bool(listed & _DIGESTS), headers | {b"authorization", b"signature"})


def _signature_input(request: Request, value: bytes) -> Cover:
    names = [name.lower() for name in _COMPONENT.findall(value)]
    return _components(request, names) | Cover(headers=frozenset({b"signature-input"}))


def _adp(request: Request, value: bytes) -> Cover:
    return _ALL


def _draft(request: Request, value: bytes) -> Cover:
    """The draft's own header, which has the list in itself; RFC 9421's has it in Signature-Input."""
    listed = _DRAFT_LIST.search(value)
    return _components(request, listed[1].lower().split()) if listed else Cover(headers=frozenset({b"signature"}))


_READERS: Final = {
    b"authorization": _authorization,
    b"signature-input": _signature_input,
    b"signature": _draft,
    b"x-adp-signature": _adp,
}
