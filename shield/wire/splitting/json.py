"""JSON that passes (RFC 8259): scalars as soon as they are complete.

The addresses, layers and contents are those of ``jsontext``; containers are no nodes here, for most do not fit into
one fragment. A stripped value becomes null, its key stays: the comma may have left already. A string longer than may
be held passes in pieces that are cut between characters, each a field with the string's address; stripped it is empty.
Text that turns out not to be JSON passes without fields from there on.
"""

from __future__ import annotations

import re
from copy import copy
from typing import Final

from shield.address import SEPARATOR
from shield.errors import Unreadable
from shield.tree import Node
from shield.wire.jsonstring import STRING, open_string
from shield.wire.jsontext import BLANK, ITEM, MEMBER, OPENING, PREFIX, Steps, open_scalar
from shield.wire.limits import LIMITS, Budget, TooMuch
from shield.wire.nesting import open_values

_WS: Final = rb"[ \t\n\r]*+"
_INSIDE: Final = rb'[^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*+)*+'
_CUT_STRING: Final = rb'"' + _INSIDE + rb"(?:\\(?:u[0-9a-fA-F]{0,3})?)?\Z"
_CUT_SCALAR: Final = (
    rb"(?:-?(?:(?:0|[1-9][0-9]*+)(?:\.[0-9]*+)?(?:(?<=[0-9])[eE][+-]?[0-9]*+)?)?"
    rb"|t(?:r(?:ue?)?)?|f(?:a(?:l(?:se?)?)?)?|n(?:u(?:ll?)?)?)\Z"
)
_CUT_VALUE: Final = rb"(?:" + _CUT_STRING + rb"|" + _CUT_SCALAR + rb")"
_KEY: Final = rb'("' + _INSIDE + rb'")' + _WS
_CUT_ITEM: Final = re.compile(rb",?" + _WS + _CUT_VALUE).match
_CUT_MEMBER: Final = re.compile(
    rb",?" + _WS + rb"(?:\Z|" + _CUT_STRING + rb"|" + _KEY + rb"(?:\Z|:" + _WS + _CUT_VALUE + rb"))"
).match
"""What may become an item or a member when more comes."""
_LONG_ITEM: Final = re.compile(rb",?" + _WS + rb'()"').match
_LONG_MEMBER: Final = re.compile(rb",?" + _WS + _KEY + rb":" + _WS + rb'"').match
_STRING_PART: Final = re.compile(_INSIDE).match
_CUT_ESCAPE: Final = re.compile(rb"\\(?:u[0-9a-fA-F]{0,3})?\Z").match
_HIGH_SURROGATE: Final = re.compile(rb"\\u[dD][89abAB][0-9a-fA-F]{2}\Z")
_SCALAR: Final = (
    rb"(?:\"" + _INSIDE + rb"\"|-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?|true|false|null)" + _WS
)
_PAIR: Final = rb"\"" + _INSIDE + rb"\"" + _WS + rb":" + _WS
_FLAT: Final = rb"(?:%b|\{%b(?:%b%b(?:,%b%b%b)*+)?+\}%b|\[%b(?:%b(?:,%b%b)*+)?+\]%b)" % (
    _SCALAR, _WS, _PAIR, _SCALAR, _WS, _PAIR, _SCALAR, _WS, _WS, _SCALAR, _WS, _SCALAR, _WS,
)  # fmt: skip
_NEXT_FLAT_ITEM: Final = re.compile(rb"," + _WS + _FLAT + rb"(?=[,\]])").match
_FLAT_MEMBERS: Final = re.compile(rb"(?:," + _WS + _PAIR + _FLAT + rb"(?=[,}]))*+").match
"""An item, and a run of members, that hold scalars or are one; the byte behind tells that they are complete."""
_BEGINS: Final = (b"\xef\xbb\xbf", b")]}',", b"for (;;);")
_BLANKS: Final = b" \t\r\n"
_AFTER_SCALAR: Final = b",]} \t\r\n"


class StringPart:
    """The layer of a piece of a string, without its quotes."""

    name = "string"

    def close(self, content: bytes, raw: bytes) -> bytes:
        """Escaped as the whole would be."""
        return STRING.close(content, b'"' + raw + b'"')[1:-1]


STRING_PART: Final = StringPart()


