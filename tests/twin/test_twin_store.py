"""The twin file: saved whole or not at all, two writers, nothing in plain."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import threading
from datetime import date
from pathlib import Path

import pytest

from shield.errors import InputError, TwinError
from shield.twin import file, seal
from shield.twin.seal import Cost, KeyFile, Passphrase
from shield.twin.store import LockedError, Twin, make_key_file, read_key_file, secrets_of

CHEAP = Cost(memory_kib=64, passes=1, lanes=1)
KEY = KeyFile(bytes(range(32)))
TODAY = date(2026, 11, 20)
SECRETS = (b"anna@real.example", b"Schmidt", b"+4915112345678", b"Hauptstr", b"4111111111111111")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the twin lies."""
    return tmp_path / "twin"


@pytest.fixture
def twin(path: Path) -> Twin:
    """A twin with a few facts."""
    twin = Twin.create(path, KEY)
    twin.add_fact("name", {"given": "Anna", "family": "Schmidt"}, today=TODAY)
    twin.add_fact("email", {"value": "anna@real.example"}, today=TODAY)
    twin.add_fact("phone", {"value": "+4915112345678"}, today=TODAY)
    twin.add_fact("card", {"value": "4111111111111111"}, today=TODAY)
    twin.add_fact("postal_address", {"street": "Hauptstr. 5", "city": "Bonn", "country": "DE"}, today=TODAY)
    return twin


def opened(path: Path) -> Twin:
    """As another process would open it."""
    return Twin.open(path, lambda _: KEY)


def test_everything_comes_back(twin: Twin, path: Path) -> None:
    """Facts, personas, epochs, accounts, options, keys."""
    twin.make_persona("facebook", today=TODAY)
    twin.rotate("google-analytics", today=TODAY)
    twin.set_catch_all("mail.anna.example")
    twin.record_account("facebook", "email-1", today=TODAY)
    again = opened(path)
    assert again.state == twin.state
    assert again.person() == twin.person()
    assert again.person().pseudonym_key == twin.key("pseudonym/v1") != twin.key("persona/v1")
    assert again.person().epochs == {"google-analytics": 1}


def test_ids_never_come_back(twin: Twin) -> None:
    """A removed fact's id would point personas and rules to another value."""
    twin.remove_fact("email-1")
    assert twin.add_fact("email", {"value": "new@real.example"}).id == "email-2"
    with pytest.raises(InputError, match="no fact 'email-1'"):
        twin.remove_fact("email-1")


def test_a_fact_twice_is_refused(twin: Twin) -> None:
    """Also in another spelling; the error names the id, not the value."""
    with pytest.raises(InputError, match="phone-1"):
        twin.add_fact("phone", {"value": "0049 151 12345678"})
    assert len(twin.state.facts) == 5


def test_personas_follow_the_facts(twin: Twin) -> None:
    """Values that exist stay, new facts get one, removed ones lose it."""
    before = twin.make_persona("facebook", today=TODAY).values
    twin.add_fact("username", {"value": "anna87"}, today=TODAY)
    after = twin.person().personas["facebook"].values
    assert {key: after[key] for key in before} == dict(before)
    assert "username-1" in after
    twin.remove_fact("username-1")
    assert "username-1" not in twin.person().personas["facebook"].values
    assert twin.make_persona("facebook", today=TODAY).values == before


