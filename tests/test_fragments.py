"""Fragments: a part of a body is decided like a field of a message, and what no field holds is never edited."""

from __future__ import annotations

import base64
import gzip
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from shield.data import data_path
from shield.engine import Engine
from shield.finding import Ask, Block, Forward
from shield.fragments import Beginning, hold_back, unread
from shield.message import Request
from shield.policy.load import Sources, load
from shield.policy.rule import Cell
from shield.tree import Folded, Node
from shield.wire.splitting import splitter
from tests.people import DictBook, sample_person

NOW = datetime(2026, 1, 1, tzinfo=UTC)
FACT = b"anna@real.example"
RULES = Path(__file__).parent / "end_to_end" / "rules.yaml"
CROSS = ((b"sec-fetch-site", b"cross-site"), (b"sec-fetch-dest", b"empty"), (b"origin", b"https://other.example"))
SAME = ((b"sec-fetch-site", b"same-origin"), (b"sec-fetch-dest", b"empty"), (b"origin", b"https://shop.example"))


@pytest.fixture(scope="module")
def engine() -> Engine:
    policy = load(Sources(shipped=(RULES,), person=(), config=data_path("configs") / "shield.yaml"))
    return Engine(policy, sample_person("shop|other.example", "tracker"))


def request(headers: Any = CROSS, host: str = "shop.example") -> Request:
    return Request("POST", "https", host, 443, b"/sync", headers, None)


def beginning(engine: Engine, asked: Request) -> Beginning:
    return Beginning.of_request(asked, engine.head(asked, now=NOW).context)


def decide(engine: Engine, begun: Beginning, root: Node, before: bytes = b"", **more: Any) -> Any:
    return engine.fragment(begun, root, before, now=NOW, book=DictBook(), **{"answers": {}, **more})


def raw(content: bytes) -> Node:
    return Node(None, "body", 0, len(content), content)


def cut(content_type: bytes, body: bytes) -> Node:
    root = splitter(content_type, "request").feed(body)
    assert root is not None
    return root


def test_a_field_of_a_fragment_is_edited_and_nothing_else(engine: Engine) -> None:
    """The rule's field goes, the fact is the persona's, spacing stays."""
    body = b'{ "device": "77", "mail":"anna@real.example" , "n": 1.10 }\n{"n": 2}\n'
    outcome = decide(engine, beginning(engine, request()), cut(b"application/x-ndjson", body))
    assert outcome.modified
    assert outcome.message.content == b'{ "mail":"lena@example.org" , "n": 1.10 }\n{"n": 2}\n'
    assert {change.rule for change in outcome.changes} >= {"device"}


def test_without_a_finding_the_content_is_the_same_object(engine: Engine) -> None:
    """Nothing is written anew."""
    root = cut(b"application/x-ndjson", b'{"n": 2}\n')
    outcome = decide(engine, beginning(engine, request()), root)
    assert outcome.message.content is root.content
    assert isinstance(outcome.verdict, Forward)


@pytest.mark.parametrize("at", range(1, len(FACT)))
def test_a_fact_across_a_border_stops(engine: Engine, at: int) -> None:
    """Wherever it is cut; with what stands around it."""
    before, after = b"x " + FACT[:at], FACT[at:] + b" y"
    begun = beginning(engine, request())
    assert isinstance(decide(engine, begun, raw(before)).verdict, Forward)
    outcome = decide(engine, begun, raw(after), before)
    assert isinstance(outcome.verdict, Block)
    assert outcome.findings[0].category == "email"


def test_what_came_before_is_not_found_again(engine: Engine) -> None:
    """A fact that lies wholly before the border was decided about."""
    outcome = decide(engine, beginning(engine, request()), raw(b" and more"), b"x " + FACT)
    assert isinstance(outcome.verdict, Forward)


@pytest.mark.parametrize(("headers", "kind"), [(CROSS, Block), (SAME, Ask), ((), Block)])
def test_bytes_are_never_edited(engine: Engine, headers: Any, kind: type) -> None:
    """Stopped on the way to a third party, asked about at a first; unknown is no first."""
    outcome = decide(engine, beginning(engine, request(headers)), raw(b"\0\1 " + FACT + b" \2"))
    assert isinstance(outcome.verdict, kind)
    assert not outcome.modified


def test_the_answer_about_bytes(engine: Engine) -> None:
    """Allowed or not, for all of the body."""
    begun = beginning(engine, request(SAME))
    root = raw(b"\0 " + FACT + b" \1")
    question = decide(engine, begun, root).verdict.questions[0]
    assert isinstance(decide(engine, begun, root, answers={question.key: "allow"}).verdict, Forward)
    assert isinstance(decide(engine, begun, root, answers={question.key: "block"}).verdict, Block)
    assert isinstance(decide(engine, begun, root, answers={question.key: "nonsense"}).verdict, Block)


def test_a_beacon_cannot_ask(engine: Engine) -> None:
    """The protective choice at once."""
    headers = (*SAME[:1], (b"sec-fetch-dest", b"image"))
    outcome = decide(engine, beginning(engine, request(headers)), raw(b"\0 " + FACT))
    assert isinstance(outcome.verdict, Block)


