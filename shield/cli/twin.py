"""``shield twin``: the facts that Shield looks for, in a sealed file of the person's own."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from shield.cli.border import guarded, stop
from shield.cli.options import AsJson

SHORTEST = 8
"""Characters of a passphrase; Argon2id makes each guess slow, but nothing saves two letters."""

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="""Your twin: who you really are, sealed in one file on this machine.

    \b
    Example:
      shield twin init
      shield twin add email anna@real.example
      shield twin add name Anna Schmidt
      shield twin show
      shield twin passwd

    Shield can only hold back what it knows. Add what you type into forms: name, e-mail, phone, address,
    date of birth, user name, card. Trackers get it as digests too; Shield knows those forms.
    """,
)


@app.command()
@guarded
def init(
    passphrase: Annotated[
        bool, typer.Option("--passphrase", help="Seal with a passphrase instead of a key file.")
    ] = False,
) -> None:
    """Make an empty twin.

    \b
    Example:
      shield twin init --passphrase

    Without --passphrase a key file beside the twin opens it (mode 0600), so that the proxy can start without
    you; whoever has both files can read the twin. shield run does this by itself the first time.
    """
    from shield.cli.home import home
    from shield.twin.seal import Passphrase
    from shield.twin.store import Twin, make_key_file

    place = home()
    place.make()
    if place.twin.exists():
        stop(f"there is a twin already: {place.twin}", "shield twin show")
    secret = Passphrase(_new_passphrase()) if passphrase else make_key_file(place.key)
    Twin.create(place.twin, secret)
    typer.echo(f"made {place.twin}")
    if not passphrase:
        typer.echo(f"made {place.key}  (opens it; a passphrase instead: shield twin passwd)")
    typer.echo("next: shield twin add email you@your-mail.example")


@app.command()
@guarded
def show(
    reveal: Annotated[bool, typer.Option("--reveal", help="Show the values themselves.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the facts, masked, and how each is looked for.

    \b
    Example:
      shield twin show
      shield twin show --reveal

    Values stay hidden unless you ask, because terminals are recorded, shared and looked at from behind. Every
    form is looked for in its disguises too; a short or common one counts only where the name of a field says
    what it is, or beside another fact.
    """
    from shield.cli import home
    from shield.cli.screen import print_json, table
    from shield.detect.sought import sought

    twin = home.open_twin()
    facts = [
        (fact.id, fact.category, {part: text if reveal else _mask(text) for part, text in fact.parts.items()})
        for fact in twin.state.facts
    ]
    ways = [sought(fact) for fact in twin.state.facts]
    if as_json:
        told = [
            {**dict(zip(("id", "category", "parts"), fact, strict=True)), "looked_for": way._asdict()}
            for fact, way in zip(facts, ways, strict=True)
        ]
        print_json({"opens_with": twin.kind, "facts": told, "personas": sorted(twin.state.personas)})
        return
    if not facts:
        typer.echo("the twin holds no facts yet: shield twin add email you@your-mail.example")
        return
    rows = [
        (fact_id, category, "  ".join(_label(part) + text for part, text in parts.items()), way.words)
        for (fact_id, category, parts), way in zip(facts, ways, strict=True)
    ]
    table(("id", "category", "value", "looked for"), rows)


def _label(part: str) -> str:
    return "" if part == "value" else f"{part}: "


def _mask(value: str) -> str:
    """The first character and the length; nothing that helps to guess the rest."""
    return f"{value[:1]}{'*' * min(len(value) - 1, 12)} ({len(value)})"


