"""Section "Which rule wins" of the design, sentence by sentence: one row or more for each."""
# ruff: noqa: E501  (a table: rules stand on one line as they would in a file)

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import pytest

from shield.policy.index import Index
from shield.policy.rule import Cell
from tests.policy.deciding import MATCHER, NOW, decide, policy, request

NEWS = "https://news.example/"
SHOP = "https://shop.example/"
MAIL = "anna%40real.example"
JSON = {"content-type": "application/json"}


@dataclass(frozen=True)
class Row:
    """Rules and a message, and what comes of it.

    ``page`` unsaid is the message's own site; ``at`` is a part of the actions, ``gone`` addresses nobody decides.
    """

    says: str
    shipped: str = ""
    person: str = ""
    config: str = ""
    url: str = "https://shop.example/"
    page: str | None = SHOP
    method: str = "GET"
    type: str | None = "xhr"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    answers: Mapping[str, str] = field(default_factory=dict)
    now: date = NOW
    verdict: str = "forward"
    guard: str | None = None
    rule: str | None = None
    at: Mapping[str, str] = field(default_factory=dict)
    because: Mapping[str, str] = field(default_factory=dict)
    without: tuple[str, ...] = ()


def pair(one: str, other: str) -> str:
    """Two rules about the same field, which differ in their action only."""
    return "\n".join(
        f'- {{id: r{n}, why: x, where: {{host: shop.example, at: "query:x"}}, category: cookie_id, {action}}}'
        for n, action in enumerate((one, other))
    )


LAYERS = [
    Row(
        "a person's rule beats a shipped one, however specific that is",
        shipped='- {id: s, why: x, where: {host: =shop.example, path: /, at: "query:x", method: GET}, category: cookie_id,'
        " action: strip}",
        person='- {id: p, why: x, where: {at: "query:*"}, category: cookie_id, action: allow}',
        url="https://shop.example/?x=1",
        at={"query:x": "allow"},
        because={"query:x": "person p"},
    ),
    Row(
        "a shipped rule beats the share table",
        shipped="- {id: s, why: x, where: {service: tracker, category: email}, action: strip}",
        url=f"https://tracker.example/?em={MAIL}",
        at={"query:em": "strip"},
        because={"query:em": "shipped s"},
    ),
    Row(
        "the share table decides what no rule names",
        url=f"https://tracker.example/?em={MAIL}",
        at={"query:em": "pseudonymize"},
        because={"query:em": "share share.third.email.*"},
    ),
    Row(
        "a person's rule that names the guard it lifts: its own fields only",
        shipped="- {id: g, why: x, where: {service: login}, untouched: true}\n"
        '- {id: s, why: x, where: {service: login, at: "query:b"}, action: strip}',
        person='- {id: p, why: x, where: {service: login, at: "query:a"}, action: strip, lifts: g}\n'
        '- {id: q, why: x, where: {service: login, at: "query:c"}, action: strip}',
        url=f"https://login.example/?a=1&b=2&c=3&em={MAIL}",
        page=NEWS,
        at={"query:a": "strip", "query:em": "allow"},
        because={"query:a": "lifted p", "query:em": "guard g"},
        without=("query:b", "query:c"),
    ),
    Row(
        "a lifted guard whose field is not there leaves the message alone",
        shipped="- {id: g, why: x, where: {service: login}, untouched: true}",
        person='- {id: p, why: x, where: {service: login, at: "query:a"}, action: strip, lifts: g}',
        url=f"https://login.example/?em={MAIL}",
        page=NEWS,
        guard="g",
        without=("query:em",),
    ),
    Row(
        "guards beat the person's field rules",
        shipped="- {id: g, why: x, where: {service: login}, untouched: true}",
        person='- {id: p, why: x, where: {at: "query:a"}, action: strip}',
        url="https://login.example/?a=1",
        guard="g",
        without=("query:a",),
    ),
    Row(
        "guards beat shipped blocks",
        shipped="- {id: g, why: x, where: {service: login}, untouched: true}\n"
        "- {id: b, why: x, where: {host: =login.example, path: /, method: GET}, action: block}",
        url="https://login.example/",
        guard="g",
    ),
    Row(
        "the person's own block beats a guard",
        shipped="- {id: g, why: x, where: {service: login}, untouched: true}",
        person="- {id: p, why: x, where: {host: login.example}, action: block}",
        url="https://login.example/",
        verdict="block",
        rule="p",
    ),
    Row(
        "the person's own block beats a guard, also where it looks into the message",
        shipped="- {id: g, why: x, where: {service: login}, untouched: true}",
        person='- {id: p, why: x, where: {host: login.example, has: {"query:a": "1"}}, action: block}',
        url="https://login.example/?a=1",
        verdict="block",
        rule="p",
    ),
    Row(
        "the person's other message rules do not beat a guard",
        shipped="- {id: g, why: x, where: {service: login}, untouched: true}",
        person="- {id: p, why: x, where: {host: login.example}, action: ask}",
        url="https://login.example/",
        guard="g",
    ),
]

