"""What the steps of the trip are made of: one browser, its pages, the forms in which values travel."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, urlencode

from shield.demo import traces as anna

Pairs = tuple[tuple[str, str], ...]

SHOP: Final = "https://shop.example"
CLIENT_ID: Final = "1234567890.1766000000"
"""What Google Analytics calls ``cid``: the number of this browser."""
_HASHED: Final = hashlib.sha256(anna.EMAIL.encode()).digest()
HEX_EMAIL: Final = _HASHED.hex()
HEX_PHONE: Final = hashlib.sha256(anna.PHONE.removeprefix("+").encode()).hexdigest()
GOOGLE_EMAIL: Final = "tv.1~em." + base64.urlsafe_b64encode(_HASHED).rstrip(b"=").decode()
_ENGINE: Final = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.7499.40 Safari/537.36"
BROWSER: Final[Pairs] = (
    ("user-agent", f"Mozilla/5.0 (X11; Linux x86_64) {_ENGINE}"),
    ("accept-language", "de-AT,de;q=0.9,en;q=0.7"),
)
FORM: Final = ("content-type", "application/x-www-form-urlencoded")
TEXT: Final = ("content-type", "text/plain;charset=UTF-8")
TRIALS: Final = ("x-client-data", "CIa2yQEIorbJAQ==")
VISIT: Final[Pairs] = (("sec-fetch-site", "none"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document"))
"""The person typed the address, or opened a bookmark."""


def from_page(page: str, site: str, dest: str, mode: str = "no-cors") -> Pairs:
    """What the browser adds to a request that a page makes (Fetch Metadata, W3C)."""
    return (("referer", page), ("sec-fetch-site", site), ("sec-fetch-mode", mode), ("sec-fetch-dest", dest))


PIXEL: Final = from_page(f"{SHOP}/tea?search=sleeping+pills", "cross-site", "image")
BEACON: Final = from_page(f"{SHOP}/tea?search=sleeping+pills", "cross-site", "empty")
OWN_PAGE: Final = from_page(f"{SHOP}/tea", "same-origin", "empty", "cors")


def url(base: str, fields: Mapping[str, str]) -> str:
    """An address with a query in which everything is escaped."""
    return f"{base}?{urlencode(fields, quote_via=quote, safe='')}"


def form(fields: Mapping[str, str]) -> bytes:
    """The body of a form."""
    return urlencode(fields).encode()
