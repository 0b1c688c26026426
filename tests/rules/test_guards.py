"""What breaks when it is changed leaves as it came, whatever is in it (wire facts, section 7)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from shield.data import data_path
from shield.engine import Engine
from shield.finding import Forward
from shield.message import Request
from shield.policy.load import Sources, load
from shield.transcript import read_request
from tests.people import DictBook, sample_person

NOW = datetime(2026, 1, 1, tzinfo=UTC)
FACTS = (
    "email=anna%40real.example&phone=%2B4915112345678&name=Anna+Schmidt&street=Hauptstr.+5&zip=53111"
    "&born=1987-03-14&card=4111111111111111&user=anna87"
)
JUNK = (
    'x-client-data: CIa2yQEIorbJAQ==\nsec-ch-ua-model: "X1"\ndevice-memory: 8\n'
    "cookie: fr=0abc; csm-hit=tb; 1P_JAR=2026; datr=d; session-id=130-0000000-0000000; SID=g.a\n"
)
GUARDED = (
    "https://accounts.google.com/v3/signin/_/AccountsSignInUi/data/batchexecute?rpcids=V1UmUe&ei=x&gclid=y",
    "https://accounts.google.com/o/oauth2/v2/auth?client_id=1&redirect_uri=https%3A%2F%2Fshop.example%2F",
    "https://accounts.google.de/ServiceLogin?continue=https%3A%2F%2Fmail.google.com",
    "https://accounts.youtube.com/accounts/SetSID?ssdc=1",
    "https://myaccount.google.com/signinoptions/recovery-options-collection",
    "https://passwords.google.com/",
    "https://payments.google.com/payments/apis-secure/chromepaymentsservice/getdetailsforsavecard",
    "https://pay.google.com/gp/p/ui/pay",
    "https://www.google.com/recaptcha/api2/reload?k=1",
    "https://www.recaptcha.net/recaptcha/api.js",
    "https://www.googleapis.com/identitytoolkit/v3/relyingparty/getAccountInfo?key=1",
    "https://identitytoolkit.googleapis.com/v1/accounts:signInWithPassword?key=1",
    "https://android.googleapis.com/auth",
    "https://www.facebook.com/login/device-based/regular/login/?login_attempt=1&fbclid=x",
    "https://m.facebook.com/login.php",
    "https://www.facebook.com/recover/initiate/?ars=1",
    "https://www.facebook.com/checkpoint/1501092823525282/",
    "https://www.facebook.com/v19.0/dialog/oauth?client_id=1",
    "https://m.secure.facebook.com/ajax/payment/token_proxy.php?tpe=%2Fpay",
    "https://www.instagram.com/accounts/login/ajax/",
    "https://www.instagram.com/accounts/password/reset/",
    "https://i.instagram.com/api/v1/accounts/login/",
    "https://accountscenter.facebook.com/personal_info",
    "https://www.messenger.com/api/send",
    "https://www.amazon.com/ap/signin?openid.return_to=x&pd_rd_r=y",
    "https://www.amazon.de/ap/register",
    "https://www.amazon.co.uk/ap/cvf/verify",
    "https://www.amazon.de/ax/claim",
    "https://www.amazon.de/gp/buy/addressselect/handlers/continue.html",
    "https://www.amazon.de/checkout/p/p-1/address?ref_=x",
    "https://www.amazon.de/gp/cart/desktop/go-to-checkout.html",
    "https://www.amazon.de/cart/add-to-cart",
    "https://www.amazon.de/a/addresses/add",
    "https://www.amazon.de/gp/your-account/address",
    "https://www.amazon.de/payments-portal/data/widgets2/v1/customer/A1/continueWidget",
    "https://www.amazon.de/your-orders/orders",
    "https://www.amazon.de/spr/returns/cart",
    "https://payments.amazon.de/overview",
    "https://apay-us.amazon.com/cow/checkout",
    "https://static-eu.payments-amazon.com/checkout.js",
    "https://api.amazon.com/auth/register",
    "https://api.amazon.co.uk/auth/o2/token",
    "https://api.audible.de/1.0/library",
)
PAGES = (None, "https://shop.example/checkout")


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(load(Sources(shipped=(data_path("rules"),))), sample_person())


def _post(url: str, page: str | None) -> Request:
    text = f"POST {url}\ncontent-type: application/x-www-form-urlencoded\n{JUNK}\n{FACTS}"
    return read_request(text, page=page, type="xhr")


@pytest.mark.parametrize("page", PAGES, ids=["no page", "from a shop"])
@pytest.mark.parametrize("url", GUARDED)
def test_leaves_as_it_came(engine: Engine, url: str, page: str | None) -> None:
    request = _post(url, page)
    outcome = engine.request(request, now=NOW, book=DictBook())
    assert outcome.guard is not None, outcome.context.service
    assert isinstance(outcome.verdict, Forward)
    assert outcome.message is request


@pytest.mark.parametrize(
    "url",
    [
        "https://accounts.google.com.evil.example/v3/signin",
        "https://www.amazon.de.evil.example/ap/signin",
        "https://shop.example/ap/signin",
        "https://notfacebook.com/login.php",
        "https://www.facebook.com/tr/?id=1234567890&ev=x&path=/login/",
        "https://fls-eu.amazon.de/ap/signin",
        "https://www.google-analytics.com/recaptcha/api2?v=2",
    ],
)
def test_look_alikes_are_not_guarded(engine: Engine, url: str) -> None:
    assert engine.request(_post(url, PAGES[1]), now=NOW, book=DictBook()).guard is None
