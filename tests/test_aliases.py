"""Addresses of personas on a mailbox of the person's: whatever ``catch_all`` says, no fact leaves."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shield.disguise import Disguise
from shield.engine import Engine
from shield.errors import InputError, ShieldError
from shield.finding import Block
from shield.forms import mailbox
from shield.message import Request
from shield.person import Fact, Person, Persona
from shield.twin import persona
from shield.twin.clash import leads_home
from shield.twin.seal import KeyFile
from shield.twin.state import PersonaRecord
from shield.twin.store import Twin
from tests.people import DictBook
from tests.test_engine import NOW, shipped

MAILS = ("anna.schmidt@post.example", "anna.schmidt@gmail.com", "a.schmidt+web@real.example")
FACTS = tuple(Fact(f"email-{number}", "email", {"value": value}) for number, value in enumerate(MAILS, 1))
POLICY = shipped()
SCOPE = "google-analytics"
LOCALS = ("anna.schmidt", "annaschmidt", "Anna.Schmidt", "a.n.n.a.schmidt", "a.schmidt", "a.schmidt+web", "shop", "")
DOMAINS = ("post.example", "POST.example", "gmail.com", "googlemail.com", "real.example", "other.example")
patterns = st.builds(
    lambda local, join, domain, turned: f"*{join}{local}@{domain}" if turned else f"{local}{join}*@{domain}",
    st.sampled_from(LOCALS), st.sampled_from(("+", "-", "_", ".", "++", "")), st.sampled_from(DOMAINS), st.booleans(),
) | st.sampled_from(("post.example", "gmail.com", "anna.example"))  # fmt: skip


def real_spellings() -> set[bytes]:
    """The addresses as companies normalise them, in the clear and as digests."""
    texts = {text for mail in MAILS for text in (mail, mail.upper(), mail.replace("+web", ""))}
    texts |= {"annaschmidt@gmail.com", "anna.schmidt@googlemail.com"}
    digests = {hashlib.new(name, text.lower().encode()) for text in texts for name in ("md5", "sha1", "sha256")}
    found = {text.encode() for text in texts}
    for one in digests:
        found |= {one.hexdigest().encode(), base64.b64encode(one.digest())}
    return found


REAL = real_spellings()


def leaving(person: Person, content: bytes) -> bytes:
    """What a tracker gets of a JSON body with *content*."""
    body = json.dumps({"x": content.decode()}).encode()
    lines = ((b"Host", b"www.google-analytics.com"), (b"Content-Type", b"application/json"))
    sent = Request("POST", "https", "www.google-analytics.com", 443, b"/g/collect?v=2", lines, body)
    outcome = Engine(POLICY, person).request(sent, now=NOW, book=DictBook())
    assert not outcome.needs
    return b"" if isinstance(outcome.verdict, Block) else outcome.message.target + (outcome.message.body or b"")


@pytest.mark.parametrize("alias", ["anna.schmidt+lena1234@post.example", "annaschmidt+x@gmail.com", "l@anna.example"])
def test_the_real_address_is_mine_beside_any_alias(alias: str) -> None:
    """A persona with such an address may stand in a twin of before: her exact address is hers."""
    values = {one.id: Fact(one.id, "email", {"value": f"{one.id}@example.org"}) for one in FACTS}
    values["email-1"] = Fact("email-1", "email", {"value": alias})
    person = Person(FACTS, {SCOPE: Persona(SCOPE, values)}, bytes(32))
    neutral = Engine(POLICY, Person(FACTS, pseudonym_key=bytes(32)))
    known = [content for content in sorted(REAL) if neutral.matcher.holds(content)]
    assert len(known) > 30
    for content in known:
        assert content not in leaving(person, content)


@settings(max_examples=120, deadline=None)
@given(patterns)
def test_no_address_of_a_persona_leads_home(pattern: str) -> None:
    """For every form of catch_all: no persona, or one whose address is nobody's mailbox but her own."""
    try:
        made = persona.make(bytes(32), SCOPE, FACTS, date(2026, 1, 1), pattern)
    except ShieldError:
        return
    for value in made.values.values():
        assert mailbox(value.value) not in {mailbox(mail) for mail in MAILS}
        assert value.value.lower().encode() not in REAL
        for name in ("meta", "google", "google-without-plus", "amazon"):
            written = Disguise(name, "sha256", ("hex",)).write("email", "value", value.value)
            assert written not in REAL


def test_an_alias_of_a_fact_is_refused_wherever_it_comes_in(tmp_path: Path) -> None:
    twin = Twin.create(tmp_path / "twin", KeyFile(bytes(32)))
    twin.add_fact("email", {"value": MAILS[0]})
    for pattern in ("anna.schmidt+*@post.example", "anna.schmidt-*@POST.example", "*+anna.schmidt@post.example"):
        with pytest.raises(InputError, match="alias of email-1"):
            twin.set_catch_all(pattern)
    twin.set_catch_all("shop+*@post.example")
    with pytest.raises(InputError, match="alias of email-2"):
        twin.add_fact("email", {"value": "shop@post.example"})
    assert len(twin.state.facts) == 1


def test_personas_of_before_are_retired(tmp_path: Path) -> None:
    twin = Twin.create(tmp_path / "twin", KeyFile(bytes(32)))
    twin.add_fact("email", {"value": MAILS[0]})
    old = Fact("email-1", "email", {"value": "anna.schmidt+lena1234@post.example"})
    record = PersonaRecord({"email-1": old}, 0, "before", "2026-01-01")
    twin.update(lambda now: replace(now, personas={SCOPE: record}, catch_all="anna.schmidt+*@post.example"))
    assert twin.retire_aliases(today=date(2026, 2, 1)) == (SCOPE,)
    assert twin.state.catch_all is None
    assert not leads_home(twin.state.personas[SCOPE].values["email-1"].value, twin.state.facts)
    assert twin.retire_aliases() == ()


@pytest.mark.parametrize(
    "pattern",
    ["anna.schmidt+*@elsewhere.example", "annaschmidt+*@elsewhere.example", "anna-schmidt.example",
     "*.annis87@x.example",
     "annis87+*@elsewhere.example", "015112345678+*@x.example", "*-4915112345678@x.example",
     "anna.schmidt.post.example"],
)  # fmt: skip
def test_a_pattern_that_shows_a_fact_is_refused(tmp_path: Path, pattern: str) -> None:
    twin = Twin.create(tmp_path / "twin", KeyFile(bytes(32)))
    twin.add_fact("name", {"given": "Anna", "family": "Schmidt"})
    twin.add_fact("phone", {"value": "+4915112345678"})
    twin.add_fact("username", {"value": "annis87"})
    twin.add_fact("email", {"value": "anna.schmidt@post.example"})
    with pytest.raises(InputError, match="alias of"):
        twin.set_catch_all(pattern)
    twin.set_catch_all("schmidt.example")  # a family name as a domain: the person's own choice
