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

from shield.engine import Engine
from shield.finding import Forward
from shield.message import Request
from shield.wire.lzstring import LZ
from tests.people import DictBook, sample_person
from tests.test_attacks import FORM, SITES, sent_to, with_body
from tests.test_engine import NOW, shipped

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
