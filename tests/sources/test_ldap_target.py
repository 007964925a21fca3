"""Where a source may connect to."""

import ipaddress
from dataclasses import replace

import psutil
import pytest

from jobs.sources.ldap.settings import LdapSettings
from jobs.targets import refused
from tests.sources.ldap import failure

LOCAL = ["127.0.0.1", "127.8.8.8", "localhost", "::1", "0.0.0.0", "::", "0", "2130706433", "::ffff:127.0.0.1"]
LINK = ["169.254.169.254", "fe80::1", "fd00:ec2::254", "64:ff9b::a9fe:a9fe"]


@pytest.mark.parametrize("host", LOCAL + LINK)
def test_a_host_on_this_machine_or_its_link_is_refused_before_connecting(ldap: LdapSettings, host: str) -> None:
    error = failure(replace(ldap, host=host, allow_local=False))
    assert error.permanent
    assert f"{host} is at " in error.sentence
    assert "ALLOW_LOCAL_TARGETS" in error.sentence


@pytest.mark.parametrize(
    "address", ["10.254.253.252", "192.168.253.252", "172.31.253.252", "fd12:3456::1", "192.0.2.1"]
)
def test_private_and_public_networks_are_allowed(address: str) -> None:
    assert not refused(ipaddress.ip_address(address))


def test_every_address_of_this_machine_is_refused() -> None:
    """Also those of its network cards: the queue and the database may listen there."""
    found = [
        ipaddress.ip_address(address.address.partition("%")[0])
        for card in psutil.net_if_addrs().values()
        for address in card
        if address.family.name in ("AF_INET", "AF_INET6")
    ]
    assert found
    assert all(map(refused, found))
