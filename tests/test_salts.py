"""Fixed salts: entries of a file, found and written back like any digest."""

from __future__ import annotations

import hashlib

import pytest

from shield.detect import layered
from shield.detect.tokens import Tokens
from shield.disguise import Disguise
from shield.salts import SALTS, read_salts
from tests.people import FACTS

TEXT = "salts: [{name: shop-club, before: 'club|', after: '|2024', source: a script}]"


def test_a_salted_digest_is_found_and_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """sha256("club|anna@real.example|2024")."""
    salts = read_salts(TEXT)
    monkeypatch.setattr(layered, "SALTS", salts)
    monkeypatch.setattr("shield.disguise.SALTS", salts)
    written = hashlib.sha256(b"club|anna@real.example|2024").hexdigest().encode()
    (token,) = Tokens(FACTS).find(b"\0" + written + b"\0")
    assert token.likeness.disguise == Disguise("lower", "sha256", ("hex",), ("salt shop-club",))
    assert token.likeness.disguise.write("email", "value", "anna@real.example") == written


@pytest.mark.parametrize(
    "text", ["salts: [{name: x}]", "salts: [{name: X Y, before: a}]", "salts: [{nam: x, before: a}]"]
)
def test_entries_that_say_nothing(text: str) -> None:
    """A name, and something to put around the value."""
    with pytest.raises(ValueError, match="salts"):
        read_salts(text)


def test_the_shipped_file_is_read() -> None:
    """Whatever it holds."""
    assert all(name.startswith("salt ") for name in SALTS)
