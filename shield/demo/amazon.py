"""Steps towards Amazon: an ad tag, suggestions, a product page, telemetry, a sign-in, a checkout."""

from __future__ import annotations

import json
from typing import Final

from shield.demo import traces as anna
from shield.demo.parts import FORM, HEX_EMAIL, PIXEL, TEXT, VISIT, form, from_page, url
from shield.demo.result import Step

HOME: Final = "https://www.amazon.de/"
SESSION: Final = "130-1111111-2222222"
EVENT: Final = {"events": [{"data": {"schemaId": "csa.PageImpressed.2", "entities": {"session": {"id": SESSION}}}}]}
TYPED: Final = {
    "session-id": SESSION, "customer-id": "A1B2C3", "request-id": "RID0", "mid": "A1PA6795UKMFR9", "alias": "aps",
    "prefix": "te", "last-prefix": "sleeping pills",
}  # fmt: skip
LINK: Final = {
    "qid": "1766000000", "sr": "8-3", "crid": "2ABC", "keywords": "sleeping pills", "pd_rd_r": "abc", "psc": "1",
}  # fmt: skip
TIMING: Final = f"1/batch/1/OP/A1PA6795UKMFR9:{SESSION}:RID0$uedata=s:%2Frd%2Fuedata%3Fld%26sw%3D1728:1234"
_ADDRESS: Final = "address-ui-widgets-enterAddress"
PARCEL: Final = {
    f"{_ADDRESS}FullName": f"{anna.GIVEN} {anna.FAMILY}", f"{_ADDRESS}PhoneNumber": anna.PHONE,
    f"{_ADDRESS}Line1": anna.STREET, f"{_ADDRESS}PostalCode": anna.POSTCODE, f"{_ADDRESS}City": anna.CITY,
    "card": anna.CARD,
}  # fmt: skip
WHO: Final = {"email": anna.EMAIL, "password": "correct horse", "metadata1": "ECdITeCs:abc", "appActionToken": "xyz"}
_COOKIE: Final = ("cookie", f"session-id={SESSION}; csm-hit=tb:RID+s-RID|1766000000000&adb:adblk_no")
_OWN: Final = from_page(HOME, "same-origin", "document", "navigate")

AD_TAG: Final = Step(
    "ad-tag", "the ad tag in the shop", "Amazon", "nothing", "GET",
    url("https://s.amazon-adsystem.com/iu3", {
        "pid": "abc", "event": "PageView", "ts": "1766000000000", "dcc": "t", "MATCH_ID": HEX_EMAIL,
    }),
    PIXEL,
)  # fmt: skip

SHOPPING: Final = (
    Step(
        "suggestions", "suggestions while typing", "Amazon", "edited", "GET",
        url("https://completion.amazon.de/api/2017/suggestions", TYPED), from_page(HOME, "same-site", "empty", "cors"),
        hidden=("130-1111111", "A1B2C3", "RID0", "pills"), kept=("prefix=te", "mid=A1PA6795UKMFR9"),
    ),
    Step(
        "product", "a product page", "Amazon", "edited", "GET", url(f"{HOME}dp/B000TEST01", LINK), (*VISIT, _COOKIE),
        hidden=("1766000000", "2ABC", "pills", "pd_rd_r", "csm-hit"), kept=("psc=1", f"session-id={SESSION}"),
    ),
    Step(
        "timings", "page timings in a path", "Amazon", "nothing", "GET", f"https://fls-eu.amazon.de/{TIMING}",
        from_page(HOME, "same-site", "image"),
    ),
    Step(
        "events", "behaviour events", "Amazon", "nothing", "POST",
        "https://unagi.amazon.de/1/events/com.amazon.csm.csa.prod", (*from_page(HOME, "same-site", "empty"), TEXT),
        json.dumps(EVENT).encode(),
    ),
)  # fmt: skip

TRUE: Final = (
    Step(
        "amazon-sign-in", "a sign-in at Amazon", "Amazon", "unchanged", "POST", f"{HOME}ap/signin",
        (*_OWN, FORM, _COOKIE), form(WHO),
    ),
    Step(
        "checkout", "a checkout at Amazon", "Amazon", "unchanged", "POST",
        f"{HOME}gp/buy/spc/handlers/display.html?ref_=chk", (*_OWN, FORM, _COOKIE), form(PARCEL),
    ),
)  # fmt: skip
