"""The directories that other tests rely on: a real OpenLDAP, and a scripted server that fails on demand."""

import contextlib
import socket
import ssl
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import ldap3
import pytest
from ldap3.core.exceptions import (
    LDAPExceptionError,
    LDAPSessionTerminatedByServerError,
    LDAPSocketReceiveError,
)

from tests.servers.ldap_script import Answer, Misbehaviour, Script, ScriptedLdap
from tests.servers.people import SUFFIX, group_ldif, many_people, person_dn, person_ldif
from tests.servers.pki import Pki
from tests.servers.ports import LOOPBACK
from tests.servers.slapd import Slapd, slapd_available

needs_slapd = pytest.mark.skipif(not slapd_available(), reason="slapd is not installed")

WRONG_PASSWORD = "80090308: LdapErr: DSID-0C090446, comment: AcceptSecurityContext error, data 52e, v3839"
ENTRIES = [
    (
        f"CN=User {number},OU=Staff,{SUFFIX}",
        {"mail": [b"u%d@example.test" % number], "cn": [b"User %d" % number]},
    )
    for number in range(50)
]


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return Pki(tmp_path_factory.mktemp("pki"))


@pytest.fixture(scope="module")
def slapd(tmp_path_factory: pytest.TempPathFactory, pki: Pki) -> Iterator[Slapd]:
    with Slapd.start(tmp_path_factory.mktemp("slapd"), pki, many_people(1200)) as server:
        yield server


Client = Callable[..., Any]


@pytest.fixture
def client() -> Iterator[Client]:
    """Makes ldap3 connections, not yet bound, that wait a second for an answer; they are closed after the test."""
    made = []

    def connect(port: int, dn: str | None = None, password: str | None = None, **options: Any) -> Any:
        server = ldap3.Server(LOOPBACK, port, get_info=ldap3.NONE, connect_timeout=2, **options)
        made.append(ldap3.Connection(server, dn, password, receive_timeout=1, auto_referrals=False))
        return made[-1]

    yield connect
    for connection in made:
        with contextlib.suppress(LDAPExceptionError, OSError):
            connection.unbind()
        if connection.socket is not None:
            connection.socket.close()


def reader(client: Client, slapd: Slapd) -> Any:
    connection = client(slapd.plain_port, slapd.reader_dn, slapd.reader_password)
    assert connection.bind()
    return connection


def bound(client: Client, server: ScriptedLdap) -> Any:
    connection = client(server.port, "CN=Reader", "secret")
    assert connection.bind()
    return connection


def read_pages(connection: Any, size: int = 20, attributes: Any = ("mail",)) -> tuple[list[Any], list[int]]:
    """Everything below the suffix in pages: the entries, and the result code of each page."""
    entries: list[Any] = []
    codes: list[int] = []
    cookie: bytes | None = None
    while not codes or cookie:
        connection.search(SUFFIX, "(mail=*)", attributes=list(attributes), paged_size=size, paged_cookie=cookie)
        codes.append(connection.result["result"])
        entries += [entry for entry in connection.response if entry["type"] == "searchResEntry"]
        cookie = connection.result.get("controls", {}).get("1.2.840.113556.1.4.319", {}).get("value", {}).get("cookie")
    return entries, codes


@needs_slapd
def test_the_reader_pages_through_everything_and_a_stranger_sees_nothing(slapd: Slapd, client: Client) -> None:
    entries, codes = read_pages(reader(client, slapd), 500, ["mail", "objectGUID", "userPassword"])
    assert len(entries) == 1200
    assert codes == [0, 0, 0]
    guid = uuid.uuid5(uuid.NAMESPACE_DNS, "user000000.example.test").bytes_le
    assert [entry["raw_attributes"] for entry in entries if entry["dn"] == person_dn("user000000")] == [
        {"mail": [b"user000000@example.test"], "objectGUID": [guid], "userPassword": []}
    ]
    stranger = client(slapd.plain_port)
    assert stranger.bind()
    assert read_pages(stranger) == ([], [32])


@needs_slapd
def test_the_reader_gets_no_more_than_a_thousand_entries_without_paging(slapd: Slapd, client: Client) -> None:
    connection = reader(client, slapd)
    connection.search(SUFFIX, "(mail=*)", attributes=["mail"])
    assert (connection.result["result"], len(connection.response)) == (4, 1000)


