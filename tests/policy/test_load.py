# ruff: noqa: E501 - tables; their lines are as long as the messages are
"""What loading makes of rule files, configuration and facts; and that nothing but RuleErrors comes out of it."""

from __future__ import annotations

import contextlib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shield.data import data_path
from shield.errors import InputError, RuleErrors
from shield.person import Fact
from shield.policy.load import Sources, fingerprint, load, read_facts
from shield.policy.rule import Policy, Rule

FORMS = Path(__file__).parents[3] / "shared" / "facts" / "rule_forms.yaml"


def written(folder: Path, text: str, name: str = "own.yaml") -> Path:
    """A file with this text."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def policy_of(folder: Path, text: str) -> Policy:
    """The policy of one person's file."""
    return load(Sources(person=(written(folder, text),)))


def rule_of(folder: Path, body: str) -> Rule:
    """The one rule whose keys after ``why`` are given."""
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return policy_of(folder, f"rules:\n  - id: one\n    why: because\n{lines}").rules[0]


def said(sources: Sources) -> list[str]:
    """Mistakes as ``name:line:column: message | hint``."""
    with pytest.raises(RuleErrors) as caught:
        load(sources)
    errors = caught.value.errors
    return [f"{Path(one.path).name}:{one.line}:{one.column}: {one.message} | {one.hint}" for one in errors]


TYPED = ["1.10", "0123", "+4915112345678", "no", "2027-03-01", "12:30:45", "0x10", "1e3", "true", ".5", "a  b", "1_000"]


@pytest.mark.parametrize("text", TYPED)
def test_a_scalar_stays_what_was_typed(text: str, tmp_path: Path) -> None:
    """YAML's guesses have no say, in values, keys and lists."""
    rule = rule_of(tmp_path, f'where: {{has: {{"query:v": {text}}}, name: [{text}]}}\naction: strip')
    assert rule.where[0].has[0].value == text
    assert rule.where[0].at[0].text == f"*:{text}"


def test_a_comment_stands_two_spaces_away(tmp_path: Path) -> None:
    """And inside quotes and blocks a number sign is text."""
    policy = policy_of(
        tmp_path,
        "rules:  # all of them\n  - id: one  # the only one\n    why: 'see #12'   # or not\n"
        "    where: {host: a.com}     # there\n    action: block\n"
        "    examples:\n      - verdict: block\n        request: |\n          POST https://a.com/ HTTP/1.1\n\n"
        "          a #b\n",
    )
    assert policy.rules[0].why == "see #12"
    assert policy.rules[0].examples[0].request.endswith("\n\na #b\n")


def test_families_stand_for_each_of_their_hosts(tmp_path: Path) -> None:
    """Alone, exact, as subdomain, and inside words; from whichever file states them."""
    families = written(tmp_path, 'families: {"a.<country>": [a.com, a.de]}\n', "zz.yaml")
    text = (
        'rules: [{id: one, why: x, where: {host: ["a.<country>", "=a.<country>", "f-*.a.<country>"]}, action: block}]\n'
    )
    policy = load(Sources((families,), (written(tmp_path, text),)))
    hosts = [host.text for host in policy.rules[0].where[0].host]
    assert hosts == ["a.com", "a.de", "=a.com", "=a.de", "f-*.a.com", "f-*.a.de"]
    assert policy.families == {"a.<country>": ("a.com", "a.de")}


def test_services(tmp_path: Path) -> None:
    """Purpose, owner, endpoints and shape, and where they stand."""
    policy = policy_of(
        tmp_path,
        "company: New\nservices:\n  one: {purpose: analytics, on: [{host: a.com, path: [/x, /y]}, {host: b.com}],\n"
        '    shape: {path: "**/g/collect", has: {"query:v": "2", "*:id": {matches: "[0-9]+"}}}}\n'
        "  two: {purpose: login, company: Other, on: [{host: c.com}]}\n",
    )
    one, two = policy.services
    assert (one.name, one.company, one.purpose, one.file, one.line) == ("one", "New", "analytics", "own.yaml", 3)
    assert [[path.text for path in endpoint.paths] for endpoint in one.on] == [["/x", "/y"], []]
    assert one.shape is not None
    assert [(has.address.text, has.value) for has in one.shape.has] == [("query:v", "2"), ("*:id", "matches:[0-9]+")]
    assert (two.company, two.shape) == ("Other", None)