GUARDS = [
    Row(
        "a guard is told from host, path, method and header names",
        shipped='- {id: g, why: x, where: {host: shop.example, path: /a/**, method: POST, has: {"header:x-a": "*"}},'
        " untouched: true}",
        url=f"https://shop.example/a/b?em={MAIL}",
        method="POST",
        headers={"x-a": "1"},
        page=NEWS,
        guard="g",
    ),
    Row(
        "a guard is told from header names: without the header it does not hold",
        shipped='- {id: g, why: x, where: {host: shop.example, has: {"header:x-a": "*"}}, untouched: true}',
        url=f"https://shop.example/?em={MAIL}",
        page=NEWS,
        at={"query:em": "pseudonymize"},
    ),
    Row(
        "untouched: when seen opens the message and edits nothing",
        shipped='- {id: g, why: x, where: {host: shop.example, has: {"query:op": "pay*"}}, untouched: when seen}\n'
        '- {id: s, why: x, where: {at: "query:x"}, action: strip}',
        url="https://shop.example/?op=payment&x=1",
        guard="g",
        without=("query:x",),
    ),
    Row(
        "untouched: when seen does not hold where it is not seen",
        shipped='- {id: g, why: x, where: {host: shop.example, has: {"query:op": "pay*"}}, untouched: when seen}\n'
        '- {id: s, why: x, where: {at: "query:x"}, action: strip}',
        url="https://shop.example/?op=list&x=1",
        at={"query:x": "strip"},
    ),
    Row(
        "untouched: when seen holds only at a first party",
        shipped='- {id: g, why: x, where: {host: shop.example, has: {"query:op": "pay*"}}, untouched: when seen}\n'
        '- {id: s, why: x, where: {at: "query:x"}, action: strip}',
        url="https://shop.example/?op=payment&x=1",
        page=NEWS,
        at={"query:x": "strip"},
    ),
    Row(
        "untouched: when seen does not hold at an unknown party",
        shipped='- {id: g, why: x, where: {host: other.example, has: {"query:op": "pay*"}}, untouched: when seen}\n'
        '- {id: s, why: x, where: {at: "query:x"}, action: strip}',
        url="https://other.example/?op=payment&x=1",
        page=None,
        at={"query:x": "strip"},
    ),
    Row(
        "untouched: when seen holds only at one that is no tracker",
        shipped='- {id: g, why: x, where: {host: tracker.example, has: {"query:op": "pay*"}}, untouched: when seen}\n'
        '- {id: s, why: x, where: {at: "query:x"}, action: strip}',
        url="https://tracker.example/?op=payment&x=1",
        page="https://tracker.example/",
        at={"query:x": "strip"},
    ),
]

