"""One SMTP connection, from the first byte to QUIT: opened step by step, then asked about recipients. No DATA."""

import contextlib
import ssl
from enum import StrEnum

from console.core.delivery import Encryption
from jobs.smtp import target, tls
from jobs.smtp.server import (
    CalloutError,
    CertificateError,
    EncryptionError,
    Line,
    Outcome,
    Server,
    Step,
    Tell,
    quiet,
)
from jobs.smtp.target import Target
from jobs.smtp.verdict import Reason, refusal
from jobs.smtp.wire import Closed, Garbled, Reply, Wire

# Nobody waits long for a goodbye.
_QUIT_SECONDS = 2.0
_SHOWN = 12


class Cover(StrEnum):
    """How a connection is to be encrypted: with a certificate that is verified, with any, or not at all."""

    VERIFIED = "verified"
    ANY = "any"
    NONE = "none"


class Session:
    """An open connection that has said EHLO. `extensions` are what the server offers, in capitals."""

    def __init__(self, server: Server, wire: Wire, extensions: frozenset[str]) -> None:
        self.server = server
        self.extensions = extensions
        self._wire = wire

    def exchange(self, command: str) -> Reply:
        """One command and its reply. Raises Closed, Garbled, OSError."""
        return self._wire.exchange(command)

    def close(self) -> None:
        """Say goodbye if that goes quickly, and end the connection."""
        self._wire.timeout = _QUIT_SECONDS
        with contextlib.suppress(Closed, Garbled, OSError):
            self._wire.exchange("QUIT")
        self._wire.connection.close()

    def drop(self) -> None:
        """End a connection of which nothing more is to be expected."""
        self._wire.connection.close()


def connect(server: Server, tell: Tell = quiet, *, curious: bool = False) -> Session:
    """Open a connection as the server's settings want it, and tell each step. Raises CalloutError.

    Where encryption is opportunistic, trouble with it is no hindrance: the server is asked once more without. Whoever
    is `curious` learns what is wrong with its certificate, at the price of another connection.
    """
    targets = target.resolve(server)
    names = ", ".join(dict.fromkeys(map(target.ip, targets)))
    tell(Line(Step.RESOLVE, Outcome.DONE, f"{server.host} is at {names}." if names != server.host else f"At {names}."))
    if server.encryption is not Encryption.OPPORTUNISTIC:
        cover = Cover.NONE if server.encryption is Encryption.NONE else Cover.VERIFIED
        return _open(server, targets, cover, tell)
    try:
        return _open(server, targets, Cover.VERIFIED if curious else Cover.ANY, tell)
    except CertificateError as error:
        fault = f"It {error.fault}; since encryption is not required, that is let pass."
        return _open(server, targets, Cover.ANY, _after_greeting(tell, fault))
    except EncryptionError as error:
        tell(Line(Step.TLS, Outcome.REMARK, f"{error.sentence} It is asked without encryption.", error.detail))
        return _open(server, targets, Cover.NONE, quiet)


def _after_greeting(tell: Tell, fault: str) -> Tell:
    """Tells only about encryption, with what is wrong with the certificate: the steps before were told already."""

    def about_encryption(line: Line) -> None:
        if line.step is Step.TLS:
            tell(Line(line.step, Outcome.REMARK, f"{line.text} {fault}", line.detail))

    return about_encryption


def _open(server: Server, targets: tuple[Target, ...], cover: Cover, tell: Tell) -> Session:
    connection = target.dial(server, targets)
    wire = Wire(connection, server.receive_timeout)
    step = Step.BANNER
    try:
        tell(Line(Step.CONNECT, Outcome.DONE, f"Connected to {_peer(wire)}, port {server.port}."))
        _greeted(server, wire.reply(), tell)
        step = Step.EHLO
        extensions = _introduce(server, wire)
        tell(Line(Step.EHLO, Outcome.DONE, _offers(extensions)))
        step = Step.TLS
        if _encrypt(server, wire, extensions, cover, tell):
            step = Step.EHLO
            extensions = _introduce(server, wire)
    except BaseException as error:
        wire.connection.close()
        if isinstance(error, OSError | Closed | Garbled):
            raise _broken(server, step, error) from None
        raise
    return Session(server, wire, extensions)


