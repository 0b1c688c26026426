"""The keeper: twin, journal, ledger, questions and the engine now in force, for one process."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from shield.data import data_path
from shield.engine import Engine
from shield.errors import RuleErrors, ShieldError, TwinError
from shield.finding import Book, Issued
from shield.keeper import learning, recording
from shield.keeper.asking import Questions
from shield.keeper.first_run import first_twin
from shield.keeper.home import Home
from shield.keeper.noticing import Noticing
from shield.ledger.entry import Entry
from shield.ledger.store import Ledger
from shield.outcome import Outcome
from shield.person import Person, Persona
from shield.policy.load import Sources, fingerprint, load
from shield.policy.rule import Policy
from shield.twin.chance import load_names
from shield.twin.journal import Journal
from shield.twin.seal import Secret
from shield.twin.store import PASSPHRASE_FILE, LockedError, Twin, secrets_of
from shield.vocabulary import PERSONA_CATEGORIES

CHECK_SECONDS: Final = 1.0
LOCKED: Final = Person(locked=True)
UNLOCK: Final = f"set {PASSPHRASE_FILE}, or start shield in a terminal"


class _NothingIssued:
    """The book of a locked twin."""

    def issued(self, digest: bytes) -> Issued | None:
        """Nothing."""
        return None


class Keeper:
    """State and the one who changes it. Safe to use from several threads.

    Attributes:
        home: where everything lies.
        made: what the first run made, in the order it was made: ``home``, ``key``, ``twin``.
        observe: nothing is changed, only recorded; the ledger marks it.
        locked: why the twin could not be opened; None when it is open.
        questions: what waits for the person.
        ledger: for its ``lost`` and ``trouble``.
        noticing: presidio, where the configuration wants it.
    """

    def __init__(
        self, home: Home, sources: Callable[[], Sources], *, made: tuple[str, ...] = (), observe: bool = False
    ) -> None:
        """Use :meth:`open`."""
        self.home = home
        self.made = made
        self.observe = observe
        self.locked: LockedError | None = None
        self.retired: tuple[str, ...] = ()
        self.questions = Questions()
        self._sources = sources
        self._change = threading.RLock()
        self._preparing = threading.Lock()
        self._later = ThreadPoolExecutor(1, thread_name_prefix="shield-keeper")
        self._unsaved = False
        self._accounts: set[str] = set()
        self._evidence_key = b""
        self._twin: Twin | None = None
        self._journal: Journal | None = None
        self._seen: tuple[Any, Any] = ((), ())
        self._next_check = 0.0
        self.ledger = Ledger(home.ledger)
        self.noticing = Noticing(self.record, observed=observe)

    @classmethod
    def open(
        cls,
        home: Path,
        *,
        config: Path | None = None,
        rules: Sources | Callable[[], Sources] | None = None,
        passphrase: Callable[[], str] | None = None,
        observe: bool = False,
    ) -> Keeper:
        """Open the home folder; on the first run make what is missing: folder, key file, twin.

        Args:
            config: in place of the home's ``shield.yaml``.
            rules: in place of the shipped rules and those of the home; a function is asked at each check.
            passphrase: asked when the twin has one and ``SHIELD_PASSPHRASE_FILE`` is not set; without both
                the twin stays locked, and the engine blocks what would need it.

        Raises:
            RuleErrors: the rules cannot be loaded.
            TwinError: wrong secret, damaged twin. InputError: the folder or the ledger cannot be used.
        """
        place = Home(home)
        made = ["home"] if place.make() else []
        made += first_twin(place)
        sources = rules if callable(rules) else (lambda: rules or sources_of(place, config))
        policy = load(sources())
        keeper = cls(place, sources, made=tuple(made), observe=observe)
        try:
            keeper._begin(policy, secrets_of(place.key, passphrase))
        except BaseException:
            keeper.close()
            raise
        return keeper

    def _begin(self, policy: Policy, secret: Callable[[str], Secret]) -> None:
        self._seen = self._fingerprint()
        try:
            self._unlock(secret)
        except LockedError as error:
            self.locked = error
        self._swap(policy)
        if self.person.facts:
            self._in_background(self.prepare)
            self._in_background(load_names)  # half a second, before a message waits for it

    @property
    def policy(self) -> Policy:
        """The rules of the engine in force."""
        return self.engine.policy

    @property
    def person(self) -> Person:
        """The person of the engine in force."""
        return self.engine.person

    @property
    def book(self) -> Book:
        """What was issued."""
        return self._journal if self._journal is not None else _NothingIssued()

    @property
    def answers(self) -> Mapping[str, str]:
        """What the person answered under the present rules."""
        return self.questions.answers

    def unlock(self, passphrase: str) -> None:
        """Open a locked twin.

        Raises:
            TwinError: wrong passphrase, damaged.
        """
        with self._change:
            if self.locked is not None:
                self._unlock(secrets_of(self.home.key, lambda: passphrase))
                self.locked = None
                self._swap(self.policy)

    def prepare(self) -> None:
        """Finish writing out what the engine in force looks for; whoever asks meanwhile waits for the same.

        Begun when the keeper opens, in the background: 2 s for 50 facts. Call it in a thread.
        """
        with self._preparing:
            self.engine.matcher.prepare()

    def store(self, issued: Iterable[Issued]) -> None:
        """Remember what is about to leave. Call it before the message does.

        Raises:
            TwinError: it could not be stored; the message must not leave.
        """
        if self._journal is not None:
            self._journal.store(issued)
        elif tuple(issued):
            raise TwinError("nothing can be issued while the twin is locked", UNLOCK)

    def make_persona(self, scope: str) -> Persona:
        """Make the persona of a first party, and put an engine in force that knows her.

        She is written down in the background: until then she follows from the twin's key, so nothing is lost.
        Whoever asks for the same scope meanwhile gets the same one.

        Raises:
            TwinError: the twin is locked, or could not be written lately.

        Cost: some milliseconds, also beside a thousand others; the first time half a second. Call it in a thread.
        """
        with self._change:
            found = self.person.personas.get(scope)
            if found is None or not _is_complete(found, self.person):
                twin = self._opened()
                if self._unsaved:
                    twin.save()
                    self._unsaved = False
                found = twin.invent(scope)
                self._swap(self.policy)
                self._in_background(self._save)
            return found

    def _save(self) -> None:
        """Write down what was invented, and let what is searched for grow together."""
        if self._twin is not None:
            try:
                self._twin.save()
            except TwinError:
                self._unsaved = True
                raise
        self.prepare()

    def _in_background(self, work: Callable[..., object], *arguments: Any) -> None:
        with contextlib.suppress(RuntimeError):  # closed meanwhile
            self._later.submit(work, *arguments)

    def record(self, entry: Entry) -> None:
        """Write a line of the ledger; never blocks."""
        self.ledger.record(recording.without_values(entry, self._finds))

    def entry(self, outcome: Outcome[Any], *, now: datetime, size_bytes: int | None = None) -> Entry | None:
        """What became of a message as a line for :meth:`record`; None if it is not worth one."""
        return recording.entry_of(outcome, now=now, size_bytes=size_bytes, observed=self.observe)

    def note_account(self, outcome: Outcome[Any]) -> None:
        """Remember a sign-up in which the persona's e-mail has left; written later, in a thread."""
        account = None if self.observe else recording.account_of(outcome)
        if account is not None and account[0] not in self._accounts and self._twin is not None:
            self._accounts.add(account[0])
            self._in_background(self._twin.record_account, *account)

    def record_outcome(self, outcome: Outcome[Any], *, now: datetime, size_bytes: int | None = None) -> None:
        """Entry, record, learn and note_account in one; for a message that has left or was stopped. Never blocks."""
        entry = self.entry(outcome, now=now, size_bytes=size_bytes)
        if entry is not None:
            self.record(entry)
        self.learn(outcome, now=now)
        self.noticing.offer(outcome, now)
        self.note_account(outcome)

    def learn(self, outcome: Outcome[Any], *, now: datetime) -> None:
        """Note which values left, as keyed digests; nothing while the twin is locked. Never blocks."""
        if not self._evidence_key or not outcome.findings:
            return
        values = learning.seen(outcome, person=self.person, observed=self.observe)
        if values:
            make = partial(learning.sightings, outcome.context, values, now=now, key=self._evidence_key)
            self.ledger.note(partial(make, finds=self._finds))

    def reload_if_changed(self) -> list[str]:
        """Look whether rule files, configuration or twin have changed, at most once a second.

        Rules that cannot be loaded leave the old ones in force. Never call it on the way of a message.

        Returns:
            What happened, in words for the person; empty when nothing has changed.
        """
        with self._change:
            if time.monotonic() < self._next_check:
                return []
            self._next_check = time.monotonic() + CHECK_SECONDS
            try:
                seen = self._fingerprint()
            except (OSError, ShieldError) as error:
                seen = (str(error), self._seen[1])
            if seen == self._seen:
                return []
            before, self._seen = self._seen, seen
            messages = self._reload_rules() if seen[0] != before[0] else []
            return messages + (self._reload_twin() if seen[1] != before[1] else [])

    def flush(self) -> None:
        """Wait until journal and ledger are on disk."""
        if self._journal is not None:
            self._journal.flush()
        self.ledger.flush()

    def close(self) -> None:
        """Write everything and let go. Closing twice is nothing."""
        self._later.shutdown()
        self.noticing.close()
        with self._change:
            if self._journal is not None:
                self._journal.close()
                self._journal = None
            self.ledger.close()

    def __enter__(self) -> Keeper:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _unlock(self, secret: Callable[[str], Secret]) -> None:
        twin = Twin.open(self.home.twin, secret)
        self._journal = Journal(self.home.journal, twin.key("journal/v1"))
        self._twin = twin
        self._evidence_key = twin.key("evidence/v1")
        self._accounts = set(twin.state.accounts)
        self.retired = twin.retire_aliases()
        twin.note_version()

    def _opened(self) -> Twin:
        if self._twin is None:
            raise self.locked or TwinError("the twin is not open", UNLOCK)
        return self._twin

    def _person(self) -> Person:
        return LOCKED if self._twin is None else self._twin.person()

    def _swap(self, policy: Policy) -> None:
        """Put rules and person in force together; an engine of the same rules keeps what it compiled."""
        if self._twin is not None:
            self._twin.set_catch_all(policy.config.catch_all)
        engine: Engine | None = getattr(self, "engine", None)
        if engine is not None and engine.policy is policy:
            self.engine = engine.with_person(self._person())
        else:
            self.engine = Engine(policy, self._person())
            self.noticing.follow(policy.config)

    def _reload_rules(self) -> list[str]:
        try:
            policy = replace(load(self._sources()), generation=self.policy.generation + 1)
            self._swap(policy)
        except RuleErrors as errors:
            return [*map(str, errors.errors), "the rules that were in force stay in force"]
        except ShieldError as error:
            return [str(error), "the rules that were in force stay in force"]
        except OSError as error:
            reason = (error.strerror or type(error).__name__).lower()
            return [f"rules and configuration cannot be looked at: {reason}"]
        self.questions.new_generation(policy.generation)
        return [f"rules reloaded: {len(policy.rules)} rules, {len(policy.services)} services"]

    def _reload_twin(self) -> list[str]:
        if self._twin is None:
            return []
        try:
            self._twin.refresh()
        except TwinError as error:
            return [str(error), "the twin that was in force stays in force"]
        if self._twin.person() == self.person:
            return []
        self._swap(self.policy)
        return ["twin reloaded"]

    def _fingerprint(self) -> tuple[Any, Any]:
        twin: tuple[int, ...] = ()
        with contextlib.suppress(OSError):
            stat = self.home.twin.stat()
            twin = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
        return fingerprint(self._sources()), twin

    def _finds(self, text: bytes) -> bool:
        return self.engine.matcher.holds(text)

    def __repr__(self) -> str:
        return f"<Keeper of {self.home.path}>"


def _is_complete(persona: Persona, person: Person) -> bool:
    wanted = (fact.id for fact in person.facts if fact.category in PERSONA_CATEGORIES)
    return all(fact_id in persona.values for fact_id in wanted)


def sources_of(home: Home, config: Path | None = None) -> Sources:
    """The shipped rules, those of the home, and the configuration: given, else the home's if there is one."""
    return Sources(
        shipped=(data_path("rules"),),
        person=(home.rules,) if home.rules.is_dir() else (),
        config=config or (home.config if home.config.exists() else None),
    )
