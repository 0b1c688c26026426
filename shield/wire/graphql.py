r"""GraphQL documents: the strings that stand in the text of a query (GraphQL, October 2021, section 2.9.4).

``mutation { signUp(mail: "anna@real.example") { id } }`` is ``json:/query/graphql:mail``: the name of the argument, or
of the member of an input object, that a string stands behind; in a list all members have the list's name. What travels
beside the text needs nothing of this: ``variables`` are JSON, of which a stripped direct member becomes null (a missing
one would be an error where the type is not null, a missing member of an input object takes its default: it goes);
``doc_id``, ``operationName``, ``fb_api_req_friendly_name`` and ``extensions/persistedQuery`` are fields like others.

Edits: strings, with the escapes of JSON, and block strings (three quotes) but for their ends; a stripped one becomes
null. Only read, and searched as text: names, numbers, enums, comments, strings with escapes that JSON has not
(``\u{1F600}``). Nothing can be added. An edit costs one pass over the text.
"""

from __future__ import annotations

import re
from typing import Final

from shield.address import SEPARATOR, show_address
from shield.errors import Unreadable, Unwritable
from shield.tree import Node
from shield.wire.jsonstring import STRING, open_string
from shield.wire.limits import Budget
from shield.wire.names import BACKSLASH, step

_START: Final = re.compile(
    rb"[\s,]*+(?:#[^\n]*+\n[\s,]*+)*+(?:(?:query|mutation|subscription)\s*+(?:[A-Za-z_]\w*+\s*+)?[({@]"
    rb"|fragment\s++\w++\s++on\s|\{\s*+(?:[A-Za-z_]|\.\.\.))"
)
_JSON: Final = rb'"[^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*+)*+"'
_TOKEN: Final = re.compile(
    rb'#[^\r\n]*+|(?P<block>"""(?:[^"\\]|\\"""|\\|"(?!""))*+""")|(?P<string>' + _JSON + rb")"
    rb'|"(?:[^"\\\r\n]|\\.)*+"?|(?P<name>[A-Za-z_]\w*+)[\s,]*+:'
)


class Document:
    """How a text splits; it stays when its strings go."""

    name = "graphql:"
    vanishes = False

    def append(self, node: Node, items: list[tuple[str, bytes]], is_empty: bool) -> tuple[int, bytes]:
        """A query takes no new argument."""
        raise Unwritable(f"nothing can be added to {show_address(node.address)}")


class Block:
    """The layer of a block string with its quotes."""

    name = "block"

    def close(self, content: bytes, raw: bytes) -> bytes:
        """Quote *content*.

        Raises:
            Unwritable: its end would become one with the quotes.
        """
        if content.endswith((b'"', b"\\")):
            raise Unwritable("a block string cannot end with a quote or a backslash")
        return b'"""' + content.replace(b'"""', b'\\"""') + b'"""'


DOCUMENT: Final = Document()
BLOCK: Final = Block()


def read_graphql(node: Node, budget: Budget) -> list[Node]:
    """The strings in the document that *node* holds.

    Raises:
        Unreadable: it is no document, or has no strings. TooMuch: more strings than fields are left.
    """
    content = node.content
    if b'"' not in content or _START.match(content) is None or b"}" not in content:
        raise Unreadable("no strings of GraphQL")
    budget.spend(content.count(b'"') // 2, len(content))
    prefix = f"{node.address}{SEPARATOR}graphql:{SEPARATOR}"
    out: list[Node] = []
    name = b""
    for match in _TOKEN.finditer(content):
        if match["name"] is not None:
            name = match["name"]
        elif match["string"] is not None or match["block"] is not None:
            out.append(_string(node, prefix + step(name), match))
    if not out:
        raise Unreadable("no strings of GraphQL")
    node.children, node.notation = tuple(out), DOCUMENT
    return out


def _string(node: Node, address: str, match: re.Match[bytes]) -> Node:
    """One string with its quotes."""
    if match["block"] is not None:
        leaf = Node(node, address, *match.span(), match[0][3:-3].replace(b'\\"""', b'"""'), None, BLOCK)
    else:
        inner = match[0][1:-1]
        leaf = Node(node, address, *match.span(), open_string(inner) if BACKSLASH in inner else inner, None, STRING)
    leaf.gone = b"null"
    return leaf
