"""A home folder for one run: rules, a configuration that opens every host, and the twin of Anna Schmidt."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from shield.demo import traces as anna
from shield.keeper import Keeper
from shield.policy.load import Sources
from shield.twin.store import Twin, make_key_file, read_key_file

CONFIG: Final = "intercept: everything\n"
"""``services``, the default, would pass the shop and the sign-in at Google through unseen; here they are read too."""
FACTS: Final = (
    ("email", {"value": anna.EMAIL}),
    ("phone", {"value": anna.PHONE}),
    ("name", {"given": anna.GIVEN, "family": anna.FAMILY}),
    (
        "postal_address",
        {"street": anna.STREET, "city": anna.CITY, "postcode": anna.POSTCODE, "country": anna.COUNTRY},
    ),
    ("date_of_birth", {"value": anna.BORN}),
    ("username", {"value": anna.USERNAME}),
    ("card", {"value": anna.CARD}),
)


def make_keeper(folder: Path, rules: Path) -> Keeper:
    """Make the home below *folder* and open it with the rules of another folder."""
    home = folder / "home"
    home.mkdir(mode=0o700)
    key, config = home / "twin.key", home / "shield.yaml"
    make_key_file(key)
    twin = Twin.create(home / "twin", read_key_file(key))
    for category, parts in FACTS:
        twin.add_fact(category, parts)
    config.write_text(CONFIG, encoding="utf-8")
    return Keeper.open(home, rules=Sources(shipped=(rules,), config=config))
