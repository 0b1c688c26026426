"""Spellings that a plain search passes by: in fields, names, bodies held and passing; replaced or gone."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest

from shield import glance, transform
from shield.context import Context
from shield.detect.known import Matcher
from shield.detect.respelled import respelled
from shield.finding import Because, Decision
from shield.message import Request
from shield.person import Person
from shield.wire import reader, writer
from tests.people import FACTS, DictBook, sample_person

MATCHER = Matcher.build(Person(FACTS))
MAIL = "anna@real.example"

SPELLINGS: dict[str, Callable[[str], str]] = {
    "full-width": lambda text: "".join(chr(ord(one) + 0xFEE0) for one in text),
    "full-width at": lambda text: text.replace("@", "\uff20"),
    "zero width": lambda text: "\u200b".join(text),
    "soft hyphen": lambda text: text[:3] + "\u00ad" + text[3:],
    "joiner, right to left": lambda text: text[:2] + "\u2060\u202e" + text[2:],
    "bold": lambda text: "".join(chr(0x1D41A + ord(one) - 97) if one.islower() else one for one in text),
    "circled": lambda text: "".join(chr(0x24D0 + ord(one) - 97) if one.islower() else one for one in text),
    "lookalikes": lambda text: text.replace("a", "\u0430").replace("e", "\u0435"),
    "%u": lambda text: "".join(f"%u{ord(one):04X}" for one in text),
    "%u at": lambda text: text.replace("@", "%u0040"),
    "hex with colons": lambda text: text.encode().hex(":"),
    "hex with blanks": lambda text: text.encode().hex(" ").upper(),
    "hex with dashes": lambda text: text.encode().hex("-"),
    "hex, comma blank": lambda text: ", ".join(f"{ord(one):02x}" for one in text),
    "0x": lambda text: ",".join(f"0x{ord(one):02x}" for one in text),
    "backslash x": lambda text: "".join(f"\\x{ord(one):02x}" for one in text),
    "decimal": lambda text: ",".join(str(ord(one)) for one in text),
    "decimal, blanks": lambda text: " ".join(str(ord(one)) for one in text),
    "fromCharCode": lambda text: f"String.fromCharCode({','.join(str(ord(one)) for one in text)})",
    "apart": " ".join,
    "apart by dots": lambda text: text.replace("", ".").strip("."),
    "apart by dashes": lambda text: text.replace("", "-").strip("-"),
    "words apart by dashes": lambda text: "".join(
        one + ("-" if one.isalnum() and after.isalnum() else "")
        for one, after in zip(text, text[1:] + "@", strict=True)
    ),
}


def findings(body: bytes, kind: bytes) -> list[str]:
    """What is found at a tracker in a body, read as it is after a glance."""
    headers = ((b"host", b"t.example"), (b"content-type", kind))
    opened = reader.read(Request("POST", "https", "t.example", 443, b"/c", headers, body))
    glance.look(opened, MATCHER, "t")
    return [one.category for one in MATCHER.find(opened) if one.whose == "me"]


@pytest.mark.parametrize("name", SPELLINGS)
@pytest.mark.parametrize("value", [MAIL, "jo.quill+x@post.example"])
def test_found_where_a_glance_looks_and_where_reading_does(name: str, value: str) -> None:
    """In a form, JSON, a query, a name and raw bytes; the glance suspects what reading finds."""
    matcher = MATCHER if value == MAIL else Matcher.build(Person((FACTS[0].__class__("e", "email", {"value": value}),)))
    written = SPELLINGS[name](value)
    bodies = {
        b"application/json": json.dumps({"a": 1, "v": written}, ensure_ascii=False),
        b"application/x-www-form-urlencoded": f"a=1&v={quote(written)}&z=2",
        b"text/plain": f"to: {written} ;",
        b"application/json; in=query": json.dumps({"v": "https://x.example/p?a=1&v=" + quote_plus(written)}),
    }
    for kind, body in bodies.items():
        headers = ((b"host", b"t.example"), (b"content-type", kind))
        request = Request("POST", "https", "t.example", 443, b"/c", headers, body.encode())
        opened = reader.read(request)
        glance.look(opened, matcher, "t")
        assert [one.category for one in matcher.find(opened)][:1] == ["email"], kind
    target = f"/c?v={quote(written, safe='')}".encode()
    query = reader.read(Request("GET", "https", "t.example", 443, target, ((b"host", b"t.example"),), b""))
    assert [one.category for one in matcher.find(query)][:1] == ["email"]
    assert matcher.suspects(written.encode())
    assert [hit.category for hit in matcher.hits(written.encode())] == ["email"]


@pytest.mark.parametrize("name", SPELLINGS)
def test_a_stream_finds_it_however_it_is_cut(name: str) -> None:
    """One byte at a time."""
    written = SPELLINGS[name](MAIL).encode()
    stream = MATCHER.stream()
    found = [hit for at in range(len(written)) for hit in stream.feed(written[at : at + 1])] + stream.finish()
    assert {hit.category for hit in found} == {"email"}


@pytest.mark.parametrize(
    "text",
    [
        "00:1A:2B:3C:4D:5E", "2001:0db8:85a3:0000:0000:8a2e:0370:7334", "2026-11-30 12:00:00.000", "U.S.A.",
        "192.168.100.200", "97,110,110,97", "a b c d e f g h i j k l m n", "1-2-3-4-5-6-7-8", "это просто текст com",
        "\u4f60\u597d\uff0c\u4e16\u754c\uff01", "255,255,255,128,0,17,99,100,101,102",
    ],
)  # fmt: skip
def test_what_only_looks_like_it(text: str) -> None:
    """Addresses, dates, colours and prose hold nothing."""
    assert not MATCHER.hits(text.encode())
    assert not findings(json.dumps({"v": text}).encode(), b"application/json")


@pytest.mark.parametrize("unit", ["61:", "97,", "a ", "\u200b", "\uff41", "%u0061", "0x61,", "a.-", "00s", "\u0430a"])
def test_hostile_input_is_turned_once(unit: str) -> None:
    """The texts together are no longer than what was written, so the cost is linear."""
    written = unit.encode() * 20_000
    assert sum(len(one.text) for one in respelled(written)) <= 2 * len(written)


@pytest.mark.parametrize(
    "encode", [base64.b85encode, base64.a85encode, lambda data: base64.a85encode(data, adobe=True)]
)
@pytest.mark.parametrize("before", ["", "x", "to", "v1:"])
def test_base85_wherever_it_begins(encode: Callable[[bytes], bytes], before: str) -> None:
    """Four bytes make five letters, so the middle of a value is always the same."""
    written = encode((before + MAIL + ";").encode())
    assert [hit.category for hit in MATCHER.hits(b"\0" + written + b"\0")] == ["email"]


@pytest.mark.parametrize("digest", ["sha256", "sha1", "md5"])
def test_the_salt_seen_in_the_field(digest: str) -> None:
    """The value trimmed, in lower case, and behind it what is the same for everybody."""
    written = hashlib.new(digest, (MAIL + "QX4QkKEU").encode()).hexdigest().encode()
    assert [hit.category for hit in MATCHER.hits(b"\0" + written + b"\0")] == ["email"]


def test_exchanged_where_it_stands() -> None:
    """By the persona's value as it is commonly written; numbers too, whose layout is none of digits."""
    person = sample_person("t")
    matcher = Matcher.build(person)
    wide = "".join(chr(ord(one) + 0xFEE0) for one in "+4915112345678")
    body = json.dumps({"v": "to \uff41nna@real.example!", "phone": wide}, ensure_ascii=False)
    headers = ((b"host", b"t.example"), (b"content-type", b"application/json"))
    request = Request("POST", "https", "t.example", 443, b"/c", headers, body.encode())
    opened = reader.read(request)
    context = Context("POST", "t.example", "/c", "t.example", service="t", purpose="analytics", party="third")
    decisions = [Decision(one, "pseudonymize", Because("rule"), scope="t") for one in matcher.find(opened, "t")]
    plan = transform.plan(decisions, (), person=person, context=context, book=DictBook(), opened=opened)
    left = writer.rebuild(request, opened, plan.edits)
    assert left.body is not None
    assert json.loads(left.body) == {"v": "to lena@example.org!", "phone": "4917139200123"}
