"""``shield twin`` and ``shield persona``: what is shown, what is not, and that nothing lies in the open."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

VALUES = ("anna@real.example", "Anna", "Schmidt", "Hauptstr", "4915112345678")


def test_facts_are_added_shown_masked_revealed_and_removed(shield, home: Path) -> None:
    assert shield("twin init").exit_code == 0
    assert shield("twin add email anna@real.example").stdout == "added email-1\n"
    assert shield("twin add name given=Anna family=Schmidt").exit_code == 0
    assert shield(["twin", "add", "postal_address", "street=Hauptstr. 5", "city=Bonn", "country=DE"]).exit_code == 0
    masked = shield("twin show").stdout
    assert "email-1" in masked
    assert not any(value in masked for value in VALUES)
    assert "anna@real.example" in shield("twin show --reveal").stdout
    told = json.loads(shield("twin show --json").stdout)
    assert [fact["category"] for fact in told["facts"]] == ["email", "name", "postal_address"]
    assert not any(value in json.dumps(told) for value in VALUES)
    assert shield("twin remove email-1").exit_code == 0
    assert "email-1" not in shield("twin show").stdout
    assert not any(value.encode() in file.read_bytes() for file in home.iterdir() for value in VALUES if file.is_file())


def test_how_each_fact_is_looked_for(shield) -> None:
    """The list says it of each; what is too common is warned of when it is added."""
    shield("twin init")
    assert shield("twin add email anna@real.example").stderr == ""
    warned = shield("twin add name given=Max").stderr
    assert "too common" in warned
    assert "Max" not in warned
    shown = " ".join(shield("twin show").stdout.split())
    assert "anywhere, in 1 form" in shown
    email, name = json.loads(shield("twin show --json").stdout)["facts"]
    assert (email["looked_for"]["anywhere"], name["looked_for"]["named"]) == (["value"], ["given"])


def test_a_value_can_be_typed_unseen(shield) -> None:
    shield("twin init")
    result = shield("twin add card", given="4111111111111111\n")
    assert result.exit_code == 0
    assert "4111" not in result.output


def test_no_value_at_all_is_one_clear_line(shield) -> None:
    shield("twin init")
    result = shield("twin add card", given="")
    assert (result.exit_code, result.stderr.partition("\n")[0]) == (2, "error: no card was given")


def test_a_passphrase_file_that_is_not_there_is_named(shield, monkeypatch: pytest.MonkeyPatch) -> None:
    shield("twin init")
    shield("twin passwd", given="correct horse\n")
    monkeypatch.setenv("SHIELD_PASSPHRASE_FILE", "/nowhere/pass")
    result = shield("twin show")
    assert (result.exit_code, result.stderr.partition("\n")[0]) == (
        2,
        "error: SHIELD_PASSPHRASE_FILE names no file: /nowhere/pass",
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("twin show", "there is no twin yet"),
        ("persona list", "there is no twin yet"),
        ("twin remove email-1", "there is no twin yet"),
    ],
)
def test_without_a_twin_one_clear_line_and_a_hint(shield, words: str, message: str) -> None:
    result = shield(words)
    assert (result.exit_code, result.stderr) == (2, f"error: {message}\n  hint: shield twin init\n")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("twin init", "there is a twin already"),
        ("twin add email nonsense", "no e-mail address"),
        ("twin add shoesize 43", "shoesize"),
        ("twin remove email-9", "no fact 'email-9'"),
        ("persona show nobody", "no persona for 'nobody'"),
        ("persona rotate nobody", "no persona for 'nobody'"),
        ("twin passwd --key-file", "key file already"),
    ],
)
def test_wrong_input_is_status_2_and_does_not_repeat_a_value(shield, words: str, message: str) -> None:
    shield("twin init")
    result = shield(words)
    assert result.exit_code == 2
    assert message in result.stderr
    assert "nonsense" not in result.stderr
    assert "  hint: " in result.stderr


def test_a_passphrase_takes_the_place_of_the_key_file_and_back(shield, home: Path, tmp_path, monkeypatch) -> None:
    shield("twin init")
    shield("twin add email anna@real.example")
    assert (home / "twin.key").exists()
    assert shield("twin passwd", given="correct horse\n").exit_code == 0
    assert not (home / "twin.key").exists()
    locked = shield("twin show")
    assert (locked.exit_code, "locked" in locked.stderr) == (2, True)
    secret = tmp_path / "secret"
    secret.write_text("correct horse\n")
    monkeypatch.setenv("SHIELD_PASSPHRASE_FILE", str(secret))
    assert "email-1" in shield("twin show").stdout
    secret.write_text("wrong\n")
    assert shield("twin show").exit_code == 2
    secret.write_text("correct horse\n")
    assert shield("twin passwd --key-file").exit_code == 0
    monkeypatch.delenv("SHIELD_PASSPHRASE_FILE")
    assert "email-1" in shield("twin show").stdout


def test_a_short_passphrase_is_refused(shield) -> None:
    done = shield("twin init --passphrase", given="ab\n")
    assert done.exit_code == 2
    assert "at least 8 characters" in done.stderr


def test_an_empty_passphrase_is_refused(shield) -> None:
    assert shield("twin init --passphrase", given="\n").exit_code == 2


def test_a_third_partys_persona_is_shown_and_rotated(shield, home: Path) -> None:
    """She is not stored; a receiver that nobody has heard of is an error."""
    shield("twin init")
    shield("twin add email anna@real.example")

    def mail(site: str) -> str:
        told = json.loads(shield(f"persona show facebook-pixel --site {site} --json").stdout)
        return told["values"]["email-1"]

    first = mail("www.shop.example")
    assert first == mail("shop.example")
    assert first == mail("https://www.shop.example/tea")
    assert first != mail("news.example")
    assert "is no site" in shield("persona show facebook-pixel --site nonsense").stderr
    assert "--site shop.example" in shield("persona show facebook-pixel").stderr
    assert "did you mean 'facebook-pixel'" in shield("persona show facebok-pixel --site shop.example").stderr
    assert shield("persona rotate facebook-pixel").exit_code == 0
    assert mail("shop.example") != first
    assert json.loads(shield("persona list --json").stdout) == []
    assert shield("persona rotate site:widget.example").exit_code == 0
    assert shield("persona rotate facebok-pixel").exit_code != 0


def test_personas_are_listed_shown_and_rotated(shield, home: Path) -> None:
    from shield.twin.store import Twin, secrets_of

    shield("twin init")
    shield("twin add email anna@real.example")
    assert "no persona is stored" in shield("persona list").stdout
    twin = Twin.open(home / "twin", secrets_of(home / "twin.key"))
    twin.make_persona("facebook-pixel")
    assert [row["service"] for row in json.loads(shield("persona list --json").stdout)] == ["facebook-pixel"]
    before = json.loads(shield("persona show facebook-pixel --json").stdout)["values"]
    assert set(before) == {"email-1"}
    assert "anna" not in json.dumps(before).casefold()
    assert shield("persona rotate facebook-pixel").exit_code == 0
    assert json.loads(shield("persona show facebook-pixel --json").stdout)["values"] != before
    assert "did you mean 'facebook-pixel'" in shield("persona show facebok-pixel").stderr
    twin.refresh()
    twin.record_account("facebook-pixel", "email-1")
    refused = shield("persona rotate facebook-pixel")
    assert refused.exit_code == 2
    assert shield("persona rotate facebook-pixel --account-too").exit_code == 0
