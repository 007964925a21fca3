"""Certificates: what is accepted, and what is said when one is not. Real servers."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from jobs.sources.ldap.settings import LdapSettings, Tls
from jobs.sources.ldap.source import LdapSource
from tests.servers.ldap_script import Misbehaviour, Script, ScriptedLdap
from tests.servers.pki import Pki
from tests.servers.slapd import Slapd
from tests.sources.ldap import PEOPLE, failure, for_script, quiet


@contextmanager
def serving(certificate: tuple[Path, Path], pki: Pki, script: Script | None = None) -> Iterator[LdapSettings]:
    """Settings for an LDAPS server with this certificate, by the name localhost."""
    with ScriptedLdap.start(script or Script(ldaps=True), certificate) as server:
        tls = Tls.LDAPS if server.script.ldaps else Tls.STARTTLS
        yield replace(for_script(server), host="localhost", tls=tls, ca_pem=pki.ca_file.read_text())


def test_a_certificate_of_an_unknown_authority_is_refused(ldap: LdapSettings, tmp_path: Path) -> None:
    for ca_pem in ("", Pki(tmp_path, "Another authority").ca_file.read_text()):
        error = failure(replace(ldap, ca_pem=ca_pem))
        assert error.permanent
        assert "not issued by an authority that this console trusts" in error.sentence


def test_a_certificate_may_be_left_unverified_with_a_warning(ldap: LdapSettings) -> None:
    trial = LdapSource(replace(ldap, ca_pem="", verify=False)).test(quiet)
    assert trial.found == PEOPLE
    assert "certificate not verified (SHA-256 " in dict(trial.facts)["Host"]
    assert any("not verified: another machine could pose" in warning for warning in trial.warnings)


def test_the_servers_own_certificate_can_be_what_is_trusted(directory: Slapd, ldap: LdapSettings) -> None:
    own = directory.config.certificate[0].read_text()
    assert LdapSource(replace(ldap, ca_pem=f"Subject: Zürich\n{own}")).test(quiet).found == PEOPLE


@pytest.mark.parametrize("text", ["my CA", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"])
def test_a_ca_certificate_that_is_none_is_an_error_of_the_settings(ldap: LdapSettings, text: str) -> None:
    error = failure(replace(ldap, ca_pem=text))
    assert error.permanent
    assert "CA certificate of this source cannot be read" in error.sentence


@pytest.mark.parametrize("ldaps", [True, False])
def test_a_certificate_for_another_name_is_refused_with_the_names_it_has(pki: Pki, ldaps: bool) -> None:
    other = pki.issue("other", ["other.example.test", "*.lan.example.test"], ["10.1.2.3"])
    with serving(other, pki, Script(ldaps=ldaps)) as settings:
        error = failure(settings)
    assert error.permanent
    assert "is for another server. It carries other.example.test, *.lan.example.test, 10.1.2.3." in error.sentence
    assert "as Host" in error.sentence


def test_nobody_signs_in_while_the_names_are_found_out(pki: Pki) -> None:
    with ScriptedLdap.start(Script(ldaps=True), pki.issue("other2", ["other.example.test"])) as server:
        failure(replace(for_script(server), host="localhost", tls=Tls.LDAPS, ca_pem=pki.ca_file.read_text()))
        assert server.connections == 2
        assert server.binds == []


def test_an_ip_address_as_host_is_refused_unless_the_certificate_carries_it(pki: Pki, ldap: LdapSettings) -> None:
    with serving(pki.issue("named", ["dc1.example.test"]), pki) as settings:
        error = failure(replace(settings, host="127.0.0.1"))
    assert error.permanent
    assert "not issued for that IP address. It carries dc1.example.test." in error.sentence
    assert "enter the server's name there" in error.sentence
    assert LdapSource(replace(ldap, host="127.0.0.1")).test(quiet).found == PEOPLE


def test_a_certificate_without_any_name(pki: Pki) -> None:
    with serving(pki.issue("nameless"), pki) as settings:
        assert "It carries no server name at all." in failure(settings).sentence


def test_an_expired_certificate(pki: Pki) -> None:
    with serving(pki.issue("expired", ["localhost"], expired=True), pki) as settings:
        error = failure(settings)
    assert error.permanent
    assert "has expired: renew it on the server" in error.sentence


def test_ldaps_on_the_plain_port(ldap: LdapSettings, directory: Slapd) -> None:
    error = failure(replace(ldap, port=directory.plain_port))
    assert "does not speak TLS from the first byte" in error.sentence
    assert "choose StartTLS" in error.sentence


@pytest.mark.parametrize("tls", [Tls.NONE, Tls.STARTTLS])
def test_plain_ldap_on_the_port_of_ldaps(ldap: LdapSettings, tls: Tls) -> None:
    error = failure(replace(ldap, tls=tls))
    assert "speaks TLS from the first byte, as 636 does, choose LDAPS" in error.sentence


def test_a_web_server_on_the_port(pki: Pki) -> None:
    with serving(pki.issue("web", ["localhost"]), pki, Script(on_accept=Misbehaviour.GARBAGE)) as settings:
        assert "does not speak TLS from the first byte" in failure(replace(settings, tls=Tls.LDAPS)).sentence


def test_a_server_without_starttls(scripted: Callable[[Script], ScriptedLdap]) -> None:
    error = failure(replace(for_script(scripted(Script())), tls=Tls.STARTTLS))
    assert error.permanent
    assert "does not offer StartTLS" in error.sentence


def test_a_handshake_that_hangs_ends_within_the_timeout(pki: Pki) -> None:
    with serving(pki.issue("slow", ["localhost"]), pki, Script(on_accept=Misbehaviour.HANG)) as settings:
        for tls in (Tls.LDAPS, Tls.STARTTLS):
            assert "within 0.5 seconds" in failure(replace(settings, tls=tls)).sentence


def test_a_server_that_breaks_off_instead_of_the_handshake(pki: Pki) -> None:
    with serving(pki.issue("rude", ["localhost"]), pki, Script(on_starttls=Misbehaviour.CLOSE)) as settings:
        assert "broke off the connection when encryption was to start" in failure(settings).sentence
