"""Hosts, headers, conversion, answers, hook table, gate: the parts without a network."""

from __future__ import annotations

import ast
import inspect
import logging
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mitmproxy import http
from mitmproxy.proxy.layers.http import HttpStream
from mitmproxy.test import tflow

from shield.context import Context
from shield.errors import ShieldError, Unwritable
from shield.finding import Because, Block, Redirect
from shield.message import Request, Response
from shield.proxy import answers, convert, gate, headers, hosts, logs, patch, strict, words
from shield.proxy.addon import Addon
from shield.proxy.hooks import TABLE
from shield.proxy.passage import Passage, begin, forget, passage_of

DOCS = Path(__file__).parent.parent.parent / "docs" / "proxy.md"


def message(fields: list[tuple[bytes, bytes]], *, host: str = "shop.example", authority: bytes = b"") -> http.Request:
    return http.Request(
        host, 443, b"GET", b"https", authority, b"/", b"HTTP/2.0" if authority else b"HTTP/1.1",
        http.Headers(fields), b"", None, 0, 0,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "normal"),
    [
        ("Shop.Example", "shop.example"), ("shop.example:443", "shop.example"), ("shop.example.", "shop.example"),
        ("shop.example.:443", "shop.example"), ("[::1]:80", "::1"), ("::0:1", "::1"), ("127.0.0.1:80", "127.0.0.1"),
        ("bücher.example", "xn--bcher-kva.example"), ("XN--BCHER-KVA.example", "xn--bcher-kva.example"), ("", ""),
    ],
)  # fmt: skip
def test_spellings_of_one_host(name: str, normal: str) -> None:
    """Case, port, dot, brackets, IDNA."""
    assert hosts.normal(name) == normal


@pytest.mark.parametrize(
    ("fields", "authority", "sni", "host"),
    [
        ([(b"Host", b"shop.example")], b"", "shop.example", "shop.example"),
        ([(b"host", b"SHOP.example:443")], b"", None, "shop.example"),
        ([], b"shop.example", "shop.example", "shop.example"),
        ([(b"host", b"shop.example")], b"shop.example:443", "shop.example", "shop.example"),
        ([], b"", "shop.example", "shop.example"),
        ([(b"Host", b"other.example")], b"", "shop.example", None),
        ([(b"Host", b"shop.example"), (b"host", b"shop.example")], b"", "shop.example", None),
        ([(b"host", b"other.example")], b"shop.example", "shop.example", None),
        ([(b"Host", b"shop.example")], b"", "other.example", None),
    ],
)
def test_names_that_agree(
    fields: list[tuple[bytes, bytes]], authority: bytes, sni: str | None, host: str | None
) -> None:
    """Else the request is for nobody."""
    request = message(fields, authority=authority)
    if host is None:
        with pytest.raises(hosts.WrongHost):
            hosts.of(request, sni)
    else:
        assert hosts.of(request, sni) == host


def test_under_ech_the_connect_name_wins() -> None:
    """The name in the hello is that of the provider."""
    request = message([(b"Host", b"shop.example")])
    assert hosts.of(request, "cloud.example", ech=True) == "shop.example"


FIELDS = st.lists(st.tuples(st.sampled_from([b"A", b"b", b"Cookie", b"x-Y"]), st.binary(max_size=20)), max_size=6).map(
    tuple
)


@settings(max_examples=50, deadline=None)
@given(FIELDS, st.binary(max_size=60), st.binary(min_size=1, max_size=40))
def test_there_and_back_is_the_same(fields: tuple[tuple[bytes, bytes], ...], body: bytes, target: bytes) -> None:
    """Whatever bytes: reading a flow and writing it changes nothing."""
    before = message(list(fields))
    before.data.path = target
    before.data.content = body
    after = before.copy()
    convert.write_request(after, convert.request_of(before, "shop.example"))
    assert vars(after.data) == vars(before.data)


def test_a_length_that_is_not_the_bodys() -> None:
    """Its end, or its rest, would be the start of the next message."""
    request = message([(b"Content-Length", b"3")])
    for body, fine in ((b"abc", True), (b"abcd", False), (b"ab", False)):
        edited = Request("POST", "https", "shop.example", 443, b"/", ((b"Content-Length", b"3"),), body)
        if fine:
            convert.write_request(request, edited)
        else:
            with pytest.raises(Unwritable):
                convert.write_request(request, edited)


