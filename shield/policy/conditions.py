"""``where`` and ``unless``: one table of conditions, or a list of which one must hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from shield.address import FLAT, POINTERS, AddressPattern
from shield.context import Has
from shield.pattern import MATCHES, HostPattern, PathPattern, whole
from shield.policy import linear
from shield.policy.forms import (
    ANY_TEXT,
    RAW,
    TEXT,
    TEXTS,
    Filled,
    Form,
    Key,
    Kind,
    expected,
    listed,
    one_or_more,
    table_of,
    word,
)  # fmt: skip
from shield.policy.rule import Condition
from shield.policy.text import Desk, Part, Table, Text, did_you_mean, nearest
from shield.policy.world import World
from shield.vocabulary import CATEGORIES, DIRECTIONS, PARTIES, PLACES, PURPOSES, SITES, TYPES, WHOSE

PURPOSE: Final = word(PURPOSES, "purpose", "purposes")
CATEGORY: Final = word(CATEGORIES, "category", "categories")
TYPE: Final = word(TYPES, "type", "types")
PLACE: Final = word(PLACES, "place", "places")
SHORT_PLACES: Final = ("query", "form", "multipart")
"""What a name without a place means, and ``*:`` in an address."""


def _read_has_value(part: Part, desk: Desk) -> str | None:
    """A glob, ``absent`` (as the text), or a table with ``matches``, as ``matches:REGEX``."""
    if isinstance(part, Text):
        if part.text.startswith(MATCHES):
            return part.text if expression(part, part.text.removeprefix(MATCHES), desk) else None
        return None if part.is_broken else part.text
    if not isinstance(part, Table):
        desk.error(part, "a text or {matches: REGEX} is expected here")
        return None
    filled = MATCHES_FORM.read(part, desk)
    text: Text | None = filled.get("matches") if filled else None
    return MATCHES + text.text if text and expression(text, text.text, desk) else None


def expression(at: Part, text: str, desk: Desk) -> re.Pattern[bytes] | None:
    """Compile a linear-time expression."""
    try:
        linear.check(text)
        return whole(text)
    except ValueError as error:
        desk.error(at, str(error), "it must describe the whole value in linear time; 'has' also takes globs: '*a*b*'")
        return None


MATCHES_FORM: Final = Form("'matches'", (
    Key("matches", TEXT, "a linear-time regular expression for the whole value", "matches: \"[0-9]{5,20}\""),
))  # fmt: skip
HAS: Final = table_of(Kind(_read_has_value, {"anyOf": [ANY_TEXT, MATCHES_FORM.schema]}), "addresses and values")

CONDITION: Final = Form("a condition", (
    Key("service", TEXTS, "the service that is asked, as its file names it"),
    Key("company", TEXTS, "who owns the service"),
    Key("purpose", one_or_more(PURPOSE), "what the request is for"),
    Key("host", TEXTS, "a host and its subdomains; =host it alone; * any run in one label; or google.<country>"),
    Key("path", TEXTS, "the path; * any run in one segment, ** any segments, {name} and {name**} named parts"),
    Key("method", TEXTS, "the method, e.g. POST"),
    Key("party", one_or_more(word(PARTIES, "party", "parties")), "whether the person is on this site: first, third"),
    Key("site", one_or_more(word(SITES, "site", "sites")), "same, cross or none, as Sec-Fetch-Site has it"),
    Key("type", one_or_more(TYPE), "what the browser wants it for"),
    Key("direction", word(DIRECTIONS, "direction", "directions"), "request if unsaid"),
    Key("at", TEXTS, "addresses of fields, place:name/notation:step/..."),
    Key("place", one_or_more(PLACE), "short for addresses of the outermost level, with name"),
    Key("name", TEXTS, "names of fields; without place in query, form and multipart"),
    Key("value", TEXT, "a linear-time regular expression for the whole value of the field"),
    Key("has", HAS, "some field at the address has this value; a glob, absent, or {matches: REGEX}"),
    Key("category", one_or_more(CATEGORY), "selects what was found, by category"),
    Key("whose", one_or_more(word(WHOSE, "owner", "owners")), "selects what was found, by whose value it is"),
))  # fmt: skip


def _listed_schema(name: str) -> dict[str, Any]:
    one = {"$ref": f"#/definitions/{name}"}
    return {"anyOf": [one, {"type": "array", "items": one, "minItems": 1}]}


UNLESS: Final = Key("unless", Kind(RAW.read, _listed_schema("condition")), "when it does not apply")
WHERE: Final = Form("a condition", (*CONDITION.keys, UNLESS))
"""A member of ``where``, in which ``unless`` may stand as well as beside it."""
WHERE_KEY: Final = Key(
    "where", Kind(RAW.read, _listed_schema("where")), "when it applies", "where: {host: example.com}; {} is everywhere"
)
DEFINITIONS: Final = {"condition": CONDITION.schema, "where": WHERE.schema}
"""For JSON Schema; forms refer to them."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A condition, and where it stands."""

    condition: Condition
    filled: Filled


