"""The twin file: open, change, save.

One file in the seal of ``twin/seal.py``. A change is a function from state to state. It is applied under a file
lock to what the file holds *then*, not to what this process read some time ago, so two processes lose nothing of
each other's. The file is replaced whole; the generation before it stays as ``NAME.1``.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

from shield.errors import InputError, TwinError
from shield.person import Fact, Person, Persona
from shield.twin import seal, state
from shield.twin.derived import Derived
from shield.twin.fact import is_catch_all
from shield.twin.file import is_private, only_writer, read_whole, write_new, write_whole
from shield.twin.persona import generator
from shield.twin.seal import Cost, KeyFile, Lock, Passphrase, Secret
from shield.twin.state import PersonaRecord, TwinState, check_alias
from shield.vocabulary import PERSONA_CATEGORIES

PASSPHRASE_FILE: Final = "SHIELD_PASSPHRASE_FILE"  # noqa: S105 (the name of a variable)
LOCKED: Final = "the twin is locked"


class LockedError(TwinError):
    """The secret is not at hand; nobody was wrong."""


class Twin:
    """An opened twin file. Safe to use from several threads."""

    def __init__(self, path: Path, lock: Lock, now: TwinState, sealed: bytes) -> None:
        self._path = path
        self._lock = lock
        self._state = now
        self._sealed = sealed
        self._filing = threading.RLock()  # one reads or writes the file
        self._guard = threading.Lock()  # the state changes; never held while something is written
        self._invented: dict[str, PersonaRecord] = {}  # not written down yet

    @classmethod
    def create(cls, path: Path, secret: Secret, *, cost: Cost | None = None) -> Twin:
        """Make an empty twin.

        Raises:
            TwinError: there is one already, or the folder cannot be written.
        """
        lock = seal.new_lock(secret, cost)
        now = TwinState()
        sealed = seal.seal(state.write(now), lock)
        with only_writer(_lock_path(path)):
            if path.exists():
                raise TwinError(f"there is a twin already: {path}", "shield twin show")
            write_whole(path, sealed)
        return cls(path, lock, now, sealed)

    @classmethod
    def open(cls, path: Path, secret: Callable[[str], Secret]) -> Twin:
        """Open an existing twin; see :func:`secrets_of` for *secret*.

        Raises:
            LockedError: the secret is not at hand.
            TwinError: no such file, wrong secret, damaged.
        """
        sealed = read_whole(path, seal.CONTENT_LIMIT_BYTES)
        content, lock = seal.open_sealed(sealed, secret)
        return cls(path, lock, state.read(content), sealed)

    @property
    def state(self) -> TwinState:
        """As last read or written by this process."""
        return self._state

    @property
    def kind(self) -> str:
        """What opens it: ``passphrase`` or ``keyfile``."""
        return self._lock.kind

    def key(self, use: str) -> bytes:
        """A derived key, e.g. ``pseudonym/v1``."""
        return self._lock.derive(use)

    def person(self) -> Person:
        """What the engine needs."""
        now = self._state
        epochs = dict(now.epochs)
        versions = tuple(dict.fromkeys((generator(), *now.versions)))
        derive = Derived(self._persona_key, now.facts, now.truth, epochs, versions)
        return Person(now.facts, now.persona_values(), self.key("pseudonym/v1"), epochs, derive=derive)

    def update(self, change: Callable[[TwinState], TwinState]) -> TwinState:
        """Apply a change to what the file holds now, and save. An unchanged state is not written.

        Raises:
            TwinError: the file cannot be read or written; nothing has changed then. And what *change* raises.
        """
        with self._filing, only_writer(_lock_path(self._path)):
            self._read_again()
            changed = change(self._state)
            if changed != self._state or self._invented:
                self._write(changed, self._lock)
            return self._state

    def refresh(self) -> bool:
        """Take over what another process wrote; whether there was something."""
        with self._filing, only_writer(_lock_path(self._path)):
            before = self._state
            self._read_again()
            return self._state != before

    def add_fact(self, category: str, parts: Mapping[str, str], *, today: date | None = None) -> Fact:
        """Add a fact; every persona gets a value for it.

        Raises:
            InputError: unknown category, wrong form, or known already.
        """
        return self.update(lambda now: self._refitted(now.with_fact(category, parts), today)).facts[-1]

    def remove_fact(self, fact_id: str) -> None:
        """Forget a fact. The generation ``.1`` holds it, sealed, until the next change."""
        self.update(lambda now: now.without_fact(fact_id))

    def make_persona(self, scope: str, *, today: date | None = None) -> Persona:
        """The persona of a scope; made and saved if there is none."""
        made = self.update(lambda now: now.with_persona(self._persona_key, scope, today or date.today()))
        return Persona(scope, made.personas[scope].values)

    def invent(self, scope: str, *, today: date | None = None) -> Persona:
        """The persona of a scope, made if there is none, in memory only; :meth:`save` writes her down."""
        with self._guard:
            now = self._state.with_persona(self._persona_key, scope, today or date.today())
            if now != self._state:
                self._state = now
                self._invented[scope] = now.personas[scope]
            return Persona(scope, now.personas[scope].values)

    def save(self) -> None:
        """Write down whom :meth:`invent` made. Whom another process made meanwhile stays who she is.

        Raises:
            TwinError: the file cannot be written; they are kept for the next time.
        """
        if self._invented:
            self.update(lambda now: now)

    def rotate(self, scope: str, *, account_too: bool = False, today: date | None = None) -> None:
        """Become somebody else for a scope, and for a receiver on every site.

        Raises:
            TwinError: the service knows an account, and *account_too* is not said.
        """
        day = today or date.today()

        def change(now: TwinState) -> TwinState:
            changed = now.rotated(scope, account_too=account_too)
            return changed.with_persona(self._persona_key, scope, day) if scope in now.personas else changed

        self.update(change)

    def record_account(self, scope: str, fact_id: str, *, today: date | None = None) -> None:
        """The persona's e-mail left in a sign-up: it is an account from now on."""
        self.update(lambda now: now.with_account(scope, fact_id, today or date.today()))

    def set_catch_all(self, catch_all: str | None) -> None:
        """Where e-mails of personas made from now on lead; the configuration says it, the twin remembers it.

        Raises:
            InputError: it is neither a domain nor an alias pattern, or the alias of a mailbox that is a fact.
        """
        if catch_all is not None and not is_catch_all(catch_all):
            raise InputError("catch_all is no domain and no alias", "mail.example, or anna+*@mail.example")
        check_alias(catch_all, self._state.facts)
        if catch_all != self._state.catch_all:
            self.update(lambda now: replace(now, catch_all=catch_all))

    def retire_aliases(self, *, today: date | None = None) -> tuple[str, ...]:
        """Give personas another address whose own leads to the mailbox of a fact; the scopes of these personas."""
        retired: tuple[str, ...] = ()

        def change(now: TwinState) -> TwinState:
            nonlocal retired
            changed, retired = now.without_aliases(self._persona_key, today or date.today())
            return changed

        self.update(change)
        return retired

    def note_version(self) -> None:
        """Remember what values of derived personas are made with now; those of former versions stay known."""
        self.update(lambda now: now.with_version(generator()))

    def set_truth(self, categories: tuple[str, ...], *, today: date | None = None) -> None:
        """For which categories personas show the real value.

        Raises:
            InputError: a category that personas have no value for.
        """
        for category in categories:
            if category not in PERSONA_CATEGORIES:
                raise InputError(f"personas have no {category}", "categories: " + " ".join(sorted(PERSONA_CATEGORIES)))
        self.update(lambda now: self._refitted(replace(now, truth=categories), today))

    def change_secret(self, secret: Secret, *, cost: Cost | None = None) -> None:
        """Wrap the data key under another secret. The backup is replaced too, else the old secret would open it."""
        with self._filing, only_writer(_lock_path(self._path)):
            self._read_again()
            self._write(self._state, seal.relock(self._lock, secret, cost))
            write_whole(self._path.with_name(self._path.name + ".1"), self._sealed)

    @property
    def _persona_key(self) -> bytes:
        return self.key("persona/v1")

    def _refitted(self, now: TwinState, today: date | None) -> TwinState:
        for scope in now.personas:
            now = now.with_persona(self._persona_key, scope, today or date.today())
        return now

    def _read_again(self) -> None:
        sealed = read_whole(self._path, seal.CONTENT_LIMIT_BYTES)
        if sealed != self._sealed:
            content, self._lock = seal.open_again(sealed, self._lock)
            self._sealed = sealed
            self._take(state.read(content))

    def _write(self, now: TwinState, lock: Lock) -> None:
        sealed = seal.seal(state.write(now), lock)
        write_whole(self._path, sealed, backup=True)
        self._sealed, self._lock = sealed, lock
        self._take(now)

    def _take(self, now: TwinState) -> None:
        """The state of the file, with who was invented since it was read."""
        with self._guard:
            self._invented = {scope: one for scope, one in self._invented.items() if scope not in now.personas}
            self._state = now.with_records(self._invented)

    def __repr__(self) -> str:
        return f"<Twin of {len(self._state.facts)} facts and {len(self._state.personas)} personas>"


