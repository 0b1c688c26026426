"""What is typed letter by letter: beginnings beside the whole, long ones by themselves where people are followed."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from shield import glance, hidden, transform
from shield.context import Context
from shield.detect.known import Matcher
from shield.finding import Because, Decision
from shield.message import Request
from shield.opened import Opened
from shield.wire import reader, writer
from tests.people import DictBook, sample_person

PERSON = sample_person("t")
MATCHER = Matcher.build(PERSON)
JSON = (b"content-type", b"application/json")


def read(body: str, matcher: Matcher = MATCHER, query: str = "") -> tuple[Request, Opened]:
    """A message after the glance."""
    target = f"/c?{query}".encode()
    request = Request("POST", "https", "t.example", 443, target, ((b"host", b"t.example"), JSON), body.encode())
    opened = reader.read(request)
    glance.look(opened, matcher, "t")
    return request, opened


def context(purpose: str) -> Context:
    return Context("POST", "t.example", "/c", "t.example", service="t", purpose=purpose, party="third")


def found(value: object, purpose: str = "analytics", query: str = "") -> list[str]:
    """What counts in one message, by its text."""
    _, opened = read(json.dumps(value, ensure_ascii=False), query=query)
    return [
        one.node.content[one.start : one.end].decode() for one in hidden.known(opened, MATCHER, context(purpose), False)
    ]


@pytest.mark.parametrize("typed", ["anna@real.example", "ANNA@REAL.EXAMPLE", "Anna Schmidt", "4111111111111111"])
def test_one_key_a_message(typed: str) -> None:
    """At most 7 letters or 59 % leave."""
    left = [typed[:size] for size in range(1, len(typed)) if typed[:size] not in found({"e": [{"v": typed[:size]}]})]
    assert all(len(one) <= max(7, len(typed) * 0.59) for one in left)


@pytest.mark.parametrize("purpose", ["analytics", "functionality"])
def test_all_keys_in_one_message(purpose: str) -> None:
    """From three letters on every beginning goes with the whole."""
    typed = [{"v": "anna@real.example"[:size]} for size in range(1, 18)]
    counted = found({"events": typed}, purpose)
    assert set(counted) >= {"anna@real.example"[:size] for size in range(3, 18)}


def test_in_a_query_and_in_form_fields() -> None:
    """Whatever the notation."""
    assert found({}, query="q=" + quote("anna@real.exam")) == ["anna@real.exam"]
    assert found({}, "functionality", query="q=" + quote("anna@real.exam")) == []


def test_it_becomes_the_same_beginning_of_what_replaces_the_whole() -> None:
    """As long as what stood there."""
    body = json.dumps({"events": [{"v": "anna@"}, {"v": "anna@real.exa"}, {"v": "anna@real.example"}]})
    request, opened = read(body)
    findings = hidden.known(opened, MATCHER, context("analytics"), False)
    decisions = [Decision(one, "pseudonymize", Because("rule"), scope="t") for one in findings]
    plan = transform.plan(decisions, (), person=PERSON, context=context("analytics"), book=DictBook(), opened=opened)
    left = writer.rebuild(request, opened, plan.edits)
    assert left.body is not None
    values = [one["v"] for one in json.loads(left.body)["events"]]
    assert values == ["lena@", "lena@example.", "lena@example.org"]


@pytest.mark.parametrize(
    "value",
    [
        {"a": "ann"}, {"a": "anna@"}, {"q": "haupt"}, {"v": "an", "w": "anna@real.example"}, {"n": "41111"},
        {"v": "annab", "w": "anna@real.example"}, {"text": "to anna@real.exam and more"},
        {"zip": "49151", "phone": "+4915112345678"},
    ],
)  # fmt: skip
def test_what_only_begins_alike(value: dict[str, str]) -> None:
    """Short ones, words that go on otherwise, numbers in other fields."""
    whole = {"anna@real.example", "+4915112345678"}
    assert set(found(value)) <= whole
