"""The command line: the only door to typer and rich. Commands import what they need when they are called."""

from __future__ import annotations


def main() -> None:
    """Entry point of ``shield``."""
    from shield.cli.app import app

    app(prog_name="shield")
