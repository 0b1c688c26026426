"""Identifiers that nobody named: which values are found, which are told apart from them, and where nobody looks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from shield.address import parse_address
from shield.context import Context
from shield.detect import identifiers
from shield.detect.identifiers import category_of, look
from shield.finding import Finding
from shield.message import Request
from shield.replay.source import Failure, open_source, records
from shield.wire import reader

TRACKER = Context("GET", "t.example", "/", "t.example", purpose="analytics", party="third")

FORMS = [
    ("GA1.1.1234567890.1700000000", "ga", "cookie_id"),  # wire facts 2.5
    ("1111111111.1700000000", "ga", "cookie_id"),
    ("GS1.1.1700000000.5.1.1700000100.0.0.0", "gs", "session_id"),
    ("GS2.1.s1700000000$o5$g1$t1700000100$j60$l0$h0", "gs", "session_id"),
    ("fb.1.1700000000000.1234567890", "fbp", "cookie_id"),  # 3.5
    ("fb.1.1700000000000.IwAR0aBcDeFgHiJkLmNoPqRs", "fbc", "click_id"),
    ("130-1111111-2222222", "amazon", "cookie_id"),  # 4.5
    ("38400000-8cf0-11bd-b23e-10b96e40000d", "uuid", "unknown"),  # Android's own example; its time is of 1583
    ("6fe0dd22-4e86-11e5-9f93-005056a215fe", "uuid-1", "device_id"),
    ("6fe0dd22-4e86-11e5-9f93-015056a215fe", "uuid-1", "unknown"),  # a random node (RFC 9562, section 6.10)
    ("9df77d2b-ca77-4d69-8b16-973615a4fea0", "uuid-4", "unknown"),
    ("F28AE3F6-9A8B-4034-B9EF-EC7CFED85A6A", "uuid-4", "unknown"),
    ("{9df77d2b-ca77-4d69-8b16-973615a4fea0}", "uuid-4", "unknown"),
    ("XZ9df77d2b-ca77-4d69-8b16-973615a4fea0", "uuid-4", "unknown"),  # 3.4, anon_id
    ("tb:s-9df77d2b-ca77-4d69-8b16-973615a4fea0|1700000000000&t:1", "uuid-4", "unknown"),
    ("9df77d2bca774d698b16973615a4fea0", "uuid-4", "unknown"),
    ("3cf9c76ab6e23eb4", "hex-16", "unknown"),
    ("00:1b:44:11:3a:b7", "mac", "device_id"),
    ("786792932447527911", "digits-18", "unknown"),
    ("-1378101304145867844", "digits-20", "unknown"),
    ("490154203237518", "imei", "unknown"),  # 3GPP TS 23.003, annex B
    ("jrR4w0qlT76er2R1XDPU7g", "token-22", "unknown"),
    ("CAESENa0_Td1zak1LQNpPSYPgLU", "token-27", "unknown"),
]

NONE = [
    "00000000-0000-0000-0000-000000000000",  # an advertising id that was switched off
    "00:00:00:00:00:00", "0000000000000000", "111111111111111111", "1000000000000000000000",
    "1700000000", "1700000000000", "1700000000000000", "20261120093000", "2026-11-20T09:30:00.000Z",
    "1.2.3", "v4.15.2", "686.b365e66", "2017-07-20-WEB", "x1.16.0-BS-JS", "pbjs_lite_v0.34.0",
    "1920x1080x24", "1260x36348", "129.99", "0.36212305154026647", "12345678.12",
    "desktop-homepage-2026", "Krux.ns._default.kxjsonp_3pevents", "glmrjsonp1515916924976", "burt_callback_abn089",
    "application/json", "https://shop.example/a/9df77d2bca77", "//cdn.example/x.js", "/a/b/c1234567890123",
    "main.3f2a9c1b7d8e.js", "9df77d2bca774d698b16.css", "tradedesk01cont1", "pageViewTracking2026",
    "TopRight|46Y8W|402437|275042|46Y8W", "101509157~103116026~103200004", "en-US,en;q=0.9", "true", "GTM-KB2RZM5",
    "ca-pub-3608567627662740", "Firefox.4plus.5", "aaaaaaaaaaaaaaaaaaaaaaaa", "deadbeefdeadbeef",
]  # fmt: skip


@pytest.mark.parametrize(("text", "form", "category"), FORMS)
def test_forms_are_found(text: str, form: str, category: str) -> None:
    """Each by itself, whatever the field is called."""
    seen = look(text.encode())
    assert seen is not None
    assert (seen.form, seen.category) == (form, category)


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_identifier_is_told_apart(text: str) -> None:
    """Times, versions, sizes, prices, words, addresses, files, numbers that stand for nothing."""
    assert look(text.encode()) is None


@pytest.mark.parametrize(
    ("name", "text", "category"),
    [
        ("query:idfa", "9DF77D2B-CA77-4D69-8B16-973615A4FEA0", "ad_id"),
        ("json:/app/advertising_id", "9df77d2b-ca77-4d69-8b16-973615a4fea0", "ad_id"),
        ("query:sExtCookieId", "9df77d2b-ca77-4d69-8b16-973615a4fea0", "cookie_id"),
        ("json:/user/id", "9df77d2b-ca77-4d69-8b16-973615a4fea0", "cookie_id"),
        ("json:/events/0/id", "9df77d2b-ca77-4d69-8b16-973615a4fea0", "unknown"),
        ("cookie:session-id", "130-0000001-0000002", "session_id"),
        ("query:customerNumber", "786792932447527911", "account_id"),
        ("query:imei", "490154203237518", "device_id"),
        ("query:n", "490154203237518", None),  # one number in ten has a right check digit
        ("query:gclid", "Cj0KCQiA2ZCOBhDiARIsAMRfv9K", "click_id"),
        ("query:nonce", "jrR4w0qlT76er2R1XDPU7g", None),
        ("query:cachebuster", "786792932447527911", None),
        ("query:apiKey", "3cf9c76ab6e23eb43cf9c76ab6e23eb4", None),
        ("query:v", "3cf9c76ab6e23eb4", None),
        ("query:pubid", "9df77d2b-ca77-4d69-8b16-973615a4fea0", "unknown"),  # a sure form under an innocent name
        ("query:hash", "fb.1.1700000000000.1234567890", "cookie_id"),
    ],
)
def test_names_decide_between_guesses(name: str, text: str, category: str | None) -> None:
    """And only there."""
    assert category_of(text.encode(), parse_address(name)) == category


def found(request: Request, context: Context = TRACKER, others: tuple[str, ...] = ()) -> dict[str, str]:
    """Address and category of what is found; *others*: addresses that somebody names."""
    opened = reader.read(request)
    taken = [Finding(node, 0, 1, "unknown") for at in others for node in opened.at(parse_address(at))]
    return {one.at: one.category for one in identifiers.find(opened, context, taken)}


BEACON = Request(
    "POST", "https", "t.example", 443, b"/v1/9df77d2b-ca77-4d69-8b16-973615a4fea0?uid=786792932447527911&v=1.2.3",
    (
        (b"cookie", b"tuuid=3face34f-651a-4d12-89b0-707365caa4bc; consent=yes"),
        (b"x-device", b"3cf9c76ab6e23eb4"),
        (b"etag", b"3cf9c76ab6e23eb4"),
        (b"content-type", b"application/json"),
    ),
    b'{"anonymousId": "9df77d2b-ca77-4d69-8b16-973615a4fea0", "page": "https://shop.example/?id=786792932447527911"}',
)  # fmt: skip
ALL = {
    "query:uid": "cookie_id", "cookie:tuuid": "cookie_id", "header:x-device": "device_id",
    "json:/anonymousId": "cookie_id",
}  # fmt: skip


def test_every_place_of_a_message_but_the_path() -> None:
    """A path names things, and lines of the protocol are nobody's numbers."""
    here = found(BEACON)
    assert {at: here[at] for at in ALL} == ALL
    assert not [at for at in here if at.startswith(("path", "header:etag"))]


