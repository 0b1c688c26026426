"""Attacks: a known fact in every disguise, notation and place, on its way to somebody who may not have it.

The oracle knows nothing of ours: it writes the disguises with hashlib, base64 and urllib, opens what leaves again
and again, and looks for the facts. What is blocked leaves nothing. ``SHIELD_ATTACKS=20000`` tries more by hand.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
from base64 import b64decode, b64encode, urlsafe_b64encode
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import quote, quote_plus, unquote_to_bytes

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shield.address import SEPARATOR, show_address
from shield.engine import Engine
from shield.finding import Block, Forward, Redirect
from shield.keeper.recording import entry_of, without_values
from shield.message import Frame, Request
from shield.wire import reader
from tests.people import DictBook, sample_person
from tests.test_engine import COLLECT, NOW, SHOP, request, shipped

EXAMPLES = int(os.environ.get("SHIELD_ATTACKS", "400"))
SITES = ("one.example", "two.example", "tracker.example")
FORM = "application/x-www-form-urlencoded"

# --- facts and disguises ----------------------------------------------------------------------------------

TEXTS = (
    "anna@real.example", "Anna Schmidt", "Schmidt Anna", "+4915112345678", "015112345678", "4915112345678",
    "+49 151 12345678", "4111111111111111", "4111 1111 1111 1111", "Hauptstr. 5", "53111 Bonn",
)  # fmt: skip
NORMALISED = ("anna@real.example", "4915112345678", "+4915112345678", "anna", "schmidt", "bonn", "53111")
NUMBERS = (b"15112345678", b"4111111111111111")


def digests() -> dict[str, bytes]:
    """Every digest under the companies' normalisations, as they write it."""
    out: dict[str, bytes] = {}
    for text in NORMALISED:
        for name in ("md5", "sha1", "sha256"):
            value = hashlib.new(name, text.encode()).digest()
            out |= {
                f"{name} hex {text}": value.hex().encode(),
                f"{name} HEX {text}": value.hex().upper().encode(),
                f"{name} base64 {text}": b64encode(value),
                f"{name} base64url {text}": urlsafe_b64encode(value).rstrip(b"="),
            }
    return out


DIGESTS = digests()
DISGUISES: dict[str, Callable[[bytes], bytes]] = {
    "plain": lambda value: value,
    "upper": bytes.upper,
    "percent": lambda value: quote(value, safe="").encode(),
    "percent, lower": lambda value: re.sub(rb"%..", lambda one: one[0].lower(), quote(value, safe="").encode()),
    "percent, all": lambda value: "".join(f"%{byte:02X}" for byte in value).encode(),
    "percent twice": lambda value: quote(quote(value, safe=""), safe="").encode(),
    "form": lambda value: quote_plus(value).encode(),
    "base64 at 0": lambda value: b64encode(value + b"|x"),
    "base64 at 1": lambda value: b64encode(b"|" + value + b"|x"),
    "base64 at 2": lambda value: b64encode(b"x:" + value),
    "base64url": lambda value: urlsafe_b64encode(value).rstrip(b"="),
    "hex": lambda value: value.hex().encode(),
    "HEX": lambda value: value.hex().upper().encode(),
}
NOTATIONS: dict[str, Callable[[bytes], bytes]] = {
    "json": lambda value: json.dumps({"a": 1, "k": value.decode()}).encode(),
    "list": lambda value: json.dumps(["x", {"k": value.decode()}]).encode(),
    "escapes": lambda value: b'{"k": "' + "".join(f"\\u{byte:04x}" for byte in value).encode() + b'"}',
    "percent": lambda value: quote(value, safe="").encode(),
    "base64 of json": lambda value: b64encode(json.dumps({"k": value.decode()}).encode()),
    "base64url of json": lambda value: urlsafe_b64encode(json.dumps({"k": value.decode()}).encode()).rstrip(b"="),
    "address": lambda value: b"https://shop.example/p?e=" + quote(value, safe="").encode() + b"&z=1",
}


