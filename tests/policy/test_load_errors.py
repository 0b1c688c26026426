# ruff: noqa: E501 - a table; its lines are as long as the messages are
"""Every mistake that the loader knows, as a table: the text of a file, then exactly what is said about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from shield.errors import RuleErrors
from shield.policy.load import Sources, load

WORLD = """
company: Example
families:
  example.<country>: [example.com, example.de]
services:
  shop: {purpose: checkout, on: [{host: "example.<country>"}]}
rules:
  - id: shop-guard
    why: paying
    where: {service: shop, path: /pay}
    untouched: true
  - id: shop-rule
    why: no guard
    where: {service: shop, at: "query:x"}
    action: strip
"""
HEAD = "rules:\n  - id: one\n    why: because\n"
ACTIONS = "allow ask block generalize pseudonymize strip unwrap add partition"
CONDITIONS = "service company purpose host path method party site type direction at place name value has category whose"
GUARDS = "guards see service company purpose host path method type direction has"


def mistakes(text: str, tmp_path: Path, *, layer: str = "person") -> list[str]:
    """``line:column: message | hint`` of every mistake in a file beside WORLD."""
    world, own = tmp_path / "world.yaml", tmp_path / "own.yaml"
    world.write_text(WORLD, encoding="utf-8")
    own.write_text(text, encoding="utf-8")
    sources = Sources((world,), (own,)) if layer == "person" else Sources((world, own))
    with pytest.raises(RuleErrors) as caught:
        load(sources)
    assert {error.path for error in caught.value.errors} == {str(own)}
    return [
        f"{one.line}:{one.column}: {one.message}" + (f" | {one.hint}" if one.hint else "")
        for one in caught.value.errors
    ]


YAML = [
    ("a number of nothing", "company:\n", ['1:9: the value is empty | leave the key out, or write "" for an empty text']),
    ("null", "company: null\n", ["1:10: 'null' is no value | leave the key out, or write \"null\" for the text"]),
    ("tilde", "company: ~\n", ["1:10: '~' is no value | leave the key out, or write \"~\" for the text"]),
    ("star", HEAD + "    where: {at: *:cid}\n", ["4:17: an unquoted value cannot begin with '*' | write \"*:cid\""]),
    ("star alone", HEAD + "    where: {host: *}\n", ["4:19: an unquoted value cannot begin with '*' | write \"*\""]),
    ("alias", "company: *other\n", ["1:10: an unquoted value cannot begin with '*' | write \"*other\""]),
    ("anchor", "company: &name Example\n", ["1:10: an unquoted value cannot begin with '&' | write \"&name Example\""]),
    ("ampersand", "company: & Co\n", ["1:10: an unquoted value cannot begin with '&' | write \"&\""]),
    ("tag", "company: !important\n", ["1:10: an unquoted value cannot begin with '!' | write \"!important\""]),
    ("at sign", "company: @home\n", ["1:10: an unquoted value cannot begin with '@' | write \"@home\""]),
    (
        "a number sign in a value", "company: Number #1\n",
        ["1:10: ' #' after an unquoted value begins a comment | write \"Number #1\", or put two spaces before a comment"],
    ),
    (
        "a bracket that stays open", "families:\n  a.<b>: [a.com\nrules: []\n",
        ["3:6: did not find expected ',' or ']' while parsing a flow sequence | look at the indentation, brackets and quotes"],
    ),
    ("a tab", "rules:\n\t- id: one\n", ["2:1: a tab cannot indent | use spaces"]),
    (
        "a colon in a value", "company: json: true\n",
        ["1:14: a ':' is not expected here | look at the indentation; a value with ': ' in it wants quotes"],
    ),
    ("a control character", "company: a\x07b\n", [
        "1:11: this character cannot stand in a YAML file | remove it, or write it as \\x.. in double quotes",
    ]),
    ("two documents", "company: A\n---\ncompany: B\n", ["2:1: a file holds one document | remove the line '---'"]),
    ("a key twice", "company: A\ncompany: B\n", ["2:1: key 'company' is there twice | first at line 1"]),
    ("a list as key", "? [a]\n: b\n", [
        "1:3: a key is a text | put a key with brackets into quotes",
        "1:3: unknown key '' | keys: company families services rules",
    ]),
    ("too deep", "rules: " + "[" * 60 + "\n", ["1:47: nested deeper than 40 levels"]),
    ("no table", "- company\n", ["1:1: a rule file is a table of keys"]),
]  # fmt: skip

FORMS = [
    ("unknown key of a file", "rule: []\n", ["1:1: unknown key 'rule' | did you mean 'rules'? keys: company families services rules"]),
    (
        "unknown key of a rule", HEAD + "    where: {host: a.com}\n    acton: block\n    action: block\n",
        ["5:5: unknown key 'acton' | did you mean 'action'? keys: id why where unless category action to scope answer "
         "otherwise add untouched lifts until examples"],
    ),
    ("unknown condition", HEAD + "    where: {hosts: a.com}\n    action: block\n", [
        f"4:13: unknown key 'hosts' | did you mean 'host'? keys: {CONDITIONS} unless",
    ]),
    ("no id", "rules:\n  - why: because\n    where: {host: a.com}\n    action: block\n", [
        "2:5: a rule has no 'id' | id: shop-visitor-id",
    ]),
    ("no reason", "rules:\n  - id: one\n    where: {host: a.com}\n    action: block\n", [
        "2:5: a rule has no 'why' | why: the same number on every visit",
    ]),
    ("an exception without a reason", 'rules:\n  - id: one\n    where: {at: "query:x"}\n    category: email\n    action: allow\n', [
        "2:5: a rule has no 'why' | why: the same number on every visit",
    ]),
    ("no where", HEAD + "    action: block\n", ["2:5: a rule has no 'where' | where: {host: example.com}; {} is everywhere"]),
    ("no action", HEAD + "    where: {host: a.com}\n", ["2:5: a rule has no 'action' | actions: " + ACTIONS + "; or untouched: true"]),
    ("an id with spaces", "rules:\n  - id: my rule\n    why: x\n    where: {}\n    action: block\n", [
        "2:9: an id has letters, digits, '-', '_' and '.', not 'my rule'",
    ]),
    ("an id of a shipped rule", "rules:\n  - id: shop-rule\n    why: x\n    where: {}\n    action: block\n", [
        "2:9: rule 'shop-rule' is there twice | first at WORLD:12",
    ]),
    ("rules are a list", "rules: {id: one}\n", ["1:8: a list of rules is expected here"]),
    ("a rule is a table", "rules: [block]\n", ["1:9: a rule is a table of keys"]),
    ("why is a text", "rules:\n  - id: one\n    why: [a]\n    where: {}\n    action: block\n", ["3:10: a text is expected here"]),
    ("an empty reason", 'rules:\n  - id: one\n    why: ""\n    where: {}\n    action: block\n', ["3:10: the text is empty"]),
    ("an empty list", HEAD + "    where: {host: []}\n    action: block\n", ["4:19: the list is empty"]),
]  # fmt: skip

WORDS = [
    ("action", HEAD + "    where: {host: a.com}\n    action: pseudonymise\n", [
        f"5:13: unknown action 'pseudonymise' | did you mean 'pseudonymize'? actions: {ACTIONS}",
    ]),
    ("purpose", HEAD + "    where: {purpose: analytic}\n    action: block\n", [
        "4:22: unknown purpose 'analytic' | did you mean 'analytics'? purposes: functionality login checkout delivery "
        "security search personalization analytics advertising telemetry",
    ]),
    ("party", HEAD + "    where: {party: [third, frist]}\n    action: block\n", [
        "4:28: unknown party 'frist' | did you mean 'first'? parties: first third unknown",
    ]),
    ("site", HEAD + "    where: {site: crosss}\n    action: block\n", [
        "4:19: unknown site 'crosss' | did you mean 'cross'? sites: same cross none",
    ]),
    ("type", HEAD + "    where: {type: documnet}\n    action: block\n", [
        "4:19: unknown type 'documnet' | did you mean 'document'? types: document frame script style image font media xhr "
        "beacon websocket eventsource manifest worker object report other",
    ]),
    ("place", HEAD + "    where: {place: qurey, name: x}\n    action: strip\n", [
        "4:20: unknown place 'qurey' | did you mean 'query'? places: path query header cookie form json multipart "
        "protobuf grpc xml text event frame link",
    ]),
    ("place in an address", HEAD + '    where: {at: "qurey:x"}\n    action: strip\n', [
        "4:17: unknown place 'qurey' | did you mean 'query'? places: path query header cookie form json multipart "
        "protobuf grpc xml text event frame link",
    ]),
    ("notation in an address", HEAD + '    where: {at: "form:a/jsn:/b"}\n    action: strip\n', [
        "4:17: unknown notation 'jsn:' | did you mean 'json:'?",
    ]),
    ("category", HEAD + '    where: {at: "query:x"}\n    category: mail\n    action: strip\n', [
        "5:15: unknown category 'mail' | did you mean 'email'? categories: name username email phone postal_address geo "
        "date_of_birth gender card government_id health account_id device_id ad_id cookie_id click_id session_id credential "
        "ip user_agent client_hints screen language timezone referrer page_url page_title search_query purchase contacts "
        "message_text unknown unreadable",
    ]),
    ("whose", HEAD + "    where: {whose: mine}\n    action: strip\n", ["4:20: unknown owner 'mine' | did you mean 'me'? owners: me persona unknown"]),
    ("direction", HEAD + "    where: {direction: in}\n    action: block\n", [
        "4:24: unknown direction 'in' | directions: request response",
    ]),
    ("scope", HEAD + '    where: {at: "query:x"}\n    category: cookie_id\n    action: pseudonymize\n    scope: sites\n', [
        "7:12: unknown scope 'sites' | did you mean 'site'? scopes: service site group",
    ]),
    ("service", HEAD + "    where: {service: shp}\n    action: block\n", ["4:22: unknown service 'shp' | did you mean 'shop'?"]),
    ("company", HEAD + "    where: {company: Exampel}\n    action: block\n", [
        "4:22: unknown company 'Exampel' | did you mean 'Example'?",
    ]),
    ("untouched", HEAD + "    where: {host: a.com}\n    untouched: when sen\n", [
        "5:16: unknown word 'when sen' | did you mean 'when seen'? untouched: true when seen",
    ]),
    ("family", HEAD + '    where: {host: "exampel.<country>"}\n    action: block\n', [
        "4:19: unknown family 'exampel.<country>' | did you mean 'example.<country>'? families: example.<country>",
    ]),
]  # fmt: skip

PATTERNS = [
    ("a host with scheme", HEAD + "    where: {host: 'https://a.com'}\n    action: block\n", [
        "4:19: a host has no scheme and no path: 'https://a.com'",
    ]),
    ("a host with port", HEAD + "    where: {host: 'a.com:443'}\n    action: block\n", ["4:19: a host has no port: 'a.com:443'"]),
    ("a path without slash", HEAD + "    where: {path: pay}\n    action: block\n", ["4:19: a path begins with '/': 'pay'"]),
    ("parts side by side", HEAD + "    where: {path: '/{a}{b}'}\n    action: block\n", [
        "4:19: two wildcards or parts of a path need something between them: '/{a}{b}'",
    ]),
    ("a part twice", HEAD + "    where: {path: '/{a}/{a}'}\n    action: block\n", [
        "4:19: two parts of a path have the same name: '/{a}/{a}'",
    ]),
    ("a part with a wrong name", HEAD + "    where: {path: '/{A b}'}\n    action: block\n", [
        "4:19: a part of a path is written {name} or {name**}; names have a-z, 0-9 and _: '/{A b}'",
    ]),
    ("a field that is no part of the path", HEAD + "    where: {path: '/{market}/{session}', at: 'path:sesion'}\n    action: strip\n", [
        "4:46: 'sesion' is no part of the path '/{market}/{session}' | did you mean 'session'?",
    ]),
    ("a broken expression", HEAD + "    where: {at: 'query:x', value: '(a'}\n    action: strip\n", [
        "4:35: this is no regular expression: missing ), unterminated subpattern at position 0 | it must describe the whole "
        "value in linear time; 'has' also takes globs: '*a*b*'",
    ]),
    ("a repeat in a repeat", HEAD + "    where: {at: 'query:x', value: '(a+)+'}\n    action: strip\n", [
        "4:35: a repeat or a choice inside a repeat, with several ways to go on, is not linear | it must describe the whole "
        "value in linear time; 'has' also takes globs: '*a*b*'",
    ]),
    ("a reference back", HEAD + "    where: {has: {'query:x': {matches: '(a)\\1'}}}\n    action: block\n", [
        "4:40: a reference back to a group is not linear | it must describe the whole value in linear time; 'has' also takes "
        "globs: '*a*b*'",
    ]),
    ("at and name", HEAD + "    where: {at: 'query:x', name: y}\n    action: strip\n", [
        "4:17: 'at' stands alone, without place and name | write names as addresses: query:cid",
    ]),
    ("names in a text", HEAD + "    where: {place: text, name: y}\n    action: strip\n", [
        "4:20: fields in 'text' have no names of their own | at: \"text/json:/user/id\"",
    ]),
    ("a family with patterns", "families: {'a.<b>': ['*.a.com']}\n", [
        "1:22: a family is a closed list of hosts, without patterns: '*.a.com'",
    ]),
    ("a family without a word", "families: {a.com: [a.com]}\n", [
        "1:12: a family is named like example.<country>, not 'a.com'",
    ]),
    ("a family twice", "families: {'example.<country>': [a.com]}\n", [
        "1:12: family 'example.<country>' is there twice | one file states it, all may use it",
    ]),
    ("unless in a list", HEAD + "    where: [{host: a.com, unless: {path: /a}}, {host: b.com}]\n    action: block\n", [
        "4:35: beside a list 'unless' stands next to 'where' | move it out",
    ]),
]  # fmt: skip

SERVICES = [
    ("no company", "services: {new: {purpose: search, on: [{host: a.com}]}}\n", [
        "1:12: service 'new' has no company | company: Example, at the top of the file",
    ]),
    ("nowhere", "company: New\nservices: {new: {purpose: search}}\n", ["2:12: service 'new' is nowhere | on: [{host: example.com}]"]),
    ("no purpose", "company: New\nservices: {new: {on: [{host: a.com}]}}\n", ["2:17: a service has no 'purpose' | purpose: analytics"]),
    ("twice", "company: New\nservices: {shop: {purpose: search, on: [{host: a.com}]}}\n", [
        "2:12: service 'shop' is there twice | first at WORLD:6",
    ]),
    ("no host", "company: New\nservices: {new: {purpose: search, on: [{path: /a}]}}\n", [
        "2:40: a line of 'on' has no 'host' | host: example.com",
    ]),
]  # fmt: skip

FIELD = HEAD + '    where: {at: "query:x"}\n'
MESSAGE = HEAD + "    where: {host: a.com}\n"
DECIMALS = 'to: 2 decimals | country | region | ="constant"'
PAIRS = [
    ("a card is never pseudonymized", FIELD + "    category: card\n    action: pseudonymize\n", [
        "6:13: 'pseudonymize' does not fit category 'card' | actions: allow ask block strip partition",
    ]),
    ("a government id", FIELD + "    category: government_id\n    action: pseudonymize\n", [
        "6:13: 'pseudonymize' does not fit category 'government_id' | actions: allow ask block strip partition",
    ]),
    ("a credential", FIELD + "    category: credential\n    action: pseudonymize\n", [
        "6:13: 'pseudonymize' does not fit category 'credential' | actions: allow ask block strip partition",
    ]),
    ("an account number", FIELD + "    category: account_id\n    action: pseudonymize\n", [
        "6:13: 'pseudonymize' does not fit category 'account_id' | actions: allow ask block strip partition",
    ]),
    ("a selected category", HEAD + "    where: {category: [email, card]}\n    action: pseudonymize\n", [
        "5:13: 'pseudonymize' does not fit category 'card' | actions: allow ask block strip partition",
    ]),
    ("no category", FIELD + "    action: pseudonymize\n", [
        "5:13: pseudonymize wants to know what the field is | category: one of name username email phone postal_address geo "
        "date_of_birth gender card government_id health account_id device_id ad_id cookie_id click_id session_id credential "
        "ip user_agent client_hints screen language timezone referrer page_url page_title search_query purchase contacts "
        "message_text unknown unreadable",
    ]),
    ("a category for no field", MESSAGE + "    category: email\n    action: block\n", [
        "5:15: 'category' says what a named field is; the rule names no field | remove 'category'",
    ]),
    ("strip without field", MESSAGE + "    action: strip\n", [
        "5:13: strip is about fields, and the rule names none | where: {at: \"query:cid\"}",
    ]),
    ("unwrap with field", FIELD + '    action: unwrap\n    to: "query:url"\n', [
        "5:13: unwrap is about messages, and the rule names fields | use 'has' as a condition",
    ]),
    ("to for block", MESSAGE + "    action: block\n    to: origin\n", [
        "6:9: 'to' belongs to generalize and unwrap, not to block | remove 'to'",
    ]),
    ("scope for strip", FIELD + "    action: strip\n    scope: site\n", [
        "6:12: 'scope' belongs to pseudonymize, not to strip | remove 'scope'",
    ]),
    ("answer for ask", MESSAGE + "    action: ask\n    answer: gif\n", ["6:13: 'answer' belongs to block, not to ask | remove 'answer'"]),
    ("generalize without to", FIELD + "    category: geo\n    action: generalize\n", [f"6:13: generalize has no 'to' | {DECIMALS}"]),
    ("unknown precision", FIELD + "    category: geo\n    action: generalize\n    to: town\n", [
        f"7:9: unknown precision 'town' | {DECIMALS}",
    ]),
    ("precision of another category", FIELD + "    category: geo\n    action: generalize\n    to: origin\n", [
        f"7:9: 'origin' does not fit category 'geo' | {DECIMALS}",
    ]),
    ("unwrap without to", MESSAGE + "    action: unwrap\n", [
        '5:13: unwrap has no \'to\' | to: ["query:url"], or a text such as "https://{rest}"',
    ]),
    ("a part that the path has not", HEAD + "    where: {path: '/amp/{rest**}'}\n    action: unwrap\n    to: 'https://{rst}'\n", [
        "6:9: '{rst}' is no part of the path | did you mean 'rest'?",
    ]),
    ("unknown answer", MESSAGE + "    action: block\n    answer: png\n", [
        "6:13: unknown answer 'png' | answers: empty | gif | 204 | json {...} | script NAME",
    ]),
    ("an answer that is no JSON", MESSAGE + "    action: block\n    answer: 'json {a}'\n", [
        "6:13: this is no JSON | answer: 'json {\"ok\": true}'",
    ]),
    ("unknown otherwise", MESSAGE + "    action: ask\n    otherwise: strip\n", ["6:16: unknown choice 'strip' | otherwise: block allow"]),
    ("add without constant", MESSAGE + "    action: add\n", [
        '5:13: add has no address and constant | add: {"header:sec-gpc": "1"}',
    ]),
    ("add anywhere", MESSAGE + "    action: add\n    add: {'query:*': '1'}\n", [
        "6:11: nothing can be added at 'query:*' | add: {\"header:sec-gpc\": \"1\"}",
    ]),
    ("until no day", FIELD + "    action: strip\n    until: 2027-02-30\n", ["6:12: this is no date: '2027-02-30' | until: 2027-03-01"]),
    ("partition in a request", HEAD + '    where: {at: "cookie:x"}\n    action: partition\n', [
        '5:13: partition is for cookies that a response sets | where: {direction: response, at: "cookie:*"}',
    ]),
    ("pseudonyms for what a service sets", HEAD + '    where: {direction: response, at: "cookie:x"}\n    category: cookie_id\n    action: pseudonymize\n', [
        "6:13: what a service sets is never pseudonymized | allow, strip or partition it",
    ]),
    ("both directions", HEAD + "    where: [{direction: response, at: 'header:a'}, {at: 'header:a'}]\n    action: strip\n", [
        "4:12: one rule speaks about requests or about responses | make two rules of it",
    ]),
    ("answer on a frame", HEAD + "    where: {at: 'frame/json:/id'}\n    action: block\n    answer: gif\n", [
        "6:13: a frame has no answer | block drops it, ask holds it",
    ]),
    ("unwrap on a frame", HEAD + "    where: {at: 'frame/json:/id'}\n    action: unwrap\n    to: 'query:u'\n", [
        "5:13: unwrap is about messages, and the rule names fields | use 'has' as a condition",
        "5:13: a frame has no unwrap | block drops it, ask holds it",
    ]),
]  # fmt: skip

GUARDING = [
    ("a guard that looks at the party", HEAD + "    where: {host: a.com, party: first}\n    untouched: true\n", [
        f"4:33: a guard cannot look at 'party' | {GUARDS}",
    ]),
    ("a guard that looks at fields", HEAD + "    where: {at: 'query:x'}\n    untouched: true\n", [
        f"4:17: a guard cannot look at 'at' | {GUARDS}",
    ]),
    ("a guard that looks at values", HEAD + "    where: {host: a.com, has: {'query:x': '1'}}\n    untouched: true\n", [
        '4:31: a guard cannot look at values | untouched: when seen; of headers a guard sees the name: {"header:x-signature": "*"}',
    ]),
    ("when seen without has", MESSAGE + "    untouched: when seen\n", ["5:16: 'when seen' wants 'has' | untouched: true"]),
    ("a guard with an action", MESSAGE + "    untouched: true\n    action: block\n", [
        "6:13: a guard has no 'action' | remove 'action', or 'untouched'",
    ]),
    ("lifts what is unknown", FIELD + "    action: strip\n    lifts: shop-gard\n", [
        "6:12: unknown guard 'shop-gard' | did you mean 'shop-guard'? guards: shop-guard",
    ]),
    ("lifts what is no guard", FIELD + "    action: strip\n    lifts: shop-rule\n", [
        "6:12: 'shop-rule' is no guard | did you mean 'shop-guard'? guards: shop-guard",
    ]),
    ("lifts a whole message", MESSAGE + "    action: block\n    lifts: shop-guard\n", [
        "6:12: a guard is lifted for named fields only | where: {at: \"header:x-client-data\"}",
    ]),
]  # fmt: skip

EXAMPLE = FIELD + "    action: strip\n    examples:\n"
PROOFS = [
    ("neither request nor keeps", EXAMPLE + "      - becomes: {'query:x': gone}\n", [
        "7:9: an example has either 'request' or 'keeps' | keeps: a request that stays as it is",
    ]),
    ("nothing proved", EXAMPLE + "      - request: GET https://a.com/\n", [
        "7:9: the example proves nothing | becomes: {\"query:cid\": pseudonym}",
    ]),
    ("no request line", EXAMPLE + "      - keeps: https://a.com/\n", [
        "7:16: keeps: 'METHOD URL' is expected | GET https://shop.example/list?page=2",
    ]),
    ("a broken header, at its own line", EXAMPLE + "      - keeps: |\n          GET https://a.com/\n          accept text\n", [
        "9:1: keeps: 'name: value' is expected | an empty line divides headers and body",
    ]),
    ("a body that is no base64", EXAMPLE + "      - keeps: POST https://a.com/\n        body_base64: a*b\n", [
        "8:22: this is no base64 | base64 < body.bin",
    ]),
    ("an unknown verdict", EXAMPLE + "      - request: GET https://a.com/\n        verdict: blocked\n", [
        "8:18: unknown verdict 'blocked' | did you mean 'block'? verdicts: forward block redirect ask",
    ]),
    ("keeps and becomes", EXAMPLE + "      - keeps: GET https://a.com/\n        becomes: {'query:x': gone}\n", [
        "7:16: an example with 'keeps' states nothing else | only page and type beside it",
    ]),
]  # fmt: skip

TABLE = [*YAML, *FORMS, *WORDS, *PATTERNS, *SERVICES, *PAIRS, *GUARDING, *PROOFS]


@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_a_mistake_and_its_place(text: str, expected: list[str], tmp_path: Path) -> None:
    """One file, exactly these mistakes, at these places, with these hints."""
    expected = [one.replace("WORLD:", f"{tmp_path / 'world.yaml'}:") for one in expected]
    assert mistakes(text, tmp_path) == expected


def test_a_shipped_rule_lifts_no_guard(tmp_path: Path) -> None:
    """Only a person's own rule may lift."""
    found = mistakes(FIELD + "    action: strip\n    lifts: shop-guard\n", tmp_path, layer="shipped")
    assert found == ["6:12: a shipped rule lifts no guard | only a person's own rules do"]


