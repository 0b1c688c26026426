"""A third party meets another persona on every site, derived and never stored; who is on no site meets nobody."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from shield.detect.values import _mails_of
from shield.engine import Engine
from shield.errors import ShieldError
from shield.finding import Block, Forward
from shield.message import Request
from shield.outcome import Outcome
from shield.person import Person, Persona, epoch_of
from shield.policy.load import Sources, load
from shield.twin.derived import Derived
from shield.twin.fact import make_fact
from tests.people import DictBook
from tests.test_engine import shipped

NOW = datetime(2026, 12, 1, tzinfo=UTC)
KEY = bytes(range(32))
FACTS = tuple(
    make_fact(f"{category}-1", category, parts)
    for category, parts in (
        ("name", {"given": "Anna", "family": "Schmidt"}),
        ("email", {"value": "anna.schmidt@real.example"}),
        ("phone", {"value": "+4915112345678"}),
        ("username", {"value": "annasch87"}),
        ("date_of_birth", {"value": "1987-03-14"}),
    )
)
SITES = ("shop.example", "news.example", "clinic.example")
PIXEL = "https://www.facebook.com/tr/?id=1&ev=Lead&ud[em]={}"
RULES = """\
company: Meter
services:
  meter: {purpose: analytics, on: [{host: meter.example}]}
rules:
  - {id: mail, why: joins, where: {service: meter, category: email}, action: pseudonymize}
"""


def person(**more: object) -> Person:
    return Person(FACTS, pseudonym_key=KEY, derive=Derived(KEY, FACTS, **more), epochs=more.get("epochs", {}))


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(shipped(), person())


def ask(engine: Engine, url: str, site: str | None, *, body: bytes | None = None, **more: object) -> Outcome[Request]:
    asked = urlsplit(url)
    target = url.partition(asked.netloc)[2].encode()
    page = f"https://www.{site}/basket" if site else None
    lines = [(b"Host", asked.netloc.encode())]
    lines += [(b"Content-Type", b"application/json")] if body is not None else []
    lines += more.pop("headers", [])
    method = "POST" if body is not None else "GET"
    sent = Request(method, "https", asked.netloc, 443, target, tuple(lines), body, page=page, **more)
    outcome = engine.request(sent, now=NOW, book=DictBook())
    assert not outcome.needs
    return outcome


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def left(outcome: Outcome[Request], name: str) -> str | None:
    assert isinstance(outcome.verdict, Forward), outcome.verdict
    found = parse_qs(urlsplit(outcome.message.target.decode()).query).get(name)
    return found[0] if found else None


def test_the_pixel_meets_three_people(engine: Engine) -> None:
    """Three sites, three digests, none of them the person's; on the same site always the same."""
    url = PIXEL.format(sha256(FACTS[1].value))
    seen = [left(ask(engine, url, site), "ud[em]") for site in SITES]
    assert len({*seen, sha256(FACTS[1].value)}) == 4
    again = Engine(engine.policy, person())
    assert [left(ask(again, url, f"other.{site}"), "ud[em]") for site in SITES] == seen


@pytest.mark.parametrize("host", ["widget.example", "api.widget.example"])
def test_so_does_whoever_nobody_knows(engine: Engine, host: str) -> None:
    """A third party without a service: by its domain, in every field, and one person on one site."""
    body = b'{"mail":"anna.schmidt@real.example","user":"annasch87"}'
    seen = {site: ask(engine, f"https://{host}/in", site, body=body).message.body for site in SITES}
    assert len(set(seen.values())) == 3
    for site, written in seen.items():
        hers = engine.person.persona(f"site:widget.example|{site}")
        assert hers.values["email-1"].value.encode() in written
        assert hers.values["username-1"].value.encode() in written
        assert b"anna" not in written


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [(b"Sec-Fetch-Site", b"cross-site"), (b"Sec-Fetch-Dest", b"image")],
        [(b"Origin", b"null")],
        [(b"Referer", b"https://www.facebook.com/plugins/like.php")],
        [(b"Referer", b"https://www.facebook.com/tr/frame"), (b"Sec-Fetch-Site", b"same-origin")],
        [(b"Referer", b"https://securepubads.g.doubleclick.net/frame.html")],
    ],
    ids=["no headers", "no referrer", "opaque origin", "own frame", "own frame, same origin", "a tracker's frame"],
)
def test_an_unknown_site_meets_nobody(engine: Engine, headers: list[tuple[bytes, bytes]]) -> None:
    """Stripped: a frame that names itself, or nothing at all, is no site that the person is on."""
    outcome = ask(engine, PIXEL.format(sha256(FACTS[1].value)), None, headers=headers)
    assert left(outcome, "ud[em]") is None
    told = [one.because.why for one in outcome.decisions if one.finding.category == "email"]
    assert told
    assert "on which site you are" in told[0]


