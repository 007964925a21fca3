"""Which IP addresses a worker may be told to connect to.

Host names of directories and mail servers are typed in by the administrator of a domain, who need not be the operator
of the console. Without this rule they could reach what listens on the worker itself (the queue, the database) or a
cloud's metadata service. Addresses of private networks are the normal home of such servers and are allowed.
"""

import ipaddress
import socket

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

# Link-local covers the metadata address of most clouds, 169.254.169.254; this is Amazon's for IPv6.
_METADATA = ipaddress.ip_address("fd00:ec2::254")
_THIS_NETWORK = ipaddress.ip_network("0.0.0.0/8")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def refused(address: IpAddress) -> bool:
    """Whether the rule forbids this address: the machine's own, link-local, metadata, or no single host at all."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return refused(address.ipv4_mapped)
        if address in _NAT64:
            return refused(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return (
        address.is_loopback
        or address.is_unspecified
        or address.is_link_local
        or address.is_multicast
        or address == _METADATA
        or address in _THIS_NETWORK
        or _is_own(address)
    )


def _is_own(address: IpAddress) -> bool:
    """Whether an interface of this machine has the address: only then can a socket be bound to it. Sends nothing."""
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((str(address), 0))
    except OSError:
        return False
    return True
