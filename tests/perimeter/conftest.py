"""A perimeter on the database of the tests, in a thread with an event loop of its own."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask import Flask

from console.core.recipient import Mode
from console.models import Domain
from console.store import domains
from jobs.perimeter.__main__ import serve
from tests import factories
from tests.factories import changed, manual_user
from tests.perimeter.client import Client
from tests.processes import until
from tests.servers.ports import LOOPBACK, free_port, wait_for_port

Start = Callable[..., Client]


@pytest.fixture
def ours(app: Flask) -> Domain:
    """A domain that enforces its list, with one user."""
    domain = factories.domain(aliases=["bf.example"])
    factories.users(domain, manual_user("ada", aliases=["a.l"]))
    domains.set_perimeter(domain, Mode.ENFORCE)
    return domain


@pytest.fixture
def perimeter(app: Flask, ours: Domain) -> Iterator[Client]:
    with served(app) as client:
        yield client


@contextmanager
def served(app: Flask, **values: object) -> Iterator[Client]:
    """Serve until the end of the block, and to the end of it: the report is written. `values` are settings."""
    before = app.extensions["settings"]
    ports = free_port(), free_port()
    app.extensions["settings"] = changed(
        before,
        perimeter_policy_listen=(LOOPBACK, ports[0]),
        perimeter_socketmap_listen=(LOOPBACK, ports[1]),
        **values,
    )
    loop, stop = asyncio.new_event_loop(), asyncio.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=(serve(app, stop),))
    thread.start()
    try:
        wait_for_port(ports[1])
        yield Client(*ports)
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(20)
        assert not thread.is_alive()
        loop.close()
        until(lambda: not any(map(_is_its_own, threading.enumerate())), "its threads have ended")
        app.extensions["settings"] = before


def _is_its_own(thread: threading.Thread) -> bool:
    """Whether it may still ask the database or ring, which the next test would notice."""
    return thread.name.startswith(("store", "doorbell"))
