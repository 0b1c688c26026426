"""Known values: the person's facts and the personas' values, in every disguise, anywhere in a message.

One buffer holds the content of every field and of every gap between fields (names, separators, whatever a reader
left over), so that one scan sees each byte of a message once: also what stands in a name, or in bytes that nobody
could read. Paths are searched a second time as a whole: dates and numbers may hold slashes. Escapes that no reader
opened are opened for the search. Method, host and unusual names of header lines are searched too; only lines that
frame the message are not, for their numbers mean something else.

Source of the disguises: wire facts, section 6. Facts that are short or common count only as a whole field or
beside another fact (``forms.Strength``); their digests always count.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import accumulate, chain, islice
from typing import Final

from shield.address import SEPARATOR
from shield.detect import choice, saying
from shield.detect.alphabets import Alphabets
from shield.detect.beginnings import Beginnings
from shield.detect.choice import Hit
from shield.detect.lexicon import NUL, Entry, Lexicon, Match, Owner
from shield.detect.mailboxes import Mailboxes
from shield.detect.masked import Masks
from shield.detect.nearby import Places
from shield.detect.neighbours import Beside, confirmed
from shield.detect.parts import MESSAGE, Part, add_beside, parts_of
from shield.detect.respelled import Respelled, respelled
from shield.detect.spelling import disguise
from shield.detect.tokens import Token, Tokens, has_run, tokens_of
from shield.detect.values import Values
from shield.finding import Finding, Likeness
from shield.opened import Opened
from shield.person import Fact, Person
from shield.tree import TOKEN, Node

__all__ = ["Hit", "Matcher", "Stream"]

_WIDEST: Final = 5
"""Bytes that one letter takes in another spelling: ``0x61,``."""
_MOST_SPOTS: Final = 64
_NEIGHBOURS: Final = 8  # findings of one name stand together


class Matcher:
    """Finds the values of one person; may be shared by threads.

    What is searched for is ``detect.values``: all spellings of the facts, of every stored persona those that would
    tell who is behind it, and whatever the receiver's own persona may be spelled as.
    """

    __slots__ = ("_alphabets", "_beginnings", "_mailboxes", "_masks", "_places", "_tokens", "_values")

    def __init__(self, values: Values, before: Matcher | None = None) -> None:
        facts = values.facts
        same = before if before is not None and before._facts == facts else None
        self._values = values
        self._places: Places = same._places if same is not None else Places(facts)
        self._masks: Masks = same._masks if same is not None else Masks(facts)
        self._mailboxes: Mailboxes = same._mailboxes if same is not None else Mailboxes(facts)
        self._alphabets: Alphabets = same._alphabets if same is not None else Alphabets(facts)
        self._beginnings: Beginnings = same._beginnings if same is not None else Beginnings(facts)
        self._tokens: Tokens | None = same._tokens if same is not None else None  # a memo

    @classmethod
    def build(cls, person: Person, before: Matcher | None = None) -> Matcher:
        """For a person; everything is spelled out when it is first asked for, or in :meth:`prepare`.

        Args:
            before: of this person before something changed; what did not change is not spelled out again.
        """
        return cls(Values.of(person, before._values if before is not None else None), before)

    @property
    def _facts(self) -> tuple[Fact, ...]:
        return self._values.facts

    @property
    def longest(self) -> int:
        """Bytes of the longest spelling with what stands beside it: what a stream holds back.

        Of a text in three layers, which only the index knows; so it is made here, if it was not before.
        """
        return max(_WIDEST * self._values.longest, self._index.longest if self._facts else 0)

    def _scan(self, buffer: bytes, scope: str | None) -> list[Match]:
        found = self._scan_text(buffer, scope)
        for one in respelled(buffer):
            found += _placed(self._scan_text(b"".join((NUL, one.text, NUL)), scope), one, buffer)
        return found

    def _scan_text(self, buffer: bytes, scope: str | None) -> list[Match]:
        found = [match for lexicon in self._values.lexicons for match in lexicon.scan(buffer)]
        others = (*self._words(buffer), *self._mailboxes.find(buffer))
        found += [Match(start, end, _entry(like, category)) for start, end, like, category in others]
        hers = self._values.own(_without(buffer, found), scope)
        return found + hers.scan(buffer) if hers is not None else found

    def _lexicons(self, data: bytes, scope: str | None) -> Iterator[Lexicon]:
        yield from self._values.lexicons
        own = self._values.own(data, scope)
        if own is not None:
            yield own

    def _words(self, buffer: bytes) -> list[Token]:
        """What ``detect.tokens`` knows; it is made when something is to be looked up for the first time."""
        index = self._tokens if self._tokens is not None or not has_run(buffer) else self._index
        return index.find(buffer) if index is not None else []

    @property
    def _index(self) -> Tokens:
        if self._tokens is None:
            self._tokens = tokens_of(self._facts)
        return self._tokens

    @property
    def is_ready(self) -> bool:
        """Whether everything is written out; what is not yet is at the first message that needs it."""
        return self._values.is_ready and (self._tokens is not None or not self._facts)

    def prepare(self) -> None:
        """Write out what is left: 2 s for 50 facts; nothing for facts that another matcher of this process had."""
        self._values.prepare()
        _ = self._index

    def find(self, opened: Opened, scope: str | None = None, *, is_followed: bool = False) -> list[Finding]:
        """Everything known in a message, on the original, in order.

        Args:
            scope: whose persona the receiver meets (``Context.persona_scope``). A value of that persona is
                ``whose: persona``, also where the person chose to keep the truth in it; one of another
                scope's persona is ``whose: me``, as the value that it stands for. Without a scope facts
                come first and what is telling of a persona is ``persona``.
            is_followed: the receiver follows people: a field that is a long beginning of a fact counts by itself.
        """
        parts = parts_of(opened)
        buffer = b"".join((NUL, NUL.join([part[0] for part in parts]), NUL))
        matches = self._scan(buffer, scope)
        hers = self._values.own(_without(buffer, matches), scope) if matches else None
        found = self._findings(parts, matches, hers, scope) if matches else []
        if self._may_be_alike(buffer):
            found += self._alike(parts, found)
        if found or (is_followed and self._beginnings.may_be_in(buffer)):
            leaves = dict.fromkeys(part[1] for part in parts if not (part[1].children or part[3]))
            found += self._beginnings.find(leaves, list(found), is_alone=is_followed)
        return found

    def _may_be_alike(self, data: bytes) -> bool:
        """Whether fields are to be looked at one by one."""
        return self._places.may_be_in(data) or self._masks.may_be_in(data) or self._alphabets.may_be_in(data)

    def _alike(self, parts: list[Part], found: list[Finding]) -> Iterator[Finding]:
        """Fields that state a place near the person's, masked copies, and addresses in an alphabet of somebody's own,
        where nothing was found already.
        """
        known = {one.node for one in found}
        fields = dict.fromkeys(part[1] for part in parts if not (part[1].children or part[3] or part[1] in known))
        for node, start, end, fact_id in self._places.find(fields):
            yield Finding(node, start, end, "geo", "me", "known", Likeness(fact_id, "value", disguise()))
        for node, likeness, category in self._masks.find(fields):
            yield Finding(node, 0, len(node.content), category, "me", "known", likeness)
        for node, likeness in self._alphabets.find(fields):
            yield Finding(node, 0, len(node.content), "email", "me", "known", likeness)

    def _findings(
        self, parts: list[Part], matches: list[Match], hers: Lexicon | None, scope: str | None
    ) -> list[Finding]:  # fmt: skip
        found: list[Finding] = []
        sure: list[Beside] = []
        unsure: list[Beside] = []
        holders: set[Node] | None = None
        tiny = [entry for one in (hers, *reversed(self._values.lexicons)) if one is not None for entry in one.tiny]
        for number, own in sorted(_by_part(matches, parts).items()):
            content, node, offset, length = parts[number]
            if not length and (node.notation is TOKEN or not node.children):
                if node.children and holders is None:
                    holders = _holders(found)
                if not (holders and node in holders):
                    hits, doubtful = choice.in_field(own, content, tiny, scope)
                    told = [
                        hit for hit in doubtful
                        if saying.says(node.address, hit, is_word=choice.word_of(hit, content) == "lower")
                    ][:1]  # fmt: skip
                    found += [_finding(node, hit) for hit in hits or told]
                    unsure += [Beside(node, hit) for hit in doubtful if not told]
                    sure += [Beside(node, hit) for hit in hits or told]
                continue
            for hit in choice.anywhere(own, content, scope):
                end = offset + max(length, 0)
                placed = hit._replace(start=offset, end=end) if length else hit.moved(offset)
                holder, placed = _across(node, placed) if node.address.endswith(MESSAGE) else (node, placed)
                if holder is not None and not _is_explained(holder, placed, found):
                    found.append(_finding(holder, placed, in_name=True))
        if unsure:
            found += [_finding(node, hit) for node, hit in confirmed(unsure, sure, self._stated(scope))]
        return found

    def _stated(self, scope: str | None) -> dict[str, Fact]:
        """The facts, and what stands for them in one scope, as ``neighbours`` wants them."""
        values = self._values.values_of(scope)
        return {f"me {one.id}": one for one in self._facts} | {f"persona {one.id}": one for one in values}

    def scope_of_stored(self, scope: str) -> str:
        """*scope* if its persona is stored, else one that nobody has."""
        return scope if self._values.is_stored(scope) else scope.partition("|")[0] + "|"

    def hits(self, data: bytes, scope: str | None = None) -> list[Hit]:
        """Everything known in raw bytes; short and common facts only as digests."""
        return choice.anywhere(self._scan(data, scope), data, scope)

    def holds(self, data: bytes) -> bool:
        """Whether something is known in raw bytes, also where it is escaped."""
        parts: list[Part] = []
        add_beside(parts, Node(None, "line", 0, len(data), data), data)
        return any(self.hits(part[0]) for part in parts)

    def suspects(self, data: bytes, scope: str | None = None) -> bool:
        """Whether :meth:`find` could find anything in a message of these raw bytes, however they are read.

        False is certain for every notation that writes values as they are; what is escaped, packed or encoded
        (``%``, backslash, NUL, base64 ...) has to be opened first. True may be a false alarm.

        Cost without a hit: 3 µs per KB.
        """
        if any(lexicon.suspects(data) for lexicon in self._lexicons(data, scope)):
            return True
        if self._may_be_alike(data) or any(self._mailboxes.find(data)):
            return True
        return bool(self._words(data)) or self._is_respelled(data, scope)

    def _is_respelled(self, data: bytes, scope: str | None) -> bool:
        return any(
            any(lexicon.suspects(one.text) for lexicon in self._lexicons(one.text, scope))
            or any(self._mailboxes.find(one.text))
            or bool(self._words(one.text))
            for one in respelled(data)
        )

    def spots(self, data: bytes, scope: str | None = None) -> tuple[int, ...] | None:
        """Where in these raw bytes what :meth:`find` finds could begin, in order; None: anywhere."""
        if self._places.may_be_in(data) or self._masks.may_be_in(data) or self._is_respelled(data, scope):
            return None
        found = [lexicon.spots(data) for lexicon in self._lexicons(data, scope)]
        found.append(tuple(one.start for one in (*self._words(data), *self._mailboxes.find(data))))
        found.append(tuple(self._alphabets.spots(data)))
        if any(found):
            begun = tuple(islice(self._beginnings.spots(data), _MOST_SPOTS + 1))
            found.append(begun if len(begun) <= _MOST_SPOTS else None)
        every = [spots for spots in found if spots is not None]
        return tuple(sorted({*chain.from_iterable(every)})) if len(every) == len(found) else None

    def stream(self, scope: str | None = None) -> Stream:
        """A search through bytes that come in pieces."""
        return Stream(self, scope)

    def __repr__(self) -> str:
        return f"<Matcher of {self._values.count} spellings>"


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


def _without(buffer: bytes, matches: list[Match]) -> bytes:
    """The bytes that no spelling of a fact explains: what of them could be a persona's."""
    strong = [one for one in matches if one.entry.strength == "strong" and one.entry.owners[0].scope is None]
    if not strong:
        return buffer
    rest = bytearray(buffer)
    for start, end, _ in strong:
        rest[start:end] = b" " * (end - start)
    return bytes(rest)


