"""``shield demo``: the proxy at work, with nothing but this machine."""

from __future__ import annotations

from dataclasses import asdict

import typer

from shield.cli.border import FOUND, guarded
from shield.cli.options import AsJson


@guarded
def demo(as_json: AsJson = False) -> None:
    """Show what Shield does, on this machine alone.

    \b
    Example:
      shield demo

    Starts the real proxy and a small server that plays Google, Facebook, Amazon and a shop. Anna Schmidt, who
    does not exist, searches, looks at a shop, signs up, signs in and pays. One table per company shows what
    her browser sent, what arrived and which rule did it; then come the checks. No network, no certificate to
    install, nothing is kept. It takes a few seconds.

    Exit status 1 if anything arrived that should not have, or did not arrive that should.
    """
    from shield import demo as room
    from shield.cli.screen import console, print_json

    result = room.run()
    if as_json:
        print_json(asdict(result) | {"ok": result.ok})
    else:
        from shield.demo.screen import show

        screen = console()
        for part in show(result):
            screen.print(part)
    if not result.ok:
        raise typer.Exit(FOUND)
