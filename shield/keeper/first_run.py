"""The first run: a key file and an empty twin."""

from __future__ import annotations

from shield.errors import TwinError
from shield.keeper.home import Home
from shield.twin.file import only_writer
from shield.twin.store import Twin, make_key_file, read_key_file


def first_twin(home: Home) -> list[str]:
    """Make key file and twin where there is no twin. A key file that is there already is used."""
    made: list[str] = []
    with only_writer(home.path / "home.lock"):
        if home.twin.exists():
            return made
        if (backup := home.twin.with_name(home.twin.name + ".1")).exists():
            raise TwinError(f"the twin is gone, but its backup is there: {backup}", f"cp {backup} {home.twin}")
        if not home.key.exists():
            make_key_file(home.key)
            made.append("key")
        Twin.create(home.twin, read_key_file(home.key))
    return [*made, "twin"]