def read_where(part: Part, desk: Desk, world: World) -> tuple[tuple[Placed, ...], tuple[Placed, ...]]:
    """Read ``where``, and an ``unless`` inside it."""
    where = _read(WHERE, part, desk, world)
    inside = [one.filled for one in where if "unless" in one.filled]
    if inside and len(where) > 1:
        desk.error(inside[0].at("unless"), "beside a list 'unless' stands next to 'where'", "move it out")
    return where, tuple(placed for one in inside for placed in read_unless(one.at("unless"), desk, world))


def read_unless(part: Part, desk: Desk, world: World) -> tuple[Placed, ...]:
    """Read ``unless``."""
    return _read(CONDITION, part, desk, world)


def _read(form: Form, part: Part, desk: Desk, world: World) -> tuple[Placed, ...]:
    """Read a condition or a list of them; mistakes are put down, and what is left is still given."""
    members = listed(part)
    if not members:
        expected("the list is empty", part, desk)
    filled = [form.read(member, desk) for member in members]
    return tuple(Placed(_condition(one, desk, world), one) for one in filled if one is not None)


def _condition(filled: Filled, desk: Desk, world: World) -> Condition:
    return Condition(
        service=tuple(_known(filled.get("service", ()), world.services, "service", desk)),
        company=tuple(_companies(filled.get("company", ()), world, desk)),
        host=tuple(hosts(filled.get("host", ()), world.families, desk)),
        path=tuple(compiled(PathPattern, filled.get("path", ()), desk)),
        method=tuple(text.text.upper() for text in filled.get("method", ())),
        at=tuple(_addresses(filled, desk)),
        value=_value(filled, desk),
        has=tuple(read_has(filled, desk)),
        direction=filled.get("direction", "request"),
        purpose=filled.get("purpose", ()),
        party=filled.get("party", ()),
        site=filled.get("site", ()),
        type=filled.get("type", ()),
        category=filled.get("category", ()),
        whose=filled.get("whose", ()),
    )


def _known(texts: Iterable[Text], known: Iterable[str], what: str, desk: Desk) -> Iterator[str]:
    names = sorted(known)
    for text in texts:
        if text.text in names:
            yield text.text
        else:
            hint = did_you_mean(text.text, names) or f"no file names this {what}"
            desk.error(text, f"unknown {what} '{text.text}'", hint)


def _companies(texts: Iterable[Text], world: World, desk: Desk) -> Iterator[str]:
    for text in texts:
        name = world.companies.get(text.text.casefold())
        if name is not None:
            yield name
        else:
            yield from _known((text,), world.companies.values(), "company", desk)


def hosts(texts: Iterable[Text], families: Mapping[str, tuple[str, ...]], desk: Desk) -> Iterator[HostPattern]:
    """Compile hosts; a family stands for each of its members."""
    for text in texts:
        for host in _members(text, families, desk):
            yield from compiled(HostPattern, (replace(text, text=host),), desk)


