"""Which IP addresses belong to the public Internet.

Python's `is_global` is also True for multicast, for IPv4 addresses embedded in IPv6, and, depending on the Python
version, for ranges that were reserved since. Hence IPv6 is public within IANA's allocation (2000::/3) less its special
ranges, and IPv4 is what is_global says less the rest of RFC 6890 and its successors.
"""

from ipaddress import IPv6Address, ip_address, ip_network

ALLOCATED_IPV6 = ip_network("2000::/3")
NOT_PUBLIC = [
    ip_network(text)
    for text in (
        "0.0.0.0/8",
        "100.64.0.0/10",  # carriers' shared space
        "192.0.0.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",
        "2001::/23",  # Teredo (IPv4 inside), benchmarking, ORCHID
        "2001:db8::/32",
        "2002::/16",  # 6to4 (IPv4 inside)
        "3fff::/20",  # documentation
    )
]


def is_public(text: str) -> bool:
    """Whether an address as the resolver returns it ("192.0.2.7", "2606:2800::1", "fe80::1%2") is public.

    IPv4 embedded in IPv6 (::ffff:0:0/96, ::/96, 64:ff9b::/96) is not: no legitimate DNS record holds it.
    """
    address = ip_address(text)
    if isinstance(address, IPv6Address) and (address.scope_id or address not in ALLOCATED_IPV6):
        return False
    return address.is_global and not any(address in network for network in NOT_PUBLIC)
