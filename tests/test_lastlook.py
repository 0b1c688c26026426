"""The last look: what is read again, and what it finds there."""

from __future__ import annotations

import base64
import gzip
from dataclasses import replace

import pytest

from shield import lastlook
from shield.context import Context
from shield.detect.known import Matcher
from shield.finding import Because, Decision
from shield.message import Frame, Request
from shield.wire import reader
from tests.people import sample_person

CONTEXT = Context("POST", "x.example", "/", "x.example")
MATCHER = Matcher.build(sample_person())
HOST, LANGUAGE = (b"Host", b"x.example"), (b"Accept-Language", b"de")
NOTE, COOKIE = (b"X-Note", b"anna@real.example"), (b"Cookie", b"a=1; e=anna@real.example")
TYPE = (b"Content-Type", b"application/json")


def sent(*lines: tuple[bytes, bytes], body: bytes = b"", target: bytes = b"/p?a=1") -> Request:
    return Request("POST", "https", "x.example", 443, target, (HOST, LANGUAGE, *lines), body)


def doubtful(before: Request, after: Request) -> Request:
    opened = reader.read(before)
    return lastlook.doubtful(before, after, opened, MATCHER.find(opened))


def test_what_is_as_it_was_and_held_no_fact_is_not_read_again() -> None:
    """The target always is."""
    before = sent(body=b"hello")
    after = replace(before, target=b"/p", headers=(HOST, (b"Accept-Language", b"en")))
    read = doubtful(before, after)
    assert (read.target, read.headers, read.body) == (b"/p", ((b"Accept-Language", b"en"),), None)


@pytest.mark.parametrize("line", [NOTE, COOKIE])
def test_a_line_that_held_a_fact_is_read_again(line: tuple[bytes, bytes]) -> None:
    """Also where an edit was lost and it is as it was."""
    before = sent(line)
    assert doubtful(before, replace(before, target=b"/p")).headers == (line,)


def test_a_body_that_held_a_fact_or_is_told_otherwise_is_read_again() -> None:
    """Whole, with the lines that say how it is read."""
    before = sent(TYPE, body=b'{"e": "anna@real.example"}')
    assert doubtful(before, replace(before, target=b"/p")).body == before.body
    plain = sent(TYPE, body=b"{}")
    assert doubtful(plain, replace(plain, target=b"/p")).body is None
    for changed in (replace(plain, body=b"[]"), replace(plain, headers=(HOST, (b"Content-Type", b"text/plain")))):
        assert doubtful(plain, changed) is changed


def test_a_fact_that_an_edit_left_behind_is_found() -> None:
    """Wherever it stands; frames are read whole."""
    for before in (sent(NOTE), sent(COOKIE), sent(target=b"/p?a=anna@real.example"), sent(body=b"anna@real.example")):
        after = replace(before, headers=(*before.headers, (b"X-More", b"1")))
        with pytest.raises(lastlook.LeftBehind):
            lastlook.check(reader.read(doubtful(before, after)), MATCHER, CONTEXT, ())
    frame, other = Frame("request", b"a", True), Frame("request", b"b", True)
    assert lastlook.doubtful(frame, other, reader.read_frame(frame), ()) is other


def test_what_it_says_and_what_a_node_shows_hold_no_value() -> None:
    """Names are chosen by the page; one may hold the very fact."""
    opened = reader.read(sent(target=b"/p?anna%40real.example=anna%40real.example"))
    with pytest.raises(lastlook.LeftBehind) as caught:
        lastlook.check(opened, MATCHER, CONTEXT, [])
    assert "email still at query:" in str(caught.value)
    assert "anna" not in str(caught.value) + repr(MATCHER.find(opened)) + repr(opened)


@pytest.mark.parametrize("action", ["allow", "generalize"])
def test_what_may_leave_in_one_field_may_not_in_another(action: str) -> None:
    """The fact is the same, the decision was about this field alone: an edit of the other was lost."""
    opened = reader.read(sent(target=b"/p?a=anna@real.example&b=anna@real.example"))
    first, second = (Decision(one, action, Because("person")) for one in MATCHER.find(opened))
    for some in ([first], [second]):
        with pytest.raises(lastlook.LeftBehind) as caught:
            lastlook.check(opened, MATCHER, CONTEXT, some)
        other = second if some == [first] else first
        assert f"email still at {other.finding.at} " in str(caught.value)
    lastlook.check(opened, MATCHER, CONTEXT, [first, second])


def test_one_fact_that_may_leave_in_a_field_takes_no_other_along() -> None:
    """In the same field stands another one."""
    opened = reader.read(sent(target=b"/p?a=anna@real.example+4915112345678"))
    found = MATCHER.find(opened)
    assert [one.category for one in found] == ["email", "phone"]
    with pytest.raises(lastlook.LeftBehind, match="phone"):
        lastlook.check(opened, MATCHER, CONTEXT, [Decision(found[0], "allow", Because("person"))])


def test_what_no_reader_opens_is_looked_into() -> None:
    """Packed behind a prefix of somebody's own: an edit of it may be lost as well."""
    packed = b"v1:" + base64.b64encode(gzip.compress(b"user anna@real.example" + b" " * 40))
    leaving = reader.read(sent(TYPE, body=b'{"a": 1, "d": "%s"}' % packed))
    with pytest.raises(lastlook.LeftBehind):
        lastlook.check(leaving, MATCHER, CONTEXT, [])
    clean = b"v1:" + base64.b64encode(gzip.compress(b"user nobody" + b" " * 40))
    lastlook.check(reader.read(sent(TYPE, body=b'{"a": 1, "d": "%s"}' % clean)), MATCHER, CONTEXT, [])
