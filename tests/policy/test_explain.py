"""Explain: everything there is to say about a decision, without a value."""

from __future__ import annotations

import hashlib
import json

from shield.policy.explain import explain
from shield.policy.opens import opens
from tests.policy.deciding import decide, policy, request

NEWS = "https://news.example/"


def told(url: str, shipped: str = "", person: str = "", config: str = "", **message: object):
    rules = policy(shipped, person, config)
    case = decide(rules, request(url, **{"page": NEWS, "type": "xhr", **message}))
    return explain(case.decided, case.context, opens(rules, case.context.host))


def test_who_is_asked_what_was_found_and_which_rule_won() -> None:
    data = told(
        "https://tracker.example/?cid=111.222&em=anna%40real.example",
        '- {id: cid, why: joins, where: {service: tracker, at: "query:cid"}, category: cookie_id, action: strip}',
        '- {id: mine, why: I say so, where: {at: "query:cid"}, category: cookie_id, action: allow}',
    )
    assert data["opened"]["opened"] is True
    assert data["asked"] == {
        "host": "tracker.example", "service": "tracker", "company": "Spy", "purpose": "analytics", "party": "third",
        "site": "cross", "type": "xhr", "by": "host", "direction": "request",
    }  # fmt: skip
    assert (data["verdict"], data["guard"]) == ("forward", None)
    cid, email = sorted(data["findings"], key=lambda one: one["at"])
    assert (cid["at"], cid["span"], cid["category"], cid["action"]) == ("query:cid", [0, 7], "cookie_id", "allow")
    because = cid["because"]
    assert (because["rule"], because["where"], because["why"]) == ("mine", "mine.yaml:2", "I say so")
    (beaten,) = because["beat"]
    assert (beaten["rule"], beaten["where"], beaten["action"]) == ("cid", "acme.yaml:9", "strip")
    assert (email["whose"], email["how"], email["action"]) == ("me", "known", "pseudonymize")
    assert (email["because"]["layer"], email["because"]["rule"]) == ("share", "share.third.email.*")


def test_what_goes_as_a_whole_covers_what_lies_inside() -> None:
    data = told(
        "https://tracker.example/?x=hello+anna%40real.example",
        '- {id: s, why: x, where: {service: tracker, at: "query:x"}, action: strip}',
    )
    assert [(one["category"], one["covered"]) for one in data["findings"]] == [("unknown", False), ("email", True)]


def test_a_digest_is_told_by_its_disguise() -> None:
    digest = hashlib.sha256(b"anna@real.example").hexdigest()
    (one,) = told(f"https://tracker.example/?x={digest}")["findings"]
    assert one["disguise"].startswith("sha256")


def test_verdicts() -> None:
    guard = told("https://shop.example/", "- {id: g, why: x, where: {service: shop}, untouched: true}")
    assert guard["guard"] == {"rule": "g", "where": "acme.yaml:9", "why": "x"}
    assert guard["opened"]["opened"] is False
    block = told("https://shop.example/", "- {id: b, why: x, where: {service: shop}, action: block, answer: gif}")
    assert (block["verdict"], block["answer"], block["because"]["rule"]) == ("block", "gif", "b")
    ask = told("https://shop.example/", "- {id: a, why: x, where: {service: shop}, action: ask}")
    assert ask["questions"] == [
        {"key": "a|shop|message|", "at": "", "category": "message", "otherwise": "block", "choices": ["allow", "block"],
         "why": "x"}
    ]  # fmt: skip
    unwrap = told(
        "https://shop.example/out?to=https%3A%2F%2Fother.example%2Fa",
        '- {id: u, why: x, where: {service: shop, path: /out}, action: unwrap, to: ["query:to"]}',
        type="document",
    )
    assert (unwrap["verdict"], unwrap["location"]) == ("redirect", "https://other.example/a")


def test_additions() -> None:
    data = told(
        "https://shop.example/",
        '- {id: gpc, why: x, where: {service: shop}, action: add, add: {"header:sec-gpc": "1"}}',
    )
    (one,) = data["additions"]
    assert (one["at"], one["value"], one["because"]["rule"]) == ("header:sec-gpc", "1", "gpc")


def test_no_value_is_told() -> None:
    data = told("https://tracker.example/?em=anna%40real.example&anna%40real.example=1")
    assert len(data["findings"]) == 2
    assert "anna" not in json.dumps(data)