MESSAGES = [
    Row(
        "a rule without at, place, name, value or category speaks about the message",
        shipped="- {id: b, why: x, where: {service: tracker}, action: block}",
        url="https://tracker.example/",
        page=NEWS,
        verdict="block",
        rule="b",
    ),
    Row(
        "a rule with a place speaks about fields: without the field it does nothing",
        shipped='- {id: b, why: x, where: {service: tracker, at: "query:x"}, action: block}',
        url="https://tracker.example/?y=1",
        page=NEWS,
    ),
    Row(
        "a rule with a place speaks about fields: with the field it blocks",
        shipped='- {id: b, why: x, where: {service: tracker, at: "query:x"}, action: block}',
        url="https://tracker.example/?x=1",
        page=NEWS,
        verdict="block",
        rule="b",
    ),
    Row(
        "a rule with a value speaks about fields",
        shipped='- {id: b, why: x, where: {service: shop, value: "4[0-9]{3}"}, action: strip}',
        url="https://shop.example/?x=4711&y=x4711",
        at={"query:x": "strip"},
        without=("query:y",),
    ),
    Row(
        "a rule with a selected category speaks about what was found",
        shipped="- {id: b, why: x, where: {service: shop, category: email}, action: block}",
        url=f"https://shop.example/?em={MAIL}",
        verdict="block",
        rule="b",
    ),
    Row(
        "an allow won in the message contest ends block",
        shipped="- {id: b, why: x, where: {service: tracker}, action: block}",
        person="- {id: p, why: x, where: {service: tracker}, action: allow}",
        url="https://tracker.example/",
        page=NEWS,
        rule="p",
    ),
    Row(
        "an allow won in the message contest ends ask",
        shipped="- {id: b, why: x, where: {service: tracker}, action: ask}",
        person="- {id: p, why: x, where: {service: tracker}, action: allow}",
        url="https://tracker.example/",
        page=NEWS,
        rule="p",
    ),
    Row(
        "an allow won in the message contest ends unwrap",
        shipped='- {id: u, why: x, where: {service: shop, path: /out}, action: unwrap, to: ["query:to"]}',
        person="- {id: p, why: x, where: {service: shop}, action: allow}",
        url="https://shop.example/out?to=https%3A%2F%2Fother.example%2F",
        type="document",
        rule="p",
    ),
    Row(
        "an allow won in the message contest leaves every field rule in force",
        shipped="- {id: b, why: x, where: {service: tracker}, action: block}\n"
        '- {id: s, why: x, where: {service: tracker, at: "query:x"}, action: strip}',
        person="- {id: p, why: x, where: {service: tracker}, action: allow}",
        url=f"https://tracker.example/?x=1&em={MAIL}",
        page=NEWS,
        at={"query:x": "strip", "query:em": "pseudonymize"},
    ),
    Row(
        "block is final and asks nothing",
        shipped="- {id: b, why: x, where: {service: shop}, action: block}\n"
        '- {id: a, why: x, where: {service: shop, at: "query:x"}, category: click_id, action: ask}',
        url="https://shop.example/?x=1",
        verdict="block",
        rule="b",
    ),
    Row(
        "block of one field is final and asks nothing about another",
        shipped='- {id: b, why: x, where: {service: shop, at: "query:y"}, action: block}\n'
        '- {id: a, why: x, where: {service: shop, at: "query:x"}, category: click_id, action: ask}',
        url="https://shop.example/?x=1&y=1",
        verdict="block",
        rule="b",
    ),
    Row(
        "unwrap: the first address that is an absolute http(s) one",
        shipped='- {id: u, why: x, where: {service: shop, path: /out}, action: unwrap, to: ["query:a", "query:to"]}',
        url="https://shop.example/out?a=sofa&to=https%3A%2F%2Fother.example%2F",
        type="document",
        verdict="redirect",
        rule="u",
    ),
    Row(
        "unwrap without such an address does not apply; the next rule wins",
        shipped='- {id: u, why: x, where: {service: shop, path: /out, type: document}, action: unwrap, to: ["query:to"]}\n'
        "- {id: k, why: x, where: {service: shop, path: /out}, action: ask}",
        url="https://shop.example/out?to=javascript:alert(1)",
        type="document",
        verdict="ask",
        rule="k",
    ),
    Row(
        "a redirect only for documents",
        shipped='- {id: u, why: x, where: {service: shop, path: /out}, action: unwrap, to: ["query:to"]}',
        url="https://shop.example/out?to=https%3A%2F%2Fother.example%2F",
        type=None,
    ),
    Row(
        "a redirect only for GET",
        shipped='- {id: u, why: x, where: {service: shop, path: /out}, action: unwrap, to: ["query:to"]}',
        url="https://shop.example/out?to=https%3A%2F%2Fother.example%2F",
        type="document",
        method="POST",
    ),
    Row(
        "all questions of a message come back in one Ask: of the message and of its fields",
        shipped="- {id: m, why: x, where: {service: shop}, action: ask}\n"
        '- {id: a, why: x, where: {service: shop, at: ["query:x", "query:y"]}, category: click_id, action: ask}',
        url="https://shop.example/?x=1&y=2",
        verdict="ask",
        rule="m",
    ),
]

FIELDS = [
    Row(
        "a rule decides the findings of its own category: a fact in the same field is decided on its own",
        shipped='- {id: s, why: x, where: {service: tracker, at: "query:x"}, category: page_title, action: allow}',
        url=f"https://tracker.example/?x=hello+{MAIL}",
        page=NEWS,
        at={"query:x": "allow", "query:x#email": "pseudonymize"},
    ),
    Row(
        "a rule decides the findings of its own category: a fact of that category too",
        shipped='- {id: s, why: x, where: {service: tracker, at: "query:x"}, category: email, action: allow}',
        url=f"https://tracker.example/?x={MAIL}",
        page=NEWS,
        at={"query:x": "allow"},
    ),
    Row(
        "an allow without category passes what is unknown",
        shipped='- {id: d, why: x, where: {service: tracker, at: "query:*"}, action: strip}\n'
        '- {id: a, why: x, where: {service: tracker, at: ["query:v"]}, action: allow}',
        url="https://tracker.example/?v=2&z=9",
        page=NEWS,
        at={"query:v": "allow", "query:z": "strip"},
    ),
    Row(
        "an allow without category never passes a known fact",
        person='- {id: p, why: x, where: {service: tracker, at: "query:x"}, action: allow}',
        url=f"https://tracker.example/?x={MAIL}",
        page=NEWS,
        because={"query:x": "share share.third.email.*"},
    ),
    Row(
        "an allow without category never passes a known fact that is a whole field",
        person='- {id: p, why: x, where: {service: tracker, at: "query:x"}, action: allow}',
        url="https://tracker.example/?x=Hauptstr.+5,+53111+Bonn",
        page=NEWS,
        because={"query:x": "share share.third.postal_address.analytics"},
        at={"query:x": "strip"},
    ),
    Row(
        "an allow list of a default-deny never passes a known fact",
        shipped='- {id: d, why: x, where: {service: tracker, at: "query:*"}, action: strip}\n'
        '- {id: a, why: x, where: {service: tracker, at: ["query:x"]}, action: allow}',
        url=f"https://tracker.example/?x=a+{MAIL}",
        page=NEWS,
        at={"query:x": "allow", "query:x#email": "pseudonymize"},
    ),
    Row(
        "an allow without category never passes what another rule knows by category",
        shipped='- {id: s, why: x, where: {service: tracker, at: "query:cid"}, category: cookie_id, action: pseudonymize}',
        person='- {id: p, why: x, where: {service: tracker, at: "query:cid"}, action: allow}',
        url="https://tracker.example/?cid=111.222",
        page=NEWS,
        at={"query:cid": "pseudonymize"},
    ),
    Row(
        "an allow that selects whose: me without a category passes no fact",
        person="- {id: p, why: x, where: {service: tracker, whose: me}, action: allow}",
        url=f"https://tracker.example/?x={MAIL}",
        page=NEWS,
        at={"query:x": "pseudonymize"},
    ),
    Row(
        "the persona's value is left, whatever rules say",
        shipped="- {id: s, why: x, where: {service: tracker, category: email}, action: block}",
        url="https://tracker.example/?x=lena%40example.org",
        page=NEWS,
        at={"query:x": "allow"},
    ),
]

