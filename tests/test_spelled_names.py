"""Names of fields in the spellings that servers fold: what protects holds, what lets pass is meant as written."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from shield.address import folded, parse_address
from shield.engine import Engine
from shield.finding import Block
from shield.message import Request, Response
from tests.people import DictBook, sample_person
from tests.policy.deciding import policy

NOW = datetime(2026, 1, 1, tzinfo=UTC)
RULES = """
  - id: uid
    why: it knows you again
    where:
      host: tracker.example
      at: ["*:uid", "*:user_id", "*:ud[em]", "cookie:uid", "cookie:user_id", "header:x-uid"]
    action: strip
  - id: wild
    why: all of these know you again
    where: {host: tracker.example, at: ["query:up.*", "header:x-id-*", "form:data/json:/id"]}
    action: strip
  - id: has
    why: this one is for nobody
    where: {host: tracker.example, has: {"*:kind": probe}}
    action: block
  - id: answered
    why: it would know you again
    where: {host: tracker.example, direction: response, at: ["cookie:uid", "header:x-uid"]}
    action: strip
"""
PARAMETERS = (
    "uid", "UID", "Uid", "uid[]", "uid%5B%5D", "uid%5b0%5d", "uid[0]", "uid+", "+uid",
    "%20uid", "uid%20", "%09uid", "uid%00", "&amp;uid", "&amp;amp;uid", "&#38;uid", "?uid", "%75id",
    "%2575id", "u%69d", "%EF%BD%95id",
    "user_id", "user.id", "user%2Eid", "user+id", "user%20id", "User.ID", "user_id[]", "user.id[]", "+user.id",
    "ud[em]", "UD[EM]", "ud%5Bem%5D", "ud[em][]", "ud[em][0]",
)  # fmt: skip
NOT_THE_NAME = ("uids", "xuid", "u-id", "user-id", "userid", "uid2", "id", "em", "ud_em")


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(policy(RULES), sample_person())


def sent(engine: Engine, target: str = "/c", body: bytes = b"", **headers: bytes) -> bytes:
    """What leaves, as one text."""
    lines = tuple((key.replace("__", "-").encode(), value) for key, value in headers.items())
    request = Request(
        "POST", "https", "tracker.example", 443, target.encode(), lines, body, page="https://shop.example/"
    )
    outcome = engine.request(request, now=NOW, book=DictBook())
    message = outcome.message
    assert message is not None
    head = b"\n".join(key + b": " + value for key, value in message.headers)
    return message.target + b"\n" + head + b"\n" + (message.body or b"")


def form(body: bytes) -> dict[str, bytes]:
    return {"body": body, "content__type": b"application/x-www-form-urlencoded"}  # type: ignore[dict-item]


@pytest.mark.parametrize("name", PARAMETERS)
def test_parameters_are_found(name: str, engine: Engine) -> None:
    """In query, form and parts of a form."""
    if name != "?uid":
        assert b"q17" not in sent(engine, f"/c?a=1&{name}=q17&b=2")
    assert b"q17" not in sent(engine, **form(f"a=1&{name}=q17&b=2".encode()))
    if "%" in name or "&" in name or "+" in name:
        return
    part = f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\nq17\r\n--x--\r\n'
    assert b"q17" not in sent(engine, body=part.encode(), content__type=b"multipart/form-data; boundary=x")


@pytest.mark.parametrize("name", NOT_THE_NAME)
def test_other_names_are_others(name: str, engine: Engine) -> None:
    assert b"q17" in sent(engine, f"/c?{name}=q17")
    assert b"q17" in sent(engine, **form(f"{name}=q17".encode()))


@pytest.mark.parametrize("name", ["uid", "%75id", "u%69d", "uid[]", "uid[0]", "user.id", "user_id", "%2575id"])
def test_cookies_are_found(name: str, engine: Engine) -> None:
    assert b"q17" not in sent(engine, cookie=f"a=1; {name}=q17; b=2".encode())


@pytest.mark.parametrize("name", ["x-uid", "X-Uid", "X_Uid", "x_uid", "X_UID", "X_Id_Long", "x-id_long"])
def test_headers_are_found(name: str, engine: Engine) -> None:
    request = Request("GET", "https", "tracker.example", 443, b"/", ((name.encode(), b"q17"),))
    assert not engine.request(request, now=NOW, book=DictBook()).message.headers  # type: ignore[union-attr]


@pytest.mark.parametrize("name", ["up.id", "up_id", "UP.id", "up%2Eid", "+up.id"])
def test_names_with_wildcards_fold_too(name: str, engine: Engine) -> None:
    assert b"q17" not in sent(engine, f"/c?{name}=q17")


@pytest.mark.parametrize("name", ["data", "DATA", "data[]", "+data"])
def test_what_lies_in_a_field_is_found(name: str, engine: Engine) -> None:
    assert b"q17" not in sent(engine, **form(name.encode() + b'={"id":"q17"}'))


def test_keys_of_json_are_what_they_are(engine: Engine) -> None:
    assert b"q17" in sent(engine, **form(b'data={"ID":"q17"}'))


@pytest.mark.parametrize("name", ["kind", "KIND", "kind[]", "%20kind"])
def test_a_condition_finds_them(name: str, engine: Engine) -> None:
    """In the address and in a form."""
    request = Request("GET", "https", "tracker.example", 443, f"/?{name}=probe".encode())
    assert isinstance(engine.request(request, now=NOW, book=DictBook()).verdict, Block)
    kind = ((b"Content-Type", b"application/x-www-form-urlencoded"),)
    request = Request("POST", "https", "tracker.example", 443, b"/", kind, f"a=1&{name}=probe".encode())
    assert isinstance(engine.request(request, now=NOW, book=DictBook()).verdict, Block)


def test_answers_alike(engine: Engine) -> None:
    request = Request("GET", "https", "tracker.example", 443, b"/")
    context = engine.request(request, now=NOW, book=DictBook()).context
    lines = ((b"Set-Cookie", b"%75id=q17"), (b"X_Uid", b"q17"), (b"X-Other", b"1"))
    after = engine.response(context, Response(200, lines), now=NOW, book=DictBook()).message
    assert after is not None
    assert after.headers == ((b"X-Other", b"1"),)


DENIED = """
  - id: rest
    why: nothing else is needed
    where: {host: tracker.example, at: "query:*"}
    action: strip
  - id: needed
    why: nothing comes without it
    where: {host: tracker.example, at: ["query:page", "query:lang"]}
    action: allow
  - id: unless
    why: it knows you again
    where: {host: tracker.example, at: "cookie:*"}
    unless: {at: "cookie:lang"}
    action: strip
"""


def test_what_is_let_pass_is_meant_as_it_is_written() -> None:
    """A tracker reads another name than the rule: it would choose what passes."""
    engine = Engine(policy(DENIED), sample_person())
    leaving = sent(engine, "/?page=1&PAGE=q17&page[]=q17&lang=2&+lang=q17", cookie=b"lang=3; l%61ng=q17")
    assert leaving.splitlines()[:2] == [b"/?page=1&lang=2", b"cookie: lang=3"]


@pytest.mark.parametrize("method", ["POST", "post", "Post"])
def test_methods_in_any_case(method: str) -> None:
    rule = """
  - id: posts
    why: nobody needs it
    where: {host: tracker.example, method: post}
    action: block
"""
    engine = Engine(policy(rule), sample_person())
    outcome = engine.request(Request(method, "https", "tracker.example", 443, b"/"), now=NOW, book=DictBook())
    assert isinstance(outcome.verdict, Block)
    assert outcome.message.method == method  # type: ignore[union-attr]


@pytest.mark.parametrize("name", ["query:uid", "query:user_id", "form:a1", "header:x-uid", "json:/A/b", "text/line:0"])
def test_usual_names_fold_to_themselves(name: str) -> None:
    address = parse_address(name)
    assert folded(address) == address
