"""Who is asked, for what: a request is filed under its owner by host and path, else by shape, else by host.

The longest match owns: the longer host first (``www.`` does not count, for it is no other place), then the
longer path. So ``accounts.google.com`` is never filed under a path that somebody gave to all of google.com.
A shape on a site's own domain (``/g/collect`` with ``v=2``) belongs to the shape's company, party third.

Cost: one dict look-up per label of the host, one per shape; a few microseconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Final
from urllib.parse import parse_qsl

from shield.address import SEPARATOR
from shield.cleared import Told
from shield.context import Context, Has, HostPattern, PathPattern, Service, Shape
from shield.message import Request
from shield.opened import Opened
from shield.paths import Readings, readings
from shield.services.domains import host_of, registrable
from shield.services.kind import Hints, kind, stated
from shield.services.party import Owner, Receiver, Standing, standing
from shield.vocabulary import TRACKING_PURPOSES

_TELLING: Final = frozenset({
    b"sec-fetch-site", b"sec-fetch-dest", b"sec-fetch-mode", b"origin", b"referer", b"accept",
    b"content-type", b"upgrade", b"x-requested-with",
})  # fmt: skip


_Shaped = tuple[PathPattern, Shape, Service]


@dataclass(frozen=True, slots=True)
class _Claim:
    """One host of a service, with one path or none."""

    service: Service
    host: HostPattern
    path: PathPattern | None

    @property
    def weight(self) -> tuple[int, int, bool, str]:
        """More is more specific; the name only makes the order of files irrelevant."""
        characters = self.host.characters - len("www.") * (self.host.literal or "").startswith("www.")
        return characters, self.path.characters if self.path else -1, self.host.exact, self.service.name

    def holds(self, host: str, paths: Readings) -> bool:
        """A path in any reading belongs to a tracker; to others, whom guards may speak about, as it is served."""
        if not self.host.matches(host):
            return False
        return self.path is None or self.path.holds(paths, protects=self.service.purpose in TRACKING_PURPOSES)


class Registry:
    """All services, compiled. Immutable."""

    def __init__(self, services: tuple[Service, ...]) -> None:
        claims = sorted((claim for one in services for claim in _claims(one)), key=lambda claim: claim.weight)
        self._owners: Told[Owner] = Told()
        self._by_host: dict[str, tuple[_Claim, ...]] = {}
        self._by_pattern: tuple[_Claim, ...] = tuple(c for c in reversed(claims) if c.host.literal is None)
        for claim in reversed(claims):
            if claim.host.literal is not None:
                key = claim.host.literal.removeprefix("www.")
                self._by_host[key] = (*self._by_host.get(key, ()), claim)
        self._shapes: dict[str, tuple[_Shaped, ...]] = {}
        for service in sorted(services, key=lambda service: service.name):
            for path in service.shape.paths if service.shape else ():
                key = _last_segment(path.text.lower())
                key = "*" if set(key) & set("*{}") else key
                self._shapes[key] = (*self._shapes.get(key, ()), (path, service.shape, service))  # type: ignore[arg-type]

    def recognise(self, request: Request, opened: Opened | None = None, early: Context | None = None) -> Context:
        """Say who is asked, for what, as which party.

        Args:
            opened: None while the body is not at hand; a shape is then told by the query alone.
            early: what was said of the same message without *opened*; it stands unless a shape is told by fields.
        """
        path = request.path.decode("latin-1")
        paths = early.readings if early is not None else readings(path)
        if early is not None and not any(shape.has for _, shape, _ in self._shapes_at(paths)):
            return early
        return self._context(request, path, paths, *self._file(request, request.host, paths, opened))

    def _context(
        self, request: Request, path: str, paths: Readings, service: Service | None, by: str | None
    ) -> Context:  # fmt: skip
        hints = _hints(request)
        domain = registrable(request.host)
        company, purpose = (service.company, service.purpose) if service else (None, None)
        type_ = kind(request, hints)
        receiver = Receiver(domain, company, purpose, stated(request, hints) == "document", by != "shape")
        where = standing(request, hints, receiver, self._page_owner)
        if by == "shape":
            where = Standing("third", where.site, where.site_domain)
        return Context(
            request.method.upper(), request.host, path, domain, service.name if service else None, company, purpose,
            where.party, where.site, where.site_domain, type_, by=by, readings=paths,
        )  # fmt: skip

    def _page_owner(self, url: str) -> Owner:
        """Who has the page at *url*; a page is asked about with everything on it."""
        known = self._owners.by_number.get(hash(url))
        return self._owners.add(hash(url), self._owner_of_page(url)) if known is None else known

    def _owner_of_page(self, url: str) -> Owner:
        """The purpose by its path, the company by the longest claim whatever the path."""
        host = host_of(url) or ""
        path = "/" + url.partition("://")[2].partition("?")[0].partition("#")[0].partition("/")[2]
        claim = self._owner(host, readings(path))
        best = max(self._claims_on(host), key=lambda claim: claim.weight, default=None)
        return Owner(best.service.company if best else None, claim.service.purpose if claim else None)

    def _file(
        self, request: Request, host: str, paths: Readings, opened: Opened | None
    ) -> tuple[Service | None, str | None]:
        owner = self._owner(host, paths)
        if owner is not None and owner.path is not None:
            return owner.service, "owner"
        shaped = self._shaped(request, paths, opened)
        if shaped is not None and (owner is None or owner.service is not shaped):
            return shaped, "shape"
        return (owner.service, "host") if owner is not None else (None, None)

    def _owner(self, host: str, paths: Readings) -> _Claim | None:
        best = next((claim for claim in self._by_pattern if claim.holds(host, paths)), None)
        for suffix in _suffixes(host):
            for claim in self._by_host.get(suffix, ()):
                if claim.holds(host, paths):
                    return claim if best is None or claim.weight > best.weight else best
        return best

    def _claims_on(self, host: str) -> Iterator[_Claim]:
        for suffix in _suffixes(host):
            yield from (claim for claim in self._by_host.get(suffix, ()) if claim.host.matches(host))
        yield from (claim for claim in self._by_pattern if claim.host.matches(host))

    def _shapes_at(self, paths: Readings) -> tuple[_Shaped, ...]:
        found = self._shapes.get("*", ())
        for name in dict.fromkeys([_last_segment(text) for text in paths.folded]):
            found = self._shapes.get(name, ()) + found
        return found

    def _shaped(self, request: Request, paths: Readings, opened: Opened | None) -> Service | None:
        for pattern, shape, service in self._shapes_at(paths):
            if pattern.holds(paths, protects=True) and all(_has(one, request, opened) for one in shape.has):
                return service
        return None


def _claims(service: Service) -> Iterator[_Claim]:
    for endpoint in service.on:
        for host in endpoint.hosts:
            for path in endpoint.paths or (None,):
                yield _Claim(service, host, path)


def _suffixes(host: str) -> Iterator[str]:
    """The host without ``www.``, then with one label less each."""
    rest = host.removeprefix("www.")
    yield rest
    while True:
        _, dot, rest = rest.partition(".")
        if not dot:
            return
        yield rest


def _last_segment(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2]


def _hints(request: Request) -> Hints:
    found: dict[bytes, bytes] = {}
    for name, value in request.headers:
        low = name.lower()
        if low in _TELLING:
            found.setdefault(low, value)
    return found


def _has(one: Has, request: Request, opened: Opened | None) -> bool:
    """Whether ``has`` of a shape holds."""
    values = (
        _from_query(one, request)
        if opened is None
        else (node.content for node in chain(opened.find(one.address), opened.find_folded(one.address)))
    )
    if one.pattern is None:
        return next(iter(values), None) is None
    return any(one.pattern.matches(value) for value in values)


def _from_query(one: Has, request: Request) -> Iterable[bytes]:
    query = request.target.partition(b"?")[2]
    for name, value in parse_qsl(query, keep_blank_values=True):
        if one.address.holds(f"query:{SEPARATOR}{name.decode('utf-8', 'surrogateescape')}", protects=True):
            yield value
