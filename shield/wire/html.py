"""HTML (WHATWG): the addresses in a page, its hidden inputs and the JSON in its scripts, by spans.

- ``link:href``, ``link:ping``, ``link:action``, ``link:src`` ...: attributes that hold addresses, on any element, and
  ``data-`` attributes that hold an address or JSON. The address of ``<base>`` is ``link:base``.
- ``link:refresh``: where a ``<meta http-equiv=refresh>`` leads; ``link:meta/header:NAME`` is any other http-equiv.
- ``link:hidden/form:NAME``: the value of a hidden input.
- ``link:script/json:/...``: a script of a JSON type, or a complete JSON behind ``=`` in another one.
- ``link:srcdoc/link:...``: the page in a frame.

What they hold opens as everywhere (``link:href/query:q``), of relative addresses the query. Duplicates of one
attribute are fields with one address, though browsers see only the first. Edits: any value; removal of an attribute
with its name (of a script's JSON: null). Only read: names, text, script code. The rest of the page stays byte for byte.
An edit costs one pass over the page.

The page is read by :class:`Page`, which can stop anywhere and go on; a page that passes is read the same way.
"""

from __future__ import annotations

import re
from functools import partial
from typing import Final

from shield.address import SEPARATOR, show_address
from shield.errors import Unreadable, Unwritable
from shield.tree import Folded, Node
from shield.wire import markup
from shield.wire.attributes import VALUE
from shield.wire.inlinejson import find_json, open_script
from shield.wire.limits import LIMITS, Budget, TooMuch
from shield.wire.names import below, step
from shield.wire.nesting import open_values
from shield.wire.url import read_reference

_ADDRESSES: Final = frozenset(markup.TELLING.split(b"|"))
_DATA: Final = re.compile(markup.DATA)
_REFRESH: Final = re.compile(
    rb"[\t\n\f\r ]*[0-9.]+[\t\n\f\r ]*[;,\t\n\f\r ][\t\n\f\r ;,]*(?:(?i:url)[\t\n\f\r ]*=[\t\n\f\r ]*)?"
    rb"(?:\"([^\"]+)|'([^']+)|([^\"'].*))",
    re.DOTALL,
)
_JSON_SCRIPT: Final = re.compile(
    rb"(?i:[a-z]+/(?:[a-z0-9.+_-]*\+)?json|importmap|speculationrules)\s*(?:;.*)?", re.DOTALL
)
_JAVASCRIPT: Final = re.compile(rb"(?i:module|(?:text|application)/(?:x-)?(?:java|ecma)script.*)?", re.DOTALL)
_NOT_RELATIVE: Final = re.compile(rb"(?i)[a-z][a-z0-9+.-]*:")
_MOST_PAGES: Final = 3
"""Pages in frames in pages."""
_COMMENT, _BOGUS, _UNQUOTED, _REST, _SCRIPT = b"!--", b"!", b"=", b">", b"script"


class _Page:
    """How a page splits."""

    name = "html"
    vanishes = False

    def append(self, node: Node, items: list[tuple[str, bytes]], is_empty: bool) -> tuple[int, bytes]:
        """A page takes no new field."""
        raise Unwritable(f"nothing can be added to {show_address(node.address)}")


class _Attribute(_Page):
    """An attribute goes with its value."""

    name = "attribute"
    vanishes = True


PAGE: Final = _Page()
ATTRIBUTE: Final = _Attribute()


