"""XML and property lists by spans over the bytes, without recursion (XML 1.0; SOAP; Apple's plist DTD).

``xml:/Envelope/Body/name`` is the text of an element, ``xml:/Envelope/Body/name/@id`` an attribute; prefixes of
namespaces are left out of elements' names, for clients choose them freely. Several of one name are that address several
times. Where text stands between elements, each piece is ``.../#text``. In a property list a member of a dict has the
name of its key, ``xml:/plist/dict/user/name``, and a member of an array its number. An element with others inside is a
node of its own address; one with nothing but a text is that text, and with its tags a node of the address around it.

Nothing is expanded: a document type with declarations of its own is unreadable, references to entities stay as they are
spelled. Comments, processing instructions and keys are no fields. Well-formedness is checked as far as spans need it:
tags that match, one root. UTF-8 and the Latin character sets are read, UTF-16 and binary property lists are not.

Edits (``xmlvalue``): texts, sections, attributes; an element that is stripped goes with its tags, in a property list
with its key; an attribute goes with the blank before it. Nothing can be added. Only read: names and keys. An edit
costs one pass over the bytes of each element around it.
"""

from __future__ import annotations

import re
from typing import Final

from shield.address import SEPARATOR, show_address
from shield.errors import Unreadable, Unwritable
from shield.tree import ENVELOPE, HEADED, Node
from shield.wire.limits import Budget, TooMuch
from shield.wire.names import below, step
from shield.wire.xmlvalue import CData, Empty, Text, charset