SPECIFICITY = [
    Row(
        "a literal host beats a path",
        shipped='- {id: a, why: x, where: {host: shop.example, at: "query:x"}, category: cookie_id, action: allow}\n'
        '- {id: b, why: x, where: {host: "*", path: /a/b, at: "query:x"}, category: cookie_id, action: strip}',
        url="https://shop.example/a/b?x=1", at={"query:x": "allow"},
    ),
    Row(
        "a longer literal host beats a shorter one",
        shipped='- {id: a, why: x, where: {host: www.shop.example, at: "query:x"}, category: cookie_id, action: allow}\n'
        '- {id: b, why: x, where: {host: shop.example, at: "query:x"}, category: cookie_id, action: strip}',
        url="https://www.shop.example/?x=1", at={"query:x": "allow"},
    ),
    Row(
        "more characters of a path beat a literal address",
        shipped='- {id: a, why: x, where: {path: /a/b, at: "query:*"}, category: cookie_id, action: allow}\n'
        '- {id: b, why: x, where: {path: "/a/*", at: "query:x"}, category: cookie_id, action: strip}',
        url="https://shop.example/a/b?x=1", at={"query:x": "allow"},
    ),
    Row(
        "a literal address beats further conditions",
        shipped='- {id: a, why: x, where: {at: "query:x"}, category: cookie_id, action: allow}\n'
        '- {id: b, why: x, where: {service: shop, method: GET, party: first, at: "query:*"}, category: cookie_id,'
        " action: strip}",
        url="https://shop.example/?x=1", at={"query:x": "allow"},
    ),
    Row(
        "between the same in all that, more further conditions win",
        shipped='- {id: a, why: x, where: {method: GET, service: shop, at: "query:x"}, category: cookie_id, action: allow}\n'
        '- {id: b, why: x, where: {service: shop, at: "query:x"}, category: cookie_id, action: strip}',
        url="https://shop.example/?x=1", at={"query:x": "allow"},
    ),
    Row(
        "a list counts as the member that matched: of addresses",
        shipped='- {id: a, why: x, where: {at: ["query:x", "query:y*"]}, category: cookie_id, action: allow}\n'
        '- {id: b, why: x, where: {method: GET, at: "query:*"}, category: cookie_id, action: strip}',
        url="https://shop.example/?x=1&yy=1", at={"query:x": "allow", "query:yy": "strip"},
    ),
    Row(
        "a list counts as the member that matched: of hosts",
        shipped='- {id: a, why: x, where: {host: ["=shop.example", "*"], at: "query:x"}, category: cookie_id, action: allow}\n'
        '- {id: b, why: x, where: {path: /, at: "query:x"}, category: cookie_id, action: strip}',
        url="https://shop.example/?x=1", at={"query:x": "allow"},
    ),
    Row(
        "a list counts as the member that matched: the other member of hosts",
        shipped='- {id: a, why: x, where: {host: ["=shop.example", "*"], at: "query:x"}, category: cookie_id, action: allow}\n'
        '- {id: b, why: x, where: {path: /, at: "query:x"}, category: cookie_id, action: strip}',
        url="https://other.example/?x=1", page="https://other.example/", at={"query:x": "strip"},
    ),
    Row(
        "a list counts as the member that matched: of where",
        shipped='- id: a\n  why: x\n  where: [{host: shop.example, path: /deep, at: "query:x"}, {at: "query:x"}]\n'
        "  category: cookie_id\n  action: allow\n"
        '- {id: b, why: x, where: {method: GET, at: "query:x"}, category: cookie_id, action: strip}',
        url="https://shop.example/?x=1", at={"query:x": "strip"},
    ),
    Row("equals: block beats ask", shipped=pair("action: block", "action: ask"), url="https://shop.example/?x=1",
        verdict="block"),
    Row("equals: ask beats strip", shipped=pair("action: strip", "action: ask"), url="https://shop.example/?x=1",
        verdict="ask"),
    Row("equals: strip beats pseudonymize", shipped=pair("action: pseudonymize", "action: strip"),
        url="https://shop.example/?x=1", at={"query:x": "strip"}),
    Row("equals: pseudonymize beats generalize", shipped=pair('action: generalize, to: ="1"', "action: pseudonymize"),
        url="https://shop.example/?x=1", at={"query:x": "pseudonymize"}),
    Row("equals: generalize beats allow", shipped=pair("action: allow", 'action: generalize, to: ="1"'),
        url="https://shop.example/?x=1", at={"query:x": "generalize"}),
]  # fmt: skip

