"""XML: what holds for every document, and what hostile ones cost."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shield.address import parse_address, show_address
from shield.edits import Edits
from shield.errors import Unreadable, Unwritable
from shield.message import Request
from shield.tree import Node
from shield.wire import reader, writer
from shield.wire.limits import LIMITS, Budget
from shield.wire.xmltext import read_xml

TYPE = b"application/xml"
LETTERS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn"), exclude_characters="\ufeff"), max_size=10
)
NAMES = st.sampled_from(("a", "b", "name", "x-y", "n1", "_z", "dict", "key", "array", "plist"))


def post(body: bytes) -> Request:
    return Request("POST", "https", "h.test", 443, b"/", ((b"content-type", TYPE),), body)


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&#62;")


@st.composite
def elements(draw: st.DrawFn, depth: int = 3) -> str:
    """An element in one of several spellings."""
    name = draw(NAMES)
    names = draw(st.lists(NAMES, unique=True, max_size=2))
    attributes = "".join(f' {one}="{escaped(draw(LETTERS)).replace(chr(34), "&#x22;")}"' for one in names)
    inside = "".join(
        draw(elements(depth - 1)) if depth and draw(st.booleans()) else draw(pieces())
        for _ in range(draw(st.integers(0, 3)))
    )  # fmt: skip
    return f"<{name}{attributes}>{inside}</{name}>" if inside or draw(st.booleans()) else f"<{name}{attributes} />"


@st.composite
def pieces(draw: st.DrawFn) -> str:
    """What stands between tags."""
    text = draw(LETTERS)
    section = f"<![CDATA[{text.replace(']]>', '')}]]>"
    return draw(st.sampled_from((escaped(text), section, "<!-- c -->", "<?p i?>", "\n\t")))


@settings(max_examples=150, deadline=None)
@given(elements(), st.sampled_from(("", '<?xml version="1.0"?>\n', "<!DOCTYPE a>\n<!-- x -->")))
def test_texts_are_those_of_the_standard_library(element: str, before: str) -> None:
    """All text and all attribute values, in order, blanks between elements and names of keys apart."""
    root = ElementTree.fromstring(element)
    found = reader.read(post((before + element).encode()))
    assert found.body is not None
    assert not found.body.unreadable
    leaves = [node for node in found.body.walk() if node.layer is not None and node.layer.name in ("xml", "cdata")]
    ours = "".join(node.content.decode() for node in leaves if "@" not in node.address.rpartition("\x1f")[2])
    if root.tag != "plist":
        assert "".join(ours.split()) == "".join("".join(root.itertext()).split())
        values = [value for one in root.iter() for value in one.attrib.values()]
        attributes = [node.content.decode() for node in leaves if node.address.rpartition("\x1f")[2].startswith("@")]
        assert sorted(values) == sorted(attributes)


@settings(max_examples=150, deadline=None)
@given(elements(), st.data())
def test_an_edit_changes_its_field_and_nothing_else(element: str, data: st.DataObject) -> None:
    """What was put there is there for every other reader; all other fields are as they were."""
    request = post(element.encode())
    before = reader.read(request)
    fields = _texts(before.body)
    if not fields:
        return
    leaf = data.draw(st.sampled_from(fields))
    new = data.draw(st.sampled_from(("eva@mail.test", "<b>&amp;]]>'\"", "Grüße", "a\tb")))
    if leaf.layer is not None and leaf.layer.name == "cdata":
        new = new.replace("]]>", "")  # that would become two sections
    leaving = writer.rebuild(request, before, Edits(content={leaf: new.encode()}))
    root = ElementTree.fromstring(leaving.body or b"")
    texts = [*root.itertext(), *(value for one in root.iter() for value in one.attrib.values())]
    assert any(new in text for text in texts)
    assert _without(before.body, leaf) == _without(reader.read(leaving).body, leaf, new)


def _texts(body: Node | None) -> list[Node]:
    """Every text and attribute, whatever opens inside."""
    layers = ("xml", "cdata", "empty")
    return [node for node in body.walk() if node.layer is not None and node.layer.name in layers] if body else []


def _without(body: Node | None, leaf: Node, new: str = "") -> list[tuple[str, bytes]]:
    """Every field but one with the content that was put there."""
    fields = [(node.address, node.content) for node in _texts(body)]
    fields.remove((leaf.address, new.encode() or leaf.content))
    return sorted(fields)


@settings(max_examples=150, deadline=None)
@given(elements(), st.data())
def test_a_removal_leaves_a_document(element: str, data: st.DataObject) -> None:
    """What is left is well-formed, and says what it said."""
    request = post(f"<doc>{element}</doc>".encode())
    before = reader.read(request)
    nodes = [node for node in before.body.walk() if node.address.count("\x1f") > 1] if before.body else []
    if not nodes:
        return
    gone = data.draw(st.sampled_from(nodes))
    leaving = writer.rebuild(request, before, Edits(removed={gone}))
    ElementTree.fromstring(leaving.body or b"")
    was, now = [[show_address(one.address) for one in reader.read(each).fields()] for each in (request, leaving)]
    assert len(now) <= len(was)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=60) | st.text("<>/a=\"' &;![]-?CDATA", max_size=60).map(str.encode))
def test_arbitrary_bytes_are_unreadable_at_worst(body: bytes) -> None:
    """Nothing but Unreadable, and then the node is a leaf."""
    node = Node(None, "body", 0, len(body), body)
    try:
        read_xml(node, Budget(LIMITS))
    except Unreadable:
        assert not node.children
    reader.read(post(body))


@pytest.mark.parametrize(
    "body",
    [
        b"<a>" * 300_000, b"<a " * 300_000, b"<a b='" * 100_000, b"<" * 900_000, b"<!--" * 200_000, b"&#" * 400_000,
        b"<![CDATA[" * 100_000, b"<a" + b" b='c'" * 140_000, b"<a" + b" " * 900_000, b"<?" * 400_000,
        b"<a>" + b"<b/>" * 200_000 + b"</a>", b"<a>" * 500 + b"</a>" * 500, b"<!DOCTYPE" * 90_000,
        b"<?xml " + b"encoding " * 90_000,
    ],
)  # fmt: skip
def test_hostile_documents_are_refused(body: bytes) -> None:
    """Each is one look at its bytes, and one unreadable field."""
    found = reader.read(post(body)).body
    assert found is not None
    leaves = list(found.leaves())
    assert len(leaves) == 1
    assert leaves[0].unreadable


def test_nothing_is_expanded() -> None:
    """Entities of the document make it unreadable; what is not declared stays as it is spelled."""
    bomb = b'<!DOCTYPE a [<!ENTITY l "lol"><!ENTITY m "&l;&l;">]><a>&m;</a>'
    assert [node.unreadable is not None for node in reader.read(post(bomb)).fields()][-1]
    outside = b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a>&x;</a>'
    assert [node.content for node in reader.read(post(outside)).at(parse_address("xml:/a"))] == [b"&x;"]


@pytest.mark.parametrize("new", [b"\x00", b"\x1b[0m", b"\x0b"])
def test_control_characters_cannot_be_written(new: bytes) -> None:
    """In no spelling, nowhere."""
    request = post(b"<r a='x'><b>t</b><c/><d><![CDATA[t]]></d></r>")
    for leaf in list(reader.read(request).fields())[-4:]:
        found = reader.read(request)
        same = found.at(leaf.address)[-1]
        with pytest.raises(Unwritable):
            writer.rebuild(request, found, Edits(content={same: new}))
