"""Signatures over parts of a request: what they cover passes or is blocked, never edited.

AWS SigV4 and SigV4A (header or presigned query), Google, CloudFront and video presigned queries, HTTP Message
Signatures (RFC 9421) and their draft (Signature with ``headers=``), OAuth 1.0a (RFC 5849 section 3.4), SAPISIDHASH
(wire facts, section 0, fact 6: a digest of Origin and a cookie), Amazon's device signature (X-ADP-Signature).
Whatever else a link or a form is signed with: a field called signature, sig, hmac, token, hash and the like with a
digest in it, and beside a time at which a link ends also one called md5, key, verify. Where such a field is itself
replaced, it was a digest of a fact, or an identifier that a rule names: no signature.
Digests without a signature (Content-Digest, Digest, Content-MD5) cover nothing: who edits the body drops them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple

from shield.message import Request

_HEADER_LIST: Final = re.compile(rb"SignedHeaders=([^,\s&]*)")
_DRAFT_LIST: Final = re.compile(rb'headers="([^"]*)"')
_COMPONENT: Final = re.compile(rb'"([^"]+)"')
_PRESIGNED: Final = re.compile(
    rb"[?&](?:X-Amz-Signature|X-Goog-Signature|oauth_signature)="
    rb"|[?&](?:SignatureVersion|Key-Pair-Id|GoogleAccessId|AWSAccessKeyId|sparams)=",
    re.IGNORECASE,
)
_LETTER: Final = rb"(?:[A-Za-z0-9_-]|[+/]|%2[BbFf])"
_DIGEST: Final = (
    rb"(?:[0-9A-Fa-f]{32}|[0-9A-Fa-f]{40}|[0-9A-Fa-f]{56}|[0-9A-Fa-f]{64}|[0-9A-Fa-f]{96}|[0-9A-Fa-f]{128}"
    rb"|" + _LETTER + rb"{22,24}|" + _LETTER + rb"{27,28}|" + _LETTER + rb"{43,44}|" + _LETTER + rb"{86,88})"
    rb"(?:=|%3[Dd]){0,2}"
)
"""Of 16, 20, 28, 32, 48 or 64 bytes, in hex or base64 (that of 28 and 48 bytes only in hex)."""
_SHORTEST: Final = 22
_KEYED: Final = rb"(?:" + _DIGEST + rb"|" + _LETTER + rb"{89,1400}(?:=|%3[Dd]){0,2})"
"""The same, or a signature under a public key, which is longer (RSA of 4096 bits has 1024 letters in hex)."""
_BEFORE: Final = rb"(?:v?[0-9]{1,12}[_.:-]){0,4}"
"""A version, a time, numbers that are signed with it (``auth_key=1700000000-0-0-<md5>``)."""
_WORDS: Final = rb"(?:[a-z0-9]{1,24}[_.-]){0,4}_?"
_CALLED: Final = (
    rb"(?:[a-z0-9_]{1,24}(?:\[|%5b))?" + _WORDS +
    rb"(?:[a-z]{0,12}signature|(?:link|url|api|msg|auth|req|query|body|my|[amx])?sig|sign|hmac|mac)"
    rb"(?:[_.-]?(?:v?[0-9]{1,3}|hex|md5|sha[0-9]{1,3}))?(?:\[\]|\]|%5b%5d|%5d)?"
)  # fmt: skip
_IN_TARGET: Final = re.compile(
    _CALLED + rb"=" + _BEFORE + _KEYED
    + rb"|(?:" + _WORDS + rb"token|checksum|chksum|hash|auth_?key|(?:ws|tx)secret|oh)=" + _BEFORE + _DIGEST
    + rb"|(?:verify|auth|key|st)=[0-9]{9,13}[_.:-]" + _BEFORE + _DIGEST
    + rb"|(?:hdnea|hdnts|hdntl|__gda__|__token__)=.*?(?<![0-9A-Fa-f])[0-9A-Fa-f]{32,64}"
    + rb"|[a-z0-9_-]{1,32}=(?:[a-z]{1,16}=[^~]*~){1,8}hmac=[0-9A-Fa-f]{32,128}",
    re.IGNORECASE | re.DOTALL,
)  # fmt: skip
"""A field of a target. Sources: Azure SAS (``sig``), Akamai edge tokens (``hdnea=exp=...~hmac=...``), Bunny and KeyCDN
(``token``), Facebook's CDN (``oh``), Flickr and Last.fm (``api_sig``), Shopify (``hmac``), Laravel (``signature``),
Alibaba (``x-oss-signature``, ``auth_key``), ChinaNetCenter (``wsSecret``), Tencent (``txSecret``)."""
_TIMED: Final = re.compile(rb"(?:md5|digest|key|verify|secure_link|secure|st|h|s)=" + _BEFORE + _DIGEST, re.IGNORECASE)
_ENDS: Final = re.compile(
    rb"(?:expires?|exp|expiry|expiration|valid_?(?:until|to)|ttl|deadline|until|e|t|ts|timestamp)="
    rb"(?:[0-9]{9,13}|20[0-9]{2}-?[0-9]{2}-?[0-9]{2}.{0,24})",
    re.IGNORECASE | re.DOTALL,
)
"""When a link ends: beside that a digest signs it, whatever it is called (nginx ``secure_link``)."""
_IN_PATH: Final = re.compile(rb"(?:sig|signature|hmac)[/=]" + _DIGEST, re.IGNORECASE)
_IN_FORM: Final = re.compile(rb"(?<![^&])(" + _CALLED + rb"=)" + _KEYED + rb"(?=&|\Z)", re.IGNORECASE)
_IN_JSON: Final = re.compile(rb'("' + _CALLED + rb'"\s{0,64}:)\s{0,64}"' + _KEYED + rb'"', re.IGNORECASE)
_IN_PARTS: Final = re.compile(
    rb';\s{0,8}(name="?' + _CALLED + rb'"?)\s{0,8}\r?\n(?:[^\r\n]{1,200}\r?\n){0,4}\r?\n' + _KEYED + rb"\r?\n",
    re.IGNORECASE,
)
_HEADER: Final = re.compile(rb"(?:[a-z0-9]+-)*(?:signature|hmac)(?:-[a-z0-9]+)?", re.IGNORECASE)
_HEADER_DIGEST: Final = re.compile(rb"(?:[a-z0-9]+=)?(?:" + _DIGEST + rb")", re.IGNORECASE)
_BODIES: Final = {b"x-www-form-urlencoded": _IN_FORM, b"json": _IN_JSON, b"multipart/": _IN_PARTS}
"""By what the content type has in it."""
_AMZ_HEADERS: Final = re.compile(rb"[?&]X-(?:Amz|Goog)-SignedHeaders=([^&]*)", re.IGNORECASE)
_UNSIGNED_PAYLOAD: Final = b"UNSIGNED-PAYLOAD"
_TARGET_COMPONENTS: Final = frozenset({
    b"@target-uri", b"@path", b"@query", b"@request-target", b"(request-target)", b"@query-param",
})  # fmt: skip
_SAPISID: Final = frozenset({b"SAPISID", b"APISID", b"__Secure-1PAPISID", b"__Secure-3PAPISID"})
_DIGESTS: Final = frozenset({b"digest", b"content-digest", b"repr-digest", b"content-md5"})


class Field(NamedTuple):
    """A field that signs, as it stands in a target or body, and what of it comes before the digest."""

    name: bytes
    text: bytes

    def is_replaced(self, leaving: bytes) -> bool:
        """Whether it is still there, with something else in it."""
        return self.text not in leaving and re.search(rb"(?<![\w.-])" + re.escape(self.name), leaving) is not None


@dataclass(frozen=True, slots=True)
class Cover:
    """What a signature covers.

    Attributes:
        target, body: whatever becomes of the signature.
        target_by, body_by: fields that sign target or body unless they are replaced themselves.
        headers: names in lower case.
        cookies: names of the cookies that went into it; the others may be edited.
    """

    target: bool = False
    body: bool = False
    target_by: frozenset[Field] = frozenset()
    body_by: frozenset[Field] = frozenset()
    headers: frozenset[bytes] = frozenset()
    cookies: frozenset[bytes] = frozenset()

    def __or__(self, other: Cover) -> Cover:
        return Cover(
            self.target or other.target, self.body or other.body,
            self.target_by | other.target_by, self.body_by | other.body_by,
            self.headers | other.headers, self.cookies | other.cookies,
        )  # fmt: skip

    def __bool__(self) -> bool:
        return self.target or self.body or bool(self.target_by or self.body_by or self.headers or self.cookies)

    def of_target(self, leaving: bytes) -> bool:
        """Whether the target may not leave so."""
        return self.target or not all(one.is_replaced(leaving) for one in self.target_by)

    def of_body(self, leaving: bytes | None) -> bool:
        """Whether the body may not leave so."""
        return self.body or not all(one.is_replaced(leaving or b"") for one in self.body_by)


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
    pattern = next((one for name, one in _BODIES.items() if name in kind), None)
    if pattern is None or not request.body:
        return NOTHING
    return Cover(body_by=frozenset(Field(found[1], found[0]) for found in pattern.finditer(request.body)))


def _query(target: bytes) -> Cover:
    if _PRESIGNED.search(target) is None:
        return Cover(target_by=frozenset(_signing(target)))
    listed = _AMZ_HEADERS.search(target)
    names = listed[1].lower().replace(b"%3b", b";").split(b";") if listed else ()
    return Cover(target=True, headers=frozenset(names))


def _signing(target: bytes) -> Iterator[Field]:
    """The fields that sign a target, as they stand in it."""
    path, _, query = target.partition(b"?")
    steps = path.split(b"/")
    fields = path.split(b";")[1:] + [one for step in steps for one in step.split(b";")[1:]]
    fields += query.replace(b";", b"&").split(b"&")
    long = [one for one in fields if len(one) > _SHORTEST]
    signing = [one for one in long if _IN_TARGET.fullmatch(one)]
    timed = [one for one in long if _TIMED.fullmatch(one)]
    if timed and any(_ENDS.fullmatch(one) for one in fields):
        signing += timed
    pairs = [name + b"/" + value for name, value in pairwise(steps)]
    signing += [one for one in (*steps, *pairs) if len(one) > _SHORTEST and _IN_PATH.fullmatch(one)]
    for one in signing:
        yield Field(one[: min(at for at in (one.find(b"="), one.find(b"/")) if at >= 0) + 1], one)


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
    headers = frozenset(name for name in listed if name[:1] not in b"@(") | {b"authorization", b"signature"}
    return Cover(target=bool(listed & _TARGET_COMPONENTS), body=bool(listed & _DIGESTS), headers=headers)


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