def _placed(matches: list[Match], spelled: Respelled, buffer: bytes) -> Iterator[Match]:
    """Where these matches in NUL, another spelling and NUL stand, without what the buffer shows by itself."""
    for first, last, entry in matches:
        inner = spelled.text[first - 1 : last - 1]
        start, end = spelled.starts[first - 1], spelled.ends[last - 2]
        if (spelled.is_plain or entry.strength == "strong") and buffer[start:end] != inner:
            placed = Entry(entry.text, exact=True, edge="none", strength=entry.strength, is_number=entry.is_number)
            placed.owners = entry.owners
            yield Match(start, end, placed)


def _entry(likeness: Likeness, category: str) -> Entry:
    """What ``detect.tokens`` found, as if it were one of the lexicon's."""
    entry = Entry(b"", exact=True, edge="none", strength="strong", is_number=False)
    entry.owners.append(Owner(None, likeness, category))
    return entry


def _by_part(matches: Iterable[Match], parts: list[Part]) -> dict[int, list[Match]]:
    """The matches of each part by its number, with spans in its bytes."""
    starts = list(accumulate((len(part[0]) + 1 for part in parts), initial=1))
    out: dict[int, list[Match]] = {}
    for start, end, entry in matches:
        number = bisect_right(starts, start) - 1
        offset = starts[number]
        if end - offset > len(parts[number][0]):
            continue  # a digest as bytes that begins with the NUL between two parts
        out.setdefault(number, []).append(Match(start - offset, end - offset, entry))
    return out


