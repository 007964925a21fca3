"""The web process connects to PostgreSQL and Redis, and to nothing else, whatever is pressed."""

from collections.abc import Callable
from pathlib import Path

import psutil
from flask import Flask
from sqlalchemy.engine import make_url

from console.models import Admin, Domain
from tests import factories
from tests.e2e import runs
from tests.e2e.visitor import Visitor
from tests.processes import Deployment, Web
from tests.servers.ldap_script import Script, ScriptedLdap
from tests.servers.valkey import Valkey

CONFIG = Path(__file__).with_name("audited_gunicorn.py")


def test_pages_and_buttons_never_connect_to_a_directory(
    *,
    app: Flask,
    deployment: Deployment,
    alice: Admin,
    valkey: Valkey,
    scripted: Callable[[Script], ScriptedLdap],
    tmp_path: Path,
) -> None:
    directory = scripted(Script(entries=runs.entries(30)))
    domain = factories.domain("example.test")
    notes = tmp_path / "connections"
    web = deployment.web("--config", str(CONFIG), CONNECTIONS=str(notes))
    deployment.worker()
    visitor = Visitor(app, alice, web.port)

    source = _added(visitor, domain, directory)
    for act, end in (("test", "succeeded"), ("preview", "succeeded"), ("sync", "needs_approval")):
        run = visitor.press(source, f"{source}/{act}")
        assert _watched(visitor, run).endswith(f'data-state="{end}">'), act
        assert visitor.get(run)
    visitor.press(run, f"{run}/approve")
    assert _watched(visitor, run).endswith('data-state="succeeded">')
    for path in ("/domains", "/domains/example.test/users", "/domains/example.test/sync", source, "/account"):
        assert visitor.get(path)
    assert "u000@example.test" in visitor.get("/domains/example.test/users?q=u000")

    assert directory.connections == 3, "the worker went there, for the test, the preview and the sync"
    assert set(notes.read_text().splitlines()) == {f"('127.0.0.1', {valkey.port})"}
    database = make_url(app.extensions["settings"].database_url)
    assert _open_ports(web) - {valkey.port} == {database.port}


def _open_ports(web: Web) -> set[int]:
    """The ports that the processes of the web server are connected to now; PostgreSQL's library is not audited."""
    return {
        connection.raddr.port
        for pid in (web.pid, *web.forked())
        for connection in psutil.Process(pid).net_connections("tcp")
        if connection.raddr and connection.laddr.port != web.port
    }


def _added(visitor: Visitor, domain: Domain, directory: ScriptedLdap) -> str:
    form = f"/domains/{domain.name}/sources/new/active-dir"
    return visitor.press(
        form,
        form,
        name="HQ",
        host="127.0.0.1",
        port=str(directory.port),
        tls="none",
        user_dn="cn=reader,dc=example,dc=test",
        password="secret of the reader",
        search_base="dc=example,dc=test",
    )


def _watched(visitor: Visitor, run: str) -> str:
    """Follow the stream of a run to its end; the line of the last state."""
    with visitor.stream(f"{run}/progress") as lines:
        states = [line for line in lines if "data-state=" in line or line == "event: end"]
    assert states[-1] == "event: end"
    return states[-2]