class _Level:
    """An open container."""

    __slots__ = ("closing", "count", "cut", "first", "is_list", "long", "next", "prefix")

    def __init__(self, address: str, bracket: bytes) -> None:
        self.is_list = bracket == b"["
        self.closing = b"]" if self.is_list else b"}"
        first, following = ITEM if self.is_list else MEMBER
        self.first, self.next = first.match, following.match
        self.cut, self.long = (_CUT_ITEM, _LONG_ITEM) if self.is_list else (_CUT_MEMBER, _LONG_MEMBER)
        self.prefix = address + SEPARATOR
        self.count = 0


class Json:
    """Where in a JSON text the last fragment ended.

    Args:
        address: of the outermost value.
    """

    is_prompt = False

    def __init__(self, address: str = "json:") -> None:
        self._address = address
        self._stack: list[_Level] = []
        self._has_begun = False
        self._within: str | None = None

    @property
    def is_complete(self) -> bool:
        """Whether the outermost value has ended."""
        return self._has_begun and not self._stack and self._within is None

    def read(self, root: Node, out: list[Node], budget: Budget, is_last: bool) -> int:
        first = len(out)
        at = 0
        if self._within is not None:
            at = self._rest(root, out)
            first = len(out)
        if not self._has_begun:
            at = self._begin(root, out, is_last)
        if self._has_begun and self._within is None:
            try:
                at = self._members(root, out, at, budget, is_last)
            finally:
                open_values(out[first:], budget)
        return at

    def after(self, data: bytes) -> tuple[Json, int] | None:
        """Containers are told apart, and items counted; members that hold no container of containers go by the run."""
        if not self._has_begun or self._within is not None:
            return None
        behind = Json(self._address)
        behind._has_begun, behind._stack = True, [copy(level) for level in self._stack]
        return behind, behind._skip(data)

    def _skip(self, data: bytes) -> int:
        stack, steps, at = self._stack, Steps(), 0
        while stack:
            top = stack[-1]
            at = _past_blanks(data, at)
            if top.count:
                at = _past_flat(data, at, top)
            match = (top.next if top.count else top.first)(data, at)
            if match is None or _may_go_on(data, match, is_last=False):
                end = self._close(data, at, is_last=False)
                if end == at:
                    return at
                at = end
                continue
            if match.lastindex == OPENING:
                if len(stack) >= LIMITS.levels:
                    raise TooMuch(f"JSON more than {LIMITS.levels} levels deep")
                stack.append(_Level(top.prefix + (str(top.count) if top.is_list else steps[match[1]]), match[OPENING]))
            top.count += 1
            at = match.end()
        return self._after(data, at)

    def _begin(self, root: Node, out: list[Node], is_last: bool) -> int:
        """Read up to the first member, or the one scalar."""
        data = root.content
        prefix = PREFIX.match(data)
        at = prefix.end() if prefix else 0
        match = ITEM[0].match(data, at)
        if match is None or _may_go_on(data, match, is_last):
            bare = data.removeprefix(_BEGINS[0])
            may = any(begin.startswith(bare) for begin in _BEGINS) or data in _BEGINS[0] or _CUT_ITEM(data, at)
            if not may or is_last:
                raise Unreadable("not JSON")
            return 0
        kind = match.lastindex or 0
        self._has_begun = True
        if kind == OPENING:
            self._stack.append(_Level(self._address, match[kind]))
        else:
            out.append(_scalar(root, self._address, match, kind))
        return match.end()

    def _members(self, root: Node, out: list[Node], at: int, budget: Budget, is_last: bool) -> int:
        """Read what is complete."""
        data, stack, steps = root.content, self._stack, Steps()
        while stack:
            top = stack[-1]
            if at < len(data) and data[at] in _BLANKS:  # left over from the last fragment
                at = _past_blanks(data, at)
            match = (top.next if top.count else top.first)(data, at)
            if match is None or _may_go_on(data, match, is_last):
                end = self._close(data, at, is_last)
                if end == at:
                    return at
                at = end
                continue
            budget.spend(1, 0)
            address = top.prefix + (str(top.count) if top.is_list else steps[match[1]])
            top.count += 1
            at = match.end()
            kind = match.lastindex or 0
            if kind != OPENING:
                out.append(_scalar(root, address, match, kind))
            elif len(stack) >= budget.limits.levels:
                raise TooMuch(f"JSON more than {budget.limits.levels} levels deep")
            else:
                stack.append(_Level(address, match[kind]))
        return self._after(data, at)

    def _close(self, data: bytes, at: int, is_last: bool) -> int:
        """Leave the innermost container if it ends here; the same offset while that cannot be told."""
        top = self._stack[-1]
        end = at
        if top.count and data[end : end + 1] == b",":
            end = _past_blanks(data, end + 1)
        if data[end : end + 1] == top.closing:
            self._stack.pop()
            return _past_blanks(data, end + 1)
        if is_last or not (end == len(data) or top.cut(data, at)):
            raise Unreadable("not JSON")
        return at

    def _after(self, data: bytes, at: int) -> int:
        at = _past_blanks(data, at)
        if at < len(data):
            raise Unreadable("not JSON: text after the value")
        return at

    def part(self, root: Node, out: list[Node], at: int, budget: Budget) -> int:
        """Only a string may be that long."""
        data = root.content
        if self._within is not None:
            return at
        if self._has_begun:
            top = self._stack[-1]
            match = top.long(data, at)
        else:
            prefix = PREFIX.match(data)
            match = _LONG_ITEM(data, prefix.end() if prefix else 0)
        if match is None:
            raise Unreadable("not JSON, or a name that is too long")
        if self._has_begun:
            self._within = top.prefix + (str(top.count) if top.is_list else Steps()[match[1]])
            top.count += 1
        else:
            self._within, self._has_begun = self._address, True
        return self._pass(root, out, match.end())

    def _rest(self, root: Node, out: list[Node]) -> int:
        """The next piece of a long string, and its end if that is here."""
        return self._pass(root, out, 0)

    def _pass(self, root: Node, out: list[Node], start: int) -> int:
        data, address = root.content, self._within or ""
        match = _STRING_PART(data, start)
        end = match.end() if match else start
        if data[end : end + 1] == b'"':
            self._within = None
            if end > start:
                out.append(_piece(root, address, start, end))
            return _past_blanks(data, end + 1)
        if end < len(data) and not _CUT_ESCAPE(data, end):
            raise Unreadable("not JSON")
        end = _between_characters(data, start, end)
        if end > start:
            out.append(_piece(root, address, start, end))
        return end