def test_stored_not_derived(twin: Twin, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another version of the generator changes nothing about a persona that exists."""
    before = twin.make_persona("facebook", today=TODAY).values
    monkeypatch.setattr("shield.twin.chance.RECIPE", "persona/v9")
    assert opened(path).make_persona("facebook", today=TODAY).values == before
    assert opened(path).make_persona("other", today=TODAY).values != before


def test_rotate(twin: Twin, path: Path) -> None:
    """Somebody else; not where an account would be lost, unless it is said."""
    before = twin.make_persona("facebook", today=TODAY).values
    twin.rotate("facebook", today=TODAY)
    after = twin.state.personas["facebook"].values
    assert after["email-1"].value != before["email-1"].value
    twin.record_account("facebook", "email-1", today=TODAY)
    with pytest.raises(TwinError, match="account since 2026-11-20") as caught:
        twin.rotate("facebook")
    assert "--account-too" in caught.value.hint
    assert opened(path).person().personas["facebook"].values == after
    twin.rotate("facebook", account_too=True, today=TODAY)
    assert twin.state.personas["facebook"].values != after
    assert not twin.state.accounts


def test_no_two_personas_share_what_joins(twin: Twin) -> None:
    """E-mail, phone and user name of 40 services."""
    people = [twin.make_persona(f"s{number}", today=TODAY).values for number in range(40)]
    for fact_id in ("email-1", "phone-1"):
        assert len({values[fact_id].value for values in people}) == 40


def test_change_the_passphrase(twin: Twin, path: Path) -> None:
    """The keys stay, the old secret opens neither the file nor its backup."""
    person, before = twin.person(), path.read_bytes()
    twin.change_secret(Passphrase("correct horse"), cost=CHEAP)
    again = Twin.open(path, lambda _: Passphrase("correct horse"))
    assert again.person() == person
    assert twin.kind == again.kind == "passphrase"
    for name in ("twin", "twin.1"):
        with pytest.raises(TwinError):
            Twin.open(path.with_name(name), lambda _: KEY)
    assert before not in {one.read_bytes() for one in path.parent.iterdir()}
    twin.change_secret(KEY)
    assert opened(path).person() == person


def test_nothing_in_plain_anywhere(twin: Twin, path: Path) -> None:
    """All files of the folder, repr, errors."""
    persona = twin.make_persona("facebook", today=TODAY)
    values = [text.encode() for value in persona.values.values() for text in value.parts.values() if len(text) > 3]
    bytes_of_all = b"".join(one.read_bytes() for one in path.parent.iterdir())
    shown = repr((twin, twin.state, twin.person(), persona)).encode()
    for secret in (*SECRETS, *values):
        assert secret not in bytes_of_all
        assert secret not in shown
    assert twin.key("pseudonym/v1") not in bytes_of_all


@pytest.mark.skipif(sys.platform == "win32", reason="no such modes")
def test_modes(twin: Twin, path: Path) -> None:
    """0600 under any umask, for every file."""
    before = os.umask(0)
    try:
        twin.add_fact("username", {"value": "anna87"})
        make_key_file(path.with_name("twin.key"))
    finally:
        os.umask(before)
    assert {one.name: one.stat().st_mode & 0o777 for one in path.parent.iterdir()} == {
        "twin": 0o600, "twin.1": 0o600, "twin.lock": 0o600, "twin.key": 0o600,
    }  # fmt: skip


def test_the_generation_before_stays(twin: Twin, path: Path) -> None:
    """``.1`` opens and lacks the last change only."""
    twin.add_fact("username", {"value": "anna87"})
    before = Twin.open(path.with_name("twin.1"), lambda _: KEY)
    assert before.state.facts == twin.state.facts[:-1]


@pytest.mark.parametrize("step", ["write_new", "_keep", "replace"])
def test_a_crash_at_every_step_leaves_a_whole_file(
    twin: Twin, path: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The machine stops before the temporary file, before the backup, before the rename."""
    facts = twin.state.facts

    class Crash(BaseException):
        pass

    def crash(*_: object, **__: object) -> None:
        raise Crash

    with monkeypatch.context() as patch:
        if step == "replace":
            patch.setattr(Path, "replace", crash)
        else:
            patch.setattr(file, step, crash)
        with pytest.raises(Crash):
            twin.add_fact("username", {"value": "anna87"})
    assert opened(path).state.facts == facts == twin.state.facts
    twin.add_fact("username", {"value": "anna87"})
    assert len(opened(path).state.facts) == len(facts) + 1
    assert {one.name for one in path.parent.iterdir()} == {"twin", "twin.1", "twin.lock"}


def test_a_crash_between_backup_and_rename(twin: Twin, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second rename does not happen: the old file is there, and the backup is the same."""
    real = Path.replace

    def replace(self: Path, target: Path) -> Path:
        if target == path:
            raise OSError(5, "Input/output error")
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(TwinError, match="input/output error"):
        twin.add_fact("username", {"value": "anna87"})
    assert opened(path).state == twin.state
    assert path.read_bytes() == path.with_name("twin.1").read_bytes()


def test_a_disk_that_refuses(twin: Twin, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One clear error, the state in memory as on disk."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    before = twin.state
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(TwinError, match="no space left"):
        twin.add_fact("username", {"value": "anna87"})
    monkeypatch.undo()
    assert twin.state == before == opened(path).state


def add_many(path: str, tag: str) -> None:
    """In another process."""
    twin = Twin.open(Path(path), lambda _: KEY)
    for number in range(8):
        twin.add_fact("username", {"value": f"{tag}{number}"})


def test_two_processes_lose_nothing(path: Path) -> None:
    """Each opened the same old state; every addition of both is there, with ids of their own."""
    Twin.create(path, KEY)
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    workers = [context.Process(target=add_many, args=(str(path), tag)) for tag in "ab"]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    facts = opened(path).state.facts
    assert {fact.value for fact in facts} == {f"{tag}{number}" for tag in "ab" for number in range(8)}
    assert len({fact.id for fact in facts}) == 16


def test_threads_lose_nothing(twin: Twin, path: Path) -> None:
    """Of one process."""
    threads = [threading.Thread(target=twin.make_persona, args=(f"s{number}",)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened(path).state.personas) == 6


def test_a_stale_reader_takes_over(twin: Twin, path: Path) -> None:
    """Refresh, and the same before a change of its own; also after the passphrase changed there."""
    other = opened(path)
    twin.add_fact("username", {"value": "anna87"})
    assert (other.refresh(), other.refresh()) == (True, False)
    twin.change_secret(Passphrase("x"), cost=CHEAP)
    other.add_fact("email", {"value": "anna2@real.example"})
    assert other.kind == "passphrase"
    assert len(Twin.open(path, lambda _: Passphrase("x")).state.facts) == 7


def test_the_same_person_in_another_process(twin: Twin, path: Path) -> None:
    """After a restart: personas and keys."""
    make_key_file(path.with_name("unused"))
    twin.make_persona("facebook")
    key = path.with_name("twin.key")
    file.write_new(key, KEY.content)
    code = (
        "import sys; from pathlib import Path; from shield.twin.store import *; p = Path(sys.argv[1]);"
        "t = Twin.open(p, secrets_of(p.with_name('twin.key')));"
        "print(t.person().pseudonym_key.hex(), t.make_persona('facebook').values['email-1'].value)"
    )
    ran = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    persona = twin.person().personas["facebook"]
    assert ran.stdout.split() == [twin.key("pseudonym/v1").hex(), persona.values["email-1"].value]


def test_creating_twice_is_refused(twin: Twin, path: Path) -> None:
    """Nobody loses a twin by an init too many."""
    with pytest.raises(TwinError, match="already"):
        Twin.create(path, KEY)
    assert opened(path).state == twin.state


def test_errors_have_hints(path: Path, tmp_path: Path) -> None:
    """No file, a folder in its place, another version inside the seal."""
    with pytest.raises(TwinError) as caught:
        opened(path)
    assert caught.value.hint == "shield twin init"
    with pytest.raises(TwinError):
        opened(tmp_path)
    for content in (b"", b"[]", b"{}", b'{"version":2}', b'{"version":1,"facts":[{}]}', b'{"version":1,"facts":5}'):
        path.write_bytes(seal.seal(content, seal.new_lock(KEY)))
        with pytest.raises(TwinError) as caught:
            opened(path)
        assert caught.value.hint == "update shield"


def test_key_files(tmp_path: Path) -> None:
    """Missing is locked; readable by others is refused with the command that mends it."""
    key = tmp_path / "twin.key"
    with pytest.raises(LockedError):
        secrets_of(key)("keyfile")
    made = make_key_file(key)
    assert read_key_file(key) == made
    assert len(made.content) == 32
    with pytest.raises(TwinError):
        make_key_file(key)
    if sys.platform != "win32":
        key.chmod(0o640)
        with pytest.raises(TwinError) as caught:
            read_key_file(key)
        assert caught.value.hint.startswith("chmod 600")


def test_where_a_passphrase_comes_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file of the environment first, then the prompt; with neither it is locked."""
    monkeypatch.delenv("SHIELD_PASSPHRASE_FILE", raising=False)
    assert secrets_of(tmp_path, lambda: "typed")("passphrase") == Passphrase("typed")
    with pytest.raises(LockedError, match="locked"):
        secrets_of(tmp_path)("passphrase")
    words = tmp_path / "words"
    monkeypatch.setenv("SHIELD_PASSPHRASE_FILE", str(words))
    with pytest.raises(TwinError):
        secrets_of(tmp_path)("passphrase")
    words.write_text("correct horse\nsecond line\n")
    assert secrets_of(tmp_path, lambda: "typed")("passphrase") == Passphrase("correct horse")
    words.write_text("\n")
    with pytest.raises(TwinError, match="empty"):
        secrets_of(tmp_path)("passphrase")


def test_options_are_checked(twin: Twin) -> None:
    """A catch-all that is no domain, a truth that personas do not have."""
    for wrong in ("anna@real.example", "anna", "*@", "a*b*@real.example", ""):
        with pytest.raises(InputError):
            twin.set_catch_all(wrong)
    twin.set_catch_all("anna+*@mail.example")
    email = twin.make_persona("alias", today=TODAY).values["email-1"].value
    assert email.startswith("anna+")
    assert email.endswith("@mail.example")
    assert "*" not in email
    with pytest.raises(InputError):
        twin.set_truth(("card",))
    twin.make_persona("facebook", today=TODAY)
    twin.set_truth(("phone",), today=TODAY)
    assert twin.person().personas["facebook"].values["phone-1"].value == "+4915112345678"
    twin.set_truth((), today=TODAY)
    assert twin.person().personas["facebook"].values["phone-1"].value != "+4915112345678"