def make_key_file(path: Path) -> KeyFile:
    """Draw the 32 bytes of a key file and save them with mode 0600.

    Raises:
        TwinError: it exists, or the folder cannot be written.
    """
    content = os.urandom(seal.KEY_BYTES)
    try:
        write_new(path, content)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise TwinError(f"{path.name} cannot be made: {reason}", f"look at {path.parent}") from None
    return KeyFile(content)


def read_key_file(path: Path) -> KeyFile:
    """Read a key file.

    Raises:
        LockedError: it is not there.
        TwinError: others can read it, or it has the wrong length.
    """
    if not path.exists():
        raise LockedError(f"{LOCKED}: its key file is not at {path}", f"bring {path.name} back")
    if not is_private(path):
        raise TwinError(f"others can read the key file {path}", f"chmod 600 {path}")
    return KeyFile(read_whole(path, 4096))


def secrets_of(key_path: Path, passphrase: Callable[[], str] | None = None) -> Callable[[str], Secret]:
    """Where the secret comes from: the key file, or ``SHIELD_PASSPHRASE_FILE``, or *passphrase* (a prompt).

    The function that is returned raises LockedError when there is none.
    """

    def secret(kind: str) -> Secret:
        if kind == "keyfile":
            return read_key_file(key_path)
        if path := os.environ.get(PASSPHRASE_FILE):
            return Passphrase(_first_line(Path(path)))
        if passphrase is None:
            raise LockedError(f"{LOCKED} with a passphrase", f"set {PASSPHRASE_FILE}, or start shield in a terminal")
        return Passphrase(passphrase())

    return secret


def _first_line(path: Path) -> str:
    if not path.is_file():
        raise TwinError(f"{PASSPHRASE_FILE} names no file: {path}", f"unset {PASSPHRASE_FILE}, or write the file")
    text = read_whole(path, 4096).decode(errors="surrogateescape")
    line = text.splitlines()[0] if text else ""
    if not line:
        raise TwinError(f"the passphrase file {path} is empty", "its first line is the passphrase")
    return line


def _lock_path(path: Path) -> Path:
    return path.with_name(path.name + ".lock")
