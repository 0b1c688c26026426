"""What is opened (design, section 6): by service and rule, everything, or a list; sign-in passes."""

from __future__ import annotations

import pytest

from shield.policy.opens import opens
from tests.policy.deciding import policy

GUARD = "- {id: g, why: x, where: {service: login}, untouched: true}"
HOSTS = ("shop.example", "www.tracker.example", "login.example", "other.example")


def opened(*rules: str, hosts: tuple[str, ...] = HOSTS) -> list[str]:
    """The hosts that are opened under shipped rules, a person's rules, a configuration."""
    loaded = policy(*rules)
    return [host for host in hosts if opens(loaded, host).opened]


@pytest.mark.parametrize(
    ("says", "rules", "expected"),
    [
        ("a host that a service names", ("",), ["shop.example", "www.tracker.example", "login.example"]),
        ("a host that a rule names", ("- {id: r, why: x, where: {host: other.example, at: 'query:x'}, action: strip}",),
         list(HOSTS)),
        ("a rule about every host names none", ("- {id: r, why: x, where: {host: '*', at: 'query:x'}, action: strip}",),
         ["shop.example", "www.tracker.example", "login.example"]),
        ("a guarded service only passes", (GUARD,), ["shop.example", "www.tracker.example"]),
        ("a guarded company only passes", ("- {id: g, why: x, where: {company: Acme}, untouched: true}",),
         ["www.tracker.example"]),
        ("a guarded host only passes", ("- {id: g, why: x, where: {host: shop.example}, untouched: true}",),
         ["www.tracker.example", "login.example"]),
        ("a guard about some paths does not pass the host",
         ("- {id: g, why: x, where: {service: login, path: /in/**}, untouched: true}",),
         ["shop.example", "www.tracker.example", "login.example"]),
        ("a guard with an exception does not pass the host",
         ("- {id: g, why: x, where: {service: login}, unless: {path: /out}, untouched: true}",),
         ["shop.example", "www.tracker.example", "login.example"]),
        ("a guard when seen does not pass the host",
         ("- {id: g, why: x, where: {service: login, has: {'query:x': '*'}}, untouched: when seen}",),
         ["shop.example", "www.tracker.example", "login.example"]),
        ("a host that only a guard names is not opened",
         ("- {id: g, why: x, where: {host: other.example, path: /in/**}, untouched: true}",),
         ["shop.example", "www.tracker.example", "login.example"]),
        ("shipped rules about a guarded service change nothing",
         (GUARD + "\n- {id: b, why: x, where: {service: login}, action: block}",),
         ["shop.example", "www.tracker.example"]),
        ("the person's rule that lifts the guard opens the host",
         (GUARD, "- {id: p, why: x, where: {service: login, at: 'query:x'}, action: strip, lifts: g}"),
         ["shop.example", "www.tracker.example", "login.example"]),
        ("the person's block opens the host, else it could not block",
         (GUARD, "- {id: p, why: x, where: {host: login.example}, action: block}"),
         ["shop.example", "www.tracker.example", "login.example"]),
        ("the person's block of the service opens it too",
         (GUARD, "- {id: p, why: x, where: {service: login}, action: block}"),
         ["shop.example", "www.tracker.example", "login.example"]),
        ("the person's other rules do not",
         (GUARD, "- {id: p, why: x, where: {service: login, at: 'query:x'}, action: strip}"),
         ["shop.example", "www.tracker.example"]),
        ("everything", ("", "", "intercept: everything"), list(HOSTS)),
        ("everything but what is wholly guarded", (GUARD, "", "intercept: everything"),
         ["shop.example", "www.tracker.example", "other.example"]),
        ("a list", ("", "", "intercept: [other.example]"), ["other.example"]),
        ("a list names what the person wants opened", (GUARD, "", "intercept: [login.example]"), ["login.example"]),
    ],
)  # fmt: skip
def test_opens(says: str, rules: tuple[str, ...], expected: list[str]) -> None:
    assert opened(*rules) == expected, says


def test_it_says_why() -> None:
    loaded = policy(GUARD, "- {id: p, why: mine, where: {host: other.example, at: 'query:x'}, action: strip}")
    assert opens(loaded, "shop.example").because.where == "acme.yaml:4"
    guard = opens(loaded, "login.example").because
    assert (guard.layer, guard.rule, guard.where) == ("guard", "g", "acme.yaml:9")
    mine = opens(loaded, "other.example").because
    assert (mine.layer, mine.rule, mine.why) == ("person", "p", "mine")
    assert "no service and no rule" in opens(loaded, "unknown.example").because.why


def test_a_longer_claim_than_that_of_a_guarded_service_is_opened() -> None:
    """And the other way round: a service on all of a domain does not open the sign-in below it."""
    text = "- {id: g, why: x, where: {service: login}, untouched: true}"
    loaded = policy(text)
    assert not opens(loaded, "login.example").opened
    assert not opens(loaded, "www.login.example").opened
