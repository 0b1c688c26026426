"""``shield rules suggest`` and what ``shield report`` says of identifiers and links."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from shield.ledger.evidence import Sighting
from shield.ledger.store import Ledger

NOW = datetime.now(UTC) - timedelta(hours=1)


def sighting(at: str, *, receiver: str = "t.example", category: str = "cookie_id", **stated: str) -> Sighting:
    usual = {"company": receiver, "host": f"a.{receiver}", "kind": "identifier", "form": "uuid-4"}
    digest = sha256(stated.pop("value", at).encode()).digest()[:16]
    return Sighting(time=NOW, receiver=receiver, at=at, category=category, digest=digest, **{**usual, **stated})


@pytest.fixture
def learned(home: Path) -> Path:
    """A home whose ledger has seen something."""
    home.mkdir(mode=0o700)
    ledger = Ledger(home / "ledger.sqlite")
    mine = [sighting("query:uid", value="mine"), sighting("cookie:tuuid"), sighting("query:k", category="unknown")] * 3
    puid = sighting("query:puid", receiver="o.example", value="mine")
    mail = [
        sighting("query:e", receiver=name, kind="fact", category="email", subject="email-1", form="", value="e")
        for name in ("t.example", "o.example")
    ]
    ledger.note(lambda: [*mine, puid, *mail])
    ledger.close()
    return home


def test_the_report_shows_what_no_rule_names_and_what_several_know(shield, learned: Path) -> None:
    text = shield("report").stdout
    assert "Identifiers that no rule names" in text
    for part in ("query:uid", "seen 3 times on 1 day, always the same", "rules for them: shield rules suggest"):
        assert part in text
    assert f"your email (email-1) reached o.example, t.example, since {NOW:%Y-%m-%d}" in text
    assert "the same cookie_id reached o.example, t.example" in text
    told = json.loads(shield("report --json").stdout)
    assert [one["at"] for one in told["identifiers"]] == ["cookie:tuuid", "query:uid", "query:k"]
    assert [one["kind"] for one in told["linked"]] == ["fact", "identifier"]
    assert "Identifiers" not in shield("report --since 2030-01-01").stdout
    assert "Identifiers" not in shield("report --company nobody").stdout


def test_the_report_does_without_rules_that_have_mistakes(shield, learned: Path) -> None:
    (learned / "rules").mkdir()
    (learned / "rules" / "mine.yaml").write_text("rules: [{id: a}]\n")
    assert "query:uid" in shield("report").stdout


def test_suggestions_can_be_pasted(shield, learned: Path) -> None:
    result = shield("rules suggest")
    assert "- id: t-example-uid\n" in result.stdout
    assert "query:k" not in result.stdout
    assert "everybody may send the same (see them with --service): t.example" in result.stderr
    assert "query:k" in shield("rules suggest --service t.example").stdout
    assert "nothing to suggest" in shield("rules suggest --service u.example").stderr


def test_suggestions_are_added_to_a_file_and_are_in_force(shield, learned: Path) -> None:
    file = learned / "rules" / "mine.yaml"
    assert "2 rules added" in shield(["rules", "suggest", "--append", str(file)]).stdout
    result = shield("rules test")
    assert (result.exit_code, "untrue" in result.stdout) == (0, False)
    assert "t-example-uid" in shield("rules list --action pseudonymize").stdout
    assert "nothing to suggest" in shield("rules suggest").stderr
    left = json.loads(shield("report --json").stdout)["identifiers"]
    assert [one["at"] for one in left] == ["query:k"]


def test_a_file_that_would_not_load_is_as_it_was(shield, learned: Path, tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    for text in ("rules:\n- {id: a, why: x, where: {host: a.example}, action: block}\n", "- no rule file\n"):
        file.write_text(text)
        result = shield(["rules", "suggest", "--append", str(file)])
        assert (result.exit_code, file.read_text()) == (2, text)
        assert "is as it was" in result.stderr
    new = tmp_path / "new" / "own.yaml"
    assert "lies elsewhere" in shield(["rules", "suggest", "--append", str(new)]).stdout
