"""The keeper: first run, restart, reload, personas made on demand, questions, and what the ledger gets."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shield.context import Context
from shield.disguise import Disguise
from shield.errors import InputError, RuleErrors, TwinError
from shield.finding import Because, Block, Decision, Finding, Forward, Issued, Likeness, Question
from shield.keeper import Home, Keeper, Questions, default_home
from shield.keeper import keeper as module
from shield.ledger.entry import Change, Entry
from shield.ledger.reader import Reader
from shield.message import Request
from shield.outcome import Outcome
from shield.policy.load import Sources
from shield.tree import Node
from shield.twin.seal import Cost, Passphrase
from shield.twin.store import LockedError, Twin, read_key_file, secrets_of

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
RULES = """\
company: Tracker
services:
  tracker:
    purpose: analytics
    on: [{host: tracker.example}]
rules:
  - id: tracker-mail
    why: an address joins every visit
    where: {service: tracker, at: "query:mail"}
    category: email
    action: pseudonymize
"""
FACTS = (("email", {"value": "anna@real.example"}), ("name", {"given": "Anna", "family": "Schmidt"}))


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A folder with one rule file."""
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "tracker.yaml").write_text(RULES)
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Where it will be made."""
    return tmp_path / "shield"


@pytest.fixture
def keeper(home: Path, rules: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Keeper]:
    """Opened, with two facts; looks for changes at every call."""
    monkeypatch.setattr(module, "CHECK_SECONDS", 0.0)
    monkeypatch.delenv("SHIELD_PASSPHRASE_FILE", raising=False)
    Keeper.open(home, rules=Sources(shipped=(rules,))).close()
    twin = Twin.open(home / "twin", secrets_of(home / "twin.key"))
    for category, parts in FACTS:
        twin.add_fact(category, parts)
    with Keeper.open(home, rules=Sources(shipped=(rules,))) as keeper:
        yield keeper


def ask(keeper: Keeper, target: bytes = b"/c?mail=anna%40real.example") -> Outcome[Request]:
    """The engine's answer to one request of the tracker's."""
    host = (b"host", b"tracker.example")
    request = Request("GET", "https", "tracker.example", 443, target, (host,), page="https://shop.example/")
    return keeper.engine.request(request, now=NOW, book=keeper.book, answers=keeper.answers)


def settled(keeper: Keeper) -> Outcome[Request]:
    """As the proxy does it: make what is needed, ask again, store, go."""
    outcome = ask(keeper)
    for scope in outcome.needs:
        keeper.make_persona(scope)
    outcome = ask(keeper)
    keeper.store(outcome.issued)
    return outcome


def test_the_first_run_makes_what_it_needs_and_says_so(home: Path, rules: Path) -> None:
    """Folder 0700, everything in it 0600; the second run makes nothing."""
    with Keeper.open(home, rules=Sources(shipped=(rules,))) as keeper:
        assert keeper.made == ("home", "key", "twin")
        assert (keeper.person.locked, keeper.person.facts, keeper.locked) == (False, (), None)
    with Keeper.open(home, rules=Sources(shipped=(rules,))) as keeper:
        assert keeper.made == ()
    if sys.platform != "win32":
        assert home.stat().st_mode & 0o777 == 0o700
        assert {one.stat().st_mode & 0o777 for one in home.iterdir()} == {0o600}


def test_the_shipped_rules_load(home: Path) -> None:
    """Without being told otherwise; the home's rules and configuration take part."""
    with Keeper.open(home) as keeper:
        shipped = len(keeper.policy.rules)
    assert shipped > 5
    (home / "rules").mkdir()
    (home / "rules" / "mine.yaml").write_text(
        "rules:\n  - {id: mine, why: I say so, where: {host: x.example}, action: block}\n"
    )
    (home / "shield.yaml").write_text("catch_all: mail.anna.example\n")
    with Keeper.open(home) as keeper:
        assert len(keeper.policy.rules) == shipped + 1
        assert keeper.policy.config.catch_all == "mail.anna.example"


