"""HAR entries as records: what recorders do, and what is an error because nobody could know."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from shield.replay.har import entry_form, write_entry
from shield.replay.record import RecordError, read_record


def entry(request: dict[str, Any] | None = None, **more: Any) -> bytes:
    whole = {"method": "GET", "url": "https://a.example/", "headers": [], **(request or {})}
    return json.dumps({"request": whole, **more}).encode()


def headers(**named: str) -> list[dict[str, str]]:
    return [{"name": name.replace("_", "-"), "value": value} for name, value in named.items()]


def form(raw: bytes) -> dict[str, Any]:
    return entry_form(raw)[0]


def test_pseudo_headers_are_none_and_a_recorded_request_line_neither() -> None:
    pairs = [
        {"name": ":method", "value": "POST"},
        {"name": ":path", "value": "/"},
        {"name": "GET /x?u=http", "value": "//a HTTP/1.1"},
        {"name": "Accept", "value": "*/*"},
    ]
    found = form(entry({"method": None, "headers": pairs, "httpVersion": "h2"}))
    assert (found["method"], found["headers"], found["http_version"]) == ("POST", [["Accept", "*/*"]], "HTTP/2.0")


@pytest.mark.parametrize(
    ("post", "length", "body"),
    [
        ({"text": "a=1"}, 3, {"body": "a=1"}),
        ({"text": "ü"}, 2, {"body": "ü"}),
        ({"text": "ü"}, 1, {"body_base64": base64.b64encode(b"\xfc").decode()}),  # one byte, so it was Latin-1
        ({"text": "/w==", "encoding": "base64"}, 1, {"body_base64": "/w=="}),
        ({"text": ""}, 0, {"body": None}),
        (
            {"mimeType": "application/x-www-form-urlencoded", "params": [{"name": "a b", "value": "&"}]},
            0,
            {"body": "a+b=%26"},
        ),
    ],
)
def test_bodies_of_requests(post: dict[str, Any], length: int, body: dict[str, Any]) -> None:
    found = form(entry({"method": "POST", "postData": post, "headers": headers(content_length=str(length))}))
    assert {key: found.get(key) for key in body} == body
    assert "not_recorded" not in found


@pytest.mark.parametrize(
    "post", [None, {}, {"mimeType": "multipart/form-data", "params": [{"name": "a", "value": "b"}]}]
)
def test_a_declared_body_that_is_not_there_is_an_error(post: dict[str, Any] | None) -> None:
    request: dict[str, Any] = {"method": "POST", "headers": headers(content_length="5")}
    if post is not None:
        request["postData"] = post
    with pytest.raises(RecordError, match="body not recorded"):
        form(entry(request))


def test_an_empty_text_against_a_length_is_said_to_be_missing() -> None:
    record = read_record(
        form(entry({"method": "POST", "postData": {"text": ""}, "headers": headers(content_length="5")})), 1
    )
    assert record.request.body is None
    assert record.not_recorded == ("request.body",)


def test_responses_are_what_lies_under_their_codings() -> None:
    response = {"status": 200, "headers": headers(content_encoding="br", x="1"), "content": {"size": 2, "text": "hi"}}
    found = form(entry(response=response))["response"]
    assert found == {"status": 200, "headers": [["x", "1"]], "body": "hi"}
    packed = {"status": 200, "headers": [], "content": {"text": "/w==", "encoding": "base64"}}
    assert form(entry(response=packed))["response"]["body_base64"] == "/w=="


def test_equal_names_that_chrome_joined_are_taken_apart_and_garbage_is_no_header() -> None:
    pairs = [{"name": "Set-Cookie", "value": "a=1\nb=2"}, {"name": "HTTP/1.1 503 x", "value": "y"}]
    found = form(entry(response={"status": 200, "headers": pairs, "content": {"size": 0}}))["response"]
    assert found["headers"] == [["Set-Cookie", "a=1"], ["Set-Cookie", "b=2"]]


def test_a_response_without_content_is_said_to_be_missing_and_none_came_for_status_0() -> None:
    found = form(entry(response={"status": 200, "headers": [], "content": {"size": 9}}))
    assert (found["response"]["body"], found["not_recorded"]) == (None, ["response.body"])
    for status in (0, -2, 12999, None):
        assert "response" not in form(entry(response={"status": status, "headers": [], "content": {"size": 0}}))
    assert "not_recorded" not in form(entry(response={"status": 204, "headers": [], "content": {"size": 0}}))


def test_chrome_says_what_it_was_for_and_what_went_over_the_socket() -> None:
    messages = [
        {"type": "send", "opcode": 1, "data": "hi"},
        {"type": "receive", "opcode": 2, "data": "/w=="},
        {"type": "send", "opcode": 9, "data": ""},
    ]
    found = form(entry(_resourceType="fetch", _webSocketMessages=messages))
    assert found["type"] == "xhr"
    assert found["frames"] == [{"direction": "request", "text": "hi"}, {"direction": "response", "base64": "/w=="}]


@pytest.mark.parametrize(
    "raw",
    [
        b"5",
        b"{",
        b"{}",
        b'{"request": 5}',
        b'{"request": {"headers": [1]}}',
        b'{"request": {"headers": [{"name": 1}]}}',
        b"\xff",
    ],
)
def test_what_is_no_entry_is_an_error(raw: bytes) -> None:
    with pytest.raises(RecordError):
        entry_form(raw)


def test_an_entry_is_written_back_with_what_was_decided() -> None:
    raw = entry({"queryString": [{"name": "cid", "value": "1"}], "url": "https://a.example/?cid=1"}, _extra=1, time=3)
    found, source = entry_form(raw)
    out: dict[str, Any] = {
        "verdict": "forward", "modified": True, "answer": None, "location": None, "response": None, "frames": [],
        "request": {"method": "GET", "url": "https://a.example/?cid=2", "headers": [["A", "b"]], "body": None},
    }  # fmt: skip
    written = write_entry(source, found, out)
    assert written["request"]["url"] == "https://a.example/?cid=2"
    assert written["request"]["headers"] == [{"name": "A", "value": "b"}]
    assert written["request"]["queryString"] == []
    assert (written["_extra"], written["time"]) == (1, 3)
    assert written["_shield"]["verdict"] == "forward"
    blocked = write_entry(
        source,
        found,
        {**out, "verdict": "block", "request": None, "answer": {"status": 204, "headers": [], "body": None}},
    )
    assert (blocked["response"]["status"], blocked["request"]["url"]) == (204, "https://a.example/?cid=1")
    assert read_record(entry_form(json.dumps(written).encode())[0], 1).request.target == b"/?cid=2"
