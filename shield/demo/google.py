"""Steps towards Google: searching, Analytics in four places, ads, a sign-in."""

from __future__ import annotations

import hashlib
from typing import Final
from urllib.parse import urlencode

from shield.demo import traces as anna
from shield.demo.parts import (
    BEACON,
    CLIENT_ID,
    FORM,
    GOOGLE_EMAIL,
    OWN_PAGE,
    PIXEL,
    SHOP,
    TEXT,
    TRIALS,
    VISIT,
    form,
    from_page,
    url,
)
from shield.demo.result import Step

COLLECT: Final = "https://www.google-analytics.com/g/collect"
SESSION: Final = "1766000001"
GA4: Final = {
    "v": "2", "tid": "G-DEMO12345", "cid": CLIENT_ID, "sid": SESSION, "sct": "4", "ul": "de-at", "sr": "1728x1117",
    "gcs": "G111",
}  # fmt: skip
PAGE_VIEW: Final = {
    **GA4, "uid": anna.USERNAME, "dl": f"{SHOP}/tea?email={anna.EMAIL}&search=sleeping+pills",
    "dr": "https://clinic.example/results", "dt": "Tea", "en": "page_view", "em": f"{GOOGLE_EMAIL}~co0.DE",
}  # fmt: skip
ON_THE_SHOP: Final = {**GA4, "en": "add_to_cart", "ep.mail": hashlib.md5(anna.EMAIL.encode()).hexdigest()}
LINES: Final = "\n".join((
    urlencode({"en": "scroll", "_et": "1200"}),
    urlencode({"en": "view_search_results", "ep.search_term": "sleeping pills", "ep.user": anna.EMAIL}),
    urlencode({"en": "page_view", "cid": CLIENT_ID}),
))  # fmt: skip

SEARCH: Final = (
    Step(
        "search", "a search", "Google", "edited", "GET",
        url("https://www.google.com/search", {
            "q": "tea", "oq": "tea for insomnia", "ei": "lVVxVrIkiMHSBITiv", "ved": "0ahUKEwjM", "biw": "1728",
            "uule": "a+cm9sZTogMQ", "sourceid": "chrome",
        }),
        (*VISIT, ("cookie", "SOCS=CAI; NID=511=abc; 1P_JAR=2026-01-01-10"), TRIALS),
        hidden=("insomnia", "lVVxVrIkiMHSBITiv", "cm9sZTogMQ", "1728", "1P_JAR", "CIa2yQEIorbJAQ"),
        kept=("q=tea", "SOCS=CAI"),
    ),
    Step(
        "search-beacon", "mouse ways on the search page", "Google", "nothing", "POST",
        url("https://www.google.com/gen_204", {"atyp": "csi", "ei": "lVVxVrIkiMHSBITiv", "me": "1:7,V,0,0,1009"}),
        from_page("https://www.google.com/", "same-origin", "empty"),
    ),
)  # fmt: skip

PIXELS: Final = (
    Step(
        "ga4", "Analytics: a page view", "Google", "edited", "GET", url(COLLECT, PAGE_VIEW), PIXEL,
        hidden=(CLIENT_ID, SESSION, "clinic.example", "pills", "1728x"),
        kept=("v=2", "tid=G-DEMO12345", "en=page_view"),
    ),
    Step(
        "ga4-lines", "Analytics: several events", "Google", "edited", "POST", url(COLLECT, GA4), (*BEACON, TEXT),
        LINES.encode(), hidden=(CLIENT_ID, SESSION, "pills"), kept=("v=2", "en=scroll", "en=view_search_results"),
    ),
    Step(
        "ga4-shape", "Analytics on the shop's own domain", "Google", "edited", "GET",
        url(f"{SHOP}/g/collect", ON_THE_SHOP), OWN_PAGE, hidden=(CLIENT_ID, SESSION), kept=("v=2", "en=add_to_cart"),
    ),
    Step(
        "ga4-elsewhere", "Analytics on another site", "Google", "edited", "GET",
        url(COLLECT, {**GA4, "en": "page_view"}), from_page("https://news.example/", "cross-site", "image"),
        hidden=(CLIENT_ID, SESSION), kept=("v=2", "en=page_view"),
    ),
    Step(
        "gampad", "an ad slot", "Google", "nothing", "GET",
        url("https://securepubads.g.doubleclick.net/gampad/ads", {
            "gdfp_req": "1", "correlator": "564976771399238", "cookie": "ID=abc:T=1:RT=2:S=3", "u_tz": "120",
        }),
        BEACON,
    ),
    Step(
        "remarketing", "remarketing", "Google", "nothing", "GET",
        url("https://googleads.g.doubleclick.net/pagead/viewthroughconversion/123456789/", {
            "random": "1", "auid": "1.2", "url": f"{SHOP}/tea", "em": GOOGLE_EMAIL,
        }),
        PIXEL,
    ),
)  # fmt: skip

SIGN_IN: Final = Step(
    "google-sign-in", "a sign-in at Google", "Google", "unchanged", "POST",
    "https://accounts.google.com/v3/signin/_/AccountsSignInUi/data/batchexecute?rpcids=V1UmUe",
    (*from_page("https://accounts.google.com/", "same-origin", "empty", "cors"), FORM, TRIALS),
    form({"f.req": f'[[["V1UmUe","[\\"{anna.EMAIL}\\"]",null,"generic"]]]', "at": "token"}),
)  # fmt: skip
