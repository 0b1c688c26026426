"""Suggestions: every one loads, its example holds, and there is nothing of the person's in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shield import examples
from shield.data import data_path
from shield.detect import identifiers
from shield.ledger.evidence import Place, Value
from shield.policy.load import Sources, load
from shield.policy.rule import Policy
from shield.suggest import appended, example_value, is_named, proved, render, suggest, unnamed

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
OFTEN = Value(NOW, NOW, 14, 6, 3)
UID = Place(
    "t.example", "t.example", "a.t.example", "query:uid", "identifier", "cookie_id", "uuid-4", NOW, NOW, 14, 6, 0, 3,
    (OFTEN,),
)  # fmt: skip
SHIPPED = Sources(shipped=(data_path("rules"),))


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load(SHIPPED)


def at(place: str, **stated: object) -> Place:
    """A place like UID."""
    return replace(UID, at=place, **stated)  # type: ignore[arg-type]


def in_force(text: str, folder: Path, shipped: bool) -> Policy:
    """A file of the person's, beside the shipped ones if they are wanted (a third of a second)."""
    file = folder / "suggested.yaml"
    file.write_text(text, encoding="utf-8")
    return load(Sources(shipped=SHIPPED.shipped if shipped else (), person=(file,)))


def checked(text: str, folder: Path, shipped: bool = False) -> list[str]:
    """The rules of a file whose examples do not hold."""
    policy = in_force(text, folder, shipped)
    own = replace(policy, rules=tuple(rule for rule in policy.rules if rule.is_own))
    return [one.rule for one in examples.run(own) if not one.ok]


PLACES = [
    UID,
    at("cookie:tuuid"),
    at("cookie:session-id", form="amazon", category="session_id"),
    at("header:x-device", form="hex-16", category="device_id"),
    at("form:puid", form="digits-18"),
    at("json:/events/*/user/id", form="uuid-4"),
    at("json:/a~1b/uid", form="uuid-1", category="device_id"),
    at("query:data/json:/uid", form="hex-32"),
    at("query:d/base64/json:/uid"),
    at("query:dl/query:puid", form="token-22", category="unknown"),
    at("query:uid_*", form="ga"),
    at("query:a b&c", form="fbp"),
    at("text/line:*/query:puid", form="uuid-4"),
    at("query:cust", form="digits-19", category="account_id"),
    at("query:mac", form="mac", category="device_id"),
    at("query:_fid", receiver="facebook-pixel", company="Facebook", host="www.facebook.com"),
    at("json:/x1", receiver="google-analytics", company="Google", host="region1.google-analytics.com"),
    at("json:/x", receiver="google-ads", company="Google", host="www.google.de"),
    at("query:x2", receiver="google-tag-manager", company="Google", host="www.googletagmanager.com"),
    at("protobuf:/1/19", form="uuid-4"),
]


@pytest.mark.parametrize("place", PLACES, ids=lambda one: f"{one.receiver} {one.at}")
def test_every_suggestion_loads_and_its_example_holds(place: Place, policy: Policy, tmp_path: Path) -> None:
    """Whatever the field is called and wherever it stands. An example that does not hold is left out; that is not
    the usual way.
    """
    shipped = place.receiver != "t.example"
    (made,) = proved(policy if shipped else Policy(), [place], lambda text: checked(text, tmp_path, shipped))
    assert made.has_example or shipped or place.at.startswith("protobuf")
    text = render([made])
    assert checked(text, tmp_path, shipped) == []
    with_it = in_force(text, tmp_path, shipped)
    assert is_named(with_it, place)
    assert unnamed(with_it, [place]) == []


@pytest.mark.parametrize(
    ("place", "action"),
    [
        (UID, "pseudonymize"),
        (at("query:g", form="ga"), "pseudonymize"),
        (at("cookie:uid"), "strip"),  # the service has set it
        (at("query:t", form="token-22"), "strip"),  # may be sealed
        (at("query:s", form="amazon"), "strip"),  # too short for another value
        (at("query:m", form="mac"), "strip"),
        (at("query:c", category="account_id"), "strip"),  # never invented
    ],
)
def test_the_action_is_one_that_fits(place: Place, action: str, policy: Policy) -> None:
    """As the vocabulary and the shape allow."""
    assert [one.action for one in suggest(policy, [place])] == [action]


@pytest.mark.parametrize("form", [
    "uuid-1", "uuid-4", "uuid-7", "uuid", "ga", "gs", "fbp", "fbc", "amazon", "mac", "imei", "hex-16", "hex-32",
    "hex-64", "digits-14", "digits-19", "digits-24", "token-12", "token-22", "token-100",
])  # fmt: skip
def test_made_up_values_have_the_form(form: str) -> None:
    """And are the same each time, for they follow from names alone."""
    for seed in map(str, range(20)):
        made = example_value(form, seed)
        seen = identifiers.look(made.encode())
        assert seen is not None
        assert seen.form.partition("-")[0] == form.partition("-")[0]
        if form not in ("uuid", "uuid-4"):
            assert seen.form == form
        assert made == example_value(form, seed)


def test_the_shipped_rules_name_what_they_name(policy: Policy) -> None:
    """Where they always hold; other fields of the service are not named by that."""
    ga = replace(UID, receiver="google-analytics", company="Google", host="www.google-analytics.com")
    assert is_named(policy, replace(ga, at="query:cid"))
    assert not is_named(policy, replace(ga, receiver="other.example", company="other.example", host="other.example"))


def test_the_surest_come_first_and_what_changes_does_not_come() -> None:
    """Then what was seen on several sites, then what was seen most often."""
    once = replace(OFTEN, sites=1)
    order = [
        UID,
        at("query:b", values=(once,), times=50),
        at("query:c", values=(once,)),
        at("query:d", category="unknown"),
    ]
    assert unnamed(Policy(), [*reversed(order), at("query:e", values=())]) == order


def test_ids_are_never_taken(policy: Policy) -> None:
    """Neither by a rule nor by another suggestion."""
    first, second = suggest(policy, [UID, at("json:/uid")])
    assert (first.id, second.id) == ("t-example-uid", "t-example-uid-2")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "rules:\n  - {id: a, why: x, where: {host: a.example}, action: block}\n",
        "rules:\n  - {id: a, why: x, where: {host: a.example}, action: block}",
        "services:\n  own: {purpose: analytics, company: Own, on: [{host: own.example}]}\n",
    ],
)
def test_added_at_the_end_of_a_file(text: str, policy: Policy, tmp_path: Path) -> None:
    """Of any that ends with its rules, or has none."""
    whole = appended(text, suggest(policy, [UID, at("cookie:b")]))
    assert whole.startswith(text)
    assert checked(whole, tmp_path) == []
    assert appended(whole, []) == whole
