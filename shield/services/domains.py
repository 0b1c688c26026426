"""Registrable domains, from the snapshot of the public suffix list that tldextract carries; never fetched.

Private suffixes count: two people's pages at ``github.io`` are two sites.
"""

from __future__ import annotations

import ipaddress

import tldextract

from shield.cleared import Told

_EXTRACT = tldextract.TLDExtract(cache_dir=None, suffix_list_urls=(), include_psl_private_domains=True)


_LENGTHS: Told[int] = Told()


def registrable(host: str) -> str:
    """The registrable domain of *host* (lower case, IDNA, no port), ``shop.co.uk`` of ``www.shop.co.uk``.

    IP addresses, single labels and public suffixes are themselves. A top-level domain that is not on the
    list counts as one label, as the list's own default rule ``*`` says.
    """
    length = _LENGTHS.by_number.get(hash(host))
    return host[-(length or _LENGTHS.add(hash(host), len(_registrable(host)))) :]


def _registrable(host: str) -> str:
    if "." not in host or _is_address(host):
        return host
    parts = _EXTRACT.extract_str(host)
    if parts.suffix:
        return f"{parts.domain}.{parts.suffix}" if parts.domain else host
    return ".".join(host.rsplit(".", 2)[-2:])


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def host_of(url: str) -> str | None:
    """The host of an absolute address, lower case, without user, port and trailing dot; None if there is none."""
    scheme, mark, rest = url.partition("://")
    if not mark or not scheme.isalnum():
        return None
    for end in "/?#\\":
        rest = rest.partition(end)[0]
    host = rest.rpartition("@")[2]
    if host.startswith("["):
        return host[1:].partition("]")[0].lower() or None
    return host.partition(":")[0].rstrip(".").lower() or None
