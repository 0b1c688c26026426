"""The project's own files: constraints fit the ranges, nothing names an address or a path of one machine."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def pinned() -> dict[str, str]:
    """Name -> version of constraints.txt."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines if line and not line.startswith("#"))


def test_constraints_fit_the_ranges() -> None:
    """Every dependency is pinned, to a version that its range allows."""
    stated = PROJECT["project"]["dependencies"] + PROJECT["dependency-groups"]["dev"]
    pins = pinned()
    for requirement in map(Requirement, stated):
        if requirement.marker is None or requirement.marker.evaluate({"python_version": "3.13"}):
            assert requirement.specifier.contains(pins[canonicalize_name(requirement.name)]), requirement.name


def test_mitmproxy_stays_below_13() -> None:
    """The gate wraps its inside; another major version is another inside."""
    ranges = {requirement.name: requirement for requirement in map(Requirement, PROJECT["project"]["dependencies"])}
    assert not ranges["mitmproxy"].specifier.contains("13.0.0")
    assert PROJECT["project"]["requires-python"] == ">=3.13,<3.15"


def test_no_file_names_an_address_of_a_registry_or_a_path_of_a_machine() -> None:
    """What is committed installs anywhere."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    files = [ROOT / name for name in listed.stdout.decode().split("\0") if name] if not listed.returncode else []
    forbidden = re.compile(rb"pythonhosted\.org|pypi\.org/simple|/[r]oot/|/home/[a-z]+/\.|registry\.npmjs")
    own = Path(__file__)
    found = [
        str(path.relative_to(ROOT))
        for path in files
        if path.is_file() and path != own and forbidden.search(path.read_bytes())
    ]
    assert found == []
    assert not any(path.name in ("uv.lock", "pylock.toml", "poetry.lock") for path in files)


def test_python_version_file() -> None:
    """pip and uv both obey it."""
    assert (ROOT / ".python-version").read_text(encoding="utf-8") == "3.13\n"
