"""Addresses, patterns, edits on spans."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shield.address import SEPARATOR, AddressPattern, parse_address, show_address
from shield.edits import Edits, rebuild, splice
from shield.errors import Unwritable
from shield.opened import Opened
from shield.tree import ENVELOPE, Node

ADDRESSES = [
    ("query:cid", ["query:", "cid"]),
    ("query:ud[em]", ["query:", "ud[em]"]),
    ("query:a/b", ["query:", "a/b"]),
    ("header:x-client-data", ["header:", "x-client-data"]),
    ("json:", ["json:"]),
    ("json:/", ["json:", ""]),
    ("json:/a~1b/m~0n/0", ["json:", "a/b", "m~n", "0"]),
    ("form:variables/json:/input/0/email", ["form:", "variables", "json:", "input", "0", "email"]),
    ("text/line:1/query:cid", ["text", "line:", "1", "query:", "cid"]),
    ("frame/json:/a", ["frame", "json:", "a"]),
    ("query:x/base64/json:/a", ["query:", "x", "base64", "json:", "a"]),
    ("header:content-security-policy/csp:report-uri", ["header:", "content-security-policy", "csp:", "report-uri"]),
    ("protobuf:/1/*/19", ["protobuf:", "1", "*", "19"]),
    ("body", ["body"]),
]


@pytest.mark.parametrize(("text", "steps"), ADDRESSES)
def test_addresses_are_read_and_shown(text: str, steps: list[str]) -> None:
    """Both ways."""
    assert parse_address(text) == SEPARATOR.join(steps)
    assert show_address(SEPARATOR.join(steps)) == text


@pytest.mark.parametrize("text", ["", "email", "nonsense:x", "/a", "text:x", "query:a/nonsense:b x:"][:5])
def test_what_is_no_address(text: str) -> None:
    """An unknown notation or none at all; a bare word is a layer, so only its name can tell."""
    if text == "email":
        assert parse_address(text) == "email"
        return
    with pytest.raises(ValueError, match=r"address|notation|name"):
        parse_address(text)


def test_shown_addresses_are_printable() -> None:
    """A name holds what a peer chose; a terminal and a log see escapes."""
    assert show_address(f"query:{SEPARATOR}a\n\x1b[2J\udcff") == "query:a\\n\\x1b[2J\\udcff"


MATCHES = [
    ("query:cid", "query:cid", True), ("query:cid", "query:cid2", False), ("query:cid", "form:cid", False),
    ("query:*", "query:cid", True), ("query:*", "query:a/b", True), ("query:*", "query:dl/query:x", False),
    ("query:ep.*", "query:ep.x", True), ("query:ep.*", "query:epx", False), ("query:ud[*]", "query:ud[em]", True),
    ("*:id", "form:id", True), ("*:id", "multipart:id", True), ("*:id", "cookie:id", False),
    ("json:/**/latitude", "json:/latitude", True), ("json:/**/latitude", "json:/a/0/latitude", True),
    ("json:/**/latitude", "json:/a/latitude2", False), ("json:/*/a", "json:/x/y/a", False),
    ("form:variables/json:/**", "form:variables/json:", True), ("form:variables/json:/**", "form:variables", False),
    ("text/line:*/query:cid", "text/line:12/query:cid", True), ("header:Referer", "header:referer", True),
]  # fmt: skip


@pytest.mark.parametrize(("pattern", "address", "expected"), MATCHES)
def test_patterns(pattern: str, address: str, expected: bool) -> None:
    """``*`` stays in one step, ``**`` crosses; brackets and dots are plain."""
    assert AddressPattern(pattern).matches(parse_address(address)) is expected
    leaf = Node(None, parse_address(address), 0, 0, b"")
    opened = Opened(Node(None, "path:", 0, 0, b""), leaf, (), None)
    assert (leaf in list(opened.find(AddressPattern(pattern)))) is expected


class Comma:
    """Items between commas, for these tests."""

    name = "comma"

    def __init__(self, *, vanishes: bool = False) -> None:
        self.vanishes = vanishes

    def append(self, node: Node, items: list[tuple[str, bytes]], is_empty: bool) -> tuple[int, bytes]:
        """At the end."""
        return len(node.content), (b"" if is_empty else b",") + b",".join(content for _, content in items)


def commas(content: bytes, parent: Node | None = None, *, vanishes: bool = False) -> Node:
    """A node with an item per comma."""
    node = Node(parent, "x", 0, len(content), content)
    node.notation = Comma(vanishes=vanishes)
    position, children = 0, []
    for item in content.split(b","):
        end = position + len(item)
        children.append(Node(node, f"x{SEPARATOR}{len(children)}", position, end, item, outer=(position, end)))
        position = end + 1
    node.children = tuple(children)
    return node


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text("abc", min_size=1, max_size=3), min_size=1, max_size=7), st.data())
def test_removed_edited_and_added_items_are_a_list_again(items: list[str], data: st.DataObject) -> None:
    """As if the list had been written anew: one separator between items, none too many."""
    node = commas(",".join(items).encode())
    gone = data.draw(st.sets(st.integers(0, len(items) - 1)))
    new = data.draw(st.dictionaries(st.integers(0, len(items) - 1), st.text("xyz", max_size=3), max_size=3))
    added = data.draw(st.lists(st.text("pq", min_size=1, max_size=2), max_size=2))
    edits = Edits(
        content={node.children[i]: text.encode() for i, text in new.items()},
        removed={node.children[i] for i in gone},
        added={node: [("", text.encode()) for text in added]} if added else {},
    )
    expected = [new.get(i, item) for i, item in enumerate(items) if i not in gone] + added
    assert rebuild(node, edits) == ",".join(expected).encode()


def test_what_loses_its_last_child_goes_where_the_notation_says_so() -> None:
    """Through any number of envelopes; an addition or an edit of the container keeps it."""
    root = Node(None, "r", 0, 3, b"a,b")
    root.notation = ENVELOPE
    inner = commas(b"a,b", root, vanishes=True)
    root.children = (inner,)
    both = set(inner.children)
    assert Edits(removed=both).gone() == {*both, inner, root}
    assert Edits(removed={inner.children[0]}).gone() == {inner.children[0]}
    assert Edits(removed=both, added={inner: [("", b"c")]}).gone() == both
    assert Edits(removed=both, content={inner: b"c"}).gone() == both
    assert rebuild(root, Edits(removed=both, content={inner: b"c"})) == b"c"
    stays = commas(b"a,b")
    assert Edits(removed=set(stays.children)).gone() == set(stays.children)


def test_without_an_edit_the_content_is_the_same_object() -> None:
    """Nothing is copied."""
    node = commas(b"a,b")
    assert rebuild(node, Edits()) is node.content
    assert rebuild(node, Edits(removed={commas(b"c")})) is node.content


def test_the_outer_edit_wins() -> None:
    """New content of a node replaces everything below it."""
    node = commas(b"a,b")
    assert rebuild(node, Edits(content={node: b"x", node.children[0]: b"y"}, removed={node.children[1]})) == b"x"


def test_a_value_that_cannot_go_leaves_something() -> None:
    """``gone`` takes its place."""
    node = commas(b"1,2")
    node.children[1].outer, node.children[1].gone = None, b"null"
    assert rebuild(node, Edits(removed={node.children[1]})) == b"1,null"


def test_refusals() -> None:
    """Spans that overlap, additions where nothing fits."""
    with pytest.raises(Unwritable):
        splice(b"abcdef", [(0, 3, b""), (2, 4, b"")])
    leaf = Node(None, "x", 0, 1, b"a")
    with pytest.raises(Unwritable):
        rebuild(leaf, Edits(added={leaf: [("a", b"b")]}))


def test_a_very_deep_tree_is_rebuilt() -> None:
    """Without recursion: the interpreter's limit is no limit of ours."""
    root = node = Node(None, "x", 0, 1, b"a")
    for _ in range(5000):
        child = Node(node, "x", 0, 1, b"a")
        node.children, node.notation = (child,), ENVELOPE
        node = child
    assert rebuild(root, Edits(content={node: b"b"})) == b"b"
    assert list(root.leaves()) == [node]
    assert root in Edits(removed={node}).gone()
    assert node.is_within(root)
    assert not root.is_within(node)


def test_reprs_show_no_value() -> None:
    """Nodes and edits end up in logs and assertion texts."""
    leaf = Node(None, "x", 0, 6, b"secret")
    opened = Opened(leaf, leaf, (leaf,), leaf)
    shown = repr((leaf, Edits(content={leaf: b"secret"}, removed={leaf}, added={leaf: [("a", b"secret")]}), opened))
    assert "secret" not in shown