BODY = b'{"user": {"id": "77", "mail": "anna@real.example", "lang": "de", "deep": {"a": "1", "b": "2"}}, "z": "9"}'
POST = {"method": "POST", "headers": JSON, "body": BODY}
SPANS = [
    Row(
        "strip of a node covers all below it",
        shipped='- {id: s, why: x, where: {service: shop, at: "json:/user"}, action: strip}\n'
        '- {id: i, why: x, where: {service: shop, at: "json:/user/id"}, category: account_id, action: allow}',
        url="https://shop.example/",
        **POST,
        at={"json:/user": "strip"},
        without=("json:/user/id", "json:/user/mail"),
    ),
    Row(
        "strip of a node spares fields that a higher layer allows",
        shipped='- {id: s, why: x, where: {service: shop, at: "json:/user"}, action: strip}',
        person='- {id: p, why: x, where: {service: shop, at: ["json:/user/id", "json:/user/deep/b"]}, category: account_id,'
        " action: allow}",
        url="https://shop.example/",
        **POST,
        at={
            "json:/user/id": "allow",
            "json:/user/deep/b": "allow",
            "json:/user/deep/a": "strip",
            "json:/user/mail": "strip",
            "json:/user/lang": "strip",
        },
        without=("json:/user", "json:/z", "json:/user/deep"),
    ),
    Row(
        "strip of a node does not spare a node that a higher layer allows: only fields",
        shipped='- {id: s, why: x, where: {service: shop, at: "json:/user"}, action: strip}',
        person='- {id: p, why: x, where: {service: shop, at: "json:/user/deep"}, category: account_id, action: allow}',
        url="https://shop.example/",
        **POST,
        at={"json:/user": "strip"},
        without=("json:/user/deep",),
    ),
    Row(
        "strip of a field spares a fact in it that a higher layer allows",
        shipped='- {id: s, why: x, where: {service: tracker, at: "query:x"}, action: strip}',
        person="- {id: p, why: x, where: {service: tracker, category: email}, action: allow}",
        url=f"https://tracker.example/?x={MAIL}",
        page=NEWS,
        at={"query:x": "allow"},
    ),
    Row(
        "inner spans are edited first, then the outer rule",
        shipped='- {id: s, why: x, where: {service: tracker, at: "query:x"}, category: page_url, action: generalize, to: path}',
        url=f"https://tracker.example/?x=hello+{MAIL}",
        page=NEWS,
        at={"query:x#email": "pseudonymize", "query:x": "generalize"},
    ),
    Row(
        "what takes the place of the whole leaves nothing to do inside",
        shipped='- {id: s, why: x, where: {service: tracker, at: "query:x"}, category: page_title, action: generalize,'
        ' to: ="page"}',
        url=f"https://tracker.example/?x=hello+{MAIL}",
        page=NEWS,
        at={"query:x": "generalize"},
        without=("query:x#email",),
    ),
    Row(
        "an outer allow says nothing about what lies inside",
        shipped='- {id: s, why: x, where: {service: tracker, at: "json:/user"}, category: account_id, action: allow}',
        url="https://tracker.example/",
        page=NEWS,
        **POST,
        at={"json:/user": "allow", "json:/user/mail": "pseudonymize"},
    ),
    Row(
        "a question inside what goes as a whole is not asked",
        shipped='- {id: s, why: x, where: {service: shop, at: "json:/user"}, action: strip}',
        config="share: {first: {email: ask}}",
        url="https://shop.example/",
        **POST,
        at={"json:/user": "strip"},
    ),
    Row(
        "a block of a layer that is not lower still counts inside what goes as a whole",
        shipped='- {id: s, why: x, where: {service: shop, at: "json:/user"}, action: strip}\n'
        "- {id: b, why: x, where: {service: shop, category: email}, action: block}",
        url="https://shop.example/",
        **POST,
        verdict="block",
        rule="b",
    ),
]

