"""Files to one Policy: every mistake of every file at once, or all of it in force.

Two passes. The first reads each file and gathers what others may refer to (families, services, companies);
the second makes rules. Then come the checks that need all of them: ids, guards that are lifted, rules that
are disabled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from shield.context import Service
from shield.data import data_path
from shield.errors import RuleError, RuleErrors
from shield.policy.config import ConfigFile, check_rows, read_config
from shield.policy.facts import read_facts
from shield.policy.rule import Config, Policy, Rule
from shield.policy.rulefile import gather, open_file
from shield.policy.ruleform import read_rules
from shield.policy.schema import schema
from shield.policy.serviceform import read_services
from shield.policy.share import merge
from shield.policy.text import Desk, did_you_mean
from shield.policy.world import Placement, RuleFile, World

__all__ = ["Sources", "fingerprint", "load", "read_facts", "schema"]

SUFFIXES = frozenset({".yaml", ".yml"})


@dataclass(frozen=True, slots=True)
class Sources:
    """Where rules and configuration come from.

    Attributes:
        shipped, person: files, or folders whose ``*.yaml`` and ``*.yml`` are read in the order of their
            names. Stand-in scripts lie beside them, in ``scripts/NAME.js``.
        config: the person's configuration; what it does not say, ``configs/shield.yaml`` says.
    """

    shipped: tuple[Path, ...] = ()
    person: tuple[Path, ...] = ()
    config: Path | None = None


def load(sources: Sources) -> Policy:
    """Read everything.

    Raises:
        RuleErrors: every mistake found, in the order of the files and lines.
    """
    return _Loader(sources).policy()


def fingerprint(sources: Sources) -> tuple[tuple[str, int, int], ...]:
    """Path, time of change (ns) and size of every file that :func:`load` would read; differs after a change.

    Files that the configuration names are among them.
    """
    folders = [*sources.shipped, *sources.person]
    if sources.config is not None:
        config = _config(sources.config)
        folders += config.config.rules if config else ()
    files = [*_files(folders), *_scripts(folders), *([sources.config] if sources.config else [])]
    return tuple(_stamp(path) for path in files)


def _stamp(path: Path) -> tuple[str, int, int]:
    try:
        stat = path.stat()
    except OSError:
        return str(path), 0, -1
    return str(path), stat.st_mtime_ns, stat.st_size


class _Loader:
    """One loading; holds the desks until all mistakes are known."""

    def __init__(self, sources: Sources) -> None:
        self.sources = sources
        self.desks: list[Desk] = []
        self.world = World()
        self.taken = {sources.config.resolve()} if sources.config else set()  # each file is read once

    def policy(self) -> Policy:
        usual = self._read_config(data_path("configs/shield.yaml"))
        own = self._read_config(self.sources.config) if self.sources.config else None
        extra = own.config.rules if own else ()
        shipped, person = self.sources.shipped, (*self.sources.person, *extra)
        files = [*self._open(shipped, "shipped"), *self._open(person, "person")]
        for file in files:
            gather(file, self.world)
        services = [placed for file in files for placed in read_services(file, self.world)]
        rules = [placed for file in files for placed in read_rules(file, self.world)]
        _check_names(services, "service", lambda service: service.name)
        _check_names(rules, "rule", lambda rule: rule.id)
        _check_lifts(rules)
        policy = self._with_config(usual, own, rules)
        scripts = {path.stem: self._read(path)[1] or b"" for path in _scripts((*shipped, *person))}
        self._raise()
        return replace(
            policy,
            services=tuple(placed.thing for placed in services),
            families=self.world.families,
            scripts=scripts,
        )

    def _read(self, path: Path) -> tuple[Desk, bytes | None]:
        desk = Desk(str(path))
        self.desks.append(desk)
        try:
            return desk, path.read_bytes()
        except OSError as error:
            desk.error(None, f"the file cannot be read: {(error.strerror or 'unknown error').lower()}")
            return desk, None

    def _read_config(self, path: Path) -> ConfigFile | None:
        desk, raw = self._read(path)
        return None if raw is None else read_config(raw, desk, path.parent)

    def _open(self, folders: Iterable[Path], layer: str) -> Iterator[RuleFile]:
        for path in _files(folders):
            if path.resolve() in self.taken:
                continue
            self.taken.add(path.resolve())
            desk, raw = self._read(path)
            file = None if raw is None else open_file(raw, desk, layer)
            if file is not None:
                yield file

    def _with_config(self, usual: ConfigFile | None, own: ConfigFile | None, rules: list[Placement[Rule]]) -> Policy:
        """The parts of a policy that the configuration has a say in."""
        share = merge(usual.share if usual else {}, own.share if own else {})
        if own is not None:
            check_rows(own, self.world)
            _check_disabled(own, rules)
        said = own if own is not None and own.never is not None else usual
        intercept = (own.intercept(self.world) if own else None) or (usual.intercept(self.world) if usual else None)
        config = own.config if own else Config()
        return Policy(
            rules=tuple(placed.thing for placed in rules if placed.thing.id not in config.disable),
            share=share,
            never=(said.never if said else None) or frozenset(),
            never_line=said.never_line if said else 0,
            intercept=intercept or "services",
            config=config,
            config_file=Path(said.desk.path).name if said else "",
        )

    def _raise(self) -> None:
        errors: list[RuleError] = []
        for desk in self.desks:
            errors += sorted(desk.errors, key=lambda error: (error.line, error.column))
        if errors:
            raise RuleErrors(errors)


def _files(folders: Iterable[Path]) -> list[Path]:
    return [path for folder in folders for path in _inside(folder)]


def _inside(folder: Path) -> list[Path]:
    """The files of a folder by name; a file, or what cannot be looked into, itself."""
    try:
        return sorted(path for path in folder.iterdir() if path.suffix in SUFFIXES)
    except OSError:
        return [folder]


def _scripts(folders: Iterable[Path]) -> list[Path]:
    places = (folder if folder.is_dir() else folder.parent for folder in folders)
    return [path for place in dict.fromkeys(places) for path in sorted(place.glob("scripts/*.js"))]


def _config(path: Path) -> ConfigFile | None:
    try:
        return read_config(path.read_bytes(), Desk(str(path)), path.parent)
    except OSError:
        return None


def _check_names[Thing: (Service, Rule)](
    placed: Iterable[Placement[Thing]], what: str, name: Callable[[Thing], str]
) -> None:
    seen: dict[str, Placement[Any]] = {}
    for one in placed:
        word = name(one.thing)
        first = seen.setdefault(word, one)
        if word and first is not one:
            place = f"{first.file.desk.path}:{first.at.line}"
            one.file.desk.error(one.at, f"{what} '{word}' is there twice", f"first at {place}")


def _check_lifts(rules: list[Placement[Rule]]) -> None:
    guards = {placed.thing.id for placed in rules if placed.thing.untouched}
    every = {placed.thing.id for placed in rules}
    for placed in rules:
        lifted = placed.thing.lifts
        if lifted is None or lifted in guards:
            continue
        at = placed.filled.at("lifts")
        what = f"'{lifted}' is no guard" if lifted in every else f"unknown guard '{lifted}'"
        placed.file.desk.error(at, what, did_you_mean(lifted, sorted(guards), "guards"))


def _check_disabled(own: ConfigFile, rules: list[Placement[Rule]]) -> None:
    ids = sorted(placed.thing.id for placed in rules)
    for text in own.disable:
        if text.text not in ids:
            own.desk.error(text, f"unknown rule '{text.text}'", did_you_mean(text.text, ids))
