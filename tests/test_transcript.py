"""HTTP as people write it down."""

from __future__ import annotations

import pytest

from shield.errors import InputError
from shield.message import Request
from shield.transcript import read_request, read_response


def test_a_whole_request() -> None:
    """Head, empty line, body without the line end that closes the text."""
    text = "post https://Shop.example:8443/a?b=c#part HTTP/2.0\nContent-Type: text/plain\nX-Empty:\n\nfirst\n\nlast\n"
    assert read_request(text, page="https://p.example/", type="xhr") == Request(
        "POST", "https", "shop.example", 8443, b"/a?b=c", ((b"Content-Type", b"text/plain"), (b"X-Empty", b"")),
        b"first\n\nlast", http_version="HTTP/2.0", page="https://p.example/", type="xhr",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("line", "origin", "target"),
    [
        ("GET http://a.example", "http://a.example", b"/"),
        ("GET https://a.example?x=1", "https://a.example", b"/?x=1"),
        ("GET https://[::1]:8000/", "https://[::1]:8000", b"/"),
        ("GET https://münchen.example/ü", "https://xn--mnchen-3ya.example", "/ü".encode()),
        ("GET /x?y=/z\nHost: a.example:81", "https://a.example:81", b"/x?y=/z"),
        ("GET https://a.example/%2F{}[]|\\", "https://a.example", b"/%2F{}[]|\\"),
    ],
)
def test_where_it_goes(line: str, origin: str, target: bytes) -> None:
    """The target stays as written."""
    request = read_request(line)
    assert (request.origin, request.target, request.body) == (origin, target, b"")


def test_line_ends_of_either_kind() -> None:
    """As copied from anywhere."""
    assert read_request("GET https://a.example/\r\na: b\r\n\r\nbody").headers == ((b"a", b"b"),)


def test_a_response() -> None:
    """Status line, headers, body."""
    response = read_response("HTTP/1.1 404 Not Found\ncontent-type: text/html\n\n<p>\n")
    assert (response.status, response.reason, response.body) == (404, b"Not Found", b"<p>")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: 'METHOD URL' is expected"),
        ("https://a.example/", "line 1: 'METHOD URL' is expected"),
        ("GET ftp://a.example/", "line 1: an address with http or https is expected"),
        ("GET https://a.example:x/", "line 1: an address with http or https is expected"),
        ("GET https://[::1/", "line 1: an address with http or https is expected"),
        ("GET /nowhere", "line 1: an address with http or https is expected"),
        ("GET https://..ü./", "line 1: an address with http or https is expected"),
        ("GET https://a.example/\naccept text", "line 2: 'name: value' is expected"),
        ("GET https://a.example/\na: b\n: c", "line 3: 'name: value' is expected"),
    ],
)
def test_mistakes(text: str, message: str) -> None:
    """The line and what is expected there."""
    with pytest.raises(InputError) as caught:
        read_request(text)
    assert caught.value.message == message
    assert caught.value.hint


def test_no_status() -> None:
    """A request where a response is expected."""
    with pytest.raises(InputError, match="line 1: a status line is expected"):
        read_response("GET https://a.example/")
