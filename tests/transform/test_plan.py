"""Decisions become edits: what policy withholds occurs nowhere in what leaves, in no disguise."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from dataclasses import replace
from types import MappingProxyType
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shield.address import AddressPattern
from shield.context import Context
from shield.detect import places
from shield.detect.known import Matcher
from shield.disguise import Disguise
from shield.errors import ShieldError, TwinError, Unwritable
from shield.finding import Addition, Because, Decision, Finding
from shield.forms import form_text, forms
from shield.message import Request
from shield.opened import Opened
from shield.person import Fact
from shield.selector import Selector, Selectors
from shield.transform import Change, Plan, plan
from shield.transform.exchange import Splice
from shield.transform.plan import _united
from shield.vocabulary import PERSONA_CATEGORIES
from shield.wire import reader, writer
from tests.people import FACTS, DictBook, sample_person

PERSON = sample_person("lena-service", "mira-service")
MATCHER = Matcher.build(PERSON)
WHY = Because("person", "a-rule")


def context(scope: str = "lena-service") -> Context:
    return Context("POST", "x.example", "/", "x.example", service=scope, party="first")


def get(target: bytes, *headers: tuple[bytes, bytes]) -> Request:
    return Request("GET", "https", "x.example", 443, target, headers)


def post(body: bytes, kind: bytes) -> Request:
    headers = ((b"Content-Type", kind), (b"Content-Length", b"%d" % len(body)))
    return Request("POST", "https", "x.example", 443, b"/collect", headers, body)


def decided(
    findings: Iterable[Finding], action: str, to: str | None = None, scope: str = "lena-service"
) -> list[Decision]:
    return [
        Decision(finding, "strip" if finding.in_name and action != "allow" else action, WHY, to, scope)
        for finding in findings if finding.whose != "persona"
    ]  # fmt: skip


def planned(opened: Opened, decisions: Iterable[Decision], **changes: object) -> Plan:
    given_ = {"person": PERSON, "context": context(), "book": DictBook(), "opened": opened} | changes
    return plan(list(decisions), [], **given_)


def at(opened: Opened, text: str, category: str) -> list[Finding]:
    return places.find(opened, Selectors([Selector("a-rule", category, (AddressPattern(text),))]))


def whole(request: Request) -> bytes:
    return b"\n".join([request.target, *(b": ".join(line) for line in request.headers), request.body or b""])


# --- nothing is left ---------------------------------------------------------------------------------------

PLACES = {
    "query": lambda value: get(b"/p?a=1&q=" + quote(value).encode() + b"&z=2"),
    "query, inside": lambda value: get(b"/p?a=1&q=" + quote(b"mail: " + value + b"; more").encode() + b"&z=2"),
    "path": lambda value: get(b"/user/" + quote(value, safe="").encode() + b"/edit"),
    "cookie": lambda value: get(b"/", (b"Cookie", b"a=1; u=" + quote(value, safe="").encode() + b"; b=2")),
    "header": lambda value: get(b"/", (b"X-Who", value), (b"X-More", b"1")),
    "form": lambda value: post(b"a=1&u=" + quote(value, safe="").encode(), b"application/x-www-form-urlencoded"),
    "json": lambda value: post(json.dumps({"a": [1, {"u": value.decode()}]}).encode(), b"application/json"),
    "text": lambda value: post(b"it is " + value + b" here", b"text/plain"),
    "json in form": lambda value: post(
        b"v=" + quote(json.dumps({"u": value.decode()})).encode(), b"application/x-www-form-urlencoded"
    ),
    "json in base64": lambda value: get(
        b"/p?d=" + base64.urlsafe_b64encode(json.dumps({"user": value.decode(), "n": 1}).encode()).rstrip(b"=")
    ),
    "name of a parameter": lambda value: get(b"/p?a=1&" + quote(value, safe="").encode() + b"=1"),
    "key": lambda value: post(json.dumps({"a": {value.decode(): 1}}).encode(), b"application/json"),
    "name of a cookie": lambda value: get(b"/", (b"Cookie", b"a=1; " + quote(value, safe="").encode() + b"=1")),
}
DISGUISES = [
    *(Disguise(normal) for normal in ("plain", "lower", "upper")),
    *(Disguise("plain", "", (code,)) for code in ("percent", "hex", "HEX", "base64", "base64url")),
    *(
        Disguise(normal, digest, (code,))
        for normal in ("lower", "meta", "google", "amazon") for digest in ("md5", "sha1", "sha256")
        for code in ("hex", "HEX", "base64", "base64-unpadded", "base64url", "base64url-padded")
    ),
]  # fmt: skip


def cases() -> list[tuple[Fact, str, Disguise, bytes]]:
    """Every form of every fact in every disguise that is searched for in it."""
    out = []
    for fact in FACTS:
        for form in forms(fact.category, fact.parts):
            for worn in DISGUISES:
                written = worn.write(fact.category, form.part, form.text)
                if written and _is_searched(form, worn):
                    out.append((fact, form.part, worn, written))
    return out


def _is_searched(form, worn: Disguise) -> bool:
    if worn.digest:
        return not form.is_variant and form.part != "local"
    if worn.encodings:
        return not form.is_variant and form.strength == "strong" and len(form.text) >= 9
    return form.strength != "digest" and form.strength != "tiny"


CASES = cases()


@settings(max_examples=250, deadline=None)
@given(
    case=st.sampled_from(CASES), place=st.sampled_from(sorted(PLACES)),
    action=st.sampled_from(["strip", "pseudonymize"]),
)  # fmt: skip
def test_nothing_is_left(case: tuple[Fact, str, Disguise, bytes], place: str, action: str) -> None:
    """Form x disguise x place: found or alone too common, and after the edit found nowhere."""
    fact, part, worn, value = case
    request = PLACES[place](value)
    opened = reader.read(request)
    findings = MATCHER.find(opened, "lena-service")
    if not findings:
        assert _may_pass(fact, part, worn)
        return
    if all(one.whose == "persona" for one in findings):
        return  # the persona's is the same: its country
    decisions = [
        one if one.finding.category in PERSONA_CATEGORIES else one._replace(action="strip")
        for one in decided(findings, action)
    ]
    try:
        leaving = writer.rebuild(request, opened, planned(opened, decisions).edits)
    except Unwritable:
        return  # the message is blocked
    assert leaving is not request
    left = [one for one in MATCHER.find(reader.read(leaving), "lena-service") if one.whose == "me"]
    assert left == []
    assert value.lower() not in whole(leaving).lower()
    again = reader.read(leaving)
    kept = decided(MATCHER.find(again, "lena-service"), action)
    assert writer.rebuild(leaving, again, planned(again, kept).edits) is leaving


def _may_pass(fact: Fact, part: str, worn: Disguise) -> bool:
    """Short and common values pass where nothing says what they are."""
    form = next(form for form in forms(fact.category, fact.parts) if form.part == part)
    return form.strength in ("weak", "whole") and not worn.digest


@settings(max_examples=150, deadline=None)
@given(case=st.sampled_from([case for case in CASES if case[0].category in PERSONA_CATEGORIES]))
def test_the_persona_stands_there_in_the_same_disguise(case: tuple[Fact, str, Disguise, bytes]) -> None:
    """The digest of a fact becomes the digest of the persona's value under the same normalisation and encoding."""
    fact, part, worn, value = case
    name = {"postal_address": "address", "date_of_birth": "birthday"}.get(fact.category, "name")
    name = "year-of-birth" if part == "year" else name
    request = get(f"/p?{name}=".encode() + quote(value).encode())
    opened = reader.read(request)
    findings = MATCHER.find(opened, "lena-service")
    leaving = writer.rebuild(request, opened, planned(opened, decided(findings, "pseudonymize")).edits)
    stands = reader.read(leaving).at(f"query:\x1f{name}")[0].content
    mine = PERSON.personas["lena-service"].values[fact.id]
    expected = {
        worn.write(fact.category, form.part, form.text)
        for form in forms(mine.category, mine.parts)
    }  # fmt: skip
    alike = bytes.maketrans(b"-_", b"+/")  # without either letter it may be in both alphabets
    assert stands.rstrip(b"=").translate(alike) in {one.rstrip(b"=").translate(alike) for one in expected if one}
    found = MATCHER.find(reader.read(leaving), "lena-service")
    assert {one.whose for one in found} <= {"persona"}
    assert found or form_text(fact.category, fact.parts, part) == "anna"