def test_place_and_name_are_short_for_addresses(tmp_path: Path) -> None:
    """A name alone means query, form and multipart; a place alone every field of its outermost level."""

    def addresses(where: str) -> list[str]:
        return [one.text for one in rule_of(tmp_path, f"where: {where}\naction: strip").where[0].at]

    assert addresses("{name: [a, 'ud[*]']}") == ["*:a", "*:ud[*]"]
    assert addresses("{place: [query, cookie], name: [a, b]}") == ["query:a", "query:b", "cookie:a", "cookie:b"]
    assert addresses("{place: json, name: a/b}") == ["json:/a~1b"]
    assert addresses("{place: [header, json, text]}") == ["header:*", "json:/*", "text"]


def test_conditions(tmp_path: Path) -> None:
    """Every condition, in one member and in a list."""
    rule = rule_of(
        tmp_path,
        "where:\n  - {host: a.com, path: /x, method: post, party: third, site: [cross, none], type: xhr, purpose: search,\n"
        "     at: 'query:x', value: 'GA1.*', whose: me,\n"
        "     has: {'query:v': absent, 'query:w': '', 'header:h': '*'}}\n"
        "  - {host: b.com, at: 'query:y', direction: request}\nunless: {name: z}\naction: strip",
    )
    one, two = rule.where
    assert (one.method, one.party, one.site, one.type) == (("POST",), ("third",), ("cross", "none"), ("xhr",))
    assert (one.purpose, one.whose, two.host[0].text) == (("search",), ("me",), "b.com")
    assert [has.value for has in one.has] == [None, "", "*"]
    assert one.value is not None
    assert one.value.search(b"GA1.2")
    assert not one.value.search(b"xGA1.2")
    assert [pattern.text for pattern in rule.unless[0].at] == ["*:z"]


def test_unless_may_stand_inside_where_and_has_its_direction(tmp_path: Path) -> None:
    """As people write it; and an exception of a response rule is about responses."""
    inside = rule_of(tmp_path, "where: {direction: response, at: 'header:a', unless: {host: a.com}}\naction: strip")
    beside = rule_of(tmp_path, "where: {direction: response, at: 'header:a'}\nunless: {host: a.com}\naction: strip")
    assert inside.unless == beside.unless
    assert inside.unless[0].direction == "response"


ACTIONS = [
    ("where: {host: a.com}\naction: block\nanswer: 204", {"action": "block", "answer": "204"}),
    ("where: {host: a.com}\naction: block\nanswer: 'json {\"a\": [1]}'", {"answer": 'json {"a": [1]}'}),
    ("where: {host: a.com}\naction: ask", {"action": "ask", "otherwise": "block"}),
    ("where: {at: 'query:x'}\ncategory: email\naction: ask", {"otherwise": "strip", "category": "email"}),
    ("where: {at: 'query:x'}\ncategory: email\naction: ask\notherwise: pseudonymize", {"otherwise": "pseudonymize"}),
    ("where: {at: 'query:x'}\naction: generalize\nto: =\"G100\"", {"to": ('="G100"',), "category": None}),
    ("where: {at: 'query:x'}\ncategory: geo\naction: generalize\nto: 2 decimals", {"to": ("2 decimals",)}),
    ("where: {path: '/s/{rest**}'}\naction: unwrap\nto: 'https://{rest}'", {"to": ("https://{rest}",)}),
    ("where: {host: a.com}\naction: unwrap\nto: ['query:url', 'query:q']", {"to": ("query:url", "query:q")}),
    ("where: {at: 'query:x'}\ncategory: cookie_id\naction: pseudonymize\nscope: site", {"scope": "site"}),
    ("where: {direction: response, at: 'cookie:*'}\naction: partition", {"action": "partition"}),
    ("where: {at: 'query:x'}\naction: strip\nuntil: 2027-03-01", {"until": date(2027, 3, 1), "layer": "person"}),
    ("where: {host: a.com}\nuntouched: true", {"untouched": "always", "layer": "guard", "is_own": True}),
    ("where: {host: a.com, has: {'form:a': 'b*'}}\nuntouched: when seen", {"untouched": "seen", "layer": "guard"}),
    ("where: {host: a.com, has: {'header:x-sig': '*', 'header:y': absent}}\nuntouched: true", {"untouched": "always"}),
    ("where: {}\naction: block", {"file": "own.yaml", "line": 2}),
]