@st.composite
def disguised(draw: st.DrawFn) -> bytes:
    """A fact in one of its disguises."""
    if draw(st.integers(0, 2)) == 0:
        return DIGESTS[draw(st.sampled_from(sorted(DIGESTS)))]
    text = draw(st.sampled_from(TEXTS))
    how = draw(st.sampled_from(sorted(DISGUISES)))
    if text[0] in "+4" and " " in text and ("64" in how or "hex" in how.lower()):
        text = text.replace(" ", "")  # separators inside what is packed are one disguise too many
    return DISGUISES[how](text.encode())


@st.composite
def nested(draw: st.DrawFn) -> bytes:
    """A disguised fact inside up to three notations."""
    value = draw(disguised())
    for name in draw(st.lists(st.sampled_from(sorted(NOTATIONS)), max_size=3)):
        value = NOTATIONS[name](value)
    return value


# --- places -------------------------------------------------------------------------------------------------

TARGETS: dict[str, tuple[str, dict[str, str]]] = {
    "Analytics": (COLLECT, {}),
    "Analytics, another path": ("https://www.google-analytics.com/x?a=1", {}),
    "a pixel": ("https://www.facebook.com/tr/?id=1&ev=PageView&fbp=fb.1.1700000000000.1234567890", {}),
    "a protocol on the site": ("https://shop.example/g/collect?v=2&tid=G-X&cid=1.2", {}),
    "a third party": ("https://one.example/p?a=1", {"sec_fetch_site": "cross-site"}),
}


def in_target(value: bytes) -> bytes:
    """As it can stand in a target and does not end it."""
    return re.sub(rb'[&#?\s"<>]', lambda one: b"%%%02X" % one[0][0], value)


def in_host(value: bytes) -> bytes:
    """The same without a slash."""
    return in_target(value).replace(b"/", b"%2F")


def with_line(sent: Request, name: bytes, value: bytes) -> Request:
    return replace(sent, headers=(*sent.headers, (name, value)))


def with_body(sent: Request, body: bytes, kind: str = "", coding: str = "") -> Request:
    lines = [*sent.headers, (b"Content-Length", b"%d" % len(body))]
    lines += [(b"Content-Type", kind.encode())] if kind else []
    lines += [(b"Content-Encoding", coding.encode())] if coding else []
    return replace(sent, method="POST", headers=tuple(lines), body=body)


def quoted(value: bytes) -> bytes:
    return json.dumps(value.decode()).encode()


