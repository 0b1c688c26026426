"""JSON read level by level is JSON read in one go."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shield.errors import Unreadable
from shield.tree import Node
from shield.wire import jsontext
from shield.wire.jsonfold import FOLDED, fold_json
from shield.wire.limits import LIMITS, Budget
from shield.wire.nesting import open_values

NUMBERS = st.integers(-(10**9), 10**9) | st.floats(allow_nan=False, allow_infinity=False)
DEEP = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=25,
)  # fmt: skip


def folded(data: bytes) -> Node:
    node = Node(None, "body", 0, len(data), data)
    fold_json(node, Budget(LIMITS), "json:", open_values)
    return node


def at_once(data: bytes) -> Node:
    node = Node(None, "body", 0, len(data), data)
    open_values(jsontext.read_json(node, Budget(LIMITS), "json:"), Budget(LIMITS))
    return node


def shown(root: Node) -> list[tuple[Any, ...]]:
    out = []
    for node in root.walk():
        above = None if node.parent is None else node.parent.address
        layer = None if node.layer is None else node.layer.name
        notation = None if node.notation is None else (node.notation.name, node.notation.vanishes)
        out.append((node.address, above, node.start, node.end, node.content, node.outer, node.gone, layer, notation))
    return out


@settings(max_examples=200, deadline=None)
@given(value=DEEP, spaces=st.sampled_from([None, 1, "\t"]), is_ascii=st.booleans())
def test_level_by_level_is_the_same(value: Any, spaces: Any, is_ascii: bool) -> None:
    """Addresses, parents, spans, contents, what a strip leaves."""
    data = json.dumps(value, indent=spaces, ensure_ascii=is_ascii).encode()
    assert shown(folded(data)) == shown(at_once(data))


@pytest.mark.parametrize("levels", range(1, FOLDED + 4))
def test_deeper_levels(levels: int) -> None:
    """Also where one pass takes over."""
    data = b'[{"variables":' * levels + b'{"a":[1,"x"],"b":2}' + b"}]" * levels
    assert shown(folded(data)) == shown(at_once(data))


BROKEN = [
    b"", b"{", b"[1", b"{]", b"[NaN]", b"[Infinity]", b'{"a":01}', b"[1] x", b'["\n"]', b'["\\x"]', b"{'a':1}",
    b"[1,,2]", b'{"a"}', b"[1.]", b"tru", b'{"a":1}{"b":2}', b"[" * 100_000, b"[-]",
]  # fmt: skip


@pytest.mark.parametrize("data", BROKEN, ids=range(len(BROKEN)))
def test_what_is_no_json(data: bytes) -> None:
    """Both are of one opinion."""
    with pytest.raises(Unreadable):
        folded(data)
    with pytest.raises(Unreadable):
        at_once(data)


@settings(max_examples=200, deadline=None)
@given(st.text('[]{}",:1a \\\n', max_size=14).map(str.encode))
def test_arbitrary_text(data: bytes) -> None:
    """Read by both, or by none."""
    outcomes = []
    for read in (folded, at_once):
        try:
            outcomes.append(shown(read(data)))
        except Unreadable:
            outcomes.append([])
    assert outcomes[0] == outcomes[1]
