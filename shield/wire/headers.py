"""Header lines: one root each, with its value as content (RFC 9110 section 5.5).

Names in addresses are in lower case. What a line's value holds opens by its name (Cookie, Set-Cookie, policies,
structured fields) or, in every other line, by its looks (``nesting``). Edits: any content without CR, LF, NUL; removal
of the line; new lines at the end. Duplicates are fields with one address.
"""

from __future__ import annotations

import re
from typing import Final

from shield.address import SEPARATOR
from shield.errors import Unreadable, Unwritable
from shield.message import USUAL_HEADERS, Headers
from shield.tree import TOKEN, Node
from shield.wire.base64text import decode
from shield.wire.cookies import read_cookies, read_set_cookie
from shield.wire.limits import Budget, TooMuch
from shield.wire.members import read_csp, read_dictionary, read_list
from shield.wire.names import from_step
from shield.wire.nesting import Reader
from shield.wire.plausible import is_text
from shield.wire.signedtext import read_signed

_PREFIX: Final = f"header:{SEPARATOR}"
_FORBIDDEN: Final = re.compile(rb"[\r\n\0]")
_NAME: Final = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")

_FRAMING: Final = frozenset({"content-length", "host", "transfer-encoding"})
"""Lines that say how the message is sent: nothing is nested in them, and nothing in them is ever edited."""
NAMED: Final = {
    key.encode(): (name, _PREFIX + name) for name in USUAL_HEADERS for key in (name, name.title(), name.upper())
}
"""Name and address of what nearly every message has."""
_CREDENTIALS: Final = re.compile(rb"(?i:(basic)|bearer|dpop|token|jwt)[ \t]+(?=[^\s,])")


def read_authorization(node: Node, budget: Budget) -> list[Node]:
    """``Basic`` as ``header:authorization/base64`` (user and password, RFC 7617); a token behind ``Bearer`` that is
    signed as ``header:authorization/jwt:payload`` (RFC 6750).

    Raises:
        Unreadable: something else.
    """
    match = _CREDENTIALS.match(node.content)
    if match is None:
        raise Unreadable("no such credentials")
    start = match.end()
    if match[1] is None:
        return read_signed(node, budget, start)
    decoded = decode(node.content[start:], is_text)
    if decoded is None:
        raise Unreadable("not base64 of text")
    content, layer = decoded
    budget.spend(1, len(content))
    child = Node(node, f"{node.address}{SEPARATOR}base64", start, len(node.content), content, None, layer)
    node.children, node.notation = (child,), TOKEN
    return [child]


READERS: Final[dict[str, Reader]] = {
    "authorization": read_authorization,
    "proxy-authorization": read_authorization,
    "cookie": read_cookies,
    "content-security-policy": read_csp,
    "content-security-policy-report-only": read_csp,
    "permissions-policy": read_dictionary,
    "reporting-endpoints": read_dictionary,
    "accept-ch": read_list,
    "critical-ch": read_list,
    "sec-ch-ua": read_list,
    "sec-ch-ua-full-version-list": read_list,
}
RESPONSE_READERS: Final[dict[str, Reader]] = {**READERS, "set-cookie": read_set_cookie}


def read_headers(headers: Headers, budget: Budget, readers: dict[str, Reader]) -> tuple[tuple[Node, ...], list[Node]]:
    """One root per line, and the values in which something may be nested."""
    roots: list[Node] = []
    leaves: list[Node] = []
    for key, value in headers:
        name, address = NAMED.get(key) or _named(key)
        root = Node(None, address, 0, len(value), value, None, None)
        roots.append(root)
        if name in readers:
            leaves += _read_known(readers[name], root, budget)
        elif name not in _FRAMING:
            leaves.append(root)
    return tuple(roots), leaves


def _named(key: bytes) -> tuple[str, str]:
    name = key.decode("latin-1").lower()
    return name, _PREFIX + name


def _read_known(reader: Reader, root: Node, budget: Budget) -> list[Node]:
    try:
        return reader(root, budget)
    except TooMuch as error:
        root.unreadable = error.message
    except Unreadable:
        pass  # not as the header's name promises: a value like any other
    return [root]


def check_value(value: bytes) -> bytes:
    """The same value.

    Raises:
        Unwritable: it would end the line (request splitting).
    """
    if _FORBIDDEN.search(value):
        raise Unwritable("a header cannot carry CR, LF or NUL")
    return value


def new_line(name: str, value: bytes) -> tuple[bytes, bytes]:
    """A line to append.

    Raises:
        Unwritable: no token as a name, or a value that ends the line.
    """
    raw = from_step(name)
    if _NAME.fullmatch(raw) is None:
        raise Unwritable("this is no name of a header")
    return raw, check_value(value)