def _past_flat(data: bytes, at: int, level: _Level) -> int:
    """Behind the items or members that follow and are flat."""
    if not level.is_list:
        match = _FLAT_MEMBERS(data, at)
        return match.end() if match else at
    while (match := _NEXT_FLAT_ITEM(data, at)) is not None:
        at = match.end()
        level.count += 1
    return at


def _past_blanks(data: bytes, at: int) -> int:
    match = BLANK.match(data, at)
    return match.end() if match else at


def _may_go_on(data: bytes, match: re.Match[bytes], is_last: bool) -> bool:
    """Whether a number or word that was read may be the beginning of a longer one (or of something else)."""
    kind = match.lastindex or 0
    if kind != OPENING - 1:
        return False
    end = match.end(kind)
    return not is_last if end == len(data) else data[end] not in _AFTER_SCALAR


def _scalar(root: Node, address: str, match: re.Match[bytes], kind: int) -> Node:
    start, end = match.span(kind)
    layer, content = open_scalar(match[kind], kind)
    node = Node(root, address, start, end, content, None, layer)
    node.gone = b"null"
    return node


def _piece(root: Node, address: str, start: int, end: int) -> Node:
    return Node(root, address, start, end, open_string(root.content[start:end]), None, STRING_PART)


def _between_characters(data: bytes, start: int, end: int) -> int:
    """The last offset up to *end* that does not part a character."""
    if _HIGH_SURROGATE.search(data, max(start, end - 6), end):
        return end - 6
    back = end
    while back > max(start, end - 4) and data[back - 1] & 0xC0 == 0x80:
        back -= 1
    if back > start and data[back - 1] >= 0xC0 and end - back + 1 < _length_of(data[back - 1]):
        return back - 1
    return end


def _length_of(lead: int) -> int:
    """Bytes of a character by its first (RFC 3629 section 3)."""
    return 4 if lead >= 0xF0 else 3 if lead >= 0xE0 else 2
