"""HAR entries as records, and records as HAR entries.

Recorders differ; what is known of them stands beside the line that deals with it. What a HAR does not hold
is said, not guessed: a request that declares a body the file leaves out is an error, because without it
nobody can say that it would have left unchanged. Where a recorder states an empty body against a length
above zero (WebPageTest), and for bodies of responses, the record says ``not_recorded`` instead and the
engine speaks about line and headers.
"""

from __future__ import annotations

import base64
import json
import re
from typing import Any
from urllib.parse import quote_plus

from shield.replay.record import TOKEN, Json, RecordError

# Chrome's names (DevTools protocol, Network.ResourceType, lower case) -> vocabulary.TYPES
_TYPES = {
    "document": "document", "stylesheet": "style", "image": "image", "media": "media", "font": "font",
    "script": "script", "xhr": "xhr", "fetch": "xhr", "eventsource": "eventsource", "websocket": "websocket",
    "manifest": "manifest", "ping": "beacon", "cspviolationreport": "report", "other": None,
}  # fmt: skip
_REQUEST_LINE = re.compile(r"[A-Z]+ /")


def entry_form(raw: bytes) -> tuple[Json, Json]:
    """Turn the bytes of one entry into a record's object; the decoded entry comes second.

    Raises:
        RecordError: no JSON object, or a request that is not there or has the wrong types.
    """
    entry = _decode(raw)
    request = _object(entry, "request")
    headers, pseudo = _split_headers(request.get("headers", []), "request")
    missing: list[str] = []
    form: Json = {
        "method": request.get("method") or pseudo.get(":method"),
        "url": request.get("url"),
        "headers": headers,
        **_request_body(request, headers, missing),
    }
    if re.search(r"h(ttp/)?[23]", str(request.get("httpVersion", "")), re.IGNORECASE):
        form["http_version"] = "HTTP/2.0"
    kind = _TYPES.get(str(entry.get("_resourceType", "")).lower())
    if kind is not None:
        form["type"] = kind
    if isinstance(entry.get("startedDateTime"), str):
        form["time"] = entry["startedDateTime"]
    response = entry.get("response")
    if isinstance(response, dict) and _is_status(response.get("status")):
        form["response"] = _response(response, missing)
    frames = _frames(entry.get("_webSocketMessages"))
    if frames:
        form["frames"] = frames
    if missing:
        form["not_recorded"] = missing
    return form, entry


def _decode(raw: bytes) -> Json:
    try:
        entry = json.loads(raw)
    except (ValueError, RecursionError):
        raise RecordError("the entry is no JSON") from None
    if not isinstance(entry, dict):
        raise RecordError("the entry is no object")
    return entry


def _object(entry: Json, key: str) -> Json:
    value = entry.get(key)
    if not isinstance(value, dict):
        raise RecordError(f"the entry has no {key}")
    return value


def _split_headers(value: object, where: str) -> tuple[list[list[str]], dict[str, str]]:
    """Header pairs, and the pseudo headers of HTTP/2 (RFC 9113, section 8.3), which are none of them."""
    headers: list[list[str]] = []
    pseudo: dict[str, str] = {}
    for header in value if isinstance(value, list) else ():
        name, text = (header.get("name"), header.get("value")) if isinstance(header, dict) else (None, None)
        if not isinstance(name, str) or not isinstance(text, str):
            raise RecordError(f"a header of the {where} has no name or value")
        if name.startswith(":"):
            pseudo[name] = text
        elif not _REQUEST_LINE.match(name):  # WebPageTest writes "GET /path" as a header when the line has a colon
            headers += [[name, line] for line in text.split("\n")]  # Chrome joins equal names by line feeds
    return headers, pseudo


def _is_status(status: object) -> bool:
    """Whether a response came: Chrome writes 0 when none did, WebPageTest a negative number."""
    return isinstance(status, int) and 100 <= status <= 599


def _declared(headers: list[list[str]]) -> int:
    """Content-Length, 0 without a readable one."""
    text = next((value for name, value in headers if name.lower() == "content-length"), "0").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0


def _request_body(request: Json, headers: list[list[str]], missing: list[str]) -> Json:
    post, declared = request.get("postData"), _declared(headers)
    if not isinstance(post, dict):
        if declared:
            raise RecordError("body not recorded")
        return {"body": None}
    text = post.get("text")
    if post.get("encoding", post.get("_encoding")) == "base64" and isinstance(text, str):
        return {"body_base64": text}
    if not text and post.get("params"):
        text = _form(post)
    if text is not None and not isinstance(text, str):
        raise RecordError("postData.text is no text")
    if not text and declared:
        if text is None:
            raise RecordError("body not recorded")
        missing.append("request.body")
    return _text_body(text or "", declared)


def _text_body(text: str, declared: int) -> Json:
    """Text was bytes once. UTF-8, unless one byte per character is what gives the declared length."""
    if not text.isascii() and len(text) == declared and all(ord(character) < 256 for character in text):
        return _base64(text.encode("latin-1"))
    return {"body": text or None}


