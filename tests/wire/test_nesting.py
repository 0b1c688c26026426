"""Values in values: under any layers they come out, an edit lies under the same, and nothing costs too much."""

from __future__ import annotations

import base64
import gzip
import html
import json
import random
import zlib
from collections.abc import Callable
from itertools import pairwise
from urllib.parse import quote_from_bytes

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shield.edits import Edits
from shield.errors import Unwritable
from shield.message import Request
from shield.opened import Opened
from shield.tree import Node
from shield.wire import lzstring, reader, writer
from shield.wire.limits import LIMITS

Layer = Callable[[bytes], bytes]


def deflated(data: bytes) -> bytes:
    """Raw deflate."""
    machine = zlib.compressobj(wbits=-15)
    return machine.compress(data) + machine.flush()


def lz(data: bytes) -> bytes:
    """As compressToBase64 does; the vectors compare it with the library itself."""
    sample = b"BQMwBA=="  # shows the alphabet
    return lzstring.LZ.close(data, sample)


TEXT_LAYERS: dict[str, Layer] = {
    "percent": lambda data: quote_from_bytes(data, safe="").encode(),
    "base64": base64.b64encode,
    "base64 bare": lambda data: base64.b64encode(data).rstrip(b"="),
    "base64url": lambda data: base64.urlsafe_b64encode(data).rstrip(b"="),
    "base64url.": lambda data: base64.urlsafe_b64encode(data).replace(b"=", b"."),
    "base32": base64.b32encode,
    "base32 lower": lambda data: base64.b32encode(data).lower().rstrip(b"="),
    "hex": lambda data: data.hex().encode(),
    "HEX": lambda data: data.hex().upper().encode(),
    "lz": lz,
}
BYTE_LAYERS: dict[str, Layer] = {
    "gzip": lambda data: gzip.compress(data, 6, mtime=0),
    "zlib": zlib.compress,
    "deflate": deflated,
}
ESCAPES: dict[str, Layer] = {
    "entities": lambda data: html.escape(data.decode()).encode().replace(b"@", b"&#64;"),
    "quoted": lambda data: json.dumps(data.decode()).encode().replace(b"@", rb"\u0040"),
}
NEW = "".join(map(chr, range(32, 127))) + "äöüßéЯ山"
LAYERS = {**TEXT_LAYERS, **BYTE_LAYERS}
FACTS = (
    b"anna@real.example", b"+4915112345678", b"Anna Schmidt", b"53111", b"Hauptstr. 5, 53111 Bonn", b"1987-03-14",
    "Jürgen Müller".encode(), "Özlem".encode(), "Анна Иванова".encode(), b"anna87", b"4111111111111111",
)  # fmt: skip


def sent(value: bytes) -> Request:
    """*value* in a query."""
    target = b"/?v=" + quote_from_bytes(value, safe="").encode() + b"&other=1"
    return Request("GET", "https", "h.test", 443, target)


def leaves(opened: Opened) -> dict[bytes, Node]:
    """What came out."""
    return {node.content: node for node in opened.fields()}


def packed(fact: bytes, names: list[str]) -> bytes:
    """Under these layers, the first one innermost, and base64 around what would be no text at the end."""
    for name in names:
        fact = {**LAYERS, **ESCAPES}[name](fact)
    return base64.b64encode(fact) if names[-1] in BYTE_LAYERS else fact


def comes_out(fact: bytes, names: list[str]) -> bool:
    """Whether some field holds it in the clear; quotes may stand around it."""
    return any(fact in content for content in leaves(reader.read(sent(packed(fact, names)))))


def is_natural(names: list[str]) -> bool:
    """LZ-string compresses texts; nobody gives it raw deflate, and nothing would show that it holds it."""
    return all(pair != ("deflate", "lz") for pair in pairwise(names))


PAIRS = [[one, two] for one in (*LAYERS, *ESCAPES) for two in LAYERS if is_natural([one, two])]


@pytest.mark.parametrize("names", [[name] for name in LAYERS] + PAIRS, ids="+".join)
def test_a_fact_comes_out_of_one_and_two_layers(names: list[str]) -> None:
    """Whatever it is and however short."""
    for fact in FACTS:
        if names == ["deflate", "percent"] and fact.isdigit():
            continue  # ten bytes of which none shows that they are no text
        assert comes_out(fact, names), fact


