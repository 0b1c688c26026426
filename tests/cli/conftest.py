"""A home of one's own for every command, and a way to call it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from shield.cli.app import app

Shield = Callable[..., Result]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """SHIELD_HOME in a temporary folder, not made yet."""
    folder = tmp_path / "home"
    monkeypatch.setenv("SHIELD_HOME", str(folder))
    for name in ("SHIELD_PASSPHRASE_FILE", "SHIELD_NEW_PASSPHRASE_FILE"):
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.fixture
def shield(home: Path) -> Shield:
    """Call a command: ``shield("twin show --json")``; the result has stdout, stderr and exit_code."""

    def call(words: str | list[str], given: str | None = None) -> Result:
        arguments = words.split() if isinstance(words, str) else words
        return CliRunner().invoke(app, arguments, input=given, prog_name="shield", catch_exceptions=False)

    return call
