"""The journal: what was issued is known again, whatever happened to the end of the file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from shield.errors import TwinError
from shield.finding import Issued
from shield.twin.journal import FIRST_LINE, Journal

KEY = bytes(range(32))


def issued(number: int, scope: str = "google-analytics|shop.example", epoch: int = 0) -> Issued:
    """One of many."""
    return Issued(number.to_bytes(16), scope, epoch, number.to_bytes(32))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where it lies."""
    return tmp_path / "issued.journal"


def test_known_again_after_a_restart(path: Path) -> None:
    """Scope, epoch and root too; the latest of equal digests holds; the mode is 0600."""
    journal = Journal(path, KEY)
    journal.store([issued(1), issued(2, "facebook", 3), issued(3, "müller|straße.example")])
    journal.store([issued(1, epoch=1)])
    journal.close()
    again = Journal(path, KEY)
    assert [again.issued(number.to_bytes(16)) for number in (1, 2, 3, 4)] == [
        issued(1, epoch=1), issued(2, "facebook", 3), issued(3, "müller|straße.example"), None,
    ]  # fmt: skip
    assert (len(again), again.damaged) == (3, 0)
    assert path.stat().st_mode & 0o077 == 0


def test_stored_before_it_is_closed(path: Path) -> None:
    """A crash of ours loses nothing: the rows are with the operating system at once."""
    Journal(path, KEY).store([issued(1)])
    assert Journal(path, KEY).issued((1).to_bytes(16)) == issued(1)


def test_what_is_known_is_not_written_again(path: Path) -> None:
    """A page that repeats itself does not make the file grow."""
    journal = Journal(path, KEY)
    journal.store([issued(1)])
    size = path.stat().st_size
    journal.store([issued(1), issued(1)])
    journal.store([])
    assert path.stat().st_size == size


def test_cut_at_every_byte(path: Path) -> None:
    """Every whole row before the cut is there, and what is stored after it is read again."""
    journal = Journal(path, KEY)
    ends = [path.stat().st_size]
    for number in range(3):
        journal.store([issued(number)])
        ends.append(path.stat().st_size)
    content = path.read_bytes()
    for length in range(len(content) + 1):
        path.write_bytes(content[:length])
        whole = sum(end <= length for end in ends[1:])
        cut = Journal(path, KEY)
        assert (len(cut), cut.damaged) == (whole, 0)
        cut.store([issued(9)])
        cut.close()
        again = Journal(path, KEY)
        assert (len(again), again.damaged) == (whole + 1, 0)


def test_a_changed_row_is_left_out_and_counted(path: Path) -> None:
    """The rows after it are read; nothing is made up."""
    journal = Journal(path, KEY)
    journal.store([issued(1)])
    middle = path.stat().st_size
    journal.store([issued(2), issued(3)])
    changed = bytearray(path.read_bytes())
    changed[middle + 20] ^= 1
    path.write_bytes(changed)
    again = Journal(path, KEY)
    assert (len(again), again.damaged) == (2, 1)
    assert again.issued((2).to_bytes(16)) is None


def test_no_scope_and_no_digest_in_plain(path: Path) -> None:
    """Which sites a person was on is nobody's business."""
    journal = Journal(path, KEY)
    journal.store([issued(2**100)])
    content = path.read_bytes()
    for secret in (b"shop.example", b"google", (2**100).to_bytes(16)):
        assert secret not in content
    assert "shop" not in repr(journal)


def test_another_key_reads_nothing(path: Path) -> None:
    """All rows are damaged then, none is an error."""
    Journal(path, KEY).store([issued(1)])
    other = Journal(path, bytes(32))
    assert (len(other), other.damaged) == (0, 1)


def test_what_is_no_journal_is_not_overwritten(path: Path) -> None:
    """Somebody else's file."""
    path.write_bytes(b"something else entirely")
    with pytest.raises(TwinError, match="no journal"):
        Journal(path, KEY)
    assert path.read_bytes() == b"something else entirely"


@pytest.mark.parametrize(
    "wrong",
    [Issued(b"x", "s", 0, bytes(32)), Issued(bytes(16), "s", 0, b"x"), Issued(bytes(16), "s" * 1025, 0, bytes(32))],
)
def test_wrong_lengths_are_an_error(path: Path, wrong: Issued) -> None:
    """They would make the next row unreadable."""
    journal = Journal(path, KEY)
    with pytest.raises(TwinError):
        journal.store([wrong])
    assert path.read_bytes() == FIRST_LINE


def test_a_full_disk_is_an_error_and_leaves_no_half_row(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message must not leave; what comes later is readable."""
    journal = Journal(path, KEY)
    real = os.write
    calls: list[int] = []

    def full(descriptor: int, content: bytes) -> int:
        calls.append(1)
        if len(calls) > 1:
            raise OSError(28, "No space left on device")
        return real(descriptor, content[:10])

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(TwinError, match="no space left"):
        journal.store([issued(1)])
    monkeypatch.undo()
    assert journal.issued((1).to_bytes(16)) is None
    journal.store([issued(2)])
    assert len(Journal(path, KEY)) == 1


def test_two_writers_do_not_mix_rows(path: Path) -> None:
    """Each row is one append."""
    one, two = Journal(path, KEY), Journal(path, KEY)
    for number in range(0, 40, 2):
        one.store([issued(number)])
        two.store([issued(number + 1)])
    assert len(Journal(path, KEY)) == 40
