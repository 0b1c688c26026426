"""Recall and substitution over a corpus of facts x forms x disguises x places.

``python -m tests.bench.recall_bench [--cases N] [--seed S] [--show N]``; N random cases per number of layers.

Every case is one request that holds one form of one fact under one, two or three layers, written by ``encoders`` and by
the forms below, which share nothing with the detector. It counts as found if a finding names that fact. Then what was
found is exchanged for the persona's values. That is right if nothing of the fact is found in what leaves, and its
fields are those that the corpus writes for the persona (of what no persona has: if it is gone).

Stacks are random, but such as somebody might write (``is_plausible``): a digest is made of a value, of its main forms
in base64, hex, percent, base32, base58, turned around or shifted, or of another digest; MurmurHash3 of 32 bits stands
alone, Whirlpool is made of values alone; of three digests all are MD5, SHA-1 or SHA-256; nothing is turned around,
shifted or written in base58 when it is packed or mark-up. In the middle of a text stand single digests, and main forms
in one or two encodings. Short forms (a given name, a town, a postcode) stand in fields whose names say so.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import product
from typing import Final
from urllib.parse import quote, quote_plus

from shield.address import show_address
from shield.context import Context
from shield.detect.known import Matcher
from shield.finding import Because, Decision, Finding
from shield.message import Request
from shield.person import Fact, Person
from shield.transform import plan
from shield.tree import Node
from shield.twin.persona import make
from shield.wire import reader, writer
from tests.bench.encoders import DIGESTS, ENCODINGS, PACKED, percent
from tests.people import DictBook

FACTS: Final = (
    Fact("email-1", "email", {"value": "Anna.Schmidt+shop@gmail.com"}),
    Fact("email-2", "email", {"value": "anna_s@real.example"}),
    Fact("phone-1", "phone", {"value": "+4915112345678"}),
    Fact("phone-2", "phone", {"value": "+16505551212"}),
    Fact("name-1", "name", {"given": "Anna", "family": "Schmidt"}),
    Fact("name-2", "name", {"given": "Jörg", "family": "Müßigmann"}),
    Fact("postal_address-1", "postal_address",
         {"street": "Hauptstr. 5", "city": "Bonn", "postcode": "53111", "country": "DE"}),
    Fact("date_of_birth-1", "date_of_birth", {"value": "1987-03-14"}),
    Fact("username-1", "username", {"value": "anna_schmidt87"}),
    Fact("card-1", "card", {"value": "4111111111111111"}),
    Fact("government_id-1", "government_id", {"value": "DE89370400440532013000"}),
    Fact("device_id-1", "device_id", {"value": "a1b2c3d4-e5f6-4789-9abc-def012345678"}),
    Fact("ad_id-1", "ad_id", {"value": "38400000-8CF0-11BD-B23E-10B96E40000D"}),
)  # fmt: skip
SCOPE: Final = "tracker"
KEY: Final = bytes(range(32))


def person() -> Person:
    """The facts, and who they are for the tracker."""
    return Person(FACTS, {SCOPE: make(KEY, SCOPE, FACTS, date(2026, 1, 1))}, pseudonym_key=KEY)


# --- forms, written once more ----------------------------------------------------------------------------


def forms_of(fact: Fact) -> dict[str, str]:
    """How people write it. A persona's value has the same forms."""
    return _FORMS.get(fact.category, lambda one: {"value": one.parts["value"]})(fact)


def _email(fact: Fact) -> dict[str, str]:
    value = fact.parts["value"]
    return {"typed": value, "lower": value.lower(), "upper": value.upper()}


def _phone(fact: Fact) -> dict[str, str]:
    digits = fact.parts["value"][1:]
    code = "1" if digits.startswith("1") else digits[:2]
    rest, trunk = digits[len(code) :], "1" if code == "1" else "0"
    spaced = f"{rest[:3]} {rest[3:]}"
    return {
        "e164": "+" + digits, "digits": digits, "zeros": "00" + digits, "national": trunk + rest,
        "spaced": f"+{code} {spaced}", "bracketed": f"+{code} ({rest[:3]}) {rest[3:6]}-{rest[6:]}",
        "dotted": f"+{code}.{rest[:3]}.{rest[3:]}",
    }  # fmt: skip