def _finding(node: Node, hit: Hit, in_name: bool = False) -> Finding:
    return Finding(node, hit.start, hit.end, hit.category, hit.whose, "known", hit.likeness, in_name)


def _overlap(one: Finding, hit: Hit) -> bool:
    """Whether both are about the same bytes, or both stand beside the node."""
    return (one.start < hit.end and hit.start < one.end) or one.end == hit.end == 0


def _holders(found: list[Finding]) -> set[Node]:
    """Every node around what was found. A token among them means what it was opened to, not what it says."""
    holders: set[Node] = set()
    for one in found:
        node = one.node.parent
        while node is not None and node not in holders:
            holders.add(node)
            node = node.parent
    return holders


def _is_same(one: Finding, hit: Hit) -> bool:
    return one.likeness is not None and one.likeness.fact_id == hit.likeness.fact_id


def _across(node: Node, hit: Hit) -> tuple[Node | None, Hit]:
    """The innermost message of protobuf that holds a hit; None where one field holds all of it: there it was found."""
    while True:
        number = bisect_right(node.children, hit.start, key=lambda child: child.start) - 1
        if number < 0:
            return node, hit
        child = node.children[number]
        offset = child.end - len(child.content)  # a length stands before the content
        is_number = not child.children and child.layer is not None and child.layer.name != "delimited"
        if is_number or hit.start < offset or hit.end > child.end:
            return node, hit
        if not child.children or not child.children[0].address.rpartition(SEPARATOR)[2].isdecimal():
            return None, hit
        node, hit = child, hit.moved(-offset)


def _is_explained(node: Node, hit: Hit, found: list[Finding]) -> bool:
    """Whether a hit was found already: in the text as it stands, or in the one part of the path that holds it."""
    for one in found[-_NEIGHBOURS:]:
        if one.node is node and _overlap(one, hit) and (one.in_name or _is_same(one, hit)):
            return True
    if not node.address.endswith("path:"):
        return False
    number = bisect_right(node.children, hit.start, key=lambda child: child.start) - 1
    return number >= 0 and hit.end <= node.children[number].end
