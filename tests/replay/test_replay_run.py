"""Replay from record to record: what is remembered, what is repeated, what comes back out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from shield.person import Person
from shield.policy.load import Sources, load
from shield.replay.record import read_record
from shield.replay.run import FIXED_KEY, Run
from shield.replay.source import Failure
from tests.people import FACTS

RULES = """
company: Tracker
services:
  pixel:
    purpose: analytics
    on: [{host: pixel.example}]
  sign-in:
    purpose: login
    on: [{host: login.example}]
rules:
  - id: pixel-cid
    why: it joins visits
    where: {service: pixel, at: "query:cid"}
    category: cookie_id
    action: pseudonymize
    scope: service
  - id: pixel-hit
    why: nothing in it is of use
    where: {service: pixel, path: /hit}
    action: block
  - id: pixel-ask
    why: the person may want it
    where: {service: pixel, path: /maybe}
    action: ask
  - id: login
    why: changing anything locks people out
    where: {service: sign-in}
    untouched: true
  - id: unwrap
    why: it reports the click
    where: {service: pixel, path: /out, type: document}
    action: unwrap
    to: ["query:url"]
  - id: cookies
    why: a third party's cookie
    where: {service: pixel, direction: response, at: "header:x-id"}
    category: unknown
    action: strip
"""


@pytest.fixture(scope="session")
def policy(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("rules")
    (folder / "tracker.yaml").write_text(RULES)
    return load(Sources(shipped=(folder,)))


@pytest.fixture
def run(policy: Any) -> Run:
    return Run(policy, Person(FACTS, pseudonym_key=FIXED_KEY))


def record(url: str, **more: Any) -> Any:
    return read_record(
        {"method": "GET", "url": url, "headers": [["Accept", "*/*"]], "page": "https://shop.example/", **more}, 1
    )


def steady(out: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in out.items() if key != "engine_us"}


def test_a_site_that_no_rule_concerns_is_repeated_exactly(run: Run) -> None:
    form = {
        "method": "POST",
        "url": "https://other.example/a?x=1",
        "headers": [["A", "b"], ["a", "\xff"]],
        "body": "x=ü",
    }
    out = run.out(read_record({**form, "page": "https://other.example/"}, 5))
    assert out["request"] == form
    assert (out["id"], out["verdict"], out["modified"], out["looked_at"]) == (5, "forward", False, False)
    assert (out["service"], out["company"], out["purpose"]) == (None, None, None)


def test_an_edited_request_keeps_everything_else(run: Run) -> None:
    out = run.out(record("https://pixel.example/i?a=1&cid=9a8b7c6d5e4f30211f2e3d4c5b6a7988&b=%41"))
    assert (out["verdict"], out["modified"], out["looked_at"]) == ("forward", True, True)
    url = out["request"]["url"]
    assert url.startswith("https://pixel.example/i?a=1&cid=")
    assert url.endswith("&b=%41")
    assert "9a8b7c6d5e4f30211f2e3d4c5b6a7988" not in url
    assert [(one["at"], one["did"]) for one in out["changes"]] == [("query:cid", "edited")]
    finding = next(one for one in out["findings"] if one["at"] == "query:cid")
    assert (finding["category"], finding["action"], finding["layer"], finding["span"]) == (
        "cookie_id", "pseudonymize", "shipped", [0, 32],
    )  # fmt: skip
    assert finding["rule"].endswith("tracker.yaml:11")


def test_the_same_value_is_the_same_pseudonym_and_passes_twice_unchanged(run: Run) -> None:
    first = run.out(record("https://pixel.example/i?cid=9a8b7c6d5e4f30211f2e3d4c5b6a7988"))["request"]["url"]
    assert run.out(record("https://pixel.example/j?cid=9a8b7c6d5e4f30211f2e3d4c5b6a7988"))["request"][
        "url"
    ] == first.replace("/i?", "/j?")
    again = run.out(record(first))
    assert (again["modified"], again["request"]["url"]) == (False, first)


def test_independent_records_meet_an_empty_book(policy: Any) -> None:
    run = Run(policy, Person(FACTS, pseudonym_key=FIXED_KEY), independent=True)
    first = run.out(record("https://pixel.example/i?cid=9a8b7c6d5e4f30211f2e3d4c5b6a7988"))["request"]["url"]
    assert run.out(record(first))["modified"]
    assert run.out(record("https://pixel.example/i?cid=9a8b7c6d5e4f30211f2e3d4c5b6a7988"))["request"]["url"] == first


def test_facts_become_the_personas_in_any_disguise(run: Run) -> None:
    out = run.out(record("https://pixel.example/i?em=anna%40real.example"))
    assert "anna" not in json.dumps(out["request"])
    finding = next(one for one in out["findings"] if one["category"] == "email")
    assert (finding["whose"], finding["action"]) == ("me", "pseudonymize")


def test_block_has_an_answer_and_no_request(policy: Any) -> None:
    from shield.proxy.answers import answer_to

    out = Run(policy, Person(), answer_to=answer_to).out(record("https://pixel.example/hit", type="image"))
    assert (out["verdict"], out["request"], out["because"]["id"]) == ("block", None, "pixel-hit")
    assert out["because"]["rule"].endswith("tracker.yaml:17")
    assert out["answer"]["status"] == 200
    assert ["content-type", "image/gif"] in out["answer"]["headers"]


def test_ask_waits_for_its_answer(run: Run) -> None:
    out = run.out(record("https://pixel.example/maybe", type="xhr"))
    assert (out["verdict"], out["request"]) == ("ask", None)
    [question] = out["questions"]
    assert question["otherwise"] == "block"
    for action, verdict in (("allow", "forward"), ("block", "block")):
        answered = record("https://pixel.example/maybe", type="xhr", answers={question["key"]: action})
        assert run.out(answered)["verdict"] == verdict


def test_a_guard_leaves_everything_alone_and_the_host_unopened(run: Run) -> None:
    form = {"method": "POST", "url": "https://login.example/", "headers": [], "body": "email=anna%40real.example"}
    out = run.out(read_record(form, 1))
    assert (out["guard"], out["looked_at"], out["modified"], out["request"]) == ("login", False, False, form)


def test_redirect_says_where(run: Run) -> None:
    out = run.out(record("https://pixel.example/out?url=https%3A%2F%2Fshop.example%2Fa", type="document"))
    assert (out["verdict"], out["location"], out["request"]) == ("redirect", "https://shop.example/a", None)


def test_responses_and_frames_go_through_too(run: Run) -> None:
    frames = [{"direction": "request", "text": '{"em": "anna@real.example"}'}, {"direction": "response", "text": "{}"}]
    response = {"status": 200, "headers": [["X-Id", "1"], ["A", "b"]], "body": "hi"}
    out = run.out(record("https://pixel.example/ws", response=response, frames=frames))
    assert out["response"] == {"status": 200, "headers": [["A", "b"]], "body": "hi"}
    assert "anna" not in json.dumps(out["frames"])
    assert out["frames"][1]["text"] == "{}"
    assert {one["direction"] for one in out["changes"]} >= {"response"}


def test_as_run_passes_what_would_not_be_opened(policy: Any) -> None:
    run = Run(policy, Person(FACTS), as_run=True)
    out = run.out(record("https://other.example/?q=anna%40real.example"))
    assert (out["looked_at"], out["verdict"], out["findings"]) == (False, "forward", [])
    assert out["request"]["url"] == "https://other.example/?q=anna%40real.example"


def test_the_same_input_gives_the_same_output(policy: Any) -> None:
    urls = [f"https://pixel.example/i?cid={number:032x}&em=anna%40real.example" for number in range(5)]
    one, two = (Run(policy, Person(FACTS, pseudonym_key=FIXED_KEY)) for _ in range(2))
    assert [steady(one.out(record(url))) for url in urls] == [steady(two.out(record(url))) for url in urls]


def test_a_mistake_of_ours_costs_one_record(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("anna@real.example")

    records = [record("https://a.example/"), Failure(2, "line 2: no JSON")]
    monkeypatch.setattr(run._engine, "request", broken, raising=False)
    outs = [out for _, out in run.outs(records)]
    assert outs[0] == {"id": 1, "error": "a mistake in shield (RuntimeError); shield run would block it"}
    assert outs[1] == {"id": 2, "error": "line 2: no JSON"}


def test_every_capture_replays_without_an_error(captures: list[Path], policy: Any) -> None:
    from shield.data import data_path
    from shield.replay.source import open_source, records

    shipped = load(Sources(shipped=(data_path("rules"),)))
    run = Run(shipped, Person(FACTS, pseudonym_key=FIXED_KEY))
    for capture in captures:
        source = open_source(str(capture))
        for read, out in run.outs(records(source)):
            assert "error" not in out, (capture.name, out)
            if out["verdict"] == "forward" and not out["modified"]:
                assert out["request"]["url"] == read.form["url"]
                assert out["request"]["headers"] == read.form["headers"]
        source.close()
