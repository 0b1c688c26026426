"""Identifiers that nobody named: what a tracker is told that looks like the number of a person, a browser, a visit.

One message cannot tell the number of a browser from the number of an event: both are 128 random bits. So there are
two steps. Here each value is looked at by itself. What is no identifier by its form (times, versions, prices, sizes,
words, addresses, file names, random fractions) is left out; what remains is a finding with the category that its form
or its name gives away, else ``unknown``. Whether it stays the same is seen over time, by ``ledger.evidence``.

These findings are reports: they change nothing unless a rule or the share table names their category. Only requests to
trackers are looked at, and only what no rule and no known fact is about.

Sources of the forms: wire facts 2.5 (_ga), 3.5 (_fbp, _fbc), 4.5 (ubid, session-id), 8 (devices); RFC 9562 (UUID);
3GPP TS 23.003 section 6 (IMEI, check digit by Luhn); IEEE 802 section 8 (MAC).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from shield.address import LAYERS, POINTERS, SEPARATOR
from shield.cleared import Cleared
from shield.context import Context
from shield.detect import naming
from shield.finding import Finding
from shield.opened import Opened
from shield.tree import Folded, Node, unfolded

MOST: Final = 64
"""Findings per message; a page can send thousands of numbers, nobody reads about more than a few."""
LARGEST_BODY: Final = 65_536
_LONGEST_NAME: Final = 100
SHORTEST: Final = 11
LONGEST: Final = 200
_LINES: Final = (f"header:{SEPARATOR}cookie", f"header:{SEPARATOR}x-")
_PATH: Final = f"path:{SEPARATOR}"

_UUID: Final = rb"[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}"
_TIME: Final = rb"1[2-9]\d{8}"  # seconds, 2008 to 2033
_FORMS: Final = re.compile(
    rb"""(?P<ga>GA1\.\d(?:-\d+)?\.\d{6,10}\.\d{6,10}|\d{6,10}\.%(time)s)
    |(?P<gs>GS[12]\.\d\.(?:s?%(time)s)[0-9A-Za-z.$]{0,80})
    |(?P<fbp>fb\.\d\.1\d{12}\.\d{1,20})
    |(?P<fbc>fb\.\d\.\d{10,13}\.[A-Za-z0-9_\-]{16,}(?:\.[A-Za-z0-9]{8})?)
    |(?P<amazon>\d{3}-\d{7}-\d{7})
    |(?P<mac>(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}|(?:[0-9A-Fa-f]{2}-){5}[0-9A-Fa-f]{2})
    |(?P<uuid>[{]?(?:[A-Za-z]{1,12}[_.:=-]?)?(?P<digits>%(uuid)s)[}]?)
    |(?P<number>(?:[A-Za-z][A-Za-z0-9]{0,3}[:_.-])?-?\d{14,24})
    |(?P<hex>[0-9a-f]{16,128}|[0-9A-F]{16,128})
    |(?P<token>[A-Za-z0-9+/_.~=:|%%$^!*-]{12,200})"""
    % {b"time": _TIME, b"uuid": _UUID},
    re.VERBOSE,
)
_INSIDE: Final = re.compile(rb"(?<![0-9A-Fa-f])" + _UUID + rb"(?![0-9A-Fa-f-])")
_NO_NUMBER: Final = re.compile(
    rb"-?(?:%(time)s|%(time)s\d{3}|%(time)s\d{6}"  # seconds, milliseconds, microseconds
    rb"|(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{0,9})" % {b"time": _TIME}  # 20261120093000
)
_TIMES: Final = re.compile(rb"(?<!\d)%(time)s(?:\d{3})?(?:\d{3})?(?!\d)" % {b"time": _TIME})
_NO_TOKEN: Final = re.compile(
    rb"[/.]{0,2}/.*|.*//.*"  # addresses, paths
    rb"|.*\.(?:js|mjs|css|png|jpe?g|gif|svg|webp|avif|ico|woff2?|ttf|json|html?|php|xml|txt|mp[34]|m3u8|wasm|map|pdf)"
    rb"|[vr]?\d+(?:[._:x,+-]\d+)*(?:[._+-]?[a-z]{1,6}\d{0,4})?"  # versions, sizes, prices, times of day, fractions
    rb"|\d{4}-\d\d-\d\d[T_ ]?.*"  # dates
    rb"|(?:-?[\w.]{1,9}[,|:~;+]){3,}.*",  # lists
    re.IGNORECASE,
)
_CHANCE: Final = re.compile(rb"[A-Za-z0-9+/_.~=:|%$^!*{}-]*+")
_WORD: Final = re.compile(rb"[A-Z][a-z]{3,}|[a-z]{4,}")
_RUN: Final = re.compile(rb"[A-Za-z0-9+/_~-]{11,}")
_TURN: Final = re.compile(rb"[a-z](?=[A-Z0-9])|[A-Z](?=[0-9])|[0-9](?=[A-Za-z])|[A-Z](?=[a-z])")


class Look(NamedTuple):
    """What a value looks like.

    Attributes:
        form: ``uuid-4``, ``ga``, ``hex-32``, ``token-22``, ``digits-19`` ...: with its length where that varies.
        category: what the form alone gives away, else ``unknown``.
        is_sure: the form is an identifier's, whatever the field is called.
    """

    form: str
    category: str
    is_sure: bool = False


def is_asked(context: Context) -> bool:
    """Whether messages to this receiver are looked at: trackers, and third parties of which nobody knows what for."""
    if context.direction != "request":
        return False
    return context.is_tracker or (context.purpose is None and context.party == "third")


def find(
    opened: Opened, context: Context, others: Iterable[Finding], *, unread: bool = True, cleared: Cleared | None = None
) -> list[Finding]:
    """The fields of a request to a tracker that look like identifiers and that no other finding is about.

    Args:
        unread: also in a body that nobody had to read so far.
        cleared: a memo of fields that are none.

    Cost: 0.2 us for a field that is too short or too long, 1 to 3 us for one that is not.
    """
    if not is_asked(context):
        return []
    cleared = cleared if cleared is not None else Cleared()
    taken = {finding.node for finding in others}
    found: list[Finding] = []
    for node in _fields(opened, unread):
        number = hash((node.content, node.address))
        if number in cleared.numbers:
            continue
        category = category_of(node.content, node.address)
        if category is None:
            cleared.add(number)
        elif node.unreadable is None and not _is_within(node, taken):
            found.append(Finding(node, 0, len(node.content), category, how="identifier"))
            if len(found) >= MOST:
                break
    return found


def _fields(opened: Opened, unread: bool) -> list[Node]:
    """Every leaf of the right length in query, cookies, lines of the service's own and a body that is not large."""
    found: list[Node] = []
    stack = [line for line in opened.headers if line.address.startswith(_LINES)]
    if opened.body is not None and len(opened.body.content) <= LARGEST_BODY:
        stack.append(opened.body)
    if opened.query is not None:
        stack.append(opened.query)
    while stack:
        node = stack.pop()
        children = node.children if unread else unfolded(node)
        if children:
            stack += children[::-1]
        elif SHORTEST <= len(node.content) <= LONGEST and _PATH not in node.address:
            found += [node] if unread or not isinstance(node, Folded) else []
    return found