def _name(fact: Fact) -> dict[str, str]:
    given, family = fact.parts["given"], fact.parts["family"]
    return {
        "given": given, "family": family, "full": f"{given} {family}", "listed": f"{family}, {given}",
        "turned": f"{family} {given}", "lower": f"{given} {family}".lower(), "upper": f"{given} {family}".upper(),
        "initial": f"{given[0]}. {family}", "dotted": f"{given}.{family}".lower(), "low": f"{given}_{family}".lower(),
    }  # fmt: skip


def _address(fact: Fact) -> dict[str, str]:
    street, city, postcode = fact.parts["street"], fact.parts["city"], fact.parts["postcode"]
    return {
        "street": street, "city": city, "postcode": postcode, "town": f"{postcode} {city}",
        "joined": f"{street}, {postcode} {city}", "blank": f"{street} {postcode} {city}",
    }  # fmt: skip


def _date(fact: Fact) -> dict[str, str]:
    year, month, day = fact.parts["value"].split("-")
    return {
        "iso": f"{year}-{month}-{day}", "compact": year + month + day, "us": f"{month}/{day}/{year}",
        "eu": f"{day}.{month}.{year}", "slashes": f"{day}/{month}/{year}", "short": f"{int(day)}.{int(month)}.{year}",
        "turned": day + month + year,
    }  # fmt: skip


def _card(fact: Fact) -> dict[str, str]:
    value = fact.parts["value"]
    groups = [value[at : at + 4] for at in range(0, len(value), 4)]
    return {"plain": value, "grouped": " ".join(groups), "dashed": "-".join(groups)}


def _iban(fact: Fact) -> dict[str, str]:
    return {key: text for key, text in _card(fact).items() if key != "dashed"}


def _device(fact: Fact) -> dict[str, str]:
    value = fact.parts["value"]
    return {"typed": value, "lower": value.lower(), "upper": value.upper(), "bare": value.replace("-", "")}


_FORMS: Final[dict[str, Callable[[Fact], dict[str, str]]]] = {
    "email": _email, "phone": _phone, "name": _name, "postal_address": _address, "date_of_birth": _date,
    "card": _card, "government_id": _iban, "device_id": _device, "ad_id": _device,
}  # fmt: skip
TELLING: Final = {"given": "first_name", "family": "last_name", "city": "city", "postcode": "zip"}
"""Short forms count where the name of the field says so."""

# --- normalisations before a digest ----------------------------------------------------------------------


def normal_texts(fact: Fact, form: str) -> dict[str, str]:
    """What companies make a digest of: wire facts, section 6."""
    text = forms_of(fact)[form]
    if fact.category == "email":
        return _normal_emails(text)
    if fact.category == "phone":
        digits = "".join(filter(str.isdigit, fact.parts["value"]))
        return {"meta": digits, "google": "+" + digits}
    if fact.category == "name" and form in ("given", "family", "full"):
        return {"meta": text.lower(), "typed": text}
    if fact.category == "date_of_birth":
        return {"meta": fact.parts["value"].replace("-", ""), "typed": fact.parts["value"]}
    return {"typed": text, "lower": text.lower()}


def _normal_emails(text: str) -> dict[str, str]:
    low = text.strip().lower()
    local, _, domain = low.partition("@")
    out = {"meta": low, "amazon": "".join(one for one in low if one.isalnum() or one in ".@-")}
    is_gmail = domain in ("gmail.com", "googlemail.com")
    out["google"] = (local.replace(".", "") if is_gmail else local) + "@" + domain
    out["google without plus"] = (local.replace(".", "").partition("+")[0] if is_gmail else local) + "@" + domain
    return out


# --- stacks of layers ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stack:
    """Layers, innermost first; *normal* where the first is a digest."""

    steps: tuple[str, ...]
    normal: str | None = None
    output: str = "hex"

    def write(self, fact: Fact, form: str) -> bytes | None:
        """The form under these layers; None where they do not fit."""
        text = forms_of(fact)[form]
        if self.normal is not None:
            text = normal_texts(fact, form).get(self.normal, "")
        data = text.encode()
        for at, step in enumerate(self.steps):
            if step in DIGESTS:
                raw = DIGESTS[step](data)
                data = OUTPUTS[
                    self.output if at == len(self.steps) - 1 or self.steps[at + 1] not in DIGESTS else "hex"
                ](raw)
                continue
            before, data = data, (ENCODINGS.get(step) or PACKED[step])(data)
            if before == data:
                return None
            if step in PACKED and (at + 1 < len(self.steps)) and self.steps[at + 1] not in _TAKES_BYTES:
                return None
        return data or None


