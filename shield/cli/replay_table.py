"""Replay for people: one line for each message that something happened to, then what each company was sent.

Lines show host, verdict, addresses and rules; never a value, a path or a query, for these may hold one.
"""

from __future__ import annotations

from collections import Counter
from typing import TextIO

from shield.replay.record import Json, Record
from shield.replay.source import Failure

_COLUMNS = ("company", "messages", "unchanged", "edited", "blocked", "redirected", "asked", "not looked at")
_SHOWN = 3  # changes named in a line; the rest is a number


class Sums:
    """What a run adds up to; its size depends on the number of companies, not of messages."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._counts: dict[str, Counter[str]] = {}
        self._spent_us: list[int] = [0, 0]
        self.errors = 0

    def add(self, record: Record | Failure, out: Json) -> None:
        """Write the line of one record, if it has one, and count it."""
        if isinstance(record, Failure) or "error" in out:
            self.errors += 1
            self._line(f"error     {out['error']}")
            return
        self._counts.setdefault(out["company"] or "others", Counter()).update(("messages", _kind(out)))
        self._spent_us[0] += 1
        self._spent_us[1] += out["engine_us"]
        if out["modified"] or out["verdict"] != "forward":
            passed = "" if out["looked_at"] else "  (shield run does not open this host)"
            self._line(f"{_word(out):9} {record.request.method} {record.request.host}  {_told(out)}{passed}")

    def finish(self) -> None:
        """Write the sums."""
        counts = sorted(self._counts.items())
        rows = [(name, *(str(count[column] or "") for column in _COLUMNS[1:])) for name, count in counts]
        widths = [max(len(row[column]) for row in (_COLUMNS, *rows)) for column in range(len(_COLUMNS))]
        self._line("")
        for row in (_COLUMNS, *rows):
            first, *rest = zip(row, widths, strict=True)
            self._line("  ".join((first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in rest))).rstrip())
        messages, spent_us = self._spent_us
        if messages:
            self._line(f"\n{messages} messages, {spent_us // messages} microseconds each; {self.errors} errors")
        else:
            self._line(f"\nno messages; {self.errors} errors")

    def _line(self, text: str) -> None:
        self._stream.write(text + "\n")


def _kind(out: Json) -> str:
    if out["verdict"] != "forward":
        return {"block": "blocked", "redirect": "redirected", "ask": "asked"}[out["verdict"]]
    if out["modified"]:
        return "edited"
    return "unchanged" if out["looked_at"] else "not looked at"


def _word(out: Json) -> str:
    return "edited" if out["verdict"] == "forward" else str(out["verdict"])


def _told(out: Json) -> str:
    if out["verdict"] != "forward":
        because = out["because"]
        return " ".join(filter(None, (because["id"] or because["layer"], because["rule"] and f"({because['rule']})")))
    hidden = {finding["at"] for finding in out["findings"] if "in_name" in finding}  # there the name is the value
    places = [(_place(one["at"]) if one["at"] in hidden else one["at"], one["did"]) for one in out["changes"]]
    changes = [f"{place} {did}" for place, did in places]
    more = len(changes) - _SHOWN
    return ", ".join(changes[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _place(address: str) -> str:
    """``query`` of ``query:name``."""
    return address.partition(":")[0]