def test_what_somebody_names_is_left_to_them() -> None:
    """Also where a rule names what holds the field."""
    assert set(ALL) - set(found(BEACON, others=("query:uid", "body"))) == {"query:uid", "json:/anonymousId"}


@pytest.mark.parametrize(
    ("purpose", "party", "direction", "asked"),
    [
        ("analytics", "third", "request", True),
        ("telemetry", "first", "request", True),
        (None, "third", "request", True),
        (None, "first", "request", False),
        (None, "unknown", "request", False),
        ("login", "third", "request", False),
        ("functionality", "third", "request", False),
        ("analytics", "third", "response", False),
    ],
)
def test_only_requests_to_trackers_are_looked_at(purpose: str | None, party: str, direction: str, asked: bool) -> None:
    """A shop that knows its visitor is no tracker of others."""
    context = Context("GET", "t.example", "/", "t.example", purpose=purpose, party=party, direction=direction)
    assert bool(found(BEACON, context)) is asked


def test_what_nobody_opened_is_not_looked_at() -> None:
    """A body that is large, or that cannot be read."""
    large = replace(BEACON, body=(BEACON.body or b"").ljust(identifiers.LARGEST_BODY + 1))
    broken = replace(BEACON, body=b'{"anonymousId": "9df77d2b-ca77-4d69-8b16-97')
    for request in (large, broken):
        assert [at for at in found(request) if at.startswith(("json:", "body"))] == []


def test_a_body_that_nobody_reads_is_no_field_itself() -> None:
    """However short it is; the rest of the message is looked at."""
    opened = reader.read(BEACON)
    body = [one.at for one in identifiers.find(opened, TRACKER, (), unread=False) if not one.at.startswith("header:")]
    assert sorted(body) == ["cookie:tuuid", "query:uid"]


def test_a_message_of_ten_thousand_numbers_gives_a_few_findings() -> None:
    """What a hostile page costs is bounded."""
    target = b"/?" + b"&".join(b"a%d=%018d" % (number, 786792932447527911 + number) for number in range(1500))
    opened = reader.read(Request("GET", "https", "t.example", 443, target))
    assert len(identifiers.find(opened, TRACKER, ())) == identifiers.MOST


def test_long_names_cost_no_more_than_short_ones() -> None:
    """They are the page's choice; only their end is read."""
    name = "query:\x1f" + "advertising " * 100_000 + "x" * 100 + "_uid"
    assert category_of(b"786792932447527911", name) == "cookie_id"


@pytest.mark.captures
def test_captures(captures: list[Path]) -> None:
    """What real trackers are told: judged by hand, counted here, so that a change is seen."""
    seen: dict[str, set[str]] = {}
    for path in captures:
        source = open_source(str(path))
        for record in records(source):
            if isinstance(record, Failure):
                continue
            context = Context("GET", record.request.host, "/", record.request.host, party="third")
            for one in identifiers.find(reader.read(record.request), context, ()):
                seen.setdefault(one.category, set()).add(f"{record.request.host} {one.at}")
        source.close()
    joined = {line for lines in seen.values() for line in lines}
    for known in (
        "query:uid",
        "query:partneruserid",
        "cookie:tuuid",
        "cookie:TapAd_DID",
        "query:WT.vtid",
        "query:clientId",
    ):
        assert any(line.endswith(f" {known}") for line in joined), known
    assert not [line for line in joined if line.endswith((":cb", ":rnd", ":rand", ":callback", ":v", "_t", ":dtm"))]
