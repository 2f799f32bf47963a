"""The client's IP address, read from X-Forwarded-For as far as trusted proxies wrote it.

`settings.TRUSTED_PROXIES` means here what it means to gunicorn (gunicorn.conf.py): addresses, networks, or "*".
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

EVERYBODY = "*"
WITH_A_PORT = re.compile(r"(?:\[(?P<v6>[^\[\]]*)\]|(?P<v4>[^:\[\]]*))(?::[0-9]{1,5})?")

Address = IPv4Address | IPv6Address


def client_address(request: HttpRequest) -> str:
    """Return the address of the client, behind any number of trusted proxies.

    1. The connecting peer is the client unless it is a trusted proxy: anybody may send an X-Forwarded-For.
    2. Each proxy appends its caller to X-Forwarded-For: from the right, the first entry that is no trusted proxy is
       the client; if all are trusted, the first entry of the chain is.
    3. An entry that is no address ends the search: the last trusted proxy is the last address known for sure.
    4. "*" trusts the connecting peer for the one client it names; entries further left may be forged.

    IPv4-mapped IPv6 addresses are returned as IPv4. A peer without an IP address (a Unix socket) is returned as is.
    """
    connected: str = request.META.get("REMOTE_ADDR", "")
    known = _read(connected)
    if known is None:
        return connected
    proxies = settings.TRUSTED_PROXIES
    callers = reversed(request.META.get("HTTP_X_FORWARDED_FOR", "").split(","))
    while _is_one_of(known, proxies):
        caller = _read(next(callers, ""))
        if caller is None:
            break
        known = caller
        if EVERYBODY in proxies:
            break
    return str(known)


def is_within(address: str, networks: Iterable[str]) -> bool:
    """Return whether `address` lies in one of `networks`, as `cafe.conf.env.networks` reads them."""
    read = _read(address)
    return read is not None and _is_one_of(read, networks)


def _read(text: str) -> Address | None:
    """Return the address in an entry such as "192.0.2.1", "192.0.2.1:80", "2001:db8::1" or "[2001:db8::1]:80"."""
    text = text.strip()
    found = WITH_A_PORT.fullmatch(text)
    try:
        address = ip_address((found["v6"] or found["v4"] or "") if found else text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        return address.ipv4_mapped or IPv6Address(int(address))  # without the zone ID, which any sender may invent
    return address


def _is_one_of(address: Address, networks: Iterable[str]) -> bool:
    return any(address in network for network in _networks(tuple(networks)))


@lru_cache(maxsize=8)
def _networks(texts: tuple[str, ...]) -> list[IPv4Network | IPv6Network]:
    if EVERYBODY in texts:
        return [ip_network("0.0.0.0/0"), ip_network("::/0")]
    return [_without_mapping(ip_network(text)) for text in texts]


def _without_mapping(network: IPv4Network | IPv6Network) -> IPv4Network | IPv6Network:
    """Return 10.0.0.0/8 for ::ffff:10.0.0.0/104, as `_read` returns IPv4-mapped addresses as IPv4."""
    mapped = network.network_address.ipv4_mapped if isinstance(network, IPv6Network) else None
    return ip_network(f"{mapped}/{network.prefixlen - 96}") if mapped and network.prefixlen >= 96 else network
