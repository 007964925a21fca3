"""The settings of an LDAP source as the console stores them."""

from dataclasses import replace

import pytest

from console.core.errors import SourceError
from jobs.sources.ldap.attributes import OPENLDAP
from jobs.sources.ldap.kinds import Wanted
from jobs.sources.ldap.settings import LdapSettings, Scope, Tls
from tests.sources.ldap import SECRET, assert_keeps

STORED: dict[str, object] = {
    "host": " dc1.example.test. ",
    "port": 3269,
    "tls": "ldaps",
    "user_dn": "reader@example.test ",
    "search_base": "dc=example,dc=test",
    "filter": "(department=Sales)",
    "ca_pem": "PEM",
    "verify": False,
    "page_size": 900,
    "scope": "onelevel",
    "preset": "openldap",
    "map": {"first_name": "knownAs"},
    "sync_groups": False,
    "sync_disabled": True,
}


def read(**changes: object) -> LdapSettings:
    return LdapSettings.from_json(STORED | changes, SECRET, allow_local=True)


def test_what_was_stored_is_what_is_used() -> None:
    assert read() == LdapSettings(
        host="dc1.example.test",
        port=3269,
        tls=Tls.LDAPS,
        user_dn="reader@example.test",
        password=SECRET,
        search_base="dc=example,dc=test",
        filter="(department=Sales)",
        ca_pem="PEM",
        verify=False,
        page_size=900,
        scope=Scope.ONE_LEVEL,
        attributes=replace(OPENLDAP, first_name=("knownAs",)),
        wanted=Wanted(groups=False, disabled=True),
        allow_local=True,
    )


@pytest.mark.parametrize(("tls", "port"), [("none", 389), ("starttls", 389), ("ldaps", 636)])
def test_what_is_missing_has_the_safe_or_usual_value(tls: str, port: int) -> None:
    settings = LdapSettings.from_json({"host": "dc1", "tls": tls, "port": None}, "", allow_local=False)
    assert settings == LdapSettings(host="dc1", port=port, tls=Tls(tls))
    assert settings.verify
    assert not settings.allow_local
    assert settings.scope is Scope.SUBTREE
    assert settings.wanted == Wanted(True, True, True, True, disabled=False, hidden=True)


def test_an_ipv6_address_may_stand_in_brackets() -> None:
    settings = read(host="[2001:db8::1]")
    assert (settings.host, settings.by_address) == ("2001:db8::1", True)
    assert not read().by_address


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"host": ""}, "Host is missing"),
        ({"host": "ldap://dc1.example.test"}, "without ldap://"),
        ({"host": 5}, "Host must be a text"),
        ({"port": 0}, "Port must be a number from 1 to 65535"),
        ({"port": "389"}, "Port must be"),
        ({"port": True}, "Port must be"),
        ({"tls": "ssl"}, "encryption must be"),
        ({"page_size": 0}, "Page size must be"),
        ({"receive_timeout": 0}, "Receive timeout must be"),
        ({"search_base": ["dc=example"]}, "Search base must be"),
        ({"scope": "base"}, "scope must be subtree or onelevel"),
        ({"preset": "domino"}, "kind of directory must be one of"),
        ({"map": {"mail": "a)(b"}}, "mail address is not the name"),
        ({"sync_people": "no"}, "sync_people must be true or false"),
    ],
)
def test_a_wrong_field_is_named_and_the_password_is_kept(changes: dict[str, object], words: str) -> None:
    with pytest.raises(SourceError, match=words) as caught:
        read(**changes)
    assert caught.value.permanent
    assert_keeps(SECRET, caught.value)


def test_the_password_is_not_shown() -> None:
    assert SECRET not in repr(read())


def test_the_stored_host_names_the_servers_to_be_tried() -> None:
    stored = {"host": "dc1:3269\ndc2", "port": 636, "tls": "ldaps"}
    settings = LdapSettings.from_json(stored, "", allow_local=False)
    assert [server.peer for server in settings.servers] == ["dc1, port 3269", "dc2, port 636"]
    assert settings.fallbacks == (("dc2", 636),)
