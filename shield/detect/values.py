"""Whose values are searched for, and the lexicons that they are spelled out in.

The facts have a lexicon of their own. Stored personas share a few, of what would tell who is behind them: one that is
added makes a small one, and small ones grow together when there is time (:meth:`Values.prepare`), so that no message
waits for the others. The rest of a persona's spellings matter only where her own receiver is asked. A third party's
persona is derived; her spellings are written out when a message holds something that could be hers.

Everything is written out when it is first asked for.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import chain
from typing import Final, NamedTuple

from ahocorasick_rs import BytesAhoCorasick

from shield.detect.lexicon import Lexicon, Owner, digits_of
from shield.detect.spelling import Spelling, digests_of, short_spellings, spellings, telling_spellings
from shield.errors import ShieldError
from shield.person import Fact, Person, Persona

_MOST_PARTS: Final = 24
_APART: Final = 8  # times as large is the lexicon before one that stays apart from it
_MOST_OWN: Final = 200
_MOST_HINTS: Final = 4096
_ASCII: Final = re.compile(rb"[a-z0-9]{3,}")
_DIGITS: Final = 6  # of a telephone number, from its end
_RUN: Final = b"x" * 22  # the shortest digest: MD5 in base64
_AS_RUN: Final = bytes(0x78 if chr(byte).isalnum() and byte < 0x80 else 0x20 for byte in range(256))
_DIGEST: Final = re.compile(
    rb"(?<![0-9A-Za-z])(?:(?:[0-9a-fA-F]{32}|[0-9a-fA-F]{40}|[0-9a-fA-F]{64})(?![0-9A-Za-z])"
    rb"|(?:[0-9A-Za-z+/_-]{22}|[0-9A-Za-z+/_-]{27}|[0-9A-Za-z+/_-]{43})(?![0-9A-Za-z+/_-]))"
)
"""MD5, SHA-1 and SHA-256, in hex and base64."""
_HEX: Final = frozenset({32, 40, 64})
_URL: Final = bytes.maketrans(b"+/", b"-_")
_Spell = Callable[[Fact], Iterable[Spelling]]


class Mails(NamedTuple):
    """The person's e-mail addresses, and every text that they are spelled as."""

    values: frozenset[str] = frozenset()
    texts: frozenset[bytes] = frozenset()

    def __repr__(self) -> str:
        return f"<Mails {len(self.values)}>"


class _Part:
    """Values of a few owners, and the lexicon of them."""

    __slots__ = ("_lexicon", "facts", "owners")

    def __init__(self, facts: tuple[Fact, ...], owners: tuple[Persona, ...] = ()) -> None:
        self.facts = facts
        self.owners = owners
        self._lexicon: Lexicon | None = None

    @property
    def is_ready(self) -> bool:
        return self._lexicon is not None

    @property
    def lexicon(self) -> Lexicon:
        if self._lexicon is None:
            self._lexicon = Lexicon(self._spelled())
        return self._lexicon

    def _spelled(self) -> Iterator[tuple[Spelling, Owner]]:
        if not self.owners:
            return _owned(None, self.facts, spellings)
        mails = _mails_of(self.facts)
        true = {fact.id: fact.parts for fact in self.facts}  # where a persona shows it, it is the person's elsewhere
        invented = ((one.service, [v for v in one.values.values() if v.parts != true.get(v.id)]) for one in self.owners)
        return chain.from_iterable(_hers(scope, values, telling_spellings, mails) for scope, values in invented)


