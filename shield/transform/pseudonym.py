"""Pseudonyms of identifiers: what the same value becomes within one scope, of the same shape.

A root is a keyed digest of the canonical value; the pseudonym follows from the root, the scope and its epoch, so
that no value has to be kept to make the pseudonym of another scope. Category is no part of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hmac import digest as hmac
from typing import Final

from shield.finding import Book, Issued
from shield.person import epoch_of
from shield.transform.shape import ENOUGH_BITS, Shape, shape

_ATTEMPTS: Final = 16
_DIGEST_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Scope:
    """Within what a pseudonym is equal, and which generation of it."""

    name: str
    epoch: int = 0

    @classmethod
    def of(cls, name: str, epochs: Mapping[str, int]) -> Scope:
        """*epochs* count rotations of a service's persona; every site below that service turns with it."""
        return cls(name, epoch_of(name, epochs))


def pseudonym(key: bytes, scope: str, epoch: int, value: bytes) -> bytes | None:
    """The pseudonym of an identifier; None where its shape has less than 64 free bits."""
    return from_root(root_of(key, value), Scope(scope, epoch), value)


def root_of(key: bytes, value: bytes) -> bytes:
    """HMAC of the canonical value, 32 bytes."""
    return _root(key, shape(value))


def _root(key: bytes, value: Shape) -> bytes:
    return hmac(key, b"root|" + value.canonical, "sha256")


def digest_of(key: bytes, value: bytes) -> bytes:
    """What the book knows an issued pseudonym by, 16 bytes."""
    return _digest(key, shape(value))


def _digest(key: bytes, value: Shape) -> bytes:
    return hmac(key, b"issued|" + value.canonical, "sha256")[:_DIGEST_BYTES]


def from_root(root: bytes, scope: Scope, value: bytes) -> bytes | None:
    """The pseudonym in the shape of *value*, which may be the original or a pseudonym of another scope."""
    made = _made(root, scope, shape(value))
    return made.value if made is not None else None


def _made(root: bytes, scope: Scope, old: Shape) -> Shape | None:
    if old.free_bits < ENOUGH_BITS:
        return None
    for attempt in range(_ATTEMPTS):
        seed = hmac(root, f"{scope.name}|{scope.epoch}|{attempt}".encode(), "sha256")
        made = shape(old.write(seed))
        if _is_read_alike(old, made):
            return made
    return None


def _is_read_alike(old: Shape, new: Shape) -> bool:
    """Whether the wrapper is found again around the new core, so that the pseudonym is recognised."""
    is_same = all((
        old.kind == new.kind,
        len(old.before) == len(new.before),
        len(old.core) == len(new.core),
        old.after == new.after,
        old.has_version == new.has_version,
    ))  # fmt: skip
    return is_same and old.canonical != new.canonical


@dataclass(frozen=True, slots=True)
class Given:
    """What a value becomes; *issued* is None where it is a pseudonym of this scope already."""

    value: bytes
    issued: Issued | None

    def __repr__(self) -> str:
        return f"<Given {len(self.value)} bytes>"


def give(key: bytes, book: Book, scope: Scope, value: bytes) -> Given | None:
    """The pseudonym of *value*, or of what *value* is a pseudonym of; None where the shape has no room.

    A pseudonym of this scope and epoch is left; one of an older epoch or another scope is exchanged.
    """
    old = shape(value)
    known = book.issued(_digest(key, old))
    if known is not None and (known.scope, known.epoch) == (scope.name, scope.epoch):
        return Given(value, None)
    root = known.root if known is not None else _root(key, old)
    made = _made(root, scope, old)
    if made is None:
        return None
    return Given(made.value, Issued(_digest(key, made), scope.name, scope.epoch, root))
