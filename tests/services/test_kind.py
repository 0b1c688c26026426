"""What a message is for: told, by Fetch Metadata, by headers, by the path's ending."""

from __future__ import annotations

import pytest

from shield.message import Request
from shield.services.recognise import Registry
from shield.vocabulary import TYPES

NOTHING = Registry(())
POST_EMPTY = {"method": "POST", "sec-fetch-dest": "empty"}


def kind(path: str = "/", method: str = "GET", type: str | None = None, **headers: str) -> str | None:  # noqa: A002
    lines = tuple((name.replace("_", "-").encode(), value.encode()) for name, value in headers.items())
    return NOTHING.recognise(Request(method, "https", "x.example", 443, path.encode(), lines, type=type)).type


@pytest.mark.parametrize(
    ("told", "means"),
    [*((word, word) for word in TYPES), ("fetch", "xhr"), ("stylesheet", "style"), ("ping", "beacon"),
     ("Image", "image"), ("sub_frame", "frame"), ("no such word", None)],
)  # fmt: skip
def test_what_somebody_told_us_counts_first(told: str, means: str | None) -> None:
    assert kind(type=told) == means
    if means:
        assert kind(type=told, sec_fetch_dest="font") == means


@pytest.mark.parametrize(
    ("headers", "means"),
    [
        ({"sec_fetch_dest": "document"}, "document"),
        ({"sec_fetch_dest": "iframe"}, "frame"),
        ({"sec_fetch_dest": "track"}, "media"),
        ({"sec_fetch_dest": "serviceworker"}, "worker"),
        ({"sec_fetch_dest": "empty", "sec_fetch_mode": "cors"}, "xhr"),
        ({"sec_fetch_dest": "empty", "sec_fetch_mode": "websocket"}, "websocket"),
        ({"sec_fetch_dest": "empty", "sec_fetch_mode": "cors", "accept": "text/event-stream"}, "eventsource"),
        ({"sec_fetch_dest": "empty", "sec_fetch_mode": "no-cors", "method": "POST"}, "beacon"),
        ({"sec_fetch_dest": "empty", "sec_fetch_mode": "no-cors"}, "xhr"),
        ({"sec_fetch_dest": "empty", "content_type": "text/ping", "method": "POST"}, "beacon"),
        ({"sec_fetch_dest": "empty", "content_type": "application/csp-report", "method": "POST"}, "report"),
        ({"sec_fetch_dest": "image", "accept": "text/html"}, "image"),
        ({"upgrade": "websocket"}, "websocket"),
        ({"content_type": "text/ping", "method": "POST"}, "beacon"),
        ({"content_type": "application/reports+json", "method": "POST"}, "report"),
        ({"x_requested_with": "XMLHttpRequest", "accept": "text/html"}, "xhr"),
        ({"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}, "document"),
        ({"accept": "image/avif,image/webp,*/*;q=0.8"}, "image"),
        ({"accept": "text/css,*/*;q=0.1"}, "style"),
        ({"accept": "application/json, text/plain, */*"}, "xhr"),
        ({"accept": "*/*", "content_type": "application/json", "method": "POST"}, "xhr"),
        ({"accept": "*/*", "path": "/a/b.js"}, "script"),
        ({"path": "/a/B.PNG"}, "image"),
        ({"path": "/a.css/"}, None),
        ({"path": "/.js"}, None),
        ({"accept": "*/*"}, None),
        ({"accept": "*/*", "content_type": "text/plain", "method": "POST"}, None),
        ({}, None),
    ],
)
def test_kind(headers: dict[str, str], means: str | None) -> None:
    assert kind(**headers) == means
