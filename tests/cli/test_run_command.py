"""``shield run`` as a process: it says what to do next, ends with Ctrl-C, and its errors are one line and a hint."""

from __future__ import annotations

import os
import select
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

SECONDS = 40  # a loaded machine imports slowly


@contextmanager
def started(home: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    environment = {**os.environ, "SHIELD_HOME": str(home), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        [sys.executable, "-m", "shield", "run", *words],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate(timeout=SECONDS)


def lines_until(process: subprocess.Popen[str], last: str) -> str:
    """What it prints up to a line."""
    assert process.stdout is not None
    text, deadline = "", time.monotonic() + SECONDS
    while last not in text and time.monotonic() < deadline:
        if select.select([process.stdout], [], [], 1)[0]:  # read past the buffer, which select cannot see
            piece = os.read(process.stdout.fileno(), 65536).decode()
            if not piece:
                break
            text += piece
    assert last in text, text
    return text


def test_the_first_run_makes_what_it_needs_says_what_is_next_and_ends_with_ctrl_c(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with started(home, "--port", "0") as process:
        text = lines_until(process, "Ctrl-C ends it")
        assert f"made      {home}\n" in text
        assert "listening 127.0.0.1:" in text
        for words in ("shield twin add email", "proxy 127.0.0.1, port", "shield-ca.crt", "shield twin passwd"):
            assert words in text
        port = int(text.split("listening 127.0.0.1:")[1].split(",")[0])
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=SECONDS)
        assert (process.returncode, errors.strip()) == (0, "ending")
    for path in (home, *home.rglob("*")):
        if path.suffix != ".crt" and "dhparam" not in path.name:
            assert not stat.S_IMODE(path.stat().st_mode) & 0o077, path


def failed(home: Path, *words: str) -> str:
    with started(home, *words) as process:
        out, errors = process.communicate(timeout=SECONDS)
        assert (process.returncode, out) == (2, "")
        assert "Traceback" not in errors
        return errors


def test_a_busy_port_is_one_line_and_a_hint(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert failed(tmp_path / "home", "--port", str(port)) == (
            f"error: port {port} on 127.0.0.1 is taken\n  hint: shield run --port {port + 1}\n"
        )


@pytest.mark.parametrize(
    ("config", "rules", "words"),
    [
        (None, None, "there is no file"),
        ("port: eighty\n", None, "shield.yaml:1:7: a whole number"),
        ("share: [\n", None, "shield.yaml:2"),
        ("", "rules: [{id: a}]\n", "mine.yaml:1:9: a rule has no 'why'"),
    ],
)
def test_a_mistake_in_a_file_is_told_with_its_place(
    tmp_path: Path, config: str | None, rules: str | None, words: str
) -> None:
    home = tmp_path / "home"
    file = tmp_path / "shield.yaml"
    if config is not None:
        file.write_text(config or "port: 8080\n")
    if rules is not None:
        (home / "rules").mkdir(parents=True)
        home.chmod(0o700)
        (home / "rules" / "mine.yaml").write_text(rules)
    errors = failed(home, "--port", "0", "--config", str(file))
    assert words in errors
    assert errors.startswith("error: ")
