"""Decide, in the corners: heads and bodies, frames, responses, unreadable bodies, spans, scopes, named parts."""
# ruff: noqa: E501  (rules stand on one line as they would in a file)

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from shield.finding import Ask, Block, Finding, Forward, Likeness
from shield.message import Frame, Request
from shield.policy.head import STREAM_BYTES
from shield.policy.index import Index
from shield.policy.rule import Cell, Policy
from shield.services.recognise import Registry
from shield.wire import reader
from tests.policy.deciding import MATCHER, NOW, Case, decide, policy, request

NEWS, SHOP = "https://news.example/", "https://shop.example/"
MAIL = "anna%40real.example"
GUARD = "- {id: g, why: x, where: {service: login}, untouched: true}"
LIFT = '- {id: p, why: x, where: {service: login, at: "query:a"}, action: strip, lifts: g}'


def again(case: Case, rules: Policy, findings: list[Finding]) -> list[tuple[str, int, int]]:
    """Decide the same message with other findings: action and span of each decision."""
    outcome = Index(rules).decide(case.context, case.opened, findings, now=NOW, answers={})
    return [(one.action, one.finding.start, one.finding.end) for one in outcome.decisions]


# ---------------------------------------------------------------------------------------- heads and bodies


@pytest.mark.parametrize(
    ("method", "headers", "version", "body"),
    [
        ("GET", {}, "HTTP/1.1", "unneeded"),
        ("GET", {}, "HTTP/2.0", "unneeded"),
        ("POST", {}, "HTTP/1.1", "unneeded"),  # neither a length nor chunks: no body (RFC 9112, section 6.3)
        ("POST", {}, "HTTP/2.0", "hold"),  # may still come
        ("POST", {"content-length": "0"}, "HTTP/1.1", "unneeded"),
        ("POST", {"content-length": "10"}, "HTTP/1.1", "hold"),
        ("POST", {"content-length": "x"}, "HTTP/1.1", "hold"),
        ("POST", {"transfer-encoding": "chunked"}, "HTTP/1.1", "hold"),
        ("POST", {"content-length": str(STREAM_BYTES)}, "HTTP/1.1", "hold"),
        ("POST", {"content-length": str(STREAM_BYTES + 1)}, "HTTP/1.1", "stream"),
    ],
)
def test_how_the_body_is_treated(method: str, headers: dict[str, str], version: str, body: str) -> None:
    rules = policy()
    message = replace(request(SHOP, method=method, headers=headers, page=SHOP), http_version=version, body=None)
    head = Index(rules).head(message, Registry(rules.services).recognise(message), NOW)
    assert (head.verdict, head.body) == (None, body)


def large(rules: Policy, url: str) -> object:
    message = replace(
        request(url, method="POST", headers={"content-length": str(STREAM_BYTES * 9)}, page=NEWS), body=None
    )
    return Index(rules).head(message, Registry(rules.services).recognise(message), NOW)


def test_a_body_too_large_to_be_read_never_starts_towards_a_tracker() -> None:
    """It is one field of category unreadable, which the share table blocks there."""
    head = large(policy(), "https://tracker.example/")
    assert isinstance(head.verdict, Block)
    assert head.verdict.because.rule == "share.third.unreadable.analytics"
    assert large(policy(), "https://shop.example/").body == "stream"
    assert large(policy("", "", "share: {first: {unreadable: ask}, third: {unreadable: ask}}"), SHOP).body == "hold"


def test_a_rule_about_the_unreadable_wants_to_see_it() -> None:
    rules = policy("", "- {id: p, why: x, where: {service: tracker, category: unreadable}, action: allow}")
    assert large(rules, "https://tracker.example/").body == "hold"


def test_a_lifted_guard_holds_the_body_only_for_fields_in_it() -> None:
    message = request("https://login.example/?a=1", method="POST", body=b"x=1")

    def body(person: str) -> tuple[str | None, str]:
        rules = policy(GUARD, person)
        head = Index(rules).head(message, Registry(rules.services).recognise(message), NOW)
        assert head.verdict is None
        return head.guard.id if head.guard else None, head.body

    assert body(LIFT) == ("g", "unneeded")
    assert body(LIFT.replace("query:a", "form:a")) == ("g", "hold")