def test_her_own_values_are_left_as_they_are(engine: Engine) -> None:
    """Plain and as a digest, in her own scope alone, also when nothing else is in the message."""
    hers = engine.person.persona("facebook-pixel|shop.example")
    fresh = Engine(engine.policy, person())
    mail = hers.values["email-1"].value
    assert left(ask(fresh, PIXEL.format(sha256(mail)), "shop.example"), "ud[em]") == sha256(mail)
    findings = ask(fresh, f"https://www.facebook.com/tr/?id=1&x={quote(mail)}", "shop.example").findings
    assert {one.whose for one in findings if one.how == "known"} == {"persona"}
    findings = ask(fresh, f"https://www.facebook.com/tr/?id=1&x={quote(mail)}", "news.example").findings
    assert "persona" not in {one.whose for one in findings}


def test_former_ones_are_known_too() -> None:
    """After a rotation, and with another version of the data: somebody else now, and who she was stays hers."""
    scope = "facebook-pixel|shop.example"
    before = person().persona(scope)
    for later in (person(epochs={"facebook-pixel": 1}), person(epochs={scope: 2}), person(versions=("faker 99", ""))):
        now = later.persona(scope)
        assert now.values["email-1"].value != before.values["email-1"].value
        mail = before.values["email-1"].value
        outcome = ask(Engine(shipped(), later), PIXEL.format(sha256(mail)), "shop.example")
        assert left(outcome, "ud[em]") == sha256(mail)


def test_she_is_a_pure_function() -> None:
    """Of key, scope, epoch, facts and version; whoever was derived before, and the day, have no part in it."""
    scopes = [f"t{number}|{site}" for number in range(40) for site in SITES]
    one, other = Derived(KEY, FACTS), Derived(KEY, FACTS)
    for scope in reversed(scopes):
        other(scope)
    assert [one(scope) for scope in scopes] == [other(scope) for scope in scopes]
    assert len({one(scope).values["email-1"].value for scope in scopes}) == len(scopes)
    assert Derived(bytes(32), FACTS)(scopes[0]) != one(scopes[0])
    assert Derived(KEY, FACTS[:3])(scopes[0]) != one(scopes[0])


def test_her_mail_is_on_no_domain_of_the_person() -> None:
    """All companies would see that one: the catch-all is for sites."""
    assert not hasattr(Derived(KEY, FACTS), "catch_all")
    domains = {Derived(KEY, FACTS)(f"t|{site}").values["email-1"].value.rpartition("@")[2] for site in SITES}
    assert all(re.fullmatch(r"example\.(com|net|org)", one) for one in domains)


def test_what_is_kept_is_bounded() -> None:
    """Sites and trackers without end."""
    derive = Derived(KEY, FACTS)
    for number in range(5000):
        derive(f"t|site{number}.example")
    assert len(derive._kept) <= 4000


def test_the_truth_that_the_person_chose() -> None:
    """It passes as hers."""
    chosen = Engine(shipped(), person(truth=("email",)))
    outcome = ask(chosen, PIXEL.format(sha256(FACTS[1].value)), "shop.example")
    assert left(outcome, "ud[em]") == sha256(FACTS[1].value)


