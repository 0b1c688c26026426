"""Coarser values. What cannot be made coarser is stripped by the caller, never passed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from shield.finding import Finding
from shield.person import Person
from shield.transform.browsers import frozen_hint, frozen_user_agent

_URL: Final = re.compile(rb"([A-Za-z][A-Za-z0-9+.\-]*)://(?:[^/?#@\s]*@)?([^/?#@\s]+)(/[^?#]*)?(?:[?#].*)?", re.DOTALL)
_NUMBERS: Final = re.compile(rb"\s*[+-]?\d{1,17}(?:\.\d*)?(?:[\s,;|]+[+-]?\d{1,17}(?:\.\d*)?)*\s*")
_DECIMAL: Final = re.compile(rb"(\d+)\.(\d*)")
_YEAR: Final = re.compile(rb"(?<!\d)(1[89]\d\d|20\d\d)(?!\d)")
_COMPACT_DATE: Final = re.compile(rb"(1[89]\d\d|20\d\d)(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_LANGUAGE: Final = re.compile(rb"\s*([A-Za-z]{1,8}(?:[-_][A-Za-z0-9]{1,8})*)\s*(?:[,;].*)?", re.DOTALL)


def generalized(finding: Finding, content: bytes, to: str, person: Person) -> bytes | None:
    """*content* (of the finding's span, with what was edited in it) made as coarse as *to* says.

    Args:
        to: ``origin``, ``path``, ``N decimals``, ``year``, ``decade``, ``region``, ``country``, ``family``,
            ``first-tag`` or ``="constant"``.

    Returns:
        None where it cannot be done: strip it.
    """
    if to.startswith("="):
        return to[1:].strip('"').encode()
    if _is_disguised(finding):
        return None
    if to in ("region", "country"):
        return _of_fact(finding, to, person)
    if to == "family":
        return _family(finding, content)
    if to.endswith(("decimals", "decimal")):
        return _decimals(content, int(to.split()[0]))
    change = _CHANGES.get(to)
    return change(content) if change else None


def _is_disguised(finding: Finding) -> bool:
    worn = finding.likeness.disguise if finding.likeness else None
    return worn is not None and bool(worn.digest or worn.encodings)


def _origin(content: bytes) -> bytes | None:
    found = _URL.fullmatch(content.strip())
    return found[1] + b"://" + found[2] + b"/" if found else None


def _path(content: bytes) -> bytes | None:
    found = _URL.fullmatch(content.strip())
    if found:
        return found[1] + b"://" + found[2] + (found[3] or b"/")
    return re.split(rb"[?#]", content, maxsplit=1)[0] if re.match(rb"/(?!/)", content) else None


def _decimals(content: bytes, places: int) -> bytes | None:
    """Every number of a list cut after *places* decimals; 52.516 becomes 52.51 (cut, so that no step is moved)."""
    if not _NUMBERS.fullmatch(content):
        return None

    def cut(found: re.Match[bytes]) -> bytes:
        return found[1] + (b"." + found[2][:places] if places and found[2] else b"")

    return _DECIMAL.sub(cut, content)


def _year(content: bytes) -> bytes | None:
    """The one year in a date of any order."""
    compact = _COMPACT_DATE.fullmatch(content.strip())
    if compact:
        return compact[1]
    years = _YEAR.findall(content)
    return years[0] if len(years) == 1 and len(content) <= 40 else None


def _decade(content: bytes) -> bytes | None:
    year = _year(content)
    return year[:3] + b"0" if year else None


def _first_tag(content: bytes) -> bytes | None:
    """``de-DE,de;q=0.9,en;q=0.8`` becomes ``de-DE``."""
    found = _LANGUAGE.fullmatch(content)
    return found[1] if found else None


def _of_fact(finding: Finding, part: str, person: Person) -> bytes | None:
    """Region or country of the address that was recognised; of any other place we do not know them."""
    fact = person.fact(finding.likeness.fact_id) if finding.likeness else None
    value = fact.parts.get(part) if fact else None
    return value.encode() if value else None


def _family(finding: Finding, content: bytes) -> bytes | None:
    text = content.decode("latin-1").strip()
    if finding.category == "client_hints":
        frozen = frozen_hint(finding.at.removeprefix("header:").lower(), text)
    else:
        frozen = frozen_user_agent(text)
    return frozen.encode() if frozen else None


_CHANGES: Final[Mapping[str, Callable[[bytes], bytes | None]]] = {
    "origin": _origin, "path": _path, "year": _year, "decade": _decade, "first-tag": _first_tag,
}  # fmt: skip
