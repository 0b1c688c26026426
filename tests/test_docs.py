"""The documentation under test: every option has its line, every link leads somewhere, commands do what is said."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from shield.cli.app import app

ROOT = Path(__file__).parent.parent
COMMANDS = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
PAGES = [ROOT / name for name in ("README.md", "SECURITY.md", "CHANGELOG.md")] + sorted((ROOT / "docs").rglob("*.md"))


def options(command: object, path: tuple[str, ...] = ()) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every command with its long options."""
    inner = getattr(command, "commands", None)
    if inner is None:
        params = command.params  # type: ignore[attr-defined]
        texts = (text for one in params for text in one.opts)
        yield " ".join(path), tuple(text for text in texts if text.startswith("--") and text != "--help")
        return
    for name, one in inner.items():
        yield from options(one, (*path, name))


ALL = dict(options(typer.main.get_command(app)))


def section(words: str) -> str:
    """What commands.md says about one command: its chapter, or its line in the chapter of its group."""
    first, _, second = words.partition(" ")
    chapter = re.search(rf"^## shield {first}\b.*?(?=^## |\Z)", COMMANDS, re.MULTILINE | re.DOTALL)
    assert chapter, f"docs/commands.md has no chapter for {first}"
    if not second:
        return chapter[0]
    line = re.search(rf"^\| `{first} {second}\b.*$", chapter[0], re.MULTILINE)
    assert line, f"docs/commands.md has no line for {words}"
    return line[0]


@pytest.mark.parametrize("words", sorted(ALL))
def test_every_option_has_its_line(words: str) -> None:
    text = section(words)
    assert [option for option in ALL[words] if f"`{option}`" not in text] == []


@pytest.mark.parametrize("words", sorted(ALL))
def test_no_line_names_an_option_that_is_not_there(words: str) -> None:
    named = set(re.findall(r"`(--[a-z-]+)`", section(words)))
    assert named <= set(ALL[words])


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_readme_has_the_two_commands() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "python3 -m pip install uv && uv run shield demo" in text
    assert "python3 -m pip install uv && uv run pytest" in text


def transcript() -> list[tuple[str, str]]:
    """The commands of the README's console block, each with what it printed."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    text = "\n".join(re.findall(r"```console\n(.*?)```", readme, re.DOTALL))
    return re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", text, re.MULTILINE)


def unvarying(text: str) -> list[str]:
    """Lines without what changes with every rule and persona: line numbers, digests, times."""
    return re.sub(r"[0-9a-f]{32,}|\b\d+\b", "N", text).split("\n")


def test_the_readme_shows_what_really_happens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SHIELD_HOME", str(tmp_path / "home"))
    ran = 0
    for command, printed in transcript():
        if command.startswith("cat "):
            Path(command.removeprefix("cat ")).write_text(printed.rstrip("\n") + "\n", encoding="utf-8")
            continue
        result = CliRunner().invoke(app, shlex.split(command)[1:], prog_name="shield")
        assert unvarying(result.stdout.rstrip("\n")) == unvarying(printed.rstrip("\n"))
        ran += 1
    assert ran


def test_the_readme_names_only_commands_that_exist() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    text = "\n".join(re.findall(r"```(?:sh|console)\n(.*?)```", readme, re.DOTALL))
    groups = {words.partition(" ")[0] for words in ALL}
    assert set(re.findall(r"\bshield ([a-z-]+)", text)) <= groups
