"""Steps towards Facebook: the pixel's loader, the pixel in both forms, the exchange of ids."""

from __future__ import annotations

import hashlib
from typing import Final

from shield.demo.parts import BEACON, FORM, HEX_EMAIL, HEX_PHONE, PIXEL, SHOP, form, from_page, url
from shield.demo.result import Step

PIXEL_ID: Final = "1234567890123"
FBP: Final = "fb.1.1766000000000.1234567890"
PAGE_VIEW: Final = {
    "id": PIXEL_ID, "ev": "PageView", "dl": f"{SHOP}/tea?search=sleeping+pills", "rl": "https://clinic.example/",
    "sw": "1728", "sh": "1117", "fbp": FBP, "ud[em]": HEX_EMAIL, "ud[ph]": HEX_PHONE,
}  # fmt: skip
LEAD: Final = {
    "id": PIXEL_ID, "ev": "Lead", "dl": f"{SHOP}/signup", "ud[em]": HEX_EMAIL, "aud[em]": HEX_EMAIL,
    "udff[em]": HEX_EMAIL, "cud[em]": "****@****.*******", "ncud[em]": "^^^^@^^^^.^^^^^^^",
    "ud[fn]": hashlib.sha256(b"anna").hexdigest(), "cd[value]": "49.90", "fbp": FBP,
}  # fmt: skip

PIXELS: Final = (
    Step(
        "pixel-loader", "the pixel's loader", "Facebook", "nothing", "GET",
        "https://connect.facebook.net/en_US/fbevents.js", from_page(f"{SHOP}/tea", "cross-site", "script"),
    ),
    Step(
        "pixel", "the pixel: a page view", "Facebook", "edited", "GET",
        url("https://www.facebook.com/tr/", PAGE_VIEW), (*PIXEL, ("cookie", "datr=abc; c_user=100012345; fr=0abc")),
        hidden=("pills", "clinic.example", "1234567890.", FBP, "c_user", "datr", "fr=0abc", "sw=1728"),
        kept=(f"id={PIXEL_ID}", "ev=PageView"),
    ),
    Step(
        "pixel-form", "the pixel: a sign-up", "Facebook", "edited", "POST", "https://www.facebook.com/tr/",
        (*BEACON, FORM), form(LEAD), hidden=("fb.1.", "****@", "^^^^", "49.90"), kept=(f"id={PIXEL_ID}", "ev=Lead"),
    ),
    Step(
        "id-exchange", "exchange of ids with a partner", "Facebook", "nothing", "GET",
        "https://www.facebook.com/fr/r.php?id=42", PIXEL,
    ),
)  # fmt: skip
