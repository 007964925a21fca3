"""Run a command and look at what it answered."""

import json
from dataclasses import dataclass
from typing import Any

from click.testing import Result
from flask import Flask

from tests.servers.people import person_dn
from tests.servers.pki import Pki
from tests.servers.slapd import Slapd


@dataclass(frozen=True)
class CommandLine:
    """The commands of an application. An exception that is no exit of the command fails the test."""

    app: Flask

    def __call__(self, *arguments: object, status: int = 0, stdin: str | None = None) -> Result:
        runner = self.app.test_cli_runner()
        result = runner.invoke(args=[str(argument) for argument in arguments], input=stdin, catch_exceptions=False)
        assert result.exit_code == status, result.output
        assert "Traceback" not in result.output
        return result

    def json(self, *arguments: object, status: int = 0, stdin: str | None = None) -> Any:
        """The document of a command with --json, which is all that it may write to standard output."""
        return json.loads(self(*arguments, "--json", status=status, stdin=stdin).stdout)


@dataclass(frozen=True)
class Directory:
    """A real directory, and how to add it as a source."""

    slapd: Slapd
    authority: Pki

    def add(self, flask: CommandLine, *more: object, domain: str = "example.test", password: str | None = None) -> int:
        """Add it as a source of a domain, as the right options would; the number of the source."""
        slapd = self.slapd
        result = flask(
            "sources", "add-ldap", domain, "--host", "localhost", "--port", slapd.tls_port,
            "--user-dn", slapd.reader_dn, "--password-stdin", "--search-base", slapd.suffix,
            "--ca-file", self.authority.ca_file, *more,
            stdin=password or slapd.reader_password,
        )  # fmt: skip
        return int(result.stdout)

    def remove(self, *uids: str) -> None:
        self.slapd.delete(*map(person_dn, uids))
