"""Scripted mail servers, and how a callout reaches them."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from jobs.smtp.server import Server
from tests.servers.pki import Pki
from tests.servers.ports import LOOPBACK
from tests.servers.smtp import Script, ScriptedSmtp

Start = Callable[..., ScriptedSmtp]


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return Pki(tmp_path_factory.mktemp("smtp-pki"))


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts servers that follow a script and stops them at the end."""
    servers: list[ScriptedSmtp] = []

    def begin(script: Script, **more: Any) -> ScriptedSmtp:
        servers.append(ScriptedSmtp.start(script, **more))
        return servers[-1]

    yield begin
    for server in servers:
        server.stop()


def at(server: ScriptedSmtp, **more: Any) -> Server:
    """How a callout reaches a scripted server. It waits a second, not half a minute, for an answer."""
    defaults: dict[str, Any] = {"receive_timeout": 1.0, "connect_timeout": 1.0, "allow_local": True}
    return Server(more.pop("host", LOOPBACK), server.port, **{**defaults, **more})
