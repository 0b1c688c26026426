"""One message, all the way: what must hold of the engine with the shipped rules."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shield.data import data_path
from shield.engine import Engine
from shield.finding import Block, Forward
from shield.message import Request, Response
from shield.policy.load import Sources, load
from shield.policy.rule import Policy
from tests.people import DictBook, sample_person

NOW = datetime(2026, 1, 1, tzinfo=UTC)
GA = "google-analytics"


def shipped() -> Policy:
    """The rules and the configuration that ship."""
    rules = tuple(sorted(data_path("rules").glob("*.yaml")))
    return load(Sources(shipped=rules, person=(), config=data_path("configs") / "shield.yaml"))


@pytest.fixture(scope="module")
def policy() -> Policy:
    return shipped()


@pytest.fixture(scope="module")
def engine(policy: Policy) -> Engine:
    return Engine(policy, sample_person(*(service.name for service in policy.services)))


def request(url: str, *, method: str = "GET", body: bytes = b"", page: str | None = None, **headers: str) -> Request:
    """A request as a browser would make it; header names with ``_`` for ``-``."""
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    lines = [(b"Host", parts.netloc.encode())]
    lines += [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    if body:
        lines.append((b"Content-Length", str(len(body)).encode()))
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return Request(method, parts.scheme, parts.hostname or "", port, target.encode(), tuple(lines), body, page=page)


def ask(engine: Engine, message: Request, book: DictBook | None = None):
    """Run a request; what was issued is remembered."""
    book = book or DictBook()
    outcome = engine.request(message, now=NOW, book=book)
    book.add(outcome.issued)
    return outcome


def whole(message: Request) -> bytes:
    """All bytes that would leave."""
    lines = b"\r\n".join(name + b": " + value for name, value in message.headers)
    return message.target + b"\r\n" + lines + b"\r\n\r\n" + (message.body or b"")


SHOP = "https://shop.example/"
BINARY = "application/octet-stream"
COLLECT = "https://www.google-analytics.com/g/collect?v=2&tid=G-TEST12345&cid=1111111111.1700000000"


def test_an_address_at_a_checkout_arrives(engine: Engine) -> None:
    """What policy allows still works: guarded flows keep every byte."""
    body = b"fullName=Anna+Schmidt&line1=Hauptstr.+5&city=Bonn&zip=53111&email=anna%40real.example"
    sent = request(
        "https://www.amazon.de/gp/buy/addressselect/handlers/new.html", method="POST", body=body,
        content_type="application/x-www-form-urlencoded",
    )  # fmt: skip
    outcome = ask(engine, sent)
    assert isinstance(outcome.verdict, Forward)
    assert outcome.message is sent
    assert outcome.guard is not None


def test_an_email_at_a_sign_up_arrives(engine: Engine) -> None:
    """A site without a rule gets what the person typed into it."""
    sent = request(
        "https://shop.example/register", method="POST", body=b'{"email": "anna@real.example"}', page=SHOP,
        content_type="application/json",
    )  # fmt: skip
    assert ask(engine, sent).message is sent


FORMS = {
    "plain": b"anna@real.example",
    "percent": b"anna%40real.example",
    "upper": b"ANNA@REAL.EXAMPLE",
    "percent twice": b"anna%2540real.example",
    "base64": base64.b64encode(b"anna@real.example"),
    "base64url": base64.urlsafe_b64encode(b"anna@real.example").rstrip(b"="),
    "hex": b"anna@real.example".hex().encode(),
    "md5": hashlib.md5(b"anna@real.example").hexdigest().encode(),
    "sha1": hashlib.sha1(b"anna@real.example").hexdigest().encode(),
    "sha256": hashlib.sha256(b"anna@real.example").hexdigest().encode(),
    "SHA256": hashlib.sha256(b"anna@real.example").hexdigest().upper().encode(),
    "sha256 base64url": base64.urlsafe_b64encode(hashlib.sha256(b"anna@real.example").digest()).rstrip(b"="),
    "sha256 base64": quote(base64.b64encode(hashlib.sha256(b"anna@real.example").digest())).encode(),
}
"""The same fact in every listed disguise."""


def carriers(form: bytes) -> dict[str, Request]:
    """The same value in every place that today's wire room reads."""
    text = form.decode()
    return {
        "query": request(f"{COLLECT}&ep.note={text}", page=SHOP),
        "path": request(f"https://www.google-analytics.com/r/{text}/collect", page=SHOP),
        "name": request(f"{COLLECT}&{text}=1", page=SHOP),
        "header": request(COLLECT, page=SHOP, x_note=text),
        "cookie": request(COLLECT, page=SHOP, cookie=f"a=1; note={text}; b=2"),
        "referer": request(COLLECT, page=SHOP, referer=f"https://shop.example/?mail={text}"),
        "form": request(
            COLLECT, method="POST", page=SHOP, body=b"a=1&note=" + form + b"&b=2",
            content_type="application/x-www-form-urlencoded",
        ),
        "line": request(
            COLLECT, method="POST", page=SHOP, body=b"en=scroll\nen=login&ep.note=" + form, content_type="text/plain"
        ),
        "json": request(
            COLLECT, method="POST", page=SHOP, content_type="application/json",
            body=b'{"a": [1, {"note": "' + form + b'"}]}',
        ),
        "json in form": request(
            COLLECT, method="POST", page=SHOP, content_type="application/x-www-form-urlencoded",
            body=b"variables=" + quote('{"input": {"note": "' + text + '"}}').encode(),
        ),
        "unreadable": request(
            COLLECT, method="POST", page=SHOP, content_type=BINARY, body=b"\x00\x01 " + form + b" \xff"
        ),
    }  # fmt: skip