VALUE_PLACES: dict[str, Callable[[Request, bytes], Request]] = {
    "query": lambda sent, value: replace(sent, target=sent.target + b"&n=" + in_target(value)),
    "query twice": lambda sent, value: replace(sent, target=sent.target + b"&n=1&n=" + in_target(value) + b"&n"),
    "header": lambda sent, value: with_line(sent, b"X-Note", value),
    "header twice": lambda sent, value: with_line(with_line(sent, b"X-Note", b"1"), b"x-note", value),
    "referer": lambda sent, value: with_line(sent, b"Referer", b"https://shop.example/?m=" + in_target(value)),
    "cookie": lambda sent, value: with_line(sent, b"Cookie", b"a=1; n=" + value.replace(b";", b"%3B") + b"; b=2"),
    "form": lambda sent, value: with_body(sent, b"a=1&n=" + quote(value, safe="+").encode() + b"&b=2", FORM),
    "json": lambda sent, value: with_body(sent, b'{"a": [1, {"n": ' + quoted(value) + b"}]}", "application/json"),
    "json twice": lambda sent, value: with_body(sent, b'{"n":1,"n":' + quoted(value) + b"}", "application/json"),
    "json as text": lambda sent, value: with_body(sent, b'{"n":' + quoted(value) + b"}", "text/plain"),
    "gzip": lambda sent, value: with_body(
        sent, gzip.compress(b"[" + quoted(value) + b"]", mtime=0), "application/json", "gzip"
    ),
    "gzip in gzip": lambda sent, value: with_body(
        sent, gzip.compress(gzip.compress(b"[" + quoted(value) + b"]", mtime=0), mtime=0),
        "application/json", "gzip, gzip",
    ),
    "lines": lambda sent, value: with_body(sent, b"en=scroll\r\nen=login&ep.n=" + in_target(value), "text/plain"),
    "no type": lambda sent, value: with_body(sent, b"a=1&n=" + in_target(value)),
    "trailer": lambda sent, value: replace(with_body(sent, b"a=1", FORM), trailers=((b"x-note", value),)),
}  # fmt: skip
NAME_PLACES: dict[str, Callable[[Request, bytes], Request]] = {
    "name in the query": lambda sent, value: replace(sent, target=sent.target + b"&" + in_target(value) + b"=1"),
    "no name": lambda sent, value: replace(sent, target=sent.target + b"&" + in_target(value)),
    "brackets": lambda sent, value: replace(sent, target=sent.target + b"&u[" + in_target(value) + b"]=1"),
    "broken escapes": lambda sent, value: replace(sent, target=sent.target + b"&n=%zz|" + in_target(value) + b"|%"),
    "fragment": lambda sent, value: replace(sent, target=sent.target + b"#" + in_target(value)),
    "path": lambda sent, value: replace(
        sent, target=b"/a/" + in_host(value) + sent.target
    ),
    "name of a header": lambda sent, value: with_line(sent, b"x-" + in_target(value), b"1"),
    "name of a trailer": lambda sent, value: replace(
        with_body(sent, b"a=1", FORM), trailers=((b"x-" + in_target(value), b"1"),)
    ),
    "name of a cookie": lambda sent, value: with_line(sent, b"Cookie", b"a=1; " + in_target(value) + b"=1; b=2"),
    "name in a form": lambda sent, value: with_body(sent, b"a=1&" + quote(value, safe="+").encode() + b"=1", FORM),
    "key": lambda sent, value: with_body(sent, b'{"a": {' + quoted(value) + b": 1}}", "application/json"),
    "key in a form": lambda sent, value: with_body(
        sent, b"v=" + quote(b'{"a": {' + quoted(value) + b": 1}}").encode(), FORM
    ),
    "host in an address": lambda sent, value: replace(
        sent, target=sent.target + b"&dl=" + quote(b"https://" + in_host(value) + b".shop.example/x").encode()
    ),
    "user in an address": lambda sent, value: with_line(
        sent, b"Referer", b"https://" + in_host(value) + b"@shop.example/"
    ),
    "free text": lambda sent, value: with_body(sent, b"hello\r\nI am " + value + b" ok\r\n", "text/plain"),
    "policy": lambda sent, value: with_line(
        sent, b"Content-Security-Policy", b"default-src 'self'; report-uri https://x.example/" + in_target(value)
    ),
    "type": lambda sent, value: with_body(sent, b"a=1", FORM + "; x=" + value.decode()),
    "broken json": lambda sent, value: with_body(sent, b'{"n":' + quoted(value), "application/json"),
    "bytes": lambda sent, value: with_body(sent, b"\x00\x01 " + value + b" \xff", "application/octet-stream"),
    "markup": lambda sent, value: with_body(sent, b"<a>" + value + b"</a>", "application/xml"),
    "multipart": lambda sent, value: with_body(
        sent, b'--b\r\nContent-Disposition: form-data; name="n"\r\n\r\n' + value + b"\r\n--b--",
        "multipart/form-data; boundary=b",
    ),
    "authorization": lambda sent, value: with_line(sent, b"Authorization", b"Bearer " + value),
    "method": lambda sent, value: replace(sent, method=in_target(value).decode()),
    "host": lambda sent, value: replace(sent, host=in_target(value.lower()).decode() + "." + sent.host)
    if value.lower() == value else with_line(sent, b"X-Note", value),
}  # fmt: skip

# --- the oracle ---------------------------------------------------------------------------------------------