def test_a_fact_comes_out_of_three_layers() -> None:
    """Nearly always: 97 % is what was asked for."""
    tried = missed = 0
    for one in LAYERS:
        for two in LAYERS:
            for three in LAYERS:
                if not is_natural([one, two, three]):
                    continue
                for fact in random.Random(one + two + three).sample(FACTS, 2):
                    tried += 1
                    missed += not comes_out(fact, [one, two, three])
    assert missed <= tried // 100, f"{missed} of {tried}"


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.sampled_from(sorted(LAYERS)), max_size=4).filter(is_natural),
    st.sampled_from(FACTS),
    st.text(alphabet=NEW, min_size=1, max_size=12),
)
def test_an_edit_lies_under_the_same_layers(names: list[str], fact: bytes, new: str) -> None:
    """It reads back from the same address, and the address next to it is as it was."""
    content = b"x " + new.encode() + b" y@z.example"
    request = sent(packed(fact, names) if names else fact)
    opened = reader.read(request)
    node = leaves(opened).get(fact)
    if node is None:  # what chance opens further
        return
    leaving = writer.rebuild(request, opened, Edits(content={node: content}))
    again = reader.read(leaving)
    outer = [one for one in again.at(node.address) if one.content == content]
    assert outer or any(one.content == content for root in again.roots() for one in root.walk())
    assert [one.content for one in again.at("query:\x1fother")] == [b"1"]


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=80), st.sampled_from((None, *LAYERS)))
def test_arbitrary_bytes_never_raise_and_no_edit_is_the_same_object(data: bytes, name: str | None) -> None:
    """Also where a wrong layer was opened."""
    value = packed(data, [name]) if name not in (None, "lz") else data
    request = Request(
        "GET",
        "https",
        "h.test",
        443,
        b"/?v=" + value.translate(None, b" "),
        ((b"x-a", value.translate(None, b"\r\n\0")),),
    )
    opened = reader.read(request)
    same = Edits(content={node: node.content for root in opened.roots() for node in root.walk()})
    assert writer.rebuild(request, opened, same) is request


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="&;#x64abcAé@\\u\"'/%=< ", max_size=24), st.text(alphabet="&;#x64abé@\\u\"'<%=", max_size=12))
def test_escapes_close_to_what_they_open(raw: str, new: str) -> None:
    """An edit inside escapes reads as what it says, whatever stands next to it, or is refused."""
    request = Request("GET", "https", "h.test", 443, b"/", ((b"x-a", raw.strip().encode()),))
    opened = reader.read(request)
    for node in opened.fields():
        if node.parent is None or node.parent.parent is not None or node.content == new.encode():
            continue
        if node.layer is None or node.layer.name not in ("entities", "quoted"):
            continue
        try:
            leaving = writer.rebuild(request, opened, Edits(content={node: new.encode()}))
        except Unwritable:
            continue
        again = reader.read(leaving)
        assert any(
            one.content in (new.encode(), b'"' + new.encode() + b'"') for root in again.roots() for one in root.walk()
        )


def unreadable(opened: Opened) -> int:
    """How many fields could not be opened."""
    return sum(node.unreadable is not None for node in opened.fields())


def test_bombs_in_base64_share_one_budget() -> None:
    """Ten thousand small ones, each within what one value may expand to."""
    bomb = base64.urlsafe_b64encode(gzip.compress(bytes(200_000), 9, mtime=0)).rstrip(b"=")
    body = b"&".join(b"v%d=%s" % (number, bomb) for number in range(3000))
    headers = ((b"content-type", b"application/x-www-form-urlencoded"),)
    opened = reader.read(Request("POST", "https", "h.test", 443, b"/", headers, body))
    held = sum(len(node.content) for root in opened.roots() for node in root.walk())
    assert held <= LIMITS.held_bytes + 2 * len(body)
    assert unreadable(opened) > 2500


def test_a_bomb_in_a_bomb() -> None:
    """Each step unpacks to what a step may; the last is one unreadable field."""
    bomb = bytes(50_000_000)
    for _ in range(3):
        bomb = gzip.compress(bomb, 9, mtime=0)
    opened = reader.read(sent(base64.b64encode(bomb)))
    assert unreadable(opened) == 1


def test_an_lz_string_bomb_is_unreadable() -> None:
    """A dictionary that doubles; Python would need long for it."""
    bomb = lz(b"a" * 600_000)
    opened = reader.read(sent(bomb))
    assert len(bomb) < 4_000
    assert unreadable(opened) == 1


def test_percent_signs_over_and_over() -> None:
    """A megabyte of them is opened eight times at most."""
    raw = b"%" + b"25" * 300_000
    opened = reader.read(Request("POST", "https", "h.test", 443, b"/", (), b"a=" + raw))
    assert len(list(opened.fields())) < 10


@pytest.mark.parametrize(
    "raw",
    [
        b"A" * 500_000, b"&#6" * 150_000, b"\\u00" * 120_000, b"a=b&" * 100_000 + b"\n", b"eyJ" + b"A" * 500_000 + b".",
        b"0" * 500_000, b"/?" * 200_000, b'"' + b"x" * 400_000 + b'"', b"A b" * 150_000, b"s:" + b"." * 400_000,
        b"a" * 400_000 + b"--", b"AAAA\r\n" * 80_000, b"gA" * 250_000, b"\x78\x9c" * 200_000,
        b"\xc3\xa9" * 200_000 + b" ",
    ],
    ids=range(15),
)  # fmt: skip
def test_nothing_takes_long(raw: bytes) -> None:
    """Linear, whatever it looks like: half a megabyte of each is read within the time that a test has."""
    opened = reader.read(Request("GET", "https", "h.test", 443, b"/", ((b"x-a", raw),)))
    assert opened.headers[0].content == raw