def test_a_signed_body_is_not_edited(engine: Engine) -> None:
    """A known fact in it blocks; what only a rule would take out leaves."""
    authorization = (b"authorization", b"AWS4-HMAC-SHA256 Credential=x, SignedHeaders=host, Signature=0")
    begun = beginning(engine, request((*CROSS, authorization)))
    assert begun.is_signed
    assert isinstance(decide(engine, begun, cut(b"application/x-ndjson", b'{"mail":"%s"}\n' % FACT)).verdict, Block)
    left = decide(engine, begun, cut(b"application/x-ndjson", b'{"device":"7"}\n'))
    assert isinstance(left.verdict, Forward)
    assert not left.modified


def test_a_persona_is_asked_for_first(engine: Engine) -> None:
    """As in a message: a first party's is stored before she is met."""
    policy = engine.policy
    first = replace(policy, share={**policy.share, "first": {"email": {"*": Cell("pseudonymize", "test")}}})
    other = Engine(first, sample_person())
    outcome = decide(other, beginning(other, request(SAME)), cut(b"application/x-ndjson", b'{"mail":"%s"}\n' % FACT))
    assert outcome.needs == ("shop",)


def test_a_locked_twin_lets_nothing_pass(engine: Engine) -> None:
    """Nobody can tell what is in it."""
    locked = Engine(engine.policy, replace(sample_person("shop"), locked=True))
    assert isinstance(decide(locked, beginning(locked, request()), raw(b"x")).verdict, Block)


def test_a_response_is_not_searched_for_facts(engine: Engine) -> None:
    """They may come back; rules of its direction hold."""
    from shield.message import Response

    asked = Request("GET", "https", "tracker.example", 443, b"/rewrite", CROSS)
    begun = Beginning.of_response(Response(200, ()), engine.head(asked, now=NOW).context)
    root = splitter(b"application/x-ndjson", "response").feed(b'{"mail":"%s","id":7}\n' % FACT)
    assert root is not None
    outcome = decide(engine, begun, root)
    assert outcome.message.content == b'{"mail":"%s"}\n' % FACT
    assert outcome.message.direction == "response"


def test_a_body_that_is_too_large_is_one_unreadable_field(engine: Engine) -> None:
    """The share table blocks it at a tracker, and lets it pass elsewhere; line and headers are decided as ever."""
    for host, kind in (("tracker.example", Block), ("shop.example", Forward)):
        asked = request(host=host)
        outcome = engine.request(asked, now=NOW, book=DictBook(), opened=unread(asked))
        assert isinstance(outcome.verdict, kind)
        assert "unreadable" in {finding.category for finding in outcome.findings}
    assert hold_back(engine.matcher) > len(FACT)


def photo_of(piece: bytes) -> bytes:
    """A multipart body with one file that is larger than may be held."""
    head = b'--B\r\ncontent-disposition: form-data; name="f"; filename="x.jpg"\r\ncontent-type: image/jpeg\r\n\r\n'
    return head + piece + b"\r\n--B--\r\n"


@pytest.mark.parametrize("secret", [b"", b" " + FACT + b" "])
def test_pieces_of_a_photo_are_searched_as_they_are(engine: Engine, secret: bytes) -> None:
    """Once, and a fact among the bytes is found."""
    noise = bytes(range(256)) * 600
    one = splitter(b"multipart/form-data; boundary=B", "request")
    begun = beginning(engine, request())
    found = []
    body = photo_of(noise + secret + noise)
    for start in range(0, len(body), 65_536):
        root = one.feed(body[start : start + 65_536])
        if root is not None:
            found += [(one.category, one.whose) for one in decide(engine, begun, root).findings]
    assert (("email", "me") in found) == bool(secret)
    assert "unreadable" in {category for category, _ in found}


def test_what_is_hidden_behind_a_prefix(engine: Engine) -> None:
    """As in a body that is held."""
    hidden = b"v1:" + base64.b64encode(gzip.compress(FACT))
    body = b'{"a": 1, "b": "' + hidden + b'"}\n'
    outcome = decide(engine, beginning(engine, request()), cut(b"application/x-ndjson", body))
    assert hidden not in outcome.message.content
    assert [one.category for one in outcome.findings] == ["email"]


def test_a_clear_fragment_is_not_read(engine: Engine) -> None:
    """Unless a rule names something in it."""
    asked = replace(request(), target=b"/elsewhere")
    root = cut(b"application/x-ndjson", b'{"a": 1}\n' * 20)
    assert decide(engine, beginning(engine, asked), root).findings == ()
    assert isinstance(root, Folded)
    assert not root.is_read
    assert isinstance(decide(engine, beginning(engine, request()), root).verdict, Forward)
    assert root.is_read


@pytest.mark.parametrize("pack", [lambda data: base64.b64encode(gzip.compress(data)), lambda data: gzip.compress(data)])
def test_a_fact_that_is_packed_in_bytes_that_nobody_reads(engine: Engine, pack: Any) -> None:
    """Behind a prefix of somebody's own, in a part without fields: another site's is blocked."""
    content = b"\0\1v1:" + pack(b"user " + FACT + b" " * 40)
    outcome = decide(engine, beginning(engine, request()), raw(content))
    assert isinstance(outcome.verdict, Block)
    assert isinstance(decide(engine, beginning(engine, request()), raw(b"\0\1v1:" + pack(b"x" * 60))).verdict, Forward)
