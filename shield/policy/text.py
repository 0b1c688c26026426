"""YAML in which every scalar is the text that was typed, and every part knows its place.

YAML guesses: ``no`` is false, ``1.10`` a number, ``+4915...`` an integer, ``*`` an alias. In files that people
edit by hand each guess is a surprise, so only the outer form is YAML here (block and flow, the three kinds of
quotes, comments) and everything is text. What YAML would silently drop or bend is an error that shows
the quoted form: null, an empty value, anchors, aliases, tags, and a ``#`` one space behind an unquoted
value (a comment stands two spaces away, as yamllint has it).

Source: YAML 1.1 as libyaml parses it; we read its events, so nothing is constructed or resolved.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

import yaml

from shield.errors import RuleError

LIMIT_DEPTH: Final = 40
LIMIT_BYTES: Final = 8 << 20
NULLS: Final = frozenset({"~", "null", "Null", "NULL"})
_Loader: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WORD = re.compile(r"[^\s,\]}]+")


@dataclass(frozen=True, slots=True)
class Text:
    """A scalar as typed. *line* and *column* count from 1, as in all nodes."""

    text: str
    line: int
    column: int
    block_line: int = 0
    """Line of the first line of content of a block scalar; 0 for others."""
    is_broken: bool = False
    """Already put down as a mistake; whoever reads it stays silent."""


@dataclass(slots=True)
class Items:
    """A list."""

    line: int
    column: int
    items: list[Part] = field(default_factory=list)


@dataclass(slots=True)
class Table:
    """A map; *keys* hold the places of the keys."""

    line: int
    column: int
    entries: dict[str, Part] = field(default_factory=dict)
    keys: dict[str, Text] = field(default_factory=dict)


Part = Text | Items | Table


@dataclass(slots=True)
class Desk:
    """Where the mistakes of one file are put down.

    Attributes:
        path: as errors show it.
        private: the file holds facts; nothing of it is ever repeated in an error.
    """

    path: str
    private: bool = False
    errors: list[RuleError] = field(default_factory=list)

    def error(self, at: Part | None, message: str, hint: str = "") -> None:
        """Put down a mistake at a part of the file; without a part it concerns the whole file."""
        line, column = (at.line, at.column) if at else (0, 0)
        self.errors.append(RuleError(message, hint, path=self.path, line=line, column=column))

    def quoted(self, text: str) -> str:
        """A hint that shows the quoted form of a value."""
        if self.private:
            return "put the value into quotes"
        if '"' in text or "\\" in text:
            return "write '" + text.replace("'", "''") + "'"
        return f'write "{text}"'


def nearest(word: str, words: Iterable[str]) -> str | None:
    """The one of *words* that was probably meant."""
    close = difflib.get_close_matches(word, list(words), n=1, cutoff=0.6)
    return close[0] if close else None


def did_you_mean(word: str, words: Iterable[str], label: str = "") -> str:
    """A hint that names the nearest word and, with a *label*, all of them."""
    known = list(words)
    close = nearest(word, known)
    guess = f"did you mean '{close}'?" if close else ""
    every = f"{label}: {' '.join(known)}" if label and known else ""
    return " ".join(filter(None, (guess, every)))


def read_text(raw: bytes, desk: Desk) -> Part | None:
    """Read one file. What is wrong is put down at the desk; None when nothing can be told any more.

    An empty file is an empty table.
    """
    text = _decode(raw, desk)
    if text is None:
        return None
    try:
        return _Reader(text, desk).read()
    except yaml.MarkedYAMLError as error:
        _syntax(error, text, desk)
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        at = Text("", before.count("\n") + 1, len(before) - before.rfind("\n"))
        desk.error(at, "this character cannot stand in a YAML file", "remove it, or write it as \\x.. in double quotes")
    return None


def _decode(raw: bytes, desk: Desk) -> str | None:
    if len(raw) > LIMIT_BYTES:
        desk.error(None, f"the file is larger than {LIMIT_BYTES >> 20} MB", "split it")
        return None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        at = Text("", before.count(b"\n") + 1, len(before) - before.rfind(b"\n"))
        desk.error(at, "the file is not UTF-8", "save it as UTF-8")
        return None


def _syntax(error: yaml.MarkedYAMLError, text: str, desk: Desk) -> None:
    mark, context = error.problem_mark, error.context or ""
    if "alias" in context or "anchor" in context:
        mark = error.context_mark or mark
    at = Text("", mark.line + 1, mark.column + 1) if mark else None
    word = _WORD.match(text, mark.index) if mark else None
    character = text[mark.index : mark.index + 1] if mark else ""
    if word and ("alias" in context or "anchor" in context):
        desk.error(at, f"an unquoted value cannot begin with '{character}'", desk.quoted(word[0].rstrip(":")))
    elif character == "\t":
        desk.error(at, "a tab cannot indent", "use spaces")
    elif word and "cannot start any token" in (error.problem or ""):
        desk.error(at, f"an unquoted value cannot begin with '{character}'", desk.quoted(word[0]))
    elif "mapping values are not allowed" in (error.problem or ""):
        desk.error(at, "a ':' is not expected here", "look at the indentation; a value with ': ' in it wants quotes")
    else:
        desk.error(at, " ".join(filter(None, (error.problem, context))), "look at the indentation, brackets and quotes")


class _Reader:
    """Builds parts from the events of one document, without recursion."""

    def __init__(self, text: str, desk: Desk) -> None:
        self.text = text
        self.desk = desk
        self.root: Part | None = None
        self.open: list[Items | Table] = []
        self.keys: list[Text | None] = []  # per open part: the key that waits for its value

    def read(self) -> Part | None:
        documents = 0
        for event in self._events():
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self.desk.error(_at(event), "a file holds one document", "remove the line '---'")
                    break
            elif isinstance(event, yaml.NodeEvent) and not self._node(event):
                return None
            elif isinstance(event, yaml.CollectionEndEvent):
                self.open.pop()
                self.keys.pop()
        return Table(1, 1) if documents == 0 else self.root

    def _events(self) -> Iterator[yaml.Event]:
        return iter(yaml.parse(self.text, Loader=_Loader))

    def _node(self, event: yaml.NodeEvent) -> bool:
        """Take one node in; False when the file is nested too deeply to go on."""
        if isinstance(event, yaml.AliasEvent):
            self._starts_badly(event, "*")
            self._put(Text("", *_place(event), is_broken=True))
            return True
        if event.anchor is not None:
            self._starts_badly(event, "&")
        elif getattr(event, "tag", None) is not None:
            self._starts_badly(event, "!")
        if isinstance(event, yaml.ScalarEvent):
            self._put(self._scalar(event))
            return True
        part: Items | Table = (Table if isinstance(event, yaml.MappingStartEvent) else Items)(*_place(event))
        if len(self.open) >= LIMIT_DEPTH:
            self.desk.error(part, f"nested deeper than {LIMIT_DEPTH} levels")
            return False
        self._put(part)
        self.open.append(part)
        self.keys.append(None)
        return True

    def _starts_badly(self, event: yaml.NodeEvent, sign: str) -> None:
        word = sign
        if isinstance(event, yaml.ScalarEvent | yaml.AliasEvent):
            lines = self.text[_index(event.start_mark) : _index(event.end_mark)].splitlines()
            word = lines[0].rstrip() if lines else sign
        self.desk.error(_at(event), f"an unquoted value cannot begin with '{sign}'", self.desk.quoted(word))

    def _scalar(self, event: yaml.ScalarEvent) -> Text:
        line, column = _place(event)
        if event.anchor is not None or event.tag is not None:
            return Text(event.value, line, column, is_broken=True)
        if event.style in ("|", ">"):
            return Text(event.value, line, column, block_line=line + 1)
        text = Text(event.value, line, column)
        return text if event.style else self._plain(text, _index(event.end_mark))

    def _plain(self, text: Text, end: int) -> Text:
        """Check an unquoted scalar that ends at *end*."""
        word = text.text
        if not word:
            self.desk.error(text, "the value is empty", 'leave the key out, or write "" for an empty text')
        elif word in NULLS:
            self.desk.error(text, f"'{word}' is no value", f'leave the key out, or write "{word}" for the text')
        elif self.text[end : end + 2] == " #":
            rest = self.text[end:].splitlines()[0].rstrip()
            hint = f"{self.desk.quoted(word + rest)}, or put two spaces before a comment"
            self.desk.error(text, "' #' after an unquoted value begins a comment", hint)
        else:
            return text
        return replace(text, is_broken=True)

    def _put(self, part: Part) -> None:
        if not self.open:
            self.root = self.root or part
            return
        holder = self.open[-1]
        if isinstance(holder, Items):
            holder.items.append(part)
            return
        key = self.keys[-1]
        if key is None:
            self.keys[-1] = self._key(part)
            return
        self.keys[-1] = None
        self._enter(holder, key, part)

    def _key(self, part: Part) -> Text:
        if isinstance(part, Text):
            return part
        self.desk.error(part, "a key is a text", "put a key with brackets into quotes")
        return Text("", part.line, part.column)

    def _enter(self, holder: Table, key: Text, part: Part) -> None:
        first = holder.keys.get(key.text)
        if first is not None:
            name = "this key" if self.desk.private else f"key '{key.text}'"
            self.desk.error(key, f"{name} is there twice", f"first at line {first.line}")
            return
        holder.entries[key.text] = part
        holder.keys[key.text] = key


def _index(mark: Any) -> int:
    return mark.index if mark is not None else 0


def _place(event: yaml.Event) -> tuple[int, int]:
    mark: Any = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)


def _at(event: yaml.Event) -> Text:
    return Text("", *_place(event))