_TAKES_BYTES: Final = frozenset({
    "base64", "base64 unpadded", "base64url", "base64url padded", "base32", "base58", "hex", "HEX", "percent",
    *DIGESTS,
})  # fmt: skip
OUTPUTS: Final = {
    "hex": lambda raw: raw.hex().encode(), "HEX": lambda raw: raw.hex().upper().encode(),
    "base64": ENCODINGS["base64"], "base64url": ENCODINGS["base64url"], "raw": lambda raw: raw,
}  # fmt: skip


ESCAPES: Final = ("entities", "all entities", "json escapes", "all json escapes", "lz base64", "lz uri")
BLIND: Final = ("reversed", "rot13", "base58")
MAIN: Final = frozenset(
    {"typed", "lower", "e164", "digits", "given", "family", "full", "iso", "compact", "value", "plain"}
)


def is_plausible(steps: tuple[str, ...], form: str) -> bool:
    """Whether anybody would write a value so."""
    opaque = {*ESCAPES, *PACKED, "percent twice"}
    if len(steps) > 1 and ("murmur3 32" in steps or "whirlpool" in steps[1:]):
        return False
    for at, step in enumerate(steps[1:], 1):
        before = {*steps[:at]}
        if step in DIGESTS and (form not in MAIN or before & opaque):
            return False
        if step in DIGESTS and at == 2 and not {*steps} <= {"md5", "sha1", "sha256"}:
            return False
        if step in BLIND and (before & opaque or (form not in MAIN and not before & {*DIGESTS})):
            return False
    return True


def stacks(chance: random.Random, layers: int) -> Iterator[Stack]:
    """Random stacks without end; of one layer every one in turn."""
    every = [*ENCODINGS, *PACKED, *DIGESTS]
    usual = ["md5", "sha1", "sha256"]
    while True:
        if layers == 1:
            for step in every:
                outputs = [one for one in OUTPUTS if one != "raw" or step != "murmur3 32"]
                yield Stack((step,), "x" if step in DIGESTS else None, chance.choice(outputs))
            continue
        steps = [chance.choice(usual if layers == 3 and chance.random() < 0.04 else every) for _ in range(layers)]
        output = chance.choice(["hex", "HEX", "base64", "base64url"])
        yield Stack(tuple(steps), "x" if steps[0] in DIGESTS else None, output)


# --- places ----------------------------------------------------------------------------------------------


def request(target: str, body: bytes = b"", kind: str = "", *headers: tuple[bytes, bytes]) -> Request:
    """To a tracker."""
    lines = ((b"host", b"t.example"), *headers)
    if kind:
        lines = (*lines, (b"content-type", kind.encode()), (b"content-length", b"%d" % len(body)))
    return Request("POST" if kind else "GET", "https", "t.example", 443, target.encode("latin-1"), lines, body)


IN_TEXT: Final = frozenset(
    {*DIGESTS, *BLIND, "percent", "base64", "base64 unpadded", "base64url", "hex", "HEX", "base32"}
)
"""What is recognised as one word among others."""


def _is_visible(value: bytes) -> bool:
    return all(0x20 <= byte < 0x7F for byte in value)


def _text(value: bytes) -> str:
    return value.decode("latin-1")


def _json_text(value: bytes) -> str:
    return value.decode("utf-8", "surrogateescape")


