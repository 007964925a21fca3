"""The Host field: which servers are tried, and in which order."""

import pytest

from console.core.errors import SourceError
from console.core.hosts import servers


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("dc1", [("dc1", 636)]),
        ("dc1.example.test., DC2.example.test", [("dc1.example.test", 636), ("DC2.example.test", 636)]),
        ("dc1 dc2\r\ndc3,\n", [("dc1", 636), ("dc2", 636), ("dc3", 636)]),
        ("dc1:3269; dc2", [("dc1", 3269), ("dc2", 636)]),
        ("dc1 dc1:636 dc1:3269", [("dc1", 636), ("dc1", 3269)]),
        ("192.0.2.1:389 2001:db8::1", [("192.0.2.1", 389), ("2001:db8::1", 636)]),
        ("[2001:db8::1]:3269 [2001:db8::2]", [("2001:db8::1", 3269), ("2001:db8::2", 636)]),
    ],
)
def test_servers_are_named_in_order_each_with_its_port(text: str, found: list[tuple[str, int]]) -> None:
    assert servers(text, 636) == tuple(found)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (" , ", "Host is missing"),
        ("ldaps://dc1.example.test", "without ldap://"),
        ("dc1:ldap", "name alone"),
        ("dc1:", "name alone"),
        ("[dc1]:636", "name alone"),
        ("reader@dc1", "name alone"),
        ("dc1/dc=example", "name alone"),
        ("dc1:0", "port of dc1 must be a number from 1 to 65535"),
        ("dc1:70000", "port of dc1"),
        ("dc1:" + "9" * 5000, "port of dc1"),
        (" ".join(f"dc{number}" for number in range(21)), "20 are enough"),
    ],
)
def test_what_is_no_server_is_named(text: str, words: str) -> None:
    with pytest.raises(SourceError, match=words) as caught:
        servers(text, 636)
    assert caught.value.permanent
