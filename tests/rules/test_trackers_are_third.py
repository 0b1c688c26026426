"""Whatever a message calls itself, a tracker of the shipped rules gets no fact as if it were the site."""

from __future__ import annotations

import hashlib
import json
from urllib.parse import quote

import pytest

from shield.engine import Engine
from shield.finding import Block, Forward
from shield.message import Request
from tests.people import DictBook, sample_person
from tests.test_engine import NOW, shipped

MAIL, PHONE = b"anna@real.example", b"4915112345678"
FACTS = (MAIL, quote(MAIL, safe="").encode(), PHONE, hashlib.sha256(MAIL).hexdigest().encode())
TRACKERS = (
    "https://www.google-analytics.com/g/collect", "https://www.google-analytics.com/x.html",
    "https://ad.doubleclick.net/activity", "https://googleads.g.doubleclick.net/pagead/landing.html",
    "https://www.facebook.com/tr/",
    "https://www.googletagmanager.com/gtag/destination", "https://www.google.com/pagead/1p-conversion/1/",
    "https://s.amazon-adsystem.com/iu3", "https://aax.amazon-adsystem.com/e/page.htm",
)  # fmt: skip
PRETENCES: dict[str, dict[str, str]] = {
    "nothing": {},
    "Java": {"accept": "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", "user-agent": "Java/17.0.15"},
    "browser": {"accept": "text/html,application/xhtml+xml,*/*;q=0.8", "upgrade-insecure-requests": "1"},
    "opaque": {"origin": "null"},
    "opaque, with Referer": {"origin": "null", "referer": "{own}/"},
    "own Origin": {"origin": "{own}"},
    "own Referer": {"referer": "{own}/frame.html"},
    "own frame": {"sec-fetch-site": "same-origin", "sec-fetch-dest": "empty", "referer": "{own}/frame.html"},
    "own frame, no Referer": {"sec-fetch-site": "same-origin", "sec-fetch-dest": "empty"},
    "frame in a frame": {"sec-fetch-site": "same-origin", "sec-fetch-dest": "iframe", "referer": "{own}/frame.html"},
    "same site": {"sec-fetch-site": "same-site", "sec-fetch-dest": "image", "origin": "{own}"},
    "bounce": {"sec-fetch-site": "cross-site", "sec-fetch-dest": "document", "referer": "https://shop.example/"},
    "bounce, no Referer": {"sec-fetch-site": "cross-site", "sec-fetch-dest": "document"},
    "link inside": {"sec-fetch-site": "same-origin", "sec-fetch-dest": "document", "referer": "{own}/"},
    "none, but no document": {"sec-fetch-site": "none", "sec-fetch-dest": "empty"},
    "sister": {"sec-fetch-site": "cross-site", "sec-fetch-dest": "image", "referer": "https://www.youtube.com/watch"},
}


@pytest.fixture(scope="module")
def engine() -> Engine:
    policy = shipped()
    return Engine(policy, sample_person(*(service.name for service in policy.services)))


def sent(url: str, pretence: dict[str, str], method: str, page: str | None) -> Request:
    host, _, path = url.partition("://")[2].partition("/")
    own = f"https://{host}"
    lines = [(b"Host", host.encode())]
    lines += [(name.encode(), value.format(own=own).encode()) for name, value in pretence.items()]
    facts = f"x={MAIL.decode()}&y={FACTS[3].decode()}&z=%2B{PHONE.decode()}"
    body = json.dumps({"u": MAIL.decode(), "t": PHONE.decode()}).encode() if method == "POST" else b""
    lines += [(b"Content-Type", b"application/json"), (b"Content-Length", b"%d" % len(body))] if body else []
    return Request(method, "https", host, 443, f"/{path}?{facts}".encode(), tuple(lines), body, page=page)


@pytest.mark.parametrize("pretence", PRETENCES)
@pytest.mark.parametrize("url", TRACKERS)
def test_no_fact_leaves(engine: Engine, url: str, pretence: str) -> None:
    for method in ("GET", "POST", "post"):
        for page in (None, "https://shop.example/", "https://www.youtube.com/"):
            outcome = engine.request(sent(url, PRETENCES[pretence], method, page), now=NOW, book=DictBook())
            if isinstance(outcome.verdict, Block):
                continue
            assert isinstance(outcome.verdict, Forward)
            assert outcome.context.party == "third"
            message = outcome.message
            leaving = message.target + b" ".join(value for _, value in message.headers) + (message.body or b"")
            assert not [fact for fact in FACTS if fact in leaving]
