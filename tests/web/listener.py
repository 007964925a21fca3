"""A browser's side of a live stream: server-sent events, read in a thread as they come."""

import queue
import threading
from types import TracebackType
from typing import Self

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.web.client import Browser

SECONDS = 10.0


class Listener:
    """An open stream. Each message is the HTML of its data, "" for a comment, or the name of its event."""

    def __init__(self, browser: Browser, path: str) -> None:
        self._browser, self._path = browser, path
        self._arrived: queue.Queue[TestResponse | str | None] = queue.Queue()
        self._left = threading.Event()
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()
        first = self._arrived.get(timeout=SECONDS)
        assert isinstance(first, TestResponse)
        self.response = first

    def next(self) -> str | None:
        """The next message; None when the stream has ended."""
        found = self._arrived.get(timeout=SECONDS)
        assert not isinstance(found, TestResponse)
        return found

    def html(self) -> str:
        """The next message that is no comment."""
        while (found := self.next()) == "":
            pass
        assert found is not None, "the stream has ended"
        return found

    def rest(self) -> list[str]:
        """What comes until the stream ends by itself."""
        found = []
        while (message := self.next()) is not None:
            found.append(message)
        return found

    def leave(self) -> None:
        """As a browser does whose page is closed; the server notices with its next message."""
        self._left.set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """The stream has ended by itself, or ends with what comes next."""
        self.leave()
        self._thread.join(SECONDS)
        assert not self._thread.is_alive(), "the stream goes on although nobody listens"

    def _listen(self) -> None:
        """A stream keeps its contexts from message to message, so all of it happens in this one thread."""
        response = FlaskClient.open(self._browser, self._path, headers={"Accept": "text/event-stream"}, buffered=False)
        self._arrived.put(response)
        try:
            for part in response.iter_encoded():
                self._arrived.put(_message(part.decode()))
                if self._left.is_set():
                    break
        finally:
            response.close()
            self._arrived.put(None)


def _message(part: str) -> str:
    """One event, as the HTML standard reads it (section 9.2.6)."""
    assert part.endswith("\n\n")
    assert part.count("\n\n") == 1
    fields = [line.partition(":") for line in part.splitlines() if line]
    names = {name for name, _, _ in fields}
    assert names <= {"data", "event", ""}, part
    if "event" in names:
        return next(value.strip() for name, _, value in fields if name == "event")
    return "\n".join(value.removeprefix(" ") for name, _, value in fields if name == "data")
