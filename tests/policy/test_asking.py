"""Questions: all at once, joined, answered, or decided protectively where nobody can be asked."""

from __future__ import annotations

import pytest

from shield.finding import Ask
from tests.policy.deciding import Case, decide, policy, request

SHOP = "https://shop.example/"
FIELD = '- {id: f, why: because, where: {service: shop, at: ["query:x", "query:y"]}, category: click_id, action: ask}'
MESSAGE = "- {id: m, why: x, where: {service: shop}, action: ask}"
URL = "https://shop.example/?x=1&y=2&x=3"


def run(rules: str, url: str = URL, type: str | None = "document", config: str = "", **answers: str) -> Case:  # noqa: A002
    keys = {key.replace("_", "|"): action for key, action in answers.items()}
    return decide(policy(rules, "", config), request(url, page=SHOP, type=type), keys)


def questions(case: Case) -> dict[str, str]:
    """Open questions by key, with what happens without an answer."""
    assert isinstance(case.decided.verdict, Ask)
    return {one.key: one.otherwise for one in case.decided.verdict.questions}


def test_equal_questions_of_a_message_are_one() -> None:
    """Two fields called x are one question; nothing leaves meanwhile."""
    case = run(FIELD)
    assert questions(case) == {"f|shop|query:x|click_id": "strip", "f|shop|query:y|click_id": "strip"}
    assert case.decided.verdict.questions[0].choices == ("allow", "pseudonymize", "strip", "block")
    assert case.decided.verdict.questions[0].why == "because"


def test_questions_of_message_and_fields_come_together() -> None:
    assert questions(run(f"{MESSAGE}\n{FIELD}")) == {
        "m|shop|message|": "block", "f|shop|query:x|click_id": "strip", "f|shop|query:y|click_id": "strip"
    }  # fmt: skip


def answer(case_rules: str, answers: dict[str, str], url: str = URL) -> Case:
    return decide(policy(case_rules), request(url, page=SHOP, type="document"), answers)


@pytest.mark.parametrize("action", ["allow", "strip", "pseudonymize"])
def test_an_answer_decides(action: str) -> None:
    case = answer(FIELD, {"f|shop|query:x|click_id": action, "f|shop|query:y|click_id": "strip"})
    assert case.verdict == "forward"
    assert case.actions == {"query:x": action, "query:y": "strip"}
    because = case.at("query:x").because
    assert (because.rule, because.action) == ("f", action)
    assert f"answered: {action}" in because.why
    assert (case.at("query:x").scope is not None) == (action == "pseudonymize")


def test_an_answer_may_block() -> None:
    assert answer(FIELD, {"f|shop|query:x|click_id": "block"}).verdict == "block"


def test_an_answer_that_is_no_choice_counts_as_none() -> None:
    case = answer(FIELD, {"f|shop|query:x|click_id": "unwrap", "f|shop|query:y|click_id": "allow"})
    assert case.actions == {"query:x": "strip", "query:y": "allow"}


def test_one_answer_leaves_the_other_question() -> None:
    assert questions(answer(FIELD, {"f|shop|query:x|click_id": "allow"})) == {"f|shop|query:y|click_id": "strip"}


def test_answers_about_the_message() -> None:
    assert answer(MESSAGE, {"m|shop|message|": "allow"}).verdict == "forward"
    assert answer(MESSAGE, {"m|shop|message|": "block"}).verdict == "block"
    assert answer(MESSAGE, {"m|shop|message|": "strip"}).verdict == "block"


@pytest.mark.parametrize("type_", ["image", "script", "style", "beacon", "font", "frame", "media", "report"])
def test_only_documents_and_xhr_may_ask(type_: str) -> None:
    """For the others the protective choice is taken at once, and the reason says so."""
    case = run(FIELD, type=type_)
    assert (case.verdict, case.actions) == ("forward", {"query:x": "strip", "query:y": "strip"})
    assert f"nobody can be asked about {type_}" in case.at("query:x").because.why
    blocked = run(MESSAGE, type=type_)
    assert blocked.verdict == "block"
    assert "nobody can be asked" in blocked.decided.verdict.because.why


@pytest.mark.parametrize("type_", ["document", "xhr", None])
def test_documents_and_xhr_may_ask(type_: str | None) -> None:
    assert run(FIELD, type=type_).verdict == "ask"


def test_otherwise_is_the_rule_s_own() -> None:
    rules = FIELD.replace("action: ask", "action: ask, otherwise: allow")
    assert set(questions(run(rules)).values()) == {"allow"}
    assert run(rules, type="image").actions == {"query:x": "allow", "query:y": "allow"}


def test_the_share_table_may_ask() -> None:
    case = run("", "https://shop.example/?em=anna%40real.example", config="share: {first: {email: ask}}")
    assert questions(case) == {"share.first.email.*|shop|query:em|email": "strip"}


def test_never_asks_for_leave_only() -> None:
    """No other choice than to send it or not."""
    case = run("", "https://shop.example/?em=anna%40real.example", config="never: [email]")
    assert questions(case) == {"never|shop|query:em|email": "block"}
    assert case.decided.verdict.questions[0].choices == ("allow", "block")


def test_a_question_never_shows_a_value_that_stands_in_a_name() -> None:
    case = run("", "https://shop.example/?anna%40real.example=1", config="share: {first: {email: ask}}")
    for one in case.decided.verdict.questions:
        assert "anna" not in one.key + one.at
