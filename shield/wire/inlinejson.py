"""JSON in the scripts of a page: ``<script type="application/json">``, and what stands behind ``=`` in code.

In code only a complete JSON text counts that is followed by the end of the statement, for nobody here reads JavaScript:
``window.__DATA__ = {...};`` is one, ``x = {a: f()}`` is none. Characters that would end the script, or a string
of code that the JSON may stand in, are escaped in what an edit writes. Cost: one pass; where texts that break off
were read for as long as the script is, no more are tried.
"""

from __future__ import annotations

import re
from typing import Final

from shield.address import SEPARATOR
from shield.errors import Unreadable
from shield.tree import Node
from shield.wire.jsontext import BLANK, ITEM, MEMBER, OPENING, read_json
from shield.wire.limits import Budget, TooMuch
from shield.wire.nesting import open_values

_BEHIND_EQUALS: Final = re.compile(rb"=[\t\n\r ]*+(?=[{\[][\t\n\r ]*+[\"{\[0-9tfn-])")
_ENDS_STATEMENT: Final = re.compile(rb"[\t\r ]*+(?:[;,\n]|\Z)")
_BLANKS: Final = b"\t\n\f\r "


class ScriptJson:
    """The layer of a JSON text in a script."""

    name = "script"

    def close(self, content: bytes, raw: bytes) -> bytes:
        """The same text; all of a kind of character escaped of which there are more than before."""
        for character in (b"<", b"'", b"`"):
            if content.count(character) > raw.count(character):
                content = content.replace(character, b"\\u%04x" % character[0])
        return content


SCRIPT_JSON: Final = ScriptJson()


def open_script(root: Node, out: list[Node], link: str, start: int, end: int, budget: Budget) -> None:
    """A script that is JSON as a whole."""
    text = root.content[start:end]
    first = start + len(text) - len(text.lstrip(_BLANKS))
    _add(root, out, link, first, first + len(text.strip(_BLANKS)), budget)


def find_json(root: Node, out: list[Node], link: str, start: int, end: int, budget: Budget) -> None:
    """Every JSON text that is given to something in code."""
    data = root.content
    left = end - start
    found = _BEHIND_EQUALS.search(data, start, end)
    while found is not None and left > 0:
        at = found.end()
        stop, is_whole = _end_of_json(data, at, end, budget.limits.levels)
        if is_whole and _ENDS_STATEMENT.match(data, stop, end) and _add(root, out, link, at, stop, budget):
            found = _BEHIND_EQUALS.search(data, stop, end)
        else:
            left -= stop - at
            found = _BEHIND_EQUALS.search(data, at, end)


def _add(root: Node, out: list[Node], link: str, start: int, end: int, budget: Budget) -> bool:
    """A node for one text, if it is JSON in which something stands."""
    content = root.content[start:end]
    budget.spend(1, len(content))
    node = Node(root, f"{link}{SEPARATOR}script", start, end, content, None, SCRIPT_JSON)
    node.gone = b"null"
    try:
        leaves = read_json(node, budget)
    except TooMuch as error:
        node.unreadable = error.message
        leaves = [node]
    except Unreadable:
        return False
    if leaves:
        out.append(node)
        open_values(leaves, budget)
    return bool(leaves)


def _end_of_json(data: bytes, at: int, end: int, levels: int) -> tuple[int, bool]:
    """How far a container reaches that begins at *at*, and whether it is complete."""
    closing: list[bytes] = []
    match = ITEM[0].match(data, at, end)
    while match is not None:
        at = match.end()
        if match.lastindex == OPENING:
            closing.append(b"]" if match[OPENING] == b"[" else b"}")
            is_first = True
        else:
            is_first = False
        if len(closing) > levels:
            break
        while data[at : at + 1] == closing[-1]:
            closing.pop()
            if not closing:
                return at + 1, True
            blank = BLANK.match(data, at + 1, end)
            at, is_first = blank.end() if blank else at + 1, False
        pattern = ITEM if closing[-1] == b"]" else MEMBER
        match = pattern[not is_first].match(data, at, end)
    return at, False
