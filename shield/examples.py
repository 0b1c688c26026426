"""Runs the examples that lie in the rules through the engine.

The person is a sample on reserved domains, her personas and pseudonyms come from a fixed key, the clock stands at
2026-01-01. A file's examples run with that file, the services that its rules name, and the share table alone, so that
they prove what the file says;
:func:`overrides` runs the shipped ones again with the person's own rules, and tells which of them no longer hold.
Messages name addresses and lengths, never a value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

from shield.address import AddressPattern
from shield.engine import Engine
from shield.finding import Block, Issued, Redirect, Verdict
from shield.message import Request, Response
from shield.opened import Opened
from shield.outcome import Outcome
from shield.person import Fact, Person
from shield.policy.rule import Example, Policy, Rule
from shield.transcript import read_request, read_response
from shield.tree import Node
from shield.twin.derived import Derived
from shield.twin.persona import make
from shield.wire import reader
from shield.wire.path import with_parts

NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)
KEY: Final = b"the fixed key of all examples"
_ADDRESS = {"street": "Hauptstr. 5", "city": "Bonn", "postcode": "53111", "country": "DE"}
SAMPLE_FACTS: Final = (
    Fact("name-1", "name", {"given": "Anna", "family": "Schmidt"}),
    Fact("email-1", "email", {"value": "anna@real.example"}),
    Fact("phone-1", "phone", {"value": "+4915112345678"}),
    Fact("postal_address-1", "postal_address", _ADDRESS),
    Fact("date_of_birth-1", "date_of_birth", {"value": "1987-03-14"}),
    Fact("username-1", "username", {"value": "anna87"}),
)
_ROUNDS: Final = 4
"""A message may need the personas of several scopes, each found after the one before."""


@dataclass(frozen=True, slots=True)
class Result:
    """How one example came out. *message* says what is wrong; empty when it holds."""

    rule: str
    file: str
    line: int
    message: str = ""

    @property
    def ok(self) -> bool:
        """Whether it holds."""
        return not self.message

    @property
    def where(self) -> str:
        """``google.yaml:41``"""
        return f"{self.file}:{self.line}"


def run(policy: Policy) -> list[Result]:
    """Run every example with the rules of its own file, its services and those they name, and the share table."""
    results: list[Result] = []
    for file in dict.fromkeys(rule.file for rule in policy.rules):
        rules = tuple(rule for rule in policy.rules if rule.file == file)
        results += _run_rules(rules, _Bench(_part(policy, rules, file)))
    return results


def overrides(policy: Policy) -> list[Result]:
    """Examples of shipped rules that hold by themselves and no longer with the person's rules beside them."""
    own = tuple(rule for rule in policy.rules if rule.is_own)
    if not own:
        return []
    broken: list[Result] = []
    for file in dict.fromkeys(rule.file for rule in policy.rules if not rule.is_own):
        rules = tuple(rule for rule in policy.rules if rule.file == file and not rule.is_own)
        alone = _run_rules(rules, _Bench(_part(policy, rules, file)))
        beside = _run_rules(rules, _Bench(replace(policy, rules=(*rules, *own))))
        broken += [after for before, after in zip(alone, beside, strict=True) if before.ok and not after.ok]
    return broken


def _part(policy: Policy, rules: tuple[Rule, ...], file: str) -> Policy:
    named = {name for rule in rules for one in (*rule.where, *rule.unless) for name in one.service}
    services = tuple(one for one in policy.services if one.file == file or one.name in named)
    return replace(policy, rules=rules, services=services)


def _run_rules(rules: Iterable[Rule], bench: _Bench) -> list[Result]:
    return [
        Result(rule.id, rule.file, example.line, next(_faults(rule, example, bench), ""))
        for rule in rules
        for example in rule.examples
    ]


class _Book:
    """What was issued in one example."""

    def __init__(self) -> None:
        self.known: dict[bytes, Issued] = {}

    def issued(self, digest: bytes) -> Issued | None:
        return self.known.get(digest)


class _Bench:
    """A policy under test, with the sample person; personas are made when an example needs them."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.scope = ""  # of the message before
        key = KEY.ljust(32, b".")
        self.engine = Engine(policy, Person(SAMPLE_FACTS, pseudonym_key=key, derive=Derived(key, SAMPLE_FACTS)))

    def request(self, request: Request) -> Outcome[Request]:
        """The engine's outcome once every persona is there."""
        book = _Book()
        for _ in range(_ROUNDS):
            outcome = self.engine.request(request, now=NOW, book=book)
            if not outcome.needs:
                break
            self._give(outcome.needs)
        self.scope = outcome.context.persona_scope
        return outcome

    def response(self, outcome: Outcome[Request], response: Response) -> Outcome[Response]:
        """The engine's outcome for the response to a request."""
        return self.engine.response(outcome.context, response, now=NOW, book=_Book())

    def _give(self, scopes: Iterable[str]) -> None:
        person = self.engine.person
        made = {scope: make(KEY.ljust(32, b"."), scope, person.facts, NOW.date()) for scope in scopes}
        personas = MappingProxyType({**person.personas, **made})
        self.engine = Engine(self.policy, replace(person, personas=personas))


