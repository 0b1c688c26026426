"""``shield rules suggest``: rules for identifiers that the ledger has seen and nobody has named."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from shield.cli.border import guarded
from shield.cli.home import home, load_policy
from shield.cli.options import Config
from shield.errors import InputError, RuleErrors

if TYPE_CHECKING:
    from shield.ledger.evidence import Place
    from shield.policy.load import Sources
    from shield.policy.rule import Policy
    from shield.suggest import Suggestion


@guarded
def suggest(
    service: Annotated[
        str | None,
        typer.Option("--service", metavar="NAME", help="Only for this service, or this domain if it has no name."),
    ] = None,
    append: Annotated[
        Path | None, typer.Option("--append", metavar="FILE", help="Add them to a rule file; it is made if need be.")
    ] = None,
    config: Config = None,
) -> None:
    """Suggest rules for what looks like an identifier, stays the same, and is named by no rule.

    \b
    Example:
      shield rules suggest
      shield rules suggest --service tracker.example --append ~/.local/share/shield/rules/mine.yaml

    Each rule says what it was seen to do and carries an example; the value in it is made up, for the ledger knows no
    values. Read them before you keep them: a number that is the same for everybody cannot be told from
    yours by looking at you alone. What may be such a number is suggested only if you name its service. Nothing is
    written without --append, and a file that would not load is left as it was.
    """
    from shield.keeper.keeper import sources_of
    from shield.ledger.reader import Reader
    from shield.suggest import proved, render, unnamed

    policy = load_policy(None, config)
    with Reader(home().ledger) as reader:
        left = unnamed(policy, reader.places())
    places = [one for one in left if _is_wanted(one, service)]
    sources = sources_of(home(), config)
    made = proved(policy, places, lambda text: _broken(text, sources))
    if not made:
        typer.echo("nothing to suggest: what stays the same has its rules, or has not been seen often enough", err=True)
    elif append is None:
        typer.echo(render(made), nl=False)
    else:
        _append(append, made, sources)
    if service is None and len(left) > len(places):
        more = " ".join(dict.fromkeys(one.receiver for one in left if one not in places))
        typer.echo(f"left out, for everybody may send the same (see them with --service): {more}", err=True)


def _is_wanted(place: Place, service: str | None) -> bool:
    """Unasked only what is likely to be the person's: else a rule could take the key of a shop away."""
    if service is None:
        return place.is_sure or place.stays == "sites"
    return service in (place.receiver, place.host)


def _broken(text: str, sources: Sources) -> list[str]:
    """The ids of rules in a file, to stand beside those in force, whose examples do not hold."""
    from dataclasses import replace

    from shield import examples

    with tempfile.TemporaryDirectory(prefix="shield-suggest-") as folder:
        file = Path(folder) / "shield-suggested.yaml"
        file.write_text(text, encoding="utf-8")
        policy = _loaded(sources, file)
        suggested = replace(policy, rules=tuple(rule for rule in policy.rules if rule.file.endswith(file.name)))
        return [one.rule for one in examples.run(suggested) if not one.ok]


def _loaded(sources: Sources, file: Path) -> Policy:
    from dataclasses import replace

    from shield.policy.load import load

    return load(replace(sources, person=(*sources.person, file)))


def _append(file: Path, made: list[Suggestion], sources: Sources) -> None:
    """Write the rules behind those of a file; if that does not load, the file is put back."""
    from shield.suggest import appended

    before = file.read_text(encoding="utf-8") if file.exists() else None
    file.parent.mkdir(parents=True, exist_ok=True)
    _write(file, appended(before or "", made))
    try:
        _loaded(sources, file)
    except RuleErrors as errors:
        if before is None:
            file.unlink()
        else:
            _write(file, before)
        first = errors.errors[0]
        raise InputError(
            f"{file} does not load with these rules at its end, and is as it was: {first.message}", "name a new file"
        ) from None
    count = "1 rule" if len(made) == 1 else f"{len(made)} rules"
    typer.echo(f"{count} added to {file}: {' '.join(one.id for one in made)}")
    if not any(file.resolve().is_relative_to(one.resolve()) for one in sources.person):
        typer.echo(f"  shield run reads the rules in {home().rules}; this file lies elsewhere")


def _write(file: Path, text: str) -> None:
    """As a whole or not at all."""
    beside = file.with_name(file.name + ".new")
    beside.write_text(text, encoding="utf-8")
    beside.replace(file)