def test_a_rule_that_looks_into_the_message_leaves_the_head_open() -> None:
    """What it could still win is not settled before."""
    rules = '- {id: b, why: x, where: {service: shop}, action: block}\n' \
            '- {id: a, why: x, where: {service: shop, path: /, has: {"query:ok": "1"}}, action: allow}'  # fmt: skip
    assert decide(policy(rules), request("https://shop.example/?ok=1", page=SHOP)).head.verdict is None
    assert decide(policy(rules), request("https://shop.example/?ok=1", page=SHOP)).verdict == "forward"
    assert decide(policy(rules), request("https://shop.example/?ok=2", page=SHOP)).verdict == "block"


def test_answers_of_a_block() -> None:
    for stated, kind, body in (
        ("empty", "empty", b""), ("gif", "gif", b""), ("\"204\"", "204", b""), ("'json {\"a\": 1}'", "json", b'{"a": 1}'),
    ):  # fmt: skip
        rules = policy(f"- {{id: b, why: x, where: {{service: shop}}, action: block, answer: {stated}}}")
        verdict = decide(rules, request(SHOP)).decided.verdict
        assert (verdict.answer.kind, verdict.answer.body) == (kind, body)
    assert (
        decide(policy("- {id: b, why: x, where: {service: shop}, action: block}"), request(SHOP)).decided.verdict.answer
        is None
    )


# ---------------------------------------------------------------------------------- guards that are lifted


def test_in_a_lifted_guard_never_and_the_unreadable_do_not_hold() -> None:
    """It is left alone but for the lifted fields; each fact that passes says why, for the last look."""
    rules = policy(GUARD, LIFT, "never: [email]")
    case = decide(rules, request(f"https://login.example/?a=1&em={MAIL}", page=NEWS))
    assert case.verdict == "forward"
    assert case.actions == {"query:a": "strip", "query:em": "allow"}
    assert case.decided.guard is None  # one of its fields is edited
    case.findings[-1].node.unreadable = "for the test"
    outcome = Index(rules).decide(case.context, case.opened, case.findings, now=NOW, answers={})
    assert isinstance(outcome.verdict, Forward)


# ---------------------------------------------------------------------------------- frames and responses


def frame(rules: Policy, text: bytes) -> str:
    """The verdict about one frame to shop.example."""
    upgrade = request(SHOP, page=SHOP, headers={"upgrade": "websocket"})
    context = Registry(rules.services).recognise(upgrade)
    opened = reader.read_frame(Frame("request", text, is_text=True))
    outcome = Index(rules).decide(context, opened, MATCHER.find(opened), now=NOW, answers={})
    return type(outcome.verdict).__name__


def test_about_a_frame_only_rules_that_look_into_it_speak() -> None:
    """The question about the socket itself was answered when it was opened."""
    rules = policy(
        "- {id: s, why: x, where: {service: shop}, action: ask}\n"
        '- {id: b, why: x, where: {service: shop, has: {"frame/json:/type": "track*"}}, action: block}'
    )
    assert frame(rules, b'{"type": "chat"}') == "Forward"
    assert frame(rules, b'{"type": "tracking"}') == "Block"


def test_a_frame_of_a_guarded_socket_is_left_alone() -> None:
    assert (
        frame(policy("- {id: g, why: x, where: {service: shop}, untouched: true}"), b'{"em": "anna@real.example"}')
        == "Forward"
    )


def test_in_responses_only_rules_of_that_direction_speak() -> None:
    rules = policy(
        '- {id: s, why: x, where: {service: shop, direction: response, at: "header:accept-ch"}, action: strip}\n'
        '- {id: q, why: x, where: {service: shop, at: "header:accept-ch"}, action: block}',
        "", "never: [email]",
    )  # fmt: skip
    case = decide(rules, request(SHOP, headers={"accept-ch": "x"}, page=SHOP))
    assert case.verdict == "block"
    index, back = Index(rules), replace(case.context, direction="response")
    chosen = index.selectors(back, case.opened, NOW)
    assert [one.rule for one in chosen.selectors] == ["s"]


