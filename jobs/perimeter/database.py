"""The store, asked from threads, so that the one that answers mail servers never waits for it."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from flask import Flask

from console.models import DatabaseError
from jobs.perimeter.dialect import TroubleError

log = logging.getLogger(__name__)
T = TypeVar("T")


class Database:
    """Calls of the store, some of them at the same time, each in a context and a session of its own."""

    def __init__(self, app: Flask, threads: int) -> None:
        self._app = app
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="store")

    async def call(self, work: Callable[[], T]) -> T:
        """What the store says. Raises TroubleError when the database does not answer."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, self._in_context, work)
        except DatabaseError as error:
            raise TroubleError(type(error.orig).__name__) from None
        except Exception as error:
            log.exception("the store failed")
            raise TroubleError(type(error).__name__) from None

    def _in_context(self, work: Callable[[], T]) -> T:
        with self._app.app_context():
            return work()

    def close(self) -> None:
        """Let what is under way go on, and nothing begin any more."""
        self._threads.shutdown(wait=False, cancel_futures=True)
