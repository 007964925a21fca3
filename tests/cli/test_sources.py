"""flask sources: adding and listing them."""

from pathlib import Path

import pytest
from flask import Flask

from console.cli.source_options import INTERVALS
from console.models import Domain, Source
from console.store import domains, sources
from console.web.forms import sync as form
from tests.cli.command_line import CommandLine
from tests.servers.pki import Pki

WHO = ("--user-dn", "cn=reader", "--search-base", "dc=example", "--password-stdin")


def add(flask: CommandLine, domain: Domain, *options: object) -> Source:
    """The source that a command with a host, a user and these options adds."""
    result = flask("sources", "add-ldap", domain.name, "--host", "dc1.example.com", *WHO, *options, stdin="hush-hush\n")
    source = sources.get(int(result.stdout))
    assert source is not None
    return source


def test_a_source_is_stored_with_its_password_sealed(
    app: Flask, flask: CommandLine, domain: Domain, authority: Pki
) -> None:
    sales = domains.add_group(domain, "Sales")
    source = add(
        flask, domain, "--port", 3269, "--tls", "ldaps", "--ca-file", authority.ca_file,
        "--filter", "(department=Sales)", "--name", "HQ", "--group", "Sales", "--review", "--interval", "240",
    )  # fmt: skip
    assert source.settings == {
        "host": "dc1.example.com",
        "port": 3269,
        "tls": "ldaps",
        "user_dn": "cn=reader",
        "search_base": "dc=example",
        "filter": "(department=Sales)",
        "ca_pem": authority.ca_file.read_text(),
        "verify": True,
    }
    assert (source.label, source.group_id, source.mode, source.interval_minutes) == (
        "Active Dir. · HQ",
        sales.id,
        "review",
        240,
    )
    assert "hush" not in source.secret
    assert app.extensions["sealer"].unseal(source.secret) == "hush-hush"


@pytest.mark.parametrize(
    ("options", "port", "tls"),
    [
        ([], 636, "ldaps"),
        (["--tls", "starttls"], 389, "starttls"),
        (["--tls", "none"], 389, "none"),
        (["--port", 389], 389, "starttls"),
        (["--port", 3269], 3269, "ldaps"),
    ],
)
def test_port_and_encryption_follow_from_each_other(
    flask: CommandLine, domain: Domain, options: list[object], port: int, tls: str
) -> None:
    source = add(flask, domain, *options)
    assert (source.settings["port"], source.settings["tls"]) == (port, tls)


def test_what_is_not_given_has_a_safe_default(flask: CommandLine, domain: Domain) -> None:
    source = add(flask, domain)
    assert source.settings["verify"] is True
    assert (source.name, source.mode, source.interval_minutes) == ("dc1.example.com", "automatic", 60)
    assert source.next_run_at is not None
    assert add(flask, domain, "--no-verify").settings["verify"] is False


def test_a_schedule_can_be_off_and_is_one_of_those_on_the_page(flask: CommandLine, domain: Domain) -> None:
    source = add(flask, domain, "--interval", "off")
    assert (source.interval_minutes, source.next_run_at) == (None, None)
    assert [value for value, _ in form.INTERVALS] == list(INTERVALS)


@pytest.mark.parametrize(
    "options",
    [
        ["--host", "ldap://dc1", *WHO],
        ["--host", "dc1:70000", *WHO],
        ["--host", "dc1", "--host", "reader@dc2", *WHO],
        ["--host", "dc1", "--port", "70000", *WHO],
        ["--host", "dc1", "--tls", "ssl", *WHO],
        ["--host", "dc1", "--interval", "7", *WHO],
        ["--host", "dc1", "--user-dn", "cn=reader"],
        ["--host", "dc1", "--password-stdin"],
        ["--host", "dc1", "--ca-file", "/nowhere", *WHO],
        [*WHO],
    ],
)
def test_a_wrong_option_is_a_usage_error_and_nothing_is_stored(
    flask: CommandLine, domain: Domain, options: list[str]
) -> None:
    flask("sources", "add-ldap", domain.name, *options, status=2, stdin="hush-hush")
    assert not sources.every()


def test_several_servers_are_tried_in_the_order_given(flask: CommandLine, domain: Domain) -> None:
    source = add(flask, domain, "--host", "dc2.example.com:3269")
    assert (source.settings["host"], source.name) == ("dc1.example.com, dc2.example.com:3269", "dc1.example.com")
    assert source.endpoint == "ldaps://dc1.example.com:636, dc2.example.com:3269"


def test_a_file_that_is_no_authority_is_a_usage_error(
    flask: CommandLine, domain: Domain, tmp_path: Path, authority: Pki
) -> None:
    wrong = tmp_path / "ca.pem"
    _, key = authority.issue("dc1", folder=tmp_path)
    for content, said in (
        (b"no certificate", "not a certificate in PEM form"),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "not a certificate in PEM form"),
        (b"\xff\xfe", "not a certificate in PEM form"),
        (authority.ca_file.read_bytes() + key.read_bytes(), "This holds a private key"),
        (b"x" * 65_537, "more than 64 KB"),
    ):
        wrong.write_bytes(content)
        options = ["--host", "dc1", "--ca-file", wrong, *WHO]
        result = flask("sources", "add-ldap", domain.name, *options, status=2, stdin="hush-hush")
        assert said in " ".join(result.stderr.split())
    assert not sources.every()


def test_an_authority_that_has_expired_is_kept_with_a_warning(
    flask: CommandLine, domain: Domain, tmp_path: Path, authority: Pki
) -> None:
    expired, _ = authority.issue("old", ["dc1.example.com"], expired=True, folder=tmp_path)
    options = ["--host", "dc1.example.com", "--ca-file", expired, *WHO]
    result = flask("sources", "add-ldap", domain.name, *options, stdin="hush-hush")
    assert "Expired among the certificates of your authority: old" in result.stderr
    source = sources.get(int(result.stdout))
    assert source is not None
    assert source.settings["ca_pem"] == expired.read_text()


def test_the_list_holds_nothing_secret(flask: CommandLine, domain: Domain) -> None:
    source = add(flask, domain, "--name", "HQ")
    result = flask("sources", "list", "--json")
    assert "hush" not in result.output
    assert source.secret not in result.output
    [told] = flask.json("sources", "list")
    assert (told["id"], told["domain"], told["server"], told["interval_minutes"]) == (
        source.id,
        domain.name,
        "ldaps://dc1.example.com:636",
        60,
    )
    text = flask("sources", "list").stdout
    assert "Active Dir. · HQ" in text
    assert "not synced yet" in text


def test_a_source_that_is_not_there_is_refused(flask: CommandLine) -> None:
    for command in ("test", "preview", "sync"):
        told = flask.json("sources", command, 99, status=1)
        assert told == {"error": "There is no source 99. See: flask sources list"}
    flask("sources", "sync", "HQ", status=2)
    flask("sources", "sync", 10**30, status=2)
