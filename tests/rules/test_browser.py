"""browser.yaml names companies of other files, so its examples cannot stand beside its rules."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from shield.data import data_path
from shield.engine import Engine
from shield.message import Request, Response
from shield.policy.load import Sources, load
from shield.transcript import read_request
from tests.people import DictBook, sample_person

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BROWSER = (
    "user-agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/143.0.7499.40 Safari/537.36\n"
    'sec-ch-ua: "Chromium";v="143"\nsec-ch-ua-model: "X1"\nsec-ch-ua-mobile: ?0\n'
    "accept-language: de-AT,de;q=0.9,en;q=0.7\nreferer: https://shop.example/tea?search=pills\n"
)
PAGE = "https://shop.example/tea?search=pills"


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(load(Sources(shipped=(data_path("rules"),))), sample_person("google-analytics", "facebook-pixel"))


def _leaves(engine: Engine, url: str, page: str | None = PAGE, kind: str = "image") -> Request:
    request = read_request(f"GET {url}\n{BROWSER}", page=page, type=kind)
    return engine.request(request, now=NOW, book=DictBook()).message


@pytest.mark.parametrize(
    "url",
    [
        "https://www.google-analytics.com/g/collect?v=2&tid=G-TEST12345&en=page_view",
        "https://www.facebook.com/tr/?id=1234567890&ev=PageView",
    ],
)
def test_towards_trackers_the_browser_is_any_browser(engine: Engine, url: str) -> None:
    left = _leaves(engine, url)
    assert left.header(b"referer") == b"https://shop.example/"
    agent = left.header(b"user-agent") or b""
    assert b"7499" not in agent
    assert b"Chrome" in agent
    assert left.header(b"sec-ch-ua-model") is None
    assert left.header(b"accept-language") == b"de-AT"


def test_towards_useful_services_only_the_referer_changes(engine: Engine) -> None:
    before = read_request(f"GET https://fonts.gstatic.com/s/a.woff2\n{BROWSER}", page=PAGE, type="font")
    after = engine.request(before, now=NOW, book=DictBook()).message
    assert after.header(b"referer") == b"https://shop.example/"
    changed = [name for (name, old), (_, new) in zip(before.headers, after.headers, strict=True) if old != new]
    assert changed == [b"referer"]


def test_on_the_companies_own_pages_the_referer_stays(engine: Engine) -> None:
    left = _leaves(engine, "https://www.gstatic.com/x.js", page="https://www.google.com/search?q=tea", kind="script")
    assert left.header(b"referer") == b"https://shop.example/tea?search=pills"


def test_other_sites_are_left_alone(engine: Engine) -> None:
    """Nothing about the browser is changed towards somebody nobody looks at."""
    before = read_request(f"GET https://cdn.example/lib.js\n{BROWSER}", page=PAGE, type="script")
    assert engine.request(before, now=NOW, book=DictBook()).message is before


def test_reports_are_not_ordered_from_the_companies_pages(engine: Engine) -> None:
    outcome = engine.request(
        read_request("GET https://www.google.com/search?q=tea", type="document"), now=NOW, book=DictBook()
    )
    headers = (
        (b"report-to", b"{}"),
        (b"nel", b"{}"),
        (b"accept-ch", b"sec-ch-ua-model"),
        (b"content-type", b"text/html"),
    )
    back = engine.response(outcome.context, Response(200, headers), now=NOW, book=DictBook())
    assert back.message.headers == headers[3:]
