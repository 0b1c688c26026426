"""Somebody's data by its shape, all the way: it leaves trackers' messages, and breaks nobody else's."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shield.engine import Engine
from shield.finding import Block, Forward
from shield.message import Request
from shield.outcome import Outcome
from shield.policy.load import Sources, load
from shield.policy.rule import Policy
from shield.policy.share import REPORTED, look_up
from tests.people import DictBook, sample_person
from tests.test_engine import shipped

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SERVICES = """company: Example
services:
  meter:
    purpose: analytics
    on: [{host: meter.example}]
  helper:
    purpose: functionality
    on: [{host: helper.example}]
"""
RULES = """
rules:
  - id: no-friends
    why: addresses of others are nobody's business
    where: {host: friends.example, category: email, whose: unknown}
    action: block
  - id: other-names
    why: a test
    where: {host: rename.example, category: [email, phone], whose: unknown}
    action: pseudonymize
  - id: keep-note
    why: the form needs it
    where: {service: meter, at: "query:note"}
    category: email
    action: allow
"""


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """The shipped configuration, a tracker, a helper, and rules of the person's."""
    folder = tmp_path_factory.mktemp("rules")
    (folder / "services.yaml").write_text(SERVICES)
    own = folder / "own"
    own.mkdir()
    (own / "own.yaml").write_text(RULES)
    policy: Policy = load(Sources(shipped=(folder / "services.yaml",), person=(own,)))
    return Engine(policy, sample_person("meter|shop.example", "helper|shop.example"))


def ask(
    engine: Engine, host: str, target: str, body: bytes = b"", page: str = "https://shop.example/"
) -> Outcome[Request]:
    lines = ((b"Host", host.encode()), (b"Content-Type", b"application/json"))
    sent = Request("POST", "https", host, 443, target.encode(), lines, body, type="xhr", page=page)
    return engine.request(sent, now=NOW, book=DictBook())


def told(outcome: Outcome[Request]) -> list[tuple[str, str, str, str | None]]:
    """What was decided about guesses."""
    return [
        (one.finding.at, one.finding.category, one.action, one.because.rule)
        for one in (*outcome.decisions, *outcome.covered) if one.finding.how == "shape"
    ]  # fmt: skip


def test_a_tracker_does_not_get_it(engine: Engine) -> None:
    """The table names e-mail and phone; a persona has no value for somebody else's, so they go."""
    outcome = ask(engine, "meter.example", "/c?em=bob@firma.de&tel=%2B4915199998888&n=1")
    assert isinstance(outcome.verdict, Forward)
    assert outcome.message.target == b"/c?n=1"
    assert told(outcome) == [
        ("query:em", "email", "strip", "share.third.email.*"),
        ("query:tel", "phone", "strip", "share.third.phone.*"),
    ]
    assert "nobody knows whose it is" in outcome.decisions[0].because.why
    assert not outcome.needs


def test_a_tracker_gets_the_rest_of_a_text(engine: Engine) -> None:
    outcome = ask(engine, "meter.example", "/c?dt=Order+by+bob@firma.de+done")
    assert outcome.message.target in (b"/c?dt=Order+by++done", b"/c?dt=Order+by+done")


def test_a_body_that_nobody_else_would_read_is_read(engine: Engine) -> None:
    outcome = ask(engine, "meter.example", "/c", b'{"a":[1,2],"user":{"mail":"bob@firma.de","x":2}}')
    assert outcome.message.body == b'{"a":[1,2],"user":{"x":2}}'


def test_what_others_had_to_read_changes_nothing(engine: Engine) -> None:
    """A fact of mine in one corner of a body, somebody's in another, among fields that nobody looks at."""
    rows = [{"id": number, "text": "a thing of some kind"} for number in range(400)]
    tail = {"people": {"a": {"mail": "bob@firma.de", "n": 1}}}
    for more in ({}, {"me": {"mail": "anna@real.example"}}):
        body = json.dumps({**more, "rows": rows, **tail}).encode()
        assert len(body) > 16_384
        left = ask(engine, "meter.example", "/c", body).message.body or b""
        assert b"firma" not in left
        assert b"anna" not in left
        assert json.loads(left)["rows"] == rows


