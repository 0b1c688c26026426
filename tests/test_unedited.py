"""Signed messages: they pass as they came, or they are blocked; they never fail on the way."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from shield.engine import Engine
from shield.finding import Block, Forward
from shield.message import Frame, Response
from shield.unedited import LOCKED
from tests.people import DictBook, sample_person
from tests.test_engine import COLLECT, NOW, SHOP, ask, request, shipped

SIGNED = "AWS4-HMAC-SHA256 Credential=A/20260101/eu/s3/aws4_request, SignedHeaders=host;x-amz-date, Signature=abc"
LINK = "https://bucket.s3.amazonaws.com/a.pdf?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a&X-Amz-Signature=b"


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(shipped(), sample_person("site:one.example", "google-analytics", "facebook-pixel"))


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


PLAIN = "https://plain.example/save"
HELD = {
    "a form": request(PLAIN, method="POST", body=b"mail=anna%40real.example&tel=%2B4915112345678", page=SHOP),
    "a form of the site": request(PLAIN, method="POST", body=b"mail=anna%40real.example", page=PLAIN),
    "a query": request(f"{PLAIN}?m=anna%40real.example", page=SHOP, sec_fetch_site="cross-site"),
    "a header": request(PLAIN, x_note="anna@real.example"),
    "nothing at all": request(PLAIN),
}


@pytest.fixture(scope="module")
def locked(engine: Engine) -> Engine:
    """Nobody knows the facts, so nothing is found and nothing would be edited."""
    return engine.with_person(replace(sample_person(), facts=(), locked=True))


@pytest.mark.parametrize("what", list(HELD))
def test_a_locked_twin_forwards_no_request(locked: Engine, what: str) -> None:
    """Also where no rule and no identifier would have asked for the twin."""
    outcome = ask(locked, HELD[what])
    assert isinstance(outcome.verdict, Block)
    assert outcome.because == LOCKED


def test_a_locked_twin_forwards_no_frame_and_lets_answers_in(locked: Engine) -> None:
    """What comes back holds nothing that the person has not sent, or was told."""
    context = locked.head(HELD["nothing at all"], now=NOW).context
    out, back = Frame("request", b"anna@real.example", True), Frame("response", b"hello", True)
    assert locked.frame(context, out, now=NOW, book=DictBook()).because == LOCKED
    assert isinstance(locked.frame(context, back, now=NOW, book=DictBook()).verdict, Forward)
    assert isinstance(locked.response(context, Response(200), now=NOW, book=DictBook()).verdict, Forward)


PIXEL = "https://www.facebook.com/tr?id=1234567&ev=PageView"
DIGEST = hashlib.sha256(b"a key of theirs").hexdigest()
MINE = hashlib.sha256(b"anna@real.example").hexdigest()


@pytest.mark.parametrize("name", ["sig", "signature", "hash", "token", "hmac"])
def test_a_field_that_signs_does_not_let_a_tracker_through(name: str, engine: Engine) -> None:
    """What would be taken out stays behind, with the message if need be."""
    for more in (f"&{name}={DIGEST}&ud[em]={MINE}", f"&ud[em]={MINE}&{name}={DIGEST}", f"&{name}={MINE}"):
        outcome = ask(engine, request(PIXEL + more, page=SHOP, sec_fetch_site="cross-site"))
        assert not outcome.needs
        assert isinstance(outcome.verdict, Block) or MINE.encode() not in outcome.message.target


@pytest.mark.parametrize("name", ["sig", "hash"])
def test_a_digest_of_a_fact_is_no_signature(name: str, engine: Engine) -> None:
    """Mail and digest become the persona's, who is still one."""
    url = f"https://one.example/f?m=anna%40real.example&{name}={MINE}"
    known = Engine(engine.policy, sample_person("site:one.example|shop.example"))
    outcome = ask(known, request(url, page=SHOP, sec_fetch_site="cross-site"))
    assert isinstance(outcome.verdict, Forward)
    assert outcome.modified
    hers = hashlib.sha256(b"lena@example.org").hexdigest()
    assert outcome.message.target == f"/f?m=lena%40example.org&{name}={hers}".encode()


@pytest.mark.parametrize("name", ["sig", "X-Sig", "hash", "auth_key", "download_token"])
def test_a_link_signed_by_a_field_still_opens(name: str, engine: Engine) -> None:
    """Wherever in it the campaign stands."""
    for query in (f"utm_source=news&{name}={DIGEST}", f"{name}={DIGEST}&utm_source=news"):
        sent = request(f"https://cdn.example/a.pdf?{query}", sec_fetch_dest="document", sec_fetch_site="cross-site")
        outcome = ask(engine, sent)
        assert isinstance(outcome.verdict, Forward)
        assert outcome.message is sent
