"""Coarser values, and what cannot be made coarser."""

from __future__ import annotations

import pytest

from shield.detect.known import Matcher
from shield.disguise import Disguise
from shield.finding import Finding, Likeness
from shield.message import Request
from shield.transform.browsers import frozen_hint, frozen_user_agent
from shield.transform.generalize import generalized
from shield.tree import Node
from shield.wire import reader
from tests.people import sample_person

PERSON = sample_person()


def coarse(content: bytes, to: str, category: str = "unknown", address: str = "query:\x1fq") -> bytes | None:
    node = Node(None, address, 0, len(content), content)
    return generalized(Finding(node, 0, len(content), category), content, to, PERSON)


TABLE = [
    ("origin", b"https://shop.example/list?a=b#c", b"https://shop.example/"),
    ("origin", b"https://user:secret@shop.example:8443", b"https://shop.example:8443/"),
    ("origin", b"android-app://com.example.app/x", b"android-app://com.example.app/"),
    ("origin", b"/list?a=b", None),
    ("origin", b"about:client", None),
    ("path", b"https://shop.example/list?a=b#c", b"https://shop.example/list"),
    ("path", b"https://user@shop.example?a=b", b"https://shop.example/"),
    ("path", b"/list?a=b", b"/list"),
    ("path", b"list of things", None),
    ("2 decimals", b"52.51639", b"52.51"),
    ("2 decimals", b"-52.5,13.37777", b"-52.5,13.37"),
    ("0 decimals", b"52.51639, 13.4", b"52, 13"),
    ("2 decimals", b"52", b"52"),
    ("2 decimals", b"5.2e1", None),
    ("2 decimals", b"Alexanderplatz", None),
    ("year", b"1987-03-14", b"1987"),
    ("year", b"14.03.1987", b"1987"),
    ("year", b"19870314", b"1987"),
    ("year", b"536371200", None),
    ("year", b"from 1987 to 1990", None),
    ("decade", b"03/14/1987", b"1980"),
    ("first-tag", b"de-DE,de;q=0.9,en;q=0.8", b"de-DE"),
    ("first-tag", b"de", b"de"),
    ("first-tag", b"*", None),
    ('="G100"', b"G111", b"G100"),
    ("=1920", b"1707", b"1920"),
    ("region", b"Bonn", None),
    ("unheard-of", b"x", None),
]


@pytest.mark.parametrize(("to", "content", "expected"), TABLE)
def test_coarser(to: str, content: bytes, expected: bytes | None) -> None:
    """None means: strip it."""
    assert coarse(content, to) == expected


@pytest.mark.parametrize(("to", "content", "expected"), [row for row in TABLE if row[2] is not None])
def test_once_is_enough(to: str, content: bytes, expected: bytes) -> None:
    """What is coarse already stays."""
    assert coarse(expected, to) in (expected, None if to in ("year", "decade") and len(expected) != 4 else expected)


def test_the_country_of_a_known_address() -> None:
    """Of an address that is the person's we know the country; of a digest of it nothing is made."""
    request = Request("GET", "https", "x.example", 443, b"/?q=Hauptstr.+5%2C+53111+Bonn")
    (found,) = Matcher.build(PERSON).find(reader.read(request))
    assert generalized(found, found.node.content, "country", PERSON) == b"DE"
    assert generalized(found, found.node.content, "region", PERSON) is None


WINDOWS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/131.0.6778.86 Safari/537.36"
)
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    " Version/17.4.1 Mobile/15E148 Safari/604.1"
)
FIREFOX = "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0"
PIXEL = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 8 Pro Build/AP1A.240505) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/131.0.6778.86 Mobile Safari/537.36"
)


@pytest.mark.parametrize(
    ("text", "keeps", "loses"),
    [
        (WINDOWS, ("Windows NT 10.0", "Chrome/"), ("6778",)),
        (WINDOWS + " Edg/131.0.2903.70", ("Windows", "Edg/"), ("2903",)),
        (WINDOWS + " OPR/116.0.0.1", ("Windows", "OPR/"), ("116",)),
        (IPHONE, ("iPhone", "Safari/"), ("17_4_1", "17.4.1")),
        (PIXEL, ("Android", "Mobile", "Chrome/"), ("Pixel", "AP1A", "Android 14")),
        (FIREFOX, ("Firefox/", "Linux"), ("132", "Ubuntu")),
    ],
)
def test_families_of_browsers(text: str, keeps: tuple[str, ...], loses: tuple[str, ...]) -> None:
    """Family and system stay, versions and models go; a frozen text stays itself."""
    frozen = frozen_user_agent(text)
    assert all(word in frozen for word in keeps)
    assert not any(word in frozen for word in loses)
    assert frozen_user_agent(frozen) == frozen


APPS = ["curl/8.5.0", "", "Dalvik/2.1.0 (Linux; U; Android 14)", "okhttp/4.12", IPHONE.replace("Version", "CriOS")]


@pytest.mark.parametrize("text", APPS)
def test_what_is_no_browser_is_stripped(text: str) -> None:
    """An app's user agent has no family; it names the app and the phone."""
    assert frozen_user_agent(text) is None


@pytest.mark.parametrize(
    ("header", "text", "expected"),
    [
        ("sec-ch-ua", '"Google Chrome";v="131", "Chromium";v="131", "Not_A Brand";v="24"',
         '"Chromium";v="140", "Google Chrome";v="140", "Not?A_Brand";v="99"'),
        ("sec-ch-ua", '"Chromium";v="131"', '"Chromium";v="140", "Not?A_Brand";v="99"'),
        ("sec-ch-ua", '"Strange";v="1"', None),
        ("sec-ch-ua-mobile", "?1", "?1"),
        ("sec-ch-ua-platform", '"Windows"', '"Windows"'),
        ("sec-ch-ua-platform", '"Anna\'s own"', None),
        ("sec-ch-ua-model", '"Pixel 8"', None),
        ("sec-ch-ua-full-version-list", '"Chromium";v="131.0.6778.86"', None),
    ],
)  # fmt: skip
def test_client_hints(header: str, text: str, expected: str | None) -> None:
    """The family alone; every further hint is left out."""
    assert frozen_hint(header, text) == expected
    made = coarse(text.encode(), "family", "client_hints", f"header:\x1f{header}")
    assert made == (expected.encode() if expected else None)


def test_a_disguised_value_cannot_be_made_coarser() -> None:
    """A year out of base64 would be a year of something else; and a digest has none."""
    for encodings, digest in ((("base64",), ""), (("hex",), "sha256")):
        content = b"1987-03-14"
        node = Node(None, "query:\x1fq", 0, len(content), content)
        likeness = Likeness("date_of_birth-1", "value", Disguise("plain", digest, encodings))
        finding = Finding(node, 0, len(content), "date_of_birth", "me", "known", likeness)
        assert generalized(finding, content, "year", PERSON) is None
        plain = finding._replace(likeness=Likeness("date_of_birth-1", "value", Disguise("plain", "", ())))
        assert generalized(plain, content, "year", PERSON) == b"1987"
