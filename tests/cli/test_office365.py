"""flask sources add-office365, and what the other commands do with such a source."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from console.models import Domain, Source
from console.store import sources
from tests import tenants
from tests.cli.command_line import CommandLine
from tests.servers.graph import GraphStandIn
from tests.servers.graph.certificate import app_certificate
from tests.servers.pki import Pki

TENANT = "99990000-aaaa-2222-bbbb-3333cccc4444"
APP = "00001111-AAAA-2222-bbbb-3333cccc4444"
WHO = ("--tenant", TENANT, "--client-id", APP)
SECRET = "Kx8Q~value.of-the_secret"


def add(flask: CommandLine, domain: Domain, *options: object, stdin: str = SECRET) -> Source:
    result = flask("sources", "add-office365", domain.name, *options, stdin=stdin)
    source = sources.get(int(result.stdout))
    assert source is not None
    assert SECRET not in result.output
    return source


def test_a_source_is_stored_with_its_secret_sealed(app: Flask, flask: CommandLine, domain: Domain) -> None:
    source = add(flask, domain, *WHO, "--secret-stdin", "--secret-expires", "2090-03-31", "--cloud", "us", "--review")
    assert source.settings == {
        "tenant": TENANT,
        "client_id": APP.lower(),
        "credential": "secret",
        "cloud": "us",
        "ca_pem": "",
    }
    assert (source.label, source.mode, source.interval_minutes) == (f"Office 365 · {domain.name}", "review", 60)
    assert app.extensions["sealer"].unseal(source.secret) == SECRET
    [told] = flask.json("sources", "list")
    assert (told["kind"], told["secret_expires_on"]) == ("office365", "2090-03-31")
    assert told["server"] == f"Tenant {TENANT}, US Government (GCC High)"


def test_a_certificate_says_its_own_end(app: Flask, flask: CommandLine, domain: Domain, tmp_path: Path) -> None:
    pem, certificate = app_certificate()
    file = tmp_path / "app.pem"
    file.write_text(pem)
    source = add(flask, domain, "--tenant", domain.name, "--client-id", APP, "--certificate", file)
    assert (source.settings["credential"], source.settings["cloud"]) == ("certificate", "global")
    assert source.secret_expires_on == certificate.not_valid_after_utc.date()
    assert app.extensions["sealer"].unseal(source.secret) == pem


def test_a_secret_that_is_about_to_end_is_said(flask: CommandLine, domain: Domain) -> None:
    options = (*WHO, "--secret-stdin", "--secret-expires", "2020-01-01")
    result = flask("sources", "add-office365", domain.name, *options, stdin=SECRET)
    assert "The client secret of the app expired on 1 January 2020" in result.stderr
    assert "expired on 1 January 2020" in flask("sources", "list").stdout


@pytest.mark.parametrize(
    "options",
    [
        [*WHO],
        ["--tenant", "not a tenant", "--client-id", APP, "--secret-stdin"],
        ["--tenant", TENANT, "--client-id", "Rollcall", "--secret-stdin"],
        [*WHO, "--secret-stdin", "--certificate", "/nowhere"],
        [*WHO, "--secret-stdin", "--authority", "https://login.example"],
        [*WHO, "--secret-stdin", "--authority", "http://login.example", "--graph", "https://graph.example"],
        [*WHO, "--secret-stdin", "--cloud", "mars"],
        [*WHO, "--secret-stdin", "--secret-expires", "soon"],
    ],
)
def test_a_wrong_option_is_a_usage_error(flask: CommandLine, domain: Domain, options: list[str]) -> None:
    flask("sources", "add-office365", domain.name, *options, status=2, stdin=SECRET)
    assert not sources.every()


def test_a_file_that_is_no_certificate_is_a_usage_error(flask: CommandLine, domain: Domain, tmp_path: Path) -> None:
    file = tmp_path / "app.pem"
    file.write_text("nothing")
    result = flask("sources", "add-office365", domain.name, *WHO, "--certificate", file, status=2)
    assert "There is no private key in this" in " ".join(result.stderr.split())


@pytest.fixture
def graph(authority: Pki) -> Iterator[GraphStandIn]:
    with GraphStandIn.start(authority, tenants.tenant()) as server:
        yield server


def test_a_tenant_is_tested_previewed_and_synced(
    flask: CommandLine, domain: Domain, graph: GraphStandIn, authority: Pki
) -> None:
    place = ("--authority", graph.url, "--graph", graph.url, "--ca-file", authority.ca_file)
    who = ("--tenant", graph.tenant.id, "--client-id", tenants.client_id(graph), "--secret-stdin")
    source = add(flask, domain, *who, *place, stdin=tenants.SECRET)
    told = flask.json("sources", "test", source.id)
    assert told["samples"] == [f"{name}@{domain.name}" for name in (*tenants.NAMES, "sales")]
    assert any("Dynamic distribution lists" in issue["why"] for issue in told["issues"])
    assert flask.json("sources", "preview", source.id)["summary"]["created"] == 5
    assert flask.json("sources", "sync", source.id, status=3)["state"] == "needs_approval"
    assert flask.json("sources", "sync", source.id, "--approve")["summary"]["created"] == 5
    kinds = {user["address"].partition("@")[0]: user["kind"] for user in flask.json("users", "list", domain.name)}
    assert kinds == {"ann": "mailbox", "bob": "mailbox", "info": "shared", "room": "resource", "sales": "list"}
