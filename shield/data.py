"""Where the shipped files lie: rules, configs, addons, schema.

In a wheel they are ``shield/_data/NAME`` (pyproject, force-include); in a checkout the folder NAME at the top.
"""

from __future__ import annotations

from pathlib import Path

from shield.errors import InputError

_PACKAGE = Path(__file__).resolve().parent


def data_path(name: str) -> Path:
    """The shipped file or folder *name*, e.g. ``rules`` or ``configs/shield.yaml``.

    Raises:
        InputError: it is neither in the wheel nor in the checkout, so the installation is broken.
    """
    for folder in (_PACKAGE / "_data", _PACKAGE.parent):
        path = folder / name
        if path.exists():
            return path
    raise InputError(f"the shipped files lack '{name}'", "install again: uv tool install --reinstall shield")
