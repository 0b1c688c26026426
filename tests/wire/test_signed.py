"""What a signature covers passes or is blocked, never edited; the rest of the message may be."""

from __future__ import annotations

import pytest

from shield.address import parse_address
from shield.edits import Edits
from shield.errors import Signed, Unwritable
from shield.message import Request
from shield.wire import reader, writer
from shield.wire.signed import is_signed

AWS4 = (
    b"AWS4-HMAC-SHA256 Credential=AKID/20261120/eu-central-1/s3/aws4_request,"
    b" SignedHeaders=host;x-amz-date, Signature=00ff"
)
PARTS = (
    "target", "body", "header:x-amz-date", "header:origin", "cookie:a", "cookie:SAPISID", "header:x-other",
    "header:date",
)  # fmt: skip

HEX = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
SIGNED = [
    ("SigV4", "/", {"authorization": AWS4}, {"target", "body", "header:x-amz-date"}),
    ("SigV4A", "/", {"authorization": AWS4.replace(b"HMAC-", b"ECDSA-P256-")}, {"target", "body", "header:x-amz-date"}),
    ("SigV4, body not covered", "/", {"authorization": AWS4, "x-amz-content-sha256": b"UNSIGNED-PAYLOAD"},
     {"target", "header:x-amz-date"}),
    ("presigned", "/?X-Amz-SignedHeaders=host%3Bx-amz-date&X-Amz-Signature=0f", {}, {"target", "header:x-amz-date"}),
    ("presigned by Google", "/?a=1&X-Goog-Signature=0f", {}, {"target"}),
    ("presigned by CloudFront", "/?Expires=1&Signature=a&Key-Pair-Id=K", {}, {"target"}),
    ("a video", "/videoplayback?sparams=ip&sig=a", {}, {"target"}),
    ("RFC 9421", "/", {"signature-input": b'a=("@method" "@target-uri" "content-digest")'}, {"target", "body"}),
    ("RFC 9421, one header", "/", {"signature-input": b'a=("date")', "signature": b"a=:AA==:"}, {"header:date"}),
    ("the draft", "/", {"authorization": b'Signature keyId="k",headers="(request-target) date",signature="a"'},
     {"target", "header:date"}),
    ("the draft, own header", "/", {"signature": b'keyId="k",headers="date digest",signature="a"'},
     {"body", "header:date"}),
    ("OAuth 1", "/", {"authorization": b'OAuth oauth_signature="a"'}, {"target", "body"}),
    ("SAPISIDHASH", "/", {"authorization": b"SAPISIDHASH 1_ab"}, {"header:origin", "cookie:SAPISID"}),
    ("a device", "/", {"x-adp-signature": b"a:b"}, {"target", "body"}),
    *((f"a field called {name}", f"/?a=1&{name}={HEX[:40]}&b=2", {}, {"target"}) for name in (
        "signature", "Signature", "sig", "api_sig", "x-signature", "hmac", "sign", "token", "csrf_token", "checksum",
        "sig2",
    )),
    *((f"a field called {name}", f"/?a=1&{name}={HEX[:40]}", {}, {"target"}) for name in (
        "x-oss-signature", "request_signature", "_signature", "urlsig", "sig[]", "auth%5Bsig%5D", "hmac_sha256", "hash",
        "auth_key", "wsSecret", "txSecret", "signature_v2",
    )),
    *((f"{name} and a time", f"/?{name}={HEX[:32]}&{end}", {}, {"target"}) for name, end in (
        ("md5", "expires=1800000000"), ("verify", "exp=1800000000"), ("key", "e=1800000000000"),
        ("h", "valid_until=2026-11-30T00:00:00Z"), ("secure_link", "expiry=20261130"),
    )),
    ("times before it", f"/?auth_key=1700000000-0-0-{HEX[:32]}", {}, {"target"}),
    ("a time before it", f"/?verify=1700000000-{HEX}", {}, {"target"}),
    ("a longer one", f"/?sig={'qL8R4QIcQ_ZsRqOAbeRfcQ' * 15}", {}, {"target"}),
    ("an edge token", f"/?token=exp=17~acl=*~hmac={HEX}", {}, {"target"}),
    ("an edge token in the path", f"/f;hdnea=exp=2~hmac={HEX}/c", {}, {"target"}),
    ("in the path", f"/sig/{HEX}/c?a=1", {}, {"target"}),
    ("in the path, as a pair", f"/hmac={HEX}/c", {}, {"target"}),
    *((f"a digest of {len(digest)} letters", f"/?sig={digest}", {}, {"target"}) for digest in (
        HEX[:32], HEX[:40], HEX, HEX.upper(), "v1_" + HEX, "qL8R4QIcQ_ZsRqOAbeRfcQ", "qL8R4QIcQ_ZsRqOAbeRfcQ%3D%3D",
        "2jmj7l5rSw0yVb%2Fvlw6iI6bCZCQ%3D", "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU",
    )),
    ("Akamai", f"/a;x=1?hdnea=st=1~exp=2~acl=/*~hmac={HEX}", {}, {"target"}),
    ("in the path's parameters", f"/a;sig={HEX};b=1/c", {}, {"target"}),
    ("a header", "/", {"x-hub-signature-256": b"sha256=" + HEX.encode()}, {"target", "body"}),
    ("a header of an app", "/", {"x-hmac": HEX.encode()}, {"target", "body"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "body"),
    [("application/x-www-form-urlencoded", f"a=1&sig={HEX}"), ("application/json", f'{{"a": 1, "signature": "{HEX}"}}'),
     ("application/x-www-form-urlencoded; charset=utf-8", f"hmac={HEX}&a=1"),
     ("text/json", f'{{"a":1,"api_sig" : "{HEX}"}}')],
)  # fmt: skip
def test_a_body_that_is_signed(kind: str, body: str) -> None:
    sent = Request("POST", "https", "h.test", 443, b"/", ((b"content-type", kind.encode()),), body.encode())
    at = "form:a" if "form" in kind else "json:/a"
    opened = reader.read(sent)
    with pytest.raises(Unwritable):
        writer.rebuild(sent, opened, Edits(content={opened.at(parse_address(at))[0]: b"2"}))


@pytest.mark.parametrize(
    "query",
    [
        f"md5={HEX[:32]}",
        f"sha256={HEX}",
        f"md5={HEX[:32]}&expires=soon",
        f"key={HEX}&e=1",
        f"s={HEX}&a=1800000000",
        "sig=1",
        "sig=hello",
        "token=de-DE",
        f"design={HEX}",
        f"email_hash={HEX}",
        f"em={HEX}",
        f"tokenx={HEX}",
    ],
)
def test_what_is_no_signature(query: str) -> None:
    assert not is_signed(Request("GET", "https", "h.test", 443, b"/?" + query.encode()))


def request(target: str, extra: dict[str, bytes]) -> Request:
    """A message with every part that a signature might cover."""
    headers = {
        "x-amz-date": b"1", "origin": b"o", "cookie": b"a=1; SAPISID=2", "x-other": b"1", "date": b"1",
        "content-type": b"application/x-www-form-urlencoded", **extra,
    }  # fmt: skip
    lines = tuple((key.encode(), value) for key, value in headers.items())
    return Request("POST", "https", "h.test", 443, target.encode(), lines, b"a=1")


def edit(sent: Request, part: str) -> Request:
    """The message with one part changed."""
    opened = reader.read(sent)
    if part == "target":
        return writer.rebuild(sent, opened, Edits(content={opened.path.children[-1]: b"z"}))
    at = "form:a" if part == "body" else part
    return writer.rebuild(sent, opened, Edits(content={opened.at(parse_address(at))[0]: b"z"}))


@pytest.mark.parametrize(("name", "target", "extra", "covered"), SIGNED, ids=[one[0] for one in SIGNED])
def test_what_is_covered_is_not_edited(name: str, target: str, extra: dict[str, bytes], covered: set[str]) -> None:
    """Each part alone."""
    sent = request(target, extra)
    assert is_signed(sent)
    refused = set()
    for part in PARTS:
        try:
            assert edit(sent, part) != sent
        except Unwritable:
            refused.add(part)
    assert refused == covered


@pytest.mark.parametrize("extra", [{}, {"authorization": b"Bearer x"}, {"content-digest": b"x"}, {"digest": b"x"}])
def test_digests_and_tokens_cover_nothing(extra: dict[str, bytes]) -> None:
    """Everything may be edited, and digests of the old body go with it, only then."""
    sent = request("/?sig=1&signature=x", extra)
    assert not is_signed(sent)
    for part in PARTS:
        leaving = edit(sent, part)
        assert leaving != sent
        lost = {key for key, _ in sent.headers} - {key for key, _ in leaving.headers}
        assert lost == ({key.encode() for key in extra if "digest" in key} if part == "body" else set())


PART = '--x\r\nContent-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'


def test_parts_of_a_form_that_are_signed() -> None:
    """As for an upload to a bucket."""
    body = PART.format("key", "a") + PART.format("x-amz-signature", HEX) + "--x--\r\n"
    kind = ((b"content-type", b"multipart/form-data; boundary=x"),)
    sent = Request("POST", "https", "h.test", 443, b"/", kind, body.encode())
    opened = reader.read(sent)
    with pytest.raises(Signed):
        writer.rebuild(sent, opened, Edits(content={opened.at(parse_address("multipart:key"))[0]: b"b"}))


def test_a_signature_that_is_replaced_is_none() -> None:
    """It was a digest of a fact, or an identifier; one that is taken out still covers the rest."""
    sent = Request("GET", "https", "h.test", 443, f"/?uid=1&sig={HEX}&b=2".encode())
    opened = reader.read(sent)
    uid, sig = (opened.at(parse_address(name))[0] for name in ("query:uid", "query:sig"))
    for edits in (
        Edits(content={uid: b"2"}), Edits(removed=frozenset({uid})), Edits(removed=frozenset({sig})),
        Edits(removed=frozenset({uid, sig})),
    ):  # fmt: skip
        with pytest.raises(Signed):
            writer.rebuild(sent, opened, edits)
    leaving = writer.rebuild(sent, opened, Edits(content={uid: b"2", sig: HEX[::-1].encode()}))
    assert leaving.target == f"/?uid=2&sig={HEX[::-1]}&b=2".encode()


def test_of_two_signatures_one_is_enough() -> None:
    sent = Request("GET", "https", "h.test", 443, f"/?uid=1&sig={HEX}&hmac={HEX}".encode())
    opened = reader.read(sent)
    sig = opened.at(parse_address("query:sig"))[0]
    with pytest.raises(Signed):
        writer.rebuild(sent, opened, Edits(content={sig: HEX[::-1].encode()}))


@pytest.mark.parametrize("kind", ["x-www-form-urlencoded", "json"])
def test_in_bodies_alike(kind: str) -> None:
    body = f"uid=1&sig={HEX}" if kind != "json" else f'{{"uid":"1","sig":"{HEX}"}}'
    line = (b"content-type", b"application/" + kind.encode())
    sent = Request("POST", "https", "h.test", 443, b"/", (line,), body.encode())
    opened = reader.read(sent)
    place = "json:/" if kind == "json" else "form:"
    uid, sig = (opened.at(parse_address(place + name))[0] for name in ("uid", "sig"))
    with pytest.raises(Signed):
        writer.rebuild(sent, opened, Edits(content={uid: b"2"}))
    assert writer.rebuild(sent, opened, Edits(content={uid: b"2", sig: HEX[::-1].encode()})).body != sent.body