UNKNOWN = (
    [
        Row(
            f"what is unknown matches every value in a rule that protects: {name}",
            shipped=f'- {{id: s, why: x, where: {{{name}: {value}, at: "query:x"}}, category: cookie_id, action: strip}}',
            url="https://other.example/?x=1",
            page=None,
            type=None,
            at={"query:x": "strip"},
        )
        for name, value in (("party", "third"), ("type", "image"), ("site", "cross"), ("purpose", "analytics"))
    ]
    + [
        Row(
            f"what is unknown matches none in a rule that allows: {name}",
            shipped='- {id: s, why: x, where: {at: "query:x"}, category: cookie_id, action: strip}',
            person=f'- {{id: p, why: x, where: {{{name}: {value}, at: "query:x"}}, category: cookie_id, action: allow}}',
            url="https://other.example/?x=1",
            page=None,
            type=None,
            at={"query:x": "strip"},
        )
        for name, value in (("party", "first"), ("type", "document"), ("site", "same"), ("purpose", "functionality"))
    ]
    + [
        Row(
            "what is unknown matches no exception of a rule that protects",
            shipped='- {id: s, why: x, where: {at: "query:x"}, unless: {party: first}, category: cookie_id, action: strip}',
            url="https://other.example/?x=1",
            page=None,
            at={"query:x": "strip"},
        ),
        Row(
            "what is unknown matches every exception of a rule that allows",
            shipped='- {id: s, why: x, where: {at: "query:x"}, category: cookie_id, action: strip}',
            person='- {id: p, why: x, where: {at: "query:x"}, unless: {party: third}, category: cookie_id, action: allow}',
            url="https://other.example/?x=1",
            page=None,
            at={"query:x": "strip"},
        ),
        Row(
            "of a message that is no tracker's, cookies, session, account and credential are spared",
            shipped='- id: s\n  why: x\n  where: {party: third, at: ["cookie:*", "query:x"]}\n  action: strip\n'
            + "\n".join(
                f'- {{id: s{n}, why: x, where: {{party: third, at: "query:{n}"}}, category: {category}, action: strip}}'
                for n, category in enumerate(("session_id", "account_id", "credential"))
            ),
            url="https://other.example/?x=1&0=a&1=b&2=c",
            page=None,
            headers={"cookie": "sid=1"},
            at={"query:x": "strip", "query:0": "allow", "query:1": "allow", "query:2": "allow"},
            without=("cookie:sid",),
        ),
        Row(
            "of a tracker's message nothing is spared",
            shipped='- {id: s, why: x, where: {type: image, at: "cookie:*"}, category: session_id, action: strip}',
            url="https://tracker.example/",
            page=NEWS,
            type=None,
            headers={"cookie": "sid=1"},
            at={"cookie:sid": "strip"},
        ),
        Row(
            "of a tracker's message nothing is spared, wherever it came from",
            shipped='- {id: s, why: x, where: {site: cross, at: "cookie:*"}, category: session_id, action: strip}',
            url="https://tracker.example/",
            page=None,
            headers={"cookie": "sid=1"},
            at={"cookie:sid": "strip"},
            because={"cookie:sid": "shipped s"},
        ),
        Row(
            "what is known is not spared",
            shipped='- {id: s, why: x, where: {party: third, at: "cookie:*"}, category: session_id, action: strip}',
            url="https://other.example/",
            page=NEWS,
            headers={"cookie": "sid=1"},
            at={"cookie:sid": "strip"},
        ),
        Row(
            "failing all, a tracker is third",
            shipped='- {id: s, why: x, where: {party: third, at: "cookie:*"}, category: session_id, action: strip}',
            url="https://tracker.example/",
            page=None,
            headers={"cookie": "sid=1"},
            at={"cookie:sid": "strip"},
        ),
        Row(
            "towards an unknown party the stricter side of the share table counts",
            url=f"https://other.example/?em={MAIL}",
            page=None,
            at={"query:em": "strip"},
        ),
    ]
)

UNTIL = [
    Row(
        "an exception holds until its day",
        shipped='- {id: s, why: x, where: {at: "query:x"}, action: strip}',
        person='- {id: p, why: x, where: {at: "query:x"}, action: allow, until: 2027-03-01}',
        url="https://shop.example/?x=1",
        now=date(2027, 2, 28),
        at={"query:x": "allow"},
    ),
    Row(
        "from that day it has no effect",
        shipped='- {id: s, why: x, where: {at: "query:x"}, action: strip}',
        person='- {id: p, why: x, where: {at: "query:x"}, action: allow, until: 2027-03-01}',
        url="https://shop.example/?x=1",
        now=date(2027, 3, 1),
        at={"query:x": "strip"},
    ),
]

