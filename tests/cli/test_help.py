"""Help teaches, and at once: usage, an example to paste, what the default does; no import before it is needed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
import typer
from typer.testing import CliRunner

from shield.cli.app import app

COMMANDS = {
    "demo", "run", "replay", "explain", "report", "doctor", "addon-path",
    "rules check", "rules test", "rules list", "rules schema", "rules why", "rules suggest",
    "twin init", "twin show", "twin add", "twin remove", "twin passwd",
    "persona list", "persona show", "persona rotate",
}  # fmt: skip


def tree(command: object, path: tuple[str, ...] = ()) -> Iterator[tuple[str, object]]:
    """Every command with its words."""
    inner = getattr(command, "commands", None)
    if inner is None:
        yield " ".join(path), command
        return
    for name, one in inner.items():
        yield from tree(one, (*path, name))


ALL = dict(tree(typer.main.get_command(app)))


def test_these_are_the_commands() -> None:
    assert set(ALL) == COMMANDS


@pytest.mark.parametrize("words", sorted(ALL))
def test_help_gives_usage_then_an_example(words: str) -> None:
    text = CliRunner().invoke(app, [*words.split(), "--help"], prog_name="shield").output
    assert text.startswith(f"Usage: shield {words}")
    assert "Example:\n" in text
    assert f"shield {words.split()[0]}" in text[text.index("Example:") :]


def test_help_imports_none_of_the_rooms() -> None:
    code = (
        "import sys, shield.cli.app\n"
        "heavy = ('mitmproxy', 'aiohttp', 'rich', 'yaml', 'faker', 'pydantic', 'cryptography')\n"
        "print([name for name in sys.modules if name.partition('.')[0] in heavy"
        " or name.startswith('shield.') and not name.startswith(('shield.cli', 'shield.errors'))])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_version_and_no_words_at_all() -> None:
    assert CliRunner().invoke(app, ["--version"]).output.startswith("shield 0")
    assert "Usage: shield" in CliRunner().invoke(app, [], prog_name="shield").output


@pytest.mark.parametrize("words", [["nonsense"], ["run", "--nonsense"], ["replay"], ["run", "--port", "99999"]])
def test_wrong_words_are_status_2(words: list[str]) -> None:
    assert CliRunner().invoke(app, words).exit_code == 2
