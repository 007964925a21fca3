"""The command line under test: in this process for most tests, as a process of its own for a few."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from console.settings import Settings
from tests.cli.command_line import CommandLine, Directory
from tests.servers.ldap_script import Script, ScriptedLdap
from tests.servers.people import person_ldif
from tests.servers.pki import Pki
from tests.servers.slapd import Slapd, slapd_available

ROOT = Path(__file__).parent.parent.parent
Process = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def flask(app: Flask) -> CommandLine:
    return CommandLine(app)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return Pki(tmp_path_factory.mktemp("cli-pki"))


@pytest.fixture(scope="session")
def slapd(tmp_path_factory: pytest.TempPathFactory, authority: Pki) -> Iterator[Slapd]:
    if not slapd_available():
        pytest.skip("slapd is not installed")
    with Slapd.start(tmp_path_factory.mktemp("cli-slapd"), authority) as server:
        yield server


@pytest.fixture
def directory(slapd: Slapd, authority: Pki) -> Directory:
    """A real directory with twelve people: user01 to user12 of example.test."""
    slapd.clear()
    for n in range(1, 13):
        slapd.add(person_ldif(f"user{n:02}", given="Uma", sn=f"No{n}", mail=f"user{n:02}@example.test"))
    return Directory(slapd, authority)


@pytest.fixture
def scripted() -> Iterator[Callable[[Script], ScriptedLdap]]:
    """Starts directories that follow a script and stops them at the end."""
    servers: list[ScriptedLdap] = []

    def start(script: Script) -> ScriptedLdap:
        servers.append(ScriptedLdap.start(script))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def process(app: Flask, settings: Settings) -> Iterator[Process]:
    """Starts `flask` as a process of its own, on the database of the tests unless `more` says otherwise."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str, **more: str) -> "subprocess.Popen[str]":
        env = {
            "PATH": os.environ["PATH"],
            "PYTHONUNBUFFERED": "1",
            "SECRET_KEY": settings.secret_key,
            "SEALING_KEYS": ",".join(settings.sealing_keys),
            "DATABASE_URL": settings.database_url,
            "REDIS_URL": settings.redis_url,
            "ALLOW_LOCAL_TARGETS": "1",
            **more,
        }
        command = [sys.executable, "-m", "flask", *arguments]
        started.append(
            subprocess.Popen(command, cwd=ROOT, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        )
        return started[-1]

    yield start
    for child in started:
        if child.poll() is None:
            child.kill()
        child.communicate()
