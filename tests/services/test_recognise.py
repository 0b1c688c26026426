"""Who is asked: by host and path, else by shape, else by host; the longest match owns."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shield.address import AddressPattern
from shield.context import Context, Endpoint, Has, HostPattern, PathPattern, Service, Shape
from shield.message import Request
from shield.services.recognise import Registry
from shield.wire import reader


def service(name: str, *on: tuple[str, str | None], shape: Shape | None = None, purpose: str = "analytics") -> Service:
    endpoints = tuple(
        Endpoint((HostPattern(host),), (PathPattern(path),) if path else ()) for host, path in on
    )  # fmt: skip
    return Service(name, name.partition("-")[0].title(), purpose, endpoints, shape)


def has(**fields: str | None) -> tuple[Has, ...]:
    return tuple(Has(AddressPattern(name.replace("_", ":")), value) for name, value in fields.items())


SERVICES = (
    service("google-search", ("google.com", None), ("=www.google.com", None), purpose="search"),
    service("google-telemetry", ("google.com", "/gen_204")),
    service("google-account", ("accounts.google.com", None), purpose="login"),
    service(
        "google-analytics", ("google-analytics.com", None), ("google.com", "/g/collect"),
        shape=Shape((PathPattern("**/g/collect"),), has(query_v="2")),
    ),
    service(
        "facebook-pixel", ("facebook.com", "/tr"), ("facebook.com", "/tr/"),
        shape=Shape((PathPattern("/tr"), PathPattern("/tr/")), (Has(AddressPattern("*:id"), "matches:[0-9]{5,20}"),)),
    ),
    service("facebook", ("facebook.com", None), purpose="functionality"),
    service("amazon-telemetry", ("fls-*.amazon.de", "/1/batch/**")),
    service("shop", ("shop.example", None), purpose="functionality"),
)  # fmt: skip
REGISTRY = Registry(SERVICES)


def recognise(url: str, body: bytes = b"", registry: Registry = REGISTRY, *, opened: bool = True) -> Context:
    host, _, rest = url.partition("/")
    lines = ((b"content-type", b"application/x-www-form-urlencoded"),) if body else ()
    request = Request("POST" if body else "GET", "https", host, 443, b"/" + rest.encode(), lines, body)
    return registry.recognise(request, reader.read(request) if opened else None)


@pytest.mark.parametrize(
    ("url", "name", "by"),
    [
        ("www.google.com/search?q=1", "google-search", "host"),
        ("www.google.com/gen_204?a=1", "google-telemetry", "owner"),  # www. is no other place: the path decides
        ("maps.google.com/gen_204", "google-telemetry", "owner"),
        ("accounts.google.com/gen_204", "google-account", "host"),  # the longer host owns
        ("www.google.com/g/collect?v=1", "google-analytics", "owner"),
        ("region1.google-analytics.com/g/collect?v=2", "google-analytics", "host"),
        ("www.facebook.com/tr/?id=12345", "facebook-pixel", "owner"),
        ("www.facebook.com/me", "facebook", "host"),
        ("fls-eu.amazon.de/1/batch/1/OE/", "amazon-telemetry", "owner"),
        ("fls-eu.amazon.de/other", None, None),
        ("notgoogle.com/", None, None),
        ("shop.example/g/collect?v=2", "google-analytics", "shape"),  # shape before host
        ("shop.example/metrics/g/collect?v=2&tid=1", "google-analytics", "shape"),
        ("shop.example/g/collect?v=1", "shop", "host"),
        ("shop.example/g/collect", "shop", "host"),
        ("pixel.shop.example/tr?id=1234567", "facebook-pixel", "shape"),
        ("pixel.shop.example/tr/?id=1234567", "facebook-pixel", "shape"),
        ("pixel.shop.example/tr?id=12", "shop", "host"),
    ],
)
def test_recognise(url: str, name: str | None, by: str | None) -> None:
    for opened in (True, False):
        context = recognise(url, opened=opened)
        assert (context.service, context.by) == (name, by)


def test_a_shape_belongs_to_its_company_party_third() -> None:
    """Though the host is the site's own."""
    request = Request("GET", "https", "shop.example", 443, b"/g/collect?v=2", page="https://shop.example/")
    context = REGISTRY.recognise(request)
    assert (context.company, context.purpose, context.party, context.site) == ("Google", "analytics", "third", "same")


def test_a_shape_may_lie_in_the_body() -> None:
    """Without the body the site is asked; with it the tracker."""
    body = b"id=1234567&ev=PageView"
    assert recognise("shop.example/tr", body, opened=False).service == "shop"
    assert recognise("shop.example/tr", body).service == "facebook-pixel"
    registry = Registry(SERVICES)
    request = Request(
        "POST", "https", "shop.example", 443, b"/tr", ((b"content-type", b"application/x-www-form-urlencoded"),), body
    )
    assert registry.recognise(request).service == "shop"
    assert registry.recognise(request, reader.read(request)).service == "facebook-pixel"


def test_what_was_said_early_stands_unless_fields_tell_a_shape() -> None:
    registry = Registry(SERVICES)
    request = Request("GET", "https", "shop.example", 443, b"/a?b=c")
    early = registry.recognise(request)
    assert registry.recognise(request, reader.read(request), early) is early
    other = Request("GET", "https", "shop.example", 443, b"/a?b=c", page="https://other.example/")
    assert registry.recognise(other).party == "third"


def test_absent_in_a_shape() -> None:
    shape = Shape((PathPattern("/p"),), (Has(AddressPattern("query:x"), None), Has(AddressPattern("query:y"), "1*")))
    registry = Registry((service("spy", ("spy.example", None), shape=shape),))
    for opened in (True, False):
        assert recognise("a.example/p?y=12", registry=registry, opened=opened).service == "spy"
        assert recognise("a.example/p?y=12&x=1", registry=registry, opened=opened).service is None
        assert recognise("a.example/p?y=2", registry=registry, opened=opened).service is None


URLS = [
    "www.google.com/gen_204", "accounts.google.com/", "shop.example/g/collect?v=2", "www.facebook.com/tr/?id=1234567",
    "fls-eu.amazon.de/1/batch/1", "shop.example/tr?id=1234567", "google.com/g/collect", "www.google.com/",
]  # fmt: skip


@given(st.permutations(SERVICES))
@settings(max_examples=25, deadline=None)
def test_the_order_of_services_does_not_matter(services: list[Service]) -> None:
    registry = Registry(tuple(services))
    assert [recognise(url, registry=registry) for url in URLS] == [recognise(url) for url in URLS]


def test_who_is_asked_twice_for_the_same_place_is_told_by_name() -> None:
    """Two services that claim the very same: the choice is the same in any order of files."""
    one, other = service("a-one", ("x.example", "/p")), service("b-two", ("x.example", "/p"))
    names = {recognise("x.example/p", registry=Registry(order)).service for order in ((one, other), (other, one))}
    assert len(names) == 1
