"""Every vector in both directions: read, and written back with edits."""

from __future__ import annotations

from typing import Any

import pytest

from shield.address import show_address
from shield.edits import Edits
from shield.errors import Unwritable
from shield.wire import reader, writer
from tests.wire.vectors import Vector, edits_of, expected, load

VECTORS = load()
EDITS = [(vector, edit) for vector in VECTORS for edit in vector.edits]


def fields(vector: Vector) -> dict[str, list[bytes]]:
    """What was read, without the content type that only says how."""
    out: dict[str, list[bytes]] = {}
    for node in reader.read(vector.request).fields():
        at = show_address(node.address)
        is_asked = vector.request.target != b"/" or at != "path:0" or "path:0" in vector.fields
        if at != "header:content-type" and is_asked:
            out.setdefault(at, []).append(node.content)
    return out


@pytest.mark.parametrize("vector", VECTORS, ids=str)
def test_reading(vector: Vector) -> None:
    """The fields of a vector, in order, and nothing else."""
    assert list(fields(vector).items()) == list(vector.fields.items())


@pytest.mark.parametrize("vector", VECTORS, ids=str)
def test_what_is_unreadable_says_why(vector: Vector) -> None:
    """Unreadable leaves are those of the vector, and each has a reason without a value in it."""
    reasons = [node.unreadable for node in reader.read(vector.request).fields() if node.unreadable]
    assert bool(reasons) == vector.unreadable


@pytest.mark.parametrize("vector", VECTORS, ids=str)
def test_no_edit_is_the_same_object(vector: Vector) -> None:
    """Nothing is written where nothing is asked for."""
    opened = reader.read(vector.request)
    assert writer.rebuild(vector.request, opened, Edits()) is vector.request
    same = Edits(content={node: node.content for node in opened.fields()})
    assert writer.rebuild(vector.request, opened, same) is vector.request


@pytest.mark.parametrize(("vector", "edit"), EDITS, ids=[f"{one} {number}" for number, (one, _) in enumerate(EDITS)])
def test_writing(vector: Vector, edit: dict[str, Any]) -> None:
    """An edit changes its own field and nothing else, or is refused."""
    opened = reader.read(vector.request)
    edits = edits_of(opened, edit)
    if edit.get("refused"):
        with pytest.raises(Unwritable):
            writer.rebuild(vector.request, opened, edits)
        return
    assert writer.rebuild(vector.request, opened, edits) == expected(vector.request, edit, vector.notation)