def test_where_the_home_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """SHIELD_HOME, else the system's place."""
    monkeypatch.setenv("SHIELD_HOME", str(tmp_path))
    assert default_home() == tmp_path
    monkeypatch.delenv("SHIELD_HOME")
    assert default_home().name == "shield"


def test_a_home_that_cannot_be(tmp_path: Path, rules: Path) -> None:
    """A file in its place, a folder that others can write to: one clear error."""
    (tmp_path / "file").write_text("")
    for wrong in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(InputError) as caught:
            Keeper.open(wrong, rules=Sources(shipped=(rules,)))
        assert caught.value.hint
    if sys.platform != "win32":
        shared = tmp_path / "shared"
        shared.mkdir()
        shared.chmod(0o777)
        with pytest.raises(InputError) as caught:
            Keeper.open(shared)
        assert caught.value.hint == f"chmod 700 {shared}"


def test_a_twin_that_is_gone_is_not_replaced_by_an_empty_one(keeper: Keeper) -> None:
    """Its backup is there: the error says how to bring it back."""
    keeper.home.twin.unlink()
    with pytest.raises(TwinError, match="backup") as caught:
        Keeper.open(keeper.home.path)
    assert caught.value.hint.startswith("cp ")
    assert not keeper.home.twin.exists()


def test_bad_rules_at_the_start(home: Path, rules: Path) -> None:
    """Nothing starts with half the rules."""
    (rules / "bad.yaml").write_text("rules: 5\n")
    with pytest.raises(RuleErrors):
        Keeper.open(home, rules=Sources(shipped=(rules,)))


def test_a_persona_on_demand(keeper: Keeper) -> None:
    """At a third party: derived, never stored, the same after a restart."""
    before = keeper.home.twin.read_bytes()
    outcome = ask(keeper)
    assert (outcome.needs, outcome.modified, keeper.home.twin.read_bytes()) == ((), True, before)
    assert b"anna" not in outcome.message.target
    assert keeper.person.personas == {}
    with Keeper.open(keeper.home.path, rules=keeper._sources()) as again:
        assert ask(again).message.target == outcome.message.target


def test_a_first_partys_persona_is_stored(keeper: Keeper) -> None:
    """Written down in the background, by the time the keeper closes; the engine in force knows her at once."""
    before = keeper.engine
    made = keeper.make_persona("site:shop.example")
    assert keeper.engine is not before
    assert keeper.person.personas["site:shop.example"] == made
    keeper.close()
    stored = Twin.open(keeper.home.twin, secrets_of(keeper.home.key)).state.personas
    assert stored["site:shop.example"].values == made.values


def test_two_processes_lose_no_persona(keeper: Keeper) -> None:
    """Whom another process made in the meantime stays, and so does ours."""
    other = Twin.open(keeper.home.twin, secrets_of(keeper.home.key))
    ours = keeper._twin.invent("a")
    theirs = other.make_persona("b")
    keeper._twin.save()
    again = Twin.open(keeper.home.twin, secrets_of(keeper.home.key)).state.personas
    assert (again["a"].values, again["b"].values) == (ours.values, theirs.values)
    other.refresh()
    assert set(other.state.personas) == {"a", "b"}


