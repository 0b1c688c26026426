"""Replay, explain, rules, report, doctor, addon-path: forms, statuses, and no value where none belongs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shield.ledger.entry import Change, Entry
from shield.ledger.store import Ledger

FACTS = """facts:
  - {category: email, value: anna@real.example}
  - {category: name, given: Anna, family: Schmidt}
"""
GA4 = "https://www.google-analytics.com/g/collect?v=2&tid=G-ABC&cid=1234567890.1700000000&dl=x"
RECORDS = [
    {
        "id": "plain",
        "method": "GET",
        "url": "https://shop.example/a",
        "headers": [["A", "\xff"]],
        "page": "https://shop.example/",
    },
    {"id": "ga4", "method": "GET", "url": GA4, "headers": [], "page": "https://shop.example/", "type": "beacon"},
    {"id": "bad", "method": "GET"},
    {"id": "last", "method": "GET", "url": "https://tracker.example/?em=anna%40real.example", "headers": []},
]


@pytest.fixture
def facts(tmp_path: Path) -> Path:
    file = tmp_path / "facts.yaml"
    file.write_text(FACTS)
    return file


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    file = tmp_path / "in.jsonl"
    file.write_text("".join(json.dumps(record) + "\n" for record in RECORDS))
    return file


def outs(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_replay_writes_a_line_for_each_record_and_says_1_for_an_error(shield, facts: Path, lines: Path) -> None:
    result = shield(["replay", str(lines), "--facts", str(facts), "--format", "jsonl"])
    assert result.exit_code == 1
    plain, ga4, bad, last = outs(result.stdout)
    assert plain["request"] == {key: RECORDS[0][key] for key in ("method", "url", "headers")} | {"body": None}
    assert (ga4["modified"], ga4["company"], ga4["looked_at"]) == (True, "Google", True)
    assert bad == {"id": "bad", "error": "line 3: url is no text"}
    assert last["id"] == "last"


def test_replay_gives_the_same_output_for_the_same_input(shield, facts: Path, lines: Path, tmp_path: Path) -> None:
    texts = []
    for number in range(2):
        out = tmp_path / f"{number}.jsonl"
        shield(["replay", str(lines), "--facts", str(facts), "--format", "jsonl", "--out", str(out)])
        texts.append([{**one, "engine_us": 0} for one in outs(out.read_text())])
    assert texts[0] == texts[1]
    assert len(texts[0]) == len(RECORDS)


def test_replay_reads_standard_input_and_an_empty_rules_folder(
    facts: Path, lines: Path, tmp_path: Path, home: Path
) -> None:
    (tmp_path / "none").mkdir()
    words = [sys.executable, "-m", "shield", "replay", "-", "--facts", str(facts), "--format", "jsonl"]
    environment = {**os.environ, "SHIELD_HOME": str(home)}
    done = subprocess.run(
        [*words, "--rules", str(tmp_path / "none")],
        input=lines.read_bytes(),
        capture_output=True,
        env=environment,
        check=False,
    )
    assert done.returncode == 1
    assert [out.get("service") for out in outs(done.stdout.decode())] == [None] * 4
    assert not home.exists()


def test_replay_for_people_shows_no_value(shield, facts: Path, lines: Path) -> None:
    text = shield(["replay", str(lines), "--facts", str(facts)]).stdout
    assert "edited    GET www.google-analytics.com" in text
    assert "error     line 3" in text
    for value in ("anna", "1234567890", "G-ABC"):
        assert value not in text


def test_replay_writes_a_har_that_it_can_read(shield, facts: Path, lines: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.har"
    assert shield(["replay", str(lines), "--facts", str(facts), "--format", "har", "--out", str(out)]).exit_code == 1
    log = json.loads(out.read_text())["log"]
    assert [entry["_shield"]["id"] for entry in log["entries"]] == ["plain", "ga4", "last"]
    again = outs(shield(["replay", str(out), "--facts", str(facts), "--format", "jsonl"]).stdout)
    assert [one["request"]["url"] for one in again[:1]] == ["https://shop.example/a"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["replay", "missing.har"], "cannot read missing.har: no such file"),
        (["replay", "IN", "--facts", "missing.yaml"], "there is no file missing.yaml"),
        (["replay", "IN", "--rules", "missing"], "there is no folder missing"),
        (["replay", "IN", "--config", "missing.yaml"], "there is no file missing.yaml"),
        (["explain", "nonsense"], "neither an address nor a file"),
        (["explain", "https://"], "url is no absolute"),
        (["rules", "why", "nonsense"], "there is no rule 'nonsense'"),
        (["rules", "check", "--rules", "missing"], "there is no folder missing"),
        (["report"], "there is no ledger"),
        (["report", "--since", "yesterday"], "'yesterday' is no time"),
    ],
)
def test_wrong_input_is_one_line_a_hint_and_status_2(shield, lines: Path, words: list[str], message: str) -> None:
    result = shield([str(lines) if word == "IN" else word for word in words])
    assert result.exit_code == 2
    assert message in result.stderr
    assert "  hint: " in result.stderr


def test_a_mistake_in_the_facts_does_not_repeat_the_value(shield, lines: Path, tmp_path: Path) -> None:
    file = tmp_path / "facts.yaml"
    file.write_text("facts:\n  - {category: email, value: annaatreal}\n")
    result = shield(["replay", str(lines), "--facts", str(file)])
    assert result.exit_code == 2
    assert "facts.yaml:2:5" in result.stderr
    assert "annaatreal" not in result.stderr


def test_explain_says_who_what_and_why_without_values(shield, facts: Path, tmp_path: Path) -> None:
    file = tmp_path / "a.http"
    file.write_text(f"POST {GA4}\ncontent-type: text/plain\n\nen=page_view&ep.mail=anna@real.example\n")
    words = ["explain", str(file), "--page", "https://shop.example/", "--facts", str(facts)]
    text = shield(words).stdout
    for part in (
        "google-analytics of Google",
        "third on shop.example",
        "ga4-client-id (google.yaml:",
        "beat strip",
        "email (me)",
    ):
        assert part in text
    assert "anna" not in text
    told = json.loads(shield([*words, "--json"]).stdout)
    assert (told["verdict"], told["opened"]["opened"], told["modified"]) == ("forward", True, True)
    assert "anna" not in json.dumps(told)


def test_a_guarded_host_is_said_to_be_left_alone(shield) -> None:
    text = shield("explain https://accounts.google.com/signin").stdout
    assert "opened    no" in text
    assert "guard     google-login" in text


def test_rules_are_checked_listed_and_explained(shield) -> None:
    assert "are in order" in shield("rules check").stdout
    rows = json.loads(shield("rules list --company Google --action guard --json").stdout)
    assert "google-login" in [row["rule"] for row in rows]
    assert {row["does"] for row in rows} == {"guard"}
    text = shield("rules why google-login").stdout
    assert "never share" in text
    assert "did you mean 'google-login'" in shield("rules why gogle-login").stderr
    assert json.loads(shield("rules schema").stdout)["$schema"]
    assert json.loads(shield("rules schema --config").stdout)["$schema"]


def test_an_example_that_does_not_hold_is_status_1(shield, tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(
        "rules:\n  - id: a\n    why: because\n    where: {host: a.example, at: 'query:x'}\n    action: strip\n"
        "    examples:\n      - keeps: GET https://a.example/?x=1\n"
    )
    result = shield(["rules", "test", "--rules", str(tmp_path)])
    assert result.exit_code == 1
    assert "0 of 1 examples hold" in result.stdout
    assert "own.yaml:7: a:" in result.stdout


def test_a_list_of_no_rules_says_so(shield) -> None:
    assert shield("rules list --company nobody").stdout.startswith("no rule fits")
    assert json.loads(shield("rules list --company nobody --json").stdout) == []


def test_the_report_sums_up_and_can_be_asked_for_a_time(shield, home: Path) -> None:
    home.mkdir(mode=0o700)
    ledger = Ledger(home / "ledger.sqlite")
    changes = (
        Change("query:cid", "cookie_id", action="strip"),
        Change("query:em", "email", "me", action="pseudonymize"),
    )
    ledger.record(
        Entry(datetime.now(UTC), "request", "GET", "t.example", "forward", company="Tracker", changes=changes)
    )
    ledger.close()
    text = shield("report --since 1d").stdout
    assert "Tracker" in text
    assert "cookie_id email" in text
    told = json.loads(shield("report --json").stdout)
    assert [row["dpv"] for row in told["companies"][0]["data"]] == ["pd:UID", "pd:EmailAddress"]
    assert "nothing in the ledger" in shield("report --until 2026-01-01").stdout
    assert "nothing in the ledger" in shield("report --company nobody").stdout


def test_the_report_counts_blocked_messages_and_tells_observed_ones_apart(shield, home: Path) -> None:
    """A message blocked by its head has no findings, and one only observed was not changed: both still count."""
    home.mkdir(mode=0o700)
    ledger = Ledger(home / "ledger.sqlite")
    now, change = datetime.now(UTC), (Change("query:cid", "cookie_id", action="strip"),)
    ledger.record(Entry(now, "request", "GET", "t.example", "block", company="Tracker"))
    ledger.record(
        Entry(now, "request", "GET", "t.example", "forward", company="Tracker", observed=True, changes=change)
    )
    ledger.record(Entry(now, "request", "GET", "t.example", "block", company="Tracker", observed=True))
    ledger.close()
    acted, observed = (line.split() for line in shield("report").stdout.splitlines() if "Tracker" in line)
    assert acted == ["Tracker", "1", "1"]
    assert observed == ["Tracker", "(observed)", "2", "1", "1", "cookie_id"]
    assert "2 messages were only observed" in shield("report").stdout


def test_a_request_file_of_other_bytes_is_an_error(shield, tmp_path: Path) -> None:
    file = tmp_path / "other.http"
    file.write_bytes(b"GET https://shop.example/\nx: \xff\n")
    result = shield(["explain", str(file)])
    assert (result.exit_code, result.stderr.partition("\n")[0]) == (2, f"error: {file} is not UTF-8")


def test_replay_does_not_write_over_what_it_reads(shield, facts: Path, lines: Path) -> None:
    before = lines.read_bytes()
    result = shield(["replay", str(lines), "--facts", str(facts), "--out", str(lines)])
    assert (result.exit_code, lines.read_bytes()) == (2, before)


def test_doctor_finds_what_others_can_read(shield, home: Path) -> None:
    free = json.loads(shield("doctor --port 18765 --json").stdout)
    states = {check["name"]: check["state"] for check in free["checks"]}
    assert (states["python"], states["rules"], states["home"]) == ("ok", "ok", "warn")
    shield("twin init")
    (home / "twin.key").chmod(0o644)
    result = shield("doctor --port 18765")
    assert result.exit_code == 1
    assert "fail  twin.key" in result.stdout
    assert f"chmod 600 '{home / 'twin.key'}'" in result.stdout
    assert "what a proxy cannot do" in result.stdout


def test_the_addon_path_is_a_file(shield) -> None:
    assert Path(shield("addon-path").stdout.strip()).name == "shield_addon.py"
    assert Path(shield("addon-path").stdout.strip()).is_file()


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak of memory from /proc")
def test_a_large_har_needs_no_more_memory_than_a_small_one(tmp_path: Path, home: Path) -> None:
    """Peak memory of the process over 6 MB and over 48 MB of entries."""
    text = "word " * 12000
    entry = {
        "request": {"method": "GET", "url": "https://a.example/", "headers": []},
        "response": {"status": 200, "headers": []},
    }
    entry["response"]["content"] = {"text": text, "size": len(text)}  # type: ignore[index]
    piece = json.dumps(entry).encode()
    code = (  # VmHWM, not ru_maxrss: that one begins with the size of the process that forked
        "import re, sys; from pathlib import Path; from shield.cli import main\n"
        "try: main()\n"
        "finally: sys.stderr.write(re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1])"
    )
    peaks = []
    for count in (100, 800):
        file = tmp_path / f"{count}.har"
        file.write_bytes(b'{"log": {"entries": [' + b",".join([piece] * count) + b"]}}")
        done = subprocess.run(
            [sys.executable, "-c", code, "replay", str(file), "--format", "jsonl", "--out", str(tmp_path / "out")],
            capture_output=True, text=True, env={**os.environ, "SHIELD_HOME": str(home)}, check=True,
        )  # fmt: skip
        peaks.append(int(done.stderr) // 1024)
    assert peaks[1] - peaks[0] < 16, peaks
