"""Which network addresses are of the public internet: what a webhook may reach without being allowed by name."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

NAT64 = IPv6Network("64:ff9b::/96")
"""IPv4 behind a translator (RFC 6052)."""
COMPATIBLE = IPv6Network("::/96")
"""IPv4 as IPv6 once wrote it (RFC 4291 2.5.5.1)."""
RELAYS = IPv4Network("192.88.99.0/24")


def is_public(address: str) -> bool:
    """Whether a resolved address is neither private, loopback, link-local nor otherwise of a network's own.

    An IPv4 address within an IPv6 one counts as what it is. What is no address at all is not public.
    """
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(parsed, IPv4Address):
        return _is_public_4(parsed)
    inner = _within(parsed)
    if inner is not None:
        return _is_public_4(inner)
    return parsed.is_global and not (parsed.is_multicast or parsed.is_reserved or parsed.is_site_local)


def _is_public_4(address: IPv4Address) -> bool:
    return address.is_global and not (address.is_multicast or address.is_reserved or address in RELAYS)


def _within(address: IPv6Address) -> IPv4Address | None:
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if address in NAT64 or address in COMPATIBLE:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return None
