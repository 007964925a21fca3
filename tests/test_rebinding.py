"""A name is looked up once for a connection, and where it then stands for something else, the connection stays where it
was checked (DNS rebinding). The stand-in here is the name server: directories and mail servers are those of all tests.
"""

import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from console.core.delivery import Encryption
from jobs.smtp.callout import Callout
from jobs.smtp.server import CalloutError, Step
from jobs.smtp.session import connect
from jobs.smtp.verdict import Answer
from jobs.sources.ldap.settings import LdapSettings, Tls
from jobs.sources.ldap.source import LdapSource
from tests import factories
from tests.servers.ldap_script import Script, ScriptedLdap
from tests.servers.pki import Pki
from tests.servers.ports import LOOPBACK
from tests.servers.smtp import ScriptedSmtp, knows
from tests.smtp.conftest import at
from tests.sources.ldap import FIFTY, failure, for_script, quiet

NAME, OTHER = "dc1.rebound.example", "dc2.rebound.example"
# Of a network for documents, so nobody is there.
ELSEWHERE = "192.0.2.1"
ADA = factories.address("ada")
reaching_out = pytest.mark.allow_hosts([LOOPBACK, ELSEWHERE])


@dataclass
class NameServer:
    """What each name stands for, the first time and every time after; `asked` are the names, as often as they were."""

    first: tuple[str, ...] = ()
    then: tuple[str, ...] = ()
    asked: list[str] = field(default_factory=list)

    def answer(self, host: str, port: int, **_: Any) -> list[tuple[Any, ...]]:
        addresses = self.then if host in self.asked else self.first
        self.asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> NameServer:
    server, usual = NameServer(), socket.getaddrinfo

    def look_up(host: Any, port: Any, *args: Any, **more: Any) -> Any:
        return server.answer(host, port) if host in (NAME, OTHER) else usual(host, port, *args, **more)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return server


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return Pki(tmp_path_factory.mktemp("rebound-pki"))


@pytest.fixture
def directory(pki: Pki) -> Iterator[Callable[..., ScriptedLdap]]:
    started: list[ScriptedLdap] = []

    def start(script: Script, name: str = NAME) -> ScriptedLdap:
        started.append(ScriptedLdap.start(script, pki.issue(name, [name])))
        return started[-1]

    yield start
    for server in started:
        server.stop()


@pytest.fixture
def mail_server(pki: Pki) -> Iterator[ScriptedSmtp]:
    server = ScriptedSmtp.start(knows(ADA, encrypts=True), certificate=pki.issue("mx", [NAME]))
    yield server
    server.stop()


def named(server: ScriptedLdap, pki: Pki, tls: Tls, **more: Any) -> LdapSettings:
    return replace(for_script(server), host=NAME, tls=tls, ca_pem=pki.ca_file.read_text(), **more)


@pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.LDAPS])
def test_a_directory_is_read_where_its_name_stood_for_it_first(
    names: NameServer, directory: Callable[..., ScriptedLdap], pki: Pki, tls: Tls
) -> None:
    names.first, names.then = (LOOPBACK,), (ELSEWHERE,)
    server = directory(Script(entries=FIFTY, ldaps=tls is Tls.LDAPS))
    assert len(LdapSource(named(server, pki, tls)).fetch(quiet).people) == 50
    assert (names.asked, server.connections) == ([NAME], 1)


@pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.LDAPS])
def test_a_certificate_is_held_against_the_name_and_not_the_address(
    names: NameServer, directory: Callable[..., ScriptedLdap], pki: Pki, tls: Tls
) -> None:
    names.first = names.then = (LOOPBACK,)
    server = directory(Script(entries=FIFTY, ldaps=tls is Tls.LDAPS), "another.example")
    assert "is for another server. It carries another.example" in failure(named(server, pki, tls)).sentence
    assert server.binds == []


@reaching_out
@pytest.mark.parametrize("tls", list(Tls))
def test_a_directory_that_becomes_this_machine_is_not_connected_to(
    names: NameServer, directory: Callable[..., ScriptedLdap], pki: Pki, tls: Tls
) -> None:
    """Nor by what asks for the certificate once more, nor by the next server of a list."""
    names.first, names.then = (ELSEWHERE,), (LOOPBACK,)
    trap = directory(Script(entries=FIFTY, ldaps=tls is Tls.LDAPS))
    settings = named(trap, pki, tls, allow_local=False, connect_timeout=0.2, fallbacks=((OTHER, trap.port),))
    failure(settings)
    assert (names.asked, trap.connections) == ([NAME, OTHER], 0)
    # The second time it stands for this machine from the beginning.
    assert "ALLOW_LOCAL_TARGETS" in failure(replace(settings, fallbacks=())).sentence
    assert trap.connections == 0


@reaching_out
def test_of_several_addresses_this_machine_s_own_are_left_out(
    names: NameServer, directory: Callable[..., ScriptedLdap], pki: Pki
) -> None:
    names.first = (ELSEWHERE, LOOPBACK)
    trap = directory(Script(entries=FIFTY))
    failure(named(trap, pki, Tls.NONE, allow_local=False, connect_timeout=0.2))
    assert trap.connections == 0


def test_a_mail_server_is_asked_where_its_name_stood_for_it_first(
    names: NameServer, mail_server: ScriptedSmtp, pki: Pki, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(pki.ca_file))
    names.first, names.then = (LOOPBACK,), (ELSEWHERE,)
    with Callout(at(mail_server, host=NAME, encryption=Encryption.REQUIRED)) as callout:
        assert callout.ask(ADA).answer is Answer.YES
    assert (names.asked, mail_server.connections) == ([NAME], 1)
    assert f"RCPT TO:<{ADA}>" in mail_server.covered


@reaching_out
def test_a_mail_server_that_becomes_this_machine_is_not_connected_to(
    names: NameServer, mail_server: ScriptedSmtp
) -> None:
    names.first, names.then = (ELSEWHERE,), (LOOPBACK,)
    steps = []
    for _ in range(2):
        with pytest.raises(CalloutError) as caught:
            connect(at(mail_server, host=NAME, allow_local=False, connect_timeout=0.2))
        steps.append(caught.value.step)
    assert steps == [Step.CONNECT, Step.RESOLVE]
    assert (names.asked, mail_server.connections) == ([NAME, NAME], 0)
