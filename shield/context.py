"""Service and Context: who is asked, for what, from where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from shield.paths import Readings, readings
from shield.pattern import HostPattern, PathPattern, ValuePattern
from shield.vocabulary import TRACKING_PURPOSES

if TYPE_CHECKING:
    from shield.address import AddressPattern

__all__ = ["Context", "Endpoint", "Families", "Has", "HostPattern", "PathPattern", "Service", "Shape"]


@dataclass(frozen=True, slots=True)
class Has:
    """``has: {address: pattern}``: some field at *address* has a value that matches; None: absent."""

    address: AddressPattern
    value: str | None  # glob of ``*``, or "matches:REGEX"
    pattern: ValuePattern | None = field(init=False, compare=False, repr=False)  # value, compiled

    def __post_init__(self) -> None:
        object.__setattr__(self, "pattern", None if self.value is None else ValuePattern(self.value))


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One line of a service's ``on``: a host and, if stated, paths."""

    hosts: tuple[HostPattern, ...]
    paths: tuple[PathPattern, ...] = ()


@dataclass(frozen=True, slots=True)
class Shape:
    """The same protocol on a site's own domain: paths and fields that give it away."""

    paths: tuple[PathPattern, ...]
    has: tuple[Has, ...] = ()


@dataclass(frozen=True, slots=True)
class Service:
    """One service of one company, as its rule file states it."""

    name: str
    company: str
    purpose: str
    on: tuple[Endpoint, ...] = ()
    shape: Shape | None = None
    file: str = ""
    line: int = 0


_UNREAD: Final = Readings((), (), ())


@dataclass(frozen=True, slots=True)
class Context:
    """What is known about a message before its fields are looked at. None means unknown.

    Attributes:
        site: ``same``, ``cross`` or ``none``, as Sec-Fetch-Site has it, from our own comparison where
            the header is missing.
        site_domain: registrable domain of the page the person is on, else None.
        host_domain: registrable domain of the host (the host itself for IP addresses and single labels).
        named_parts: parts of the path that the matched service's endpoint names.
        by: how the service was recognised: ``owner``, ``shape`` or ``host``.
        readings: the path as servers may read it.
        left_alone: a guard held that looks into the request; its response and frames are left alone too.
    """

    method: str
    host: str
    path: str = field(repr=False)
    host_domain: str
    service: str | None = None
    company: str | None = None
    purpose: str | None = None
    party: str = "unknown"
    site: str | None = None
    site_domain: str | None = None
    type: str | None = None
    direction: str = "request"
    by: str | None = None
    left_alone: bool = False
    readings: Readings = field(default=_UNREAD, compare=False, repr=False)

    def __post_init__(self) -> None:
        if self.readings is _UNREAD:
            object.__setattr__(self, "readings", readings(self.path))

    @property
    def is_tracker(self) -> bool:
        """Whether the purpose is known to be analytics, advertising or telemetry."""
        return self.purpose in TRACKING_PURPOSES

    @property
    def receiver(self) -> str:
        """Who is asked, in one word: the service, else ``site:`` and the host's domain."""
        return self.service or f"site:{self.host_domain}"

    @property
    def persona_scope(self) -> str:
        """Whose persona the receiver meets: its own at the site that the person is on; anybody else's is for the
        receiver **and** that site, so that nobody meets one person on two sites. No site: nobody (``receiver|``).
        """
        return self.receiver if self.party == "first" else f"{self.receiver}|{self.site_domain or ''}"


Families = Mapping[str, tuple[str, ...]]