# --- one by one --------------------------------------------------------------------------------------------


def edited(request: Request, action: str, *named: tuple[str, str], to: str | None = None, **changes: object) -> bytes:
    """The target or body after one action on everything that is known, or on the named places."""
    opened = reader.read(request)
    findings = [one for text, category in named for one in at(opened, text, category)]
    findings = findings or MATCHER.find(opened, "lena-service")
    done = planned(opened, decided(findings, action, to), **changes)
    leaving = writer.rebuild(request, opened, done.edits)
    return leaving.body or leaving.target


def test_a_span_inside_a_text() -> None:
    """The rest of a field stays as it came."""
    request = get(b"/p?q=from+Anna+Schmidt%2C+anna%40real.example%3B+hi&x=+")
    assert edited(request, "pseudonymize") == b"/p?q=from+Lena+Wagner%2C+lena%40example.org%3B+hi&x=+"
    assert edited(request, "strip") == b"/p?q=from+%2C+%3B+hi&x=+"


@pytest.mark.parametrize(
    ("written", "becomes"),
    [
        (b"%2B4915112345678", b"%2B4917139200123"),
        (b"%2B49+151+123456-78", b"%2B49+171+392001-23"),
        (b"0151/12345678", b"0171/39200123"),
        (b"4915112345678", b"4917139200123"),
        (b"SCHMIDT,+ANNA", b"WAGNER,+LENA"),
        (b"anna", b"lena"),
        (b"14.03.1987", b"02.07.1986"),
        (b"Hauptstr.+5,+53111+Bonn", b"Birkenweg+12,+34117+Kassel"),
    ],
)
def test_layout_and_case(written: bytes, becomes: bytes) -> None:
    """Separators of numbers, order of parts and letter case are those that stood there."""
    assert edited(get(b"/p?name=" + written), "pseudonymize") == b"/p?name=" + becomes


