"""What the name of a field says about a value that looks like an identifier.

Names are the service's choice and promise nothing; they only decide between guesses. Asked once per candidate, never
for every field.
"""

from __future__ import annotations

import re
from typing import Final

_BORDER: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

_NO_IDENTIFIER: Final = re.compile(
    r"\b(?:cb|bust\w*|rnd|rand(?:om)?|ord|nonce|ts|time\w*|date|dtm?|hash|md5|sha\d*|sum|checksum|integrity|etag|sig\w*"
    r"|hmac|h|csrf\w*|xsrf\w*|v|ver|version|rev\w*|build|commit|key|api\w*|pub\w*|site\w*|tag|container|zone|placement"
    r"|slot\w*|adunit|camp\w*|creative|app|project|callback|jsonp?\w*|url|uri|href|ref|referr?er|page|path|file|src"
    r"|lang|gtm)\b"
    r"|cachebust|callback|timestamp|random|apikey|publisher|pubid|siteid|appid|pageurl"
)
_CATEGORIES: Final = re.compile(
    r"(?P<click_id>clid\b|click)"
    r"|(?P<ad_id>idfa|gaid|aaid|\badid\b|\bad id\b|maid\b|\bifa\b|advertis\w* ?id|\brdid\b)"
    r"|(?P<device_id>device|imei\b|\bmeid\b|\bmac\b|serial|\b[ud]?u?did\b|idfv|android ?id|vendor ?id|\binstall"
    r"|\bfid\b|\bdsn\b|hwid|machine)"
    r"|(?P<session_id>\bses\b|sess\b|session|\bp?sid\b|visit(?!or)|page ?view)"
    r"|(?P<account_id>customer|account|member|login|subscriber)"
    r"|(?P<cookie_id>uid|u id\b|user|visitor|\bvtid\b|client|\bcid\b|anon|guest|cookie|browser|person|guid|fpid"
    r"|fingerprint|\bfp\b)"
)


def plain(name: str) -> str:
    """A name as lower-case words: ``sExtCookieId`` becomes ``s ext cookie id``."""
    return re.sub(r"[\W_]+", " ", _BORDER.sub(" ", name)).lower()


def is_no_identifier(words: str) -> bool:
    """Whether the name says random number, time, version, digest, key of a site: what nobody is known by."""
    return _NO_IDENTIFIER.search(words) is not None


def category(words: str) -> str | None:
    """The category that a name gives away."""
    found = _CATEGORIES.search(words)
    return found.lastgroup if found is not None else None