def packed(text: bytes) -> set[bytes]:
    """The letters of base64 that belong to *text* alone, at each of the three alignments."""
    out = set()
    for offset in range(3):
        for encode in (b64encode, urlsafe_b64encode):
            first, last = -(-offset * 8 // 6), (offset + len(text)) * 8 // 6
            out.add(encode(bytes(offset) + text + b"\0\0")[first:last])
    return out


CLEAR = [text.encode().lower() for text in TEXTS if not text[-3:].isdigit()]
ALONE = [re.compile(rb"(?<![0-9a-z])" + re.escape(text) + rb"(?![0-9a-z])") for text in CLEAR]
PACKED = [core for text in CLEAR for core in packed(text)]
HEXES = [text.hex().encode() for text in CLEAR]


def opened(data: bytes) -> set[bytes]:
    """*data*, and what comes out when everything in it is opened, in any order, a few times."""
    seen, level = {data}, [data]
    for _ in range(6):
        found = {
            make(one)
            for one in level
            for make in (
                unquote_to_bytes,
                lambda one: unquote_to_bytes(one.replace(b"+", b" ")),
                lambda one: re.sub(rb"\\u00([0-9a-fA-F]{2})", lambda code: bytes([int(code[1], 16)]), one),
                lambda one: re.sub(rb'\\(["\\/])', rb"\1", one),
                lambda one: re.sub(rb"[A-Za-z0-9+/_-]{12,}={0,2}", lambda run: unpacked(run[0]), one),
            )
        }
        level = sorted(found - seen)[:24]
        seen |= found
    return seen


def unpacked(run: bytes) -> bytes:
    """Base64 of text opened; everything else as it is."""
    letters = run.rstrip(b"=").replace(b"-", b"+").replace(b"_", b"/")
    if len(letters) % 4 == 1:
        return run
    made = b64decode(letters + b"=" * (-len(letters) % 4))
    return made if all(32 <= byte < 127 for byte in made) else run


def what_leaks(data: bytes) -> set[str]:
    """Names of the facts that *data* holds."""
    out: set[str] = set()
    for one in opened(data):
        low = one.lower()
        out |= {text.pattern.decode() for text in ALONE if text.search(low)}
        out |= {"base64" for core in PACKED if core in one} | {"hex" for text in HEXES if text in low}
        runs = [re.sub(rb"\D", b"", run) for run in re.findall(rb"[0-9](?:[ +\-./()]{0,3}[0-9]){8,}", one)]
        out |= {"number" for run in runs for number in NUMBERS if number in run}
        out |= {name for name, digest in DIGESTS.items() if digest in (one if "base64" in name else low)}
    return out


def everything(message: Request) -> bytes:
    """All bytes of a message that leave, with its body unpacked."""
    body = message.body or b""
    while body[:2] == b"\x1f\x8b":
        body = gzip.decompress(body)
    lines = [name + b": " + value for name, value in (*message.headers, *message.trailers)]
    return b"\n".join((message.method.encode(), message.host.encode(), message.target, *lines, body))


@pytest.fixture(scope="module")
def engine() -> Engine:
    policy = shipped()
    return Engine(policy, sample_person(*(one.name for one in policy.services), *(f"site:{site}" for site in SITES)))


def withheld(engine: Engine, sent: Request) -> None:
    """Nothing of the person leaves, the framing is right, and no mistake of ours was needed to stop it."""
    outcome = engine.request(sent, now=NOW, book=DictBook())
    assert not outcome.needs
    if isinstance(outcome.verdict, Block):
        assert outcome.because.layer != "mistake", outcome.because.why
    elif isinstance(outcome.verdict, Redirect):
        assert not what_leaks(outcome.verdict.location.encode())
    elif isinstance(outcome.verdict, Forward) and outcome.guard is None:
        assert not what_leaks(everything(outcome.message))
        for name, value in outcome.message.headers:
            assert name != b"Content-Length" or int(value) == len(outcome.message.body or b"")


ATTACK = settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


def sent_to(target: str) -> Request:
    url, headers = TARGETS[target]
    return request(url, page=SHOP, **headers)


@ATTACK
@given(
    target=st.sampled_from(sorted(TARGETS)), place=st.sampled_from(sorted(VALUE_PLACES)), value=nested(),
)  # fmt: skip
def test_a_fact_in_a_value_does_not_leave(engine: Engine, target: str, place: str, value: bytes) -> None:
    """Whatever it is written in, however deep."""
    withheld(engine, VALUE_PLACES[place](sent_to(target), value))


@ATTACK
@given(target=st.sampled_from(sorted(TARGETS)), place=st.sampled_from(sorted(NAME_PLACES)), value=disguised())
def test_a_fact_outside_of_values_does_not_leave(engine: Engine, target: str, place: str, value: bytes) -> None:
    """Names, fragments, user names, methods, hosts, bytes that nobody can read."""
    withheld(engine, NAME_PLACES[place](sent_to(target), value))


@pytest.mark.parametrize("kind", ["application/json", "application/octet-stream", "text/plain", ""])
def test_a_body_that_is_packed_and_does_not_say_so(engine: Engine, kind: str) -> None:
    """Scripts pack with CompressionStream; no header tells."""
    sent = sent_to("a third party")
    body = gzip.compress(b'{"n": "anna@real.example", "z": 1}', mtime=0)
    outcome = engine.request(with_body(sent, body, kind), now=NOW, book=DictBook())
    assert outcome.modified
    assert not what_leaks(everything(outcome.message))


def test_what_cannot_be_cut_out_stops_the_message_by_policy(engine: Engine) -> None:
    """It is no mistake of ours, and the reason names the cell of the table."""
    sent = replace(sent_to("a third party"), method="ANNA@REAL.EXAMPLE")
    outcome = engine.request(sent, now=NOW, book=DictBook())
    assert isinstance(outcome.verdict, Block)
    assert (outcome.because.layer, outcome.because.rule) == ("share", "share.third.email.*")
    context = engine.request(sent_to("a third party"), now=NOW, book=DictBook()).context
    wide = "I am anna@real.example.".encode("utf-16-le")
    frame = engine.frame(context, Frame("request", wide, is_text=False), now=NOW, book=DictBook())
    assert isinstance(frame.verdict, Block)
    assert frame.because.layer == "share"


def fields_of(message: Request) -> Counter[tuple[str, bytes]]:
    """Every field with its value; what is nested in a field of a place with names counts as that field."""
    return Counter((outermost(one.address), one.content) for one in reader.read(message).fields())


def outermost(address: str) -> str:
    """Place and name, as people read them."""
    steps = address.split(SEPARATOR)
    has_names = steps[0] in ("query:", "form:", "cookie:", "header:")
    return show_address(SEPARATOR.join(steps[: 2 if has_names else 1]))


@ATTACK
@given(
    target=st.sampled_from(sorted(TARGETS)), place=st.sampled_from(sorted(VALUE_PLACES)), value=nested(),
)  # fmt: skip
def test_changes_name_the_fields_that_changed(engine: Engine, target: str, place: str, value: bytes) -> None:
    """No other field differs, each that is named does, and each rule that is named decided something."""
    sent = VALUE_PLACES[place](sent_to(target), value)
    outcome = engine.request(sent, now=NOW, book=DictBook())
    if not outcome.modified:
        assert outcome.message is sent
        assert not outcome.changes
        return
    before, after = fields_of(sent), fields_of(outcome.message)
    differ = {at for at, _ in (before - after) + (after - before)} - {"header:Content-Length", "header:content-length"}
    named = {change.at for change in outcome.changes}
    assert not [at for at in differ if not any(at.startswith(one) or one.startswith(at) for one in named)]
    assert not [one for one in named if not any(at.startswith(one) or one.startswith(at) for at in differ)]
    deciding = {one.because.rule for one in outcome.decisions}
    assert {change.rule for change in outcome.changes if change.did != "added"} <= deciding


@ATTACK
@given(place=st.sampled_from(sorted({**VALUE_PLACES, **NAME_PLACES})), value=disguised())
def test_nothing_that_is_returned_shows_a_value(engine: Engine, place: str, value: bytes) -> None:
    """Method and host are the message's own; where a name holds a value, the ledger cuts it."""
    if place in ("method", "host"):
        return
    sent = {**VALUE_PLACES, **NAME_PLACES}[place](sent_to("Analytics"), value)
    outcome = engine.request(sent, now=NOW, book=DictBook())
    shown = repr(outcome.verdict) + repr(outcome.context) + repr(outcome.message) + repr(outcome.issued)
    assert not what_leaks(shown.encode())
    entry = entry_of(outcome, now=NOW, size_bytes=None, observed=False)
    if entry is not None:
        cut = without_values(entry, engine.matcher.holds)
        assert not what_leaks(repr(cut).encode())