@needs_slapd
def test_active_directorys_bitwise_filter_finds_the_disabled(slapd: Slapd, client: Client) -> None:
    connection = reader(client, slapd)
    connection.search(SUFFIX, "(userAccountControl:1.2.840.113556.1.4.803:=2)", attributes=["1.1"])
    assert len(connection.response) == 120


@needs_slapd
def test_its_certificate_is_trusted_with_our_authority_only(slapd: Slapd, pki: Pki, tmp_path: Path) -> None:
    def connect(authority: Pki) -> str | None:
        trusting = ssl.create_default_context(cafile=authority.ca_file)
        trusting.verify_flags |= ssl.VERIFY_X509_STRICT
        with (
            socket.create_connection((LOOPBACK, slapd.tls_port), timeout=5) as plain,
            trusting.wrap_socket(plain, server_hostname=LOOPBACK) as secured,
        ):
            return secured.version()

    assert connect(pki) == "TLSv1.3"
    with pytest.raises(ssl.SSLCertVerificationError):
        connect(Pki(tmp_path, "Another CA"))


@needs_slapd
def test_changes_made_while_it_runs_are_seen_and_survive_a_restart(tmp_path: Path, pki: Pki, client: Client) -> None:
    wide = person_ldif(
        "Ünal, Özgür ",
        given="Özgür",
        sn="Ünal",
        mail="ozgur@example.test",
        uac=None,
        more={"msExchRecipientTypeDetails": ["34359738368"], "msExchHideFromAddressLists": ["TRUE"]},
    )
    with Slapd.start(tmp_path, pki, [person_ldif("ann", mail="ann@example.test")]) as server:
        server.add(wide + group_ldif("all", mail="all@example.test", proxy=["SMTP:all@example.test"]))
        server.modify(person_dn("ann"), {"mail": ["anna@example.test"], "userAccountControl": []})
        moved = server.rename(person_dn("ann"), "uid=anna", server.groups_dn)
        server.delete(person_dn("Ünal, Özgür "))
        server.restart()
        entries, _ = read_pages(reader(client, server), attributes=["mail", "userAccountControl"])
        assert {entry["dn"]: entry["raw_attributes"]["mail"] for entry in entries} == {
            f"uid=anna,ou=groups,{SUFFIX}": [b"anna@example.test"],
            f"cn=all,ou=groups,{SUFFIX}": [b"all@example.test"],
        }
        assert moved == f"uid=anna,ou=groups,{SUFFIX}"
    with Slapd.start(tmp_path, pki) as again:
        assert again.clear(again.groups_dn) == 2
        assert read_pages(reader(client, again)) == ([], [0])


@needs_slapd
def test_it_can_limit_the_total_of_all_pages_and_refuse_plain_passwords(
    tmp_path: Path, pki: Pki, client: Client
) -> None:
    with Slapd.start(tmp_path, pki, many_people(60), size_limit=50, require_tls=True) as server:
        plain = client(server.plain_port, server.reader_dn, server.reader_password)
        assert not plain.bind()
        assert plain.result["result"] == 13
        secured = client(server.tls_port, server.reader_dn, server.reader_password, use_ssl=True)
        assert secured.bind()
        entries, codes = read_pages(secured)
        assert (len(entries), codes) == (50, [0, 0, 4])


def test_a_scripted_server_pages_honestly_and_looks_like_active_directory(client: Client) -> None:
    with ScriptedLdap.start(Script(entries=ENTRIES, max_page=30)) as server:
        connection = bound(client, server)
        entries, codes = read_pages(connection, 1000)
        assert [entry["dn"] for entry in entries] == [dn for dn, _ in ENTRIES]
        assert codes == [0, 0]
        assert entries[0]["raw_attributes"] == {"mail": [b"u0@example.test"]}
        connection.search(SUFFIX, "(mail=*)", attributes=["mail"])
        assert (connection.result["result"], len(connection.response)) == (4, 30)
        connection.search(f"OU=Nowhere,{SUFFIX}", "(mail=*)")
        assert connection.result["result"] == 32
        connection.search("", "(objectClass=*)", ldap3.BASE, attributes=["defaultNamingContext"])
        assert connection.response[0]["attributes"] == {"defaultNamingContext": [SUFFIX]}
        assert [(search.page_size, bool(search.cookie)) for search in server.searches[:3]] == [
            (1000, False),
            (1000, True),
            (None, False),
        ]