def test_a_twin_that_could_not_be_written_is_told(keeper: Keeper, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not the message that made her, but the next one that needs another; nothing is lost once it can be."""
    real = Twin.save

    def fails(twin: Twin) -> None:
        raise TwinError("no room")

    monkeypatch.setattr(Twin, "save", fails)
    first = keeper.make_persona("a")
    keeper._later.submit(lambda: None).result()
    with pytest.raises(TwinError, match="no room"):
        keeper.make_persona("b")
    monkeypatch.setattr(Twin, "save", real)
    keeper.make_persona("b")
    keeper.close()
    stored = Twin.open(keeper.home.twin, secrets_of(keeper.home.key)).state.personas
    assert stored["a"].values == first.values
    assert set(stored) == {"a", "b"}


def test_equal_wishes_for_a_persona_are_one(keeper: Keeper, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten threads, one making."""
    made: list[str] = []
    real = Twin.invent
    monkeypatch.setattr(Twin, "invent", lambda twin, scope: (made.append(scope), real(twin, scope))[1])
    found = []
    threads = [threading.Thread(target=lambda: found.append(keeper.make_persona("tracker"))) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == ["tracker"]
    assert len({one.values["email-1"].value for one in found}) == 1


def test_what_was_issued_is_known_after_a_restart(keeper: Keeper) -> None:
    """Stored before it leaves."""
    one = Issued(bytes(16), "tracker|shop.example", 0, bytes(32))
    keeper.store((one,))
    with Keeper.open(keeper.home.path, rules=keeper._sources()) as again:
        assert again.book.issued(bytes(16)) == one


def test_rules_reload_whole_or_not_at_all(keeper: Keeper, rules: Path) -> None:
    """A good file is in force at the next look, a broken one leaves the old and is named once."""
    assert keeper.reload_if_changed() == []
    before = keeper.engine
    (rules / "tracker.yaml").write_text(RULES.replace("pseudonymize", "strip"))
    assert keeper.reload_if_changed() == ["rules reloaded: 1 rules, 1 services"]
    assert (keeper.policy.generation, keeper.engine is before) == (1, False)
    assert ask(keeper).message.target == b"/c"
    (rules / "tracker.yaml").write_text(RULES.replace("pseudonymize", "pseudonymise"))
    said = keeper.reload_if_changed()
    assert "tracker.yaml:11" in said[0]
    assert said[-1] == "the rules that were in force stay in force"
    assert keeper.reload_if_changed() == []
    assert ask(keeper).message.target == b"/c"
    (rules / "tracker.yaml").write_text(RULES)
    assert keeper.reload_if_changed() == ["rules reloaded: 1 rules, 1 services"]


def test_it_looks_at_most_once_a_second(keeper: Keeper, rules: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock stands still: no second look."""
    monkeypatch.setattr(module, "CHECK_SECONDS", 1.0)
    assert keeper.reload_if_changed() == []
    (rules / "tracker.yaml").write_text(RULES.replace("pseudonymize", "strip"))
    monkeypatch.setattr(module.time, "monotonic", lambda: keeper._next_check - 0.01)
    assert keeper.reload_if_changed() == []
    monkeypatch.setattr(module.time, "monotonic", lambda: keeper._next_check)
    assert len(keeper.reload_if_changed()) == 1


def test_a_fact_that_another_process_adds_is_known(keeper: Keeper) -> None:
    """``shield twin add`` while the proxy runs; a damaged file leaves the twin in force."""
    other = Twin.open(keeper.home.twin, secrets_of(keeper.home.key))
    other.add_fact("username", {"value": "anna87"})
    assert keeper.reload_if_changed() == ["twin reloaded"]
    assert keeper.person.fact("username-1") is not None
    keeper.home.twin.write_bytes(b"shield-twin/v1\nrubbish")
    assert keeper.reload_if_changed()[-1] == "the twin that was in force stays in force"
    assert keeper.person.fact("username-1") is not None


def test_a_locked_twin_runs_and_blocks(keeper: Keeper, rules: Path) -> None:
    """No passphrase at hand: the engine runs, withholds what it cannot judge, and can be unlocked."""
    key = read_key_file(keeper.home.key)
    Twin.open(keeper.home.twin, lambda _: key).change_secret(Passphrase("correct horse"), cost=Cost(64, 1, 1))
    with Keeper.open(keeper.home.path, rules=Sources(shipped=(rules,))) as locked:
        assert isinstance(locked.locked, LockedError)
        assert locked.person.locked
        assert isinstance(ask(locked).verdict, Block)
        assert locked.book.issued(bytes(16)) is None
        locked.store(())
        for refused in (
            lambda: locked.store((Issued(bytes(16), "s", 0, bytes(32)),)),
            lambda: locked.make_persona("s"),
        ):
            with pytest.raises(TwinError):
                refused()
        assert locked.reload_if_changed() == []
        with pytest.raises(TwinError):
            locked.unlock("wrong horse")
        assert locked.person.locked
        locked.unlock("correct horse")
        assert (locked.locked, locked.person.locked) == (None, False)
        assert settled(locked).modified
    with pytest.raises(TwinError):
        Keeper.open(keeper.home.path, rules=Sources(shipped=(rules,)), passphrase=lambda: "wrong horse")


def test_the_configuration_says_where_mail_leads(keeper: Keeper, tmp_path: Path, rules: Path) -> None:
    """The person's own domain; on reserved ones before."""
    config = tmp_path / "shield.yaml"
    config.write_text("catch_all: mail.anna.example\n")
    with Keeper.open(keeper.home.path, rules=Sources(shipped=(rules,), config=config)) as own:
        assert own.make_persona("tracker").values["email-1"].value.endswith("@mail.anna.example")


def outcome_of(finding: Finding, action: str, **context: str) -> Outcome[Request]:
    """One decision about one finding, let through."""
    usual = {"method": "POST", "host": "shop.example", "path": "/", "host_domain": "shop.example", "party": "first"}
    because = Because("shipped", "r", "c.yaml", 7)
    request = Request("POST", "https", "shop.example", 443, b"/")
    return Outcome(
        Forward(because), Context(**{**usual, **context}), request,
        findings=(finding,), decisions=(Decision(finding, action, because),),
    )  # fmt: skip


def email_finding(whose: str = "me", address: str = "form:\x1femail", **stated: bool) -> Finding:
    """The e-mail of a form."""
    node = Node(None, address, 0, 17, b"anna@real.example")
    return Finding(node, 0, 17, "email", whose, "known", Likeness("email-1", "value", Disguise()), **stated)


def lines(keeper: Keeper) -> list[Entry]:
    """What the ledger holds."""
    assert keeper.ledger.flush()
    with Reader(keeper.home.ledger) as reader:
        return list(reader.entries())


def test_the_ledger_line_of_an_outcome(keeper: Keeper) -> None:
    """With the rule; dull messages leave none."""
    keeper.record_outcome(outcome_of(email_finding(), "strip"), now=NOW, size_bytes=3)
    assert keeper.entry(Outcome(Forward(Because("default")), Context("GET", "h", "/", "h"), None), now=NOW) is None
    [line] = lines(keeper)
    assert (line.host, line.size_bytes, line.observed) == ("shop.example", 3, False)
    assert line.changes == (Change("form:email", "email", "me", "", "strip", "shipped", "c.yaml:7"),)


def test_a_fact_in_a_name_or_in_the_host_is_cut(keeper: Keeper) -> None:
    """Whatever made the entry: the last door looks."""
    because = Change("json:/users/anna@real.example/mail", "email")
    host = "anna-schmidt.blog.example"
    keeper.record(Entry(NOW, "request", "GET", host, "forward", changes=(because, Change("query:q", "unknown"))))
    keeper.record_outcome(
        outcome_of(email_finding(address="query:\x1fanna@real.example", in_name=True), "strip"), now=NOW
    )
    found = lines(keeper)
    assert {change.at for line in found for change in line.changes} == {"json:/users…", "query:q", "query:"}
    keeper.flush()
    content = b"".join(one.read_bytes() for one in keeper.home.path.iterdir())
    assert b"anna@real" not in content


def test_nothing_in_plain_in_any_file_of_the_home(keeper: Keeper) -> None:
    """After personas, pseudonyms, accounts and ledger lines: no fact and no value of a persona."""
    outcome = settled(keeper)
    keeper.record_outcome(outcome, now=NOW)
    keeper.record_outcome(outcome_of(email_finding(), "pseudonymize"), now=NOW)
    keeper.close()
    content = b"".join(one.read_bytes() for one in keeper.home.path.rglob("*") if one.is_file())
    persona = keeper.person.persona("tracker|shop.example")
    values = [text for fact in (*keeper.person.facts, *persona.values.values()) for text in fact.parts.values()]
    for text in values:
        assert text.encode() not in content
    assert "anna@real" not in repr((keeper, keeper.person, outcome))


@pytest.mark.parametrize(
    ("action", "whose", "context", "is_account"),
    [("pseudonymize", "me", {}, True), ("allow", "persona", {}, True), ("allow", "me", {}, False),
     ("strip", "me", {}, False), ("pseudonymize", "me", {"party": "third"}, False),
     ("pseudonymize", "me", {"method": "GET"}, False), ("pseudonymize", "me", {"direction": "response"}, False)],
)  # fmt: skip
def test_a_sign_up_is_an_account(keeper: Keeper, action: str, whose: str, context: dict, is_account: bool) -> None:
    """Where the persona's e-mail left to a first party; rotating asks then."""
    keeper.make_persona("site:shop.example")
    keeper.record_outcome(outcome_of(email_finding(whose), action, **context), now=NOW)
    keeper.close()
    twin = Twin.open(keeper.home.twin, secrets_of(keeper.home.key))
    assert ("site:shop.example" in twin.state.accounts) is is_account
    if is_account:
        with pytest.raises(TwinError, match="account"):
            twin.rotate("site:shop.example")


def test_observing_marks_the_lines_and_notes_no_account(keeper: Keeper, rules: Path) -> None:
    """Nothing was changed."""
    with Keeper.open(keeper.home.path, rules=Sources(shipped=(rules,)), observe=True) as observing:
        observing.record_outcome(outcome_of(email_finding(), "pseudonymize"), now=NOW)
        assert lines(observing)[0].observed
    assert not Twin.open(keeper.home.twin, secrets_of(keeper.home.key)).state.accounts


def test_two_keepers_of_one_home(keeper: Keeper, rules: Path) -> None:
    """``shield run`` beside the addon: every line, every pseudonym and every persona of both is kept."""
    with Keeper.open(keeper.home.path, rules=Sources(shipped=(rules,))) as other:
        for number in range(20):
            for one, host in ((keeper, "one.example"), (other, "two.example")):
                one.record(Entry(NOW, "request", "GET", host, "block"))
                one.store((Issued(f"{host[:3]}{number:013}".encode(), "s", 0, bytes(32)),))
        assert keeper.make_persona("a") != other.make_persona("b")
        assert other.ledger.flush()
        assert len(lines(keeper)) == 40
    with Keeper.open(keeper.home.path, rules=Sources(shipped=(rules,))) as again:
        assert set(again.person.personas) == {"a", "b"}
        assert again.book.issued(b"one0000000000007") is not None
        assert again.book.issued(b"two0000000000007") is not None


def test_what_cannot_be_looked_at_is_said_once(keeper: Keeper, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that nobody may read any more: words, no exception, the old rules."""

    def refused() -> Sources:
        raise PermissionError(13, "Permission denied")

    before = keeper.engine
    monkeypatch.setattr(keeper, "_sources", refused)
    assert keeper.reload_if_changed() == ["rules and configuration cannot be looked at: permission denied"]
    assert keeper.reload_if_changed() == []
    monkeypatch.undo()
    assert keeper.engine is before


def test_closing_twice(keeper: Keeper) -> None:
    """And recording afterwards raises nothing."""
    keeper.close()
    keeper.close()
    keeper.record_outcome(outcome_of(email_finding(), "pseudonymize"), now=NOW)


def test_home_names() -> None:
    """Each file has its own."""
    home = Home(Path("x"))
    paths = [home.twin, home.key, home.journal, home.ledger, home.rules, home.config]
    assert len(set(paths)) == len(paths)


QUESTION = Question("k", "form:email", "email", "strip", ("allow", "strip", "pseudonymize"))
OTHER = Question("l", "form:phone", "phone", "block", ("allow", "block"))


async def test_without_a_listener_the_protective_choice_is_taken_at_once() -> None:
    """Nobody could answer."""
    questions = Questions()
    async with asyncio.timeout(1):
        assert await questions.wait((QUESTION, OTHER), 60) == {"k": "strip", "l": "block"}
    assert not questions.answers


async def test_equal_questions_get_one_answer_and_it_is_remembered() -> None:
    """Until the rules change."""
    questions = Questions()
    seen: list[int] = []
    with questions.listening(lambda pending: seen.append(len(pending))):
        waiting = [asyncio.create_task(questions.wait((QUESTION,), 5)) for _ in range(3)]
        await asyncio.sleep(0)
        assert questions.pending() == (QUESTION,)
        questions.answer("k", "allow")
        assert await asyncio.gather(*waiting) == [{"k": "allow"}] * 3
        assert questions.pending() == ()
        assert await questions.wait((QUESTION,), 5) == {"k": "allow"}
        assert questions.answers == {"k": "allow"}
        assert max(seen) == 1
        questions.new_generation(1)
        assert questions.answers == {}


async def test_time_is_up() -> None:
    """One answered, one not; what time answered is asked again; a late answer is refused."""
    questions = Questions()
    with questions.listening(lambda pending: None):
        task = asyncio.create_task(questions.wait((QUESTION, OTHER), 0.05))
        await asyncio.sleep(0)
        questions.answer("k", "pseudonymize")
        assert await task == {"k": "pseudonymize", "l": "block"}
        assert questions.pending() == ()
        assert questions.answers == {"k": "pseudonymize"}
        with pytest.raises(InputError):
            questions.answer("l", "allow")


async def test_an_answer_has_to_be_a_choice() -> None:
    """The error names the choices."""
    questions = Questions()
    with questions.listening(lambda pending: None):
        task = asyncio.create_task(questions.wait((QUESTION,), 5))
        await asyncio.sleep(0)
        with pytest.raises(InputError) as caught:
            questions.answer("k", "block")
        assert "pseudonymize" in caught.value.hint
        questions.answer("k", "strip")
        assert await task == {"k": "strip"}


async def test_a_client_that_leaves_does_not_take_the_question_from_others() -> None:
    """And the last one that leaves takes it along."""
    questions = Questions()
    with questions.listening(lambda pending: None):
        one, two = (asyncio.create_task(questions.wait((QUESTION,), 5)) for _ in range(2))
        await asyncio.sleep(0)
        one.cancel()
        await asyncio.sleep(0.01)
        assert questions.pending() == (QUESTION,)
        two.cancel()
        await asyncio.sleep(0.01)
        assert questions.pending() == ()


async def test_answered_from_another_thread() -> None:
    """The dashboard may have a loop of its own."""
    questions = Questions()
    with questions.listening(lambda pending: None):
        task = asyncio.create_task(questions.wait((QUESTION,), 5))
        await asyncio.sleep(0)
        await asyncio.to_thread(questions.answer, "k", "allow")
        assert await task == {"k": "allow"}


async def test_an_answer_of_old_rules_is_not_remembered() -> None:
    """It serves who waits, and nobody after."""
    questions = Questions()

    def broken(pending: object) -> None:
        raise RuntimeError("broken on purpose")

    with questions.listening(broken):
        task = asyncio.create_task(questions.wait((QUESTION,), 5))
        await asyncio.sleep(0)
        questions.new_generation(1)
        questions.answer("k", "allow")
        assert await task == {"k": "allow"}
        assert questions.answers == {}
