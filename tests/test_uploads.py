"""Files in forms: a photo reaches the site it is for and no tracker; names of files are fields."""

from __future__ import annotations

import pytest

from shield.engine import Engine
from shield.finding import Block, Forward
from shield.message import Request
from tests.people import sample_person
from tests.test_engine import ask, request, shipped

KIND = "multipart/form-data; boundary=b"


@pytest.fixture(scope="module")
def engine() -> Engine:
    policy = shipped()
    return Engine(policy, sample_person("site:other.example", *(service.name for service in policy.services)))


def form(*parts: tuple[str, bytes]) -> bytes:
    """Parts by what follows ``form-data; `` in their heads."""
    made = (b"--b\r\nContent-Disposition: form-data; " + head.encode() + b"\r\n\r\n" + body for head, body in parts)
    return b"\r\n".join((*made, b"--b--\r\n"))


PIXELS = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(range(256))
PHOTO = ('name="photo"; filename="%s.jpg"\r\nContent-Type: image/jpeg', PIXELS)


def upload(url: str, page: str, name: str = "DSC1", *more: tuple[str, bytes]) -> Request:
    """A form with a photo in it."""
    body = form((PHOTO[0] % name, PHOTO[1]), *more)
    site = "same-origin" if url.startswith(page) else "cross-site"
    return request(url, method="POST", body=body, page=page, content_type=KIND, sec_fetch_site=site)


def test_a_photo_reaches_the_site_it_is_for(engine: Engine) -> None:
    """What nobody here reads may go where the person is; every byte of it."""
    sent = upload("https://shop.example/profile/photo", "https://shop.example/")
    outcome = ask(engine, sent)
    assert isinstance(outcome.verdict, Forward)
    assert outcome.message is sent


def test_a_screenshot_reaches_no_tracker(engine: Engine) -> None:
    """A picture is a field that nobody here can read: at a tracker that blocks."""
    body = form(('name="shot"; filename="s.png"\r\nContent-Type: image/png', PIXELS))
    sent = request(
        "https://www.facebook.com/tr/", method="POST", body=body, page="https://shop.example/", content_type=KIND,
        sec_fetch_site="cross-site",
    )  # fmt: skip
    assert isinstance(ask(engine, sent).verdict, Block)


def test_a_name_in_the_name_of_a_file(engine: Engine) -> None:
    """At a first party it is what the person chose to send; a third party does not get it."""
    outcome = ask(engine, upload("https://shop.example/profile/photo", "https://shop.example/", "Anna Schmidt"))
    assert "multipart:photo/header:filename" in {finding.at for finding in outcome.findings}
    outcome = ask(engine, upload("https://img.other.example/up", "https://shop.example/", "Anna Schmidt"))
    body = outcome.message.body or b""
    assert isinstance(outcome.verdict, Block) or b"Anna" not in body


def test_an_email_in_a_part_of_a_pixel(engine: Engine) -> None:
    """As in a query: stripped or replaced, or the request is blocked; never sent."""
    sent = request(
        "https://www.facebook.com/tr/?id=1234567", method="POST", page="https://shop.example/", content_type=KIND,
        body=form(('name="ev"', b"Lead"), ('name="ud[em]"', b"anna@real.example"), ('name="anna@real.example"', b"1")),
    )  # fmt: skip
    outcome = ask(engine, sent)
    assert isinstance(outcome.verdict, Block) or b"anna@real" not in (outcome.message.body or b"")


def test_a_fact_in_a_part_at_a_third_party(engine: Engine) -> None:
    """Replaced in a value, stripped with its part in a name; what is left is a form."""
    sent = request(
        "https://api.other.example/up", method="POST", page="https://shop.example/", content_type=KIND,
        body=form(('name="a"', b"1"), ('name="mail"', b"anna@real.example"), ('name="anna@real.example"', b"2")),
    )  # fmt: skip
    outcome = ask(engine, sent)
    assert isinstance(outcome.verdict, Forward)
    assert b"anna@real" not in (outcome.message.body or b"")
    assert (outcome.message.body or b"").startswith(b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--b')
