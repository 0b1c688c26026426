"""Opens: whether a host's connections are opened to be looked at, or passed through as bytes.

``services`` (the default) opens a host that a service or a rule names which is not wholly guarded;
``everything`` opens all but what is wholly guarded; a list opens what it names. Opening a host whose every
message is left alone would only put our certificate before a sign-in.

A host is wholly guarded if a guard states nothing but this host, or nothing but the service that has all of
the host's paths; and if no rule of the person lifts that guard or blocks something there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from shield.context import HostPattern, Service
from shield.finding import Because
from shield.policy.rule import Condition, Policy, Rule


@dataclass(frozen=True, slots=True)
class Opens:
    """Whether a host is opened, and why."""

    opened: bool
    because: Because


def opens(policy: Policy, host: str) -> Opens:
    """Whether messages to *host* (lower case, IDNA) are looked at. The same for HTTP and HTTPS."""
    if not isinstance(policy.intercept, str):
        listed = any(pattern.matches(host) for pattern in policy.intercept)
        return _by_config(policy, listed, "intercept lists it" if listed else "intercept does not list it")
    owners = _owners(policy, host)
    guard = next((rule for rule in policy.rules if _guards_wholly(rule, owners, policy, host)), None)
    if guard is not None:
        return Opens(False, Because("guard", guard.id, guard.file, guard.line, guard.why, "allow"))
    if policy.intercept == "everything":
        return _by_config(policy, True, "intercept is everything")
    return _named(policy, host, owners) or _by_config(policy, False, "no service and no rule names it")


def _by_config(policy: Policy, opened: bool, why: str) -> Opens:
    return Opens(opened, Because("default", None, policy.config_file or None, None, why))


def _named(policy: Policy, host: str, owners: tuple[Service, ...]) -> Opens | None:
    """The service that has the host, else the rule that names it."""
    for service in owners:
        if not any(_is_plain(rule) and _guards_service(rule, service) for rule in policy.rules):
            why = f"{service.name} of {service.company} is there"
            return Opens(True, Because("default", None, service.file or None, service.line or None, why))
    for rule in policy.rules:
        names_it = any(pattern.text != "*" and pattern.matches(host) for one in rule.where for pattern in one.host)
        if not rule.untouched and (names_it or _is_own_word(rule, owners, host)):
            return Opens(True, Because(rule.layer, rule.id, rule.file, rule.line, rule.why, rule.action))
    return None


def _owners(policy: Policy, host: str) -> tuple[Service, ...]:
    """The services with the longest claim on the host (``www.`` does not count), as ``recognise`` has it."""
    claims = [
        (_characters(pattern), service)
        for service in policy.services for pattern in _hosts(service) if pattern.matches(host)
    ]  # fmt: skip
    longest = max((characters for characters, _ in claims), default=0)
    return tuple({service.name: service for characters, service in claims if characters == longest}.values())


def _characters(pattern: HostPattern) -> int:
    return pattern.characters - len("www.") * (pattern.literal or "").startswith("www.")


def _hosts(service: Service, *, without_path: bool = False) -> Iterator[HostPattern]:
    for endpoint in service.on:
        if not (without_path and endpoint.paths):
            yield from endpoint.hosts


def _guards_wholly(rule: Rule, owners: tuple[Service, ...], policy: Policy, host: str) -> bool:
    """Whether every message to the host is left alone because of this guard."""
    if not _is_plain(rule) or any(_undoes(other, rule, owners, host) for other in policy.rules):
        return False
    for condition in rule.where:
        by_host = not condition.host or any(pattern.matches(host) for pattern in condition.host)
        if _states_only(condition, "host") and condition.host and by_host:
            return True
    if not owners or not all(_guards_service(rule, service) for service in owners):
        return False
    return any(pattern.matches(host) for service in owners for pattern in _hosts(service, without_path=True))


def _is_plain(rule: Rule) -> bool:
    """A guard without exception and without end."""
    return rule.untouched == "always" and not rule.unless and rule.until is None


def _guards_service(rule: Rule, service: Service) -> bool:
    return any(
        (_states_only(one, "service") and service.name in one.service)
        or (_states_only(one, "company") and service.company in one.company)
        for one in rule.where
    )


def _states_only(condition: Condition, name: str) -> bool:
    """Whether a condition says nothing but this."""
    return condition == Condition(**{name: getattr(condition, name)}, direction=condition.direction)


def _undoes(rule: Rule, guard: Rule, owners: tuple[Service, ...], host: str) -> bool:
    """Whether a rule of the person makes it necessary to look although there is a guard."""
    if rule.lifts is not None:
        return rule.lifts == guard.id
    return rule.layer == "person" and rule.action == "block" and _is_own_word(rule, owners, host)


def _is_own_word(rule: Rule, owners: tuple[Service, ...], host: str) -> bool:
    """Whether a rule of the person speaks about this host, by its name or by service or company."""
    if rule.layer not in ("person", "lifted"):
        return False
    names, companies = {one.name for one in owners}, {one.company for one in owners}
    return any(
        any(pattern.matches(host) for pattern in one.host)
        or (not one.host and bool(names & set(one.service) or companies & set(one.company)))
        for one in rule.where
    )
