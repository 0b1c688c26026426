"""What Shield says when it stops something; and which of mitmproxy's own words may be shown.

A message of mitmproxy's may quote what it could not read. Ours never hold a value; they carry a mark, and
the page that shows an error (``framing``) shows marked words, a few harmless ones, and else a sentence of
its own by status.
"""

from __future__ import annotations

import html

from shield.errors import ShieldError

MARK = "shield: "

NO_VERDICT = "nothing decided about this request, so it did not leave"
RAW = "this is no HTTP, so nobody can tell what is in it"
TOO_LARGE = "this request is blocked, and its body is too large to wait for"
TOO_LARGE_TO_EDIT = "a rule would change this body, which is too large to be held"
UPLOAD = "the upload was stopped: a value of yours that must not go there was found in it"
LENGTH = "the upload was stopped: a value in it has to be replaced, and its length was stated before"
PACKED = "the upload was stopped: it is packed in a way that cannot be opened, so nobody can tell what is in it"
UPLOAD_MISTAKE = "the upload was stopped by a mistake of ours"
RESPONSE_MISTAKE = "the answer was not passed on"

OWN_PORT = "this address is the proxy itself"


def not_reached(host: str, port: int) -> str:
    """Why the inside was not reached, with the line that lets it."""
    shown = f"[{host}]" if ":" in host else host
    return (
        "pages of the web may not reach this machine or your network through Shield; "
        f'if you want this one to be reached, write into shield.yaml:  reach: ["{shown}:{port}"]'
    )


KILLED = "Connection killed: "
"""Before the words of a connection that a hook refused."""
NO_DESTINATION = "Connection killed: Request destination unknown"
"""mitmproxy, when somebody visits the proxy itself."""
VISITED = "this is Shield itself, which has no pages: enter this address in the browser as the proxy for HTTP and HTTPS"

BY_STATUS = {
    400: "the request could not be read",
    413: "the body is too large",
    501: "this cannot be read, so it did not leave",
    502: "the server could not be reached, or its answer could not be read",
}
HARMLESS = (
    "Certificate verify failed", "[Errno ", "Connection killed", "server closed connection", "Multiple exceptions",
)  # fmt: skip


PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="robots" content="noindex">
<title>Shield</title><style>body{{font:16px/1.5 system-ui,sans-serif;max-width:42rem;margin:4rem auto;padding:0 1rem}}
small{{color:#666}}</style><h1>{title}</h1><p>{words}</p><small>{more}</small></html>
"""


def marked(words: str) -> str:
    """Our own words, so that the error page shows them."""
    return MARK + words


def title(status: int, message: str) -> str:
    """The head of the error page: whose doing it was."""
    ours = _bare(message).startswith((MARK, NO_DESTINATION)) or status != 502
    return "Shield stopped here" if ours else "This page could not be fetched"


def _bare(message: str) -> str:
    """Our own words without what mitmproxy puts before those of a refused connection."""
    return message.removeprefix(KILLED) if message.startswith(KILLED + MARK) else message


def shown(status: int, message: str) -> str:
    """What the error page says for *message* of mitmproxy's."""
    message = _bare(message)
    if message.startswith(MARK):
        return message.removeprefix(MARK)
    if message.startswith(NO_DESTINATION):
        return VISITED
    if message.startswith(HARMLESS):
        return f"{BY_STATUS[502]}: {message}"
    return BY_STATUS.get(status, "the connection failed")


def of_mistake(error: BaseException) -> str:
    """Words for an exception: what a ShieldError explains, of all others the type alone."""
    if isinstance(error, ShieldError):
        return f"{error.message}; {error.hint}" if error.hint else error.message
    return f"a mistake of ours ({type(error).__name__})"


def page(title: str, words: str, more: str = "") -> bytes:
    """A page with words; all three are escaped."""
    text = PAGE.format(title=html.escape(title), words=html.escape(words), more=html.escape(more))
    return text.encode("utf-8", "replace")
