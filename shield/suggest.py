"""Rules for what the ledger has seen and nobody has named: ready to paste, with a reason and an example that hold.

A suggestion is a guess that somebody reads before it counts. It names the narrowest place that the evidence supports
(a service, else a host towards which the person is a third party), replaces what the browser makes, and strips what a
service may have set, what is too short for another value, and what may be sealed. Its example holds a value of the same
form that follows from the place's name: nothing of the person's is known here.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import shake_256
from typing import Any, Final
from urllib.parse import quote

from shield.address import FLAT, POINTERS, SEPARATOR, parse_address
from shield.context import Service
from shield.ledger.evidence import Place
from shield.policy.rule import Condition, Policy, Rule
from shield.transform.shape import ENOUGH_BITS, shape
from shield.vocabulary import fits

PAGE: Final = "https://shop.example/"
HEADER: Final = "# yaml-language-server: $schema=../schema/rules.schema.json\nrules:\n"
_MADE_BY_BROWSERS: Final = ("uuid", "ga", "fbp", "hex")
_GUESS: Final = {"visit": "session_id"}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One rule.

    Attributes:
        text: one item of ``rules:`` as YAML, indented by two.
        has_example: whether it proves itself.
    """

    id: str
    place: Place
    action: str
    category: str
    text: str
    has_example: bool


def unnamed(policy: Policy, places: Iterable[Place]) -> list[Place]:
    """The places at which a value stays and that no rule of *policy* names: the surest first, then the busiest."""
    left = [one for one in places if one.stays and not is_named(policy, one)]
    return sorted(left, key=lambda one: (not one.is_sure, one.stays != "sites", -one.times, one.receiver, one.at))


def is_named(policy: Policy, place: Place) -> bool:
    """Whether a rule says something about the field. What the person wrote counts whatever it depends on; of the others
    only what always holds, for they were in force when the value was seen.
    """
    try:
        address = parse_address(place.at)
    except ValueError:
        return True  # nothing could be written about it
    purpose = next((one.purpose for one in policy.services if one.name == place.receiver), None)
    return any(
        _meets(condition, place, purpose) and any(pattern.matches(address) for pattern in condition.at)
        for rule in policy.rules
        for condition in rule.where
        if condition.at and (rule.is_own or _always_holds(rule, condition))
    )


def _always_holds(rule: Rule, condition: Condition) -> bool:
    stated = (condition.path, condition.method, condition.type, condition.has, condition.value, condition.party)
    return not any(stated) and not condition.site and not rule.unless


def _meets(condition: Condition, place: Place, purpose: str | None) -> bool:
    return (
        condition.direction == "request"
        and (not condition.service or place.receiver in condition.service)
        and (not condition.company or place.company in condition.company)
        and (not condition.purpose or purpose in condition.purpose)
        and (not condition.host or any(host.matches(place.host) for host in condition.host))
    )


def suggest(policy: Policy, places: Iterable[Place], *, plain: Iterable[str] = ()) -> list[Suggestion]:
    """A rule for each place that is left by :func:`unnamed`.

    Args:
        plain: ids of suggestions whose example turned out not to hold: they are made without one.
    """
    taken = {rule.id for rule in policy.rules}
    made: list[Suggestion] = []
    for place in unnamed(policy, places):
        name = _id(place, taken)
        taken.add(name)
        made.append(_suggestion(policy, place, name, with_example=name not in plain))
    return made


def _suggestion(policy: Policy, place: Place, name: str, *, with_example: bool) -> Suggestion:
    service = next((one for one in policy.services if one.name == place.receiver), None)
    value = example_value(place.form, f"{place.receiver} {place.at}")
    category, action = _category(place), "strip"
    is_made_here = place.form.startswith(_MADE_BY_BROWSERS) and not place.at.startswith("cookie:")
    if is_made_here and fits("pseudonymize", category) and shape(value.encode()).free_bits >= ENOUGH_BITS:
        action = "pseudonymize"
    where = {"service": service.name} if service else {"host": _text(place.receiver), "party": "third"}
    example = _example(place, service, value, action) if with_example else None
    lines = [
        f"- id: {name}",
        f"  why: {_text(_why(place))}",
        f"  where: {{{', '.join(f'{key}: {one}' for key, one in where.items())}, at: [{_text(place.at)}]}}",
        f"  category: {category}",
        f"  action: {action}",
        *(["  scope: site"] if action == "pseudonymize" else []),
        *(example or []),
    ]
    text = "".join(f"  {line}\n" if line else "\n" for line in lines)
    return Suggestion(name, place, action, category, text, bool(example))


