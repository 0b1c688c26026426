"""The person's folder, their twin and the policy in force, as commands that do not run the proxy need them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from shield.errors import InputError

if TYPE_CHECKING:
    from datetime import date

    from shield.keeper import Home, Keeper
    from shield.person import Fact, Person, Persona
    from shield.policy.load import Sources
    from shield.policy.rule import Policy
    from shield.replay.run import MakePersona
    from shield.twin.store import Twin


def home() -> Home:
    """SHIELD_HOME, else the place the system has for it."""
    from shield.keeper.home import Home, default_home

    return Home(default_home())


def open_twin() -> Twin:
    """Open the twin, asking for the passphrase on a terminal.

    Raises:
        InputError: there is none. TwinError: it does not open.
    """
    from shield.twin.store import Twin, secrets_of

    place = home()
    if not place.twin.exists():
        raise InputError("there is no twin yet", "shield twin init")
    return Twin.open(place.twin, secrets_of(place.key, passphrase_prompt()))


def passphrase_prompt() -> Callable[[], str] | None:
    """A prompt on a terminal; None where nobody could answer it."""
    if not sys.stdin.isatty():
        return None
    return lambda: str(typer.prompt("passphrase", hide_input=True, err=True))


def open_keeper(config: Path | None, *, observe: bool) -> Keeper:
    """The keeper of the home folder, for ``shield run``."""
    from shield.keeper import Keeper

    check_file(config)
    return Keeper.open(home().path, config=config, passphrase=passphrase_prompt(), observe=observe)


def load_policy(rules: Path | None = None, config: Path | None = None) -> Policy:
    """The policy of the home folder; *rules* takes the place of all rule files, *config* of the configuration.

    Raises:
        RuleErrors: mistakes in the files, with their places.
        InputError: a file or folder is not there.
    """
    from shield.policy.load import load

    return load(_sources(rules, config))


def _sources(rules: Path | None, config: Path | None) -> Sources:
    from shield.keeper.keeper import sources_of
    from shield.policy.load import Sources

    check_file(config)
    usual = sources_of(home(), config)
    if rules is None:
        return usual
    if not rules.exists():
        raise InputError(f"there is no folder {rules}", "name a folder with rule files, or a file")
    return Sources(shipped=(rules,), config=usual.config)


def check_file(path: Path | None) -> None:
    """A file that was named has to be there.

    Raises:
        InputError: it is not.
    """
    if path is not None and not path.is_file():
        raise InputError(f"there is no file {path}", "look at the name and at the folder you are in")


def person_for_replay(facts: Path | None) -> tuple[Person, MakePersona]:
    """Whose facts are looked for, and how a persona is made: of the facts file, else the twin, else nobody's.

    Raises:
        InputError, RuleErrors: the file. TwinError: the twin does not open.
    """
    from shield.person import Person
    from shield.replay.run import FIXED_KEY, made_for_the_run

    if facts is not None:
        from shield.policy.facts import read_facts
        from shield.twin.derived import Derived
        from shield.twin.fact import make_fact

        check_file(facts)
        known = read_facts(facts, make_fact)
        return Person(known, pseudonym_key=FIXED_KEY, derive=Derived(FIXED_KEY, known)), made_for_the_run
    if not home().twin.exists():
        return Person(pseudonym_key=FIXED_KEY), made_for_the_run
    from shield.twin import persona

    twin = open_twin()
    key, catch_all = twin.key("persona/v1"), twin.state.catch_all

    def make(scope: str, known: tuple[Fact, ...], today: date) -> Persona:
        return persona.make(key, scope, known, today, catch_all)

    return twin.person(), make
