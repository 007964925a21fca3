"""One connection of a mail server: questions are answered in their order, and no client makes it hold much."""

import asyncio
import logging
import time
from collections import deque
from typing import Protocol, cast

from console.core.recipient import Decision
from jobs.perimeter.dialect import Dialect, ProtocolError, Question, TroubleError

log = logging.getLogger(__name__)

# Seconds for a question to come as a whole, and for a client to read its answers.
HALFWAY = 20.0
# Questions of a client that does not wait for answers: beyond the first number nothing more is read until they are
# down to the second one.
FULL, ROOM_AGAIN = 64, 16
QUIET_SECONDS = 10.0


class Decider(Protocol):
    """Where decisions come from (jobs.perimeter.lookup.Lookup)."""

    def at_once(self, question: Question) -> Decision | None: ...

    async def decide(self, question: Question) -> Decision: ...


class Seldom:
    """Logs a warning at most once in a few seconds, with how many were left out: clients can cause any number."""

    def __init__(self) -> None:
        self._last = float("-inf")
        self._left_out = 0

    def warn(self, what: str) -> None:
        if time.monotonic() - self._last < QUIET_SECONDS:
            self._left_out += 1
            return
        more = f" (and {self._left_out} more since the last such line)" if self._left_out else ""
        log.warning("%s%s", what, more)
        self._last, self._left_out = time.monotonic(), 0


seldom = Seldom()


class Connection(asyncio.Protocol):
    """`connections` are all open ones, of which there may be `limit`; a further client is disconnected at once."""

    def __init__(self, decider: Decider, dialect: Dialect, connections: set["Connection"], limit: int) -> None:
        self._decider = decider
        self._dialect = dialect
        self._connections = connections
        self._limit = limit
        self._loop = asyncio.get_running_loop()
        self._backlog: deque[Question] = deque()
        self._task: asyncio.Task[None] | None = None
        self._ending = False
        self._unread = False
        self._heard = self._loop.time()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        if len(self._connections) >= self._limit:
            seldom.warn(f"there are {self._limit} connections, so that no further client is let in")
            self._transport.abort()
            return
        self._connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self._connections.discard(self)
        self._backlog.clear()
        if self._task is not None:
            self._task.cancel()

    def data_received(self, data: bytes) -> None:
        self._heard = self._loop.time()
        if self._ending:
            return
        answers = []
        try:
            for question in self._dialect.feed(data):
                answer = self._at_once(question) if self._task is None and not self._backlog else None
                if answer is None:
                    self._backlog.append(question)
                else:
                    answers.append(answer)
        except ProtocolError as error:
            seldom.warn(f"a client that speaks another protocol is disconnected: {error}")
            self._ending = True
        if answers:
            self._transport.write(b"".join(answers))
        if self._backlog and self._task is None:
            self._task = self._loop.create_task(self._work())
        if len(self._backlog) >= FULL:
            self._transport.pause_reading()
        if self._ending and self._task is None:
            self._transport.close()

    def eof_received(self) -> bool:
        """The client asks nothing more, and may still read answers: the connection stays open for those."""
        self.end()
        return self._task is not None

    def pause_writing(self) -> None:
        """The client does not read its answers: it is not listened to either."""
        self._unread = True
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        self._unread = False
        self._heard = self._loop.time()
        if len(self._backlog) < FULL and not self._transport.is_closing():
            self._transport.resume_reading()

    def end(self) -> None:
        """Answer what was asked, and nothing more."""
        self._ending = True
        if self._task is None:
            self._transport.close()

    def abort(self) -> None:
        self._transport.abort()

    def look(self, now: float) -> None:
        """Disconnect a client that keeps a connection without using it."""
        if self._task is not None and not self._unread:
            return
        patience = HALFWAY if self._unread or self._dialect.halfway else self._dialect.idle
        if now - self._heard > patience:
            self._transport.abort()

    def _at_once(self, question: Question) -> bytes | None:
        if not question.recipient:
            return self._dialect.answer(question, None)
        decision = self._decider.at_once(question)
        return self._dialect.answer(question, decision) if decision is not None else None

    async def _work(self) -> None:
        """Answer the questions that have to wait for something, and those behind them."""
        try:
            while self._backlog and not self._transport.is_closing():
                answer = await self._answer(self._backlog.popleft())
                if answer is None:
                    self._backlog.clear()
                    self._ending = True
                    break
                self._transport.write(answer)
                if len(self._backlog) == ROOM_AGAIN and not self._unread and not self._transport.is_closing():
                    self._transport.resume_reading()
        finally:
            self._task = None
            self._heard = self._loop.time()
        if self._ending:
            self._transport.close()

    async def _answer(self, question: Question) -> bytes | None:
        """The answer, or None where there is none and the client has to be disconnected."""
        answer = self._at_once(question)
        if answer is not None:
            return answer
        try:
            return self._dialect.answer(question, await self._decider.decide(question))
        except TroubleError as error:
            seldom.warn(f"no decision: {error}")
            return self._dialect.trouble
        except Exception:
            log.exception("no decision")
            return self._dialect.trouble
