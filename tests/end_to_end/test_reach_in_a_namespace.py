"""What the proxy reaches by the addresses that names resolve to, with public ones: in a namespace of its own."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.end_to_end.inside_namespace import METADATA, OTHER, PRIVATE, PUBLIC

WAYS = (["unshare", "-nm"], ["unshare", "-rnm"])
"""As root, and as anybody where the system lets them."""


def way() -> list[str] | None:
    """How a namespace is made here."""
    if shutil.which("unshare") is None or shutil.which("ip") is None:
        return None
    for command in WAYS:
        tried = subprocess.run([*command, "ip", "link", "set", "lo", "up"], capture_output=True)
        if tried.returncode == 0:
            return command
    return None


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, bool], tuple[str, str]]:
    """Host and whether it was typed -> body and status."""
    command = way()
    if command is None:
        pytest.skip("no network namespace can be made here: it takes unshare and ip (iproute2), and the right to")
    folder = tmp_path_factory.mktemp("namespace")
    done = subprocess.run(
        [*command, sys.executable, "-m", "tests.end_to_end.inside_namespace", str(folder)],
        cwd=Path(__file__).parent.parent.parent, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return {(host, typed): (body, status) for host, typed, body, status in json.loads(done.stdout)}


@pytest.mark.parametrize("host", ["web.example", PUBLIC])
def test_the_web_is_reached(told: dict[tuple[str, bool], tuple[str, str]], host: str) -> None:
    assert told[host, False] == (f"origin {PUBLIC}", "200")


@pytest.mark.parametrize(
    "host", ["inside.example", "home.example", "cloud.example", PRIVATE, "127.0.0.1", METADATA, "printer", "nas.local"]
)
def test_a_page_reaches_nothing_inside(told: dict[tuple[str, bool], tuple[str, str]], host: str) -> None:
    """Neither by a name that resolves there nor by the address; the answer says what to add."""
    body, status = told[host, False]
    assert status in ("403", "502")  # before a connection was tried, or instead of one
    assert not body.startswith("origin")
    assert "reach" in body


def test_of_two_addresses_the_public_one_is_taken(told: dict[tuple[str, bool], tuple[str, str]]) -> None:
    assert told["mixed.example", False] == (f"origin {OTHER}", "200")


@pytest.mark.parametrize(
    ("host", "address"), [(PRIVATE, PRIVATE), ("127.0.0.1", "127.0.0.1"), ("printer", PRIVATE), ("nas.local", PRIVATE)]
)
def test_the_person_reaches_what_they_type(
    told: dict[tuple[str, bool], tuple[str, str]], host: str, address: str
) -> None:  # fmt: skip
    assert told[host, True] == (f"origin {address}", "200")


@pytest.mark.parametrize("host", ["inside.example", "home.example"])
def test_a_name_with_dots_needs_the_configuration(told: dict[tuple[str, bool], tuple[str, str]], host: str) -> None:
    """Rebinding gains nothing: who typed it does not help."""
    body, status = told[host, True]
    assert status == "502"
    assert "reach" in body
