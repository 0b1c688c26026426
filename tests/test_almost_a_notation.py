"""What looks like a notation and does not read as one: at a tracker unreadable, elsewhere it passes as it came."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

import pytest

from shield.engine import Engine
from shield.finding import Ask, Block, Forward
from shield.fragments import Beginning
from shield.message import Frame, Request
from shield.person import Person
from shield.policy.load import Sources, load
from shield.twin.derived import Derived
from shield.twin.fact import make_fact
from shield.wire.almost import looks_like, looks_like_json
from shield.wire.splitting import splitter
from tests.people import DictBook
from tests.test_engine import shipped

NOW = datetime(2026, 12, 1, tzinfo=UTC)
UID = b"q7Zr2LmX9vKtB4"
PAGE = "https://shop.example/"
MAIL = b"anna@real.example"
RULES = """\
company: T
services:
  trk: {purpose: analytics, on: [{host: t.example}]}
rules:
  - id: no-uid
    why: the same number on every visit
    where: {service: trk, at: ["json:/uid", "form:uid", "multipart:uid", "xml:/a/uid", "text/line:*/json:/uid"]}
    action: strip
"""
Spelling = Callable[[bytes], bytes]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    path = tmp_path_factory.mktemp("rules") / "t.yaml"
    path.write_text(RULES)
    facts = (make_fact("email-1", "email", {"value": MAIL.decode()}),)
    usual = shipped()
    policy = load(Sources((path,), config=None))
    object.__setattr__(policy, "share", usual.share)
    return Engine(policy, Person(facts, pseudonym_key=bytes(32), derive=Derived(bytes(32), facts)))


def plain(value: bytes) -> bytes:
    return b'{"a":1,"uid":"%s"}' % value


def wide(encoding: str, mark: bytes = b"") -> Spelling:
    return lambda value: mark + plain(value).decode().encode(encoding)


JSON: dict[str, Spelling] = {
    "two values": lambda v: b'{"a":1}' + plain(v),
    "two values, the other way": lambda v: plain(v) + b'{"a":1}',
    "NaN": lambda v: b'{"a":NaN,"uid":"%s"}' % v,
    "infinity": lambda v: b'{"a":-Infinity,"uid":"%s"}' % v,
    "bytes behind": lambda v: plain(v) + b"xx",
    "NUL behind": lambda v: plain(v) + b"\0",
    "semicolon behind": lambda v: plain(v) + b";",
    "comment before": lambda v: b"/*x*/" + plain(v),
    "comment inside": lambda v: b'{"a":1,/*x*/"uid":"%s"}' % v,
    "line comment": lambda v: b"// x\n" + plain(v),
    "hash comment": lambda v: b"# x\n" + plain(v),
    "single quotes": lambda v: b"{'a':1,'uid':'%s'}" % v,
    "bare names": lambda v: b'{a:1,uid:"%s"}' % v,
    "bare names and blanks": lambda v: b'{ \n a : 1, uid : "%s" }' % v,
    "two commas": lambda v: b'{"a":1,,"uid":"%s"}' % v,
    "cut off": lambda v: b'{"a":1,"uid":"%s"' % v,
    "cut off in a string": lambda v: b'{"a":1,"uid":"' + v,
    "UTF-16": wide("utf-16-le"),
    "UTF-16, the other way": wide("utf-16-be"),
    "UTF-16 with a mark": wide("utf-16-le", b"\xff\xfe"),
    "UTF-16 with a mark, the other way": wide("utf-16-be", b"\xfe\xff"),
    "UTF-32": wide("utf-32-le"),
    "UTF-32, the other way": wide("utf-32-be"),
    "UTF-32 with a mark": wide("utf-32-le", b"\xff\xfe\0\0"),
    "UTF-7": lambda v: b"+AHs-" + plain(v)[1:],
    "another guard": lambda v: b"&&&START&&&" + plain(v),
    "throw": lambda v: b"throw 1; " + plain(v),
    "a call": lambda v: b"cb(%s)" % plain(v),
    "a call behind a comment": lambda v: b"/**/cb.x(%s);" % plain(v),
    "hex": lambda v: b'{"a":0x1,"uid":"%s"}' % v,
    "leading zero": lambda v: b'{"a":01,"uid":"%s"}' % v,
    "plus": lambda v: b'{"a":+1,"uid":"%s"}' % v,
    "control character": lambda v: b'{"a":"\x01","uid":"%s"}' % v,
    "escape of JavaScript": lambda v: b'{"a":"\\x41","uid":"%s"}' % v,
    "vertical tab": lambda v: b"\x0b" + plain(v),
    "no-break space": lambda v: b"\xc2\xa0" + plain(v),
    "zero-width space": lambda v: b"\xe2\x80\x8b" + plain(v),
    "record separator": lambda v: b"\x1e" + plain(v) + b"\n",
    "in brackets": lambda v: b"(%s)" % plain(v),
    "behind numbers": lambda v: b"[1,%s,NaN]" % plain(v),
    "behind null": lambda v: b"[null,%s" % plain(v),
    "behind a comma": lambda v: b"," + plain(v),
    "a call with more": lambda v: b'cb("x",1,%s)' % plain(v),
    "names beyond ASCII": lambda v: '{é:1,uid:"'.encode() + v + b'"}',
    "a number for a name": lambda v: b'{1:1,uid:"%s"}' % v,
    "a long name": lambda v: b"{" + b"n" * 90 + b':1,uid:"%s"}' % v,
    "ideographic space": lambda v: b"\xe3\x80\x80" + plain(v),
    "word joiner": lambda v: b"\xe2\x81\xa0" + plain(v),
    "list": lambda v: b'[{"a":1},{"uid":"%s"}' % v,
    "list of lists": lambda v: b'[[{"uid":"%s",}],]]' % v,
    "after a line": lambda v: b"hello\n" + plain(v) + b",\n",
}  # fmt: skip
TYPES = [
    "application/json", "text/plain", "text/plain;charset=UTF-8", "application/octet-stream",
    "application/x-www-form-urlencoded", "text/html", "image/png", None,
]  # fmt: skip


def ask(engine: Engine, body: bytes, kind: str | None, host: str = "t.example", **headers: str) -> Any:
    lines = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    lines += [(b"Content-Type", kind.encode())] if kind else []
    lines.append((b"Content-Length", b"%d" % len(body)))
    sent = Request("POST", "https", host, 443, b"/c", tuple(lines), body, page=PAGE, type="xhr")
    return engine.request(sent, now=NOW, book=DictBook())


def leaves(outcome: Any, value: bytes) -> bool:
    if not isinstance(outcome.verdict, Forward):
        return False
    message = outcome.message
    whole = (message.body or b"") + b"\n".join(line for pair in message.headers for line in pair)
    return value in whole.replace(b"\0", b"")


TEXTS: Final = {"after a line": frozenset({"text/html", "application/x-www-form-urlencoded"})}
"""Further down in a page or a form it is text."""


@pytest.mark.parametrize(
    ("spelling", "kind"), [(one, kind) for one in JSON for kind in TYPES if kind not in TEXTS.get(one, ())]
)
def test_at_a_tracker_it_does_not_leave(engine: Engine, spelling: str, kind: str | None) -> None:
    """Neither what a rule names nor a fact."""
    for value in (UID, MAIL):
        assert not leaves(ask(engine, JSON[spelling](value), kind), value), value


def test_where_a_rule_names_one_place_alone(engine: Engine, tmp_path: Any) -> None:
    """A body of which only the named container is read is doubted, too."""
    path = tmp_path / "t.yaml"
    path.write_text(re.sub(r"at: \[.*\]", 'at: "json:/uid"', RULES))
    policy = load(Sources((path,), config=None))
    object.__setattr__(policy, "share", engine.policy.share)
    other = Engine(policy, engine.person)
    for spelling in ("two values", "NaN", "cut off"):
        for kind in ("text/plain", None):
            assert not leaves(ask(other, JSON[spelling](UID), kind), UID)


@pytest.mark.parametrize("kind", ["text/plain", "text/plain;charset=UTF-8", "application/x-www-form-urlencoded", None])
@pytest.mark.parametrize("spelling", JSON)
def test_elsewhere_it_passes_as_it_came(engine: Engine, spelling: str, kind: str | None) -> None:
    """At the site that the person is on, with the fact in it: nothing is asked, nothing is changed."""
    for value in (UID.replace(b"q", b"p"), MAIL):
        outcome = ask(engine, JSON[spelling](value), kind, "shop.example")
        if not isinstance(outcome.verdict, Forward):
            assert any(word in spelling for word in ("UTF", "control", "NUL", "record"))  # unreadable before, too
            continue
        assert not outcome.modified


@pytest.mark.parametrize(
    "body",
    [
        b"[12:01] started", b"[INFO] a log line\n[WARN] another", b"{name} joined", b"[[a link]] in a wiki",
        b"[1] note", b"{ it is } a text", b"(see below)", b"f(x) = 2", b"<3 you", b"1 < 2", b"--\nregards",
        b"# heading\ntext",
        b"a=1&b=2", b"dl=https%3A%2F%2Fshop.example%2F\r\nen=view", b"// only a comment\n", b"12345", b"[]", b"",
        b'{"type":"session"}\n{"type":"event"}\n{"a":1}\nplain text of an attachment', b"hello {\"a\":1}",
    ],
)  # fmt: skip
def test_a_text_is_a_text(engine: Engine, body: bytes) -> None:
    """A bracket alone is none; lines of which the first is JSON speak for themselves."""
    outcome = ask(engine, body, "text/plain")
    assert isinstance(outcome.verdict, Forward), outcome.verdict
    assert outcome.message.body == body


def test_what_reads_is_read(engine: Engine) -> None:
    """Behind a guard or a mark, with a comma too many, as lines: the rule finds its field."""
    for body in (
        b")]}',\n" + plain(UID), b"while(1);" + plain(UID), b"\xef\xbb\xbf" + plain(UID), b'{"uid":"%s",}' % UID,
        b'{"a":1}\n' + plain(UID), b"<a><uid>%s</uid><b/></a>" % UID,
        b"<?xml version='1.0'?><a><uid>%s</uid></a>" % UID,
    ):  # fmt: skip
        for kind in ("text/plain", None):
            outcome = ask(engine, body, kind)
            assert isinstance(outcome.verdict, Forward), body
            assert outcome.modified
            assert not leaves(outcome, UID)


@pytest.mark.parametrize("spelling", ["two values", "NaN", "comment inside", "single quotes", "cut off"])
def test_in_a_frame_too(engine: Engine, spelling: str) -> None:
    context = ask(engine, b"", None).context
    for value in (UID, MAIL):
        frame = Frame("request", JSON[spelling](value), True)
        outcome = engine.frame(context, frame, now=NOW, book=DictBook())
        assert isinstance(outcome.verdict, Block | Ask) or value not in outcome.message.content


@pytest.mark.parametrize("spelling", ["two values", "NaN", "comment inside", "single quotes", "cut off"])
def test_in_a_body_that_passes_too(engine: Engine, spelling: str) -> None:
    """As lines, and as the parts of a form with an odd head."""
    headers = ((b"Content-Type", b"text/plain"),)
    sent = Request("POST", "https", "t.example", 443, b"/c", headers, None, page=PAGE, type="xhr")
    begun = Beginning.of_request(sent, engine.head(sent, now=NOW).context)
    root = splitter(b"application/x-ndjson", "request").feed(b'{"n":1}\n' + JSON[spelling](UID) + b"\n")
    outcome = engine.fragment(begun, root, b"", now=NOW, book=DictBook(), answers={})
    assert isinstance(outcome.verdict, Block)
    form = splitter(b"multipart/form-data; boundary=X", "request")
    root = form.feed(FORMS["two names"](UID) + OTHER)
    outcome = engine.fragment(begun, root, b"", now=NOW, book=DictBook(), answers={})
    assert isinstance(outcome.verdict, Block)


CD = b"Content-Disposition: form-data; "


def form(head: bytes, before: bytes = b"", behind: bytes = b"") -> Spelling:
    return lambda v: before + b"--X\r\n" + head + b"\r\n\r\n" + v + b"\r\n--X--\r\n" + behind


OTHER = b"--X\r\n" + CD + b'name="a"\r\n\r\n1\r\n'
FORMS: dict[str, Spelling] = {
    "name and name*": form(CD + b"name=\"a\"; name*=UTF-8''uid"),
    "name* and name": form(CD + b"name*=UTF-8''uid; name=\"a\""),
    "two names": form(CD + b'name="a"; name="uid"'),
    "two names, the other way": form(CD + b'name="uid"; name="a"'),
    "in pieces": form(CD + b'name*0="u"; name*1="id"'),
    "in pieces, one of them": form(CD + b'name*0*=UTF-8\'\'uid'),
    "single quotes": form(CD + b"name='uid'"),
    "a backslash": form(CD + b'name="u\\id"'),
    "no semicolon": form(b'Content-Disposition: form-data name="uid"'),
    "no type": form(b'Content-Disposition: name="uid"'),
    "unterminated": form(CD + b'name="uid'),
    "quotes inside": form(CD + b'name="u"id'),
    "quoted parameter": form(CD + b'"name"="uid"'),
    "encoded word": form(CD + b'name="=?utf-8?Q?uid?="'),
    "another line end": lambda v: OTHER.removesuffix(b"\r\n") + b"\n--X\n" + CD + b'name="uid"\n\n' + v + b"\n--X--\n",
    "junk behind the delimiter": lambda v: OTHER + b"--Xjunk\r\n" + CD + b'name="uid"\r\n\r\n' + v + b"\r\n--X--\r\n",
    "two lines": form(CD + b'name="a"\r\n' + CD + b'name="uid"'),
    "before the first part": lambda v: b"uid=" + v + b"\r\n" + OTHER + b"--X--\r\n",
    "a part before the first": lambda v: b"--Xy\r\n" + CD + b'name="uid"\r\n\r\n' + v + b"\r\n" + OTHER + b"--X--\r\n",
    "behind the last part": lambda v: OTHER + b"--X--\r\nuid=" + v,
    "a part behind the last": lambda v: OTHER + b"--X--\r\n--X\r\n" + CD + b'name="uid"\r\n\r\n' + v + b"\r\n--X--",
    "a part of a part": lambda v: b"--X\r\n" + CD
    + b'name="f"\r\nContent-Type: multipart/mixed; boundary=I\r\n\r\n--I\r\n'
    + CD + b'name="uid"\r\n\r\n' + v + b"\r\n--I--\r\n--X--",
}  # fmt: skip


@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=X", 'multipart/form-data; boundary="X"', "text/plain"])
@pytest.mark.parametrize("spelling", FORMS)
def test_odd_forms(engine: Engine, spelling: str, kind: str) -> None:
    """A server may find the field under another name, or in what is no part."""
    if kind == "text/plain" and spelling == "before the first part":
        return  # a text that holds a form further down is a text
    for value in (UID, MAIL):
        assert not leaves(ask(engine, FORMS[spelling](value), kind), value), value
    for value in (b"1", MAIL):
        at_home = ask(engine, FORMS[spelling](value), kind, "shop.example")
        assert isinstance(at_home.verdict, Forward)
        assert not at_home.modified


def test_xml_behind_a_comment_is_read(engine: Engine) -> None:
    for kind in ("text/plain", None):
        assert not leaves(ask(engine, b"<!-- x --><a><uid>%s</uid></a>" % UID, kind), UID)


def test_usual_forms_read(engine: Engine) -> None:
    for head in (b'name="uid"', b"name=uid", b"name=\"uid\"; name*=UTF-8''uid", b'name="uid"; filename="a;name=b.txt"'):
        outcome = ask(engine, form(CD + head)(UID), "multipart/form-data; boundary=X")
        assert isinstance(outcome.verdict, Forward), head
        assert not leaves(outcome, UID)


@pytest.mark.parametrize("name", ["Connection", "Keep-Alive", "TE", "Trailer", "Transfer-Encoding", "Content-Length",
                                  "Upgrade", "Expect", "Content-Type", "Host", "Date", "Via"])  # fmt: skip
@pytest.mark.parametrize("value", [MAIL, b"close, " + MAIL, b"a=" + MAIL.replace(b"@", b"%40")])
def test_every_header_is_searched(engine: Engine, name: str, value: bytes) -> None:
    """Also those that say how the message is sent: a fact has no business there."""
    lines = ((name.encode(), value), (b"Content-Length", b"1"))
    sent = Request("POST", "https", "t.example", 443, b"/c", lines, b"x", page="https://shop.example/")
    outcome = engine.request(sent, now=NOW, book=DictBook())
    assert not leaves(outcome, MAIL)
    assert not leaves(outcome, MAIL.replace(b"@", b"%40"))


def test_a_length_is_nobodys_number(tmp_path: Any) -> None:
    """Digits in Content-Length are a length, whoever was born on that day."""
    facts = (make_fact("date_of_birth-1", "date_of_birth", {"value": "1987-03-14"}),)
    own = Engine(shipped(), Person(facts, pseudonym_key=bytes(32)))
    sent = Request("POST", "https", "other.example", 443, b"/in", ((b"Content-Length", b"19870314"),), page=PAGE)
    assert isinstance(own.request(sent, now=NOW, book=DictBook()).verdict, Forward)


@pytest.mark.parametrize(
    "content",
    [b"[" * 200_000, b"/*" * 100_000, b"//\n" * 100_000, b"# " * 100_000, b"{" + b" " * 200_000, b"a" * 200_000,
     b"\0" * 200_000, b"/**/" * 50_000 + b"x", b"[ " * 100_000 + b"x", b"<" * 200_000, b"--" + b"x" * 200_000],
)  # fmt: skip
def test_hostile_beginnings_cost_one_look(content: bytes) -> None:
    """Linear: a fifth of the bytes takes about a fifth of the time, and all of it is soon over."""
    began = time.process_time()
    looks_like(content)
    looks_like_json(content)
    assert time.process_time() - began < 5
