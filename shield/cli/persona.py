"""``shield persona``: who the person is for each service."""

from __future__ import annotations

from typing import Annotated, NoReturn

import typer

from shield.cli.border import guarded, stop
from shield.cli.options import AsJson

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="""Your personas: who you are for each service.

    \b
    Example:
      shield persona list
      shield persona show facebook-pixel --site shop.example
      shield persona rotate facebook-pixel

    A site meets the same persona every time, another site meets another one. Everybody else, trackers above all,
    meets another one on every site that you visit. The values are invented, on reserved domains and numbers; nobody
    real has them.
    """,
)


@app.command("list")
@guarded
def list_(as_json: AsJson = False) -> None:
    """List the personas.

    \b
    Example:
      shield persona list

    These are the stored ones: of sites that were to receive a value that stands for one of yours. Who you are for a
    third party on a site follows from your twin and is not stored: shield persona show SERVICE --site SITE.
    """
    from shield.cli import home
    from shield.cli.screen import print_json, table

    state = home.open_twin().state
    rows = [
        {
            "service": scope,
            "values": len(record.values),
            "epoch": state.epochs.get(scope, 0),
            "made": record.made,
            "account_since": state.accounts[scope].since if scope in state.accounts else None,
        }
        for scope, record in sorted(state.personas.items())
    ]
    if as_json:
        print_json(rows)
    elif not rows:
        typer.echo("no persona is stored; the first is when a site is to receive a value in place of one of yours")
    else:
        heads = ("service", "values", "epoch", "made", "account since")
        table(heads, [[str(value or "") if value != 0 else "0" for value in row.values()] for row in rows])


@app.command()
@guarded
def show(
    service: Annotated[str, typer.Argument(metavar="SERVICE", help="As shield persona list names it.")],
    site: Annotated[
        str | None, typer.Option("--site", metavar="DOMAIN", help="For a third party: the site that you are on.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what a service believes about you. The values are invented, so they are shown.

    \b
    Example:
      shield persona show site:shop.example
      shield persona show facebook-pixel --site shop.example

    The first column names the fact that each value stands for. Values that you chose to keep true are masked.
    """
    from shield.cli import home
    from shield.cli.screen import print_json, table

    twin = home.open_twin()
    scope = f"{service}|{_domain(site)}" if site else service
    if site:
        _check_receiver(service, sorted(twin.state.personas))
    persona = twin.person().persona(scope)
    if persona is None:
        _unknown(service, sorted(twin.state.personas), is_third=not site)
    true = {fact.id: fact for fact in twin.state.facts if fact.category in twin.state.truth}
    values = {fact_id: "(true)" if fact_id in true else fact.value for fact_id, fact in persona.values.items()}
    if as_json:
        print_json({"service": scope, "values": values})
    else:
        table(("stands for", "value"), list(values.items()))


@app.command()
@guarded
def rotate(
    service: Annotated[str, typer.Argument(metavar="SERVICE", help="As shield persona list names it.")],
    account_too: Annotated[
        bool, typer.Option("--account-too", help="Also where an account was made with the persona's e-mail.")
    ] = False,
) -> None:
    """Become somebody else for one service.

    \b
    Example:
      shield persona rotate facebook-pixel

    The persona is made anew and pseudonyms change, so that what comes cannot be joined with what came before.
    A service where the persona has an account is refused: you could not sign in any more.
    """
    from shield.cli import home

    twin = home.open_twin()
    if service not in twin.state.personas:
        _check_receiver(service, sorted(twin.state.personas))
    twin.rotate(service, account_too=account_too)
    typer.echo(f"{service} meets somebody else from now on")


def _domain(site: str) -> str:
    """The registrable domain of a site, given as a host or as an address."""
    from shield.services.domains import host_of, registrable

    host = host_of(site if "://" in site else f"https://{site}")
    if host is None or "." not in host:
        stop(f"'{site}' is no site", "--site shop.example")
    return registrable(host)


def _check_receiver(service: str, stored: list[str]) -> None:
    """A third party has a persona that is not stored: its name has to be that of a service, or ``site:DOMAIN``."""
    from shield.cli.home import load_policy

    known = [one.name for one in load_policy(None, None).services]
    receiver = service.partition("|")[0]
    if receiver not in known and not receiver.startswith("site:"):
        _unknown(service, [*stored, *known])


def _unknown(service: str, known: list[str], *, is_third: bool = False) -> NoReturn:
    from difflib import get_close_matches

    close = get_close_matches(service, known, 1)
    if close:
        hint = f"did you mean '{close[0]}'?"
    else:
        hint = (
            f"for a third party: shield persona show {service} --site shop.example"
            if is_third
            else "shield persona list"
        )
    stop(f"there is no persona for '{service}'", hint)