class Values:
    """Of one person; may be shared by threads."""

    __slots__ = ("_hints", "_own", "_parts", "_person")

    def __init__(self, person: Person, parts: tuple[_Part, ...]) -> None:
        self._person = person
        self._parts = parts  # the facts first
        self._own: dict[str, Lexicon] = {}  # memos: what they hold follows from _person
        self._hints: dict[str, _Hints] = {}

    @classmethod
    def of(cls, person: Person, before: Values | None = None) -> Values:
        """For a person.

        Args:
            before: for this person before something changed; what did not change is not written out again.
        """
        if before is None or before._person.facts != person.facts:
            stored = tuple(person.personas.values())
            return cls(person, (_Part(person.facts), *((_Part(person.facts, stored),) if stored else ())))
        facts, *others = before._parts
        kept = [_without_others(part, person) for part in others]
        known = {one.service for part in kept for one in part.owners}
        fresh = tuple(one for scope, one in person.personas.items() if scope not in known)
        parts = [part for part in kept if part.owners] + ([_Part(person.facts, fresh)] if fresh else [])
        if len(parts) > _MOST_PARTS:
            parts = [_Part(person.facts, tuple(chain.from_iterable(part.owners for part in parts)))]
        values = cls(person, (facts, *parts))
        values._take_over(before)
        return values

    def _take_over(self, before: Values) -> None:
        """The memos that still hold; other threads may add to them meanwhile."""
        was, now = before._person, self._person
        is_derived_so = was.derive == now.derive
        if is_derived_so:
            self._hints = before._hints
        for scope, lexicon in tuple(before._own.items()):
            stored = now.personas.get(scope)
            if was.personas.get(scope) == stored and (stored is not None or is_derived_so):
                self._own[scope] = lexicon

    @property
    def facts(self) -> tuple[Fact, ...]:
        """The person's."""
        return self._person.facts

    @property
    def longest(self) -> int:
        """Bytes of the longest spelling, with what stands beside it."""
        return max(part.lexicon.longest for part in self._parts)

    @property
    def count(self) -> int:
        """Spellings that are written out."""
        return sum(part.lexicon.count for part in self._parts if part.is_ready)

    @property
    def is_ready(self) -> bool:
        """Whether everything is written out that every message needs."""
        return not self.facts or all(part.is_ready for part in self._parts)

    def prepare(self) -> None:
        """Write out what is left, and let small lexicons grow together. In a thread: 20 ms for each persona."""
        parts = list(self._parts)
        while parts[2:] and len(parts[-1].owners) * _APART > len(parts[-2].owners):
            last, other = parts.pop(), parts.pop()
            parts.append(_Part(self.facts, other.owners + last.owners))
        for part in parts:
            _ = part.lexicon
        self._parts = tuple(parts)

    @property
    def lexicons(self) -> list[Lexicon]:
        """Of the facts, and of what tells of stored personas."""
        return [part.lexicon for part in self._parts]

    def is_stored(self, scope: str) -> bool:
        """Whether the persona of *scope* is stored, not derived."""
        return scope in self._person.personas

    def values_of(self, scope: str | None) -> tuple[Fact, ...]:
        """The values of the persona of *scope*."""
        persona = self._person.persona(scope) if scope is not None else None
        return tuple(persona.values.values()) if persona is not None else ()

    def own(self, buffer: bytes, scope: str | None) -> Lexicon | None:
        """All spellings of the persona that a receiver meets; None where there is none, or nothing here can be hers.

        Cost: 2 us; 0.5 ms when a third party is met for the first time, 10 ms when something of hers is.
        """
        stored = self._person.personas.get(scope) if scope is not None else None
        if scope is None:
            return None
        if stored is None:
            hints = self._hints_of(scope)
            if hints is None or not (hints.may_be_in(buffer) or self._has_digest(buffer, scope, hints)):
                return None
        own = self._own.get(scope)
        if own is None:
            own = Lexicon(self._all_of(scope, stored))
            _keep(self._own, scope, own, _MOST_OWN)
        return own

    def _all_of(self, scope: str, stored: Persona | None) -> Iterator[tuple[Spelling, Owner]]:
        mails = _mails_of(self.facts)
        if stored is not None:
            return _hers(scope, stored.values.values(), spellings_exactly, mails)
        every = (_hers(scope, one.values.values(), short_spellings, mails) for one in self._derived(scope))
        return chain.from_iterable(every)

    def _derived(self, scope: str) -> tuple[Persona, ...]:
        """Who the person is at a third party, and was before. Where nobody can be invented there is nobody to be known:
        whoever needs a value of hers then is told.
        """
        derive = self._person.derive
        try:
            now = self._person.persona(scope)
            return (now, *derive.former(scope)) if now is not None and derive is not None else ()
        except ShieldError:
            return ()

    def _hints_of(self, scope: str) -> _Hints | None:
        if self._person.derive is None or not self.facts:
            return None
        found = self._hints.get(scope)
        if found is None:
            found = _Hints.of(self._derived(scope), {fact.id: fact.parts for fact in self.facts})
            _keep(self._hints, scope, found, _MOST_HINTS)
        return found

    def _has_digest(self, buffer: bytes, scope: str, hints: _Hints) -> bool:
        """Whether a digest of one of her values stands there, in hex or base64."""
        if _RUN not in buffer.translate(_AS_RUN):
            return False
        found = {_raw(run) for run in _DIGEST.findall(buffer)}
        if not found:
            return False
        if not hints.digests:
            every = chain.from_iterable(one.values.values() for one in self._derived(scope))
            hints.digests.update(chain.from_iterable(map(digests_of, every)))
        return not found.isdisjoint(hints.digests)


