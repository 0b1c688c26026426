"""The trip: what Anna's browser sends on a short way through the web, in order.

A search, a shop with the pixels of three companies, a sign-up there, a newsletter, two sign-ins and a
checkout. Every value is invented; the forms are those of real traffic (wire facts, sections 2 to 4).
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Final

from shield.demo import amazon, facebook, google
from shield.demo import traces as anna
from shield.demo.parts import BROWSER, FORM, OWN_PAGE, PIXEL, SHOP, VISIT, form, url
from shield.demo.result import Step

SIGN_UP: Final = {
    "name": f"{anna.GIVEN} {anna.FAMILY}", "email": anna.EMAIL, "phone": anna.PHONE, "born": anna.BORN,
    "street": anna.STREET, "postcode": anna.POSTCODE, "city": anna.CITY, "password": "correct horse",
}  # fmt: skip
LANDING: Final = Step(
    "landing", "an ad click leads to the shop", "others", "edited", "GET",
    f"{SHOP}/tea?id=7&gclid=Cj0KCQ&fbclid=IwAR0abc", VISIT, hidden=("Cj0KCQ", "IwAR0abc"), kept=("id=7",),
)  # fmt: skip
AT_THE_SHOP: Final = (
    Step(
        "sign-up", "a sign-up at the shop", "others", "unchanged", "POST", f"{SHOP}/signup", (*OWN_PAGE, FORM),
        form(SIGN_UP),
    ),
    Step(
        "newsletter", "the newsletter service counts a reader", "others", "edited", "GET",
        url("https://letters.example/open.gif", {"list": "7", "reader": hashlib.sha1(anna.EMAIL.encode()).hexdigest()}),
        PIXEL, kept=("list=7",),
    ),
)  # fmt: skip

_STEPS: Final = (
    *google.SEARCH, LANDING, *google.PIXELS, *facebook.PIXELS, amazon.AD_TAG, *AT_THE_SHOP, *amazon.SHOPPING,
    google.SIGN_IN, *amazon.TRUE,
)  # fmt: skip
STEPS: Final = tuple(replace(step, headers=(*BROWSER, *step.headers)) for step in _STEPS)
HOSTS: Final = tuple(sorted({step.host for step in STEPS}))