@app.command()
@guarded
def add(
    category: Annotated[
        str, typer.Argument(metavar="CATEGORY", help="email, name, phone, postal_address, date_of_birth, card ...")
    ],
    value: Annotated[
        list[str] | None,
        typer.Argument(metavar="VALUE", help="The value; PART=VALUE for parts. Left out: asked for, not shown."),
    ] = None,
) -> None:
    """Add a fact.

    \b
    Example:
      shield twin add email anna@real.example
      shield twin add name given=Anna family=Schmidt
      shield twin add phone +4915112345678
      shield twin add postal_address street="Hauptstr. 5" city=Bonn postcode=53111 country=DE
      shield twin add card                       (asks, so that it stays out of the shell's history)

    Every persona gets a value that stands for it from then on. The running proxy takes it up by itself.
    """
    from shield.cli.home import open_twin
    from shield.detect.sought import sought

    parts = _parts(category, value or [])
    fact = open_twin().add_fact(category, parts)
    typer.echo(f"added {fact.id}")
    way = sought(fact)
    if way.is_common:
        typer.echo(f"warning: too common to be looked for everywhere; {way.words}", err=True)


def _parts(category: str, words: list[str]) -> dict[str, str]:
    from shield.person import PARTS

    allowed = PARTS.get(category, ())
    named = [word.partition("=") for word in words if word.partition("=")[0] in allowed]
    if words and len(named) == len(words):
        return {part: text for part, _, text in named}
    if words:
        return {"value": " ".join(words)}
    if not allowed:
        return {"value": _asked(category)}
    return {part: typer.prompt(part, default="", show_default=False, err=True) for part in allowed}


def _asked(what: str) -> str:
    """Ask on a terminal, not shown; else the first line of standard input."""
    if sys.stdin.isatty():
        return str(typer.prompt(what, hide_input=True, err=True))
    line = sys.stdin.readline().strip()
    return line or stop(f"no {what} was given", f"shield twin add {what} VALUE, or its line on standard input")


@app.command()
@guarded
def remove(
    fact: Annotated[str, typer.Argument(metavar="FACT", help="The fact's id, as shield twin show lists it.")],
) -> None:
    """Forget a fact, and the values that stand for it.

    \b
    Example:
      shield twin remove email-1

    From then on Shield no longer looks for it: it leaves wherever a page sends it.
    """
    from shield.cli.home import open_twin

    open_twin().remove_fact(fact)
    typer.echo(f"removed {fact}")


@app.command()
@guarded
def passwd(
    key_file: Annotated[bool, typer.Option("--key-file", help="Go back from a passphrase to a key file.")] = False,
) -> None:
    """Set or change the passphrase.

    \b
    Example:
      shield twin passwd
      SHIELD_PASSPHRASE_FILE=~/.secrets/shield shield run     (starts without a prompt)

    Only the wrapped key is written anew; facts and personas stay. The key file, no longer of use, is removed.
    There is no way back to a twin whose passphrase is lost.
    """
    from shield.cli.home import home, open_twin
    from shield.twin.seal import Passphrase
    from shield.twin.store import make_key_file

    twin, key_path = open_twin(), home().key
    if not key_file:
        twin.change_secret(Passphrase(_new_passphrase()))
        key_path.unlink(missing_ok=True)
        typer.echo("the twin opens with the new passphrase")
        return
    if twin.kind == "keyfile":
        stop("the twin is sealed with a key file already", "shield twin passwd")
    twin.change_secret(make_key_file(key_path))
    typer.echo(f"the twin opens with {key_path}")


def _new_passphrase() -> str:
    """Ask twice on a terminal; otherwise the first line of SHIELD_NEW_PASSPHRASE_FILE or of standard input."""
    import os
    import sys
    from pathlib import Path

    if path := os.environ.get("SHIELD_NEW_PASSPHRASE_FILE"):
        text = Path(path).read_text(encoding="utf-8").splitlines()
    elif sys.stdin.isatty():
        text = [typer.prompt("new passphrase", hide_input=True, confirmation_prompt="once more", err=True)]
    else:
        text = sys.stdin.readline().splitlines()
    if not text or not text[0]:
        stop("the passphrase is empty", "type one, or name a file in SHIELD_NEW_PASSPHRASE_FILE")
    if len(text[0]) < SHORTEST:
        stop(f"a passphrase has at least {SHORTEST} characters", "four words are easy to remember and hard to guess")
    return text[0]