_NAME: Final = rb"[^\s<>/=\"'!?&\x00-\x1f][^\s<>/=\"'&\x00-\x1f]*+"
_ATTRIBUTE: Final = rb"\s++(" + _NAME + rb")\s*+=\s*+(\"[^\"<]*+\"|'[^'<]*+')"
_TOKEN: Final = re.compile(
    rb"</(?P<close>" + _NAME + rb")\s*+>"
    rb"|<(?P<open>" + _NAME + rb")(?P<with>(?:" + _ATTRIBUTE + rb")*+)\s*+(?P<empty>/?)>"
    rb"|(?P<cdata><!\[CDATA\[.*?\]\]>)"
    rb"|(?P<skip><!--.*?-->|<\?.*?\?>)"
    rb"|(?P<type><!DOCTYPE[^<>\[\]]*+>)",
    re.DOTALL,
)  # fmt: skip
_ATTRIBUTES: Final = re.compile(_ATTRIBUTE)
_ENCODING: Final = re.compile(rb"<\?xml\s[^<>?]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_BOM: Final = b"\xef\xbb\xbf"
TYPES: Final = (b"application/xml", b"text/xml", b"application/x-apple-plist", b"application/x-plist")
"""And every type that ends in ``+xml`` (RFC 7303 section 8)."""


class Elements:
    """How an element splits; it stays when its last child goes."""

    name = "xml:"
    vanishes = False

    def append(self, node: Node, items: list[tuple[str, bytes]], is_empty: bool) -> tuple[int, bytes]:
        """An element takes no new child."""
        raise Unwritable(f"nothing can be added to {show_address(node.address)}")


ELEMENTS: Final = Elements()


def read_xml(node: Node, budget: Budget) -> list[Node]:
    """Open the document that is all of *node*'s content below an only child ``xml:``; texts and attributes.

    Raises:
        Unreadable: not well-formed, declares entities, or a character set that nobody here reads. TooMuch: a limit.
            *node* stays a leaf either way.
    """
    content = node.content
    root = Node(node, below(node.address, "xml:"), 0, len(content), content)
    scan = _Scan(content, budget)
    budget.spend(1, len(content))
    scan.read(root)
    node.children, node.notation = (root,), ENVELOPE
    return scan.leaves


class _Open:
    """An element whose end tag is not reached yet.

    Attributes:
        start, inside: offsets of what goes with it (its key, else its tag), and of what follows its start tag.
        texts: span of each text that is not blank, and whether it is a section.
        skipped: whether comments stand inside.
        key: step for the next member, and offset of its key, if nothing stands between: of a dict in a property list.
    """

    __slots__ = (
        "address", "attributes", "children", "count", "inside", "key", "name", "node", "skipped", "start", "texts",
    )  # fmt: skip

    def __init__(self, node: Node, name: bytes, start: int, inside: int) -> None:
        self.node = node
        self.address = node.address
        self.name = name
        self.start = start
        self.inside = inside
        self.attributes: list[Node] = []
        self.children: list[Node] = []
        self.texts: list[tuple[int, int, bool]] = []
        self.skipped = False
        self.key: tuple[str, int | None] | None = None
        self.count = 0


class _Scan:
    """One pass over the text."""

    __slots__ = ("budget", "data", "is_plist", "layers", "leaves", "stack", "text")

    def __init__(self, data: bytes, budget: Budget) -> None:
        self.data = data
        self.budget = budget
        self.leaves: list[Node] = []
        self.stack: list[_Open] = []
        self.is_plist = False
        declared = _ENCODING.match(data, len(_BOM) if data.startswith(_BOM) else 0)
        codec = charset(declared[1]) if declared else None
        self.text = Text(codec)
        self.layers = {quote: Text(codec, bytes([quote])) for quote in b"\"'"}

    def read(self, root: Node) -> None:
        """Fill *root*, which spans the document."""
        data, size = self.data, len(self.data)
        document = _Open(root, b"", 0, 0)
        self.stack.append(document)
        position = len(_BOM) if data.startswith(_BOM) else 0
        while position < size:
            start = data.find(b"<", position)
            end = size if start < 0 else start
            if end > position and not data[position:end].isspace():
                self._text(position, end)
            position = end if start < 0 else self._markup(start)
        if len(self.stack) != 1 or len(document.children) != 1:
            raise Unreadable("not XML: tags that do not match")
        root.children, root.notation = tuple(document.children), ELEMENTS

    def _text(self, start: int, end: int, *, is_section: bool = False) -> None:
        if len(self.stack) == 1:
            raise Unreadable("not XML: text outside of elements")
        top = self.stack[-1]
        top.texts.append((start, end, is_section))
        if top.key is not None:
            top.key = top.key[0], None  # a text may not go with the member that follows it

    def _markup(self, start: int) -> int:
        """Read the tag or the other markup at *start*; the offset after it."""
        match = _TOKEN.match(self.data, start)
        if match is None:
            raise Unreadable("not XML, or with declarations of its own")
        if match["open"] is not None:
            self._open(match)
        elif match["close"] is not None:
            self._close(match["close"], start, match.end())
        elif match["cdata"] is not None:
            self._text(start, match.end(), is_section=True)
        else:
            self.stack[-1].skipped = True
        return match.end()

    def _open(self, match: re.Match[bytes]) -> None:
        """Put the element that starts here on the stack."""
        if len(self.stack) > self.budget.limits.levels:
            raise TooMuch(f"XML more than {self.budget.limits.levels} levels deep")
        top, name = self.stack[-1], match["open"]
        local = name.rpartition(b":")[2]
        if len(self.stack) == 1:
            self.is_plist = local == b"plist"
        start, own = match.start(), step(local)
        if self.is_plist and top.name == b"array":
            own = str(top.count)
        elif top.key is not None and local != b"key":
            own, key_start = top.key
            start = start if key_start is None else key_start
            top.key = None
        top.count += 1
        node = Node(top.node, f"{top.address}{SEPARATOR}{own}", start - top.start, 0, b"")
        element = _Open(node, name, start, match.end())
        self.budget.spend(2, 0)
        if match["with"]:
            self._attributes(element, *match.span("with"))
        self.stack.append(element)
        if match["empty"]:
            self._close(name, match.start("empty"), match.end(), is_empty=True)

    def _attributes(self, element: _Open, start: int, end: int) -> None:
        base = element.start
        for match in _ATTRIBUTES.finditer(self.data, start, end):
            first, last = match.start(2) + 1, match.end(2) - 1
            layer = self.layers[match[2][0]]
            address = f"{element.address}{SEPARATOR}@{step(match[1])}"
            outer = (match.start() - base, match.end() - base)
            content = layer.open(self.data[first:last])
            element.attributes.append(Node(element.node, address, first - base, last - base, content, outer, layer))
        self.budget.spend(len(element.attributes), end - start)
        self.leaves += element.attributes

    def _close(self, name: bytes, start: int, end: int, *, is_empty: bool = False) -> None:
        """Complete the innermost element, whose end tag stands here."""
        if len(self.stack) == 1 or self.stack[-1].name != name:
            raise Unreadable("not XML: tags that do not match")
        done, top = self.stack.pop(), self.stack[-1]
        if self.is_plist and top.name == b"dict" and name == b"key" and self._is_plain(done):
            key = b"".join(self.text.open(self.data[slice(*text[:2])]) for text in done.texts)
            top.key = step(key), done.start
            return
        node = done.node
        node.end = end - top.start
        node.content = self.data[done.start : end]
        self.budget.spend(0, len(node.content))
        if done.children or len(done.texts) > 1 or (done.skipped and not done.texts):
            self._fill(done)
        else:
            node.address = top.address
            self._fill_plain(done, start, is_empty)
        top.children.append(node)

    def _is_plain(self, done: _Open) -> bool:
        return not (done.children or done.attributes or any(is_section for _, _, is_section in done.texts))

    def _fill(self, done: _Open) -> None:
        """An element with others in it, and perhaps text between them."""
        address = f"{done.address}{SEPARATOR}#text"
        texts = [self._leaf(done, address, *text) for text in done.texts]
        self.budget.spend(len(texts), 0)
        inside = sorted([*done.children, *texts], key=lambda child: child.start) if texts else done.children
        done.node.children, done.node.notation = (*done.attributes, *inside), ELEMENTS

    def _fill_plain(self, done: _Open, end: int, is_empty: bool) -> None:
        """An element with nothing but a text."""
        if is_empty:
            layer = Empty(self.text, done.name)
            leaf = Node(done.node, done.address, end - done.start, end + 2 - done.start, b"", None, layer)
            self.leaves.append(leaf)
        else:
            leaf = self._leaf(done, done.address, *(done.texts[0] if done.texts else (done.inside, end, False)))
        done.node.children, done.node.notation = (*done.attributes, leaf), HEADED

    def _leaf(self, done: _Open, address: str, start: int, end: int, is_section: bool) -> Node:
        layer = CData(self.text) if is_section else self.text
        raw = self.data[start:end]
        leaf = Node(done.node, address, start - done.start, end - done.start, layer.open(raw), None, layer)
        self.leaves.append(leaf)
        return leaf
