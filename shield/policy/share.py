"""The share table: what may be received where no rule names it, by receiver, category and purpose.

A row belongs to a service, a company, or to the parties ``first`` and ``third``; in a row a category (or
``*``), in that a purpose (or ``*``). The look-up takes the first cell that exists, from the nearest row on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from shield.policy.rule import Cell, Share
from shield.vocabulary import PROTECTIVE_ORDER

SILENT = {"first": Cell("allow", "default"), "third": Cell("strip", "default")}
"""What holds where the table has no cell at all: a site gets what was typed into it, a tracker nothing."""
WITHHELD = Cell("strip", "withheld")
"""What holds for a fact towards anybody but the site, where only a row's ``*`` would let it pass: that nobody thought
of its category is no permission."""
REPORTED = Cell("allow", "reported")
"""What holds for what was found by its form alone, where no row names its category."""


def look_up(
    share: Share, *, service: str | None, company: str | None, party: str, category: str, purpose: str | None,
    by_form: bool = False, is_fact: bool = False,
) -> Cell:  # fmt: skip
    """The cell that decides about a *category* for a receiver.

    A purpose nobody knows (None) takes ``*``. Towards an unknown party the more protective of the cells
    for ``first`` and ``third`` counts.

    Args:
        by_form: it was recognised by its form alone: only a cell that names the category speaks about it.
        is_fact: it is a value of the person's: towards a third party only a cell that names the category lets it pass.
    """
    cell = _look_up(share, (service, company and company.casefold()), party, category, purpose, by_form)
    if is_fact and party != "first" and cell.action == "allow" and _says_everything(cell, category):
        return WITHHELD
    return cell


def _says_everything(cell: Cell, category: str) -> bool:
    """Whether the cell is a row's ``*``: its key ends with category and purpose."""
    return cell.key.split(".")[-2:-1] != [category]


def _look_up(
    share: Share, owners: Iterable[str | None], party: str, category: str, purpose: str | None, by_form: bool
) -> Cell:
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
    """A person's table over the shipped one: rows are joined, a category they state replaces that cell. One that says
    what the shipped one says, as in a copy of the file, is the shipped one.
    """
    merged: dict[str, dict[str, Mapping[str, Cell]]] = {
        name: {category: {purpose: replace(cell, is_usual=True) for purpose, cell in cells.items()}
               for category, cells in row.items()}
        for name, row in base.items()
    }  # fmt: skip
    for name, row in person.items():
        usual = merged.get(name, {})
        own = {category: cells for category, cells in row.items() if not _is_same(cells, usual.get(category))}
        merged[name] = {**usual, **own}
    return merged


def _is_same(cells: Mapping[str, Cell], usual: Mapping[str, Cell] | None) -> bool:
    return usual is not None and {key: (one.action, one.to) for key, one in cells.items()} == {
        key: (one.action, one.to) for key, one in usual.items()
    }