@pytest.mark.parametrize(("body", "expected"), ACTIONS)
def test_actions(body: str, expected: dict[str, object], tmp_path: Path) -> None:
    """What each action carries."""
    rule = rule_of(tmp_path, body)
    assert {name: getattr(rule, name) for name in expected} == expected


def test_an_addition(tmp_path: Path) -> None:
    """An address and a constant."""
    added = rule_of(tmp_path, "where: {}\naction: add\nadd: {'header:Sec-GPC': 1}").add
    assert added is not None
    assert (added[0].text, added[1]) == ("header:Sec-GPC", "1")


def test_layers_come_from_the_files(tmp_path: Path) -> None:
    """Shipped, the person's, guards, and rules that lift one."""
    rule = "rules: [{{id: {0}, why: x, where: {{at: 'query:x'}}, action: strip{1}}}]\n"
    guard = written(tmp_path, "rules: [{id: guard, why: x, where: {host: a.com}, untouched: true}]\n", "guard.yaml")
    shipped = written(tmp_path, rule.format("shipped", ""), "shipped.yaml")
    own = written(tmp_path, rule.format("own", ""), "own.yaml")
    lifting = written(tmp_path, rule.format("lifting", ", lifts: guard"), "lifting.yaml")
    policy = load(Sources((guard, shipped), (own, lifting)))
    assert [(one.layer, one.is_own) for one in policy.rules] == [
        ("guard", False), ("shipped", False), ("person", True), ("lifted", True),
    ]  # fmt: skip
    assert policy.rules[3].lifts == "guard"


def test_rule_forms_load_as_they_are(tmp_path: Path) -> None:
    """The forms that were tried on real cases, beside the guard and service they refer to."""
    if not FORMS.exists():
        pytest.skip("the shared folder with the rule forms is not here")
    world = written(
        tmp_path,
        "company: Google\nservices: {google-account: {purpose: login, on: [{host: accounts.google.com}]}}\n"
        "rules: [{id: google-login, why: x, where: {service: google-account}, untouched: true}]\n",
        "world.yaml",
    )
    policy = load(Sources((world,), (FORMS,)))
    assert len(policy.rules) > 18
    batch = next(rule for rule in policy.rules if rule.id == "amazon-batch-ids")
    assert [host.text for host in batch.where[0].host][:2] == ["fls-*.amazon.com", "fls-*.amazon.de"]
    assert batch.where[0].path[0].names == ("market", "session", "request", "data")


def test_the_shipped_rules_load() -> None:
    """With their services and stand-in scripts."""
    policy = load(Sources((data_path("rules"),)))
    assert {"Google", "Facebook", "Amazon"} <= {service.company for service in policy.services}
    answers = {rule.answer for rule in policy.rules if rule.answer and rule.answer.startswith("script ")}
    assert {answer.removeprefix("script ") for answer in answers} <= policy.scripts.keys()


def test_a_thousand_rules(tmp_path: Path) -> None:
    """Loaded whole; tests/bench says how fast."""
    rule = "  - {{id: r{0}, why: because, where: {{host: h{0}.example, at: ['query:a{0}', 'form:b/json:/**/c']}}, action: strip}}\n"
    text = "rules:\n" + "".join(rule.format(number) for number in range(1000))
    assert len(policy_of(tmp_path, text).rules) == 1000


# ---------------------------------------------------------------------------------------------- configuration


