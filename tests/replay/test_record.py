"""Records in and out: the codec of design section 7, and what it refuses."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shield.message import Frame
from shield.replay.record import START, RecordError, read_record, write_frame, write_request, write_response

LATIN = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0"), max_size=20)
NAME = st.text("abcXYZ019-_", min_size=1, max_size=12)
PATH = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"], exclude_characters="#"), max_size=20)
FORM = st.fixed_dictionaries(
    {
        "method": st.sampled_from(["GET", "POST", "post", "M-SEARCH"]),
        "url": PATH.map(lambda path: "https://Shop.example:8443/" + path),
        "headers": st.lists(st.tuples(NAME, LATIN).map(list), max_size=4),
    }
) | st.fixed_dictionaries(
    {
        "method": st.just("POST"),
        "url": st.just("http://a.example"),
        "body": st.none() | st.text(st.characters(codec="utf-8")),
    }
)


@settings(max_examples=80, deadline=None)
@given(FORM)
def test_an_unmodified_request_repeats_the_input(form: dict[str, object]) -> None:
    record = read_record(form, 1)
    written = write_request(record, record.request)
    assert {key: written[key] for key in form} == form
    assert set(written) - set(form) <= {"headers", "body"}


@settings(max_examples=80, deadline=None)
@given(FORM)
def test_a_modified_request_reads_back_as_itself(form: dict[str, object]) -> None:
    record = read_record(form, 1)
    changed = replace(record.request, target=record.request.target + b"x=1", headers=((b"A", b"\xff"),), body=b"\xfe\0")
    again = read_record(write_request(record, changed), 1)
    assert again.request == changed


BAD = [
    ({"method": "GET"}, "url is no text"),
    ({"url": "https://a.example/"}, "method is no HTTP method"),
    ({"method": "G T", "url": "https://a.example/"}, "method is no HTTP method"),
    ({"method": "GET", "url": "/relative"}, "url is no absolute"),
    ({"method": "GET", "url": "ftp://a.example/"}, "url is no absolute"),
    ({"method": "GET", "url": "https://"}, "url is no absolute"),
    ({"method": "GET", "url": "https://[::1/"}, "url cannot be read"),
    ({"method": "GET", "url": "https://a.example:99999/"}, "url cannot be read"),
    ({"method": "GET", "url": "https://a.example/a b"}, "url holds a space"),
    ({"method": "GET", "url": "https://a.example/a\r\nx: y"}, "url holds a space"),
    ({"method": "GET", "url": "https://a\u2028.example/"}, "the host of url"),
    ({"method": "GET", "url": "https://a.example/", "headers": {"a": "b"}}, "headers is no list"),
    ({"method": "GET", "url": "https://a.example/", "headers": [["a"]]}, "headers is no list"),
    ({"method": "GET", "url": "https://a.example/", "headers": [["a", 1]]}, "headers is no list"),
    ({"method": "GET", "url": "https://a.example/", "headers": [["a b", "c"]]}, "a name is no header name"),
    ({"method": "GET", "url": "https://a.example/", "headers": [["a", "c\r\nd: e"]]}, "CR, LF or NUL"),
    ({"method": "GET", "url": "https://a.example/", "headers": [["a", "\u20ac"]]}, "outside Latin-1"),
    ({"method": "GET", "url": "https://a.example/", "body": 1}, "body is no text"),
    ({"method": "GET", "url": "https://a.example/", "body": "\ud800"}, "half a surrogate"),
    ({"method": "GET", "url": "https://a.example/", "body_base64": "***"}, "should be base64"),
    ({"method": "GET", "url": "https://a.example/", "body_base64": "YQ==", "body": "a"}, "stated twice"),
    ({"method": "GET", "url": "https://a.example/", "type": "picture"}, "type is none of"),
    ({"method": "GET", "url": "https://a.example/", "page": 1}, "page is no text"),
    ({"method": "GET", "url": "https://a.example/", "time": "yesterday"}, "time is no ISO"),
    ({"method": "GET", "url": "https://a.example/", "answers": {"a": "maybe"}}, "answers is no map"),
    ({"method": "GET", "url": "https://a.example/", "answers": {"a": ["allow"]}}, "answers is no map"),
    ({"method": "GET", "url": "https://a.example/", "response": []}, "response is no object"),
    ({"method": "GET", "url": "https://a.example/", "response": {"status": "200"}}, "response.status"),
    ({"method": "GET", "url": "https://a.example/", "frames": {}}, "frames is no list"),
    ({"method": "GET", "url": "https://a.example/", "frames": [{"direction": "up"}]}, "direction of a frame"),
]


@pytest.mark.parametrize(("form", "words"), BAD, ids=[words for _, words in BAD])
def test_what_is_wrong_is_said_without_its_value(form: dict[str, object], words: str) -> None:
    with pytest.raises(RecordError, match=words.replace("[", r"\[")) as error:
        read_record(form, 1)
    assert "a.example" not in str(error.value)


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(
            [
                "method",
                "url",
                "headers",
                "body",
                "body_base64",
                "type",
                "page",
                "time",
                "answers",
                "response",
                "frames",
                "id",
            ]
        ),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
        ),
    )
)
def test_anything_else_is_a_record_error_and_no_crash(form: dict[str, object]) -> None:
    try:
        read_record({"method": "GET", "url": "https://a.example/", **form}, 1)
    except RecordError:
        return


def test_what_is_unsaid_has_its_default() -> None:
    record = read_record({"method": "GET", "url": "HTTPS://User:pw@Shop.Example.#top"}, 7)
    assert (record.id, record.time, record.answers) == (7, START, {})
    request = record.request
    assert (request.scheme, request.host, request.port, request.target) == ("https", "shop.example", 443, b"/")
    assert (request.headers, request.body, request.type, request.page) == ((), b"", None, None)


def test_a_websocket_address_is_http_of_type_websocket() -> None:
    request = read_record({"method": "GET", "url": "wss://chat.example/s?x=1"}, 1).request
    assert (request.scheme, request.port, request.type, request.target) == ("https", 443, "websocket", b"/s?x=1")


def test_time_is_utc_whatever_zone_it_came_in() -> None:
    time = read_record({"method": "GET", "url": "https://a.example/", "time": "2026-03-01T01:30:00+02:00"}, 1).time
    assert time.isoformat() == "2026-02-28T23:30:00+00:00"


def test_a_response_and_frames_come_back_in_the_form_they_came_in() -> None:
    form = {
        "method": "GET", "url": "wss://a.example/",
        "response": {"status": 101, "headers": [["A", "b"]], "body": "x"},
        "frames": [{"direction": "request", "text": "hi"}, {"direction": "response", "base64": "/w=="}],
    }  # fmt: skip
    record = read_record(form, 1)
    assert record.response is not None
    assert write_response(form["response"], record.response, record.response) == form["response"]
    assert [write_frame(one, frame, frame) for one, frame in zip(form["frames"], record.frames, strict=True)] == form[
        "frames"
    ]
    edited = Frame("request", b"ho", is_text=True)
    assert write_frame(form["frames"][0], record.frames[0], edited) == {"direction": "request", "text": "ho"}
    assert write_frame(form["frames"][1], record.frames[1], None) == {"direction": "response", "base64": None}
    changed = replace(record.response, body=b"\xff")
    assert write_response(form["response"], record.response, changed)["body_base64"] == "/w=="
