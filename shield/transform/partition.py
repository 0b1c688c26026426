"""Partition: one cookie jar per site, kept by the browser itself.

A cookie that a third party sets gets ``Partitioned; Secure; SameSite=None`` (CHIPS), so that the browser keeps one
jar per site the person is on, and a mark at the end of its name. On the way out the mark is taken off; a
cookie without one was set before, or by a script, and is dropped. So Shield stores nothing.
"""

from __future__ import annotations

from shield.address import SEPARATOR
from shield.tree import Node
from shield.vocabulary import PARTITION_MARK

MARK = PARTITION_MARK.encode()
REPLACED = (b"samesite", b"secure", b"partitioned")
ADDED = b"; Secure; SameSite=None; Partitioned"

Worded = tuple[bytes | None, bytes | None]
"""What stands before and after the value; see ``edits.Edits.reworded``."""


def marked(node: Node) -> Worded | None:
    """How the line of a Set-Cookie goes on to the client; None if it has no name or is no cookie."""
    before, after = _around(node)
    name, sign, quote = before.partition(b"=")
    if not sign or not name.strip() or not node.address.startswith(f"cookie:{SEPARATOR}"):
        return None
    if name.rstrip().endswith(MARK):
        return before, after
    return name.rstrip() + MARK + sign + quote, _with_partition(after)


def unmarked(node: Node) -> Worded | None:
    """How a marked cookie leaves; None for one that is to be dropped."""
    before, _ = _around(node)
    name, sign, quote = before.partition(b"=")
    if not sign or not name.rstrip().endswith(MARK):
        return None
    return name.rstrip().removesuffix(MARK) + sign + quote, None


def _around(node: Node) -> tuple[bytes, bytes]:
    if node.parent is None or node.outer is None:
        return b"", b""
    content = node.parent.content
    return content[node.outer[0] : node.start], content[node.end : node.outer[1]]


def _with_partition(attributes: bytes) -> bytes:
    first, *rest = attributes.split(b";")  # the first is what closes the value, a quote or nothing
    kept = [one for one in rest if one.partition(b"=")[0].strip().lower() not in REPLACED]
    return b";".join([first, *kept]) + ADDED