def engine_of(tmp_path, scope: str) -> Engine:
    path = tmp_path / "rules.yaml"
    path.write_text(RULES.replace("action: pseudonymize", f"action: pseudonymize, scope: {scope}"))
    return Engine(load(Sources((path,))), person())


def mails(outcomes: Iterable[Outcome[Request]]) -> set[str | None]:
    return {left(one, "m") for one in outcomes}


@pytest.mark.parametrize(("scope", "people"), [("site", 3), ("service", 1), ("group", 1)])
def test_a_rule_may_join_and_that_is_told(tmp_path, scope: str, people: int) -> None:
    """``scope: service`` at a third party is one persona on all sites; the decision says so."""
    engine = engine_of(tmp_path, scope)
    outcomes = [ask(engine, "https://meter.example/c?m=anna.schmidt%40real.example", site) for site in SITES]
    assert len(mails(outcomes)) == people
    assert None not in mails(outcomes)
    whys = {one.because.why for outcome in outcomes for one in outcome.decisions if one.finding.category == "email"}
    assert all(("joins what you do on all sites" in why) is (people == 1) for why in whys)


def test_a_rotation_turns_every_site() -> None:
    assert epoch_of("a|x", {"a": 2}) == 2
    assert epoch_of("a|x", {"a": 2, "a|x": 1}) == 3
    assert epoch_of("a", {"a": 2}) == 2
    assert epoch_of("b|x", {"a": 2}) == 0


def test_a_child_stays_a_child_and_an_adult_one() -> None:
    """Without a clock: on the day of the data, and born later than that."""
    for born in ("1950-05-05", "2005-01-02", "2012-07-01", "2026-06-06", "2031-02-28"):
        facts = (make_fact("date_of_birth-1", "date_of_birth", {"value": born}),)
        hers = Derived(KEY, facts)("t|shop.example").values["date_of_birth-1"].value
        assert hers != born
        assert abs(date.fromisoformat(hers).year - int(born[:4])) <= 4


def test_nobody_can_be_invented() -> None:
    """What holds nothing of the person's passes as before; what would need her values stops, with words."""

    class Nobody:
        def __call__(self, scope: str) -> Persona:
            raise ShieldError("no name could be invented")

        def former(self, scope: str) -> tuple[Persona, ...]:
            raise ShieldError("no name could be invented")

    engine = Engine(shipped(), replace(person(), derive=Nobody()))
    assert isinstance(ask(engine, "https://widget.example/in?a=1&b=cee", "shop.example").verdict, Forward)
    assert isinstance(ask(engine, PIXEL.format(sha256(FACTS[1].value)), "shop.example").verdict, Block)


def test_nothing_of_hers_is_shown() -> None:
    """Not in a repr of what is kept of her."""
    engine = Engine(shipped(), person())
    hers = engine.person.persona("facebook-pixel|shop.example")
    ask(engine, PIXEL.format(sha256(hers.values["email-1"].value)), "shop.example")
    values = engine.matcher._values
    shown = repr((values, values._hints, values._own, values._parts, engine.person, engine.matcher, _mails_of(FACTS)))
    texts = [text for one in (*FACTS, *hers.values.values()) for text in one.parts.values()]
    digits = "".join(filter(str.isdigit, hers.values["phone-1"].value))[-6:]
    assert [text for text in (*texts, digits) if text in shown] == []


def test_a_locked_twin_has_nobody() -> None:
    assert Person(locked=True).persona("t|shop.example") is None
    assert replace(person(), derive=None).persona("t|shop.example") is None
    assert person().persona("t|") is None
    assert person().persona("t") is None


def test_no_site_no_pseudonym_either() -> None:
    """An identifier of the tracker's would be one of ours on all sites."""
    url = "https://www.google-analytics.com/g/collect?v=2&cid=1111111111.1700000000"
    engine = Engine(shipped(), person())
    assert left(ask(engine, url, None, headers=[(b"Sec-Fetch-Site", b"cross-site")]), "cid") is None
    seen = {left(ask(engine, url, site), "cid") for site in SITES}
    assert len(seen) == 3
    assert None not in seen
