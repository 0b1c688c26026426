"""Rules that wait behind a block: a person lets the request through, and the fields are still handled."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shield.data import data_path
from shield.engine import Engine
from shield.finding import Block, Forward, Redirect
from shield.message import Request, Response
from shield.policy.load import Sources, load
from shield.transcript import read_request
from tests.people import DictBook, sample_person

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ALLOWED = ("google-ads", "google-telemetry", "google-app-measurement", "facebook-ads", "amazon-ads", "amazon-telemetry")
PAGE = "https://shop.example/tea?search=pills"


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    own = tmp_path_factory.mktemp("rules") / "own.yaml"
    rules = [
        f"  - id: let-{name}\n    why: a test lets it through\n    where: {{service: {name}}}\n    action: allow"
        for name in ALLOWED
    ]
    own.write_text("rules:\n" + "\n".join(rules) + "\n", encoding="utf-8")
    return Engine(
        load(Sources(shipped=(data_path("rules"),), person=(own,))), sample_person(*ALLOWED, "facebook-pixel")
    )


def _leaves(engine: Engine, text: str, kind: str | None = None) -> Request:
    outcome = engine.request(read_request(text, page=PAGE, type=kind), now=NOW, book=DictBook())
    assert isinstance(outcome.verdict, Forward), outcome.verdict
    return outcome.message


def test_ads_keep_what_the_auction_needs(engine: Engine) -> None:
    left = _leaves(
        engine,
        "GET https://googleads.g.doubleclick.net/pagead/viewthroughconversion/1/"
        "?random=1&auid=1.2&em=tv.1~em.x&tiba=Tea&url=https%3A%2F%2Fshop.example%2Ftea%3Fa%3Db&cv=11\n"
        "cookie: IDE=abc; DSID=def\n",
    )
    assert b"url=https%3A%2F%2Fshop.example" in left.target
    assert b"random=1" in left.target
    assert b"cv=11" in left.target
    for gone in (b"auid", b"em=", b"tiba", b"tea"):
        assert gone not in left.target
    assert left.header(b"cookie") is None


def test_amazon_ids_in_the_path_go(engine: Engine) -> None:
    left = _leaves(
        engine,
        "GET https://fls-eu.amazon.de/1/batch/1/OP/A1PA6795UKMFR9:130-1111111-2222222:RID0$uedata=s:%2Frd%2Fuedata:1\n",
    )
    assert b"A1PA6795UKMFR9" in left.target
    assert b"130-1111111" not in left.target
    assert b"RID0" not in left.target


def test_an_ad_click_leads_straight_on(engine: Engine) -> None:
    text = "GET https://www.google.com/aclk?sa=l&adurl=https%3A%2F%2Fshop.example%2Ftea&ved=x"
    verdict = engine.request(read_request(text, type="document"), now=NOW, book=DictBook()).verdict
    # an allow that wins the message contest ends block, ask and unwrap
    assert isinstance(verdict, Forward | Redirect)


def test_trackers_set_no_cookie(engine: Engine) -> None:
    outcome = engine.request(
        read_request("GET https://s.amazon-adsystem.com/iu3?pid=a", page=PAGE), now=NOW, book=DictBook()
    )
    headers = ((b"set-cookie", b"ad-id=A0; Domain=.amazon-adsystem.com"), (b"content-type", b"image/gif"))
    back = engine.response(outcome.context, Response(200, headers), now=NOW, book=DictBook())
    assert back.message.headers == headers[1:]


def test_what_is_not_let_through_stays_blocked(engine: Engine, tmp_path: Path) -> None:
    outcome = engine.request(
        read_request("GET https://www.googletagmanager.com/a?id=GTM-T", page=PAGE), now=NOW, book=DictBook()
    )
    assert isinstance(outcome.verdict, Block)


def _field(number: int, content: bytes) -> bytes:
    """A field of protobuf with a length below 128."""
    return (
        bytes([number << 3 & 0x7F | 0x82, number >> 4] if number > 15 else [number << 3 | 2])
        + bytes([len(content)])
        + content
    )


@pytest.mark.parametrize("kind", ["application/x-protobuf", "application/x-www-form-urlencoded"])
def test_reports_of_apps_lose_the_advertising_number(engine: Engine, kind: str) -> None:
    """Of every bundle, and the other fields keep their bytes; Android's client calls it a form."""
    other = _field(8, b"android") + _field(14, b"com.shop.example")
    numbers = _field(19, b"38400000-8cf0-11bd-b23e-10b96e40000d") + _field(27, b"f3a1b2c4")
    request = read_request(f"POST https://app-measurement.com/a\ncontent-type: {kind}\n")
    outcome = engine.request(replace(request, body=_field(1, other + numbers) * 2), now=NOW, book=DictBook())
    assert isinstance(outcome.verdict, Forward), outcome.verdict
    assert outcome.message.body == _field(1, other) * 2
