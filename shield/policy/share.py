"""The share table: what may be received where no rule names it, by receiver, category and purpose.

A row belongs to a service, a company, or to the parties ``first`` and ``third``; in a row a category (or
``*``), in that a purpose (or ``*``). The look-up takes the first cell that exists, from the nearest row on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from shield.policy.rule import Cell, Share
from shield.vocabulary import PROTECTIVE_ORDER

SILENT = {"first": Cell("allow", "default"), "third": Cell("strip", "default")}
"""What holds where the table has no cell at all: a site gets what was typed into it, a tracker nothing."""
REPORTED = Cell("allow", "reported")
"""What holds for what was found by its form alone, where no row names its category."""


def look_up(
    share: Share, *, service: str | None, company: str | None, party: str, category: str, purpose: str | None,
    by_form: bool = False,
) -> Cell:  # fmt: skip
    """The cell that decides about a *category* for a receiver.

    A purpose nobody knows (None) takes ``*``. Towards an unknown party the more protective of the cells
    for ``first`` and ``third`` counts.

    Args:
        by_form: it was recognised by its form alone: only a cell that names the category speaks about it.
    """
    owners = (service, company and company.casefold())
    for owner in owners:
        cell = _in_row(share.get(owner or ""), category, purpose, by_form)
        if cell is not None:
            return cell
    sides = ("first", "third") if party == "unknown" else (party,)
    cells = [
        _in_row(share.get(side), category, purpose, by_form) or (REPORTED if by_form else SILENT[side])
        for side in sides
    ]
    return most_protective(cells)


def _in_row(
    row: Mapping[str, Mapping[str, Cell]] | None, category: str, purpose: str | None, by_form: bool
) -> Cell | None:
    if row is None:
        return None
    cells = row.get(category) or (None if by_form else row.get("*"))
    if not cells:
        return None
    return cells.get(purpose or "*") or cells.get("*") or most_protective(cells.values())


def most_protective(cells: Iterable[Cell]) -> Cell:
    """The cell whose action protects most; the first of equals."""
    return min(cells, key=lambda cell: PROTECTIVE_ORDER.index(cell.action))


def merge(base: Share, person: Share) -> Share:
    """A person's table over the shipped one: rows are joined, a category they state replaces that cell."""
    merged = {name: dict(row) for name, row in base.items()}
    for name, row in person.items():
        merged[name] = {**merged.get(name, {}), **row}
    return merged