def test_all_mistakes_of_all_files_come_at_once(tmp_path: Path) -> None:
    """In the order of the files, then of the lines; a file that cannot be parsed hides no other."""
    (tmp_path / "a.yaml").write_text("company: [\n", encoding="utf-8")
    (tmp_path / "b.yaml").write_text("zzz: 1\nrules: 2\n", encoding="utf-8")
    (tmp_path / "c.yml").write_bytes(b"company: caf\xe9\n")
    (tmp_path / "ignored.txt").write_text("zzz: 1", encoding="utf-8")
    with pytest.raises(RuleErrors) as caught:
        load(Sources((tmp_path,), config=tmp_path / "missing.yaml"))
    places = [error.where.removeprefix(f"{tmp_path}/") for error in caught.value.errors]
    assert places == ["missing.yaml", "a.yaml:2:1", "b.yaml:1:1", "b.yaml:2:8", "c.yml:1:13"]
    assert "c.yml:1:13: the file is not UTF-8\n  hint: save it as UTF-8" in str(caught.value)


def test_one_mistake_is_told_once(tmp_path: Path) -> None:
    """What is wrong as YAML is not reported again as an empty value of a key."""
    found = mistakes(HEAD + "    where: {host: a.com}\n    action: ~\n", tmp_path)
    assert found == ["5:13: '~' is no value | leave the key out, or write \"~\" for the text"]
