"""Every step between finding a fact and writing the message, made to lose what it should do: nothing leaves.

Held messages of 1 KB, frames, and bodies of 3 MB that pass, in every notation; a step that does nothing any more is
noticed by the last look alone, for nobody raised.
"""

from __future__ import annotations

import base64
import gzip
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest

from shield.engine import Engine
from shield.finding import Block, Forward
from shield.message import Frame, Request
from shield.transform.plan import Plan
from tests.people import DictBook, sample_person
from tests.test_engine import NOW, shipped
from tests.test_lost_edits import HOST, NOTATIONS, TARGET, held, passing

FACTS = {"exchanged": "anna@real.example", "stripped": "Hauptstr. 5, 53111 Bonn"}
LAYERS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "gzip in base64": lambda text: base64.b64encode(gzip.compress(f"m={text}".encode(), mtime=0)).decode(),
}


Written = Callable[[list[str]], bytes]
"""How a list of values is written under a type."""


def _lines(values: list[str]) -> bytes:
    return b"".join(f"n=1&v={quote(one, safe='')}\n".encode() for one in values)


def _xml(values: list[str]) -> bytes:
    return f"<a>{''.join(f'<v>{one}</v>' for one in values)}</a>".encode()


def _page(values: list[str]) -> bytes:
    return "".join(f'<p><a href="https://x.example/?v={quote(one, safe="")}">x</a>\n' for one in values).encode()


def _events(values: list[str]) -> bytes:
    return b"".join(b'data: {"v": ' + json.dumps(one).encode() + b"}\n\n" for one in values)


def _graphql(values: list[str]) -> bytes:
    variables = {f"v{number}": one for number, one in enumerate(values)}
    return json.dumps({"query": "mutation{a}", "variables": variables}).encode()


def _protobuf(values: list[str]) -> bytes:
    """Field 3, length-delimited, of up to 16 KB."""
    sizes = [len(one.encode()) for one in values]
    heads = [bytes([size]) if size < 128 else bytes([size & 127 | 128, size >> 7]) for size in sizes]
    return b"".join(b"\x1a" + head + one.encode() for head, one in zip(heads, values, strict=True))


KINDS: dict[str, Written] = {
    **NOTATIONS, "text/plain": _lines, "application/xml": _xml, "text/html": _page, "text/event-stream": _events,
    "application/graphql+json": _graphql,
}  # fmt: skip
HELD_KINDS: dict[str, Written] = {**KINDS, "application/x-protobuf": _protobuf}


@pytest.fixture(scope="module")
def engine() -> Engine:
    policy = shipped()
    return Engine(policy, sample_person(*(service.name for service in policy.services)))


# --- what each step does when it does nothing ---------------------------------------------------------


def _same_content(node: Any, *_: Any, **__: Any) -> bytes:
    return node.content  # type: ignore[no-any-return]


def _no_rulings(real: Any) -> Any:
    def rule_on(*args: Any, **more: Any) -> Any:
        return [one for one in real(*args, **more) if one.finding.whose != "me"]

    return rule_on


def _composed_away(real: Any) -> Any:
    def compose(rulings: Any) -> Any:
        return real([one for one in rulings if one.finding.whose != "me"])

    return compose


def _undecided(real: Any) -> Any:
    def decide(self: Any, *args: Any, **more: Any) -> Any:
        decided = real(self, *args, **more)
        return replace(decided, decisions=tuple(one for one in decided.decisions if one.finding.whose != "me"))

    return decide


def _always(value: Any) -> Callable[[Any], Any]:
    return lambda _real: value


STEPS: dict[str, tuple[tuple[str, str, Callable[[Any], Any]], ...]] = {
    "contest": (("shield.policy.fields", "rule_on", _no_rulings),),
    "composition": (("shield.policy.decide", "compose", _composed_away),),
    "decision": (
        ("shield.policy.index", "Index.decide", _undecided),
        ("shield.policy.index", "Index.decide_part", _undecided),
    ),
    "one edit": (("shield.transform.plan", "_Work.do", _always(lambda self, decision: None)),),
    "put": (("shield.transform.plan", "_Work._put", _always(lambda self, node, new, decision: None)),),
    "removal": (("shield.transform.plan", "_Work._remove", _always(lambda self, node, decision: None)),),
    "replacement": (("shield.transform.plan", "_Work._replace", _always(lambda self, node, content, decision: None)),),
    "spans": (("shield.transform.plan", "_united", _always(lambda spans: [])),),
    "plan": (("shield.transform", "plan", _always(lambda *args, **more: Plan())),),
    "splice": (("shield.edits", "splice", _always(lambda content, splices: content)),),
    "respelling": (("shield.edits", "_respelled", _always(_same_content)),),
    "removed items": (("shield.edits", "_removals", _always(lambda node, gone: [])),),
    "writing": (
        ("shield.wire.writer", "respell", _always(_same_content)),
        ("shield.fragments", "rebuild", _always(_same_content)),
    ),
    "body": (
        ("shield.wire.writer", "_Writing.body", _always(lambda self, body: body)),
        ("shield.fragments", "rebuild", _always(_same_content)),
    ),
    "lines": (("shield.wire.writer", "_Writing._lines", _always(lambda self, lines, nodes: tuple(lines))),),
}
"""Step -> (module, name in it, what takes its place)."""


