"""The share table: which cell decides (design, section 4, "The share table")."""

from __future__ import annotations

import pytest

from shield.policy.config import read_share
from shield.policy.rule import Share
from shield.policy.share import look_up, merge
from shield.policy.text import Desk, Table, read_text

TABLE = """
first: {"*": allow}
third:
  "*": {analytics: strip, "*": allow}
  email: pseudonymize
  card: {analytics: block, checkout: allow}
shop: {email: allow, phone: {delivery: allow, "*": strip}}
Acme: {"*": strip, name: allow}
"""


def share(text: str) -> Share:
    """A table as loaded."""
    desk = Desk("table.yaml")
    part = read_text(text.encode(), desk)
    assert isinstance(part, Table)
    read = read_share(part, desk)
    assert desk.errors == []
    return read


ROWS = [
    # service, company, party, category, purpose -> action, key
    (None, None, "first", "email", "search", "allow", "share.first.*.*"),
    (None, None, "third", "email", "analytics", "pseudonymize", "share.third.email.*"),
    (None, None, "third", "phone", "analytics", "strip", "share.third.*.analytics"),
    (None, None, "third", "phone", "search", "allow", "share.third.*.*"),
    (None, None, "third", "phone", None, "allow", "share.third.*.*"),
    # without "*" an unlisted purpose takes the row's most protective cell
    (None, None, "third", "card", "search", "block", "share.third.card.analytics"),
    (None, None, "third", "card", None, "block", "share.third.card.analytics"),
    (None, None, "third", "card", "checkout", "allow", "share.third.card.checkout"),
    # service, then company, then the party
    ("shop", "Acme", "third", "email", "analytics", "allow", "share.shop.email.*"),
    ("shop", "Acme", "third", "phone", "delivery", "allow", "share.shop.phone.delivery"),
    ("shop", "Acme", "third", "phone", "analytics", "strip", "share.shop.phone.*"),
    ("shop", "Acme", "third", "name", "analytics", "allow", "share.Acme.name.*"),
    ("shop", "Acme", "first", "geo", "analytics", "strip", "share.Acme.*.*"),
    ("shop", None, "first", "geo", "analytics", "allow", "share.first.*.*"),
    ("other", "acme", "third", "geo", None, "strip", "share.Acme.*.*"),
    # an unknown party: the more protective of both
    (None, None, "unknown", "email", None, "pseudonymize", "share.third.email.*"),
    (None, None, "unknown", "phone", "search", "allow", "share.first.*.*"),
]


@pytest.mark.parametrize("row", ROWS)
def test_the_first_cell_that_exists_decides(row: tuple[str | None, ...]) -> None:
    """From the nearest row on, and inside it from category to purpose."""
    service, company, party, category, purpose, action, key = row
    cell = look_up(
        share(TABLE), service=service, company=company, party=str(party), category=str(category), purpose=purpose
    )
    assert (cell.action, cell.key) == (action, key)
    assert cell.file == "table.yaml"


def test_where_the_table_is_silent() -> None:
    """A site gets what was typed into it; a third and an unknown party nothing."""
    silent = [
        look_up({}, service=None, company=None, party=party, category="email", purpose=None).action
        for party in ("first", "third", "unknown")
    ]
    assert silent == ["allow", "strip", "strip"]


def test_a_persons_table_is_laid_over_the_shipped_one() -> None:
    """Rows are joined; a stated category replaces all its purposes."""
    merged = merge(share(TABLE), share("third: {card: strip, geo: ask}\nnew: {geo: allow}\n"))
    assert {purpose: cell.action for purpose, cell in merged["third"]["card"].items()} == {"*": "strip"}
    assert merged["third"]["email"]["*"].action == "pseudonymize"
    assert merged["third"]["geo"]["*"].action == "ask"
    assert merged["new"]["geo"]["*"].action == "allow"
    assert merged["first"]["*"]["*"].action == "allow"
