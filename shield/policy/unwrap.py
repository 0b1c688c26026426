"""Unwrap: where a link that counts the click first would have led."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from shield.address import AddressPattern
from shield.context import Context
from shield.opened import Opened
from shield.policy.rule import Rule

_SAFE: Final = re.compile(rb"https?://[^\x00-\x20/?#\\@]+(?:[/?#][^\x00-\x20\\]*)?", re.IGNORECASE)
_PART: Final = re.compile(r"\{([a-z][a-z0-9_]*)(?:\*\*)?\}")


def target(rule: Rule, context: Context, opened: Opened) -> str | None:
    """The first of ``to`` that is an absolute http(s) address; None: the rule does not apply.

    Only for documents fetched with GET: nothing else can be sent elsewhere without a surprise.
    """
    if context.method != "GET" or context.type != "document" or context.direction != "request":
        return None
    for text in rule.to:
        candidates = [_filled(text, rule, context)] if _is_template(text) else _values(text, opened)
        for candidate in candidates:
            if candidate is not None and _SAFE.fullmatch(candidate):
                return _ascii(candidate)
    return None


def _is_template(text: str) -> bool:
    return "{" in text or text.startswith(("http://", "https://"))


def _values(text: str, opened: Opened) -> list[bytes]:
    return [node.content for node in opened.find(AddressPattern(text))]


def _filled(text: str, rule: Rule, context: Context) -> bytes | None:
    """The template with the named parts of the path, as they stand in the path."""
    for condition in rule.where:
        for path in condition.path:
            spans = path.parts(context.readings, protects=True)
            if spans is not None and all(name in spans for name in _PART.findall(text)):
                return _written(text, {name: context.path[start:end] for name, (start, end) in spans.items()})
    return None


def _written(text: str, parts: Mapping[str, str]) -> bytes:
    return _PART.sub(lambda found: parts[found[1]], text).encode("latin-1", "ignore")


def _ascii(address: bytes) -> str:
    """Bytes outside ASCII percent-encoded, as a Location header must have it (RFC 9110, section 10.2.2)."""
    return "".join(chr(byte) if byte < 0x80 else f"%{byte:02X}" for byte in address)