def _category(place: Place) -> str:
    """Of a value that nothing gives away: what a browser or a visit is known by."""
    return place.category if place.category != "unknown" else _GUESS.get(place.stays, "cookie_id")


def _why(place: Place) -> str:
    name = place.at.rpartition("/")[2].rpartition(":")[2] or "it"
    across = " and joins your visits to different sites" if place.stays == "sites" else ""
    return f"{name} looks like an identifier{across}: {place.words} until {place.last:%Y-%m-%d}"


def _id(place: Place, taken: set[str]) -> str:
    """``tracker-example-uid``; with a number if that is taken."""
    name = place.at.rpartition("/")[2].rpartition(":")[2]
    stem = re.sub(r"[^a-z0-9]+", "-", f"{place.receiver} {name}".lower()).strip("-")[:60] or "identifier"
    number = 2
    made = stem
    while made in taken:
        made, number = f"{stem}-{number}", number + 1
    return made


def _text(text: str) -> str:
    """As YAML: between double quotes, of which JSON is a part, unless it is a plain name."""
    return text if re.fullmatch(r"[a-z][a-z0-9.-]*", text) else json.dumps(text, ensure_ascii=False)


def render(suggestions: Iterable[Suggestion]) -> str:
    """A rule file; empty if there is nothing to suggest."""
    texts = [one.text for one in suggestions]
    return HEADER + "\n".join(texts) if texts else ""


def appended(text: str, suggestions: Iterable[Suggestion]) -> str:
    """The rule file *text* with more rules at its end. It has to be tried: ``rules:`` must come last."""
    texts = [one.text for one in suggestions]
    if not texts or not text.strip():
        return text + render(suggestions) if texts else text
    start = text if text.endswith("\n") else text + "\n"
    has_rules = re.search(r"^rules:", text, re.MULTILINE) is not None
    return start + ("\n" if has_rules else "\nrules:\n") + "\n".join(texts)


# --- examples ------------------------------------------------------------------------------------------------


def example_value(form: str, seed: str) -> str:
    """A value of a form (``detect.identifiers.Look.form``) that is nobody's and follows from *seed*."""
    stream = shake_256(seed.encode()).hexdigest(256)
    digits = re.sub(r"\D", "", stream)
    kind, _, length = form.partition("-")
    size = int(length) if length.isdigit() else 16
    match kind:
        case "uuid":
            version = length if length in list("12345678") else "4"
            high = "1ee" if version == "1" else stream[12:15]
            node = "00005e" + stream[24:30] if version == "1" else stream[20:32]  # RFC 9542: for documentation
            return f"{stream[:8]}-{stream[8:12]}-{version}{high}-a{stream[16:19]}-{node}"
        case "hex":
            return "a1" + stream[: size - 2]
        case "digits":
            return "7" + digits[: size - 1].rjust(size - 1, "3")[:-1] + "7"
        case "token":
            letters = b64encode(bytes.fromhex(stream)).decode().translate({43: 65, 47: 66, 61: 67})
            return ("a1B2" + letters)[:size]
        case _:
            return _VALUES.get(form, "a1B2c3D4e5F6g7H8")


_VALUES: Final = {
    "ga": "1234567890.1700000000",
    "gs": "GS1.1.1700000000.1.1.1700000060.0.0.0",
    "fbp": "fb.1.1700000000000.1234567890",
    "fbc": "fb.1.1700000000000.IwAR0aBcDeFgHiJkLmNoPqRs",
    "amazon": "130-1111111-2222222",
    "mac": "00:00:5e:00:53:af",
    "imei": "490154203237518",
}