@pytest.mark.parametrize(
    ("fields", "kept"),
    [
        ([(b"Proxy-Authorization", b"x"), (b"A", b"1"), (b"Proxy-Connection", b"y")], [(b"A", b"1")]),
        ([(b"Upgrade", b"h2c"), (b"Connection", b"Upgrade, HTTP2-Settings"), (b"HTTP2-Settings", b"x")], []),
        ([(b"Upgrade", b"foo"), (b"Connection", b"keep-alive, upgrade")], [(b"Connection", b"keep-alive")]),
        ([(b"Upgrade", b"websocket"), (b"Connection", b"Upgrade")], []),
        (
            [(b"Upgrade", b"WebSocket"), (b"Connection", b"Upgrade"), (b"Sec-WebSocket-Version", b"13")],
            [(b"Upgrade", b"WebSocket"), (b"Connection", b"Upgrade"), (b"Sec-WebSocket-Version", b"13")],
        ),
        ([(b"A", b"1"), (b"a", b"2")], [(b"A", b"1"), (b"a", b"2")]),
    ],
)
def test_what_is_meant_for_the_proxy(fields: list[tuple[bytes, bytes]], kept: list[tuple[bytes, bytes]]) -> None:
    """It goes no further; an Upgrade only to a WebSocket."""
    request = message(fields)
    headers.drop_hop_by_hop(request)
    assert list(request.data.headers.fields) == kept


def ask(url: str = "/x", method: str = "GET", **more: str) -> Request:
    fields = tuple((name.replace("_", "-").encode(), value.encode()) for name, value in more.items())
    return Request(method, "https", "tracker.example", 443, url.encode(), fields)


def context(kind: str | None = None) -> Context:
    return Context("GET", "tracker.example", "/x", "tracker.example", type=kind)


def test_our_own_mistakes_are_502_with_words() -> None:
    """A page for documents, a line for everything else."""
    because = Because("mistake", why="contact.email still at json:/email (17 bytes) after the edit")
    for accept, kind in (("text/html", b"text/html; charset=utf-8"), ("*/*", b"text/plain; charset=utf-8")):
        answer = answers.answer_to(ask(accept=accept), context(), Block(because))
        assert (answer.status, answer.header(b"content-type")) == (502, kind)
        assert b"17 bytes" in (answer.body or b"")


def test_a_page_escapes_what_it_shows() -> None:
    """A reason is text."""
    because = Because("person", "<b>", "own.yaml", 3, "<script>")
    body = answers.answer_to(ask(), context("document"), Block(because)).body or b""
    assert b"<script>" not in body
    assert b"&lt;script&gt;" in body
    assert b"own.yaml:3" in body


@pytest.mark.parametrize("location", ["javascript:alert(1)", "//x.example/", "https://x.example/\r\nSet-Cookie: a=1"])
def test_a_redirect_leads_to_the_web(location: str) -> None:
    """Anything else is a mistake of ours."""
    with pytest.raises(ValueError, match="redirect"):
        answers.redirect(ask(), Redirect(Because("shipped"), location))


def test_the_table_names_each_hook_once_and_the_addon_has_all() -> None:
    """And every hook of the addon is in the table."""
    own = {name.removeprefix("on_") for name in vars(Addon) if name.startswith("on_")}
    assert own == set(TABLE)
    for name in own:
        assert inspect.isroutine(getattr(Addon, name))


def test_the_table_stands_in_the_documentation() -> None:
    """Each line with its hook."""
    text = DOCS.read_text(encoding="utf-8")
    for line in TABLE.values():
        assert f"`{line.hook}` | {line.raises} | {line.becomes}" in text


def test_the_gate_is_put_up_once() -> None:
    """A second installation changes nothing; each wrapped method knows what it wraps."""
    gate.install()
    first = HttpStream.make_server_connection
    gate.install()
    assert HttpStream.make_server_connection is first
    assert gate.is_installed()
    assert not hasattr(getattr(first, patch.MARK), patch.MARK)


def test_another_mitmproxy_is_an_error_with_a_hint() -> None:
    """Better no proxy than one with a hole."""

    class Other:
        pass

    with pytest.raises(ShieldError, match=r"has no Other\.missing"):
        patch.wrap(Other, "missing", lambda original: original)


