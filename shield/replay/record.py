"""Records: the form in which recorded messages go in and out (design, section 7).

A record is a JSON object. Header strings are Latin-1, one character per byte; a body is ``body`` (text, sent
as UTF-8) or ``body_base64``. Whatever the recording was (HAR, flows, JSON Lines), it becomes such an object
first, so that there is one reader and one writer. Errors name the key, never a value.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import urlsplit

from shield.message import Frame, Headers, Request, Response
from shield.vocabulary import ACTIONS, TYPES

Json = dict[str, Any]

START = datetime(2026, 1, 1, tzinfo=UTC)
"""The time of a record that states none."""
TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, section 5.6.2
_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
_PLAIN = {"ws": "http", "wss": "https"}
_TEXT_LIMIT = 253  # characters of a host name, RFC 1035, section 2.3.4


class RecordError(ValueError):
    """What is wrong with a record; the text names the key and never holds a value."""


@dataclass(frozen=True, slots=True)
class Record:
    """One recorded exchange, ready for the engine.

    Attributes:
        form: the object it was read from; what is unmodified is repeated from it.
        not_recorded: what the recording left out (``request.body``, ``response.body``); there the
            message has ``body=None`` and the engine speaks about its line and headers.
        source: the HAR entry it was made of, for ``--format har``.
    """

    id: object
    request: Request
    response: Response | None
    frames: tuple[Frame, ...]
    answers: Mapping[str, str]
    time: datetime
    form: Json = field(repr=False)
    not_recorded: tuple[str, ...] = ()
    source: Json | None = field(default=None, repr=False)


def read_record(form: Json, place: int, source: Json | None = None) -> Record:
    """Read one object; *place* is its id if it states none.

    Raises:
        RecordError: a key is missing or has the wrong type or form.
    """
    missing = form.get("not_recorded", ())
    response = form.get("response")
    if response is not None and not isinstance(response, dict):
        raise RecordError("response is no object")
    return Record(
        id=form.get("id", place),
        request=_request(form, "request.body" in missing),
        response=None if response is None else _response(response, "response.body" in missing),
        frames=tuple(_frame(frame) for frame in _list(form, "frames")),
        answers=_answers(form),
        time=_time(form.get("time")),
        form=form,
        not_recorded=tuple(missing),
        source=source,
    )


def _request(form: Json, body_missing: bool) -> Request:
    method = form.get("method")
    if not isinstance(method, str) or not TOKEN.fullmatch(method):
        raise RecordError("method is no HTTP method")
    scheme, host, port, target = _url(form.get("url"))
    kind, page = form.get("type"), form.get("page")
    if kind is not None and kind not in TYPES:
        raise RecordError(f"type is none of {' '.join(TYPES)}")
    if page is not None and not isinstance(page, str):
        raise RecordError("page is no text")
    if kind is None and scheme in _PLAIN:
        kind = "websocket"
    return Request(
        method=method,
        scheme=_PLAIN.get(scheme, scheme),
        host=host,
        port=port,
        target=target,
        headers=_headers(form.get("headers", []), "headers"),
        body=None if body_missing else _body(form, "body"),
        http_version="HTTP/2.0" if form.get("http_version") == "HTTP/2.0" else "HTTP/1.1",
        type=kind,
        page=page,
    )


def _url(text: object) -> tuple[str, str, int, bytes]:
    """Scheme, host, port, target. A fragment and a user name never leave a client and are dropped."""
    if not isinstance(text, str):
        raise RecordError("url is no text")
    try:
        parts = urlsplit(text)
        scheme, host, port = parts.scheme.lower(), parts.hostname or "", parts.port
    except ValueError:
        raise RecordError("url cannot be read") from None
    if scheme not in _PORTS or not host:
        raise RecordError("url is no absolute http, https, ws or wss address")
    return scheme, _host(host), port or _PORTS[scheme], _target(text)


def _host(host: str) -> str:
    """Lower case, IDNA, without a trailing dot."""
    host = host.rstrip(".")
    try:
        host = host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError:
        raise RecordError("the host of url is no host name") from None
    if not host or len(host) > _TEXT_LIMIT or re.search(r"[\s/\\@<>\"]", host):
        raise RecordError("the host of url is no host name")
    return host.lower()


def _target(url: str) -> bytes:
    """The path and query exactly as typed; ``/`` where there is no path."""
    rest = url.split("#", 1)[0].split("//", 1)[1]
    start = re.search(r"[/?]", rest)
    target = rest[start.start() :] if start else "/"
    if re.search(r"[\x00-\x20\x7f]", target):
        raise RecordError("url holds a space or a control character")
    return _utf8("url", target if target.startswith("/") else f"/{target}")


def _headers(value: object, key: str) -> Headers:
    if not isinstance(value, list):
        raise RecordError(f"{key} is no list of [name, value]")
    return tuple(_header(pair, key) for pair in value)


def _header(pair: object, key: str) -> tuple[bytes, bytes]:
    if not isinstance(pair, list) or len(pair) != 2 or not all(isinstance(part, str) for part in pair):
        raise RecordError(f"{key} is no list of [name, value]")
    name, value = pair
    if not TOKEN.fullmatch(name):
        raise RecordError(f"{key}: a name is no header name")
    if "\r" in value or "\n" in value or "\0" in value:
        raise RecordError(f"{key}: a value holds CR, LF or NUL")
    try:
        return name.encode("latin-1"), value.encode("latin-1")
    except UnicodeEncodeError:
        raise RecordError(f"{key}: a character outside Latin-1 (one character stands for one byte)") from None


def _body(form: Json, key: str) -> bytes:
    """``body`` and ``body_base64``; of a frame ``text`` and ``base64``."""
    encoded = form.get("base64" if key == "text" else f"{key}_base64")
    text = form.get(key)
    if encoded is not None and text is not None:
        raise RecordError(f"{key} is stated twice, as text and as base64")
    if encoded is None:
        if text is not None and not isinstance(text, str):
            raise RecordError(f"{key} is no text")
        return _utf8(key, text or "")
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, TypeError, ValueError):
        raise RecordError(f"{key}: what should be base64 is not") from None


def _utf8(key: str, text: str) -> bytes:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        raise RecordError(f"{key}: half a surrogate pair cannot be sent") from None


def _response(form: Json, body_missing: bool) -> Response:
    status = form.get("status")
    if not isinstance(status, int) or isinstance(status, bool) or not 0 <= status <= 999:
        raise RecordError("response.status is no status")
    headers = _headers(form.get("headers", []), "response.headers")
    return Response(status, headers, None if body_missing else _body(form, "body"))


def _frame(form: object) -> Frame:
    if not isinstance(form, dict):
        raise RecordError("a frame is no object")
    direction = form.get("direction")
    if direction not in ("request", "response"):
        raise RecordError("direction of a frame is neither request nor response")
    way: Literal["request", "response"] = "request" if direction == "request" else "response"
    return Frame(way, _body(form, "text"), is_text="base64" not in form)


def _answers(form: Json) -> Mapping[str, str]:
    answers = form.get("answers") or {}
    if not isinstance(answers, dict) or not all(action in ACTIONS for action in answers.values()):
        raise RecordError(f"answers is no map of question to action ({' '.join(ACTIONS)})")
    return answers


def _time(text: object) -> datetime:
    """ISO 8601; without a zone it is UTC."""
    if text is None:
        return START
    try:
        time = datetime.fromisoformat(str(text))
        return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise RecordError("time is no ISO 8601 time") from None


def _list(form: Json, key: str) -> list[object]:
    value = form.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise RecordError(f"{key} is no list")
    return value


def write_request(record: Record, request: Request) -> Json:
    """The request as it leaves, in the form it came in; untouched: the same strings."""
    form = record.form
    if request is record.request:
        body: Json = {"body_base64": form["body_base64"]} if "body_base64" in form else {"body": form.get("body")}
        return {"method": form["method"], "url": form["url"], "headers": form.get("headers", []), **body}
    url = form["url"] if request.target == record.request.target else _write_url(form["url"], request)
    return {
        "method": request.method,
        "url": url,
        "headers": write_headers(request.headers),
        **write_body(request.body, is_base64="body_base64" in form, was=form.get("body")),
    }


def _write_url(url: str, request: Request) -> str:
    """The address with the new target; scheme, host and port as they were typed."""
    head, _, rest = url.partition("//")
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0].rpartition("@")[2]
    try:
        target = request.target.decode("utf-8")
    except UnicodeDecodeError:
        target = request.target.decode("latin-1")
    return f"{head}//{authority}{target}"


def write_response(form: Json, before: Response, after: Response) -> Json:
    """The response as it reaches the client, in the form it came in."""
    if after is before:
        return form
    body = write_body(after.body, is_base64="body_base64" in form, was=form.get("body"))
    return {"status": after.status, "headers": write_headers(after.headers), **body}


def write_headers(headers: Headers) -> list[list[str]]:
    """Pairs of Latin-1 strings."""
    return [[name.decode("latin-1"), value.decode("latin-1")] for name, value in headers]


def write_body(body: bytes | None, *, is_base64: bool = False, was: object = None) -> Json:
    """``body`` where it is text, else ``body_base64``; null stays null while there is nothing."""
    if is_base64 and body is not None:
        return {"body_base64": base64.b64encode(body).decode("ascii")}
    if not body:
        return {"body": None if was is None or body is None else ""}
    try:
        return {"body": body.decode("utf-8")}
    except UnicodeDecodeError:
        return {"body_base64": base64.b64encode(body).decode("ascii")}


def write_frame(form: Json, before: Frame, after: Frame | None) -> Json:
    """A frame in the form it came in; None: it was dropped, and its content is null."""
    if after is before:
        return form
    key = "base64" if "base64" in form else "text"
    if after is None:
        return {"direction": before.direction, key: None}
    if key == "text":
        try:
            return {"direction": after.direction, "text": after.content.decode("utf-8")}
        except UnicodeDecodeError:
            key = "base64"
    return {"direction": after.direction, key: base64.b64encode(after.content).decode("ascii")}