class _NoExampleError(Exception):
    """No message can be written down that holds a field at this address."""


def _example(place: Place, service: Service | None, value: str, action: str) -> list[str] | None:
    try:
        request = _request(place, service, value)
    except _NoExampleError:
        return None
    becomes = "pseudonym" if action == "pseudonymize" else "gone"
    return [
        "  examples:",
        "    - request: |",
        *(f"        {line}" if line else "" for line in request),
        f"      page: {PAGE}",
        f"      becomes: {{{_text(place.at)}: {becomes}}}",
    ]


def _request(place: Place, service: Service | None, value: str) -> list[str]:
    """The lines of a message that holds *value* at the place."""
    steps = parse_address(place.at).split(SEPARATOR)
    first, rest = steps[0], steps[1:]
    url = _url(place, service)
    if first in ("query:", "cookie:", "form:") or first == "header:":
        if not rest:
            raise _NoExampleError
        name, inner = rest[0].replace("*", "1"), _content(rest[1:], value)
        match first:
            case "query:":
                return [f"GET {url}?{quote(name, safe='')}={quote(inner, safe='')}"]
            case "cookie:":
                return [f"GET {url}", f"cookie: {name}={quote(inner, safe='/:|~=+$')}"]
            case "header:":
                return [f"GET {url}", f"{name}: {inner}"]
            case _:
                body = f"{quote(name, safe='')}={quote(inner, safe='')}"
                return [f"POST {url}", "content-type: application/x-www-form-urlencoded", "", body]
    if first == "json:":
        return [f"POST {url}", "content-type: application/json", "", _content(steps, value)]
    if steps[:3] == ["text", "line:", "*"]:
        body = _content(steps[3:], value)
        return [f"POST {url}", "content-type: text/plain;charset=UTF-8", "", "v=2", body]
    raise _NoExampleError


def _content(steps: list[str], value: str) -> str:
    """What a field holds so that *value* lies below it at *steps*."""
    if not steps:
        return value
    first = steps[0]
    if first == "json:":
        end = next((n for n, step in enumerate(steps[1:], 1) if step in POINTERS or step in FLAT), len(steps))
        made: Any = _content(steps[end:], value)
        for step in reversed(steps[1:end]):
            made = [made] if step == "*" else {step.replace("*", "1"): made}
        return json.dumps(made)
    if first == "query:" and len(steps) > 1:
        return f"{PAGE}?{quote(steps[1].replace('*', '1'), safe='')}={quote(_content(steps[2:], value), safe='')}"
    if first == "base64" and len(steps) > 1:
        return b64encode(_content(steps[1:], value).encode()).decode()
    raise _NoExampleError


def _url(place: Place, service: Service | None) -> str:
    """Where the example goes: the host that was seen, with a path that belongs to the service."""
    if service is None:
        return f"https://{place.host}/"
    for endpoint in service.on:
        if any(host.matches(place.host) for host in endpoint.hosts):
            path = endpoint.paths[0].text if endpoint.paths else "/"
            return f"https://{place.host}{_plain(path)}"
    shaped = service.shape.paths[0].text if service.shape and service.shape.paths else "/"
    return f"https://{place.host}{_plain(shaped)}"


def _plain(path: str) -> str:
    """A path that a pattern means."""
    made = re.sub(r"\{[^}]*\}|\*+", "a", path)
    return made if made.startswith("/") else "/" + made


Check = Callable[[str], Iterable[str]]
"""Rule file -> ids of the rules in it whose example does not hold."""


def proved(policy: Policy, places: Iterable[Place], check: Check) -> list[Suggestion]:
    """Suggestions whose examples hold; where one does not, the rule comes without."""
    seen = list(places)
    made = suggest(policy, seen)
    broken = set(check(render(made))) if made else set()
    return suggest(policy, seen, plain=broken) if broken else made
