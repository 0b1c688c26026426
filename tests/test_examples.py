"""The examples of rules prove something: what holds holds, and each way of being wrong is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from shield import examples
from shield.data import data_path
from shield.policy.load import Sources, load

RULES = """
company: Example
services:
  counter: {purpose: analytics, on: [{host: count.example}]}
rules:
  - id: visitor
    why: the same number on every visit
    where: {service: counter, at: ["query:cid", "form:cid"]}
    category: cookie_id
    action: pseudonymize
    scope: site
  - id: title
    why: it says what you read
    where: {service: counter, at: "query:dt"}
    action: strip
  - id: pixel
    why: nothing but counting
    where: {service: counter, path: /pixel}
    action: block
  - id: leave
    why: straight to the page
    where: {service: counter, path: /out}
    action: unwrap
    to: "query:url"
  - id: hints
    why: asks for more than it needs
    where: {service: counter, direction: response, at: "header:accept-ch"}
    action: strip
  - id: proof
    why: carries the example
    where: {host: nothing.example}
    action: allow
    examples:
"""
PAGE = "        page: https://shop.example/\n"
GET = "      - request: GET https://count.example/hit?cid=1234567890.1234567890&dt=Tea&n=1\n" + PAGE
PIXEL = "      - keeps: GET https://count.example/pixel\n"


def results(tmp_path: Path, example: str) -> list[examples.Result]:
    """What the runner says about one example beside RULES."""
    path = tmp_path / "rules.yaml"
    path.write_text(RULES + example, encoding="utf-8")
    return examples.run(load(Sources((path,))))


HOLD = [
    GET + '        becomes: {"query:cid": pseudonym, "query:dt": gone, "query:n": "1"}\n',
    GET + "        verdict: forward\n",
    "      - request: GET https://count.example/hit?cid=1234567890.1234567890&n=1234567890.1234567890\n" + PAGE
    + '        becomes: {"query:cid": pseudonym, "query:n": "1234567890.1234567890"}\n',
    "      - request: |\n          POST https://count.example/hit?cid=1234567890.1234567890\n"
    "          content-type: application/x-www-form-urlencoded\n\n          cid=1234567890.1234567890\n" + PAGE
    + '        becomes: {"form:cid": pseudonym, "query:cid": same as form:cid}\n',
    "      - request: GET https://count.example/pixel\n        verdict: block\n",
    "      - request: GET https://count.example/out?url=https%3A%2F%2Fshop.example%2Ftea\n        type: document\n"
    "        verdict: redirect\n        location: https://shop.example/tea\n",
    "      - keeps: GET https://shop.example/list?cid=sofas\n",
    "      - request: GET https://count.example/hit\n        response: |\n          HTTP/1.1 200 OK\n"
    "          accept-ch: sec-ch-ua-model\n          server: x\n\n          body\n"
    '        becomes: {"header:accept-ch": gone, "header:server": x}\n',
    "      - request: GET https://count.example/hit?mail=anna%40real.example\n" + PAGE
    + '        becomes: {"query:mail": persona}\n',
    "      - request: |\n          POST https://count.example/hit\n          content-type: application/x-protobuf\n"
    "        body_base64: |\n          Cgdjb3VudGVyEhFhbm5h\n          QHJlYWwuZXhhbXBsZQ==\n" + PAGE
    + '        becomes: {"protobuf:/1": counter, "protobuf:/2": persona}\n',
]  # fmt: skip


@pytest.mark.parametrize("example", HOLD)
def test_what_is_true_holds(example: str, tmp_path: Path) -> None:
    """Each thing that an example can state."""
    (result,) = results(tmp_path, example)
    assert result.message == ""
    assert (result.rule, result.where.partition(":")[0]) == ("proof", "rules.yaml")


FAIL = [
    (GET + '        becomes: {"query:n": pseudonym}\n', "query:n: was left as it is, no pseudonym"),
    (GET + '        becomes: {"query:cid": gone}\n', "query:cid: is still there"),
    (GET + '        becomes: {"query:zz": gone}\n', "query:zz: was not there, so nothing is proved"),
    (GET + '        becomes: {"query:zz": "1"}\n', "query:zz: is not there"),
    (GET + '        becomes: {"query:dt": Tea}\n', "query:dt: is gone"),
    (GET + '        becomes: {"query:n": "22"}\n', "query:n: is another text, of 1 bytes"),
    (GET + '        becomes: {"query:cid": persona}\n', "query:cid: is not the persona's"),
    (GET + '        becomes: {"query:cid": same as query:n}\n', "query:cid: is not the same as query:n"),
    (GET + "        verdict: block\n", "the verdict is forward"),
    (PIXEL.replace("keeps", "request") + "        becomes: {'query:x': gone}\n", "the verdict is block by pixel"),
    (PIXEL, "should be left alone, but the verdict is block by pixel"),
    (PIXEL.replace("pixel", "hit?dt=Tea"), "should be left alone, but was changed: query:dt by title"),
    (
        "      - request: GET https://count.example/out?url=https%3A%2F%2Fshop.example%2Ftea\n        type: document\n"
        "        location: https://shop.example/coffee\n",
        "it leads to another place, of 24 characters",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("example", "message"), FAIL)
def test_what_is_not_true_is_told(example: str, message: str, tmp_path: Path) -> None:
    """With the address or the rule, never with a value."""
    (result,) = results(tmp_path, example)
    assert not result.ok
    assert result.message.startswith(message)


def test_the_shipped_examples_hold() -> None:
    """All of them, and there are many."""
    ran = examples.run(load(Sources((data_path("rules"),))))
    assert [f"{one.where} {one.message}" for one in ran if not one.ok] == []
    assert len(ran) > 100


def test_a_persons_rule_that_makes_a_shipped_example_untrue_is_told(tmp_path: Path) -> None:
    """It is loaded all the same; and what the shipped file itself gets wrong is not blamed on the person."""
    shipped, own = tmp_path / "shipped.yaml", tmp_path / "own.yaml"
    shipped.write_text(RULES + GET + '        becomes: {"query:dt": gone}\n' + GET + "        verdict: block\n")
    where = "{host: count.example, at: 'query:dt'}"
    own.write_text(f"rules: [{{id: mine, why: x, where: {where}, category: page_title, action: allow}}]\n")
    policy = load(Sources((shipped,), (own,)))
    told = [(one.where, one.message) for one in examples.overrides(policy)]
    assert told == [("shipped.yaml:34", "query:dt: is still there")]
    assert examples.overrides(load(Sources((shipped,)))) == []
