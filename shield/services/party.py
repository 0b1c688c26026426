"""First or third party, and on which site the person is.

Read from the page, Sec-Fetch-Site and Dest, Origin, Referer, in this order (design, section 4). Failing all,
a tracker is third and everybody else unknown. First is who shares the page's registrable domain, or whose
company also owns the page's host, as far as the services know it.

A document is the page itself: its own domain is the site. Only a tracker that a link of another site leads
through (a click counter) stays third. What a tracker's own frame loads calls itself same-origin; nothing in its
headers names the page around it, so without a page a tracker is third, whatever Sec-Fetch-Site says.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from shield.message import Request
from shield.services.domains import host_of, registrable
from shield.services.kind import Hints
from shield.vocabulary import TRACKING_PURPOSES

CompanyOf = Callable[[str], str | None]
"""Host -> the company whose service has it."""

_SITE = {b"same-origin": "same", b"same-site": "same", b"cross-site": "cross", b"none": "none"}


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
    type: str | None

    @property
    def is_tracker(self) -> bool:
        """Whether its purpose is analytics, advertising or telemetry."""
        return self.purpose in TRACKING_PURPOSES


def standing(request: Request, hints: Hints, receiver: Receiver, company_of: CompanyOf) -> Standing:
    """Party, site and the domain of the page."""
    page = host_of(request.page) if request.page else None
    from_host = page or _initiator(hints)
    site = _SITE.get(hints.get(b"sec-fetch-site", b"")) or _compared(from_host, receiver)
    if page is not None:
        return Standing(_party(page, receiver, company_of), site, registrable(page))
    if receiver.type == "document":
        return _of_document(site, from_host, receiver)
    if receiver.is_tracker:
        return Standing("third", site, registrable(from_host) if from_host else None)
    if site in ("same", "none") and b"sec-fetch-site" in hints:
        return Standing("first", site, receiver.host_domain)
    if from_host is not None:
        return Standing(_party(from_host, receiver, company_of), site, registrable(from_host))
    if site == "cross":
        return Standing("third", site, None)
    return Standing("unknown", site, None)


def _initiator(hints: Hints) -> str | None:
    """Host of Origin, else of Referer; an opaque origin is ``null`` and says nothing."""
    for name in (b"origin", b"referer"):
        value = hints.get(name)
        host = host_of(value.decode("latin-1")) if value else None
        if host is not None:
            return host
    return None


def _compared(from_host: str | None, receiver: Receiver) -> str | None:
    """What Sec-Fetch-Site would say."""
    if from_host is None:
        return None
    return "same" if registrable(from_host) == receiver.host_domain else "cross"


def _party(page: str, receiver: Receiver, company_of: CompanyOf) -> str:
    if registrable(page) == receiver.host_domain:
        return "first"
    return "first" if receiver.company is not None and company_of(page) == receiver.company else "third"


def _of_document(site: str | None, from_host: str | None, receiver: Receiver) -> Standing:
    if receiver.is_tracker and site == "cross":
        return Standing("third", site, registrable(from_host) if from_host else None)
    return Standing("first", site, receiver.host_domain)