@pytest.mark.parametrize("host", ["shop.example", "helper.example", "nobody-knows.example"])
@pytest.mark.parametrize(
    "target", ["/c?to=bob@firma.de", "/c?tel=%2B4915199998888", "/c?cc=5555555555554444", "/c?steuerid=86095742719"]
)
def test_nobody_elses_message_breaks(engine: Engine, host: str, target: str) -> None:
    """A friend's address in a form, a gift card, a tax return: reported, unchanged, nobody is asked."""
    outcome = ask(engine, host, target)
    assert isinstance(outcome.verdict, Forward)
    assert not outcome.modified
    assert [(action, rule) for _, _, action, rule in told(outcome)] == [("allow", "reported")]


def test_an_app_of_which_nobody_knows_the_page_breaks_neither(engine: Engine) -> None:
    sent = Request("POST", "https", "api.shop.example", 443, b"/c?to=bob@firma.de", ((b"Host", b"api.shop.example"),))
    outcome = engine.request(sent, now=NOW, book=DictBook())
    assert (outcome.context.party, outcome.modified, type(outcome.verdict)) == ("unknown", False, Forward)


@pytest.mark.parametrize(
    ("target", "rule"), [("/c?cc=5555555555554444", "share.third.card.analytics"), ("/c?steuerid=86095742719", "never")]
)
def test_what_must_never_reach_a_tracker_blocks_its_message(engine: Engine, target: str, rule: str) -> None:
    outcome = ask(engine, "meter.example", target)
    assert isinstance(outcome.verdict, Block)
    assert outcome.verdict.because.rule == rule


def test_a_row_for_everything_else_says_nothing_about_a_guess(engine: Engine) -> None:
    """``"*": strip`` at trackers would take whatever looks like something out of every message."""
    share, third = engine.policy.share, {"service": None, "company": None, "party": "third", "purpose": "analytics"}
    assert look_up(share, **third, category="contacts", by_form=True) is REPORTED
    assert look_up(share, **third, category="contacts").action == "strip"


def test_an_address_of_the_internet_has_a_cell(engine: Engine) -> None:
    outcome = ask(engine, "meter.example", "/c?uip=8.8.8.8")
    assert told(outcome) == [("query:uip", "ip", "strip", "share.third.ip.analytics")]


def test_a_rule_speaks_about_guesses(engine: Engine) -> None:
    blocked = ask(engine, "friends.example", "/c?to=bob@firma.de")
    assert isinstance(blocked.verdict, Block)
    assert blocked.verdict.because.rule == "no-friends"
    assert isinstance(ask(engine, "friends.example", "/c?to=anna@real.example").verdict, Forward)


def test_no_invented_value_stands_for_a_strangers(engine: Engine) -> None:
    """A phone number of the same shape would be somebody's."""
    outcome = ask(engine, "rename.example", "/c?to=bob@firma.de&tel=%2B4915199998888&n=1")
    assert outcome.message.target == b"/c?n=1"


def test_a_rule_that_names_the_place_decides(engine: Engine) -> None:
    outcome = ask(engine, "meter.example", "/c?note=bob@firma.de")
    assert not outcome.modified
    assert {rule for _, _, _, rule in told(outcome)} == {"keep-note"}


def test_my_own_is_exchanged_beside_a_strangers(engine: Engine) -> None:
    outcome = ask(engine, "meter.example", "/c?a=anna@real.example&b=bob@firma.de")
    assert outcome.message.target == b"/c?a=lena@example.org"
    assert [one for one in told(outcome) if one[0] == "query:a"] == []


def test_the_shipped_rules_report_and_do_not_touch_a_form(tmp_path: Path) -> None:
    one = Engine(shipped(), sample_person())
    body = b'{"friend":"bob@firma.de","phone":"0151 99998888","card":"5555 5555 5555 4444"}'
    outcome = ask(one, "shop.example", "/invite", body)
    assert not outcome.modified
    assert sorted(at for at, *_ in told(outcome)) == ["json:/card", "json:/friend", "json:/phone"]