def test_without_a_configuration_the_shipped_one_holds() -> None:
    """An empty folder of rules leaves the share table."""
    policy = load(Sources())
    assert policy.share["third"]["card"]["analytics"].action == "block"
    assert policy.share["third"]["referrer"]["*"].to == "origin"
    assert policy.share["amazon"]["postal_address"]["delivery"].key == "share.amazon.postal_address.delivery"
    assert policy.never == {"government_id", "health"}
    assert (policy.intercept, policy.config.port, policy.config.ask_seconds) == ("services", 8080, 60)


def test_a_configuration_over_the_shipped_one(tmp_path: Path) -> None:
    """Rows are joined; a stated category replaces its cells; what is not stated stays."""
    (tmp_path / "more").mkdir()
    written(tmp_path / "more", "rules: [{id: two, why: x, where: {host: a.com}, action: block}]\n")
    config = written(
        tmp_path,
        "port: 9090\nask_seconds: 5\nintercept: [a.com, =b.com]\nnever: [card]\ncatch_all: anna+*@mail.example\n"
        "disable: [one]\nrules: more\nshare:\n  third: {email: strip, geo: generalize 2 decimals}\n  New: {phone: allow}\n",
        "shield.yaml",
    )
    rules = written(tmp_path, "rules: [{id: one, why: x, where: {host: a.com}, action: block}]\n")
    policy = load(Sources((rules,), config=config))
    third = policy.share["third"]
    assert (third["email"]["*"].action, third["email"]["*"].line) == ("strip", 9)
    assert (third["geo"]["*"].to, third["phone"]["*"].action) == ("2 decimals", "pseudonymize")
    assert policy.share["new"]["phone"]["*"].action == "allow"
    assert (policy.never, policy.never_line, policy.config_file) == ({"card"}, 4, "shield.yaml")
    assert not isinstance(policy.intercept, str)
    assert [host.text for host in policy.intercept] == ["a.com", "=b.com"]
    assert (policy.config.port, policy.config.ask_seconds) == (9090, 5)
    assert policy.config.catch_all == "anna+*@mail.example"
    assert [rule.id for rule in policy.rules] == ["two"]