def _faults(rule: Rule, example: Example, bench: _Bench) -> Iterator[str]:
    """What is wrong with an example, in words."""
    request = read_request(example.keeps or example.request, page=example.page, type=example.type)
    request = request if example.body is None else replace(request, body=example.body)
    outcome = bench.request(request)
    if outcome.needs:
        yield f"personas are missing for {' '.join(outcome.needs)}"
    if example.keeps is not None:
        yield from _kept(outcome, request)
        return
    yield from _verdict(example, outcome.verdict)
    if not example.becomes:
        return
    if example.response is None:
        yield from _fields(example, _read(request, rule), _read(outcome.message, rule), bench)
        return
    response = read_response(example.response)
    after = bench.response(outcome, response).message
    yield from _fields(example, reader.read_response(response), reader.read_response(after), bench)


def _read(request: Request, rule: Rule) -> Opened:
    """Open a request, with the parts of the path that the rule names."""
    target = request.path.decode("latin-1")
    found = (path.match(target) for condition in rule.where for path in condition.path)
    return with_parts(reader.read(request), next((spans for spans in found if spans), {}))


def _kept(outcome: Outcome[Request], request: Request) -> Iterator[str]:
    if _name(outcome.verdict) != "forward":
        yield f"should be left alone, but the verdict is {_name(outcome.verdict)}{_by(outcome.verdict)}"
    elif outcome.message != request:
        changes = ", ".join(f"{change.at} by {change.rule}" for change in outcome.changes)
        yield f"should be left alone, but was changed: {changes}"


def _name(verdict: Verdict) -> str:
    return type(verdict).__name__.lower()


def _by(verdict: Verdict) -> str:
    because = verdict.because
    words = because.rule or because.why
    return f" by {words}" if words else ""


def _verdict(example: Example, verdict: Verdict) -> Iterator[str]:
    wanted = example.verdict or ("redirect" if example.location else "forward")
    if _name(verdict) != wanted:
        yield f"the verdict is {_name(verdict)}{_by(verdict)}, not {wanted}"
    elif isinstance(verdict, Redirect) and example.location and verdict.location != example.location:
        yield f"it leads to another place, of {len(verdict.location)} characters"
    elif isinstance(verdict, Block) and verdict.because.layer == "mistake":
        yield f"blocked by a mistake: {verdict.because.why}"


def _fields(example: Example, before: Opened, after: Opened, bench: _Bench) -> Iterator[str]:
    for at, wanted in example.becomes.items():
        pattern = AddressPattern(at)
        old, new = list(before.find(pattern)), list(after.find(pattern))
        fault = _field(wanted, old, new, after, bench)
        if fault:
            yield f"{at}: {fault}"


def _field(wanted: str, old: list[Node], new: list[Node], after: Opened, bench: _Bench) -> str:
    """What is wrong with the fields at one address; empty when they are as wanted."""
    if wanted == "gone":
        return _gone(old, new)
    if not new:
        return "is not there" if not old else "is gone"
    if wanted in ("pseudonym", "persona"):
        return _replaced(wanted, old, new, bench)
    if wanted.startswith("same as "):
        other = list(after.find(AddressPattern(wanted.removeprefix("same as ").strip())))
        same = {node.content for node in new} == {node.content for node in other}
        return "" if same else f"is not the {wanted}"
    text = wanted[2:-1] if wanted.startswith('="') and wanted.endswith('"') and len(wanted) > 2 else wanted
    wrong = next((node for node in new if node.content != text.encode()), None)
    return f"is another text, of {len(wrong.content)} bytes" if wrong else ""


def _gone(old: list[Node], new: list[Node]) -> str:
    if not old:
        return "was not there, so nothing is proved"
    left = [node for node in new if node.content not in (b"", b"null")]
    return "is still there" if left else ""


def _replaced(wanted: str, old: list[Node], new: list[Node], bench: _Bench) -> str:
    if not old:
        return "was not there, so nothing is proved"
    if {node.content for node in old} & {node.content for node in new}:
        return f"was left as it is, no {wanted}"
    matcher = bench.engine.matcher
    owners = [{hit.whose for hit in matcher.hits(node.content, bench.scope)} for node in new]
    if wanted == "persona" and not all("persona" in whose for whose in owners):
        return "is not the persona's"
    return "still is the person's" if any("me" in whose for whose in owners) else ""
