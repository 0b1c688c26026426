"""Signed messages: they pass as they came, or they are blocked; they never fail on the way."""

from __future__ import annotations

import pytest

from shield.engine import Engine
from shield.finding import Block, Forward
from tests.people import sample_person
from tests.test_engine import COLLECT, SHOP, ask, request, shipped

SIGNED = "AWS4-HMAC-SHA256 Credential=A/20260101/eu/s3/aws4_request, SignedHeaders=host;x-amz-date, Signature=abc"
LINK = "https://bucket.s3.amazonaws.com/a.pdf?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a&X-Amz-Signature=b"


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(shipped(), sample_person("site:one.example", "google-analytics"))


def test_a_signed_link_with_a_campaign_in_it_still_opens(engine: Engine) -> None:
    """What a rule would take out is not worth the download; the decision says that it stayed."""
    sent = request(f"{LINK}&utm_source=news", sec_fetch_dest="document", sec_fetch_site="cross-site")
    outcome = ask(engine, sent)
    assert isinstance(outcome.verdict, Forward)
    assert outcome.message is sent
    assert not outcome.modified
    assert not outcome.changes
    (decision,) = [one for one in outcome.decisions if one.finding.at == "query:utm_source"]
    assert (decision.action, decision.because.rule, decision.because.beat[0].rule) == (
        "allow", "signed", "browser-campaign",
    )  # fmt: skip


def test_a_fact_under_a_signature_is_blocked(engine: Engine) -> None:
    """Not as a mistake of ours: the reason names the signature and what it beat."""
    sent = request(
        "https://one.example/f?m=anna%40real.example", page=SHOP, sec_fetch_site="cross-site", authorization=SIGNED
    )
    outcome = ask(engine, sent)
    assert isinstance(outcome.verdict, Block)
    assert (outcome.because.layer, outcome.because.rule) == ("fact", "signed")
    assert outcome.because.beat[0].rule == "share.third.email.*"


def test_a_tracker_cannot_sign_its_way_through(engine: Engine) -> None:
    """Identifiers towards trackers stay behind, with the message if need be."""
    assert isinstance(ask(engine, request(COLLECT, page=SHOP, authorization=SIGNED)).verdict, Block)