def _greeted(server: Server, reply: Reply, tell: Tell) -> None:
    if reply.code != 220:
        if refusal(reply) is Reason.LATER:
            sentence = f"{server.peer}, is too busy to talk now: check again in some minutes."
        else:
            sentence = (
                f"{server.peer}, does not talk to this machine: allow the address of the machine on which the console "
                "runs there, as an internal or trusted sender."
            )
        raise CalloutError(Step.BANNER, sentence, str(reply))
    tell(Line(Step.BANNER, Outcome.DONE, "A mail server answers.", str(reply)))


def _introduce(server: Server, wire: Wire) -> frozenset[str]:
    """Say EHLO, or HELO to a server from before 1995; what is offered."""
    name = server.greeting or _literal(wire)
    reply = wire.exchange(f"EHLO {name}")
    if reply.code == 250:
        return frozenset(line.upper() for line in reply.lines[1:] if line)
    if reply.code >= 500:
        reply = wire.exchange(f"HELO {name}")
    if reply.code != 250:
        raise CalloutError(
            Step.EHLO, f"{server.peer}, does not accept the greeting of this machine (EHLO {name}).", str(reply)
        )
    return frozenset()


def _encrypt(server: Server, wire: Wire, extensions: frozenset[str], cover: Cover, tell: Tell) -> bool:
    """Whether the connection is encrypted from here on."""
    required = server.encryption is Encryption.REQUIRED
    if cover is Cover.NONE:
        tell(Line(Step.TLS, Outcome.SKIPPED, "Not encrypted, as it is set."))
        return False
    if "STARTTLS" not in extensions:
        if required:
            raise EncryptionError(
                f"{server.peer}, offers no encryption (STARTTLS), which is required here: turn it on at the server, or "
                "choose encryption “When the server offers it”."
            )
        tell(Line(Step.TLS, Outcome.SKIPPED, "Not encrypted: the server does not offer it."))
        return False
    reply = wire.exchange("STARTTLS")
    if reply.code != 220:
        raise EncryptionError(f"{server.peer}, offers encryption (STARTTLS) and then refuses it.", str(reply))
    if wire.unread:
        # What came before encryption began would be taken for what came under it (CVE-2011-0411).
        raise Garbled("the server says more before encryption than it was asked for")
    encrypted = tls.wrap(wire.connection, server, verify=cover is Cover.VERIFIED)
    wire.connection = encrypted
    genuine = ", and it is valid for this server." if cover is Cover.VERIFIED else "."
    tell(Line(Step.TLS, Outcome.DONE, tls.description(encrypted) + genuine))
    return True


def _broken(server: Server, step: Step, error: Exception) -> CalloutError:
    detail = str(error)
    if isinstance(error, TimeoutError):
        sentence = (
            f"{server.peer}, accepted the connection and then said nothing for {server.receive_timeout:g} seconds: "
            "check that a mail server listens on that port, and whether it is well."
        )
    elif isinstance(error, Garbled):
        sentence = f"{server.peer}, does not speak SMTP: check the port, which is nearly always 25."
    elif isinstance(error, ssl.SSLError):
        sentence = f"The encrypted connection to {server.peer}, broke."
    else:
        sentence = (
            f"{server.peer}, ended the connection: check that it accepts mail from the machine on which the console "
            "runs."
        )
    return EncryptionError(sentence, detail) if step is Step.TLS else CalloutError(step, sentence, detail)


def _peer(wire: Wire) -> str:
    return str(wire.connection.getpeername()[0]).partition("%")[0]


def _literal(wire: Wire) -> str:
    """This machine's own address, as a greeting (RFC 5321 section 4.1.3)."""
    own = str(wire.connection.getsockname()[0]).partition("%")[0]
    return f"[IPv6:{own}]" if ":" in own else f"[{own}]"


def _offers(extensions: frozenset[str]) -> str:
    words = sorted({line.split()[0] for line in extensions})
    if not words:
        return "It answers the greeting, and offers nothing beyond."
    more = f" and {len(words) - _SHOWN} more" if len(words) > _SHOWN else ""
    return f"It answers the greeting, and offers {', '.join(words[:_SHOWN])}{more}."
