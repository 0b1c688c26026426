"""What must be true after the trip; each sentence is searched for in the recorded bytes themselves."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final
from urllib.parse import unquote_plus

from shield.demo.browser import OWN_HEADERS
from shield.demo.parts import CLIENT_ID
from shield.demo.result import Arrival, Claim, Passed, Step
from shield.demo.traces import EMAIL, facts_in

UNWANTED: Final = frozenset({"accept-ch", "critical-ch", "alt-svc"})
_CLIENT_ID: Final = re.compile(r"(?:^|[?&\n])cid=([^&\s]+)")
_EMAIL_DIGEST: Final = re.compile(r"ud\[em\]=([0-9a-f]{64})")
_READER: Final = re.compile(r"reader=([0-9a-f]{40})(?![0-9a-f])")


def check(trip: Iterable[Passed], connections: Iterable[str], persona_emails: Mapping[str, str]) -> Iterator[Claim]:
    """All claims, in the order of the trip.

    Args:
        connections: host names of the connections that reached the origin.
        persona_emails: e-mail of each persona by its scope, to compare digests with.
    """
    passed = tuple(trip)
    for one in passed:
        yield from _CHECKS[one.step.expect](one)
        yield from _check_reply(one)
    yield from _check_nothing_else(passed)
    yield from _check_connections(passed, frozenset(connections))
    yield from _check_pseudonyms({one.step.name: one for one in passed})
    yield from _check_digests({one.step.name: one for one in passed}, persona_emails)


def _check_nothing(one: Passed) -> Iterator[Claim]:
    text = f"{one.step.title}: nothing of it reached {one.step.host}"
    yield Claim(text, not one.arrivals, f"{len(one.arrivals)} arrived")
    yield Claim(
        f"{one.step.title}: the page got an empty success", one.reply.status in (200, 204), f"{one.reply.status}"
    )


def _check_unchanged(one: Passed) -> Iterator[Claim]:
    arrival = _single(one)
    yield Claim(
        f"{one.step.title}: arrived", arrival is not None, f"{len(one.arrivals)} arrived, status {one.reply.status}"
    )
    if arrival is not None:
        yield Claim(f"{one.step.title}: arrived true to the byte", not (diff := _differences(one.step, arrival)), diff)


def _differences(step: Step, arrival: Arrival) -> str:
    sent = [(name.encode(), value.encode()) for name, value in step.headers]
    came = [pair for pair in arrival.headers if pair[0].lower().decode("latin-1") not in OWN_HEADERS]
    pairs = {
        "method": (step.method, arrival.method), "target": (step.target, arrival.target),
        "headers": (sent, came), "body": (step.body, arrival.body),
    }  # fmt: skip
    return ", ".join(name for name, (one, other) in pairs.items() if one != other)


def _check_edited(one: Passed) -> Iterator[Claim]:
    arrival = _single(one)
    yield Claim(
        f"{one.step.title}: arrived", arrival is not None, f"{len(one.arrivals)} arrived, status {one.reply.status}"
    )
    if arrival is None:
        return
    text = _text(arrival)
    there = [name for name in one.step.hidden if name in text]
    yield Claim(
        f"{one.step.title}: what should stay behind did", not there, f"{len(there)} of {len(one.step.hidden)} arrived"
    )
    missing = [name for name in one.step.kept if name not in text]
    yield Claim(f"{one.step.title}: what the service needs arrived", not missing, ", ".join(missing))


_CHECKS: Final = {"nothing": _check_nothing, "unchanged": _check_unchanged, "edited": _check_edited}


def _check_reply(one: Passed) -> Iterator[Claim]:
    unwanted = sorted(UNWANTED & one.reply.names())
    if one.step.expect == "edited":
        if "/g/collect" in one.step.url or "/tr" in one.step.url:
            unwanted += sorted({"set-cookie"} & one.reply.names())
        yield Claim(f"{one.step.title}: the answer asks the browser for nothing", not unwanted, ", ".join(unwanted))
    if one.step.name == "pixel-loader":
        yield Claim("the pixel's loader: a stand-in keeps the page working", b"fbq" in one.reply.body)


def _check_nothing_else(passed: Iterable[Passed]) -> Iterator[Claim]:
    found = {
        f"{one.step.title} ({', '.join(facts)})"
        for one in passed if one.step.expect != "unchanged"
        for arrival in one.arrivals if (facts := facts_in(arrival.raw))
    }  # fmt: skip
    yield Claim("no fact of Anna's reached a tracker, in no disguise", not found, "; ".join(sorted(found)))


def _check_connections(passed: Iterable[Passed], connections: frozenset[str]) -> Iterator[Claim]:
    wanted = {one.step.host for one in passed if one.step.expect != "nothing"}
    opened = {one.step.host for one in passed if one.step.expect == "nothing"} - wanted
    yield Claim(
        "a blocked request opened no connection", not opened & connections, ", ".join(sorted(opened & connections))
    )


def _check_pseudonyms(trip: Mapping[str, Passed]) -> Iterator[Claim]:
    seen = {
        name: _CLIENT_ID.findall(_all_text(trip[name])) for name in ("ga4", "ga4-lines", "ga4-shape", "ga4-elsewhere")
    }
    on_shop = {value for name in ("ga4", "ga4-lines", "ga4-shape") for value in seen[name]}
    elsewhere = set(seen["ga4-elsewhere"])
    count = sum(len(seen[name]) for name in ("ga4", "ga4-lines", "ga4-shape"))
    yield Claim(
        "Analytics meets one pseudonym on the shop, in every message and line",
        count == 4 and len(on_shop) == 1,
        f"{count} seen",
    )
    yield Claim("Analytics meets another pseudonym on another site", len(elsewhere) == 1 and not elsewhere & on_shop)
    yield Claim("neither is Anna's number", bool(on_shop) and CLIENT_ID not in on_shop | elsewhere)


def _check_digests(trip: Mapping[str, Passed], emails: Mapping[str, str]) -> Iterator[Claim]:
    hers = {hashlib.sha256(EMAIL.encode()).hexdigest(), hashlib.sha1(EMAIL.encode()).hexdigest()}
    pixel = {value for name in ("pixel", "pixel-form") for value in _EMAIL_DIGEST.findall(_all_text(trip[name]))}
    wanted = {hashlib.sha256(one.strip().lower().encode()).hexdigest() for one in emails.values()}
    ok = len(pixel) == 1 and pixel <= wanted and not pixel & hers
    yield Claim("Facebook got the digest of the persona's e-mail in place of Anna's", ok, f"{len(pixel)} seen")
    reader = set(_READER.findall(_all_text(trip["newsletter"])))
    wanted = {hashlib.sha1(one.encode()).hexdigest() for one in emails.values()}
    ok = len(reader) == 1 and reader <= wanted and not reader & hers
    yield Claim("the newsletter service got another persona's, though no rule names it", ok, f"{len(reader)} seen")


def _single(one: Passed) -> Arrival | None:
    return one.arrivals[0] if len(one.arrivals) == 1 else None


def _text(arrival: Arrival) -> str:
    """The arrived bytes with percent signs opened, as people would read them."""
    return unquote_plus(arrival.raw.decode("latin-1"))


def _all_text(one: Passed) -> str:
    return "\n".join(_text(arrival) for arrival in one.arrivals)
