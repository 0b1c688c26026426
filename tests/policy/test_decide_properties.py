"""What must hold of every set of rules: order does not matter, protection never weakens, spans fit together."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from shield.address import AddressPattern
from shield.context import Context, HostPattern, PathPattern
from shield.finding import Decision, Finding, Forward
from shield.opened import Opened
from shield.policy.index import Index
from shield.policy.rule import Cell, Condition, Policy, Rule
from shield.tree import Node
from shield.vocabulary import PROTECTIVE_ORDER
from shield.wire import reader
from tests.policy.deciding import request

NOW = date(2026, 1, 1)
ROWS = {"first": "allow", "third": "strip"}
SHARE = {row: {"*": {"*": Cell(action, f"share.{row}.*.*")}} for row, action in ROWS.items()}
BODY = b'{"a": {"b": "1", "c": {"d": "2", "e": "3"}}, "f": "4", "g": ["5", "6"]}'
MESSAGE = request(
    "https://www.shop.example/a/b?x=1&yy=22", method="POST", body=BODY, headers={"content-type": "application/json"}
)
ADDRESSES = [
    "query:x", "query:yy", "query:*", "json:/a", "json:/a/b", "json:/a/**", "json:/a/c", "json:/a/c/d", "json:/**",
    "json:/g", "json:/g/0", "path:1", "json:/f",
]  # fmt: skip
CATEGORIES = ["cookie_id", "ad_id", "unknown", None]


def opened() -> Opened:
    return reader.read(MESSAGE)


def context(party: str = "first", purpose: str | None = "functionality", **more: str | None) -> Context:
    known = {"service": "shop", "company": "Acme", "site": "same", "type": "xhr", "by": "host", **more}
    return Context("POST", "www.shop.example", "/a/b", "shop.example", purpose=purpose, party=party, **known)  # type: ignore[arg-type]


conditions = st.builds(
    Condition,
    service=st.sampled_from([(), ("shop",)]),
    host=st.sampled_from([(), ("shop.example",), ("www.shop.example",), ("*.example",)]).map(
        lambda texts: tuple(HostPattern(text) for text in texts)
    ),
    path=st.sampled_from([(), ("/a/b",), ("/a/*",), ("/**",)]).map(
        lambda texts: tuple(PathPattern(text) for text in texts)
    ),
    method=st.sampled_from([(), ("POST",), ("POST", "GET")]),
    party=st.sampled_from([(), ("first",), ("third",)]),
    type=st.sampled_from([(), ("xhr",), ("image",)]),
    at=st.lists(st.sampled_from(ADDRESSES), min_size=1, max_size=2).map(
        lambda texts: tuple(AddressPattern(text) for text in texts)
    ),
)
messages = st.builds(replace, conditions, at=st.just(()))


@st.composite
def field_rules(draw: st.DrawFn, layers: tuple[str, ...] = ("person", "shipped", "list")) -> Rule:
    action = draw(st.sampled_from(PROTECTIVE_ORDER))
    category = draw(st.sampled_from(CATEGORIES))
    if action in ("pseudonymize", "generalize", "ask"):
        category = category or "cookie_id"
    to = ('="x"',) if action == "generalize" else ()
    layer, where = draw(st.sampled_from(layers)), (draw(conditions),)
    return Rule("r", "x", "f.yaml", 1, layer, where, action=action, category=category, to=to)


@st.composite
def message_rules(draw: st.DrawFn) -> Rule:
    action = draw(st.sampled_from(["allow", "ask", "block", "guard"]))
    layer = "guard" if action == "guard" else draw(st.sampled_from(["person", "shipped"]))
    return Rule(
        "r", "x", "f.yaml", 1, layer, (draw(messages),), action="" if action == "guard" else action,
        untouched="always" if action == "guard" else "",
    )  # fmt: skip


def numbered(rules: list[Rule]) -> list[Rule]:
    return [replace(rule, id=f"r{number}", line=number) for number, rule in enumerate(rules)]


rule_sets = st.lists(st.one_of(field_rules(), message_rules()), max_size=7).map(numbered)
contexts = st.builds(
    context, party=st.sampled_from(["first", "third", "unknown"]),
    purpose=st.sampled_from(["functionality", "analytics", None]),
    type=st.sampled_from(["xhr", "image", None]),
)  # fmt: skip


def decided(rules: list[Rule], about: Context, extra: tuple[Finding, ...] = (), tree: Opened | None = None):
    """What the index decides; findings in the order of places."""
    from shield.detect import places

    index = Index(Policy(rules=tuple(rules), share=SHARE))
    tree = tree or opened()
    findings = [*places.find(tree, index.selectors(about, tree, NOW).selectors), *extra]
    return index.decide(about, tree, findings, now=NOW, answers={})


def signature(outcome) -> tuple[object, ...]:
    """All that a decision says, in an order of its own."""
    told = sorted(
        (one.finding.at, one.finding.start, one.finding.end, one.finding.category, one.action, one.because.rule or "",
         tuple(beaten.rule for beaten in one.because.beat))
        for one in outcome.decisions
    )  # fmt: skip
    verdict = outcome.verdict
    questions = tuple(sorted(one.key for one in getattr(verdict, "questions", ())))
    return type(verdict).__name__, verdict.because.rule, questions, outcome.guard and outcome.guard.id, tuple(told)


@given(rule_sets, contexts, st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_the_order_of_rules_never_changes_the_decision(rules: list[Rule], about: Context, random) -> None:
    mixed = list(rules)
    random.shuffle(mixed)
    assert signature(decided(rules, about)) == signature(decided(mixed, about))


def strength(action: str | None) -> int:
    """Small is protective; nothing said is an allow."""
    return PROTECTIVE_ORDER.index(action or "allow")


def done(outcome, leaf: Node) -> str:
    """What becomes of a leaf: of the whole message first, then of the strongest thing around it."""
    if not isinstance(outcome.verdict, Forward):
        return {"Block": "block", "Ask": "ask"}[type(outcome.verdict).__name__]
    around = [_left_of(one, leaf) for one in outcome.decisions if leaf.is_within(one.finding.node)]
    return min(around, key=strength, default="allow")


def _left_of(decision: Decision, leaf: Node) -> str:
    """A constant in place of several fields leaves nothing of each of them."""
    is_inside = leaf is not decision.finding.node and not decision.finding.node.is_one_value
    return "strip" if is_inside and decision.action == "generalize" else decision.action


@given(st.lists(field_rules(("shipped",)), max_size=4).map(numbered), field_rules(("shipped",)), contexts)
@settings(max_examples=200, deadline=None)
def test_a_protective_rule_never_opens_what_its_layer_had_closed(rules: list[Rule], more: Rule, about: Context) -> None:
    """A more specific rule may be milder, but nothing becomes milder than the mildest of before and the rule itself."""
    if more.action == "allow":
        return
    tree = opened()
    before, after = decided(rules, about, tree=tree), decided([*rules, replace(more, id="more")], about, tree=tree)
    if isinstance(before.verdict, Forward) or not isinstance(after.verdict, Forward):
        for leaf in tree.fields():
            allowed = max(strength(done(before, leaf)), strength(more.action))
            assert strength(done(after, leaf)) <= allowed


@given(st.lists(field_rules(), max_size=5).map(numbered), contexts)
@settings(max_examples=150, deadline=None)
def test_an_equally_specific_protective_rule_only_adds_protection(rules: list[Rule], about: Context) -> None:
    """The same rule once more with a stronger action: no field of the message is treated more mildly."""
    tree = opened()
    before = decided(rules, about, tree=tree)
    for rule in rules:
        stronger = replace(rule, id=f"{rule.id}-strip", action="strip", to=(), category=rule.category)
        after = decided([*rules, stronger], about, tree=tree)
        if isinstance(after.verdict, Forward) and isinstance(before.verdict, Forward):
            for leaf in tree.fields():
                assert strength(done(after, leaf)) <= strength(done(before, leaf))


known = st.lists(
    st.tuples(
        st.integers(0, 11), st.integers(0, 2), st.integers(1, 3), st.sampled_from(["email", "card", "name", "ad_id"])
    ),
    max_size=4,
)  # fmt: skip


@given(rule_sets, contexts, known)
@settings(max_examples=200, deadline=None)
def test_edits_fit_together(rules: list[Rule], about: Context, spans: list[tuple[int, int, int, str]]) -> None:
    """No two edits overlap, and nothing is edited inside what goes or is exchanged as a whole."""
    tree = opened()
    leaves = list(tree.fields())
    extra = []
    for number, start, length, category in spans:
        node = leaves[number % len(leaves)]
        end = min(start + length, len(node.content))
        if start < end:
            extra.append(Finding(node, start, end, category, "me", "known"))
    outcome = decided(rules, about, tuple(extra), tree)
    edits = [one.finding for one in outcome.decisions if one.action not in ("allow", "block", "ask")]
    for one, other in itertools.combinations(edits, 2):
        if one.node is other.node:
            assert one.end <= other.start or other.end <= one.start
        else:
            assert not one.node.is_within(other.node)
            assert not other.node.is_within(one.node)
    if isinstance(outcome.verdict, Forward):
        assert {one.action for one in outcome.decisions} <= {"allow", "strip", "pseudonymize", "generalize"}


@given(rule_sets, contexts, known)
@settings(max_examples=100, deadline=None)
def test_every_known_fact_is_accounted_for(
    rules: list[Rule], about: Context, spans: list[tuple[int, int, int, str]]
) -> None:
    """Decided, covered, or the message is guarded, blocked: no finding gets lost."""
    tree = opened()
    leaves = list(tree.fields())
    extra = tuple(
        Finding(leaves[number % len(leaves)], 0, 1, category, "me", "known")
        for number, _, _, category in spans
        if leaves[number % len(leaves)].content
    )
    outcome = decided(rules, about, extra, tree)
    if outcome.guard is not None or (not isinstance(outcome.verdict, Forward) and not outcome.decisions):
        return
    told = {id(one.finding.node) for one in (*outcome.decisions, *outcome.covered)}
    assert {id(one.node) for one in extra} <= told