def category_of(content: bytes, address: str) -> str | None:
    """The category of a field that looks like an identifier, ``unknown`` where nothing says which; else None."""
    seen = look(content)
    if seen is None:
        return None
    name = [step[-_LONGEST_NAME:] for step in _name(address)]
    if naming.is_no_identifier(naming.plain(name[-1])) and not (seen.is_sure and seen.category != "unknown"):
        return None if not seen.is_sure else "unknown"
    named = naming.category(naming.plain(" ".join(name)))
    if seen.form == "imei" and named != "device_id":
        return None  # one number of fifteen digits in ten has a right check digit
    if seen.category == "unknown" or (named is not None and seen.form.startswith(("uuid", "amazon"))):
        return named or seen.category
    return seen.category


def look(content: bytes) -> Look | None:
    """What a value looks like, None if it is no identifier by its form."""
    if not SHORTEST <= len(content) <= LONGEST:
        return None
    found = _FORMS.fullmatch(content) if _CHANCE.fullmatch(content) else None
    match found and found.lastgroup:
        case None:
            return _inside(content)
        case "uuid":
            return _uuid(found["digits"]) if found else None
        case "number":
            return _number(content)
        case "hex":
            return _hex(content)
        case "token":
            return _token(content)
        case "mac":
            return None if _is_empty(content) else Look("mac", "device_id", is_sure=True)
        case form:
            return _KNOWN[str(form)]


