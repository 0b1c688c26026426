"""The trip: what Anna's browser sends on a short way through the web, step by step.

A search, a shop with the pixels of three companies, a sign-up there, a newsletter, two sign-ins and a
checkout. Every value is invented; the forms are those of real traffic (wire facts, sections 2 to 4).
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Final
from urllib.parse import quote, urlencode

from shield.demo import traces as anna
from shield.demo.result import Expectation, Step

SHOP: Final = "https://shop.example"
HASHED: Final = hashlib.sha256(anna.EMAIL.encode()).digest()
HEX_EMAIL: Final = HASHED.hex()
HEX_PHONE: Final = hashlib.sha256(anna.PHONE.removeprefix("+").encode()).hexdigest()
GOOGLE_EMAIL: Final = base64.urlsafe_b64encode(HASHED).rstrip(b"=").decode()
CLIENT_ID: Final = "1234567890.1766000000"
BROWSER: Final = (
    (
        "user-agent",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.7499.40 Safari/537.36",
    ),
    ("accept-language", "de-AT,de;q=0.9,en;q=0.7"),
)
FORM: Final = ("content-type", "application/x-www-form-urlencoded")
TEXT: Final = ("content-type", "text/plain;charset=UTF-8")

VISIT: Final = (
    ("sec-fetch-site", "none"),
    ("sec-fetch-mode", "navigate"),
    ("sec-fetch-dest", "document"),
)


def _from_page(page: str, site: str, dest: str, mode: str = "no-cors") -> tuple[tuple[str, str], ...]:
    return (("referer", page), ("sec-fetch-site", site), ("sec-fetch-mode", mode), ("sec-fetch-dest", dest))


PIXEL: Final = _from_page(f"{SHOP}/tea?search=sleeping+pills", "cross-site", "image")
BEACON: Final = _from_page(f"{SHOP}/tea?search=sleeping+pills", "cross-site", "empty")
OWN_PAGE: Final = _from_page(f"{SHOP}/tea", "same-origin", "empty", "cors")
GA4: Final = {
    "v": "2",
    "tid": "G-DEMO12345",
    "cid": CLIENT_ID,
    "sid": "1766000001",
    "sct": "4",
    "ul": "de-at",
    "sr": "1728x1117",
    "gcs": "G111",
}
SIGNUP: Final = {
    "name": f"{anna.GIVEN} {anna.FAMILY}",
    "email": anna.EMAIL,
    "phone": anna.PHONE,
    "born": anna.BORN,
    "street": anna.STREET,
    "postcode": anna.POSTCODE,
    "city": anna.CITY,
    "password": "correct horse",
}
WATCHED: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "search": (
        ("insomnia", "lVVxVrIkiMHSBITiv", "cm9sZTogMQ", "1728", "1P_JAR", "CIa2yQEIorbJAQ"),
        ("q=tea", "SOCS=CAI"),
    ),
    "landing": (("Cj0KCQ", "IwAR0abc"), ("id=7",)),
    "ga4": ((CLIENT_ID, "1766000001", "clinic.example", "pills", "1728"), ("v=2", "tid=G-DEMO12345", "en=page_view")),
    "ga4-lines": ((CLIENT_ID, "1766000001", "pills"), ("v=2", "en=scroll", "en=view_search_results")),
    "ga4-shape": ((CLIENT_ID, "1766000001"), ("v=2", "en=add_to_cart")),
    "ga4-elsewhere": ((CLIENT_ID, "1766000001"), ("v=2", "en=page_view")),
    "pixel": (
        ("pills", "clinic.example", "1234567890.", "c_user", "datr", "0abc"),
        ("id=1234567890123", "ev=PageView"),
    ),
    "pixel-form": (("fb.1.", "****@", "^^^^", "49.90"), ("id=1234567890123", "ev=Lead")),
    "suggestions": (("130-1111111", "A1B2C3", "RID0", "pills"), ("prefix=te", "mid=A1PA6795UKMFR9")),
    "product": (("1766000000", "2ABC", "pills", "pd_rd_r", "csm-hit"), ("psc=1", "session-id=130-1111111-2222222")),
    "newsletter": ((), ("list=7",)),
}
"""Per step: what must not arrive, and what must."""


def _url(base: str, fields: dict[str, str]) -> str:
    return f"{base}?{urlencode(fields, quote_via=quote, safe='')}"


def _form(fields: dict[str, str]) -> bytes:
    return urlencode(fields).encode()


def _step(
    name: str,
    title: str,
    company: str,
    expect: Expectation,
    method: str,
    url: str,
    headers: tuple[tuple[str, str], ...],
    body: bytes = b"",
) -> Step:
    hidden, kept = WATCHED.get(name, ((), ()))
    return Step(name, title, company, method, url, expect, (*BROWSER, *headers), body, hidden, kept)


def _search() -> list[Step]:
    fields = {
        "q": "tea",
        "oq": "tea for insomnia",
        "ei": "lVVxVrIkiMHSBITiv",
        "ved": "0ahUKEwjM",
        "biw": "1728",
        "uule": "a+cm9sZTogMQ",
        "sourceid": "chrome",
    }
    cookies = ("cookie", "SOCS=CAI; NID=511=abc; 1P_JAR=2026-01-01-10")
    trials = ("x-client-data", "CIa2yQEIorbJAQ==")
    beacon = _url("https://www.google.com/gen_204", {"atyp": "csi", "ei": "lVVxVrIkiMHSBITiv", "me": "1:7,V,0,0,1009"})
    page = _from_page("https://www.google.com/", "same-origin", "empty")
    return [
        _step(
            "search",
            "a search",
            "Google",
            "edited",
            "GET",
            _url("https://www.google.com/search", fields),
            (*VISIT, cookies, trials),
        ),
        _step("search-beacon", "mouse ways on the search page", "Google", "nothing", "POST", beacon, page),
    ]


def _analytics() -> list[Step]:
    page = f"{SHOP}/tea?email={anna.EMAIL}&search=sleeping+pills"
    seen = {
        **GA4,
        "uid": anna.USERNAME,
        "dl": page,
        "dr": "https://clinic.example/results",
        "dt": "Tea",
        "en": "page_view",
        "em": f"tv.1~em.{GOOGLE_EMAIL}~co0.DE",
    }
    lines = "\n".join(
        [
            urlencode({"en": "scroll", "_et": "1200"}),
            urlencode({"en": "view_search_results", "ep.search_term": "sleeping pills", "ep.user": anna.EMAIL}),
            urlencode({"en": "page_view", "cid": CLIENT_ID}),
        ]
    )
    collect = "https://www.google-analytics.com/g/collect"
    shaped = {**GA4, "en": "add_to_cart", "ep.mail": hashlib.md5(anna.EMAIL.encode()).hexdigest()}
    return [
        _step("ga4", "Analytics: a page view", "Google", "edited", "GET", _url(collect, seen), PIXEL),
        _step(
            "ga4-lines",
            "Analytics: several events",
            "Google",
            "edited",
            "POST",
            _url(collect, GA4),
            (*BEACON, TEXT),
            lines.encode(),
        ),
        _step(
            "ga4-shape",
            "Analytics on the shop's own domain",
            "Google",
            "edited",
            "GET",
            _url(f"{SHOP}/g/collect", shaped),
            OWN_PAGE,
        ),
        _step(
            "ga4-elsewhere",
            "Analytics on another site",
            "Google",
            "edited",
            "GET",
            _url(collect, {**GA4, "en": "page_view"}),
            _from_page("https://news.example/", "cross-site", "image"),
        ),
    ]


def _google_ads() -> list[Step]:
    slot = {"gdfp_req": "1", "correlator": "564976771399238", "cookie": "ID=abc:T=1:RT=2:S=3", "u_tz": "120"}
    again = {"random": "1", "auid": "1.2", "url": f"{SHOP}/tea", "em": f"tv.1~em.{GOOGLE_EMAIL}"}
    return [
        _step(
            "gampad",
            "an ad slot",
            "Google",
            "nothing",
            "GET",
            _url("https://securepubads.g.doubleclick.net/gampad/ads", slot),
            BEACON,
        ),
        _step(
            "remarketing",
            "remarketing",
            "Google",
            "nothing",
            "GET",
            _url("https://googleads.g.doubleclick.net/pagead/viewthroughconversion/123456789/", again),
            PIXEL,
        ),
    ]


def _facebook() -> list[Step]:
    seen = {
        "id": "1234567890123",
        "ev": "PageView",
        "dl": f"{SHOP}/tea?search=sleeping+pills",
        "rl": "https://clinic.example/",
        "sw": "1728",
        "sh": "1117",
        "fbp": "fb.1.1766000000000.1234567890",
        "ud[em]": HEX_EMAIL,
        "ud[ph]": HEX_PHONE,
    }
    lead = {
        "id": "1234567890123",
        "ev": "Lead",
        "dl": f"{SHOP}/signup",
        "ud[em]": HEX_EMAIL,
        "aud[em]": HEX_EMAIL,
        "udff[em]": HEX_EMAIL,
        "cud[em]": "****@****.*******",
        "ncud[em]": "^^^^@^^^^.^^^^^^^",
        "ud[fn]": hashlib.sha256(b"anna").hexdigest(),
        "cd[value]": "49.90",
        "fbp": "fb.1.1766000000000.1234567890",
    }
    cookies = ("cookie", "datr=abc; c_user=100012345; fr=0abc")
    return [
        _step(
            "pixel-loader",
            "the pixel's loader",
            "Facebook",
            "nothing",
            "GET",
            "https://connect.facebook.net/en_US/fbevents.js",
            _from_page(f"{SHOP}/tea", "cross-site", "script"),
        ),
        _step(
            "pixel",
            "the pixel: a page view",
            "Facebook",
            "edited",
            "GET",
            _url("https://www.facebook.com/tr/", seen),
            (*PIXEL, cookies),
        ),
        _step(
            "pixel-form",
            "the pixel: a sign-up",
            "Facebook",
            "edited",
            "POST",
            "https://www.facebook.com/tr/",
            (*BEACON, FORM),
            _form(lead),
        ),
        _step(
            "id-exchange",
            "exchange of ids with a partner",
            "Facebook",
            "nothing",
            "GET",
            "https://www.facebook.com/fr/r.php?id=42",
            PIXEL,
        ),
    ]


def _amazon() -> list[Step]:
    session = "130-1111111-2222222"
    timing = f"https://fls-eu.amazon.de/1/batch/1/OP/A1PA6795UKMFR9:{session}:RID0$uedata=s:%2Frd%2Fuedata%3Fld%26sw%3D1728:1234"
    event = {"events": [{"data": {"schemaId": "csa.PageImpressed.2", "entities": {"session": {"id": session}}}}]}
    tag = {"pid": "abc", "event": "PageView", "ts": "1766000000000", "dcc": "t", "MATCH_ID": HEX_EMAIL}
    typed = {
        "session-id": session,
        "customer-id": "A1B2C3",
        "request-id": "RID0",
        "mid": "A1PA6795UKMFR9",
        "alias": "aps",
        "prefix": "te",
        "last-prefix": "sleeping pills",
    }
    link = {
        "qid": "1766000000",
        "sr": "8-3",
        "crid": "2ABC",
        "keywords": "sleeping pills",
        "pd_rd_r": "abc",
        "psc": "1",
    }
    shop = _from_page("https://www.amazon.de/", "same-site", "empty", "cors")
    cookies = ("cookie", f"session-id={session}; csm-hit=tb:RID+s-RID|1766000000000&adb:adblk_no")
    return [
        _step(
            "ad-tag",
            "the ad tag in the shop",
            "Amazon",
            "nothing",
            "GET",
            _url("https://s.amazon-adsystem.com/iu3", tag),
            PIXEL,
        ),
        _step(
            "suggestions",
            "suggestions while typing",
            "Amazon",
            "edited",
            "GET",
            _url("https://completion.amazon.de/api/2017/suggestions", typed),
            shop,
        ),
        _step(
            "product",
            "a product page",
            "Amazon",
            "edited",
            "GET",
            _url("https://www.amazon.de/dp/B000TEST01", link),
            (*VISIT, cookies),
        ),
        _step(
            "timings",
            "page timings in a path",
            "Amazon",
            "nothing",
            "GET",
            timing,
            _from_page("https://www.amazon.de/", "same-site", "image"),
        ),
        _step(
            "events",
            "behaviour events",
            "Amazon",
            "nothing",
            "POST",
            "https://unagi.amazon.de/1/events/com.amazon.csm.csa.prod",
            (*_from_page("https://www.amazon.de/", "same-site", "empty"), TEXT),
            json.dumps(event).encode(),
        ),
    ]


def _shop() -> list[Step]:
    digest = hashlib.sha1(anna.EMAIL.encode()).hexdigest()
    newsletter = _url("https://letters.example/open.gif", {"list": "7", "reader": digest})
    return [
        _step(
            "landing",
            "an ad click leads to the shop",
            "others",
            "edited",
            "GET",
            f"{SHOP}/tea?id=7&gclid=Cj0KCQ&fbclid=IwAR0abc",
            VISIT,
        ),
        _step(
            "sign-up",
            "a sign-up at the shop",
            "others",
            "unchanged",
            "POST",
            f"{SHOP}/signup",
            (*OWN_PAGE, FORM),
            _form(SIGNUP),
        ),
        _step("newsletter", "the newsletter service counts a reader", "others", "edited", "GET", newsletter, PIXEL),
    ]


def _true() -> list[Step]:
    """Where real data is needed, every byte stays."""
    google = {"f.req": f'[[["V1UmUe","[\\"{anna.EMAIL}\\"]",null,"generic"]]]', "at": "token"}
    amazon = {"email": anna.EMAIL, "password": "correct horse", "metadata1": "ECdITeCs:abc", "appActionToken": "xyz"}
    address = "address-ui-widgets-enterAddress"
    parcel = {
        f"{address}FullName": f"{anna.GIVEN} {anna.FAMILY}",
        f"{address}PhoneNumber": anna.PHONE,
        f"{address}Line1": anna.STREET,
        f"{address}PostalCode": anna.POSTCODE,
        f"{address}City": anna.CITY,
        "card": anna.CARD,
    }
    at_google = _from_page("https://accounts.google.com/", "same-origin", "empty", "cors")
    at_amazon = _from_page("https://www.amazon.de/", "same-origin", "document", "navigate")
    cookies = ("cookie", "session-id=130-1111111-2222222; csm-hit=tb:RID")
    return [
        _step(
            "google-sign-in",
            "a sign-in at Google",
            "Google",
            "unchanged",
            "POST",
            "https://accounts.google.com/v3/signin/_/AccountsSignInUi/data/batchexecute?rpcids=V1UmUe",
            (*at_google, FORM, ("x-client-data", "CIa2yQEIorbJAQ==")),
            _form(google),
        ),
        _step(
            "amazon-sign-in",
            "a sign-in at Amazon",
            "Amazon",
            "unchanged",
            "POST",
            "https://www.amazon.de/ap/signin",
            (*at_amazon, FORM, cookies),
            _form(amazon),
        ),
        _step(
            "checkout",
            "a checkout at Amazon",
            "Amazon",
            "unchanged",
            "POST",
            "https://www.amazon.de/gp/buy/spc/handlers/display.html?ref_=chk",
            (*at_amazon, FORM, cookies),
            _form(parcel),
        ),
    ]


STEPS: Final = (
    *_search(),
    *_shop()[:1],
    *_analytics(),
    *_google_ads(),
    *_facebook(),
    *_amazon(),
    *_shop()[1:],
    *_true(),
)
HOSTS: Final = tuple(sorted({step.url.split("/")[2] for step in STEPS}))