CONFIG_MISTAKES = [
    ("prot: 1", "1:1: unknown key 'prot' | did you mean 'port'? keys: port intercept share never disable catch_all ask_seconds reach detect rules"),
    ("port: 99999", "1:7: a whole number from 1 to 65535 is expected here | "),
    ("intercept: everthing", "1:12: unknown word 'everthing' | did you mean 'everything'? intercept: services everything, or a list of hosts"),
    ("detect: {presidio: maybe}", "1:20: true or false is expected here | "),
    ("detect: {presido: true}", "1:10: unknown key 'presido' | did you mean 'presidio'? keys: presidio model"),
    ("never: [healt]", "1:9: unknown category 'healt' | did you mean 'health'? categories: "),
    ("catch_all: anna", "1:12: a mail domain or an alias pattern is expected here | catch_all: anna+*@mail.example"),
    ("disable: [nothing]", "1:11: unknown rule 'nothing' | "),
    ("rules: nowhere", "1:8: there is no 'nowhere' | looked in "),
    ("rules: ~nobody-at-all", "1:8: there is no '~nobody-at-all' | looked in "),
    ("share: {thrid: {email: strip}}", "1:9: unknown row 'thrid' | did you mean 'third'?"),
    ("share: {third: strip}", "1:16: row 'third' is a table of categories | third: {\"*\": strip}"),
    ("share: {third: {mail: strip}}", "1:17: unknown category 'mail' | did you mean 'email'? categories: "),
    ("share: {third: {email: {advertizing: strip}}}", "1:25: unknown purpose 'advertizing' | did you mean 'advertising'? purposes: "),
    ("share: {third: {email: strp}}", "1:24: unknown action 'strp' | did you mean 'strip'? actions: "),
    ("share: {third: {card: pseudonymize}}", "1:23: 'pseudonymize' does not fit category 'card' | actions: allow ask block strip"),
    ("share: {third: {'*': pseudonymize}}", "1:22: 'pseudonymize' fits some categories only | name the category in place of '*'"),
    ("share: {third: {email: generalize}}", "1:24: 'generalize' wants to know how | generalize =\"constant\""),
    ("share: {third: {geo: generalize origin}}", "1:22: 'origin' does not fit category 'geo' | generalize 1 decimals"),
    ("share: {third: {geo: strip all}}", "1:22: 'strip' stands alone | write strip"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CONFIG_MISTAKES)
def test_mistakes_in_a_configuration(text: str, expected: str, tmp_path: Path) -> None:
    """Exactly one each, at its place."""
    (found,) = said(Sources(config=written(tmp_path, text + "\n", "shield.yaml")))
    assert found.startswith(f"shield.yaml:{expected}")


def test_every_variant_that_is_shipped_loads() -> None:
    """configs/*.yaml."""
    for path in data_path("configs").glob("*.yaml"):
        load(Sources((data_path("rules"),), config=path))


def test_a_folder_of_rules_may_hold_the_configuration_itself(tmp_path: Path) -> None:
    """It is not read as rules."""
    config = written(tmp_path, "rules: .\n", "shield.yaml")
    written(tmp_path, "rules: [{id: one, why: x, where: {host: a.com}, action: block}]\n")
    assert [rule.id for rule in load(Sources((tmp_path,), config=config)).rules] == ["one"]


def test_a_fingerprint_tells_every_change(tmp_path: Path) -> None:
    """Of a file, of a script, of what the configuration names, of files that come and go."""
    (tmp_path / "scripts").mkdir()
    (tmp_path / "more").mkdir()
    config = written(tmp_path / "more", "rules: .\n", "config.yaml")
    sources = Sources((tmp_path,), config=config)
    seen = [fingerprint(sources)]
    for path in (tmp_path / "a.yaml", tmp_path / "scripts/b.js", tmp_path / "more/c.yaml"):
        path.write_text("company: A\n")
        seen.append(fingerprint(sources))
    config.write_text("rules: ../scripts\n")
    seen.append(fingerprint(sources))
    (tmp_path / "a.yaml").unlink()
    seen.append(fingerprint(sources))
    assert len(set(seen)) == len(seen)
    assert fingerprint(sources) == seen[-1]


# ------------------------------------------------------------------------------------------------------ facts


def test_facts(tmp_path: Path) -> None:
    """The file of the design, every value as typed."""
    path = written(
        tmp_path,
        "facts:\n  - {category: email, value: anna@real.example}\n  - {category: email, value: a@b.example}\n"
        "  - {category: name, value: Anna Maria Schmidt}\n  - {category: name, given: Anna, family: Schmidt}\n"
        "  - {category: phone, value: +4915112345678}\n"
        "  - {category: postal_address, street: Hauptstr. 5, city: Bonn, postcode: 01234, country: NO}\n"
        "  - {category: date_of_birth, value: 1987-03-14}\n",
    )
    facts = read_facts(path)
    ids = ["email-1", "email-2", "name-1", "name-2", "phone-1", "postal_address-1", "date_of_birth-1"]
    assert [fact.id for fact in facts] == ids
    assert facts[2].parts == {"given": "Anna Maria", "family": "Schmidt"}
    assert facts[4].value == "+4915112345678"
    assert (facts[5].parts["postcode"], facts[5].parts["country"]) == ("01234", "NO")
    assert facts[6].value == "1987-03-14"


FACT_MISTAKES = [
    ("facts: [{category: mail, value: sesame}]", "1:20: unknown category"),
    ("facts: [{category: email}]", "1:9: email has no value"),
    ("facts: [{category: email, street: sesame}]", "1:35: email has no 'street'"),
    ("facts: [{category: name, value: sesame, given: sesame}]", "1:33: name has a value and parts"),
    ("facts: [{category: email, sesame: sesame}]", "1:27: unknown key"),
    ("facts: [{category: email, value: *sesame}]", "1:34: an unquoted value cannot begin with '*'"),
    ("facts: [{category: email, value: sesame #sesame\n}]", "1:34: ' #' after an unquoted value begins a comment"),
    ("facts: [{category: email, value: ~}]", "1:34: '~' is no value"),
    ("facts: [{sesame: a, sesame: b}]", "1:21: this key is there twice"),
    ("sesame: sesame", "1:1: unknown key"),
    ("facts: sesame", "1:8: a list of facts is expected here"),
    ("facts: [{category: email, value: 'sesame}]", "1:43: found unexpected end of stream"),
]


@pytest.mark.parametrize(("text", "expected"), FACT_MISTAKES)
def test_a_mistake_in_a_facts_file_repeats_nothing_of_it(text: str, expected: str, tmp_path: Path) -> None:
    """Place and reason, never the value, neither in the message nor in the hint."""
    with pytest.raises(RuleErrors) as caught:
        read_facts(written(tmp_path, text))
    assert any(f":{expected}" in str(error) for error in caught.value.errors)
    assert "sesame" not in str(caught.value).replace(str(tmp_path), "")


def test_facts_may_be_checked_by_the_caller(tmp_path: Path) -> None:
    """What the maker refuses is told with its place."""

    def make(fact_id: str, category: str, parts: object) -> Fact:
        raise InputError("that is no phone number", "like +49 151 12345678")

    with pytest.raises(RuleErrors, match=r"own.yaml:2:5: that is no phone number\n  hint: like"):
        read_facts(written(tmp_path, "facts:\n  - {category: phone, value: sesame}\n"), make)


# ------------------------------------------------------------------------------------------------- anything at all

WORDS = st.sampled_from([
    "rules", "id", "why", "where", "host", "at", "query:x", "action", "strip", "services", "on", "shape", "has", "examples",
    "request", "GET https://a.com/", "{", "}", "[", "]", ":", ": ", ", ", "- ", "\n", "\n  ", "\n    ", "*", "**", "&a", "#",
    " #", "'", '"', "|\n", "~", "<b>", "a.<b>", "families", "(", "a*", "(a*)*", "\\", "%", "{rest**}", "/", "company", "share",
    "third", "email", "generalize", "to", "unless", "value", "untouched", "true", "until", "2027-01-01", "add", "json {",
])  # fmt: skip
SOUP = st.one_of(st.lists(WORDS, max_size=40).map("".join), st.text(max_size=200), st.binary(max_size=100))


@settings(max_examples=120, deadline=None)
@given(SOUP)
def test_whatever_stands_in_a_file_only_rule_errors_come_out(
    tmp_path_factory: pytest.TempPathFactory, soup: str | bytes
) -> None:
    """As rules, as configuration, as facts."""
    path = tmp_path_factory.getbasetemp() / "soup.yaml"
    path.write_bytes(soup if isinstance(soup, bytes) else soup.encode("utf-8", "surrogatepass"))
    for attempt in (lambda: load(Sources((path,))), lambda: load(Sources(config=path)), lambda: read_facts(path)):
        with contextlib.suppress(RuleErrors):
            attempt()


TREES = st.recursive(
    st.sampled_from(['"x"', "strip", '"query:x"', "[]", "{}", "true", "a.com", "/p", "'{'", "email"]),
    lambda inner: st.lists(inner, max_size=3).map(lambda one: "[" + ", ".join(one) + "]")
    | st.dictionaries(
        st.sampled_from(["id", "why", "where", "at", "host", "path", "has", "action", "category", "to", "examples", "request",
                         "becomes", "unless", "matches", "value", "add", "answer", "untouched", "lifts", "until", "on", "shape",
                         "purpose", "company", "rules", "services", "families"]), inner, max_size=5,
    ).map(lambda one: "{" + ", ".join(f"{key}: {value}" for key, value in one.items()) + "}"),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=120, deadline=None)
@given(TREES, TREES)
def test_whatever_form_a_key_is_given_only_rule_errors_come_out(
    tmp_path_factory: pytest.TempPathFactory, one: str, two: str
) -> None:
    """Well-formed YAML with the right words in the wrong places."""
    path = tmp_path_factory.getbasetemp() / "tree.yaml"
    path.write_text(
        f"services: {one}\nrules: [{two}, {{id: a, why: b, where: {one}, action: strip, examples: [{two}]}}]\n"
    )
    with contextlib.suppress(RuleErrors):
        load(Sources((path,)))
