"""An edit that a mistake of ours loses stops the message, held or passing, in every notation and layer."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any
from urllib.parse import quote

import pytest

from shield import transform
from shield.engine import Engine
from shield.finding import Block, Forward
from shield.fragments import Beginning
from shield.message import Request
from shield.wire.splitting import splitter
from tests.people import DictBook, sample_person
from tests.test_engine import NOW, shipped

MAIL = "anna@real.example"
HOST, TARGET = "www.google-analytics.com", b"/debug2/x"


@pytest.fixture(scope="module")
def engine() -> Engine:
    policy = shipped()
    return Engine(policy, sample_person(*(service.name for service in policy.services)))


def _multipart(values: list[str]) -> bytes:
    parts = [f'--b\r\nContent-Disposition: form-data; name="f{n}"\r\n\r\n{one}\r\n' for n, one in enumerate(values)]
    return ("".join(parts) + "--b--\r\n").encode()


LAYERS = {
    "plain": lambda text: text,
    "percent": lambda text: "".join(f"%{ord(one):02x}" for one in text),
    "base64": lambda text: base64.b64encode(f"m={text}".encode()).decode(),
    "gzip in base64": lambda text: base64.b64encode(gzip.compress(f"m={text}".encode(), mtime=0)).decode(),
    "json in a string": lambda text: json.dumps({"m": text}),
}  # fmt: skip
NOTATIONS: dict[str, Any] = {
    "application/json": lambda values: json.dumps([{"n": n, "v": one} for n, one in enumerate(values)]).encode(),
    "application/x-ndjson": lambda values: b"".join(json.dumps({"v": one}).encode() + b"\n" for one in values),
    "application/x-www-form-urlencoded": lambda values: "&".join(
        f"f{n}={quote(one, safe='')}" for n, one in enumerate(values)
    ).encode(),
    "multipart/form-data; boundary=b": _multipart,
}
EVERY = [(kind, layer) for kind in NOTATIONS for layer in LAYERS]


def losing(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """The edit of one node is lost between deciding and writing."""
    real = transform.plan

    def plan(*args: Any, **more: Any) -> Any:
        made = real(*args, **more)
        nodes = [*made.edits.content, *made.edits.removed]
        if not nodes:
            return made
        lost = nodes[number]
        made.edits.content.pop(lost, None)
        made.edits.removed.discard(lost)
        return made

    monkeypatch.setattr(transform, "plan", plan)


def held(engine: Engine, kind: str, body: bytes) -> Any:
    lines = ((b"Content-Type", kind.encode()), (b"Content-Length", b"%d" % len(body)))
    return engine.request(Request("POST", "https", HOST, 443, TARGET, lines, body), now=NOW, book=DictBook())


def passing(engine: Engine, kind: str, body: bytes) -> Any:
    """The last fragment, if none before it stopped."""
    request = Request("POST", "https", HOST, 443, TARGET, ((b"Content-Type", kind.encode()),), None)
    begun = Beginning.of_request(request, engine.head(request, now=NOW).context)
    cutter = splitter(kind.encode(), "request")
    outcome = None
    for root in (*(cutter.feed(body[at : at + 65_536]) for at in range(0, len(body), 65_536)), cutter.finish()):
        if root is None or not root.content:
            continue
        outcome = engine.fragment(begun, root, b"", now=NOW, book=DictBook(), answers={})
        if not isinstance(outcome.verdict, Forward) or outcome.modified:
            return outcome
    return outcome


@pytest.mark.parametrize("way", [held, passing])
@pytest.mark.parametrize(("kind", "layer"), EVERY)
def test_what_is_edited_as_it_should_leaves(engine: Engine, kind: str, layer: str, way: Any) -> None:
    """The same messages with nothing lost: the look is no wall."""
    text = LAYERS[layer](MAIL)
    body = NOTATIONS[kind](["x", text, "y", text])
    outcome = way(engine, kind, body)
    assert isinstance(outcome.verdict, Forward), outcome.verdict
    assert outcome.modified


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("number", [0, -1])
@pytest.mark.parametrize("way", [held, passing])
@pytest.mark.parametrize(("kind", "layer"), EVERY)
def test_a_lost_edit_stops_it(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, kind: str, layer: str, way: Any, number: int, count: int
) -> None:
    """One of several edits, and the only one, after which the message is as it came."""
    losing(monkeypatch, number)
    outcome = way(engine, kind, NOTATIONS[kind](["x", *[LAYERS[layer](MAIL)] * count, "y"]))
    assert isinstance(outcome.verdict, Block)
    assert outcome.verdict.because.layer == "mistake"


@pytest.mark.parametrize("kind", NOTATIONS)
def test_a_lost_edit_stops_three_megabytes(engine: Engine, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    losing(monkeypatch, 0)
    text = LAYERS["gzip in base64"](MAIL)
    outcome = passing(engine, kind, NOTATIONS[kind]([*["some words"] * 150_000, text, "y", text]))
    assert isinstance(outcome.verdict, Block)