def test_an_exception_of_the_other_direction_does_not_count() -> None:
    rules = policy(
        '- {id: s, why: x, where: {service: shop, at: "query:x"}, unless: {direction: response}, action: strip}'
    )
    assert decide(rules, request("https://shop.example/?x=1", page=SHOP)).actions == {"query:x": "strip"}


# ------------------------------------------------------------------------------------- what cannot be read


def unreadable(rules: Policy, url: str, page: str, body: bytes = b"\x00\x01 anna@real.example \x02") -> Case:
    return decide(
        rules,
        request(url, method="POST", body=body, page=page, type="xhr", headers={"content-type": "application/x-none"}),
    )


def test_a_known_fact_in_an_unreadable_body_blocks_at_a_third_party_and_asks_at_a_first() -> None:
    rules = policy()
    assert unreadable(rules, "https://parcel.example/", NEWS).verdict == "block"
    first = unreadable(rules, SHOP, SHOP)
    assert isinstance(first.decided.verdict, Ask)
    assert first.decided.verdict.questions[0].choices == ("allow", "block")
    assert unreadable(rules, SHOP, SHOP, b"\x00\x01 nothing known \x02").verdict == "forward"
    assert unreadable(rules, "https://tracker.example/", NEWS, b"\x00\x01 nothing known \x02").verdict == "block"


def test_only_a_rule_lets_a_known_fact_in_an_unreadable_body_pass() -> None:
    assert unreadable(policy("", "", "share: {first: {email: allow}}"), SHOP, SHOP).verdict == "ask"
    rules = policy("", "- {id: p, why: x, where: {service: shop, category: email}, action: allow}")
    assert unreadable(rules, SHOP, SHOP).verdict == "forward"


# ------------------------------------------------------------------------------------------------ the table


def test_towards_an_unknown_party_what_is_spared_counts_as_said_to_a_first() -> None:
    strip = {"*": Cell("strip", "t")}
    share = {"first": {"*": {"*": Cell("allow", "f")}}, "third": {"*": strip, "session_id": strip, "ad_id": strip}}
    rules = replace(policy(), share=share)
    case = decide(rules, request("https://other.example/?a=1&b=2"))
    nodes = {node.content: node for node in case.opened.fields()}
    findings = [
        Finding(nodes[b"1"], 0, 1, "session_id", how="identifier"), Finding(nodes[b"2"], 0, 1, "ad_id", how="identifier")
    ]  # fmt: skip
    assert again(case, rules, findings) == [("allow", 0, 1), ("strip", 0, 1)]


def test_what_was_found_by_its_form_alone_is_reported_until_somebody_names_its_category() -> None:
    """A row for everything is none for it; a cell for its category or a rule that selects it is."""
    everything = {"third": {"*": {"*": Cell("strip", "t")}}, "first": {"*": {"*": Cell("strip", "f")}}}
    rules = replace(policy(), share=everything)
    case = decide(rules, request("https://tracker.example/?a=1", page=NEWS))
    node = next(node for node in case.opened.fields() if node.content == b"1")
    finding = Finding(node, 0, 1, "cookie_id", how="identifier")
    assert again(case, rules, [finding]) == [("allow", 0, 1)]
    assert again(case, rules, [finding._replace(how="known")]) == [("strip", 0, 1)]
    named = {"third": {**everything["third"], "cookie_id": {"*": Cell("strip", "c")}}}
    assert again(case, replace(rules, share=named), [finding]) == [("strip", 0, 1)]
    select = "- {id: p, why: x, where: {purpose: analytics, category: cookie_id}, action: strip}"
    selected = replace(policy("", select), share=everything)
    assert again(case, selected, [finding]) == [("strip", 0, 1)]


def test_never_blocks_what_the_table_would_only_strip() -> None:
    rules = policy("", "", "never: [email]\nshare: {third: {email: strip}}")
    assert decide(rules, request(f"https://tracker.example/?em={MAIL}", page=NEWS)).verdict == "block"