def test_what_the_persona_shares_with_the_person() -> None:
    """A country that both have is the persona's where the persona is met."""
    request = get(b"/p?q=Hauptstr.+5,+53111+Bonn,+DE")
    opened = reader.read(request)
    leaving = writer.rebuild(
        request, opened, planned(opened, decided(MATCHER.find(opened, "lena-service"), "pseudonymize")).edits
    )
    assert leaving.target == b"/p?q=Birkenweg+12,+34117+Kassel,+DE"
    assert {one.whose for one in MATCHER.find(reader.read(leaving), "lena-service")} == {"persona"}


@pytest.mark.parametrize("before", [b"", b"x", b"xy", b"xyz"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
@pytest.mark.parametrize("is_bare", [True, False])
def test_inside_a_longer_base64(before: bytes, encode, is_bare: bool) -> None:
    """The text around the value stays, at every alignment, in its alphabet."""
    text = before + b"\x00\xffanna@real.example\x00\xfe~"
    packed = encode(text).rstrip(b"=") if is_bare else encode(text)
    request = post(b"<" + packed + b">", b"application/octet-stream")
    opened = reader.read(request)
    found = MATCHER.find(opened, "lena-service")
    leaving = writer.rebuild(request, opened, planned(opened, decided(found, "pseudonymize")).edits)
    expected = encode(text.replace(b"anna@real.example", b"lena@example.org"))
    assert leaving.body.rstrip(b"=>") == b"<" + expected.rstrip(b"=")
    if len(text) % 3:
        assert (b"=" in leaving.body) == (b"=" in expected and not is_bare)


def test_two_facts_in_one_base64_text_go_together() -> None:
    """No value fits both: the whole text is cut out."""
    text = base64.b64encode(b"\x00anna@real.example\x00+4915112345678\x00\xff")
    request = post(b"<" + text + b">", b"application/octet-stream")
    assert edited(request, "pseudonymize") == b"<>"


def test_identifiers_within_their_scope() -> None:
    """A place that a rule names: a pseudonym of the same shape; in another scope another one."""
    request = get(b"/g/collect?v=2&cid=1234567890.1699999999&dl=x")
    one = edited(request, "pseudonymize", ("query:cid", "cookie_id"))
    assert one.startswith(b"/g/collect?v=2&cid=")
    assert one.endswith(b"&dl=x")
    assert one != request.target
    opened = reader.read(request)
    named = at(opened, "query:cid", "cookie_id")
    other = planned(opened, decided(named, "pseudonymize", scope="elsewhere"))
    assert writer.rebuild(request, opened, other.edits).target not in (one, request.target)


def test_passing_twice_changes_once() -> None:
    """With the book of what was issued, a second pass leaves the message as it is."""
    request = get(b"/p?cid=1234567890.1699999999&u=6f9619ff-8b86-4d01-b42d-00cf4fc964ff&em=anna%40real.example")
    book = DictBook()

    def passed(message: Request) -> Request:
        opened = reader.read(message)
        found = [*at(opened, "query:cid", "cookie_id"), *at(opened, "query:u", "device_id")]
        found += MATCHER.find(opened, "lena-service")
        done = planned(opened, decided(found, "pseudonymize"), book=book)
        book.add(done.issued)
        return writer.rebuild(message, opened, done.edits)

    first = passed(request)
    assert first is not request
    assert passed(first) is first


@pytest.mark.parametrize("value", [b"305-1234567-7654321", b"bob%40other.example", b"Bob", b"Robert+Miller", b"12"])
def test_what_has_no_pseudonym_is_stripped(value: bytes) -> None:
    """Order numbers, other people's addresses: removed, never invented, never passed."""
    assert edited(get(b"/p?a=1&id=" + value), "pseudonymize", ("query:id", "email")) == b"/p?a=1"


def test_a_rule_that_names_several_fields_at_once() -> None:
    """A node that holds more than one value has no pseudonym."""
    request = post(b'{"ids": {"a": "x", "b": "y"}, "c": 1}', b"application/json")
    assert edited(request, "pseudonymize", ("json:/ids", "unknown")) == b'{"c": 1}'
    assert edited(request, "strip", ("json:/ids/a", "unknown")) == b'{"ids": {"b": "y"}, "c": 1}'


def test_coarser_after_the_inner_edits() -> None:
    """What was edited inside a field is in what becomes of the field."""
    request = get(b"/", (b"Referer", b"https://shop.example/anna%40real.example?u=1"))
    opened = reader.read(request)
    inner = decided(MATCHER.find(opened, "lena-service"), "pseudonymize")
    outer = decided(at(opened, "header:referer", "referrer"), "generalize", "path")
    leaving = writer.rebuild(request, opened, planned(opened, [*inner, *outer]).edits)
    assert leaving.headers == ((b"Referer", b"https://shop.example/lena%40example.org"),)


def test_what_cannot_be_made_coarser_is_stripped() -> None:
    """Never passed."""
    request = get(b"/p?lat=52.51639&lon=here&x=1")
    done = edited(request, "generalize", ("query:lat", "geo"), ("query:lon", "geo"), to="2 decimals")
    assert done == b"/p?lat=52.51&x=1"


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (get(b"/p?a=1&anna%40real.example=2&b=3"), b"/p?a=1&b=3"),
        (post(b'{"a": {"anna@real.example": 1}, "b": 2}', b"application/json"), b'{"a": {}, "b": 2}'),
        (get(b"/born/1987/03/14/x"), b"/born////x"),
    ],
)
def test_what_stands_in_a_name_goes_with_what_it_names(request_: Request, expected: bytes) -> None:
    """Strip removes what carries the name."""
    assert edited(request_, "strip") == expected


