"""HostPattern, PathPattern, ValuePattern: what rules write about hosts, paths and values, compiled once.

All three are globs. A run of wildcards and literals is matched leftmost first, each literal inside an atomic
group, so that no pattern can be made to backtrack: a page that chooses its own paths cannot slow us down.
For globs the leftmost choice is complete: if any assignment of the wildcards fits, this one does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from shield.paths import Reading, Readings, folded, readings

Spans = Mapping[str, tuple[int, int]]
_NO_PARTS: Final[Spans] = MappingProxyType({})
_WILD = re.compile(r"\*\*|\*|\{([^{}]*)\}")
_PART = re.compile(r"([a-z][a-z0-9_]*)(\*\*)?")
MATCHES: Final = "matches:"
"""Begins a value that is a regular expression, in the text of a :class:`ValuePattern`."""


@dataclass(frozen=True, slots=True)
class HostPattern:
    """A host of a rule: ``example.com`` means the host and its subdomains, ``=example.com`` it alone.

    ``*`` is any run of characters inside one label (``fls-*.amazon.de``); ``*`` alone is every host.
    Families (``google.<country>``) are expanded before.

    Attributes:
        literal: the host where nothing in it is special, else None.
        exact: whether subdomains are left out.
        characters: how many of its characters are literal; more is more specific.

    Raises:
        ValueError: not a host; the text says why.
    """

    text: str
    literal: str | None = field(init=False, compare=False, repr=False)
    exact: bool = field(init=False, compare=False, repr=False)
    characters: int = field(init=False, compare=False, repr=False)
    _tail: str = field(init=False, compare=False, repr=False)
    _regex: re.Pattern[str] | None = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        exact = self.text.startswith("=")
        host = _ascii_host(self.text[exact:])
        special = "*" in host
        object.__setattr__(self, "exact", exact)
        object.__setattr__(self, "literal", None if special else host)
        object.__setattr__(self, "characters", len(host) - host.count("*"))
        object.__setattr__(self, "_tail", "." + host)
        object.__setattr__(self, "_regex", _host_regex(host, exact=exact) if special else None)

    def matches(self, host: str) -> bool:
        """Whether *host* (lower case, IDNA, without port) is meant."""
        if self._regex is not None:
            return self._regex.fullmatch(host) is not None
        return host == self.literal or (not self.exact and host.endswith(self._tail))


def _ascii_host(text: str) -> str:
    """Lower case and IDNA, as hosts travel.

    Raises:
        ValueError: empty, or with something that is no part of a host.
    """
    if not text:
        raise ValueError("a host is empty")
    if "://" in text or "/" in text:
        raise ValueError("a host has no scheme and no path")
    if text.startswith("["):  # an IPv6 address; brackets as in a URL
        return text.strip("[]").lower()
    try:
        labels = text.lower().split(".")
        host = ".".join(label if label.isascii() else label.encode("idna").decode() for label in labels)
    except UnicodeError:
        raise ValueError("this is no host name") from None
    if not re.fullmatch(r"[a-z0-9_*:.-]+", host) or ".." in host or host.startswith("."):
        raise ValueError("this is no host name")
    if re.search(r"[^0-9a-f:]:|:[^0-9a-f:]", host) or re.fullmatch(r"[^:]+:\d+", host):
        raise ValueError("a host has no port")
    return host.rstrip(".")


def _host_regex(host: str, *, exact: bool) -> re.Pattern[str]:
    labels = (r"[^.]*".join(re.escape(piece) for piece in re.split(r"\*+", label)) for label in host.split("."))
    return re.compile(("" if exact else r"(?:.*\.)?") + r"\.".join(labels), re.DOTALL)


@dataclass(frozen=True, slots=True)
class PathPattern:
    """A path of a rule: ``*`` is any run inside one segment, ``**`` any number of segments.

    Parts may be named: ``{name}`` is one run without ``/``, ``{name**}`` any run; a part ends at the first
    place where what follows it can stand. ``/a/**`` is everything below ``/a/``.

    Attributes:
        literal: the path where nothing in it is special, else None.
        names: the named parts, in order.
        characters: how many of its characters are literal; more is more specific.

    Raises:
        ValueError: the text says why.
    """

    text: str
    literal: str | None = field(init=False, compare=False, repr=False)
    names: tuple[str, ...] = field(init=False, compare=False, repr=False)
    characters: int = field(init=False, compare=False, repr=False)
    _regex: re.Pattern[str] | None = field(init=False, compare=False, repr=False)
    _folded: str = field(init=False, compare=False, repr=False)
    _anyhow: re.Pattern[str] | None = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        if not self.text.startswith(("/", "*", "{")):
            raise ValueError("a path begins with '/'")
        runs = _runs(self.text)
        names = tuple(run.name for run in runs if run.name)
        if len(set(names)) < len(names):
            raise ValueError("two parts of a path have the same name")
        special = len(runs) > 1
        object.__setattr__(self, "names", names)
        object.__setattr__(self, "characters", sum(len(run.then) for run in runs))
        object.__setattr__(self, "literal", None if special else self.text)
        object.__setattr__(self, "_regex", re.compile(_path_source(runs), re.DOTALL) if special else None)
        wide = _as_read(self.text)
        object.__setattr__(self, "_folded", folded(wide))
        object.__setattr__(self, "_anyhow", _anyhow_regex(wide) if special else None)

    def match(self, path: str) -> Spans | None:
        """Spans of the named parts when *path* (one character per byte) matches to the letter, else None.

        Without names the mapping is empty: compare with ``is not None``, or ask :meth:`matches`.
        """
        if self._regex is None:
            return _NO_PARTS if path == self.literal else None
        return self._spans(self._regex.fullmatch(path), Reading(path))

    def matches(self, path: str) -> bool:
        """Whether *path* is meant, to the letter."""
        return path == self.literal if self._regex is None else self._regex.fullmatch(path) is not None

    def holds(self, paths: Readings, *, protects: bool) -> bool:
        """Whether a path is meant as all read it or, for what *protects*, as anybody may."""
        if not protects:
            return any(self._is_served(one.text) for one in paths.served) and self._is_agreed(paths)
        if self._anyhow is None:
            return self._folded in paths.folded
        matches = self._anyhow.fullmatch
        return any(matches(one.text) for one in paths.anyhow)

    def _is_served(self, text: str) -> bool:
        return self.matches(text) or (self.text.endswith("/") and self.matches(text + "/"))

    def _is_agreed(self, paths: Readings) -> bool:
        """Whether it is meant by the widest reading; with parameters only where it states some itself."""
        if not paths.widest:
            return True
        text = paths.widest[";" in self.text]
        return folded(text) == self._folded if self._anyhow is None else self._anyhow.fullmatch(text) is not None

    def parts(self, paths: Readings, *, protects: bool) -> Spans | None:
        """Spans of the named parts, in the path as it came, by the first reading that matches; None: none does."""
        regex = self._anyhow if protects else self._regex
        if not protects and not self._is_agreed(paths):
            return None
        if regex is None:
            return _NO_PARTS if self.holds(paths, protects=protects) else None
        for one in paths.anyhow if protects else paths.served:
            spans = self._spans(regex.fullmatch(one.text), one)
            if spans is not None:
                return spans
        return None

    def _spans(self, found: re.Match[str] | None, reading: Reading) -> Spans | None:
        if found is None:
            return None
        return {name: reading.span(*found.span(name)) for name in self.names} if self.names else _NO_PARTS


def _as_read(text: str) -> str:
    """A path of a rule in the widest reading; wildcards and named parts stay."""
    wide = readings(text).widest if text.startswith("/") else ()
    read = wide[";" in text] if wide else text
    return read if _WILD.findall(read) == _WILD.findall(text) else text


def _anyhow_regex(text: str) -> re.Pattern[str]:
    """For readings in which letter case and a last slash do not count; a last ``**`` takes the slash along."""
    runs = _runs(text.removesuffix("/"))
    end = "" if runs[-1].wild == "**" and not runs[-1].then else "/?"
    return re.compile(_path_source(runs) + end, re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Run:
    """A wildcard (``""`` before the first, ``*`` or ``**``), its name, and the literal text after it."""

    wild: str
    name: str
    then: str


def _runs(text: str) -> list[_Run]:
    """Split a path into wildcards, each with the literal text that follows it."""
    found = list(_WILD.finditer(text))
    starts = [0, *(one.end() for one in found)]
    ends = [*(one.start() for one in found), len(text)]
    literals = [text[start:end] for start, end in zip(starts, ends, strict=True)]
    runs = [_Run("", "", literals[0])]
    for one, then in zip(found, literals[1:], strict=True):
        wild, name = _wild(one)
        if runs[-1].wild and not runs[-1].then:
            raise ValueError("two wildcards or parts of a path need something between them")
        runs.append(_Run(wild, name, then))
    if "{" in "".join(literals) or "}" in "".join(literals):
        raise ValueError("a part of a path is written {name} or {name**}")
    return runs


def _wild(found: re.Match[str]) -> tuple[str, str]:
    if found[1] is None:
        return found[0], ""
    part = _PART.fullmatch(found[1])
    if part is None:
        raise ValueError("a part of a path is written {name} or {name**}; names have a-z, 0-9 and _")
    return part[2] or "*", part[1]


def _path_source(runs: list[_Run]) -> str:
    """The regular expression: one atomic group per ``**`` with what follows it up to the next ``**``."""
    chunks: list[str] = []
    open_at = 0
    for index, run in enumerate(runs):
        is_last = index == len(runs) - 1
        if run.wild == "**":
            chunks, open_at = [*chunks[:open_at], _atomic(chunks[open_at:])], open_at + 1
            chunks.append(_any_segments(runs[index - 1].then, run, is_last))
            continue
        source = re.escape(run.then)
        if run.wild:
            source = _named(run, "[^/]*?") + source
            source = source if is_last else f"(?>{source})"
        chunks.append(source)
    return "".join(chunks)


def _atomic(chunks: list[str]) -> str:
    source = "".join(chunks)
    return f"(?>{source})" if source else ""


def _named(run: _Run, source: str) -> str:
    return f"(?P<{run.name}>{source})" if run.name else source


def _any_segments(before: str, run: _Run, is_last: bool) -> str:
    """``**`` between slashes may stand for no segment at all."""
    if before.endswith("/") and not run.name:
        if is_last and not run.then:
            return "(?:(?<=/).*)"
        if run.then.startswith("/"):
            return "(?:.*?/)??" + re.escape(run.then[1:])
    return _named(run, ".*?") + re.escape(run.then)


@dataclass(frozen=True, slots=True)
class ValuePattern:
    """What a value must look like as a whole: ``*`` is any run of characters, or ``matches:REGEX``.

    Values are bytes; the pattern's text is UTF-8.
    """

    text: str
    _test: Callable[[bytes], bool] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_test", glob(self.text))

    def matches(self, value: bytes) -> bool:
        """Whether the whole of *value* is meant."""
        return self._test(value)


@lru_cache(maxsize=4096)
def glob(text: str) -> Callable[[bytes], bool]:
    """A test of whole values for a glob of ``*``, or for ``matches:REGEX``.

    Raises:
        ValueError: the expression is none. Whether it is linear is checked when rules are loaded.
    """
    if text.startswith(MATCHES):
        regex = whole(text.removeprefix(MATCHES))
        return lambda value: regex.match(value) is not None
    first, *rest = (piece.encode() for piece in re.split(r"\*+", text))
    if not rest:
        return lambda value: value == first
    if rest == [b""]:
        return (lambda value: value.startswith(first)) if first else (lambda value: True)
    middle = b"".join(b"(?>.*?" + re.escape(piece) + b")" for piece in rest[:-1])
    tail = rest[-1]
    regex = re.compile(re.escape(first) + middle, re.DOTALL)

    def test(value: bytes) -> bool:
        found = regex.match(value)
        return found is not None and value.endswith(tail) and found.end() + len(tail) <= len(value)

    return test


@lru_cache(maxsize=4096)
def whole(expression: str) -> re.Pattern[bytes]:
    """Compile a regular expression so that search, match and fullmatch all mean the whole value.

    ``(?i)`` at its beginning makes it blind to case; ``.`` is any byte.

    Raises:
        ValueError: it is no regular expression.
    """
    folded = expression.removeprefix("(?i)")
    flags = re.DOTALL | (re.IGNORECASE if folded != expression else 0)
    try:
        re.compile(folded.encode(), flags)
        return re.compile(rb"\A(?:" + folded.encode() + rb")\Z", flags)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"this is no regular expression: {error}") from None