def test_what_stands_in_a_name_can_only_go_as_a_whole() -> None:
    case = decide(policy(), request(f"https://tracker.example/?{MAIL}=1", page=NEWS))
    assert [one.action for one in case.decided.decisions] == ["strip"]
    assert case.decided.decisions[0].finding.in_name


def test_what_stands_in_a_name_takes_only_its_own_item_along() -> None:
    """The fields beside it are decided as ever; the value under the name goes with it."""
    case = decide(
        policy(), request(f"https://tracker.example/?a=1&{MAIL}={MAIL}&b={MAIL}&c=%2B4915112345678", page=NEWS)
    )
    assert case.actions == {"query:#email": "strip", "query:b": "pseudonymize", "query:c": "pseudonymize"}
    body = b'{"anna@real.example": {"x": "anna@real.example"}, "y": "+4915112345678"}'
    headers = {"content-type": "application/json"}
    case = decide(policy(), request("https://tracker.example/", method="POST", body=body, headers=headers, page=NEWS))
    assert case.actions == {"json:#email": "strip", "json:/y": "pseudonymize"}
    assert [one.finding.at for one in case.decided.covered] == ["json:/anna@real.example/x"]


def test_a_name_that_goes_as_a_whole_is_not_asked_about() -> None:
    rules = policy(
        '- {id: s, why: x, where: {service: shop, at: "json:/a"}, action: strip}', "", "share: {first: {email: ask}}"
    )
    headers = {"content-type": "application/json"}

    def verdict(body: bytes) -> str:
        return decide(rules, request(SHOP, method="POST", body=body, headers=headers, page=SHOP)).verdict

    assert verdict(b'{"a": {"anna@real.example": "1"}}') == "forward"
    assert verdict(b'{"b": {"anna@real.example": "1"}}') == "ask"


# ---------------------------------------------------------------------------------------------------- spans

EMAIL_RULE = '- {id: s, why: x, where: {service: tracker, at: "query:x"}, category: email, action: pseudonymize}'


def test_a_fact_that_is_the_whole_field_is_exchanged_as_the_fact() -> None:
    """So that a digest of it becomes the digest of the persona's value."""
    case = decide(policy(EMAIL_RULE), request(f"https://tracker.example/?x={MAIL}", page=NEWS))
    (one,) = case.decided.decisions
    assert (one.action, one.finding.how) == ("pseudonymize", "known")
    assert isinstance(one.finding.likeness, Likeness)
    assert [covered.finding.how for covered in case.decided.covered] == ["place"]


def test_a_persona_s_value_that_is_the_whole_field_is_left() -> None:
    case = decide(policy(EMAIL_RULE), request("https://tracker.example/?x=lena%40example.org", page=NEWS))
    (one,) = case.decided.decisions
    assert (one.action, one.finding.whose) == ("allow", "persona")


def test_a_field_with_more_than_the_fact_is_exchanged_as_a_whole() -> None:
    case = decide(policy(EMAIL_RULE), request(f"https://tracker.example/?x={MAIL},bob%40other.example", page=NEWS))
    (one,) = case.decided.decisions
    assert (one.action, one.finding.how, one.finding.is_whole) == ("pseudonymize", "place", True)


def test_of_equal_spans_the_higher_layer_decides_then_the_more_protective() -> None:
    rules = policy("", "- {id: p, why: x, where: {service: shop, category: username}, action: allow}",
                   "share: {first: {email: strip, name: pseudonymize, phone: allow}}")  # fmt: skip
    case = decide(rules, request("https://shop.example/?x=anna", page=SHOP))
    node = next(node for node in case.opened.fields() if node.content == b"anna")

    def found(*categories: str) -> list[Finding]:
        return [Finding(node, 0, 4, category, "me", "known") for category in categories]

    for order in (("email", "name"), ("name", "email")):
        assert again(case, rules, found(*order)) == [("strip", 0, 4)]
    for order in (("email", "username"), ("username", "email")):
        assert again(case, rules, found(*order)) == [("allow", 0, 4)]
    assert again(case, rules, found("phone", "username")) == [("allow", 0, 4)] * 2  # both pass the last look