def test_changes_tell_what_was_done() -> None:
    """Address, what, and the rule; never a value."""
    request = get(b"/p?a=anna%40real.example&b=1")
    opened = reader.read(request)
    found = MATCHER.find(opened, "lena-service")
    assert planned(opened, decided(found, "strip")).changes == (Change("query:a", "removed", "a-rule"),)
    assert planned(opened, decided(found, "pseudonymize")).changes == (Change("query:a", "edited", "a-rule"),)
    done = planned(opened, decided(found, "allow"))
    assert (done.changes, bool(done.edits)) == ((), False)
    assert "anna" not in repr(planned(opened, decided(found, "pseudonymize")))


def test_a_persona_that_is_not_there_yet() -> None:
    """Its scope is needed, and nothing else is said."""
    request = get(b"/p?a=anna%40real.example&cid=1234567890.1699999999")
    opened = reader.read(request)
    found = [*MATCHER.find(opened, "new"), *at(opened, "query:cid", "cookie_id")]
    done = planned(opened, decided(found, "pseudonymize", scope="new"), context=context("new"))
    assert (done.needs, done.issued, done.changes, bool(done.edits)) == (("new",), (), (), False)


def test_another_persona_of_mine_is_what_it_stands_for() -> None:
    """One service's persona never joins two services."""
    request = get(b"/p?a=mira%40example.org&b=lena%40example.org")
    assert edited(request, "pseudonymize") == b"/p?a=lena%40example.org&b=lena%40example.org"


