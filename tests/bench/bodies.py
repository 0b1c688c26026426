"""Bodies of every notation in any size, with one known e-mail address or without: what trackers' bodies look like."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

MAIL = "anna@real.example"
NOBODY = "nobody-in-here.ex"  # as long


@dataclass(frozen=True)
class Body:
    """Content type, and how to make one of a size."""

    kind: bytes
    write: Callable[[list[dict[str, str]]], bytes]

    def make(self, size: int, known: bool) -> bytes:
        """About *size* bytes; the same every time."""
        numbers = random.Random(7)
        one = len(self.write([_event(numbers, NOBODY)] * 4)) / 4
        events = [_event(numbers, NOBODY) for _ in range(max(1, round(size / one)))]
        if known:
            events[len(events) // 2]["user"] = MAIL
        return self.write(events)


def _event(numbers: random.Random, user: str) -> dict[str, str]:
    return {
        "name": "page_view", "title": "Sofas and more", "page": "/products/list", "value": f"{numbers.random():.4f}",
        "currency": "EUR", "user": user, "time": str(1_700_000_000_000 + numbers.randrange(10**9)), "ok": "true",
    }  # fmt: skip


def _json(events: list[dict[str, str]]) -> bytes:
    return json.dumps({"v": 2, "events": [{"name": one["name"], "params": one} for one in events]}).encode()


def _flat_json(events: list[dict[str, str]]) -> bytes:
    return json.dumps({f"{key}_{n}": value for n, one in enumerate(events) for key, value in one.items()}).encode()


def _form(events: list[dict[str, str]]) -> bytes:
    return urlencode(
        [(f"ev[{n}][{key}]", value) for n, one in enumerate(events) for key, value in one.items()]
    ).encode()


def _lines(events: list[dict[str, str]]) -> bytes:
    return b"\n".join(urlencode(one).encode() for one in events)


def _ndjson(events: list[dict[str, str]]) -> bytes:
    return b"\n".join(json.dumps(one).encode() for one in events)


def _multipart(events: list[dict[str, str]]) -> bytes:
    parts = [
        f'--b0undary\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
        for one in events for key, value in one.items()
    ]  # fmt: skip
    return "".join([*parts, "--b0undary--\r\n"]).encode()


def _xml(events: list[dict[str, str]]) -> bytes:
    rows = ("".join(f"<{key}>{value}</{key}>" for key, value in one.items()) for one in events)
    return ("<events>" + "".join(f"<event>{row}</event>" for row in rows) + "</events>").encode()


def _field(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | 2]) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    out = b""
    while value > 127:
        out, value = out + bytes([value & 127 | 128]), value >> 7
    return out + bytes([value])


def _protobuf(events: list[dict[str, str]]) -> bytes:
    rows = (b"".join(_field(n + 1, value.encode()) for n, value in enumerate(one.values())) for one in events)
    return b"".join(_field(1, row) for row in rows)


def _grpc(events: list[dict[str, str]]) -> bytes:
    messages = [_protobuf([one]) for one in events]
    return b"".join(b"\0" + len(one).to_bytes(4) + one for one in messages)


BODIES = {
    "json": Body(b"application/json", _json),
    "json, flat": Body(b"application/json", _flat_json),
    "form": Body(b"application/x-www-form-urlencoded", _form),
    "lines": Body(b"text/plain;charset=UTF-8", _lines),
    "ndjson": Body(b"application/x-ndjson", _ndjson),
    "multipart": Body(b"multipart/form-data; boundary=b0undary", _multipart),
    "protobuf": Body(b"application/x-protobuf", _protobuf),
    "grpc": Body(b"application/grpc", _grpc),
    "xml": Body(b"application/xml", _xml),
}
