"""Mail servers of a domain that follow a script."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from console.models import Domain
from jobs import asking, discovery, probing
from tests import factories
from tests.servers.smtp import Script, ScriptedSmtp

Serve = Callable[..., ScriptedSmtp]


@pytest.fixture
def serve(domain: Domain) -> Iterator[Serve]:
    """Starts servers that follow a script, each a delivery server of the domain."""
    servers: list[ScriptedSmtp] = []

    def start(script: Script, **values: Any) -> ScriptedSmtp:
        servers.append(ScriptedSmtp.start(script))
        factories.delivery_server(values.pop("domain", domain), port=servers[-1].port, **values)
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for more mail, and a server has a second for its answer."""
    monkeypatch.setattr(discovery, "LINGER_SECONDS", 0.0)
    monkeypatch.setattr(probing, "CONNECT_SECONDS", 1.0)
    monkeypatch.setattr(probing, "RECEIVE_SECONDS", 1.0)
    monkeypatch.setattr(asking, "TRY_SECONDS", 0.01)
    monkeypatch.setattr(asking, "LOOK_SECONDS", 0.01)