def test_a_locked_twin() -> None:
    """No value can be invented without the key; the caller blocks."""
    opened = reader.read(get(b"/p?cid=1234567890.1699999999"))
    decisions = decided(at(opened, "query:cid", "cookie_id"), "pseudonymize")
    with pytest.raises(TwinError) as error:
        planned(opened, decisions, person=replace(PERSON, locked=True))
    assert error.value.hint
    assert "12345" not in str(error.value)


def test_a_device_number_that_the_person_stated() -> None:
    """It becomes a pseudonym, in the disguise in which it travels, and passes a second time unchanged."""
    fact = Fact("ad_id-1", "ad_id", {"value": "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"})
    person = replace(PERSON, facts=(*PERSON.facts, fact))
    matcher, book = Matcher.build(person), DictBook()
    digest = Disguise("lower", "sha256", ("hex",)).write("ad_id", "value", fact.value)
    request = get(b"/p?a=" + fact.value.upper().encode() + b"&b=" + digest)
    opened = reader.read(request)
    done = planned(opened, decided(matcher.find(opened), "pseudonymize"), person=person, book=book)
    book.add(done.issued)
    leaving = writer.rebuild(request, opened, done.edits)
    first, second = (node.content for node in reader.read(leaving).fields() if node.address.startswith("query:"))
    assert first.isupper()
    assert second == Disguise("lower", "sha256", ("hex",)).write("ad_id", "value", first.decode())
    assert [matcher.find(reader.read(leaving)), len(done.issued)] == [[], 2]


def test_additions() -> None:
    """A constant where it is not there yet."""
    add = Addition(AddressPattern("query:npa"), "1", WHY)
    for target, expected in ((b"/p?a=1", b"/p?a=1&npa=1"), (b"/p?npa=0", b"/p?npa=0")):
        request = get(target)
        opened = reader.read(request)
        done = plan([], [add], person=PERSON, context=context(), book=DictBook(), opened=opened)
        assert writer.rebuild(request, opened, done.edits).target == expected
    pattern = Addition(AddressPattern("query:n*"), "1", WHY)
    with pytest.raises(Unwritable):
        plan([], [pattern], person=PERSON, context=context(), book=DictBook(), opened=opened)


def test_an_open_decision_is_a_mistake() -> None:
    """Block and ask are verdicts; as an edit they would let the value pass."""
    opened = reader.read(get(b"/p?a=anna%40real.example"))
    with pytest.raises(ShieldError):
        planned(opened, decided(MATCHER.find(opened), "ask"))


def test_epochs_of_a_service_hold_for_all_its_sites() -> None:
    """``persona rotate`` makes every pseudonym of the service another one."""
    request = get(b"/p?cid=1234567890.1699999999")
    opened = reader.read(request)
    named = decided(at(opened, "query:cid", "cookie_id"), "pseudonymize", scope="lena-service|shop.example")
    before = planned(opened, named)
    rotated = planned(opened, named, person=replace(PERSON, epochs=MappingProxyType({"lena-service": 1})))
    assert before.edits.content != rotated.edits.content
    assert [issued.epoch for issued in rotated.issued] == [1]


def test_what_overlaps_goes_together() -> None:
    """From the first letter of the one to the last of the other: no value fits both."""
    assert _united([Splice(0, 5, b"a"), Splice(3, 9, b"b")]) == [(0, 9, b"")]
    assert _united([Splice(0, 9, b"a"), Splice(3, 5, b"b")]) == [(0, 9, b"")]
    assert _united([Splice(3, 5, b"b"), Splice(5, 9, b"c")]) == [(3, 5, b"b"), (5, 9, b"c")]


def test_a_known_number_without_room_for_a_pseudonym_goes() -> None:
    """A device's number of six digits has less than 64 bits: nothing stands in its place."""
    own = replace(PERSON, facts=(*FACTS, Fact("device_id-9", "device_id", {"value": "DX-481-7"})))
    request = get(b"/p?device=DX-481-7&b=1")
    opened = reader.read(request)
    found = [one for one in Matcher.build(own).find(opened, "lena-service") if one.category == "device_id"]
    assert found
    done = planned(opened, decided(found, "pseudonymize"), person=own)
    assert writer.rebuild(request, opened, done.edits).target == b"/p?b=1"
