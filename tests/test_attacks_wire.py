"""Attacks on bodies: a fact that is packed, mislabelled, or stands where no reader opens values.

Each body holds one fact in one spelling; what leaves may not hold that spelling any more.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable

import pytest

from shield import fragments
from shield.engine import Engine
from shield.finding import Block, Forward
from shield.message import Request
from shield.tree import Node
from shield.wire.lzstring import LZ
from tests.people import DictBook, sample_person
from tests.test_attacks import FORM, SITES, sent_to, with_body
from tests.test_engine import NOW, SHOP, request, shipped

MAIL = b"anna@real.example"
TARGETS = ("Analytics, another path", "a third party")


@pytest.fixture(scope="module")
def engine() -> Engine:
    policy = shipped()
    return Engine(policy, sample_person(*(one.name for one in policy.services), *(f"site:{site}" for site in SITES)))


def leaving(engine: Engine, sent: Request) -> bytes:
    """The body as it would leave; empty where the message is stopped, by policy and not by a mistake of ours."""
    outcome = engine.request(sent, now=NOW, book=DictBook())
    if isinstance(outcome.verdict, Forward):
        return outcome.message.body or b""
    assert outcome.because.layer != "mistake", outcome.because.why
    return b""


def packed(data: bytes) -> bytes:
    return b64encode(gzip.compress(data, mtime=0))


PACKED: dict[str, bytes] = {
    "gzip": packed(MAIL),
    "zlib": b64encode(zlib.compress(MAIL)),
    "LZ-string": LZ.close(MAIL, b""),
    "twice": packed(b64encode(MAIL)),
    "prefix": b"v1:" + packed(MAIL),
    "joined": b"v1_" + packed(MAIL),
    "dots": b"fb.1.1700000000000." + packed(MAIL),
    "list": b"a," + packed(MAIL) + b",b",
    "data URL": b"data:application/json;base64," + packed(MAIL),
    "fragment": b"https://x.example/p#v=" + urlsafe_b64encode(zlib.compress(MAIL)),
}
PARTS = "multipart/form-data; boundary=b"


def part(head: bytes, body: bytes = b"x", before: bytes = b"", after: bytes = b"") -> bytes:
    return before + b"--b\r\nContent-Disposition: form-data; " + head + b"\r\n\r\n" + body + b"\r\n--b--\r\n" + after


PLACES: dict[str, Callable[[bytes], tuple[bytes, str]]] = {
    "value": lambda value: (json.dumps({"n": [1, value.decode()]}).encode(), "application/json"),
    "key": lambda value: (json.dumps({"a": {value.decode(): 1}}).encode(), "application/json"),
    "form": lambda value: (b"a=1&n=" + value.replace(b"+", b"%2B").replace(b"=", b"%3D"), FORM),
    "name in a form": lambda value: (b"a=1&" + value.replace(b"+", b"%2B").replace(b"=", b"%3D") + b"=1", FORM),
    "part": lambda value: (part(b'name="n"', value), PARTS),
    "name of a part": lambda value: (part(b'name="' + value + b'"'), PARTS),
    "head of a part": lambda value: (part(b'name="n"\r\nX-Note: ' + value), PARTS),
    "before the parts": lambda value: (part(b'name="n"', before=value + b"\r\n"), PARTS),
    "behind the parts": lambda value: (part(b'name="n"', after=value), PARTS),
    "comment in XML": lambda value: (b"<a><!-- " + value + b" --><b>1</b></a>", "text/xml"),
    "page": lambda value: (b"<p>" + value + b"</p>", "text/html"),
    "comment in events": lambda value: (b": " + value + b"\n\n", "text/event-stream"),
    "a type nobody reads": lambda value: (b"window.x='" + value + b"'", "text/javascript"),
}


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("how", PACKED)
def test_what_is_packed_where_no_reader_opens_it(engine: Engine, how: str, place: str, target: str) -> None:
    """The field, the item or the message goes."""
    body, kind = PLACES[place](PACKED[how])
    secret = max(re.findall(rb"[A-Za-z0-9+/_-]+", PACKED[how]), key=len)[-20:]
    assert secret in body.replace(b"%2B", b"+").replace(b"%3D", b"=")
    left = leaving(engine, with_body(sent_to(target), body, kind))
    assert secret not in left.replace(b"%2B", b"+").replace(b"%3D", b"=")


OBJECT = json.dumps({"a": 1, "user": {"mail": MAIL.decode()}}).encode()
ZIPPED = gzip.compress(OBJECT, mtime=0)
BYTES: dict[str, bytes] = {
    "zlib": zlib.compress(OBJECT),
    "deflate": zlib.compress(OBJECT, wbits=-15),
    "gzip and more": ZIPPED + b"x",
    "gzip, cut off": ZIPPED[:-4],
    "gzip behind a byte": b"\x01" + ZIPPED,
    "zlib and more": zlib.compress(OBJECT) + b"x",
    "CBOR": b"\xa1\x61m\x71" + MAIL + b"\x64name\x61x",
    "MessagePack": b"\x82\xa1m\xb1" + MAIL + b"\xa1n\x01",
    "gRPC, packed": b"\x01\0\0\0" + bytes([len(ZIPPED)]) + ZIPPED,
    "protobuf, packed inside": b"\x0a" + bytes([len(ZIPPED)]) + ZIPPED + b"\x12\5hello",
    "packed part": part(b'name="n"; filename="x.gz"\r\nContent-Type: application/gzip', ZIPPED),
    "packed part that says so": part(
        b'name="n"\r\nContent-Type: application/json\r\nContent-Encoding: gzip', ZIPPED
    ),
}  # fmt: skip
KINDS = (
    "", "application/json", "text/plain", FORM, "image/png", "application/octet-stream", "application/x-protobuf",
    PARTS, "text/html", "application/x-ndjson", "application/grpc", "application/cbor",
)  # fmt: skip


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("how", BYTES)
def test_bytes_under_any_type(engine: Engine, how: str, target: str) -> None:
    """Neither the bytes as they came leave, nor what they unpack to."""
    for kind in KINDS:
        left = leaving(engine, with_body(sent_to(target), BYTES[how], kind))
        assert BYTES[how] not in left, kind
        assert MAIL not in left, kind


def test_an_edit_in_what_nobody_declared_keeps_its_packing(engine: Engine) -> None:
    """zlib with its wrapper, deflate without; what is edited is one value."""
    for window in (15, -15):
        sent = with_body(sent_to("a third party"), zlib.compress(OBJECT, wbits=window), "text/plain")
        left = zlib.decompress(leaving(engine, sent), window)
        assert json.loads(left)["a"] == 1
        assert MAIL not in left


@pytest.mark.parametrize("body", [b"caf\xe9 \x07", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256))])
def test_a_document_for_the_site_one_is_on_arrives(engine: Engine, body: bytes) -> None:
    """Packed or not, and whatever stands in an archive: it is uploaded on purpose."""
    own = request("https://shop.example/upload", page=SHOP, sec_fetch_site="same-origin")
    for one in (
        body,
        gzip.compress(body),
        b"%PDF-1.7\n\x01" + zlib.compress(b"(Anna Schmidt) Tj anna@real.example"),
        zlib.compress(body),
    ):
        for kind in ("application/octet-stream", "application/pdf", "text/plain", "application/gzip"):
            outcome = engine.request(with_body(own, one, kind), now=NOW, book=DictBook())
            assert isinstance(outcome.verdict, Forward), kind
            assert outcome.message.body == one


def test_a_fact_beside_it_hides_nothing(engine: Engine) -> None:
    """What may pass, or is edited, in the same field does not stand for what is packed there."""
    for text in (b"1987-03-14 v1:" + packed(MAIL), MAIL + b" v1:" + packed(MAIL), b"4111111111111111," + packed(MAIL)):
        for body, kind in ((json.dumps({"n": text.decode()}).encode(), "application/json"), (text, "text/css")):
            sent = with_body(sent_to("a third party"), body, kind)
            outcome = engine.request(sent, now=NOW, book=DictBook())
            is_sent = isinstance(outcome.verdict, Forward)
            assert not is_sent or packed(MAIL)[-20:] not in (outcome.message.body or b"")


def test_many_bombs_are_not_all_opened(engine: Engine) -> None:
    """One budget for all that is looked for behind readers; what comes first is still found."""
    bomb = "v1:" + b64encode(gzip.compress(b"a" * 900_000)).decode()
    body = json.dumps(["v1:" + packed(MAIL).decode(), *[bomb] * 200]).encode()
    assert packed(MAIL) not in leaving(engine, with_body(sent_to("a third party"), body, "application/json"))


def test_a_fact_behind_bombs_is_stopped_at_a_tracker(engine: Engine) -> None:
    """What nobody opened for there was too much of it is unreadable."""
    bombs = ["v1:" + b64encode(gzip.compress(bytes([97 + n]) * 900_000)).decode() for n in range(20)]
    body = json.dumps([*bombs, "v1:" + packed(MAIL).decode()]).encode()
    assert packed(MAIL) not in leaving(engine, with_body(sent_to("Analytics, another path"), body, "application/json"))


@pytest.mark.parametrize("content", [b"x=" + b"v1:" + packed(MAIL), b"\x01\x02" + gzip.compress(MAIL) + b"\x03"])
def test_fragments_of_what_passes(engine: Engine, content: bytes) -> None:
    """A body that is too large to be held is searched in the same way."""
    sent = with_body(sent_to("a third party"), b"", "application/x-unknown")
    context = engine.head(sent, now=NOW).context
    beginning = fragments.Beginning.of_request(sent, context)
    root = Node(None, "body", 0, len(content), content)
    outcome = engine.fragment(beginning, root, b"", now=NOW, book=DictBook(), answers={})
    assert isinstance(outcome.verdict, Block)