SHARE = """
share:
  first: {"*": allow}
  third: {"*": {analytics: strip, "*": allow}, phone: {analytics: strip, checkout: allow}}
"""
EM, PHONE = f"?em={MAIL}", "?tel=%2B4915112345678"
TABLE = [
    Row("look-up: the service first", config=SHARE + "  tracker: {email: allow}\n  Spy: {email: strip}",
        url=f"https://tracker.example/{EM}", page=NEWS, because={"query:em": "share share.tracker.email.*"}),
    Row("look-up: then the company", config=SHARE + "  spy: {email: pseudonymize}",
        url=f"https://tracker.example/{EM}", page=NEWS, because={"query:em": "share share.spy.email.*"}),
    Row("look-up: then first or third: third", config=SHARE, url=f"https://tracker.example/{EM}", page=NEWS,
        at={"query:em": "pseudonymize"}),
    Row("look-up: then first or third: first", config=SHARE, url=f"https://shop.example/{EM}",
        because={"query:em": "share share.first.*.*"}, at={"query:em": "allow"}),
    Row("look-up: a service's row without the category falls to the next", config=SHARE + "  tracker: {name: strip}",
        url=f"https://tracker.example/{EM}", page=NEWS, because={"query:em": "share share.third.email.*"}),
    Row("inside it the category, inside that the purpose", config=SHARE, url=f"https://tracker.example/{PHONE}", page=NEWS,
        because={"query:tel": "share share.third.phone.analytics"}, at={"query:tel": "strip"}),
    Row("without * an unlisted purpose takes the most protective cell", config=SHARE,
        url=f"https://shop.example/{PHONE}", page=NEWS, at={"query:tel": "strip"}),
    Row("in a first-party message, known facts inside message_text are reported only",
        shipped='- {id: t, why: x, where: {service: mail, at: "json:/text"}, category: message_text, action: allow}',
        config="share: {first: {email: strip}}", url="https://mail.example/", page="https://mail.example/", method="POST",
        headers=JSON, body=b'{"text": "write to anna@real.example", "from": "anna@real.example"}',
        at={"json:/text#email": "allow", "json:/from": "strip"}),
    Row("in a third party's message, known facts inside message_text are decided as everywhere",
        shipped='- {id: t, why: x, where: {service: mail, at: "json:/text"}, category: message_text, action: allow}',
        url="https://mail.example/", page=NEWS, method="POST", headers=JSON,
        body=b'{"text": "write to anna@real.example"}', at={"json:/text#email": "pseudonymize"}),
    Row("phone is never pseudonymized where the purpose is delivery: the share table", config=SHARE.replace(
        "phone: {analytics: strip, checkout: allow}", "phone: pseudonymize"),
        url=f"https://parcel.example/{PHONE}", page=NEWS, at={"query:tel": "allow"}),
    Row("phone is never pseudonymized where the purpose is login: a rule",
        shipped="- {id: s, why: x, where: {service: login, category: phone}, action: pseudonymize}",
        url=f"https://login.example/{PHONE}", page="https://login.example/", at={"query:tel": "allow"}),
    Row("phone is pseudonymized elsewhere", url=f"https://tracker.example/{PHONE}", page=NEWS,
        at={"query:tel": "pseudonymize"}),
    Row("never: asks at a first party", config="never: [email]", url=f"https://shop.example/{EM}", verdict="ask",
        rule="never"),
    Row("never: blocks at a third", config="never: [email]", url=f"https://tracker.example/{EM}", page=NEWS,
        verdict="block", rule="never"),
    Row("never: blocks where the party is unknown", config="never: [email]", url=f"https://other.example/{EM}", page=None,
        verdict="block", rule="never"),
    Row("never: no answer can be given for an image, so it blocks", config="never: [email]", type="image",
        url=f"https://shop.example/{EM}", verdict="block", rule="never"),
    Row("never: a rule that allows does not weaken it", config="never: [email]",
        person="- {id: p, why: x, where: {service: tracker, category: email}, action: allow}",
        url=f"https://tracker.example/{EM}", page=NEWS, verdict="block", rule="never"),
    Row("never: what a rule strips is not received anyway", config="never: [email]",
        shipped="- {id: s, why: x, where: {service: tracker, category: email}, action: strip}",
        url=f"https://tracker.example/{EM}", page=NEWS, at={"query:em": "strip"}),
    Row("never: a guarded message is not opened, so it does not hold there", config="never: [email]",
        shipped="- {id: g, why: x, where: {service: shop}, untouched: true}", url=f"https://shop.example/{EM}", guard="g"),
    Row("a persona's value is no matter for never", config="never: [email]",
        url="https://shop.example/?em=lena%40example.org", at={"query:em": "allow"}),
]  # fmt: skip

ALL = [*LAYERS, *GUARDS, *MESSAGES, *FIELDS, *SPECIFICITY, *SPANS, *UNKNOWN, *UNTIL, *TABLE]


def run(row: Row):
    """Decide the message of a row."""
    rules = policy(row.shipped, row.person, row.config)
    page = row.page
    message = request(row.url, method=row.method, body=row.body, page=page, type=row.type, headers=row.headers)
    return decide(rules, message, row.answers, row.now)


@pytest.mark.parametrize("row", ALL, ids=lambda row: row.says)
def test_which_rule_wins(row: Row) -> None:
    case = run(row)
    if row.guard is not None:
        assert case.head.guard is None or case.head.guard.id == row.guard
    assert row.verdict == case.verdict, case.decided
    assert row.guard == (case.decided.guard.id if case.decided.guard else None)
    if row.rule is not None:
        assert row.rule == case.decided.verdict.because.rule
    actions = case.actions
    assert dict(row.at) == {address: actions.get(address) for address in row.at}, actions
    told = {address: case.at(address).because for address in row.because}
    assert dict(row.because) == {address: f"{one.layer} {one.rule}" for address, one in told.items()}
    assert not set(row.without) & set(actions)