@pytest.mark.parametrize("place", list(carriers(b"x")))
@pytest.mark.parametrize("disguise", list(FORMS))
def test_what_policy_withholds_occurs_nowhere(engine: Engine, disguise: str, place: str) -> None:
    """Stripped, replaced or blocked: the fact leaves in no listed disguise, wherever it stood."""
    sent = carriers(FORMS[disguise])[place]
    outcome = ask(engine, sent)
    assert not outcome.needs
    if isinstance(outcome.verdict, Block):
        assert outcome.because.layer != "mistake", outcome.because.why
        return
    assert isinstance(outcome.verdict, Forward)
    left = whole(outcome.message).lower()
    for form in FORMS.values():
        assert form.lower() not in left


def test_a_digest_becomes_the_digest_of_the_persona(policy: Policy) -> None:
    """Same normalisation, same algorithm, same encoding: the receiver cannot tell."""
    engine = Engine(policy, sample_person(GA))
    theirs = base64.urlsafe_b64encode(hashlib.sha256(b"lena@example.org").digest()).rstrip(b"=")
    sent = request(f"{COLLECT}&ep.member={FORMS['sha256 base64url'].decode()}", page=SHOP)
    outcome = ask(engine, sent)
    if b"ep.member" in outcome.message.target:
        assert theirs in outcome.message.target


@settings(max_examples=150, deadline=None)
@given(
    query=st.binary(max_size=60).map(lambda raw: bytes(c for c in raw if 33 <= c < 127 and c not in b"#")),
    body=st.binary(max_size=80),
    kind=st.sampled_from(["application/json", "application/x-www-form-urlencoded", "text/plain", "image/png", ""]),
    value=st.binary(max_size=30).map(lambda raw: bytes(c for c in raw if c >= 32)),
)
def test_without_an_edit_every_message_leaves_identical(
    engine: Engine, query: bytes, body: bytes, kind: str, value: bytes
) -> None:
    """A site that no rule concerns: the very same object."""
    headers = ((b"hOsT", b"plain.example"), (b"X-a", value), (b"x-A", value), (b"Content-Type", kind.encode()))
    sent = Request(
        "POST", "https", "plain.example", 443, b"/a//b;c?" + query, headers, body, page="https://plain.example/"
    )
    outcome = ask(engine, sent)
    assert isinstance(outcome.verdict, Forward)
    assert outcome.message is sent


def test_one_scope_one_pseudonym(engine: Engine, policy: Policy) -> None:
    """Two sites get different ones, the same site the same, also from a new engine."""

    def cid(site: str, which: Engine) -> bytes:
        outcome = ask(which, request(COLLECT, page=f"https://{site}/"))
        fields = dict(pair.split(b"=", 1) for pair in outcome.message.target.partition(b"?")[2].split(b"&"))
        return fields[b"cid"]

    first = cid("shop.example", engine)
    assert first != b"1111111111.1700000000"
    assert first == cid("shop.example", Engine(policy, sample_person(*(s.name for s in policy.services))))
    assert first != cid("other.example", engine)
    assert len(first) == len(b"1111111111.1700000000")


def test_a_message_that_passes_twice_is_changed_once(engine: Engine) -> None:
    """What was issued is recognised, so a second pass leaves it."""
    book = DictBook()
    once = ask(engine, request(f"{COLLECT}&ep.note=anna%40real.example", page=SHOP), book)
    twice = ask(engine, once.message, book)
    assert once.modified
    assert twice.message.target == once.message.target


def test_personas_of_two_services_differ(policy: Policy) -> None:
    """The same e-mail stands for nothing that two receivers could join."""
    engine = Engine(policy, sample_person("site:one.example|shop.example", "site:two.example|shop.example"))
    left = [
        ask(engine, request(f"https://{host}/p?m=anna%40real.example", page=SHOP, sec_fetch_site="cross-site"))
        for host in ("one.example", "two.example")
    ]
    targets = [outcome.message.target for outcome in left]
    assert b"lena" in targets[0]
    assert b"mira" in targets[1]


