"""A fact of the person's reaches nobody but the site because a table forgot its category."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from shield.engine import Engine
from shield.finding import Ask, Block, Forward
from shield.message import Request
from shield.person import Fact, Person
from shield.policy.load import Sources, load
from shield.policy.rule import Policy
from shield.twin.fact import make_fact
from shield.vocabulary import FACT_CATEGORIES, PERSONA_CATEGORIES, PURPOSES
from tests.people import DictBook, persona
from tests.test_engine import NOW

VALUES = {
    "name": {"given": "Anna", "family": "Schmidt"}, "username": {"value": "anna_87x"},
    "email": {"value": "anna@real.example"}, "phone": {"value": "+4915112345678"},
    "postal_address": {"street": "Hauptstr. 5", "city": "Bonn", "postcode": "53111", "country": "DE"},
    "date_of_birth": {"value": "1987-03-14"}, "gender": {"value": "weiblich"}, "card": {"value": "4111111111111111"},
    "government_id": {"value": "12 345 678 911"}, "health": {"value": "Zystofibrose"},
    "account_id": {"value": "DE89370400440532013000"}, "device_id": {"value": "6f1c2a30-9b1d-4c55-8a7e-0d1f2e3c4b5a"},
    "ad_id": {"value": "0b9d4cf4-5a43-4b29-8d0a-9c1e2f3a4b5c"}, "geo": {"value": "50.73743, 7.09821"},
}  # fmt: skip
SENT = {
    "name": "Anna Schmidt", "postal_address": "Hauptstr. 5", "geo": "50.73743,7.09821",
    "gender": "Anna Schmidt, weiblich",
}  # fmt: skip
RULES = "company: C\nservices:\n" + "".join(
    f"  of-{purpose}:\n    purpose: {purpose}\n    on: [{{host: {purpose}.example}}]\n" for purpose in PURPOSES
)
TRUSTING = 'share:\n  third: {"*": allow}\n  c: {"*": allow}\nnever: []\n'
"""A table of the person's that names no category."""


def text_of(category: str) -> str:
    return SENT.get(category, VALUES[category].get("value", ""))


@pytest.fixture(scope="module", params=["shipped", "trusting"])
def policy(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Policy:
    folder = tmp_path_factory.mktemp("rules")
    (folder / "c.yaml").write_text(RULES)
    config = folder / "shield.yml"
    config.write_text(TRUSTING if request.param == "trusting" else "never: []\n")
    return load(Sources(shipped=(folder / "c.yaml",), person=(), config=config))


@pytest.fixture(scope="module")
def engine(policy: Policy) -> Engine:
    facts = tuple(make_fact(f"{category}-1", category, VALUES[category]) for category in FACT_CATEGORIES)
    scopes = [f"of-{purpose}" for purpose in PURPOSES] + ["site:stranger.example"]
    made = Engine(policy, Person(facts, {scope: persona(scope, "lena") for scope in scopes}, bytes(32)))
    made.matcher.prepare()
    return made


NOTATIONS = {
    "json": lambda category, text: ("application/json", json.dumps({category: text}).encode()),
    "form": lambda category, text: (
        "application/x-www-form-urlencoded", f"{category}={text.replace('+', '%2B').replace(' ', '+')}".encode(),
    ),
    "text": lambda category, text: ("text/plain", f"my {category}: {text}".encode()),
    "xml": lambda category, text: ("text/xml", f"<a><{category}>{text}</{category}></a>".encode()),
}  # fmt: skip


@pytest.mark.parametrize("page", ["https://shop.example/", None])
@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize("purpose", [*PURPOSES, None])
def test_no_fact_passes(engine: Engine, purpose: str | None, notation: str, page: str | None) -> None:
    """Of every category, for every purpose, also to somebody whom nobody knows, and where nobody knows the page."""
    for category in FACT_CATEGORIES:
        kind, body = NOTATIONS[notation](category, text_of(category))
        lines = ((b"Content-Type", kind.encode()), (b"Content-Length", b"%d" % len(body)))
        host = f"{purpose or 'stranger'}.example"
        sent = Request("POST", "https", host, 443, b"/x", lines, body, page=page)
        outcome = engine.request(sent, now=NOW, book=DictBook())
        assert any(one.category == category and one.whose == "me" for one in outcome.findings), category
        if isinstance(outcome.verdict, Block | Ask):
            continue
        assert isinstance(outcome.verdict, Forward)
        needed = purpose in ("delivery", "checkout", "login") and category in (
            "postal_address",
            "phone",
            "date_of_birth",
        )
        if not (needed and category in PERSONA_CATEGORIES):
            assert body != outcome.message.body, category
            assert category != "gender" or b"weiblich" not in (outcome.message.body or b"")


@pytest.mark.parametrize("category", FACT_CATEGORIES)
def test_the_site_itself_gets_what_was_typed(engine: Engine, category: str) -> None:
    kind, body = NOTATIONS["json"](category, text_of(category))
    lines = ((b"Content-Type", kind.encode()), (b"Content-Length", b"%d" % len(body)))
    sent = Request("POST", "https", "shop.example", 443, b"/x", lines, body, page="https://shop.example/")
    assert engine.request(sent, now=NOW, book=DictBook()).message is sent


def test_a_cell_that_names_the_category_counts(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text(RULES)
    (tmp_path / "shield.yml").write_text("share: {third: {geo: allow}}\n")
    policy = load(Sources(shipped=(tmp_path / "c.yaml",), person=(), config=tmp_path / "shield.yml"))
    engine = Engine(policy, Person((Fact("geo-1", "geo", VALUES["geo"]),), pseudonym_key=bytes(32)))
    body = b'{"at": "50.73743,7.09821"}'
    lines = ((b"Content-Type", b"application/json"),)
    sent = Request("POST", "https", "stranger.example", 443, b"/x", lines, body, page="https://shop.example/")
    assert engine.request(sent, now=NOW, book=DictBook()).message is sent


def test_a_row_whose_name_holds_a_category_names_none(tmp_path: Path) -> None:
    """``*: allow`` of a service called like a category is no word about that category."""
    rules = "company: C\nservices:\n  geo:\n    purpose: functionality\n    on: [{host: helper.example}]\n"
    (tmp_path / "c.yaml").write_text(rules)
    (tmp_path / "shield.yml").write_text('share: {geo: {"*": allow}}\n')
    policy = load(Sources(shipped=(tmp_path / "c.yaml",), person=(), config=tmp_path / "shield.yml"))
    engine = Engine(policy, Person((Fact("geo-1", "geo", VALUES["geo"]),), pseudonym_key=bytes(32)))
    lines = ((b"Content-Type", b"application/json"),)
    body = b'{"at": "50.73743,7.09821"}'
    sent = Request("POST", "https", "helper.example", 443, b"/x", lines, body, page="https://shop.example/")
    assert engine.request(sent, now=NOW, book=DictBook()).message is not sent


def test_a_card_may_be_an_account() -> None:
    fact = make_fact("card-1", "card", {"value": "de89 3704 0044 0532 0130 00"})
    assert fact.value == "DE89370400440532013000"
    engine_facts = (fact,)
    from shield.detect.known import Matcher

    matcher = Matcher.build(Person(engine_facts, pseudonym_key=bytes(32)))
    for text in (b"DE89370400440532013000", b"DE89 3704 0044 0532 0130 00", b"de89-3704-0044-0532-0130-00"):
        assert matcher.holds(text)
