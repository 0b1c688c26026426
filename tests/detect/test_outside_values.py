"""Known facts where no value stands: names of lines, trailers, method, host; and lines that are no fields."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shield.detect.known import Matcher
from shield.edits import Edits
from shield.message import Request
from shield.person import Fact, Person
from shield.wire import reader, writer
from tests.people import sample_person

MATCHER = Matcher.build(sample_person())
PLAIN = Request("GET", "https", "t.example", 443, b"/", ((b"Host", b"t.example"),))


def found(**changes: object) -> list[tuple[str, str, bool]]:
    """Category, address and in_name of what is found in PLAIN with other attributes."""
    request = replace(PLAIN, **changes)  # type: ignore[arg-type]
    return [(one.category, one.at, one.in_name) for one in MATCHER.find(reader.read(request))]


def test_the_name_of_a_line() -> None:
    """The line goes; its value has nothing to do with it."""
    assert found(headers=((b"x-anna%40real.example", b"https://a.example/b?c=1"),)) == [
        ("email", "header:x-anna%40real.example", True)
    ]


@pytest.mark.parametrize("line", [(b"x-note", b"anna@real.example"), (b"x-anna@real.example", b"")])
def test_a_trailer(line: tuple[bytes, bytes]) -> None:
    """A header line that comes later is a header line."""
    assert [one[0] for one in found(trailers=(line,))] == ["email"]


@pytest.mark.parametrize("changes", [{"method": "anna@real.example"}, {"host": "anna%40real.example.t.example"}])
def test_method_and_host_are_searched(changes: dict[str, str]) -> None:
    """They can be sent or not sent, nothing else."""
    assert found(**changes) == [("email", "line", True)]


@pytest.mark.parametrize("name", [b"content-length", b"Content-Length", b"host"])
def test_what_frames_a_message_is_no_field(name: bytes) -> None:
    """A body of 53111 bytes is not the person's postcode."""
    assert found(headers=((name, b"53111"),)) == []


def test_escapes_in_escapes_and_outside_of_json() -> None:
    """Opened for the search; what holds them goes as a whole."""
    assert found(target=b"/?%2561nna%252540real.example=1") == [("email", "query:", True)]
    assert [one[0] for one in found(headers=((b"x-note", b"I am \\u0061nna@real.example."),))] == ["email"]


def test_a_date_with_slashes_in_the_path_of_an_address() -> None:
    """As in the message's own path."""
    assert [one[0] for one in found(headers=((b"referer", b"https://s.example/a/1987/03/14/b"),))] == ["date_of_birth"]


def test_a_trailer_is_edited_alone() -> None:
    """Headers and trailers keep their places."""
    request = Request(
        "POST", "https", "t.example", 443, b"/", ((b"a", b"1"), (b"b", b"2")), b"x", ((b"c", b"3"), (b"d", b"4"))
    )
    opened = reader.read(request)
    edits = Edits(removed={opened.headers[2]}, content={opened.headers[3]: b"5"})
    edited = writer.rebuild(request, opened, edits)
    assert (edited.headers, edited.trailers, edited.body) == (request.headers, ((b"d", b"5"),), b"x")


def test_a_body_in_utf_16() -> None:
    """Every second byte is NUL."""
    assert [one[0] for one in found(body='{"n": "anna@real.example"}'.encode("utf-16"))] == ["email"]


def test_a_plus_that_was_read_as_a_space_and_the_other_way_round() -> None:
    """Pages forget to escape it; a form inside of JSON is opened as if it were none."""
    person = Person((Fact("email-1", "email", {"value": "jo+shop@mail.example"}), Fact(
        "postal_address-1", "postal_address", {"street": "Gro\u00dfe Allee 12"}
    )))  # fmt: skip
    matcher = Matcher.build(person)
    for target in (b"/?m=jo+shop@mail.example", b"/?m=%7B%22a%22:%22Gro%25C3%259Fe%2BAllee%2B12%22%7D"):
        assert len(matcher.find(reader.read(replace(PLAIN, target=target)))) == 1
    assert len(matcher.find(reader.read(replace(PLAIN, target=b"/?Gro%DFe+Allee+12=1")))) == 1


def test_names_of_lines_outside_of_ascii() -> None:
    """Bytes are bytes."""
    matcher = Matcher.build(Person((Fact("name-1", "name", {"given": "J\u00fcrgen", "family": "M\u00fcller"}),)))
    line = ("x-J\u00fcrgen M\u00fcller".encode(), b"1")
    assert len(matcher.find(reader.read(replace(PLAIN, headers=(line,))))) == 1