_KNOWN: Final = {
    "ga": Look("ga", "cookie_id", is_sure=True),
    "gs": Look("gs", "session_id", is_sure=True),
    "fbp": Look("fbp", "cookie_id", is_sure=True),
    "fbc": Look("fbc", "click_id", is_sure=True),
    "amazon": Look("amazon", "cookie_id", is_sure=True),
}


def _inside(content: bytes) -> Look | None:
    """A UUID in something longer."""
    if len(content) < 36 or content.count(b"-") < 4:
        return None
    found = _INSIDE.search(content)
    return _uuid(found[0]) if found is not None else None


def _uuid(text: bytes) -> Look | None:
    """RFC 9562. Version 1 holds a time and, unless its multicast bit is set, the number of a network card."""
    if _is_empty(text):
        return None  # of an advertising id that was switched off
    version = text[14:15].decode()
    if version not in "12345678" or text[19:20] not in b"89abAB" or (version == "1" and not _is_of_our_days(text)):
        return Look("uuid", "unknown", is_sure=True)
    is_card = version == "1" and not int(text[24:26], 16) & 1
    return Look(f"uuid-{version}", "device_id" if is_card else "unknown", is_sure=True)


def _is_of_our_days(text: bytes) -> bool:
    """Whether the highest bits of a time in a UUID of version 1 lie between 1999 and 2040."""
    return 0x1D3 <= int(text[15:18], 16) <= 0x1FF


def _number(content: bytes) -> Look | None:
    digits = content.lstrip(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
    digits = digits if digits != content else content.removeprefix(b"-")
    if _NO_NUMBER.fullmatch(digits) or _is_empty(digits) or digits.endswith(b"00000"):
        return None
    if len(digits) == 15 and digits.isdigit() and _has_check_digit(digits):
        return Look("imei", "unknown")
    return Look(f"digits-{len(content)}", "unknown")


def _hex(content: bytes) -> Look | None:
    if content.isalpha() or len(set(content)) < 6:
        return None
    if len(content) == 32 and content[12] in b"14" and content[16] in b"89abAB":
        seen = _uuid(b"-".join((content[:8], content[8:12], content[12:16], content[16:20], content[20:])))
        if seen is not None and seen.form in ("uuid-1", "uuid-4"):
            return seen
    return Look(f"hex-{len(content)}", "unknown")


def _token(content: bytes) -> Look | None:
    """Base64 and the like: long enough, no words, digits and letters mixed as chance mixes them."""
    rest = _TIMES.sub(b"", content)
    if len(rest) < 12 or rest.isalpha() or _NO_TOKEN.fullmatch(rest):
        return _inside(content)
    words = sum(map(len, _WORD.findall(rest.lower() if rest.isupper() else rest)))
    runs = [run for run in _RUN.findall(rest) if len(set(run)) >= 6]
    if not runs or words * 2 > len(rest):
        return _inside(content)
    longest = max(runs, key=len)
    turns = len(_TURN.findall(longest))
    if turns < 3 or turns * 7 < len(longest):
        return _inside(content)
    return _inside(content) or Look(f"token-{len(content)}", "unknown")


def _is_empty(text: bytes) -> bool:
    """Zeros, or one character all over: no number of anything."""
    return len(set(text.replace(b"-", b"").replace(b":", b""))) < 3


def _has_check_digit(digits: bytes) -> bool:
    total = 0
    for place, byte in enumerate(reversed(digits)):
        digit = byte - 0x30
        total += (digit * 2 - 9 if digit > 4 else digit * 2) if place % 2 else digit
    return total % 10 == 0


def _name(address: str) -> list[str]:
    """What a field is called: its last name, in a structure the one around it too; no numbers of members, no layers."""
    steps = [step for step in address.split(SEPARATOR) if step not in LAYERS and not step.isdigit()]
    inside = len(steps) > 2 and steps[-2] not in POINTERS and not steps[-2].endswith(":")
    return steps[-2:] if inside else steps[-1:]


def _is_within(node: Node | None, nodes: set[Node]) -> bool:
    while node is not None:
        if node in nodes:
            return True
        node = node.parent
    return False
