"""A tracker is never the site that the person is on, unless the person went there and the caller remembers it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shield.context import Context, Endpoint, HostPattern, PathPattern, Service
from shield.message import Request, Response
from shield.services.recognise import Registry
from shield.services.visits import Visits

TRACKER = HostPattern("spy.example")
REGISTRY = Registry((
    Service("spy", "Spy", "analytics", (Endpoint((TRACKER,)),)),
    Service("spy-console", "Spy", "functionality", (Endpoint((TRACKER,), (PathPattern("/console/**"),)),)),
    Service("video", "Spy", "functionality", (Endpoint((HostPattern("video.example"),)),)),
    Service("bounce", "Bounce", "advertising", (Endpoint((HostPattern("bounce.example"),)),)),
))  # fmt: skip
TYPED = {"sec-fetch-dest": "document", "sec-fetch-site": "none", "sec-fetch-mode": "navigate", "sec-fetch-user": "?1"}
LINKED = {**TYPED, "sec-fetch-site": "cross-site"}
INSIDE = {**TYPED, "sec-fetch-site": "same-origin"}
OWN = {"sec-fetch-dest": "empty", "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors"}
FRAME = {"sec-fetch-dest": "iframe", "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}


class Browser:
    """What one client asks for, one after the other, with the caller's memory between."""

    def __init__(self, visits: Visits | None = None, client: str = "127.0.0.1", agent: str = "A") -> None:
        self.visits = visits or Visits(bytes(32))
        self.client = client
        self.agent = agent

    def ask(self, url: str, headers: dict[str, str], referer: str | None = None, **more: str) -> Context:
        host, _, target = url.partition("://")[2].partition("/")
        told = {"user-agent": self.agent, **headers, **({"referer": referer} if referer else {})}
        lines = tuple((name.encode(), value.encode()) for name, value in told.items())
        request = Request("GET", "https", host, 443, f"/{target}".encode(), lines, **more)  # type: ignore[arg-type]
        request = self.visits.told(request, self.client)
        context = REGISTRY.recognise(request)
        self.visits.note(request, context, self.client)
        self.last = request
        return context

    def goes(self, url: str, headers: dict[str, str], location: str, status: int = 302) -> Context:
        """A document that is answered with another address."""
        context = self.ask(url, headers)
        response = Response(status, ((b"Location", location.encode()),))
        self.visits.redirected(self.last, context, response, self.client)
        return context


HOME = "https://spy.example/home"


def test_a_document_that_was_opened_and_what_it_asks_for() -> None:
    browser = Browser()
    assert browser.ask(HOME, TYPED).party == "first"
    assert browser.ask("https://spy.example/api", OWN, HOME).party == "first"
    assert browser.ask("https://api.spy.example/x", {**OWN, "sec-fetch-site": "same-site"}, HOME).party == "first"
    inside = browser.ask("https://spy.example/more", INSIDE, HOME)
    assert inside.party == "first"
    assert browser.ask("https://spy.example/api", OWN, "https://spy.example/more").party == "first"


@pytest.mark.parametrize(
    ("headers", "referer"),
    [
        (OWN, "https://spy.example/"),  # Origin, or a page that nobody opened: a frame looks the same
        (OWN, "https://spy.example/frame.html"),
        (OWN, HOME + "/x"),
        (OWN, None),
        ({**OWN, "sec-fetch-site": "cross-site"}, HOME),
        ({**OWN, "origin": "https://spy.example"}, None),
        ({}, HOME),  # a program can write any Referer
        ({"accept": "text/html"}, HOME),
        (FRAME, "https://shop.example/"),
        (LINKED, "https://shop.example/"),
    ],
)
def test_what_is_no_visit(headers: dict[str, str], referer: str | None) -> None:
    browser = Browser()
    browser.ask(HOME, TYPED)
    assert browser.ask("https://spy.example/collect", headers, referer).party == "third"


