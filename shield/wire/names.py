"""Names of fields as steps of an address: any byte survives, none of them is a separator."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote_to_bytes

from shield.address import SEPARATOR

PERCENT, PLUS, BACKSLASH = b"%+\\"
"""As numbers: ``PERCENT in value`` takes a tenth of ``b"%" in value``, which CPython tries as a number first."""
PLAIN: Final = re.compile(rb"[!-$&-*,-~]*+")
"""ASCII without percent, plus, blanks and control characters: a name that is its own step."""


def step(name: bytes) -> str:
    """*name* as text: UTF-8, other bytes as lone surrogates (PEP 383); a separator as U+DC1F."""
    text = name.decode("utf-8", "surrogateescape")
    return text.replace(SEPARATOR, "\udc1f") if SEPARATOR in text else text


def from_step(text: str) -> bytes:
    """The bytes of a step; the reverse of :func:`step`."""
    return text.replace("\udc1f", SEPARATOR).encode("utf-8", "surrogateescape")


def below(address: str, step: str) -> str:
    """The address of what a whole body or part holds; a body itself does not show (``json:``, not ``body/json:``)."""
    return step if address == "body" else f"{address}{SEPARATOR}{step}"


def percent_step(name: bytes) -> str:
    """A name with percent escapes as text (``ud%5Bem%5D`` is ``ud[em]``)."""
    return step(unquote_to_bytes(name) if PERCENT in name else name)


def form_step(name: bytes) -> str:
    """A name in a query or form as text: plus is a space."""
    return percent_step(name.replace(b"+", b" "))
