"""No memo, cache or global of the engine holds a piece of a message."""

from __future__ import annotations

import gc
import json
import secrets

from shield.engine import Engine
from shield.finding import Forward
from shield.message import Frame, Request, Response
from tests.held import everything_of_shield, holders
from tests.people import DictBook, sample_person
from tests.test_engine import NOW, shipped

KINDS = (
    "cookie", "authorization", "query", "query-name", "path", "form", "json", "json-name", "frame", "response",
    "referer", "header-name", "mail-as-name", "host", "multipart",
)  # fmt: skip


def plant() -> dict[str, str]:
    """A value of chance for each place, so that no constant of a test can be mistaken for it."""
    return {kind: f"{kind[:2]}{secrets.token_hex(9)}" for kind in KINDS}


def load(engine: Engine, planted: dict[str, str], number: int) -> None:
    """A mixed load: first and third parties, forms, JSON, frames, a response, with facts beside what is planted."""
    book, mail = DictBook(), "anna@real.example"
    hosts = ("www.google-analytics.com", "shop.example", "www.facebook.com", f"{planted['host']}.tracker.example")
    common = (
        (b"Cookie", f"sid={planted['cookie']}; uid={mail}".encode()),
        (b"Authorization", f"Bearer {planted['authorization']}".encode()),
        (b"Referer", f"https://shop.example/?r={planted['referer']}".encode()),
        (f"X-{planted['header-name']}".encode(), b"1"),
    )
    name = f"{planted['mail-as-name']}@post.example"
    bodies = {
        b"application/json": json.dumps({planted["json-name"]: planted["json"], name: mail, "t": [mail]}).encode(),
        b"application/x-www-form-urlencoded": f"a={planted['form']}&{name}=1&m={mail}".encode(),
        b"multipart/form-data; boundary=b": (
            f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{planted["multipart"]}\r\n--b--\r\n'.encode()
        ),
    }
    for host in hosts:
        for kind, body in bodies.items():
            target = f"/g/collect/{planted['path']}?v=2&q={planted['query']}&{planted['query-name']}=1&{name}={mail}"
            lines = (*common, (b"Content-Type", kind), (b"Content-Length", b"%d" % len(body)))
            sent = Request("POST", "https", host, 443, target.encode(), lines, body)
            outcome = engine.request(sent, now=NOW, book=book, number=number)
            if not isinstance(outcome.verdict, Forward):
                continue
            text = json.dumps({planted["json-name"]: planted["response"], "u": mail})
            answer = Response(200, ((b"Content-Type", b"application/json"),), text.encode())
            engine.response(outcome.context, answer, now=NOW, book=book)
            frame = Frame("request", json.dumps({name: planted["frame"], "m": mail}).encode(), is_text=True)
            engine.frame(outcome.context, frame, now=NOW, book=book, number=number)


def test_nothing_of_a_message_stays() -> None:
    policy = shipped()
    engine = Engine(policy, sample_person(*(service.name for service in policy.services)))
    planted = [plant() for _ in range(3)]
    for number, one in enumerate(planted):
        load(engine, one, number)
        load(engine, one, number)
    gc.collect()
    held = holders([engine, *everything_of_shield()], [value for one in planted for value in one.values()])
    assert {kind: held[value] for one in planted for kind, value in one.items() if value in held} == {}


def test_the_walk_finds_what_is_held() -> None:
    """In an attribute, in a cache of a function, in a closure."""
    from functools import lru_cache

    value = secrets.token_hex(9)

    @lru_cache
    def cached(text: str) -> bytes:
        return text.encode()

    def closed() -> str:
        return value

    cached(f"x{value}")
    for holder in (
        cached,
        {"closed": closed.__closure__},
        {"a": [value]},
        Request("GET", "https", "a.example", 443, f"/{value}".encode()),
    ):
        assert holders([holder], [value]).keys() == {value}
