"""The demo, with everything real: proxy, keeper, engine, rules. And what makes it fail."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path

import pytest
from rich.console import Console

from shield import demo
from shield.data import data_path
from shield.demo import DemoResult
from shield.demo.screen import show


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the demo makes its home, to see that it goes again."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture(scope="module")
def shipped() -> DemoResult:
    return demo.run()


def test_everything_arrives_that_should_and_nothing_else(shipped: DemoResult) -> None:
    assert [claim for claim in shipped.claims if not claim.ok] == []
    assert shipped.ok
    assert len(shipped.claims) > 50


def test_one_table_per_company_names_rules_by_file_and_line(shipped: DemoResult) -> None:
    assert set(shipped.tables) == {"Google", "Facebook", "Amazon", "others"}
    rows = [row for rows in shipped.tables.values() for row in rows]
    assert all(row.rule for row in rows)
    for row in rows:
        if row.at:
            assert re.fullmatch(r"[a-z]+\.yaml:\d+", row.where), row.rule
            assert row.sent != row.arrived
    assert {"ga4-client-id", "facebook-pixel-email", "facebook-pixel-limited", "amazon-link-ids", "google-ads"} <= {
        row.rule for row in rows
    }
    assert any(row.rule.startswith("share.third.email") for row in rows)


def test_the_screen_shows_it(shipped: DemoResult) -> None:
    console = Console(width=140, record=True, file=open("/dev/null", "w"))  # noqa: SIM115 - closed with the process
    for part in show(shipped):
        console.print(part)
    text = console.export_text()
    for word in ("Google", "Facebook", "Amazon", "Other sites", "ga4-client-id", "checks hold"):
        assert word in text
    assert "FAILED" not in text


def test_nothing_is_left_behind(temporary: Path) -> None:
    assert demo.run().ok
    assert list(temporary.iterdir()) == []


def test_without_rules_it_fails_and_says_where(tmp_path: Path) -> None:
    empty = tmp_path / "rules"
    empty.mkdir()
    result = demo.run(empty)
    assert not result.ok
    failed = {claim.text for claim in result.claims if not claim.ok}
    assert "an ad slot: nothing of it reached securepubads.g.doubleclick.net" in failed
    assert "neither is Anna's number" in failed
    # the share table and the detectors still stand
    assert "the newsletter service got another persona's, though no rule names it" not in failed
    assert any("FAILED" in str(part) for part in show(result))


@pytest.mark.parametrize(
    ("rule", "claim"),
    [
        ("ga4-client-id", "Analytics meets one pseudonym on the shop, in every message and line"),
        ("facebook-pixel-browser-id", "the pixel: a page view: what should stay behind did"),
        ("amazon-login", "a sign-in at Amazon: arrived true to the byte"),
    ],
)
def test_a_broken_rule_makes_it_fail(tmp_path: Path, rule: str, claim: str) -> None:
    rules = tmp_path / "rules"
    shutil.copytree(data_path("rules"), rules)
    whole_rule = re.compile(rf"^  - id: {rule}\n.*?(?=^  - id:|\Z)", re.DOTALL | re.MULTILINE)
    for file in rules.glob("*.yaml"):
        file.write_text(whole_rule.sub("", file.read_text(encoding="utf-8")), encoding="utf-8")
    failed = {claim.text for claim in demo.run(rules).claims if not claim.ok}
    assert claim in failed
