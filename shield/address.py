"""Addresses: where in a message a field is, and patterns over them.

An address is text with one separator between steps, so that matching is one comparison or one regular
expression. People write and read it as ``form:variables/json:/input/0/email``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from unicodedata import normalize
from urllib.parse import unquote

SEPARATOR = "\x1f"
POINTERS = frozenset({"json:", "protobuf:", "xml:"})
"""Notations whose steps form a path; in all others a name is one step, slashes and all."""
FLAT = frozenset({
    "path:", "query:", "form:", "cookie:", "header:", "multipart:", "link:", "line:", "csp:", "sf:", "matrix:",
    "grpc:", "event:", "jwt:", "graphql:",
})  # fmt: skip
LAYERS = (
    "base32", "base64", "deflate", "entities", "gzip", "hex", "lz", "percent", "quoted", "text", "zlib",
)  # fmt: skip
"""Steps without a name: one value inside another, opened."""
AROUND_BODY = frozenset({"path:", "query:", "header:", "cookie:", "line"})
"""Outermost steps of what lies outside a body."""
_FOLDED = frozenset({"query:", "form:", "multipart:", "cookie:", "header:"})
"""Places whose names servers fold (``folded``)."""
_IS_FOLDED = re.compile(rf"header:{SEPARATOR}[a-z0-9-]*+|(?!header:)[a-z]+:?(?:{SEPARATOR}[a-z0-9_]*+)*+")
_BRACKETS = re.compile(r"(?:\[\d*\])+$")
_BEFORE_NAMES = re.compile(r"(?:[\s\0?&]|amp;|#38;|#x26;)+", re.IGNORECASE)
_ANY_NAMED = ("query:", "form:", "multipart:")
_NEXT = re.compile(rf"/(?=(?:[a-z]+:)|(?:{'|'.join(LAYERS)})(?:/|$))")


def parse_address(text: str) -> str:
    """Turn ``place:name/notation:step/...`` into the form with separators.

    ``query:cid`` becomes ``query:␟cid``; ``json:/a/b`` becomes ``json:␟a␟b``; in a JSON step ``~1`` is a
    slash and ``~0`` a tilde (RFC 6901, section 3).

    Raises:
        ValueError: nothing before the colon, or an unknown notation; the text says which.
    """
    steps: list[str] = []
    rest = text
    if not rest:
        raise ValueError("an address is empty")
    while rest:
        marker = re.match(r"(\*|[a-z0-9]+)(:?)", rest)
        if not marker:
            raise ValueError(f"no notation at '{rest}'")
        word = marker[0]
        rest = rest[marker.end() :]
        if not marker[2]:  # a layer without steps: text, frame, base64, gzip
            steps.append(word)
            if rest and not rest.startswith("/"):
                raise ValueError(f"'{word}' takes no name")
            rest = rest[1:]
            continue
        if word not in POINTERS and word not in FLAT and word != "*:":
            raise ValueError(f"unknown notation '{word}'")
        steps.append(word)
        end = _NEXT.search(rest)
        own, rest = (rest[: end.start()], rest[end.end() :]) if end else (rest, "")
        if word in POINTERS:
            steps.extend(_unescape(step) for step in own.removeprefix("/").split("/") if own)
        elif own:
            steps.append(own.lower() if word == "header:" else own)
    return SEPARATOR.join(steps)


def folded(address: str) -> str:
    """An address (with separators) with the names of pairs and header lines as lenient servers fold them.

    ``uid[]``, ``uid[0]``, `` uid``, ``amp;uid``, ``?uid``, ``UID``, ``%75id``, ``%2575id`` and full width are ``uid``;
    ``user.id`` and ``user id`` have an underscore there, ``X_User`` a hyphen. Source: PHP, "Variables From External
    Sources"; RFC 3875, section 4.1.18.
    """
    if _IS_FOLDED.fullmatch(address):
        return address
    steps = address.split(SEPARATOR)
    for number, step in enumerate(steps[:-1]):
        if step == "header:":
            steps[number + 1] = steps[number + 1].lower().replace("_", "-")
        elif step in _FOLDED:
            steps[number + 1] = _folded_name(steps[number + 1])
    return SEPARATOR.join(steps)


def _folded_name(name: str) -> str:
    for _ in range(2 * ("%" in name)):
        name = unquote(name, errors="surrogateescape")
    name = name if name.isascii() else normalize("NFKC", name)
    before = _BEFORE_NAMES.match(name)
    name = (name[before.end() :] if before else name).partition("\0")[0].strip().lower()
    return _BRACKETS.sub("", name).rstrip("[").translate(_UNDERSCORES)


_UNDERSCORES = str.maketrans(". ", "__")


def _unescape(step: str) -> str:
    return step.replace("~1", "/").replace("~0", "~")


def show_address(address: str) -> str:
    """The form that people read; the reverse of :func:`parse_address` for what a reader makes.

    What cannot be printed (control characters, bytes that are no UTF-8) is shown as ``\\x..``, so that an
    address can stand in a log line or on a terminal.
    """
    place, _, name = address.partition(SEPARATOR)
    if place in FLAT and SEPARATOR not in name and not name.endswith(":"):  # most are that short
        text = place + name
        return text if text.isprintable() else _printable(text)
    out: list[str] = []
    pointer = False
    after_marker = False
    for step in address.split(SEPARATOR):
        if step in POINTERS or step in FLAT:
            out.append(("/" if out else "") + step)
            pointer, after_marker = step in POINTERS, True
        elif after_marker and not pointer:
            out.append(step)
            after_marker = False
        elif pointer:
            out.append("/" + step.replace("~", "~0").replace("/", "~1"))
        else:
            out.append(("/" if out else "") + step)
    text = "".join(out)
    return text if text.isprintable() else _printable(text)


def _printable(text: str) -> str:
    shown = (c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
    return "".join(shown)


@dataclass(frozen=True, slots=True)
class AddressPattern:
    """An address with ``*`` (any run inside one step) and ``**`` (any number of steps).

    ``*:name`` stands for query, form and multipart. Brackets and dots are plain.

    Attributes:
        text: as the rule states it.
        literal: the address itself where nothing in it is special, else None.
        characters: how many of its characters are literal; more is more specific.
        begins: what an address that matches begins with; asked before the expression, which is slower.
        places: the outermost steps that it may have; empty: any.
    """

    text: str
    literal: str | None = field(init=False, compare=False)
    regex: re.Pattern[str] | None = field(init=False, compare=False, repr=False)
    characters: int = field(init=False, compare=False)
    begins: tuple[str, ...] = field(init=False, compare=False, repr=False)
    places: tuple[str, ...] = field(init=False, compare=False, repr=False)
    folded: str | None = field(init=False, compare=False, repr=False)
    _anyhow: re.Pattern[str] | None = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        address = parse_address(self.text)
        special = "*" in address
        object.__setattr__(self, "literal", None if special else address)
        object.__setattr__(self, "characters", len(address) - address.count("*"))
        object.__setattr__(self, "regex", _compile(address) if special else None)
        object.__setattr__(self, "folded", None if special else folded(address))
        object.__setattr__(self, "_anyhow", _compile(folded(address)) if special else None)
        first, mark, rest = address.partition(SEPARATOR)
        places = _ANY_NAMED if first == "*:" else () if "*" in first else (first,)
        rest = mark + rest.partition("*")[0].removesuffix(SEPARATOR)  # before "**" a separator may be missing
        object.__setattr__(self, "places", places)
        object.__setattr__(self, "begins", tuple(place + rest for place in places) or ("",))

    def matches(self, address: str) -> bool:
        """Whether an address (with separators) is meant."""
        if self.regex is None:
            return address == self.literal
        return address.startswith(self.begins) and self.regex.fullmatch(address) is not None

    def holds(self, address: str, *, protects: bool) -> bool:
        """Whether it is meant to the letter or, for what *protects*, with names as servers may fold them."""
        if self.matches(address):
            return True
        if not protects:
            return False
        other = folded(address)
        return other == self.folded if self._anyhow is None else self._anyhow.fullmatch(other) is not None


def _compile(address: str) -> re.Pattern[str]:
    parts: list[str] = []
    for index, step in enumerate(address.split(SEPARATOR)):
        if step == "**":
            one = f"[^{SEPARATOR}]*"
            parts.append(f"(?:{SEPARATOR}{one})*" if index else f"{one}(?:{SEPARATOR}{one})*")
            continue
        if step == "*:" and not index:
            parts.append(f"(?:{'|'.join(_ANY_NAMED)})")
            continue
        text = ".*".join(re.escape(piece) for piece in step.split("*")).replace(".*", f"[^{SEPARATOR}]*")
        parts.append((SEPARATOR if index else "") + text)
    return re.compile("".join(parts), re.DOTALL)