def test_frames_stay_third_and_make_nothing_first() -> None:
    """Its own frame, and a frame in that frame, call themselves same-origin."""
    browser = Browser()
    frame, inner = "https://spy.example/frame", "https://spy.example/inner"
    assert browser.ask(frame, FRAME, "https://shop.example/").party == "third"
    assert browser.ask("https://spy.example/x", OWN, frame).party == "third"
    assert browser.ask(inner, {**FRAME, "sec-fetch-site": "same-origin"}, frame).party == "third"
    assert browser.ask("https://spy.example/x", OWN, inner).party == "third"


def test_the_same_address_as_page_and_as_frame_is_forgotten() -> None:
    browser = Browser()
    browser.ask(HOME, TYPED)
    assert browser.ask(HOME, FRAME, "https://shop.example/").party == "third"
    assert browser.ask("https://spy.example/x", OWN, HOME).party == "third"
    browser.ask(HOME, TYPED)
    assert browser.ask(HOME, LINKED, "https://shop.example/").party == "third"
    assert browser.ask("https://spy.example/x", OWN, HOME).party == "third"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_leads_and_the_person_does_not_go(status: int) -> None:
    """Browsers say ``Sec-Fetch-Site: none`` for the whole of a chain that began with a typed address."""
    browser = Browser()
    browser.goes("https://short.example/a", TYPED, "https://bounce.example/c?to=spy", status)
    assert browser.goes("https://bounce.example/c?to=spy", TYPED, "//spy.example/land#top", status).party == "third"
    assert browser.ask("https://spy.example/land", TYPED).party == "third"
    assert browser.ask("https://spy.example/x", OWN, "https://spy.example/land").party == "third"


@pytest.mark.parametrize(
    "location",
    [
        "https://SPY.example/land", "https://spy.example:443/land", "https://spy.example/x/../land",
        "https://u@spy.example/land",
        "https://u:p@spy.example/land", "https://spy.example", "https://spy.example/x/%2e%2e/land",
        "https:\\\\spy.example\\land",
        "\\\\spy.example/land", "///spy.example/land", "https:/spy.example/land", "https:spy.example/land",
        "https://spy.example/la nd", "https://spy.example/l\u00e4nd", 'https://spy.example/"land"',
        "https://sp%79.example/land",
        "http://spy.example/land", " https://spy.example/land ", "ht\ttps://spy.ex\tample/land",
        "HTTPS://spy.example/land",
        "https://spy.example./land", "https://www.spy.example/land", "https://\uff53py.example/land",
    ],
)  # fmt: skip
def test_a_redirect_leads_however_its_address_is_spelled(location: str) -> None:
    """Browsers ask for what they made of it; only the domain is the same in all spellings."""
    browser = Browser()
    browser.goes("https://short.example/a", TYPED, location)
    for _ in range(2):  # and once more, when the page is loaded again
        assert browser.ask("https://spy.example/land", TYPED).party == "third"
    assert browser.ask("https://spy.example/x", OWN, "https://spy.example/land").party == "third"


def test_a_redirect_to_one_domain_says_nothing_about_another() -> None:
    browser = Browser()
    browser.goes("https://short.example/a", TYPED, "https://spy.example/land")
    browser.goes("https://short.example/b", TYPED, "/go?to=https://bounce.example/")
    assert browser.ask("https://bounce.example/own", TYPED).party == "first"
    assert Browser(browser.visits, agent="B").ask("https://spy.example/land", TYPED).party == "first"


def test_a_redirect_inside_a_site_that_was_opened() -> None:
    browser = Browser()
    assert browser.goes(HOME, TYPED, "/en/home").party == "first"
    assert browser.ask("https://spy.example/en/home", TYPED).party == "first"