def _members(text: Text, families: Mapping[str, tuple[str, ...]], desk: Desk) -> Iterable[str]:
    if "<" not in text.text:
        return (text.text,)
    ends = [name for name in families if text.text.endswith(name)]
    for name in sorted(ends, key=len, reverse=True):
        before = text.text.removesuffix(name)
        if not before or before[-1] in ".=":
            return [before + host for host in families[name]]
    family = re.sub(r"^=", "", text.text)
    hint = did_you_mean(family, families, "families") or "families:\n    example.<country>: [example.com, example.de]"
    desk.error(text, f"unknown family '{family}'", hint)
    return ()


def compiled[Pattern: (HostPattern, PathPattern)](
    kind: Callable[[str], Pattern], texts: Iterable[Text], desk: Desk
) -> Iterator[Pattern]:
    """Compile patterns; those that cannot be are put down."""
    for text in texts:
        try:
            yield kind(text.text)
        except ValueError as error:
            desk.error(text, f"{error}: '{text.text}'")


def _value(filled: Filled, desk: Desk) -> re.Pattern[bytes] | None:
    text: Text | None = filled.get("value")
    return expression(text, text.text, desk) if text else None


def read_has(filled: Filled, desk: Desk) -> Iterator[Has]:
    """The members of a key ``has``."""
    values: Mapping[Text, str] = filled.get("has", {})
    for key, value in values.items():
        pattern = address(key, desk)
        if pattern is not None:
            yield Has(pattern, None if value == "absent" else value)


def _addresses(filled: Filled, desk: Desk) -> Iterator[AddressPattern]:
    at: tuple[Text, ...] = filled.get("at", ())
    names: tuple[Text, ...] = filled.get("name", ())
    places: tuple[str, ...] = filled.get("place", ())
    if "at" in filled and ("name" in filled or "place" in filled):
        desk.error(filled.at("at"), "'at' stands alone, without place and name", "write names as addresses: query:cid")
    for text in (*at, *_short(filled, places, names, desk)):
        pattern = address(text, desk)
        _check_part(text, filled.get("path", ()), desk)
        if pattern is not None:
            yield pattern


def _check_part(text: Text, paths: Iterable[Text], desk: Desk) -> None:
    """``path:name`` must be a part of every path that the condition states."""
    name = text.text.removeprefix("path:")
    if name == text.text or not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        return
    for path in paths:
        if name not in names_in(path.text):
            hint = did_you_mean(name, names_in(path.text)) or f'path: "/.../{{{name}}}"'
            desk.error(text, f"'{name}' is no part of the path '{path.text}'", hint)


def _short(filled: Filled, places: tuple[str, ...], names: tuple[Text, ...], desk: Desk) -> Iterator[Text]:
    """``place`` and ``name`` as addresses of the outermost level."""
    spot = filled.at("place")
    for place in places or ("*",) * bool(names):
        if f"{place}:" not in FLAT | POINTERS | {"*:"}:
            if names:
                desk.error(spot, f"fields in '{place}' have no names of their own", f'at: "{place}/json:/user/id"')
            else:
                yield Text(place, spot.line, spot.column)
            continue
        for name in names or (Text("*", spot.line, spot.column),):
            step = "/" + name.text.replace("~", "~0").replace("/", "~1") if f"{place}:" in POINTERS else name.text
            yield replace(name, text=f"{place}:{step}")


def address(text: Text, desk: Desk) -> AddressPattern | None:
    """Compile an address, or put down what is wrong with it."""
    head = re.match(r"[^:/]*", text.text)
    place = head[0] if head else ""
    if place not in (*PLACES, "*", "**", "body"):
        desk.error(text, f"unknown place '{place}'", did_you_mean(place, PLACES, "places"))
        return None
    try:
        return AddressPattern(text.text)
    except ValueError as error:
        notations = sorted(one.rstrip(":") for one in FLAT | POINTERS)
        unknown = re.search(r"'(.*?):?'", str(error))
        close = nearest(unknown[1], notations) if unknown else None
        desk.error(text, str(error), f"did you mean '{close}:'?" if close else f"notations: {' '.join(notations)}")
        return None


def names_in(value: Any) -> list[str]:
    """Names of ``{parts}`` that a text uses."""
    return re.findall(r"\{([a-z][a-z0-9_]*)(?:\*\*)?\}", str(value))
