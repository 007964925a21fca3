"""Ask a delivery server which recipients it accepts: many on one connection, and on a new one when that ends."""

from types import TracebackType
from typing import Self

from console.core.address import Address
from jobs.smtp.server import CalloutError, Server, Step
from jobs.smtp.session import Session, connect
from jobs.smtp.verdict import Reason, Verdict, refusal, unknown, verdict
from jobs.smtp.wire import Closed, Garbled

# What a server must take in one transaction (RFC 5321 section 4.5.3.1.8).
_RECIPIENTS = 100
_CLOSING = 421

_TROUBLE = {
    Reason.ENCRYPTION: "wants the connection to be encrypted: choose encryption “When the server offers it”.",
    Reason.SIGN_IN: "wants somebody to sign in first: that port is not for incoming mail, which is nearly always 25.",
    Reason.BLOCKED: "refuses to deal with the machine on which the console runs: allow its address there, as an "
    "internal or trusted sender.",
    Reason.LATER: "puts us off: try again in some minutes.",
    Reason.TOO_MANY: "has been asked too much for now: try again later.",
}


class Callout:
    """Asks one server about recipients. Not for several threads.

    Servers end connections on which they were asked much, some after each question: the next question then opens a new
    one. How often and how fast to ask is the caller's to bound.
    """

    def __init__(self, server: Server, session: Session | None = None) -> None:
        self.server = server
        self._session = session
        self._asked = 0
        self._utf8: bool | None = None  # Of the transaction that is open; None while there is none.

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        if self._session is not None:
            self._session.close()
            self._forget()

    def begin(self, *, utf8: bool = False) -> str:
        """Name the sender, if that is not done; what the server said. Raises CalloutError, Closed, Garbled, OSError."""
        session = self._session or connect(self.server)
        self._session = session
        if self._utf8 is utf8 and self._asked < _RECIPIENTS:
            return ""
        carried = self._utf8 is not None
        if carried:
            session.exchange("RSET")
            self._utf8 = None
        reply = session.exchange(f"MAIL FROM:<{self.server.sender}>" + (" SMTPUTF8" if utf8 else ""))
        if reply.code == _CLOSING and carried:
            raise Closed(str(reply))
        if reply.code != 250:
            why = _TROUBLE.get(refusal(reply), "does not accept the sender of the question.")
            raise CalloutError(Step.MAIL, f"{self.server.peer}, {why}", str(reply))
        self._utf8, self._asked = utf8, 0
        return str(reply)

    def ask(self, address: Address) -> Verdict:
        """What the server says of a recipient. Raises CalloutError when it cannot be asked anything at all."""
        carried = self._session is not None and self._utf8 is not None
        found = self._once(address)
        if carried and self._session is None and found.reason in (Reason.CLOSED, Reason.LATER):
            return self._once(address)
        return found

    def _once(self, address: Address) -> Verdict:
        utf8 = not address.isascii()
        try:
            self._session = self._session or connect(self.server)
            if utf8 and "SMTPUTF8" not in self._session.extensions:
                return unknown(Reason.UTF8)
            self.begin(utf8=utf8)
            found = self._recipient(address)
            if found.reason is Reason.TOO_MANY and self._asked > 1:
                # That may be the limit of this transaction alone.
                self._asked = _RECIPIENTS
                self.begin(utf8=utf8)
                found = self._recipient(address)
        except Garbled as error:
            self._drop()
            return unknown(Reason.OTHER, str(error))
        except (Closed, OSError) as error:
            self._drop()
            return unknown(Reason.TIMEOUT if isinstance(error, TimeoutError) else Reason.CLOSED, str(error))
        except CalloutError:
            self._drop()
            raise
        return found

    def _recipient(self, address: Address) -> Verdict:
        if self._session is None:
            raise Closed("there is no connection")
        reply = self._session.exchange(f"RCPT TO:<{address}>")
        self._asked += 1
        if reply.code == _CLOSING:
            self._drop()
        return verdict(reply)

    def _drop(self) -> None:
        if self._session is not None:
            self._session.drop()
        self._forget()

    def _forget(self) -> None:
        self._session, self._utf8, self._asked = None, None, 0