@pytest.fixture
def lost(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The named step does nothing."""
    for module, name, make in STEPS[request.param]:
        *owners, name = name.split(".")
        owner: Any = sys.modules[module]
        for one in owners:
            owner = getattr(owner, one)
        monkeypatch.setattr(owner, name, make(getattr(owner, name)))


@pytest.mark.parametrize("layer", list(LAYERS))
@pytest.mark.parametrize("fact", list(FACTS))
@pytest.mark.parametrize("kind", list(HELD_KINDS))
@pytest.mark.parametrize("lost", list(STEPS), indirect=True)
def test_a_held_body(engine: Engine, lost: None, kind: str, fact: str, layer: str) -> None:
    """1 KB."""
    text = LAYERS[layer](FACTS[fact])
    body = HELD_KINDS[kind](["x" * 700, text, "y"])
    outcome = held(engine, kind, body)
    assert isinstance(outcome.verdict, Block) or _is_gone(text, outcome.message.body or b"")


def _is_gone(text: str, content: bytes) -> bool:
    return not any(form.encode() in content for form in {text, quote(text, safe=""), json.dumps(text)[1:-1]})


@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("lost", list(STEPS), indirect=True)
def test_a_body_that_passes(engine: Engine, lost: None, kind: str) -> None:
    """3 MB, the facts at the end."""
    texts = [LAYERS["gzip in base64"](fact) for fact in FACTS.values()]
    outcome = passing(engine, kind, KINDS[kind]([*["words" * 2000] * 300, *texts, "y"]))
    assert isinstance(outcome.verdict, Block) or all(_is_gone(text, outcome.message.content) for text in texts)


@pytest.mark.parametrize("fact", list(FACTS))
@pytest.mark.parametrize("lost", list(STEPS), indirect=True)
def test_a_frame(engine: Engine, lost: None, fact: str) -> None:
    context = engine.head(Request("GET", "https", HOST, 443, TARGET), now=NOW).context
    frame = Frame("request", json.dumps({"v": FACTS[fact]}).encode(), is_text=True)
    outcome = engine.frame(context, frame, now=NOW, book=DictBook())
    assert isinstance(outcome.verdict, Block) or _is_gone(FACTS[fact], outcome.message.content)


@pytest.mark.parametrize("fact", list(FACTS))
@pytest.mark.parametrize("place", ["query", "path", "header", "cookie", "name", "trailer"])
@pytest.mark.parametrize("lost", list(STEPS), indirect=True)
def test_around_the_body(engine: Engine, lost: None, place: str, fact: str) -> None:
    text = quote(FACTS[fact], safe="")
    target = {
        "query": f"{TARGET.decode()}?v={text}",
        "path": f"/debug2/{text}/x",
        "name": f"{TARGET.decode()}?{text}=1",
    }
    lines = {"header": (b"X-Note", text.encode()), "cookie": (b"Cookie", b"a=1; b=" + text.encode())}
    trailers = ((b"X-Note", text.encode()),) if place == "trailer" else ()
    sent = Request(
        "POST", "https", HOST, 443, target.get(place, TARGET.decode()).encode(),
        (lines[place],) if place in lines else (), b"x", trailers,
    )  # fmt: skip
    outcome = engine.request(sent, now=NOW, book=DictBook())
    left = outcome.message
    whole = b"\n".join((left.target, *(value for _, value in left.headers + left.trailers)))
    assert isinstance(outcome.verdict, Block) or all(_is_gone(one, whole) for one in (FACTS[fact], text))


@pytest.mark.parametrize("fact", list(FACTS))
@pytest.mark.parametrize("layer", list(LAYERS))
@pytest.mark.parametrize("kind", list(HELD_KINDS))
def test_with_no_step_broken_it_leaves_edited(engine: Engine, kind: str, layer: str, fact: str) -> None:
    """The same messages: the look is no wall."""
    text = LAYERS[layer](FACTS[fact])
    outcome = held(engine, kind, HELD_KINDS[kind](["x" * 700, text, "y"]))
    assert isinstance(outcome.verdict, Forward), outcome.verdict
    assert outcome.modified
    assert _is_gone(text, outcome.message.body or b"")
