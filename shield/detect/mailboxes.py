"""Other spellings of a person's mailbox: another tag behind a plus, and at Gmail dots anywhere and the other domain.

They are without number, so they are not written out: where a domain of the person's stands behind an at sign, what
stands before it is brought into one spelling and compared. Source: Gmail help, "Dots don't matter in Gmail
addresses"; RFC 5233 (subaddress).
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Iterator
from typing import Final

from shield.detect.spelling import disguise
from shield.detect.tokens import Token
from shield.disguise import GMAIL
from shield.finding import Likeness
from shield.forms import forms, mailbox
from shield.person import Fact

_LOCAL: Final = (string.ascii_letters + string.digits + "._%+-").encode()
_MOST: Final = 64  # RFC 5321, section 4.5.3.1.1
_AT_SIGN: Final = 0x40


class Mailboxes:
    """The mailboxes of a person."""

    __slots__ = ("_domains", "_known")

    def __init__(self, facts: Iterable[Fact]) -> None:
        self._known: dict[tuple[str, str], str] = {}
        for fact in facts:
            if fact.category == "email" and "@" in fact.value:
                for form in forms(fact.category, fact.parts):
                    if form.part.partition("~")[0] == "value":
                        self._known.setdefault(mailbox(form.text), fact.id)
        domains = {domain for _, domain in self._known}
        if GMAIL[0] in domains:
            domains.add(GMAIL[1])
        any_of = b"|".join(re.escape(one.encode()) for one in sorted(domains, key=len, reverse=True))
        self._domains = re.compile(rb"(?i)@(" + any_of + rb")(?![a-z0-9-]|\.[a-z0-9])") if domains else None

    def find(self, buffer: bytes) -> Iterator[Token]:
        """Where they stand, in order."""
        if self._domains is None or _AT_SIGN not in buffer:
            return
        for found in self._domains.finditer(buffer):
            before = buffer[max(0, found.start() - _MOST - 1) : found.start()]
            local = before[len(before.rstrip(_LOCAL)) :]
            fact_id = self._known.get(mailbox((local + b"@" + found[1]).decode("utf-8", "replace")))
            if fact_id is not None and len(local) <= _MOST:
                start = found.start() - len(local)
                yield Token(start, found.end(), Likeness(fact_id, "value", disguise()), "email")
