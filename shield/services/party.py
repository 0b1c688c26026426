"""First or third party, and on which site the person is.

Read from the page, Sec-Fetch-Site and Dest, Origin, Referer, in this order (design, section 4). Failing all,
a tracker is third and everybody else unknown. First is who shares the page's registrable domain, or whose
company also owns the page's host, as far as the services know it. An opaque origin (``Origin: null``) is another site.

A document is the page itself: its own domain is the site. Only what the browser or a recording states counts for
that; guesses (Accept, the ending of a path) never make a party.

**A tracker is never the site that the person is on**, whatever Sec-Fetch-Site says: its own frame calls itself
same-origin, and nothing in the headers names the page around it. It is first only where the person went there: the
document that they opened without another site leading to it, what that very document asks of its own domain
(``Request.is_visit``: the caller remembers, Referer alone would prove nothing), or a page of the same domain that
belongs to a service of another purpose, such as a console or an opt-out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from shield.message import Request
from shield.services.domains import host_of, registrable
from shield.services.kind import Hints
from shield.vocabulary import TRACKING_PURPOSES

_SITE = {b"same-origin": "same", b"same-site": "same", b"cross-site": "cross", b"none": "none"}


class Owner(NamedTuple):
    """Who has a page, as far as the services know."""

    company: str | None
    purpose: str | None


PageOwner = Callable[[str], Owner]
"""Absolute address of a page -> its owner."""


class Standing(NamedTuple):
    """Where a message stands; fields as in ``context.Context``."""

    party: str
    site: str | None
    site_domain: str | None


class Receiver(NamedTuple):
    """Who is asked, as far as it is known before the party."""

    host_domain: str
    company: str | None
    purpose: str | None
    is_document: bool
    is_host: bool = True  # the host is the company's, not a site's that it is shaped into

    @property
    def is_tracker(self) -> bool:
        """Whether its purpose is analytics, advertising or telemetry."""
        return self.purpose in TRACKING_PURPOSES


def standing(request: Request, hints: Hints, receiver: Receiver, owner_of: PageOwner) -> Standing:
    """Party, site and the domain of the page."""
    told = (request.page, host_of(request.page)) if request.page else (None, None)
    page = told[0] if told[1] else None
    from_url, from_host = told if page else _initiator(hints)
    from_domain = registrable(from_host) if from_host else None
    site = _SITE.get(hints.get(b"sec-fetch-site", b"")) or _compared(from_domain, hints, receiver)
    if receiver.is_tracker:
        is_first = _is_visit(request, receiver, site, page, owner_of)
        party, domain = ("first", receiver.host_domain) if is_first else ("third", from_domain)
    elif page is not None:
        party, domain = _party(page, from_domain, receiver, owner_of), from_domain
    elif receiver.is_document or (site in ("same", "none") and b"sec-fetch-site" in hints):
        party, domain = "first", receiver.host_domain
    elif hints.get(b"origin") == b"null":
        party, domain = "third", from_domain
    elif from_url is not None:
        party, domain = _party(from_url, from_domain, receiver, owner_of), from_domain
    else:
        party, domain = ("third" if site == "cross" else "unknown"), None
    if party != "first" and page is None and domain and _is_frame(request, from_url, domain, receiver, owner_of):
        domain = None
    return Standing(party, site, domain)


def _initiator(hints: Hints) -> tuple[str | None, str | None]:
    """Origin, else Referer, and its host; an opaque origin is ``null`` and names nobody."""
    for name in (b"origin", b"referer"):
        value = hints.get(name, b"").decode("latin-1")
        host = host_of(value) if value else None
        if host is not None:
            return value, host
    return None, None


def _compared(from_domain: str | None, hints: Hints, receiver: Receiver) -> str | None:
    """What Sec-Fetch-Site would say."""
    if hints.get(b"origin") == b"null":
        return "cross"
    if from_domain is None:
        return None
    return "same" if from_domain == receiver.host_domain else "cross"


def _party(page: str, domain: str | None, receiver: Receiver, owner_of: PageOwner) -> str:
    if domain == receiver.host_domain:
        return "first"
    return "first" if receiver.company is not None and owner_of(page).company == receiver.company else "third"


def _is_frame(request: Request, url: str | None, domain: str, receiver: Receiver, owner_of: PageOwner) -> bool:
    """Whether who asks is a frame, which names itself and not the page around it: the receiver's own, a tracker's, or
    one that the caller remembers.
    """
    is_own = receiver.is_host and domain == receiver.host_domain
    return request.is_framed or is_own or owner_of(url or "").purpose in TRACKING_PURPOSES


def _is_visit(
    request: Request, receiver: Receiver, site: str | None, page: str | None, owner_of: PageOwner
) -> bool:  # fmt: skip
    """Whether the person went to this tracker."""
    if request.is_visit is False:
        return False
    if page is not None and registrable(host_of(page) or "") != receiver.host_domain:
        return False
    if receiver.is_document and site == "none":
        return True
    if request.is_visit:
        return site == "same"
    purpose = owner_of(page).purpose if page is not None else None
    return purpose is not None and purpose not in TRACKING_PURPOSES