def test_a_locked_twin_blocks_what_needs_it(policy: Policy) -> None:
    """Without the facts nobody can tell what a message holds; guarded flows still pass."""
    engine = Engine(policy, replace(sample_person(), facts=(), locked=True))
    assert isinstance(ask(engine, request(COLLECT, page=SHOP)).verdict, Block)
    assert isinstance(ask(engine, request("https://accounts.google.com/v3/signin/x")).verdict, Forward)


BAD = {
    "100,000 parameters": request("https://www.google-analytics.com/g/collect?v=2&" + "a=1&" * 100_000, page=SHOP),
    "JSON nested 10,000 deep": request(
        COLLECT, method="POST", page=SHOP, content_type="application/json", body=b"[" * 10_000 + b"]" * 10_000
    ),
    "headers outside ASCII": request(COLLECT, page=SHOP, x_note="\xff\xfe\x80", cookie="\xe9=\xe8"),
    "a bomb": request(
        COLLECT, method="POST", page=SHOP, content_type="application/json", content_encoding="gzip",
        body=gzip.compress(b"[" + b"0," * 20_000_000 + b"0]", 9),
    ),
    "an unknown coding": request(COLLECT, method="POST", page=SHOP, content_encoding="dcb", body=b"abc"),
    "an empty target": replace(request(COLLECT), target=b""),
    "an asterisk": replace(request(COLLECT, method="OPTIONS"), target=b"*"),
    "no headers": replace(request(COLLECT), headers=()),
}  # fmt: skip


@pytest.mark.parametrize("what", list(BAD))
def test_bad_input_is_no_crash(engine: Engine, what: str) -> None:
    """An unreadable field or a plain read, never an exception."""
    outcome = ask(engine, BAD[what])
    assert outcome.because.layer != "mistake"


def test_nothing_shows_a_value(engine: Engine) -> None:
    """repr of everything the engine returns names places and lengths only."""
    outcome = ask(engine, carriers(FORMS["plain"])["json"])
    shown = repr(outcome) + repr(engine.matcher) + repr(engine.person) + json.dumps(str(outcome.because))
    for value in ("anna@real.example", "Schmidt", "4915112345678", "lena@example.org"):
        assert value not in shown


def test_what_belongs_to_a_guarded_request_is_left_alone(tmp_path: Path) -> None:
    """A guard that looks into the request cannot be told from its response; the context carries it on."""
    rules = tmp_path / "mine.yaml"
    rules.write_text(
        "rules:\n"
        "  - id: sign-in-form\n    why: a sign-in is left alone\n    untouched: when seen\n"
        '    where: {host: shop.example, has: {"form:password": "*"}}\n'
        "  - id: no-hints\n    why: hints are not asked for\n    action: strip\n"
        '    where: {host: shop.example, direction: response, at: "header:accept-ch"}\n'
    )
    engine = Engine(load(Sources(shipped=(rules,), person=(), config=None)), sample_person())
    arriving = Response(200, ((b"Accept-CH", b"DPR"),), None)
    for body, expected in ((b"password=x", arriving.headers), (b"colour=x", ())):
        kind = "application/x-www-form-urlencoded"
        outcome = ask(engine, request(SHOP, method="POST", body=body, page=SHOP, content_type=kind))
        assert engine.response(outcome.context, arriving, now=NOW, book=DictBook()).message.headers == expected


SIGNED_BY = ("sig", "signature", "hmac", "token", "api_sig")


@pytest.mark.parametrize("name", SIGNED_BY)
def test_a_signed_link_is_never_half_edited(engine: Engine, name: str) -> None:
    """At a tracker it is blocked where something would be taken out; elsewhere it passes as it came or is blocked."""
    digest = hashlib.sha256(b"somebody's secret").hexdigest()
    hit = f"{COLLECT}&{name}={digest}"
    assert isinstance(ask(engine, request(hit, page=SHOP)).verdict, Block)
    assert isinstance(ask(engine, request(f"{hit}&ep.mail=anna@real.example", page=SHOP)).verdict, Block)
    link = request(f"https://cdn.stranger.example/v.mp4?a=1&{name}={digest}", page=SHOP, referer=SHOP + "tea?x=1")
    outcome = ask(engine, link)
    assert isinstance(outcome.verdict, Forward)
    assert outcome.message.target == link.target
    told = request(f"https://cdn.stranger.example/v.mp4?m=anna@real.example&{name}={digest}", page=SHOP)
    known = engine.with_person(sample_person("site:stranger.example"))
    assert isinstance(ask(known, told).verdict, Block)
