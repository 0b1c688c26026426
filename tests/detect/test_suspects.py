"""A quick look at raw bytes: never False where a search in the opened message finds something."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shield.detect.known import Matcher
from shield.message import Request
from shield.person import Fact, Person
from shield.wire import reader
from tests.people import FACTS, sample_person

SHORT = Fact("name-2", "name", {"given": "Bo", "family": "Q"})
MATCHER = Matcher.build(Person((*FACTS, SHORT)))
WORDS = st.sampled_from([
    "anna", "Schmidt", "Bonn", "53111", "bo", "Q", "annabelle", "bonnet", "0151 123-456 78", "4111 1111 1111 1111",
    "1987-03-14", "anna@real.example", "DE", "x", "1", "Hauptstr. 5", "anna87", "12345", "de-DE", "Anna Schmidt",
])  # fmt: skip
TEXTS = st.lists(WORDS | st.text(st.characters(codec="ascii", exclude_characters="\\%"), max_size=5), max_size=4)


def found(body: bytes, kind: bytes) -> bool:
    headers = ((b"content-type", kind),)
    return bool(MATCHER.find(reader.read(Request("POST", "https", "x.example", 443, b"/c", headers, body))))


@settings(max_examples=200, deadline=None)
@given(fields=st.dictionaries(st.text("abk", max_size=2), TEXTS, max_size=4), join=st.sampled_from([" ", "", ",", "-"]))
def test_what_is_found_was_suspected(fields: dict[str, list[str]], join: str) -> None:
    """JSON, lines of text, and fields with a length before each, as protobuf has them."""
    texts = {name: join.join(words) for name, words in fields.items()}
    bodies = {
        b"application/json": json.dumps(texts, ensure_ascii=False).encode(),
        b"text/plain": "\n".join(f"{name}={text}" for name, text in texts.items()).encode(),
        b"application/octet-stream": b"".join(
            b"\x32%c%s" % (len(t.encode()) % 256, t.encode()) for t in texts.values()
        ),
    }
    for kind, body in bodies.items():
        if found(body, kind):
            assert MATCHER.suspects(body), kind


@pytest.mark.parametrize(
    "raw",
    [
        b"2\x0eAnna2", b"Aanna@real.exampleB", b"49151123456789", b'"bo"', b"bo", b"[Q]", b"x=53111&y", b"4\x03bo:",
        b"0151.12345678", b"x,Bonn,y",
    ],
)  # fmt: skip
def test_suspected(raw: bytes) -> None:
    """At both ends, beside tags and lengths, between delimiters."""
    assert MATCHER.suspects(raw)


@pytest.mark.parametrize("raw", [b"", b"bonnet", b"robot list q1", b"a 1 2 3 4 9 1 5 1", b'{"annabelle": 531112}'])
def test_not_suspected(raw: bytes) -> None:
    """Inside words and numbers."""
    assert not MATCHER.suspects(raw)


def test_a_persona_is_suspected_where_she_is_met() -> None:
    """In her own scope also what is common."""
    matcher = Matcher.build(sample_person("google-analytics", "facebook-pixel"))
    assert matcher.suspects(b"n=Lena", "google-analytics")
    assert not matcher.suspects(b"n=Lena", "facebook-pixel")
    assert matcher.suspects(b"n=lena@example.org", "facebook-pixel")