PLACES: Final[dict[str, Callable[[str, bytes], Request | None]]] = {
    "query": lambda name, value: request(f"/c?v=2&{name}={_text(percent(value))}&z=1"),
    "path": lambda name, value: request(f"/u/{_text(percent(value))}/x") if name == "uid" else None,
    "header": lambda name, value: request("/c", b"", "", (f"x-{name}".encode(), value))
    if _is_visible(value) else None,
    "cookie": lambda name, value: request(
        "/c", b"", "", (b"cookie", f"a=1; {name}={_text(percent(value))}; b=2".encode())),
    "form": lambda name, value: request(
        "/c", f"a=1&{name}={_text(percent(value))}&b=2".encode(), "application/x-www-form-urlencoded"),
    "form with plus": lambda name, value: request(
        "/c", f"{name}={quote_plus(value)}".encode(), "application/x-www-form-urlencoded"),
    "json": lambda name, value: _as_json({"a": 1, name: _json_text(value)}, value),
    "json nested": lambda name, value: _as_json({"e": [{"u": {name: _json_text(value)}}]}, value),
    "json in a form": lambda name, value: request(
        "/c", ("d=" + quote(json.dumps({name: _json_text(value)}))).encode(), "application/x-www-form-urlencoded")
    if _is_text(value) else None,
    "multipart": lambda name, value: request(
        "/c", b'--bb\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n--bb--\r\n' % (name.encode(), value),
        "multipart/form-data; boundary=bb") if b"\r\n--bb" not in value else None,
    "lines": lambda name, value: request(
        "/c", f"en=a\nen=b&{name}={_text(percent(value))}".encode(), "text/plain;charset=UTF-8"),
    "gzip body": lambda name, value: _packed({name: _json_text(value)}, value),
    "url in a query": lambda name, value: request(
        f"/c?dl={quote('https://shop.example/a?' + name + '=' + quote(value, safe=''), safe='')}"),
    "in a text": lambda name, value: request(f"/c?t={_text(percent(b'user ' + value + b' ok'))}")
    if name == "uid" and _is_visible(value) else None,
}  # fmt: skip