@pytest.mark.parametrize(
    "answer",
    [
        Answer(49, WRONG_PASSWORD),
        Answer(8, "00002028: LdapErr: the server requires binds to turn on signing"),
    ],
)
def test_a_scripted_bind_fails_with_the_code_and_the_words_wanted(answer: Answer, client: Client) -> None:
    with ScriptedLdap.start(Script(on_bind=answer)) as server:
        connection = client(server.port, "CN=Reader", "secret")
        assert not connection.bind()
        assert (connection.result["result"], connection.result["message"]) == (answer.code, answer.message)


def test_a_server_that_never_answers_runs_into_the_clients_timeout(client: Client) -> None:
    with ScriptedLdap.start(Script(on_accept=Misbehaviour.HANG)) as server:
        started = time.monotonic()
        with pytest.raises(LDAPExceptionError, match="timed out"):
            client(server.port, "CN=Reader", "secret").bind()
        assert time.monotonic() - started < 2
        assert server.connections == 1


@pytest.mark.parametrize(
    ("how", "error"),
    [
        (Misbehaviour.HANG, LDAPSocketReceiveError),
        (Misbehaviour.CLOSE, LDAPSessionTerminatedByServerError),
        (Misbehaviour.GARBAGE, LDAPExceptionError),
    ],
)
def test_a_search_goes_wrong_in_the_middle_of_the_page_wanted(
    how: Misbehaviour, error: type[Exception], client: Client
) -> None:
    with ScriptedLdap.start(Script(entries=ENTRIES, on_page={3: how})) as server:
        connection = bound(client, server)
        with pytest.raises(error):
            read_pages(connection, 10)
        assert len(server.searches) == 3


def test_the_size_limit_comes_on_the_page_wanted_after_its_entries(client: Client) -> None:
    with ScriptedLdap.start(Script(entries=ENTRIES, on_page={2: Answer(4)})) as server:
        connection = bound(client, server)
        entries, codes = read_pages(connection, 10)
        assert (len(entries), codes) == (20, [0, 4])


def test_a_referral_shows_whether_the_client_takes_its_password_there(client: Client) -> None:
    with ScriptedLdap.start(Script(entries=ENTRIES)) as other:
        referral = Answer(10, referrals=[f"{other.url}/{SUFFIX}"])
        with ScriptedLdap.start(Script(on_page={1: referral})) as server:
            staying = bound(client, server)
            assert read_pages(staying) == ([], [10])
            assert other.binds == []
            following = client(server.port, "CN=Reader", "secret", allowed_referral_hosts=[("*", True)])
            following.auto_referrals = True
            assert following.bind()
            following.search(SUFFIX, "(mail=*)", attributes=["mail"])
            assert [(bind.dn, bind.with_password) for bind in other.binds] == [("CN=Reader", True)]


def test_references_come_beside_the_entries(client: Client) -> None:
    url = f"ldap://forest.example.test/DC=child,{SUFFIX}"
    with ScriptedLdap.start(Script(entries=ENTRIES[:2], references=[url])) as server:
        connection = client(server.port)
        assert connection.bind()
        connection.search(SUFFIX, "(mail=*)", attributes=["mail"])
        assert [entry.get("uri") for entry in connection.response] == [None, None, [url]]


@pytest.mark.parametrize("ldaps", [True, False])
def test_a_scripted_server_speaks_tls_from_the_start_or_on_request(pki: Pki, ldaps: bool, client: Client) -> None:
    certificate = pki.issue("scripted", ips=[LOOPBACK])
    with ScriptedLdap.start(Script(entries=ENTRIES, ldaps=ldaps), certificate) as server:
        connection = client(server.port, "CN=Reader", "secret", use_ssl=ldaps)
        assert ldaps or connection.start_tls()
        assert connection.bind()
        assert [bind.over_tls for bind in server.binds] == [True]
        assert len(read_pages(connection)[0]) == len(ENTRIES)


def test_without_a_certificate_starttls_is_refused_and_a_slow_server_takes_its_time(client: Client) -> None:
    with ScriptedLdap.start(Script(delay=0.2)) as server:
        started = time.monotonic()
        with pytest.raises(LDAPExceptionError):
            client(server.port).start_tls()
        assert time.monotonic() - started >= 0.2
