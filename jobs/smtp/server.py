"""A delivery server as a callout needs to know it, and the steps on the way to its answer."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from console.core.delivery import PORT, Encryption
from console.core.errors import RollcallError


class Step(StrEnum):
    """What happens in a callout, in this order."""

    RESOLVE = "resolve"
    CONNECT = "connect"
    BANNER = "banner"
    EHLO = "ehlo"
    TLS = "tls"
    MAIL = "mail"
    KNOWN = "known"
    UNKNOWN = "unknown"


class Outcome(StrEnum):
    """How a step went; a remark is something that works, but not as one would expect."""

    DONE = "done"
    REMARK = "remark"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Line:
    """One step in words. `detail` is what the server itself said."""

    step: Step
    outcome: Outcome
    text: str
    detail: str = ""


Tell = Callable[[Line], None]


def quiet(_line: Line) -> None:
    """For callouts that nobody watches."""


@dataclass(frozen=True, slots=True)
class Server:
    """One delivery server and how to talk to it.

    `greeting` is the name that EHLO gives; without one it is this machine's address in brackets. An empty `sender` is
    the null sender, which every server must accept (RFC 5321 section 6.1). Timeouts are in seconds: to connect to one
    address, and for each whole reply: Exchange lets a refusal wait 5 seconds on purpose, others let their banner.
    `allow_local` lifts the rule of jobs.targets.
    """

    host: str
    port: int = PORT
    encryption: Encryption = Encryption.OPPORTUNISTIC
    greeting: str = ""
    sender: str = ""
    connect_timeout: float = 10.0
    receive_timeout: float = 30.0
    allow_local: bool = False

    @property
    def peer(self) -> str:
        """The server as the sentences name it."""
        return f"{self.host}, port {self.port}"


class CalloutError(RollcallError):
    """A server could not be asked at all, which says nothing about any address.

    `step` is where it ended, `detail` the server's own words.
    """

    def __init__(self, step: Step, sentence: str, detail: str = "") -> None:
        super().__init__(sentence)
        self.step = step
        self.detail = detail


class EncryptionError(CalloutError):
    """STARTTLS was offered and did not come about; the connection is of no more use."""

    def __init__(self, sentence: str, detail: str = "") -> None:
        super().__init__(Step.TLS, sentence, detail)


class CertificateError(EncryptionError):
    """The certificate is not what it would have to be to know whom one talks to. `fault` says so in a few words."""

    def __init__(self, sentence: str, fault: str, detail: str = "") -> None:
        super().__init__(sentence, detail)
        self.fault = fault