def _is_text(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return b"\0" not in value


def _as_json(data: object, value: bytes) -> Request | None:
    return request("/c", json.dumps(data).encode(), "application/json") if _is_text(value) else None


def _packed(data: object, value: bytes) -> Request | None:
    if not _is_text(value):
        return None
    made = request("/c", gzip.compress(json.dumps(data).encode(), mtime=0), "application/json")
    return replace(made, headers=(*made.headers, (b"content-encoding", b"gzip")))


# --- cases -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """One request, and what is in it."""

    fact: Fact
    form: str
    stack: Stack
    place: str
    name: str
    request: Request

    def persona(self, value: Fact) -> Request | None:
        """The request as it should leave."""
        stack = self.stack
        written = stack.write(value, self.form)
        return PLACES[self.place](self.name, written) if written is not None else None

    def __str__(self) -> str:
        layers = " > ".join((*((self.stack.normal,) if self.stack.normal else ()), *self.stack.steps))
        return f"{self.fact.id} {self.form} [{layers} {self.stack.output}] {self.place}"


def cases(count: int, layers: int, seed: int) -> Iterator[Case]:
    """*count* cases of so many layers."""
    chance = random.Random(f"{seed}|{layers}")
    made = 0
    for stack in stacks(chance, layers):
        if made == count:
            return
        case = _case(chance, stack)
        if case is not None:
            made += 1
            yield case


def _case(chance: random.Random, stack: Stack) -> Case | None:
    fact = chance.choice(FACTS)
    form = chance.choice(list(forms_of(fact)))
    if not is_plausible(stack.steps, form):
        return None
    if stack.normal is not None:
        stack = replace(stack, normal=chance.choice(list(normal_texts(fact, form))))
    written = stack.write(fact, form)
    place = chance.choice(list(PLACES))
    if place == "in a text" and (
        len(stack.steps) > 2
        or not {*stack.steps} <= IN_TEXT
        or form not in MAIN
        or (len(stack.steps) == 2 and {*stack.steps} & {*DIGESTS})
    ):
        return None
    name = TELLING.get(form, "uid")
    made = PLACES[place](name, written) if written is not None else None
    return Case(fact, form, stack, place, name, made) if made is not None else None


# --- measuring -------------------------------------------------------------------------------------------


class Bench:
    """The detector and the exchange, as the engine calls them."""

    def __init__(self) -> None:
        self.person = person()
        self.matcher = Matcher.build(self.person)
        self.context = Context("GET", "t.example", "/c", "t.example", service=SCOPE, purpose="analytics", party="third")

    def findings(self, made: Request) -> list[Finding]:
        return self.matcher.find(reader.read(made), SCOPE)

    def is_found(self, case: Case) -> bool:
        """Whether a finding names the fact."""
        return any(one.likeness and one.likeness.fact_id == case.fact.id for one in self.findings(case.request))

    def leaving(self, made: Request) -> Request:
        """The request with every known value exchanged, or cut out where no persona has one."""
        opened = reader.read(made)
        findings = self.matcher.find(opened, SCOPE)
        decisions = [
            Decision(
                one, "strip" if one.in_name or one.category == "card" else "pseudonymize", Because("rule"), scope=SCOPE
            )
            for one in findings
            if one.whose == "me"
        ]
        made_plan = plan(decisions, (), person=self.person, context=self.context, book=DictBook(), opened=opened)
        return writer.rebuild(made, opened, made_plan.edits)

    def trouble(self, case: Case) -> str | None:
        """What is wrong with the substitution; None if nothing is."""
        left = self.leaving(case.request)
        again = [one for one in self.findings(left) if one.whose == "me"]
        if again:
            return "still there"
        value = self.person.personas[SCOPE].values.get(case.fact.id)
        if value is None:
            return None
        wanted = [made for one in alike(case) if (made := replace(case, stack=one).persona(value)) is not None]
        return (
            None if not wanted or any(_leaf_texts(left) == _leaf_texts(one) for one in wanted) else "another spelling"
        )


def alike(case: Case) -> Iterator[Stack]:
    """Every stack that gives the same bytes for the fact: nobody can tell which of them was meant."""
    written = case.stack.write(case.fact, case.form)
    several = [_ALIKE.get(step, (step,)) for step in case.stack.steps]
    normals = list(normal_texts(case.fact, case.form)) if case.stack.normal is not None else [None]
    for steps, normal, output in product(product(*several), normals, OUTPUTS):
        stack = replace(case.stack, steps=steps, normal=normal, output=output)
        if stack.write(case.fact, case.form) == written:
            yield stack


_BASE64: Final = ("base64", "base64 unpadded", "base64url", "base64url padded")
_ALIKE: Final = dict.fromkeys(_BASE64, _BASE64)
_LAYERS: Final = ("entities", "quoted")


def _leaf_texts(made: Request) -> list[tuple[str, bytes]]:
    """Values by place; mark-up and escapes are no matter where nothing had to be escaped."""
    return [
        ("/".join(step for step in one.at.split("/") if step not in _LAYERS), one.content)
        for one in map(_Leaf, reader.read(made).fields()) if "content-length" not in one.at
    ]  # fmt: skip


class _Leaf:
    def __init__(self, node: Node) -> None:
        self.at = show_address(node.address)
        self.content = node.content


def table(title: str, found: Counter[str], seen: Counter[str]) -> None:
    """Recall per row, the worst first."""
    print(f"\n{title:28} found   of      %")
    for name, count in sorted(seen.items(), key=lambda one: (found[one[0]] / one[1], one[0])):
        print(f"{name:28} {found[name]:5} {count:5} {100 * found[name] / count:6.2f}")


def main(argv: list[str]) -> int:
    """Print the tables; 1 if a figure is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=0, help="print so many misses per number of layers")
    options = parser.parse_args(argv)
    bench = Bench()
    by_layers: dict[int, tuple[int, int]] = {}
    rows = {key: (Counter[str](), Counter[str]()) for key in ("disguise", "place", "form")}
    wrong: defaultdict[str, list[Case]] = defaultdict(list)
    substituted = 0
    for layers in (1, 2, 3):
        misses = []
        count = 0
        for case in cases(options.cases, layers, options.seed):
            count += 1
            is_found = bench.is_found(case)
            for key, names in (
                ("disguise", set(case.stack.steps)),
                ("place", {case.place}),
                ("form", {f"{case.fact.category} {case.form}"}),
            ):
                for name in names:
                    rows[key][1][name] += 1
                    rows[key][0][name] += is_found
            if not is_found:
                misses.append(case)
                continue
            trouble = bench.trouble(case)
            substituted += trouble is None
            if trouble:
                wrong[trouble].append(case)
        by_layers[layers] = (count - len(misses), count)
        for case in misses[: options.show]:
            print("missed", case)
    for key, (found, seen) in rows.items():
        table(key, found, seen)
    print()
    for layers, (found_count, count) in by_layers.items():
        print(f"{layers} layers: {found_count} of {count}, {100 * found_count / count:.2f} %")
    total = sum(found_count for found_count, _ in by_layers.values())
    print(
        f"substituted: {substituted} of {total}, {100 * substituted / total:.2f} %",
        {key: len(v) for key, v in wrong.items()},
    )
    for key, several in wrong.items():
        for case in several[: options.show]:
            print(key, case)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
