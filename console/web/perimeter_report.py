"""Rejections of the HTTP door on their way into the report: counted in memory, and written after a moment."""

import logging
import threading
from collections.abc import Mapping

from flask import Flask

from console.core.recipient import Asked
from console.core.rejections import DomainTally, Tally
from console.models import DatabaseError, Domain, now
from console.store import rejections

log = logging.getLogger(__name__)


class Report:
    """Counts for all threads of a process; what was counted is written REPORT_SECONDS after the first of it.

    A process that ends writes what is left: Python waits for the thread that does it.
    """

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._tally = Tally()
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None

    def note(self, domain: Domain, asked: Asked, *, client: str, would: bool) -> None:
        """Count one mail that was rejected, or would have been."""
        with self._lock:
            self._tally.note(domain.id, asked.address, sender="", client=client, would=would, at=now())
            if self._timer is None:
                self._timer = threading.Timer(self._app.config["REPORT_SECONDS"], self.write)
                self._timer.start()

    def write(self) -> None:
        """Write what was counted; without the database it waits for the next time."""
        taken = self._taken()
        try:
            with self._app.app_context():
                rejections.record(taken)
        except DatabaseError as error:
            log.warning("rejected recipients are not written now: %s", type(error.orig).__name__)
            with self._lock:
                self._tally.give_back(taken)

    def stop(self) -> None:
        """Forget what was counted, and write nothing by itself until something else is."""
        self._taken()

    def _taken(self) -> Mapping[int, DomainTally]:
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            return self._tally.take()