def test_a_console_of_another_purpose() -> None:
    browser = Browser()
    console = "https://spy.example/console/reports"
    assert browser.ask(console, LINKED, "https://shop.example/").party == "first"
    assert browser.ask("https://spy.example/query", OWN, console).party == "first"
    told = browser.ask("https://spy.example/query", {}, page=console)
    assert told.party == "first"
    assert browser.ask("https://spy.example/query", {}, page=HOME).party == "third"


def test_a_sister_site_of_the_company() -> None:
    """Who owns both does not matter: the video page's advertisements are a third party's."""
    browser = Browser()
    page = "https://video.example/watch"
    assert browser.ask(page, TYPED).party == "first"
    assert browser.ask("https://spy.example/ad", {**OWN, "sec-fetch-site": "cross-site"}, page).party == "third"
    assert browser.ask("https://spy.example/ad", {}, page=page).party == "third"


def test_another_client_is_another_memory() -> None:
    visits = Visits(bytes(32))
    Browser(visits).ask(HOME, TYPED)
    for other in (Browser(visits, "127.0.0.2"), Browser(visits, agent="B")):
        assert other.ask("https://spy.example/x", OWN, HOME).party == "third"
    assert Browser(visits).ask("https://spy.example/x", OWN, HOME).party == "first"


def test_the_memory_is_bounded_and_holds_no_address() -> None:
    browser = Browser()
    for number in range(3000):
        browser.ask(f"https://spy.example/{number}", TYPED)
        browser.goes(f"https://short.example/{number}", TYPED, f"https://spy.example/to/{number}")
    kept = [*browser.visits._opened, *browser.visits._led]
    assert len(kept) <= 2048
    assert all(isinstance(one, bytes) and len(one) == 16 for one in kept)


def test_what_the_caller_says_is_part_of_the_message() -> None:
    """Asked twice about the same bytes, with another memory, the answer is another."""
    lines = tuple((name.encode(), value.encode()) for name, value in {**OWN, "referer": HOME}.items())
    request = Request("GET", "https", "spy.example", 443, b"/x", lines)
    assert REGISTRY.recognise(request).party == "third"
    assert REGISTRY.recognise(replace(request, is_visit=True)).party == "first"
    assert REGISTRY.recognise(request).party == "third"


def test_a_frame_names_itself_and_not_the_page() -> None:
    """What a frame of another site asks for is on no site that anybody knows; the page itself is one."""
    browser = Browser()
    direct = {"sec-fetch-dest": "image", "sec-fetch-site": "cross-site"}
    assert browser.ask("https://spy.example/p", direct, "https://video.example/").site_domain == "video.example"
    browser.ask("https://video.example/embed/1", FRAME, "https://shop.example/")
    assert browser.ask("https://spy.example/p", direct, "https://www.video.example/").site_domain is None
    assert browser.ask("https://other.example/p", direct, "https://video.example/").site_domain is None
    assert browser.ask("https://spy.example/p", direct, "https://shop.example/").site_domain == "shop.example"
    other = Browser(browser.visits, agent="B")
    assert other.ask("https://spy.example/p", direct, "https://video.example/").site_domain == "video.example"


def test_a_sites_own_frame_is_the_site() -> None:
    browser = Browser()
    browser.ask("https://help.shop.example/f", {**FRAME, "sec-fetch-site": "same-site"}, "https://shop.example/")
    direct = {"sec-fetch-dest": "image", "sec-fetch-site": "cross-site"}
    assert browser.ask("https://spy.example/p", direct, "https://help.shop.example/").site_domain == "shop.example"


def test_a_visit_is_the_sites_own_business() -> None:
    """What the caller remembers holds for what the page asks of its own site; another site's request is its own."""

    def party(site: str) -> str:
        lines = (
            (b"sec-fetch-site", site.encode()),
            (b"sec-fetch-dest", b"image"),
            (b"referer", b"https://spy.example/"),
        )
        return REGISTRY.recognise(Request("GET", "https", "spy.example", 443, b"/p", lines, is_visit=True)).party

    assert (party("same-origin"), party("cross-site")) == ("first", "third")
