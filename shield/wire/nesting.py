"""What opens inside a value: nobody declared it, so the value itself has to say.

**What is tried.** Four looks for single bytes and one regular expression (``_HINT``) leave most values alone: words,
numbers, dates. What is left is tried in this order, each notation on what the one before left over, and what opens is
looked at again, to eight levels: JSON; a GraphQL text; an absolute address; a signed text (JWT); a query string;
percent escapes, entities and escapes of strings (anywhere in the value, they are told by their sign); what is packed
(bytes that are no text); and for one run of letters hex, base32, base64, LZ-string (``tokens``). A value that is none
of it is a leaf. Deeper than the limit, or more than the budget (shared by the whole message): an unreadable leaf.

**Why a false opening does no harm.** An opened value keeps its node, its address and its bytes, so rules that name it
still reach it, and no edit means no change. Notations that lie around their text (percent, entities, query) show
everything below that could be found above. Letters that are read as other letters (hex, base32, base64, LZ-string)
hide what they were: such a node has the notation TOKEN, and ``detect`` searches its own text too. Digests are left
alone, for nothing readable comes out of them.

**What comes first and why.** Structure before escapes, for escapes inside a part belong to the part. Entities before a
query whose separators are ``&amp;``. Hex before base32 before base64, the stricter alphabet first: ten hex digits are
text once in 400 times by chance, sixteen never, and base64 of a text is never hex. Ten decimal digits are a number.

**Shortest.** Five bytes, a postcode: ten hex digits, eight letters of base32, seven of base64. Shorter ones are in the
lexicon of ``detect`` or not at all.

Not opened: ``a:b|c:d``, ``k=v;k=v``, lists with commas (facts in them are found as text), one pair ``a=b``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from shield.cleared import Cleared
from shield.errors import Unreadable
from shield.tree import Node
from shield.wire.entities import read_entities
from shield.wire.graphql import read_graphql
from shield.wire.jsontext import read_json
from shield.wire.limits import Budget, TooMuch
from shield.wire.lines import read_line
from shield.wire.names import BACKSLASH, PERCENT
from shield.wire.packed import read_packed
from shield.wire.percent import read_inner
from shield.wire.protobuf import read_plausible
from shield.wire.querytext import read_query
from shield.wire.quoted import read_quoted
from shield.wire.signedtext import read_signed
from shield.wire.tokens import read_token, read_wide
from shield.wire.url import read_url

Reader = Callable[[Node, Budget], list[Node]]

AMPERSAND: Final = ord("&")
_LETTERS: Final = rb"[A-Za-z0-9+/_-]"
_TOKEN: Final = (
    _LETTERS
    + rb"{7,}+(?:={0,6}|[.*]{0,2}|(?:\r?\n"
    + _LETTERS
    + rb"++)+[=.*]{0,2}(?:\r?\n)?|(?: "
    + _LETTERS
    + rb"++)+={0,3})\Z"
)
_HINT: Final = re.compile(
    _TOKEN + rb"|[{\[]|[hH][tT][tT][pP][sS]?://|\s+[{\[]|\)\]\}'|for \(;;\);|while\(1\);|\"[^\"]{6}|j:[{\[]|s:.{20}"
    rb"|e[yw][A-Za-z0-9_-]{6,}={0,2}\.|\.(?:eJ|\.?/)|/[^?]*\?|[A-Za-z0-9+/=_-]{40,}+\Z"
    rb"|[\x00-\x08\n\x0b\x0c\x0e-\x1f\x7f]|(?:query|mutation|subscription|fragment)[\s({@]|#[^\n]*+\n"
)
_IS_TOKEN: Final = re.compile(_TOKEN)
_DIGEST_BEHIND: Final = re.compile(rb".+--[0-9a-f]{40,128}")
_BY_FIRST: Final[dict[int, tuple[Reader, ...]]] = {
    **dict.fromkeys(b"[)wj", (read_json,)),
    **dict.fromkeys(b"{\t\n\r f", (read_json, read_graphql)),
    **dict.fromkeys(b"qm#", (read_graphql,)),
    **dict.fromkeys(b"hH", (read_url,)),
    **dict.fromkeys(b"e.", (read_signed,)),
    ord("s"): (read_signed, read_graphql),
}
"""Who is asked first, by the first character of what is no token."""
_CLEARED: Final = Cleared()
"""A memo of values in which nothing opens; that follows from the value alone."""
_SHORT: Final = 7
"""Fewer letters and digits than these hold nothing."""
_LINE_READERS: Final[tuple[Reader, ...]] = (read_line,)
_BLANK, _QUOTE, _DELETE = b' "\x7f'


def open_values(leaves: Iterable[Node], budget: Budget) -> None:
    """Open what is nested in *leaves*, and in what that holds, and so on."""
    level = _worth_a_look(leaves)
    depth = 0
    cleared = _CLEARED.numbers
    while level:
        found: list[Node] = []
        for leaf in level:
            number = hash(leaf.content)
            if number in cleared and depth < budget.limits.nestings:
                continue
            found += _open_one(leaf, budget, depth)
            if not leaf.children and leaf.unreadable is None and leaf.notation is None:
                _CLEARED.add(number)
        level = _worth_a_look(found)
        depth += 1


def _worth_a_look(leaves: Iterable[Node]) -> list[Node]:
    hint = _HINT.match
    return [
        leaf for leaf in leaves
        if (content := leaf.content) and not (len(content) < _SHORT and content.isalnum()) and (
            PERCENT in content or AMPERSAND in content or BACKSLASH in content or hint(content)
            or not content.isascii()
        )
    ]  # fmt: skip


def open_lines(lines: list[Node], budget: Budget) -> None:
    """Open the lines of a text: query strings first, then as any value."""
    found: list[Node] = []
    for line in lines:
        if b"=" in line.content:
            found += _first(line, budget, _LINE_READERS)
    open_values([*(line for line in lines if not line.children), *found], budget)


def _open_one(leaf: Node, budget: Budget, depth: int) -> list[Node]:
    if depth >= budget.limits.nestings:
        leaf.unreadable = f"more than {budget.limits.nestings} notations inside each other"
        return []
    content = leaf.content
    try:
        if _IS_TOKEN.match(content):
            return read_token(leaf, budget)
        readers = _BY_FIRST.get(content[0])
        if readers is not None:
            return readers[0](leaf, budget)
    except TooMuch as error:
        leaf.unreadable = error.message
        return []
    except Unreadable:
        pass
    return _first(leaf, budget, _readers(content))


def _readers(content: bytes) -> Iterator[Reader]:
    """Who else may be able to read this, in the order of the theory above."""
    first = content[0]
    yield from _BY_FIRST.get(first, ())[1:]
    if AMPERSAND in content:
        yield from (read_entities, read_query) if b"&amp;" in content else (read_query, read_entities)
    elif first in b"/.":
        yield read_query
    if PERCENT in content:
        yield read_inner
    if BACKSLASH in content or (
        first == _QUOTE and content[-1] == _QUOTE and _HINT.match(content, 1, len(content) - 1)
    ):
        yield read_quoted
    if content[-1] in b"0123456789abcdef" and _DIGEST_BEHIND.fullmatch(content):
        yield read_signed
    if first < _BLANK or first == _DELETE or not content.isascii():
        yield from (read_packed, read_plausible, read_wide)


def _first(leaf: Node, budget: Budget, readers: Iterable[Reader]) -> list[Node]:
    """The fields that the first reader which can read *leaf* finds."""
    for reader in readers:
        try:
            return reader(leaf, budget)
        except TooMuch as error:
            leaf.unreadable = error.message
            return []
        except Unreadable:
            continue
    return []