@pytest.mark.parametrize("row", ALL, ids=lambda row: row.says)
def test_the_head_never_says_something_else(row: Row) -> None:
    """What is settled early is what the whole message would have come to."""
    case = run(row)
    if case.head.verdict is not None:
        assert type(case.head.verdict) is type(case.decided.verdict)
        assert case.head.verdict.because.rule == case.decided.verdict.because.rule
        assert case.head.guard == case.decided.guard
        assert case.head.body == "unneeded"


def test_the_head_settles_what_the_line_tells() -> None:
    """Guards and blocks without ``has`` need no body."""
    early = [row.says for row in ALL if run(row).head.verdict is not None]
    assert "guards beat shipped blocks" in early
    assert "the person's own block beats a guard" in early
    assert "a guard is told from host, path, method and header names" in early
    assert "the person's own block beats a guard, also where it looks into the message" not in early


def test_a_guard_covers_responses_and_frames() -> None:
    """The same guard, in the other direction: no selectors, no edits."""
    rules = policy(
        "- {id: g, why: x, where: {service: login}, untouched: true}\n"
        '- {id: s, why: x, where: {direction: response, at: "header:accept-ch"}, action: strip}'
    )
    case = decide(rules, request("https://login.example/", headers={"accept-ch": "x"}))
    back = replace(case.context, direction="response")
    index = Index(rules)
    assert not index.selectors(back, case.opened, NOW).selectors
    assert index.decide(back, case.opened, [], now=NOW, answers={}).guard.id == "g"


def test_lists_stand_between_shipped_rules_and_the_share_table() -> None:
    """A rule of a list loses against a shipped one and beats the table."""
    rules = policy(
        "- {id: l, why: x, where: {host: tracker.example, category: email}, action: strip}\n"
        '- {id: s, why: x, where: {service: tracker, at: "query:a", category: email}, action: allow}'
    )
    listed = replace(rules, rules=tuple(replace(one, layer="list") if one.id == "l" else one for one in rules.rules))
    case = decide(listed, request(f"https://tracker.example/?a={MAIL}&b={MAIL}", page=NEWS))
    assert case.actions == {"query:a": "allow", "query:b": "strip"}
    assert case.at("query:a").because.beat[0].rule == "l"


def test_partial_overlap_takes_the_more_protective_action_on_the_union() -> None:
    """Two spans that cross become one that is cut out."""
    rules = policy("", "", "share: {first: {name: allow, email: pseudonymize}}")
    case = decide(rules, request("https://shop.example/?x=abcdefgh", page=SHOP))
    node = next(node for node in case.opened.fields() if node.content == b"abcdefgh")
    whole = MATCHER.find(decide(rules, request(f"https://shop.example/?em={MAIL}")).opened)[0]
    crossing = [
        whole._replace(node=node, start=1, end=4, category="name"),
        whole._replace(node=node, start=3, end=6, category="email"),
    ]
    decided = Index(rules).decide(case.context, case.opened, crossing, now=NOW, answers={})
    assert [(one.action, one.finding.start, one.finding.end) for one in decided.decisions] == [("strip", 1, 6)]
    assert [one.action for one in decided.covered] == ["allow"]


@pytest.mark.parametrize("category", ["card", "government_id", "credential", "account_id", "purchase"])
def test_what_has_no_room_for_another_value_is_stripped(category: str) -> None:
    """Whatever a table says: card, account and order numbers are never pseudonymized."""
    share = {"third": {"*": {"*": Cell("pseudonymize", "share.third.*.*")}}}
    rules = replace(policy(), share=share, never=frozenset())
    case = decide(rules, request(f"https://tracker.example/?x={MAIL}", page=NEWS))
    found = [case.findings[0]._replace(category=category)]
    decided = Index(rules).decide(case.context, case.opened, found, now=NOW, answers={})
    assert [one.action for one in decided.decisions] == ["strip"]


def test_what_was_beaten_is_told() -> None:
    """Strongest first, each with its own action and place."""
    rules = policy(
        '- {id: s, why: x, where: {at: "query:x"}, category: cookie_id, action: strip}\n'
        '- {id: t, why: x, where: {service: shop, at: "query:x"}, category: cookie_id, action: pseudonymize}',
        '- {id: p, why: mine, where: {at: "query:x"}, category: cookie_id, action: allow}',
    )
    because = decide(rules, request("https://shop.example/?x=1", page=SHOP)).at("query:x").because
    assert (because.layer, because.rule, because.where, because.why) == ("person", "p", "mine.yaml:2", "mine")
    assert [(one.rule, one.action) for one in because.beat] == [("t", "pseudonymize"), ("s", "strip")]
