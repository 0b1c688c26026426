"""Registrable domains from the snapshot, and hosts of addresses."""

from __future__ import annotations

import socket

import pytest

from shield.services.domains import host_of, registrable


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("shop.example.com", "example.com"),
        ("www.amazon.co.uk", "amazon.co.uk"),
        ("anna.github.io", "anna.github.io"),  # a private suffix: each page is a site
        ("github.io", "github.io"),
        ("co.uk", "co.uk"),
        ("localhost", "localhost"),
        ("127.0.0.1", "127.0.0.1"),
        ("2001:db8::1", "2001:db8::1"),
        ("www.shop.example", "shop.example"),  # not on the list: its rule "*"
        ("fritz.box", "fritz.box"),
        ("www.xn--bcher-kva.de", "xn--bcher-kva.de"),
        ("a_b.example.com", "example.com"),
    ],
)
def test_registrable(host: str, domain: str) -> None:
    assert registrable(host) == domain


def test_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    """The snapshot is enough, also for a name that it does not know."""

    def refuse(*_: object) -> None:
        raise AssertionError("a look-up")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert registrable("never-seen-before.some-new-tld") == "never-seen-before.some-new-tld"


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://Shop.Example/a?b=c#d", "shop.example"),
        ("https://shop.example:8443", "shop.example"),
        ("https://user:secret@shop.example/", "shop.example"),
        ("https://shop.example?next=https://evil.example/", "shop.example"),
        ("https://shop.example\\@evil.example/", "shop.example"),
        ("https://shop.example./", "shop.example"),
        ("http://[2001:DB8::1]:80/", "2001:db8::1"),
        ("null", None),
        ("about:blank", None),
        ("https://", None),
        ("", None),
        ("data:text/html,https://x.example/", None),
    ],
)
def test_host_of(url: str, host: str | None) -> None:
    assert host_of(url) == host
