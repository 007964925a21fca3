"""Encryption: taken up when it is offered, told with its certificate, and insisted on only where that was asked for."""

import pytest

from console.core.delivery import Encryption
from jobs.smtp.callout import Callout
from jobs.smtp.server import CalloutError, CertificateError, Line, Outcome, Step
from jobs.smtp.session import connect
from jobs.smtp.verdict import Answer
from tests.factories import address
from tests.servers.pki import Pki
from tests.servers.smtp import Script, ScriptedSmtp, knows
from tests.smtp.conftest import Start, at

ADA = address("ada")
OFFERS = knows(ADA, encrypts=True)


@pytest.fixture
def trusted(authority: Pki, monkeypatch: pytest.MonkeyPatch) -> Pki:
    """The authority, known to this machine."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.ca_file))
    return authority


def told(server: ScriptedSmtp, **more: object) -> Line:
    """What a curious callout says of the encryption; it must be said once."""
    lines: list[Line] = []
    connect(at(server, **more), lines.append, curious=True).close()
    [line] = [line for line in lines if line.step is Step.TLS]
    assert [line.step for line in lines] == [Step.RESOLVE, Step.CONNECT, Step.BANNER, Step.EHLO, Step.TLS]
    return line


def encrypted(server: ScriptedSmtp, encryption: Encryption = Encryption.OPPORTUNISTIC) -> bool:
    """Whether the question, which is answered, was asked under encryption."""
    server.covered.clear()
    with Callout(at(server, encryption=encryption)) as callout:
        assert callout.ask(ADA).answer is Answer.YES
    return f"RCPT TO:<{ADA}>" in server.covered


def failure(server: ScriptedSmtp, **more: object) -> CalloutError:
    with pytest.raises(CalloutError) as caught:
        connect(at(server, encryption=Encryption.REQUIRED, **more))
    assert caught.value.step is Step.TLS
    return caught.value


def test_encryption_is_used_when_it_is_offered_whatever_the_certificate(start: Start, authority: Pki) -> None:
    server = start(OFFERS, certificate=authority.issue("other", ["other.example"], expired=True))
    assert encrypted(server)
    assert server.connections == 1
    assert not encrypted(server, Encryption.NONE)


def test_a_server_that_wants_encryption_gets_it(start: Start, authority: Pki) -> None:
    server = start(knows(ADA, encrypts=True, must_encrypt=True), certificate=authority.issue("any", ["mail.example"]))
    assert encrypted(server)


def test_a_certificate_that_is_valid_is_told_with_its_names(start: Start, trusted: Pki) -> None:
    server = start(OFFERS, certificate=trusted.issue("mine", ["mail.brightfield.example"], ["127.0.0.1"]))
    line = told(server)
    assert line.outcome is Outcome.DONE
    assert "The certificate is for mail.brightfield.example, 127.0.0.1, valid until 20" in line.text
    assert line.text.endswith("and it is valid for this server.")
    assert encrypted(server, Encryption.REQUIRED)


@pytest.mark.parametrize(
    ("name", "expired", "fault"),
    [("elsewhere.example", False, "is not for 127.0.0.1"), ("127.0.0.1", True, "has expired")],
)
def test_what_is_wrong_with_a_certificate_is_told_and_refused_where_one_is_required(
    start: Start, trusted: Pki, name: str, expired: bool, fault: str
) -> None:
    dns, ips = ([], [name]) if expired else ([name], [])
    server = start(OFFERS, certificate=trusted.issue("wrong", dns, ips, expired=expired))
    line = told(server)
    assert line.outcome is Outcome.REMARK
    assert f"It {fault}; since encryption is not required, that is let pass." in line.text
    assert f"The certificate is for {name}, valid until" in line.text
    error = failure(server)
    assert isinstance(error, CertificateError)
    assert fault in error.sentence
    assert server.asked == []


def test_a_certificate_of_an_unknown_authority_is_told(start: Start, authority: Pki) -> None:
    server = start(OFFERS, certificate=authority.issue("unknown", [], ["127.0.0.1"]))
    assert "is not issued by an authority that this console knows" in told(server).text
    assert "is not issued by an authority that this console knows" in failure(server).sentence


def test_a_server_that_offers_no_encryption_is_asked_without_unless_it_is_required(start: Start) -> None:
    server = start(knows(ADA))
    assert told(server).text == "Not encrypted: the server does not offer it."
    assert not encrypted(server)
    assert "offers no encryption" in failure(server).sentence


@pytest.mark.parametrize(
    "reply",
    [b"454 4.7.0 TLS not available\r\n", b"220 go\r\nno TLS at all\r\n", b"220 go\r\n250 smuggled\r\n"],
    ids=["refused", "garbage", "smuggled"],
)
def test_encryption_that_does_not_come_about_is_done_without_unless_it_is_required(start: Start, reply: bytes) -> None:
    server = start(Script(frozenset({ADA}), encrypts=True, replies={"STARTTLS": reply}))
    line = told(server)
    assert line.outcome is Outcome.REMARK
    assert line.text.endswith("It is asked without encryption.")
    assert not encrypted(server, Encryption.OPPORTUNISTIC)
    failure(server)