def _raw(run: bytes) -> bytes:
    """The bytes that a run of hex or base64 stands for."""
    if len(run) in _HEX:
        return bytes.fromhex(run.decode())
    return urlsafe_b64decode(run.translate(_URL) + b"=" * (-len(run) % 4))


class _Hints(NamedTuple):
    """What one of her values cannot be in a text without, unless as a digest.

    Attributes:
        words: a machine that finds them; None where she may be anywhere.
        digits: ends of telephone numbers, years.
        digests: filled when a message holds something as long as one.
    """

    words: BytesAhoCorasick | None
    digits: tuple[bytes, ...]
    digests: set[bytes]

    def __repr__(self) -> str:
        return "<Hints>"

    @classmethod
    def of(cls, personas: Iterable[Persona], true: Mapping[str, Mapping[str, str]]) -> _Hints:
        """Where she shows the truth she may be anywhere."""
        words: set[bytes] = set()
        digits: set[bytes] = set()
        for value in chain.from_iterable(persona.values.values() for persona in personas):
            if value.category == "gender":
                continue
            if value.parts == true.get(value.id):
                return cls(None, (), set())
            for name, text in value.parts.items():
                if name in ("country", "region"):
                    continue
                if value.category in ("phone", "date_of_birth"):
                    number = "".join(filter(str.isdigit, text)).encode()
                    digits.add(number[-_DIGITS:] if value.category == "phone" else number[:4])
                    continue
                text = text.partition("@")[0] if value.category == "email" else text
                written = text.lower().encode()
                found = _ASCII.findall(written)
                words.update(found or (written,) if written.isascii() else (*found, written, b"\\u", b"%"))
        return cls(BytesAhoCorasick(sorted(words - {b""})), tuple(digits - {b""}), set())

    def may_be_in(self, buffer: bytes) -> bool:
        """Cost: 2 us per KB."""
        if self.words is None or self.words.find_matches_as_indexes(buffer.lower()):
            return True
        digits = digits_of(buffer) if self.digits else b""
        return any(one in digits for one in self.digits)


def spellings_exactly(fact: Fact) -> Iterator[Spelling]:
    """All of a persona's value: without its tag an address is somebody else's."""
    return spellings(fact, exactly=True)


def _keep[T](memo: dict[str, T], key: str, value: T, most: int) -> None:
    """Bounded; the oldest goes."""
    while len(memo) >= most:
        memo.pop(next(iter(memo), key), None)
    memo[key] = value


def _without_others(part: _Part, person: Person) -> _Part:
    """*part* as it is, or without those who are others by now."""
    still = tuple(one for one in part.owners if person.personas.get(one.service) == one)
    return part if len(still) == len(part.owners) else _Part(part.facts, still)


def _owned(scope: str | None, facts: Iterable[Fact], spell: _Spell) -> Iterator[tuple[Spelling, Owner]]:
    for fact in facts:
        for one in spell(fact):
            yield one, Owner(scope, one.likeness, fact.category)


def _hers(scope: str, values: Iterable[Fact], spell: _Spell, mails: Mails) -> Iterator[tuple[Spelling, Owner]]:
    """Without what is a spelling of a real address (some company's normal form of an alias is): that is mine, unless
    the person chose to keep the truth there.
    """
    for value in values:
        is_true = value.category != "email" or value.value.strip().lower() in mails.values
        yield from (one for one in _owned(scope, (value,), spell) if is_true or one[0].text not in mails.texts)


def _mails_of(facts: tuple[Fact, ...]) -> Mails:
    return _mails(tuple((fact.id, tuple(fact.parts.items())) for fact in facts if fact.category == "email"))


@lru_cache(maxsize=4)
def _mails(facts: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]) -> Mails:
    every = [Fact(fact_id, "email", dict(parts)) for fact_id, parts in facts]
    texts = frozenset(one.text for fact in every for one in spellings(fact))
    return Mails(frozenset(fact.value.strip().lower() for fact in every), texts)
