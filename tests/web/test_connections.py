"""The web process opens no connection but to PostgreSQL and Redis."""

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import pytest
from flask import Flask

from console.models import Admin, RunKind
from tests import factories
from tests.factories import PASSWORD
from tests.servers.postgres import Postgres
from tests.servers.valkey import Valkey
from tests.web.client import Browser
from tests.web.route_table import BEHIND_SIGN_IN
from tests.web.test_routes import address

_seen: list[tuple[str, object]] | None = None


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    """Note the address of a connection or a datagram, the host of a look-up, the program of a process."""
    place = {"socket.connect": 1, "socket.sendto": 1, "socket.getaddrinfo": 0, "subprocess.Popen": 0}.get(event)
    if _seen is not None and place is not None:
        _seen.append((event, arguments[place]))


@contextmanager
def watched() -> Iterator[list[tuple[str, object]]]:
    """What the process reaches out to, as Python sees it. A hook cannot be taken away, only be idle."""
    global _seen  # noqa: PLW0603 - the hook is the process's own
    if _seen is None:
        sys.addaudithook(_hook)
    _seen = []
    try:
        yield _seen
    finally:
        _seen = None


def peers() -> set[tuple[str, int]]:
    """Where this process has a connection to, as the system sees it: libpq connects without Python's knowledge."""
    connections = psutil.Process().net_connections(kind="inet")
    return {(peer.raddr.ip, peer.raddr.port) for peer in connections if peer.raddr}


@pytest.fixture
def directory() -> Iterator[socket.socket]:
    """A server that would take a connection, if one came."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


def test_no_page_and_no_button_reaches_further_than_the_database_and_redis(
    app: Flask, alice: Admin, postgres: Postgres, valkey: Valkey, directory: socket.socket
) -> None:
    domain = factories.domain(aliases=["brightfield-group.example"])
    port = directory.getsockname()[1]
    source = factories.source(domain, settings={"host": "127.0.0.1", "port": port})
    factories.users(domain, factories.user("ada", source_id=source.id))
    factories.run(domain, RunKind.TEST, source)
    app.extensions["redis"].connection_pool.disconnect()
    earlier = peers()
    found: set[tuple[str, int]] = set()
    browser = Browser.of(app)
    with watched() as seen:
        assert browser.submit("/login", email=alice.email, password=PASSWORD).status_code == 302
        for name in sorted(BEHIND_SIGN_IN, key=lambda name: (name.endswith((".delete", ".sign_out")), name)):
            path = address(app, name)
            typed = {"current": PASSWORD} if name == "POST account.password" else {}
            response = browser.get(path) if name.startswith("GET") else browser.submit(path, **typed)
            assert response.status_code in (200, 302, 400, 404, 422), name
            response.close()
            found |= peers()
    own = {("127.0.0.1", postgres.port), ("127.0.0.1", valkey.port)}
    assert found - (earlier - own) == own
    assert not [program for event, program in seen if event == "subprocess.Popen"]
    connected = {where for event, where in seen if event in ("socket.connect", "socket.sendto")}
    assert connected == {("127.0.0.1", valkey.port)}
    assert {host for event, host in seen if event == "socket.getaddrinfo"} <= {"127.0.0.1"}
    with pytest.raises(BlockingIOError):
        directory.accept()