class Page:
    """Where in a page the reading is.

    Args:
        address: of what holds the page; a body itself does not show.
        is_xml: ``<script/>`` is complete.
        depth: of pages around it.
    """

    is_prompt = False

    def __init__(self, address: str = "body", *, is_xml: bool = False, depth: int = 0) -> None:
        self._link = below(address, "link:")
        self._is_xml = is_xml
        self._depth = depth
        self._inside = b""
        self._tag = b""
        self._script = b""
        self._end = markup.ScriptEnd(0)
        self._unfold = partial(_unfold, budget=Budget(LIMITS), depth=depth)

    def read(self, root: Node, out: list[Node], budget: Budget, is_last: bool) -> int:
        """As ``splitting.driver.Reading``. What values hold is read when somebody asks."""
        self._unfold = partial(_unfold, budget=budget, depth=self._depth)
        return self._go(root, out, 0, budget, is_last)

    def part(self, root: Node, out: list[Node], at: int, budget: Budget) -> int:
        """A script or an attribute that is too long: what remains of it passes without fields."""
        if self._inside == _SCRIPT:
            self._script = b"passes"
            self._end.at += at
        elif self._inside not in (b"", _REST):
            return at
        else:
            at = self._cut_tag(root, out, at, budget)
        return self._go(root, out, at, budget, is_last=False)

    def _go(self, root: Node, out: list[Node], at: int, budget: Budget, is_last: bool) -> int:
        """Read from *at* on; the offset where more is needed."""
        data = root.content
        while True:
            if self._inside:
                at = self._leave(root, out, at, budget, is_last)
                if self._inside:
                    return at
            plain = markup.PLAIN.match(data, at)
            at = plain.end() if plain else at
            if at == len(data):
                return at
            tag = markup.TAG.match(data, at)
            end = self._other(data, at, is_last) if tag is None else tag.end()
            if end == at:
                return at
            if tag is not None:
                self._fields(root, out, tag[1].lower(), *tag.span(2), budget)
                self._enter(tag[1].lower(), data, end)
            at = end

    # --- what holds no markup ------------------------------------------------------------------------

    def _enter(self, tag: bytes, data: bytes, end: int) -> None:
        """What comes behind a start tag."""
        if self._is_xml and data[end - 2 : end] == b"/>":
            return
        if tag in markup.RAW_TEXT:
            self._inside = tag
        elif tag == _SCRIPT:
            self._inside, self._end = _SCRIPT, markup.ScriptEnd(end)

    def _other(self, data: bytes, at: int, is_last: bool) -> int:
        """What begins with ``<`` and is no complete tag; the same offset where more is needed."""
        comment = markup.COMMENT.match(data, at)
        rest = len(data) - at
        if comment is not None:
            if not comment[0].endswith(b">"):
                if rest < 6 and not is_last:
                    return at
                self._inside = _COMMENT
            return comment.end()
        if rest < 4 and not is_last and (b"<!--".startswith(data[at:]) or data[at:] == b"</"):
            return at
        following = data[at + 1 : at + 2]
        if following.isalpha() or (following == b"/" and data[at + 2 : at + 3].isalpha()):
            return at
        if following in (b"!", b"?", b"/"):
            self._inside = _BOGUS
            return at + 2
        return at + 1

    def _leave(self, root: Node, out: list[Node], at: int, budget: Budget, is_last: bool) -> int:
        """Read on to the end of what the page is inside of, and no further than there is anything of it."""
        data, inside = root.content, self._inside
        if inside == _SCRIPT:
            return self._leave_script(root, out, at, budget, is_last)
        if inside == _REST:
            rest = markup.REST_OF_TAG.match(data, at)
            if rest is None:
                return at
            self._inside = b""
            self._fields(root, out, self._tag, *rest.span(1), budget)
            self._enter(self._tag, data, rest.end())
            return rest.end()
        ends = _ENDS.get(inside) or markup.end_of_text(inside)
        found = ends.search(data, at)
        if found is None:
            return len(data) if is_last else max(at, len(data) - len(inside) - 2)
        self._inside = _REST if inside in (b'"', b"'", _UNQUOTED) else b""
        is_passed = inside in (b'"', b"'", _COMMENT, _BOGUS)
        return found.end() if is_passed else found.start()

    def _leave_script(self, root: Node, out: list[Node], at: int, budget: Budget, is_last: bool) -> int:
        data, end = root.content, self._end
        found = end.find(data, is_last)
        if found is not None:
            self._inside = b""
            if self._script == b"json":
                open_script(root, out, self._link, at, found, budget)
            elif self._script == b"code":
                find_json(root, out, self._link, at, found, budget)
            return found
        reached = max(at, end.at) if self._script in (b"", b"passes") else at
        end.at -= reached
        return reached

    def _cut_tag(self, root: Node, out: list[Node], at: int, budget: Budget) -> int:
        """A tag with a value that is too long: its attributes before that, and into the value."""
        cut = markup.CUT_TAG.match(root.content, at)
        if cut is None or cut.end() == at:
            raise Unreadable("a tag that is too long")
        if cut[1] is not None:
            self._tag = cut[1].lower()
        self._fields(root, out, self._tag, *cut.span(2), budget)
        self._inside = cut[3] or _UNQUOTED
        return cut.end()

    # --- fields --------------------------------------------------------------------------------------

    def _fields(self, root: Node, out: list[Node], tag: bytes, start: int, end: int, budget: Budget) -> None:
        """The attributes of one tag that tell something."""
        data = root.content
        known: dict[bytes, re.Match[bytes]] = {}
        first = len(out)
        for one in markup.ATTRIBUTE.finditer(data, start, end):
            if one[2] is None:
                continue
            name = one[1].lower()
            if name in _ADDRESSES or (name.startswith(b"data-") and _DATA.match(data, one.start(1), end)):
                budget.spend(2, len(one[0]))
                is_base = tag == b"base" and name == b"href"
                out.append(self._attribute(root, one, "base" if is_base else step(name.removeprefix(b"xlink:"))))
            known.setdefault(name, one)
        match tag:
            case b"script":
                self._script = _kind_of_script(known)
            case b"meta":
                self._meta(root, out, known, budget)
            case b"input":
                self._hidden(root, out, known, budget)
        if len(out) > first + 1:
            out[first:] = sorted(out[first:], key=lambda item: item.start)

    def _attribute(self, root: Node, one: re.Match[bytes], steps: str) -> Node:
        """An attribute with its name, and its value as a field inside."""
        whole = one[0]
        start, end = one.span()
        value, stop = one.span(2)
        item = Node(root, self._link, start, end, whole)
        item.gone = b"" if root.content[end : end + 1] in _CLOSES_ATTRIBUTE else b" "
        raw = one[2]
        address = f"{self._link}{SEPARATOR}{steps}"
        leaf = Folded(self._unfold, item, address, value - start, stop - start, VALUE.open(raw), None, VALUE)
        item.children, item.notation = (leaf,), ATTRIBUTE
        return item

    def _meta(self, root: Node, out: list[Node], known: dict[bytes, re.Match[bytes]], budget: Budget) -> None:
        content = known.get(b"content")
        name = _value(known, b"http-equiv").lower()
        if content is None or not name:
            return
        budget.spend(3, len(content[0]))
        item = self._attribute(root, content, f"meta{SEPARATOR}header:{SEPARATOR}{step(name)}")
        out.append(item)
        (leaf,) = item.children
        leads = _REFRESH.match(leaf.content) if name == b"refresh" else None
        if leads is not None:
            span = leads.span(leads.lastindex or 0)
            whole = Node(item, leaf.address, leaf.start, leaf.end, leaf.content, None, VALUE)
            address = f"{self._link}{SEPARATOR}refresh"
            to = Folded(self._unfold, whole, address, *span, whole.content[span[0] : span[1]])
            whole.children, whole.notation, item.children = (to,), ATTRIBUTE, (whole,)

    def _hidden(self, root: Node, out: list[Node], known: dict[bytes, re.Match[bytes]], budget: Budget) -> None:
        value, name = known.get(b"value"), _value(known, b"name")
        if value is None or not name or _value(known, b"type").lower() != b"hidden":
            return
        budget.spend(2, len(value[0]))
        out.append(self._attribute(root, value, f"hidden{SEPARATOR}form:{SEPARATOR}{step(name)}"))


