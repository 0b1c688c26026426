"""Known values: the person's facts and the personas' values, in every disguise, anywhere in a message.

One buffer holds the content of every field and of every gap between fields (names, separators, whatever a reader
left over), so that one scan sees each byte of a message once: also what stands in a name, or in bytes that nobody
could read. The path is searched a second time as a whole: dates and numbers may hold slashes.

Source of the disguises: wire facts, section 6. Facts that are short or common count only as a whole field or
beside another fact (``forms.Strength``); their digests always count.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import accumulate

from shield.detect import choice
from shield.detect.choice import Hit
from shield.detect.lexicon import NUL, Lexicon, Match, Owner
from shield.detect.spelling import Spelling, spellings
from shield.finding import Finding
from shield.person import Person
from shield.tree import Node, Opened

__all__ = ["Hit", "Matcher", "Stream"]


class Matcher:
    """Finds the values of one person. Immutable; may be shared by threads."""

    __slots__ = ("_lexicon",)

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon

    @classmethod
    def build(cls, person: Person) -> Matcher:
        """Spell out every fact and every persona's values.

        Cost: 0.2 s and 15 MB for 10 facts and 60 personas.
        """
        return cls(Lexicon(_spelled(person)))

    @property
    def longest(self) -> int:
        """Bytes of the longest spelling with what stands beside it: what a stream holds back."""
        return self._lexicon.longest

    def find(self, opened: Opened, scope: str | None = None) -> list[Finding]:
        """Everything known in a message, on the original, in order.

        Args:
            scope: whose persona the receiver meets (``Context.persona_scope``). A value of that persona is
                ``whose: persona``, also where the person chose to keep the truth in it; one of another
                scope's persona is ``whose: me``, as the value that it stands for. Without a scope facts
                come first and every persona's value is ``persona``.
        """
        parts = _parts_of(opened)
        matches = self._lexicon.scan(b"".join((NUL, NUL.join([part[0] for part in parts]), NUL)))
        return self._findings(parts, matches, scope) if matches else []

    def _findings(self, parts: list[_Part], matches: list[Match], scope: str | None) -> list[Finding]:
        found: list[Finding] = []
        for number, own in sorted(_by_part(matches, parts).items()):
            content, node, offset = parts[number]
            if not node.children:
                hits = choice.in_field(own, content, self._lexicon.tiny, scope)
                found += [_finding(node, hit) for hit in hits]
                continue
            for hit in choice.anywhere(own, content, scope):
                if not _is_explained(node, hit, offset, found):
                    found.append(_finding(node, hit.moved(offset), in_name=True))
        return found

    def hits(self, data: bytes, scope: str | None = None) -> list[Hit]:
        """Everything known in raw bytes; short and common facts only as digests."""
        return choice.anywhere(self._lexicon.scan(data), data, scope)

    def stream(self, scope: str | None = None) -> Stream:
        """A search through bytes that come in pieces."""
        return Stream(self, scope)

    def __repr__(self) -> str:
        return f"<Matcher of {self._lexicon.count} spellings>"


class Stream:
    """Hits with offsets from the beginning of the stream, each once, however it is cut."""

    __slots__ = ("_matcher", "_scope", "_seen", "_tail")

    def __init__(self, matcher: Matcher, scope: str | None = None) -> None:
        self._matcher = matcher
        self._scope = scope
        self._tail = b""
        self._seen = 0

    def feed(self, chunk: bytes) -> list[Hit]:
        """What the bytes so far contain and no earlier call returned.

        A hit at the very end waits for the byte after it; :meth:`finish` returns the last ones.
        """
        return self._search(chunk, is_last=False)

    def finish(self) -> list[Hit]:
        """The hits that end with the stream."""
        return self._search(b"", is_last=True)

    def _search(self, chunk: bytes, is_last: bool) -> list[Hit]:
        data = self._tail + chunk
        base = self._seen - len(self._tail)
        known, self._seen = self._seen, self._seen + len(chunk)
        found = [hit.moved(base) for hit in self._matcher.hits(data, self._scope)]
        self._tail = data[-self._matcher.longest - 12 :]
        return [hit for hit in found if hit.end >= known and (is_last or hit.end < self._seen)]


def _spelled(person: Person) -> Iterator[tuple[Spelling, Owner]]:
    for fact in person.facts:
        for spelling in spellings(fact):
            yield spelling, Owner(None, spelling.likeness, fact.category)
    for scope, persona in person.personas.items():
        for value in persona.values.values():
            for spelling in spellings(value):
                yield spelling, Owner(scope, spelling.likeness, value.category)


_Part = tuple[bytes, Node, int]
"""Bytes to search, the node that they belong to, and where in its content they begin."""


def _parts_of(opened: Opened) -> list[_Part]:
    """The content of all fields, what lies between them, and last the path as a whole."""
    parts: list[_Part] = []
    stack: list[Node] = list(opened.headers)
    if opened.body is not None:
        stack.append(opened.body)
    if opened.query is not None:
        stack.append(opened.query)
    path = opened.path
    stack.extend(path.children)
    while stack:
        node = stack.pop()
        content = node.content
        if not node.children:
            parts.append((content, node, 0))
            continue
        position = 0
        for child in node.children:
            if child.start > position:
                parts.append((content[position : child.start], node, position))
            position = max(position, child.end)
        if position < len(content):
            parts.append((content[position:], node, position))
        stack.extend(node.children)
    parts.append((path.content, path, 0))
    return parts


def _by_part(matches: Iterable[Match], parts: list[_Part]) -> dict[int, list[Match]]:
    """The matches of each part by its number, with spans in its bytes."""
    starts = list(accumulate((len(part[0]) + 1 for part in parts), initial=1))
    out: dict[int, list[Match]] = {}
    for start, end, entry in matches:
        number = bisect_right(starts, start) - 1
        offset = starts[number]
        out.setdefault(number, []).append(Match(start - offset, end - offset, entry))
    return out


def _finding(node: Node, hit: Hit, in_name: bool = False) -> Finding:
    return Finding(node, hit.start, hit.end, hit.category, hit.whose, "known", hit.likeness, in_name)


def _is_explained(node: Node, hit: Hit, offset: int, found: list[Finding]) -> bool:
    """Whether a hit in the path as a whole lies inside a part of the path that has it already."""
    start, end = hit.start + offset, hit.end + offset
    inside = [child for child in node.children if child.start <= start and end <= child.end]
    return any(one.node.is_within(child) for child in inside for one in found)
