"""``shield doctor``: is everything as it should be."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from shield.cli.border import FOUND, guarded
from shield.cli.options import AsJson, Config


@guarded
def doctor(
    port: Annotated[
        int, typer.Option("--port", metavar="PORT", help="The port that shield run uses.", min=1, max=65535)
    ] = 8080,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Look at everything that Shield needs, and say what to do about what is wrong.

    \b
    Example:
      shield doctor

    It changes nothing and asks nobody on the network. At the end it says what a proxy cannot do.
    Exit status 1 if a check failed.
    """
    from shield.cli.home import home
    from shield.cli.screen import print_json
    from shield.system import checks

    place = home()
    files = (place.twin, place.key, place.path / "ca" / "mitmproxy-ca.pem")
    found = list(checks.all_checks(
        place.path, port, files=files, policy=lambda: _policy(config), twin=_twin,
        presidio=lambda: _presidio(config),
    ))  # fmt: skip
    if as_json:
        print_json({"checks": [asdict(check) for check in found], "limits": list(checks.LIMITS)})
    else:
        for check in found:
            typer.echo(f"{check.state:5} {check.name:10} {check.message}")
            if check.hint and check.state != "ok":
                typer.echo(f"      {'':10} hint: {check.hint}")
        typer.echo("\nwhat a proxy cannot do:")
        for limit in checks.LIMITS:
            typer.echo(f"  {limit}")
    if any(check.state == "fail" for check in found):
        raise typer.Exit(FOUND)


def _policy(config: Path | None) -> str:
    """Load the rules and run their examples."""
    from shield import examples
    from shield.cli.home import load_policy
    from shield.errors import ShieldError

    policy = load_policy(None, config)
    results = list(examples.run(policy))
    wrong = [result for result in results if not result.ok]
    if wrong:
        raise ShieldError(f"{len(wrong)} of {len(results)} examples do not hold", "shield rules test")
    return f"{len(policy.rules)} rules, {len(policy.services)} services, {len(results)} examples hold"


def _twin() -> str:
    """Open the twin without asking for anything."""
    from shield.cli.home import home
    from shield.system.checks import MissingError
    from shield.twin.store import Twin, secrets_of

    place = home()
    if not place.twin.exists():
        raise MissingError("there is none yet", "shield twin init")
    twin = Twin.open(place.twin, secrets_of(place.key))
    if not twin.state.facts:
        raise MissingError("opens, but holds no facts", "shield twin add email you@your-mail.example")
    return f"opens; {len(twin.state.facts)} facts, {len(twin.state.personas)} personas"


def _presidio(config: Path | None) -> str:
    """Start presidio where the configuration wants it, as shield run would, and end it again."""
    from shield.cli.home import load_policy
    from shield.errors import RuleErrors, ShieldError
    from shield.presidio.worker import START_SECONDS, Worker

    try:
        wanted = load_policy(None, config).config
    except RuleErrors:
        return "not tried while the rules have mistakes"
    if not wanted.presidio:
        return "off, as the configuration says (detect: {presidio: true} turns it on)"
    worker = Worker(wanted.model or "")
    try:
        worker.wait_until_settled(START_SECONDS)
        if worker.state != "running":
            raise ShieldError(worker.trouble or "it does not start", worker.hint or "look at memory and load")
        return f"{worker.about}: starts in a process of its own; what it finds is reported only"
    finally:
        worker.close()
