"""Examples as they lie beside a rule: read, and checked as far as this can be done without running them."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from typing import Final

from shield.errors import InputError
from shield.policy.conditions import TYPE, address
from shield.policy.forms import TEXT, Filled, Form, Key, Kind, table_of, word
from shield.policy.rule import Example
from shield.policy.text import Desk, Part, Text
from shield.transcript import read_request, read_response

VERDICTS: Final = ("forward", "block", "redirect", "ask")
_BECOMES: Final = table_of(Kind(lambda part, desk: _any_text(part), TEXT.schema), "addresses and what they become")

EXAMPLE: Final = Form("an example", (
    Key("request", TEXT, "HTTP as text: METHOD URL, headers, an empty line, the body"),
    Key("keeps", TEXT, "a request, written the same way, that must leave unchanged"),
    Key("response", TEXT, "the response to the request, beginning HTTP/1.1 200"),
    Key("body_base64", TEXT, "the body of the request in base64, where it is no text"),
    Key("page", TEXT, "the address of the page the person is on"),
    Key("type", TYPE, "what the browser wants it for"),
    Key("becomes", _BECOMES, "per address: pseudonym, persona, gone, same as ADDRESS, =\"text\", or the text itself"),
    Key("verdict", word(VERDICTS, "verdict", "verdicts"), "what happens to the whole message"),
    Key("location", TEXT, "where an unwrapped link leads"),
))  # fmt: skip


def _any_text(part: Part) -> Text | None:
    return part if isinstance(part, Text) and not part.is_broken else None


def read_example(part: Part, desk: Desk) -> Example | None:
    """Read one example; None after a mistake was put down."""
    filled = EXAMPLE.read(part, desk)
    if filled is None:
        return None
    count = len(desk.errors)
    _check_parts(filled, desk)
    for key, reader in (("request", read_request), ("keeps", read_request), ("response", read_response)):
        _check_http(filled, key, reader, desk)
    body = _body(filled, desk)
    becomes: dict[Text, Text] = filled.get("becomes", {})
    for at, what in becomes.items():
        address(at, desk)
        if what.text.startswith("same as "):
            address(Text(what.text.removeprefix("same as ").strip(), what.line, what.column), desk)
    if len(desk.errors) > count:
        return None
    return Example(
        line=part.line,
        request=_text(filled, "request") or "",
        page=_text(filled, "page"),
        type=filled.get("type"),
        becomes={at.text: what.text for at, what in becomes.items()},
        keeps=_text(filled, "keeps"),
        verdict=filled.get("verdict"),
        response=_text(filled, "response"),
        location=_text(filled, "location"),
        body=body,
    )


def _check_parts(filled: Filled, desk: Desk) -> None:
    if ("request" in filled) == ("keeps" in filled):
        desk.error(filled.table, "an example has either 'request' or 'keeps'", "keeps: a request that stays as it is")
    elif "keeps" in filled and any(key in filled for key in ("becomes", "verdict", "location", "response")):
        desk.error(filled.at("keeps"), "an example with 'keeps' states nothing else", "only page and type beside it")
    elif "request" in filled and not any(key in filled for key in ("becomes", "verdict", "location")):
        desk.error(filled.table, "the example proves nothing", 'becomes: {"query:cid": pseudonym}')


def _check_http(filled: Filled, key: str, reader: Callable[[str], object], desk: Desk) -> None:
    text: Text | None = filled.get(key)
    if text is None:
        return
    try:
        reader(text.text)
    except InputError as error:
        number, _, message = error.message.removeprefix("line ").partition(": ")
        line, column = (text.block_line + int(number) - 1, 1) if text.block_line else (text.line, text.column)
        desk.error(Text("", line, column), f"{key}: {message}", error.hint)


def _body(filled: Filled, desk: Desk) -> bytes | None:
    """The bytes of ``body_base64``, which may be broken over several lines."""
    text: Text | None = filled.get("body_base64")
    if text is None:
        return None
    try:
        return b64decode("".join(text.text.split()), validate=True)
    except ValueError:
        desk.error(text, "this is no base64", "base64 < body.bin")
        return None


def _text(filled: Filled, key: str) -> str | None:
    text: Text | None = filled.get(key)
    return text.text if text else None
