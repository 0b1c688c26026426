"""A glance and a fact: worn in random layers, at a random place of any notation, it is found as where all is read."""

from __future__ import annotations

import base64
import json
import random
import zlib
from collections.abc import Callable

from shield import glance
from shield.detect.known import Matcher
from shield.edits import Edits
from shield.errors import Unwritable
from shield.message import Request
from shield.opened import Opened
from shield.person import Person
from shield.wire import reader, writer
from tests.people import FACTS
from tests.test_glance import LAYERS as WORN

MATCHER = Matcher.build(Person(FACTS))
VALUES = (
    "anna@real.example", "ANNA@Real.Example", "+49 151 1234 5678", "4915112345678", "4111 1111 1111 1111", "anna87",
    "1987-03-14", "Anna Schmidt", "Hauptstr. 5", "4111111111111111",
)  # fmt: skip
SHORTEST = 12
"""Letters: what is packed into fewer, and then encoded without padding, a glance does not tell (``wire.views``)."""
LAYERS: dict[str, Callable[[str], str]] = WORN | {
    "deflate": lambda text: base64.b64encode(zlib.compress(text.encode(), wbits=-15)).decode(),
    "quoted": lambda text: '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"',
    "express": lambda text: "j:" + '{"a":"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"}',
    "fragment": lambda text: "https://x.example/#a=1&b=" + text.replace("&", "%26"),
    "packed proto": lambda text: base64.b64encode(b"\x0a" + _length(text.encode()) + text.encode()).decode(),
    "wide": lambda text: base64.b64encode(text.encode("utf-16-le", "surrogatepass")).decode(),
    "x": lambda text: "".join(f"\\x{byte:02x}" for byte in text.encode()),
    "token": lambda text: "eyJhbGciOiJub25lIn0." + _claims(text) + ".",
    "lines": lambda text: "a\r\n" + text + "\r\nb",
    "matrix": lambda text: "https://x.example/a;v=" + text.replace("/", "%2F").replace(";", "%3B"),
}  # fmt: skip


def _claims(text: str) -> str:
    """The payload of a token."""
    return base64.urlsafe_b64encode(json.dumps({"sub": text}).encode()).decode().rstrip("=")


def _length(data: bytes) -> bytes:
    """As a varint."""
    number, out = len(data), b""
    while number > 127:
        out, number = out + bytes([number & 127 | 128]), number >> 7
    return out + bytes([number])


def check_glance(request: Request, number: int) -> None:
    """The same findings, read all or after a glance: where the value of a field is worn, and anywhere in the bytes."""
    chance = random.Random(len(request.body or b"") * 256 + number)
    value = chance.choice(VALUES)
    for _ in range(chance.randrange(4)):
        worn_once_more = LAYERS[chance.choice(sorted(LAYERS))](value)
        if len(worn_once_more) >= SHORTEST or value in VALUES:
            value = worn_once_more
    worn = value.encode("utf-8", "surrogatepass")
    body = request.body or b""
    at = chance.randrange(len(body) + 1)
    same(_with_body(request, body[:at] + worn + body[at:]))
    opened = reader.read(request)
    leaves = [leaf for leaf in opened.fields() if leaf.root is opened.body and leaf.parent is not None]
    if leaves:
        try:
            same(writer.rebuild(request, opened, Edits(content={chance.choice(leaves): worn})))
        except Unwritable:
            return


def _with_body(request: Request, body: bytes) -> Request:
    return Request("POST", "https", "x.example", 443, b"/", request.headers, body)


def same(request: Request) -> None:
    """Lazily read is what is read."""
    lazy = reader.read(request)
    glance.look(lazy, MATCHER, "")
    assert found(lazy) == found(reader.read(request)), "a glance called it clear"


def found(opened: Opened) -> list[tuple[str, int, int, str]]:
    """Where which facts are."""
    return sorted((one.at, one.start, one.end, one.category) for one in MATCHER.find(opened, ""))
