"""First or third party: page, Sec-Fetch-Site and Dest, Origin, Referer, in this order."""

from __future__ import annotations

import pytest

from shield.context import Endpoint, HostPattern, Service
from shield.message import Request
from shield.services.recognise import Registry

ACME = "Acme"
SERVICES = Registry((
    Service("acme", ACME, "functionality", (Endpoint((HostPattern("acme.example"),)),)),
    Service("acme-static", ACME, "functionality", (Endpoint((HostPattern("acmestatic.example"),)),)),
    Service("spy", "Spy", "analytics", (Endpoint((HostPattern("spy.example"),)),)),
))  # fmt: skip


def where(host: str, page: str | None = None, **headers: str) -> tuple[str, str | None, str | None]:
    """Party, site and the domain of the page."""
    lines = tuple((name.replace("_", "-").encode(), value.encode()) for name, value in headers.items())
    context = SERVICES.recognise(Request("GET", "https", host, 443, b"/", lines, page=page))
    return context.party, context.site, context.site_domain


IMAGE = {"sec_fetch_dest": "image"}
DOCUMENT = {"sec_fetch_dest": "document"}
SHOP, OTHER = "https://www.shop.example/a", "https://other.example/"


@pytest.mark.parametrize(
    ("host", "page", "headers", "expected"),
    [
        # the page comes first
        ("img.shop.example", SHOP, IMAGE, ("first", "same", "shop.example")),
        ("spy.example", SHOP, IMAGE, ("third", "cross", "shop.example")),
        ("spy.example", SHOP, {**IMAGE, "sec_fetch_site": "same-origin"}, ("third", "same", "shop.example")),
        ("spy.example", SHOP, {"origin": "https://spy.example"}, ("third", "cross", "shop.example")),
        ("shop.example", OTHER, DOCUMENT, ("third", "cross", "other.example")),
        # then Sec-Fetch-Site
        ("shop.example", None, {**IMAGE, "sec_fetch_site": "same-origin"}, ("first", "same", "shop.example")),
        ("img.shop.example", None, {**IMAGE, "sec_fetch_site": "same-site"}, ("first", "same", "shop.example")),
        ("shop.example", None, {"sec_fetch_site": "same-origin", "origin": OTHER}, ("first", "same", "shop.example")),
        ("shop.example", None, {**IMAGE, "sec_fetch_site": "none"}, ("first", "none", "shop.example")),
        ("x.example", None, {**IMAGE, "sec_fetch_site": "cross-site"}, ("third", "cross", None)),
        ("x.example", None, {"sec_fetch_site": "cross-site", "referer": SHOP}, ("third", "cross", "shop.example")),
        # a tracker's own frame calls itself same-origin
        ("spy.example", None, {**IMAGE, "sec_fetch_site": "same-origin", "referer": "https://spy.example/frame"},
         ("third", "same", None)),
        # a document is the page itself
        ("shop.example", None, {**DOCUMENT, "sec_fetch_site": "none"}, ("first", "none", "shop.example")),
        ("shop.example", None, {**DOCUMENT, "sec_fetch_site": "cross-site", "referer": OTHER},
         ("first", "cross", "shop.example")),
        ("shop.example", None, {"accept": "text/html"}, ("unknown", None, None)),  # a guess makes no party
        ("spy.example", None, {**DOCUMENT, "sec_fetch_site": "cross-site", "referer": SHOP},
         ("third", "cross", "shop.example")),
        ("spy.example", None, {**DOCUMENT, "sec_fetch_site": "none"}, ("first", "none", "spy.example")),
        # then Origin, then Referer
        ("x.example", None, {"origin": "https://shop.example", "referer": "https://x.example/"},
         ("third", "cross", "shop.example")),
        ("x.example", None, {"origin": "null", "referer": "https://x.example/"}, ("third", "cross", None)),
        ("img.shop.example", None, {"referer": SHOP}, ("first", "same", "shop.example")),
        # the company owns both
        ("acmestatic.example", "https://www.acme.example/", IMAGE, ("first", "cross", "acme.example")),
        ("acmestatic.example", None, {**IMAGE, "sec_fetch_site": "cross-site", "referer": "https://acme.example/"},
         ("first", "cross", "acme.example")),
        ("spy.example", "https://www.acme.example/", IMAGE, ("third", "cross", "acme.example")),
        # failing all
        ("spy.example", None, {}, ("third", None, None)),
        ("x.example", None, {}, ("unknown", None, None)),
        ("x.example", "about:blank", {}, ("unknown", None, None)),
    ],
)  # fmt: skip
def test_party(
    host: str, page: str | None, headers: dict[str, str], expected: tuple[str, str | None, str | None]
) -> None:
    assert where(host, page, **headers) == expected