def test_a_passage_does_not_travel_with_a_copy() -> None:
    """A replayed or duplicated flow is a new message."""
    flow = tflow.tflow()
    begin(flow).forwarded = True
    assert passage_of(flow.copy()) is None
    forget(flow)
    assert passage_of(flow) is None
    vars(flow)["_shield_passage"] = "forward"
    assert passage_of(flow) is None


def test_a_replayed_flow_is_judged_again() -> None:
    """Its stream begins by taking the old verdict away."""
    gate.install()
    from mitmproxy.proxy.layers.http import RequestHeaders

    flow = tflow.tflow()
    begin(flow).forwarded = True

    class Stream:
        pass

    state = HttpStream.state_wait_for_request_headers(Stream(), RequestHeaders(1, flow.request, True, flow))
    with pytest.raises(AttributeError):
        next(state)
    assert passage_of(flow) is None


def test_a_new_passage_lets_nothing_out() -> None:
    """Everything that opens is off."""
    assert Passage() == Passage(forwarded=False, settled=False, answered=False, looked_at=True)


def test_foreign_records_are_reduced() -> None:
    """Message, arguments and traceback go; ours stay as they are."""
    record = logging.LogRecord("mitmproxy.x", 40, "f", 1, "anna %s", ("b",), (ValueError, ValueError("c"), None))
    assert logs.reduced(record).getMessage() == "a message of mitmproxy.x about ValueError"
    assert logs.is_own("shield.proxy")
    assert not logs.is_own("shielded")


@pytest.mark.parametrize("message", ["unexpected server response: b'anna'", "Received Invalid header b'anna'"])
def test_pages_quote_nothing(message: str) -> None:
    """mitmproxy's words may hold what it could not read."""
    assert "anna" not in words.shown(502, message)


@pytest.mark.parametrize(
    ("status", "message", "title", "text"),
    [
        (502, "[Errno 111] Connect call failed", "This page could not be fetched", "the server could not be reached"),
        (502, words.marked(words.NO_VERDICT), "Shield stopped here", words.NO_VERDICT),
        (502, "Connection killed: Request destination unknown. Unable ...", "Shield stopped here", words.VISITED),
        (413, "anna", "Shield stopped here", "the body is too large"),
    ],
)
def test_error_pages_say_whose_doing_it_was(status: int, message: str, title: str, text: str) -> None:
    """A server that is down is no deed of Shield's; a visit of the proxy itself is told what it is."""
    assert words.title(status, message) == title
    assert words.shown(status, message).startswith(text)


def test_mistakes_are_told_without_values() -> None:
    """The type of an exception, the words of an error of ours."""
    assert words.of_mistake(ValueError("anna@real.example")) == "a mistake of ours (ValueError)"
    assert words.of_mistake(ShieldError("the twin is locked", "shield twin unlock")).endswith("shield twin unlock")


def test_an_answer_to_a_blocked_upload_has_its_length() -> None:
    """204 has none at all."""
    made = convert.new_response(Response(200, ((b"content-type", b"image/gif"),), answers.GIF))
    assert made.headers["content-length"] == "43"
    assert "content-length" not in convert.new_response(Response(204)).headers


def test_no_assert_decides_anything() -> None:
    """With ``-O`` they vanish."""
    for path in (Path(inspect.getfile(gate)).parent).glob("*.py"):
        assert not [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Assert)], path


@pytest.mark.parametrize(
    ("alpn", "stated", "body", "wrong"),
    [(b"h2", "3", b"abc", False), (b"h2", "2", b"abc", True), (b"h2", "5", b"", True), (b"h2", "+3", b"abc", True),
     (b"h2", None, b"abc", False), (b"http/1.1", "2", b"abc", False), (b"h2", "2", None, False)],
)  # fmt: skip
def test_a_length_in_http2(alpn: bytes, stated: str | None, body: bytes | None, wrong: bool) -> None:
    """What the library under it lets pass is refused here; HTTP/1 has been cut by its length already."""
    flow = tflow.tflow()
    flow.client_conn.alpn = alpn
    flow.request.headers.pop("content-length", None)
    flow.request.data.content = body
    if stated is not None:
        flow.request.headers["content-length"] = stated
    assert (strict.fault_of_length(flow) is not None) is wrong
