"""What of a response the rules need is told before it arrives, so that everything else streams."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from shield.policy.index import Index
from shield.policy.load import Sources, load
from shield.services.recognise import Registry
from shield.transcript import read_request

RULES = """
rules:
  - id: hints
    why: asks for exact hints
    where: {host: headers.example, direction: response, at: "header:accept-ch"}
    action: strip
  - id: body
    why: a number in the answer
    where: {host: body.example, direction: response, at: "json:/id"}
    action: strip
  - id: mixed
    why: a header that is looked at because of the body
    where: {host: mixed.example, direction: response, at: "header:etag", has: {"json:/id": "*"}}
    action: strip
  - id: request
    why: speaks about the request only
    where: {host: plain.example, at: "query:id"}
    action: strip
"""


@pytest.mark.parametrize(
    ("host", "plan"),
    [("headers", "headers"), ("body", "hold"), ("mixed", "hold"), ("plain", "unneeded"), ("other", "unneeded")],
)
def test_plan(tmp_path: Path, host: str, plan: str) -> None:
    (tmp_path / "own.yaml").write_text(RULES, encoding="utf-8")
    policy = load(Sources(person=(tmp_path,)))
    context = Registry(policy.services).recognise(read_request(f"GET https://{host}.example/"))
    assert Index(policy).response_plan(context, date(2026, 1, 1)) == plan
