"""What a glance calls clear holds nothing: reading lazily and reading everything find the same."""

from __future__ import annotations

import base64
import gzip
import html
import json
import zlib
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shield import glance
from shield.address import parse_address
from shield.detect.known import Matcher
from shield.message import Frame, Request
from shield.opened import Opened
from shield.person import Person
from shield.tree import Folded
from shield.wire import reader
from shield.wire.lzstring import LZ
from tests.people import FACTS

MATCHER = Matcher.build(Person(FACTS))


def lz(text: str, like: str) -> str:
    """Packed, unless it comes out shorter than a glance can tell."""
    packed = LZ.close(text.encode(), like.encode()).decode()
    return packed if len(packed.rstrip("=")) >= 12 or like else text


LAYERS: dict[str, Callable[[str], str]] = {
    "json string": lambda text: json.dumps({"v": text}),
    "json list": lambda text: json.dumps([1, text]),
    "every letter escaped": lambda text: '"' + "".join(f"\\u{ord(one) % 65536:04x}" for one in text) + '"',
    "percent": quote,
    "every byte percent": lambda text: "".join(f"%{byte:02X}" for byte in text.encode()),
    "query": lambda text: "https://x.example/p?a=1&v=" + quote_plus(text),
    "pairs": lambda text: "a=1&v=" + quote_plus(text),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64url": lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
    "base64 lines": lambda text: base64.encodebytes(text.encode()).decode(),
    "base32": lambda text: base64.b32encode(text.encode()).decode(),
    "hex": lambda text: text.encode().hex(),
    "HEX": lambda text: text.encode().hex().upper(),
    "gzip": lambda text: base64.b64encode(gzip.compress(text.encode())).decode(),
    "zlib": lambda text: base64.b64encode(zlib.compress(text.encode())).decode(),
    "lz": lambda text: lz(text, ""),
    "lz, wide": lambda text: lz(text, "\u1234\u1234\u1234 "),
    "entities": html.escape,
    "all entities": lambda text: "".join(f"&#{ord(one)};" for one in text),
    "words around": lambda text: f"to {text}, please",
}
VALUES = st.sampled_from([
    "anna@real.example", "ANNA@real.example", "+49 151 1234 5678", "4111 1111 1111 1111", "anna87", "1987-03-14",
    "Anna Schmidt", "Anna", "Bonn", "53111", "Hauptstr. 5", "nothing of hers", "1234567", "page_view",
])  # fmt: skip
NESTED = st.tuples(VALUES, st.lists(st.sampled_from(sorted(LAYERS)), max_size=4))


def worn(value: str, layers: list[str]) -> str:
    for layer in layers:
        value = LAYERS[layer](value)
    return value


def post(body: bytes, kind: bytes = b"application/json") -> Request:
    return Request("POST", "https", "x.example", 443, b"/c", ((b"content-type", kind),), body)


def found(opened: Opened) -> list[tuple[str, int, int, str]]:
    return sorted((one.at, one.start, one.end, one.category) for one in MATCHER.find(opened, ""))


def bodies(nested: list[tuple[str, list[str]]]) -> list[tuple[bytes, bytes]]:
    texts = [worn(value, layers) for value, layers in nested]
    tree = {"events": [{"name": "view", "deep": {"n": number, "v": text}} for number, text in enumerate(texts)]}
    return [
        (json.dumps(tree).encode(), b"application/json"),
        (json.dumps(tree, ensure_ascii=False, indent=1).encode(), b"text/plain"),
        ("&".join(f"k{number}={quote_plus(text)}" for number, text in enumerate(texts)).encode(),
         b"application/x-www-form-urlencoded"),
        ("\n".join(texts).encode(), b"text/plain"),
        (json.dumps(dict.fromkeys(texts, 1)).encode(), b"application/json"),
    ]  # fmt: skip


@settings(max_examples=250, deadline=None)
@given(st.lists(NESTED, min_size=1, max_size=3))
def test_lazily_read_is_what_is_read(nested: list[tuple[str, list[str]]]) -> None:
    """In every notation and under every layer, the same findings at the same places."""
    for body, kind in bodies(nested):
        lazy = reader.read(post(body, kind))
        glance.look(lazy, MATCHER, "")
        assert found(lazy) == found(reader.read(post(body, kind))), kind


@pytest.mark.parametrize(
    "text",
    [
        '"\\\\x61nna@real.example"', "v=\\x61\\x6e\\x6ea87&b=1", "v=%5Cx61nna87", "v=S8zLS7QwBwA=", "CgZhbm5hODc=",
        '{"v":"CgZhbm5hODc="}', "a=CgZhbm5hODc%3D&b=", '{"a":"https://x.test/u/YW5uYUByZWFsLmV4YW1wbGU/view"}',
        "a=%2Fu%2FMFXG4YKAOJSWC3BOMV4GC3LQNRSQ%2Fmore%3Fb%3Dc", '{"a":"https://x.test/u/CgZhbm5hODc=/view"}',
    ],
)  # fmt: skip
def test_what_fuzzing_found(text: str) -> None:
    """Escapes that strings of scripts have and JSON has not; few letters with padding that hold a packed value; what is
    encoded between the slashes of a path."""
    seen = 0
    for kind in (b"application/json", b"text/plain", b"application/x-www-form-urlencoded"):
        lazy = reader.read(post(text.encode(), kind))
        glance.look(lazy, MATCHER, "")
        hits = found(lazy)
        assert hits == found(reader.read(post(text.encode(), kind)))
        seen += len(hits)
    assert seen


def test_a_clear_body_is_not_read() -> None:
    """Nor is a container in which nothing was seen, beside one in which something was."""
    clear = json.dumps({"events": [{"name": "page_view", "id": "0123456789abcdefghij", "x": n} for n in range(50)]})
    lazy = reader.read(post(clear.encode()))
    glance.look(lazy, MATCHER, "")
    assert MATCHER.find(lazy, "") == []
    assert is_folded(lazy.body)
    known = json.dumps({"a": [{"x": n} for n in range(9)], "b": {"mail": "anna@real.example"}})
    lazy = reader.read(post(known.encode()))
    glance.look(lazy, MATCHER, "")
    assert [one.at for one in MATCHER.find(lazy, "")] == ["json:/b/mail"]
    assert is_folded(lazy.at(parse_address("json:/a"))[0])
    assert lazy.at(parse_address("json:/a/3/x"))[0].content == b"3"


def is_folded(node: object) -> bool:
    return isinstance(node, Folded) and node._unfold is not None


@pytest.mark.parametrize("is_text", [True, False])
def test_frames(is_text: bool) -> None:
    """The same for a WebSocket message."""
    lazy = reader.read_frame(Frame("request", b'{"a":"anna@real.example","b":{"c":[1,2]}}', is_text))
    glance.look(lazy, MATCHER, "")
    assert [one.at for one in MATCHER.find(lazy, "")] == ["frame/json:/a"]


def test_bytes_that_are_no_text_are_read() -> None:
    """Nobody can tell from outside what is in them."""
    lazy = reader.read(post(b"\x00\x01nothing", b"application/x-unknown"))
    glance.look(lazy, MATCHER, "")
    MATCHER.find(lazy, "")
    assert lazy.body is not None
    assert lazy.body.unreadable
