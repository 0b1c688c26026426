"""The vectors of tests/vectors as requests and edits. Text is Latin-1: one character per byte."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shield.address import parse_address, show_address
from shield.edits import Edits
from shield.message import Request
from shield.opened import Opened
from shield.tree import Node

FOLDER = Path(__file__).parent.parent / "vectors"
NOTATIONS = tuple(sorted(path.stem for path in FOLDER.glob("*.json")))


@dataclass(frozen=True)
class Vector:
    """One request, its fields, and what edits make of it."""

    notation: str
    name: str
    request: Request
    fields: dict[str, list[bytes]]
    unreadable: bool
    edits: list[dict[str, Any]]

    def __str__(self) -> str:
        return f"{self.notation}: {self.name}"


def load() -> list[Vector]:
    """Every vector."""
    return [
        _vector(notation, one)
        for notation in NOTATIONS
        for one in json.loads((FOLDER / f"{notation}.json").read_text(encoding="utf-8"))
    ]


def _vector(notation: str, one: dict[str, Any]) -> Vector:
    headers = tuple((key.encode("latin-1"), value.encode("latin-1")) for key, value in one.get("headers", ()))
    if "type" in one:
        headers = ((b"content-type", one["type"].encode("latin-1")),)
    body = one.get("body", "").encode("latin-1")
    request = Request("POST", "https", "h.test", 443, one.get("target", "/").encode("latin-1"), headers, body)
    fields = {
        at: [text.encode("latin-1") for text in ([value] if isinstance(value, str) else value)]
        for at, value in one["fields"].items()
    }
    assert one["source"], "a vector names its source"
    return Vector(notation, one["name"], request, fields, one.get("unreadable", False), one["edits"])


def nodes_at(opened: Opened, address: str) -> list[Node]:
    """The nodes that a vector means; the leaf where a name is empty (``cookie:``)."""
    found = opened.at(parse_address(address))
    found = found or [node for node in opened.fields() if show_address(node.address) == address]
    assert found, f"nothing at {address}"
    return found


def edits_of(opened: Opened, edit: dict[str, Any]) -> Edits:
    """One edit of a vector, by address."""
    edits = Edits()
    for address, text in edit.get("set", {}).items():
        for node in nodes_at(opened, address):
            edits.content[node] = text.encode("latin-1")
    for address in edit.get("remove", ()):
        edits.removed.update(nodes_at(opened, address))
    for address, text in edit.get("create", {}).items():
        edits.created.append((parse_address(address), text.encode("latin-1")))
    return edits


def expected(request: Request, edit: dict[str, Any], notation: str) -> Request:
    """What the request becomes, the framing apart."""
    from dataclasses import replace

    becomes = edit["becomes"]
    if isinstance(becomes, list):
        return replace(request, headers=tuple((k.encode("latin-1"), v.encode("latin-1")) for k, v in becomes))
    if request.body:
        return replace(request, body=becomes.encode("latin-1"))
    return replace(request, target=becomes.encode("latin-1"))