def test_nested_spans_come_inner_first() -> None:
    rules = policy('- {id: s, why: x, where: {service: shop, at: "query:x"}, category: page_url, action: generalize, to: path}',
                   "", "share: {first: {name: pseudonymize}}")  # fmt: skip
    case = decide(rules, request("https://shop.example/?x=hello+anna+there", page=SHOP))
    (place,) = [one for one in case.findings if one.how == "place"]
    inner = Finding(place.node, 6, 10, "name", "me", "known")
    for findings in ([place, inner], [inner, place]):
        assert again(case, rules, findings) == [("pseudonymize", 6, 10), ("generalize", 0, 16)]


# ------------------------------------------------------------------------------------- scopes, parts, index


@pytest.mark.parametrize(
    ("url", "page", "scope", "text"),
    [
        ("https://tracker.example/?c=1.2", NEWS, None, "tracker|news.example"),  # third parties: the site
        ("https://tracker.example/?c=1.2", NEWS, "service", "tracker"),
        ("https://tracker.example/?c=1.2", NEWS, "group", "group:Spy"),
        ("https://tracker.example/?c=1.2", None, None, "tracker|"),
        ("https://shop.example/?c=1.2", SHOP, None, "shop"),  # else the service
        ("https://shop.example/?c=1.2", SHOP, "site", "shop|shop.example"),
        ("https://www.other.example/?c=1.2", NEWS, None, "site:other.example|news.example"),
        ("https://www.other.example/?c=1.2", NEWS, "group", "site:other.example"),
    ],
)
def test_within_what_a_pseudonym_is_equal(url: str, page: str | None, scope: str | None, text: str) -> None:
    stated = f", scope: {scope}" if scope else ""
    rules = policy(f'- {{id: s, why: x, where: {{at: "query:c"}}, category: cookie_id, action: pseudonymize{stated}}}')
    assert decide(rules, request(url, page=page)).decided.decisions[0].scope == text


def test_named_parts_of_a_path() -> None:
    rules = policy('- {id: s, why: x, where: {service: shop, path: "/1/{market}:{session}:{rest**}", at: "path:session"},'
                   " action: strip}")  # fmt: skip
    case = decide(rules, request("https://shop.example/1/A1:131-22:x/y", page=SHOP))
    assert case.actions == {"path:session": "strip"}
    assert case.decided.decisions[0].finding.node.content == b"131-22"


def test_has_may_ask_for_a_named_part() -> None:
    rules = policy('- {id: s, why: x, where: {service: shop, path: "/{op}/{id}", has: {"path:op": "user"}, at: "path:id"},'
                   " action: strip}")  # fmt: skip
    assert decide(rules, request("https://shop.example/user/77", page=SHOP)).actions == {"path:id": "strip"}
    assert decide(rules, request("https://shop.example/item/77", page=SHOP)).actions == {}


def test_parts_that_overlap_are_opened_once_for_the_more_specific_rule() -> None:
    rules = policy(
        '- {id: s, why: x, where: {service: shop, path: "/{all**}", at: "path:all"}, action: strip}\n'
        '- {id: t, why: x, where: {service: shop, path: "/u/{id}", at: "path:id"}, action: strip}'
    )
    assert decide(rules, request("https://shop.example/u/77", page=SHOP)).actions == {"path:id": "strip"}
    assert decide(rules, request("https://shop.example/v/77", page=SHOP)).actions == {"path:all": "strip"}


def test_an_exact_host_is_not_its_subdomains() -> None:
    rules = policy('- {id: s, why: x, where: {host: "=shop.example", at: "query:x"}, action: strip}')
    assert decide(rules, request("https://shop.example/?x=1", page=SHOP)).actions == {"query:x": "strip"}
    assert decide(rules, request("https://www.shop.example/?x=1", page=SHOP)).actions == {}


