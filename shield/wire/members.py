"""Headers that consist of members: policies (CSP) and structured fields (RFC 9651).

``header:content-security-policy/csp:report-uri`` is a directive; its content is what follows the name. A line may
hold several policies, separated by commas; each is a node with the line's own address.
``header:permissions-policy/sf:ch-ua`` is a member of a dictionary (content: after ``=``; empty where there is none),
``header:accept-ch/sf:0`` a member of a list. Edits: content that keeps to the notation; removal with one separator;
new directives and dictionary members. The line goes with its last member. Only read: names.
"""

from __future__ import annotations

import re
from typing import Final

from shield.address import SEPARATOR, show_address
from shield.errors import Unreadable, Unwritable
from shield.tree import Node
from shield.wire.limits import Budget
from shield.wire.names import from_step, step

_DIRECTIVE: Final = re.compile(rb"[ \t]*([^;\s]+)(?:[ \t]+([^;]*[^;\s]))?[ \t]*(?:;|\Z)")
_POLICY: Final = re.compile(rb"[^,]+")
_MEMBER_TEXT: Final = rb'(?:[^",()]|"(?:[^"\\]|\\.)*+"|\((?:[^"()]|"(?:[^"\\]|\\.)*+")*+\))*+'
_MEMBER: Final = re.compile(rb"[ \t]*(" + _MEMBER_TEXT + rb")(?:,|\Z)")
_VALUE: Final = re.compile(_MEMBER_TEXT)
_KEY: Final = re.compile(rb"([a-z*][a-z0-9_.*-]*)(=?)")


class Directive:
    """The layer of a directive's content; *prefix* is a space where the name stood alone."""

    __slots__ = ("name", "prefix")

    def __init__(self, prefix: bytes = b"") -> None:
        self.name = "directive"
        self.prefix = prefix

    def close(self, content: bytes, raw: bytes) -> bytes:
        """The same bytes.

        Raises:
            Unwritable: a separator inside.
        """
        if b";" in content or b"," in content:
            raise Unwritable("a directive cannot carry ; or ,")
        return self.prefix + content


class Member:
    """The layer of a structured field's member; *prefix* is ``=`` where the key stood alone."""

    __slots__ = ("name", "prefix")

    def __init__(self, prefix: bytes = b"") -> None:
        self.name = "member"
        self.prefix = prefix

    def close(self, content: bytes, raw: bytes) -> bytes:
        """The same bytes.

        Raises:
            Unwritable: they would end the member early.
        """
        if _VALUE.fullmatch(content) is None:
            raise Unwritable("this is no member of a structured field")
        return self.prefix + content


DIRECTIVE: Final = Directive()
NAME_ONLY: Final = Directive(b" ")
MEMBER: Final = Member()
BARE: Final = Member(b"=")


class Members:
    """How such a line splits.

    Args:
        between: separator and space, as most people write them.
        sign: between name and content; None: members without a name, nothing can be added.
    """

    __slots__ = ("between", "name", "sign", "vanishes")

    def __init__(self, name: str, between: bytes, sign: bytes | None) -> None:
        self.name = name
        self.between = between
        self.sign = sign
        self.vanishes = True

    def append(self, node: Node, items: list[tuple[str, bytes]], is_empty: bool) -> tuple[int, bytes]:
        """The separator and the members, at the end."""
        if self.sign is None:
            raise Unwritable(f"nothing can be added to {show_address(node.address)}")
        layer: Directive | Member = DIRECTIVE if self is CSP else MEMBER
        new = [from_step(name) + self.sign + layer.close(content, b"") for name, content in items]
        end = len(node.content.rstrip(self.between))
        return end, (b"" if is_empty else self.between) + self.between.join(new)


CSP: Final = Members("csp:", b"; ", b" ")
DICTIONARY: Final = Members("sf:", b", ", b"=")
LIST: Final = Members("sf:", b", ", None)


def read_csp(node: Node, budget: Budget) -> list[Node]:
    """Split a line of policies into directives."""
    budget.spend(node.content.count(b";") + node.content.count(b",") + 2, 2 * len(node.content))
    if b"," not in node.content:
        return _directives(node)
    leaves: list[Node] = []
    policies: list[Node] = []
    for match in _POLICY.finditer(node.content):
        policy = Node(node, node.address, match.start(), match.end(), match[0], outer=match.span())
        leaves += _directives(policy)
        policies.append(policy)
    node.children, node.notation = tuple(policies), POLICIES
    return leaves


POLICIES: Final = Members("csp:", b", ", None)


def _directives(node: Node) -> list[Node]:
    prefix = f"{node.address}{SEPARATOR}csp:{SEPARATOR}"
    leaves: list[Node] = []
    for match in _DIRECTIVE.finditer(node.content):
        name_start, name_end = match.span(1)
        start, end = match.span(2) if match[2] is not None else (name_end, name_end)
        address, layer = prefix + step(match[1].lower()), NAME_ONLY if match[2] is None else DIRECTIVE
        leaves.append(Node(node, address, start, end, match[2] or b"", outer=(name_start, end), layer=layer))
    node.children, node.notation = tuple(leaves), CSP
    return leaves


def read_dictionary(node: Node, budget: Budget) -> list[Node]:
    """Split a structured dictionary.

    Raises:
        Unreadable: it is none.
    """
    return _members(node, budget, is_dictionary=True)


def read_list(node: Node, budget: Budget) -> list[Node]:
    """Split a structured list.

    Raises:
        Unreadable: it is none.
    """
    return _members(node, budget, is_dictionary=False)


def _members(node: Node, budget: Budget, *, is_dictionary: bool) -> list[Node]:
    content = node.content
    budget.spend(content.count(b",") + 1, len(content))
    prefix = f"{node.address}{SEPARATOR}sf:{SEPARATOR}"
    leaves: list[Node] = []
    position = 0
    while position < len(content):
        match = _MEMBER.match(content, position)
        if match is None or not match[1].strip():
            raise Unreadable("not a structured field")
        start = match.start(1)
        end = start + len(match[1].rstrip())
        leaves.append(_member(node, prefix, len(leaves), start, end, is_dictionary))
        position = match.end()
    node.children, node.notation = tuple(leaves), DICTIONARY if is_dictionary else LIST
    return leaves


def _member(node: Node, prefix: str, number: int, start: int, end: int, is_dictionary: bool) -> Node:
    if not is_dictionary:
        return Node(node, prefix + str(number), start, end, node.content[start:end], outer=(start, end), layer=MEMBER)
    key = _KEY.match(node.content, start, end)
    if key is None:
        raise Unreadable("not a structured dictionary")
    address, first, layer = prefix + step(key[1]), key.end(), MEMBER if key[2] else BARE
    return Node(node, address, first, end, node.content[first:end], outer=(start, end), layer=layer)