def _base64(body: bytes) -> Json:
    return {"body_base64": base64.b64encode(body).decode("ascii")}


def _form(post: Json) -> str | None:
    """``params`` written as a form again; only that notation can be told from names and values."""
    if "urlencoded" not in str(post.get("mimeType", "")) or not isinstance(post["params"], list):
        return None
    pairs = [(param.get("name", ""), param.get("value", "")) for param in post["params"] if isinstance(param, dict)]
    return "&".join(f"{quote_plus(str(name))}={quote_plus(str(value))}" for name, value in pairs)


def _response(response: Json, missing: list[str]) -> Json:
    headers = [pair for pair in _split_headers(response.get("headers", []), "response")[0] if TOKEN.fullmatch(pair[0])]
    form: Json = {"status": response.get("status"), "headers": headers}
    content = response.get("content")
    text = content.get("text") if isinstance(content, dict) else None
    if not isinstance(content, dict) or not isinstance(text, str):
        size = content.get("size") if isinstance(content, dict) else 0
        if _declared(headers) or (isinstance(size, int) and size > 0):
            missing.append("response.body")
        return {**form, "body": None}
    # the text is what lies under the codings, so the codings go (HAR 1.2, "content")
    form["headers"] = [pair for pair in headers if pair[0].lower() != "content-encoding"]
    return {**form, **({"body_base64": text} if content.get("encoding") == "base64" else {"body": text})}


def _frames(messages: object) -> list[Json]:
    """Chrome's ``_webSocketMessages``: opcode 1 is text, 2 is base64."""
    frames: list[Json] = []
    for message in messages if isinstance(messages, list) else ():
        if not isinstance(message, dict) or message.get("opcode") not in (1, 2):
            continue
        key = "text" if message["opcode"] == 1 else "base64"
        direction = "request" if message.get("type") == "send" else "response"
        frames.append({"direction": direction, key: message.get("data")})
    return frames


HEAD = '{"log": {"version": "1.2", "creator": {"name": "shield", "version": "%s"}, "entries": [\n'
TAIL = "\n]}}\n"


def write_entry(source: Json | None, form: Json, out: Json) -> Json:
    """The entry as it would have been with Shield in between; what was decided stands under ``_shield``.

    A message that does not leave keeps the request that the client made, and its response is the answer
    in its place.
    """
    entry: Json = dict(source) if source is not None else _bare_entry(form)
    if out["verdict"] == "forward" and out["modified"]:
        entry["request"] = _write_request(entry["request"], out["request"])
    if out["verdict"] != "forward":
        entry["response"] = _write_response(out["answer"] or {"status": 0, "headers": [], "body": ""}, out["location"])
    elif out["response"] is not None and out["response"] != form.get("response"):
        entry["response"] = {**entry.get("response", {}), **_write_response(out["response"], None)}
    entry["_shield"] = {key: value for key, value in out.items() if key not in ("request", "response", "frames")}
    return entry


def _bare_entry(form: Json) -> Json:
    request: Json = {
        "method": form["method"], "url": form["url"], "httpVersion": "HTTP/1.1", "cookies": [], "queryString": [],
        "headersSize": -1, "bodySize": -1,
    }  # fmt: skip
    entry = {
        "startedDateTime": form.get("time") or "2026-01-01T00:00:00Z", "time": 0,
        "request": _write_request(request, form), "cache": {}, "timings": {"send": 0, "wait": 0, "receive": 0},
    }  # fmt: skip
    entry["response"] = _write_response(form.get("response") or {"status": 0, "headers": [], "body": ""}, None)
    return entry


def _write_request(request: Json, form: Json) -> Json:
    out = {**request, "url": form["url"], "headers": _named(form.get("headers", []))}
    out["queryString"], out["cookies"] = [], []  # told from url and headers; a stale copy would tell the old values
    post = {"mimeType": _mime(form.get("headers", []))}
    if form.get("body_base64") is not None:
        out["postData"] = {**post, "text": form["body_base64"], "encoding": "base64"}
    elif form.get("body"):
        out["postData"] = {**post, "text": form["body"]}
    else:
        out.pop("postData", None)
    return out


def _write_response(form: Json, location: str | None) -> Json:
    content: Json = {"size": -1, "mimeType": _mime(form["headers"])}
    if form.get("body_base64") is not None:
        content |= {"text": form["body_base64"], "encoding": "base64"}
    elif form.get("body") is not None:
        content["text"] = form["body"]
    return {
        "status": form["status"], "statusText": "", "httpVersion": "HTTP/1.1", "cookies": [],
        "headers": _named(form["headers"]), "content": content, "redirectURL": location or "",
        "headersSize": -1, "bodySize": -1,
    }  # fmt: skip


def _named(headers: list[Any]) -> list[Json]:
    return [{"name": name, "value": value} for name, value in headers]


def _mime(headers: list[Any]) -> str:
    return next((value for name, value in headers if name.lower() == "content-type"), "")