def test_a_rule_is_filed_once_under_hosts_that_contain_each_other() -> None:
    rules = policy('- {id: s, why: x, where: {host: [shop.example, www.shop.example], at: "query:x"}, action: strip}')
    case = decide(rules, request("https://www.shop.example/?x=1", page=SHOP))
    assert case.at("query:x").because.beat == ()


def test_one_index_keeps_messages_and_days_apart() -> None:
    """Head, selectors and decide share a note of the last message: another one, another day is another matter."""
    rules = policy('- {id: s, why: x, where: {party: third, at: "query:x"}, action: strip, until: 2026-01-02}')
    index, registry = Index(rules), Registry(rules.services)

    def names(page: str, now: date) -> list[str]:
        message = request("https://shop.example/?x=1", page=page)
        context = registry.recognise(message)
        index.head(message, context, now)
        return [one.rule for one in index.selectors(context, reader.read(message), now).selectors]

    assert names(NEWS, NOW) == ["s"]
    assert names(SHOP, NOW) == []
    assert names(NEWS, NOW) == ["s"]
    assert names(NEWS, date(2026, 1, 2)) == []


def test_a_message_that_no_rule_concerns_is_forwarded_as_it_is() -> None:
    case = decide(policy(), request("https://other.example/a?b=c", page="https://other.example/"))
    assert case.decided.verdict.because.layer == "default"
    assert (case.decided.decisions, case.decided.additions, case.decided.covered) == ((), (), ())


# ------------------------------------------------------------------------------------------------ additions


def test_of_additions_to_one_address_the_stronger_rule_counts() -> None:
    rules = policy(
        '- {id: s, why: x, where: {service: shop}, action: add, add: {"header:sec-gpc": "1"}}',
        '- {id: p, why: x, where: {service: shop}, action: add, add: {"header:sec-gpc": "0"}}',
    )
    (one,) = decide(rules, request(SHOP)).decided.additions
    assert (one.value, one.because.rule) == ("0", "p")


def test_nothing_is_added_to_a_guarded_message() -> None:
    rules = policy(GUARD + '\n- {id: s, why: x, where: {service: login}, action: add, add: {"header:sec-gpc": "1"}}')
    assert decide(rules, request("https://login.example/")).decided.additions == ()


# --------------------------------------------------------------------------------------------------- unwrap


@pytest.mark.parametrize(
    ("to", "query", "location"),
    [
        ('["query:a", "query:b"]', "a=sofa&b=https%3A%2F%2Fo.example%2Fx%3Fy%3D1", "https://o.example/x?y=1"),
        ('["query:a"]', "a=HTTP://o.example", "HTTP://o.example"),
        ('["query:a"]', "a=https://o.example/%C3%A4", "https://o.example/%C3%A4"),
        ('["query:a"]', "a=//o.example/", None),
        ('["query:a"]', "a=/local", None),
        ('["query:a"]', "a=javascript:alert(1)//https://o.example", None),
        ('["query:a"]', "a=https://", None),
        ('["query:a"]', "a=https://u:p%40o.example/", None),
        ('["query:a"]', "a=https://u@o.example/", None),
        ('["query:a"]', "a=https://o.example/%0D%0Aset-cookie:x", None),
        ('["query:a"]', "", None),
    ],
)
def test_unwrap_leads_only_to_absolute_http_addresses(to: str, query: str, location: str | None) -> None:
    rules = policy(f"- {{id: u, why: x, where: {{service: shop, path: /out}}, action: unwrap, to: {to}}}")
    verdict = decide(rules, request(f"https://shop.example/out?{query}", type="document")).decided.verdict
    assert getattr(verdict, "location", None) == location


def test_unwrap_by_a_template_with_parts_of_the_path() -> None:
    rules = policy(
        '- {id: u, why: x, where: {service: shop, path: "/amp/s/{rest**}"}, action: unwrap, to: "https://{rest}"}'
    )
    message = request("https://shop.example/amp/s/o.example/a%20b", type="document")
    assert decide(rules, message).decided.verdict.location == "https://o.example/a%20b"
    head: Request = replace(message, method="HEAD")
    assert decide(rules, head).verdict == "forward"
