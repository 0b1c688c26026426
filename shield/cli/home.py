"""The person's folder, their twin and the policy in force, as commands that do not run the proxy need them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from shield.errors import InputError

if TYPE_CHECKING:
    from shield.policy.rule import Policy
    from shield.twin.store import Twin


def home() -> Path:
    """SHIELD_HOME, else the place the system has for it."""
    from shield.keeper import default_home

    return default_home()


def twin_path() -> Path:
    """Where the sealed file lies."""
    return home() / "twin"


def key_path() -> Path:
    """Where the key file of a twin without a passphrase lies."""
    return home() / "twin.key"


def open_twin() -> Twin:
    """Open the twin, asking for the passphrase on a terminal.

    Raises:
        TwinError: there is none, or it does not open.
    """
    from shield.twin.store import Twin, secrets_of

    if not twin_path().exists():
        raise InputError("there is no twin yet", "shield twin init")
    return Twin.open(twin_path(), secrets_of(key_path(), ask_passphrase()))


def ask_passphrase() -> Callable[[], str] | None:
    """A prompt on a terminal; None where nobody could answer it."""
    import sys

    if not sys.stdin.isatty():
        return None
    return lambda: typer.prompt("passphrase", hide_input=True, err=True)


def load_policy(rules: Path | None = None, config: Path | None = None) -> Policy:
    """The policy of the home folder, or of the given files.

    Raises:
        RuleErrors: mistakes in the files, with their places.
        InputError: a file or folder is not there.
    """
    from shield.policy.load import load

    return load(sources(rules, config))
