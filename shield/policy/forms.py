"""Forms: which keys a table of a file may have, how each is read, and what an editor is told about it.

One table of keys serves three readers: the loader, the JSON Schema, and the test that holds the
documentation to it. A reader gives the value, or None after it has put a mistake down at the desk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from shield.policy.text import Desk, Items, Part, Table, Text, did_you_mean

Schema = Mapping[str, Any]
ANY_TEXT: Final[Schema] = {"type": ["string", "number", "boolean"]}
"""Every scalar is text to us; an editor still sees YAML's own types."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How one value is read, and its JSON Schema."""

    read: Callable[[Part, Desk], Any]
    schema: Schema


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a form.

    Attributes:
        about: one sentence for the editor's tooltip.
        needed: what to say when it is missing; empty for keys that may be left out.
    """

    name: str
    kind: Kind
    about: str
    needed: str = ""


@dataclass(frozen=True, slots=True)
class Filled:
    """A table that was read: values by key, and where they stand."""

    table: Table
    values: Mapping[str, Any]

    def get(self, key: str, default: Any = None) -> Any:
        """The value of a key; *default* when it is missing or was a mistake."""
        value = self.values.get(key)
        return default if value is None else value

    def at(self, key: str) -> Part:
        """Where the value of a key stands; the table itself when the key is missing."""
        return self.table.entries.get(key, self.table)

    def __contains__(self, key: str) -> bool:
        return key in self.table.entries


@dataclass(frozen=True, slots=True)
class Form:
    """The keys that a table may have."""

    title: str
    keys: tuple[Key, ...]
    by_name: Mapping[str, Key] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {key.name: key for key in self.keys})

    def read(self, part: Part, desk: Desk) -> Filled | None:
        """Read a table. Unknown and missing keys are put down; None when it is no table."""
        if not isinstance(part, Table):
            expected(f"{self.title} is a table of keys", part, desk)
            return None
        values: dict[str, Any] = {}
        for name, value in part.entries.items():
            key = self.by_name.get(name)
            if key is None:
                shown = "unknown key" if desk.private else f"unknown key '{name}'"
                desk.error(part.keys[name], shown, did_you_mean(name, self.by_name, "keys"))
            else:
                values[name] = key.kind.read(value, desk)
        for key in self.keys:
            if key.needed and key.name not in part.entries:
                desk.error(part, f"{self.title} has no '{key.name}'", key.needed)
        return Filled(part, values)

    @property
    def schema(self) -> Schema:
        """JSON Schema of the form."""
        needed = [key.name for key in self.keys if key.needed]
        properties = {key.name: {**key.kind.schema, "description": key.about} for key in self.keys}
        required = {"required": needed} if needed else {}
        return {"type": "object", "properties": properties, "additionalProperties": False, **required}


def expected(message: str, part: Part, desk: Desk, hint: str = "") -> Any:
    """Put down that a part has the wrong form, unless it was put down before; gives None."""
    if not (isinstance(part, Text) and part.is_broken):
        desk.error(part, message, hint)
    return None


def read_text(part: Part, desk: Desk) -> Text | None:
    """A text that is not empty."""
    if isinstance(part, Text) and not part.is_broken and part.text.strip():
        return part
    expected("the text is empty" if isinstance(part, Text) else "a text is expected here", part, desk)
    return None


TEXT: Final = Kind(read_text, ANY_TEXT)


def listed(part: Part) -> list[Part]:
    """A value that may stand alone or in a list."""
    return part.items if isinstance(part, Items) else [part]


def one_or_more(kind: Kind) -> Kind:
    """One value or a list of them; gives a tuple without the mistaken ones."""

    def read(part: Part, desk: Desk) -> Any:
        values = [kind.read(item, desk) for item in listed(part)]
        if not values:
            return expected("the list is empty", part, desk)
        return tuple(value for value in values if value is not None)

    return Kind(read, {"anyOf": [kind.schema, {"type": "array", "items": kind.schema, "minItems": 1}]})


TEXTS: Final = one_or_more(TEXT)


def many(kind: Kind, what: str) -> Kind:
    """A list; gives a tuple without the mistaken ones."""

    def read(part: Part, desk: Desk) -> Any:
        if not isinstance(part, Items):
            return expected(f"a list of {what} is expected here", part, desk)
        values = (kind.read(item, desk) for item in part.items)
        return tuple(value for value in values if value is not None)

    return Kind(read, {"type": "array", "items": kind.schema})


def word(words: Iterable[str], one: str, more: str) -> Kind:
    """One of a closed list of words; gives the word as str."""
    known = tuple(words)

    def read(part: Part, desk: Desk) -> Any:
        text = read_text(part, desk)
        if text is None:
            return None
        if text.text not in known:
            shown = f"unknown {one}" if desk.private else f"unknown {one} '{text.text}'"
            return expected(shown, part, desk, did_you_mean(text.text, known, more))
        return text.text

    return Kind(read, {"enum": list(known)})


def _read_yes_or_no(part: Part, desk: Desk) -> Any:
    text = read_text(part, desk)
    if text is None:
        return None
    if text.text not in ("true", "false"):
        return expected("true or false is expected here", part, desk)
    return text.text == "true"


YES_OR_NO: Final = Kind(_read_yes_or_no, {"type": "boolean"})


def number(low: int, high: int) -> Kind:
    """A whole number between two others."""

    def read(part: Part, desk: Desk) -> Any:
        text = read_text(part, desk)
        if text is None:
            return None
        plain = text.text.isascii() and text.text.isdigit() and len(text.text) < 10
        if not plain or not low <= int(text.text) <= high:
            return expected(f"a whole number from {low} to {high} is expected here", part, desk)
        return int(text.text)

    return Kind(read, {"type": "integer", "minimum": low, "maximum": high})


def table_of(kind: Kind, what: str) -> Kind:
    """A table whose keys are free; gives a dict of the keys' places to values, without the mistaken ones."""

    def read(part: Part, desk: Desk) -> Any:
        if not isinstance(part, Table):
            return expected(f"a table of {what} is expected here", part, desk)
        values = {part.keys[name]: kind.read(value, desk) for name, value in part.entries.items()}
        return {key: value for key, value in values.items() if value is not None}

    return Kind(read, {"type": "object", "additionalProperties": kind.schema})


def nested(form: Form) -> Kind:
    """A table with a form of its own."""
    return Kind(form.read, form.schema)


RAW: Final = Kind(lambda part, _: part, {})
"""Read later, when the rest of the files is known."""
