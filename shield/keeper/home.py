"""The home folder: where everything that Shield keeps for a person lies. Mode 0700."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import platformdirs

from shield.errors import InputError

HOME: Final = "SHIELD_HOME"


def default_home() -> Path:
    """``SHIELD_HOME``, else where this system keeps a user's data (``~/.local/share/shield``)."""
    return Path(os.environ.get(HOME) or platformdirs.user_data_path("shield")).expanduser()


@dataclass(frozen=True, slots=True)
class Home:
    """Where each file lies."""

    path: Path

    @property
    def twin(self) -> Path:
        """The sealed file; its previous generation is ``twin.1``."""
        return self.path / "twin"

    @property
    def key(self) -> Path:
        """The key file that opens the twin until there is a passphrase."""
        return self.path / "twin.key"

    @property
    def journal(self) -> Path:
        """The issued pseudonyms."""
        return self.path / "issued.journal"

    @property
    def ledger(self) -> Path:
        """SQLite."""
        return self.path / "ledger.sqlite"

    @property
    def rules(self) -> Path:
        """The person's own rule files, ``*.yaml``."""
        return self.path / "rules"

    @property
    def config(self) -> Path:
        """The person's configuration; without it the shipped one holds."""
        return self.path / "shield.yaml"

    def make(self) -> bool:
        """Make the folder; whether it is new.

        Raises:
            InputError: it cannot be made, is no folder, or others can write to it.
        """
        is_new = not self.path.exists()
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            if is_new:
                self.path.chmod(0o700)  # whatever the umask says
            elif sys.platform != "win32" and self.path.stat().st_mode & 0o022:
                raise InputError(f"others can write to {self.path}", f"chmod 700 {self.path}")
        except OSError as error:
            reason = (error.strerror or type(error).__name__).lower()
            raise InputError(f"the home folder {self.path} cannot be used: {reason}", f"set {HOME}") from None
        return is_new
