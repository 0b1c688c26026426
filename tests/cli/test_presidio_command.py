"""doctor says whether presidio runs; off is no fault, a model that is missing is one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from shield.cli.app import app


def presidio(config: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Doctor's line about presidio under this configuration."""
    monkeypatch.setenv("SHIELD_HOME", str(tmp_path / "home"))
    path = tmp_path / "shield.yaml"
    path.write_text(config)
    result = CliRunner().invoke(app, ["doctor", "--json", "--port", "1", "--config", str(path)], prog_name="shield")
    checks = {check["name"]: check for check in json.loads(result.stdout)["checks"]}
    return checks["presidio"]


@pytest.mark.parametrize(
    ("config", "state", "words"),
    [
        ("port: 8081\n", "ok", "off, as the configuration says"),
        ("detect: {presidio: true}\n", "ok", "reported only"),
        ("detect: {presidio: true, model: no_such_model}\n", "fail", "'no_such_model' is not installed"),
    ],
)
def test_doctor(config: str, state: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    line = presidio(config, tmp_path, monkeypatch)
    assert line["state"] == state
    assert words in line["message"]