_CLOSES_ATTRIBUTE: Final = (b"\t", b"\n", b"\f", b"\r", b" ", b">")
_ENDS: Final = {
    _COMMENT: markup.COMMENT_END,
    _BOGUS: re.compile(rb">"),
    b'"': re.compile(rb'"'),
    b"'": re.compile(rb"'"),
    _UNQUOTED: re.compile(rb"[\t\n\f\r >]"),
}


def _value(known: dict[bytes, re.Match[bytes]], name: bytes) -> bytes:
    one = known.get(name)
    return b"" if one is None else VALUE.open(one[2])


def _kind_of_script(known: dict[bytes, re.Match[bytes]]) -> bytes:
    kind = _value(known, b"type")
    if _JSON_SCRIPT.fullmatch(kind):
        return b"json"
    return b"code" if _JAVASCRIPT.fullmatch(kind) and b"src" not in known else b""


def _unfold(leaf: Node, budget: Budget, depth: int) -> None:
    """What a value holds: a page in a frame, the query of an address without scheme, or whatever it looks like."""
    leaves = [leaf]
    try:
        if leaf.address.endswith(f"{SEPARATOR}srcdoc"):
            if depth < _MOST_PAGES:
                read_html(leaf, budget, depth=depth + 1)
            return
        if b"?" in leaf.content and not _NOT_RELATIVE.match(leaf.content):
            leaves = read_reference(leaf, budget)
    except TooMuch as error:
        leaf.unreadable = error.message
        return
    except Unreadable:
        pass
    open_values(leaves, budget)


def read_html(node: Node, budget: Budget, *, is_xml: bool = False, depth: int = 0) -> None:
    """Open the page that *node* holds. A page without a field stays a leaf.

    Raises:
        TooMuch: more fields than are left; *node* stays a leaf.
    """
    out: list[Node] = []
    Page(node.address, is_xml=is_xml, depth=depth).read(node, out, budget, is_last=True)
    if out:
        node.children, node.notation = tuple(out), PAGE
