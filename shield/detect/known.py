"""Known values: the person's facts and the personas' values, in every disguise, anywhere in a message.

One buffer holds the content of every field, then everything that fields were cut out of (raw targets, header
lines, bodies, opened layers), so that one scan sees also what stands in a name, across two fields, or in bytes
that nobody could read. A hit outside the fields is reported only where no field explains it.

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
        fields, holders = _parts_of(opened)
        nodes = fields + holders
        buffer = b"".join((NUL, NUL.join([node.content for node in nodes]), NUL))
        matches = self._lexicon.scan(buffer)
        if not matches:
            return []
        by_node = _by_node(matches, nodes)
        findings = [
            _finding(node, hit)
            for node in fields
            if node in by_node
            for hit in choice.in_field(by_node[node], node.content, self._lexicon.tiny, scope)
        ]
        for node in reversed(holders):  # the innermost first: what it explains needs no second finding
            for hit in choice.anywhere(by_node.get(node, ()), node.content, scope):
                finding = _outside_fields(node, hit, findings)
                if finding is not None:
                    findings.append(finding)
        return findings

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


def _parts_of(opened: Opened) -> tuple[list[Node], list[Node]]:
    """All fields, and all nodes that hold fields and whose bytes stand nowhere else."""
    fields: list[Node] = []
    holders: list[Node] = []
    stack: list[Node] = [*opened.headers]
    if opened.body is not None:
        stack.append(opened.body)
    if opened.query is not None:
        stack.append(opened.query)
    stack.append(opened.path)
    while stack:
        node = stack.pop()
        if not node.children:
            fields.append(node)
            continue
        if node.parent is None or node.layer is not None:
            holders.append(node)
        stack.extend(node.children)
    return fields, holders


def _by_node(matches: Iterable[Match], nodes: list[Node]) -> dict[Node, list[Match]]:
    """The matches of each node, with spans in its content."""
    starts = list(accumulate((len(node.content) + 1 for node in nodes), initial=1))
    out: dict[Node, list[Match]] = {}
    for start, end, entry in matches:
        number = bisect_right(starts, start) - 1
        offset = starts[number]
        out.setdefault(nodes[number], []).append(Match(start - offset, end - offset, entry))
    return out


def _finding(node: Node, hit: Hit, in_name: bool = False) -> Finding:
    return Finding(node, hit.start, hit.end, hit.category, hit.whose, "known", hit.likeness, in_name)


def _outside_fields(holder: Node, hit: Hit, explained: list[Finding]) -> Finding | None:
    """The finding for a hit in the bytes of *holder*, None where a field (or a deeper name) has it."""
    node, start, end = holder, hit.start, hit.end
    while True:
        inner = _child_around(node, start, end)
        if inner is None:
            return _finding(node, hit.moved(start - hit.start), in_name=True)
        if inner.layer is not None or not inner.children:
            break
        node, start, end = inner, start - inner.start, end - inner.start
    fact_id = hit.likeness.fact_id
    if any(one.likeness and one.likeness.fact_id == fact_id and one.node.is_within(inner) for one in explained):
        return None
    return _finding(node, hit.moved(start - hit.start), in_name=True)


def _child_around(node: Node, start: int, end: int) -> Node | None:
    number = bisect_right(node.children, start, key=lambda child: child.start) - 1
    while number >= 0:
        child = node.children[number]
        if end <= child.end:
            return child
        if child.end > child.start:
            return None
        number -= 1  # an empty one at the same place
    return None
