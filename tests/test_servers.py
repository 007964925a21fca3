"""The servers that other tests rely on do what they promise: start, keep, lose and refuse."""

import os
import signal
import socket
import ssl
import stat
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.servers import apt
from tests.servers.ldif import entries_of
from tests.servers.people import SUFFIX, person_ldif
from tests.servers.pki import Pki
from tests.servers.ports import LOOPBACK, answers, black_hole, free_port, wait_for_port
from tests.servers.postgres import Postgres
from tests.servers.process import ServerError
from tests.servers.valkey import Valkey


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    with Postgres.start(tmp_path_factory.mktemp("postgres")) as server:
        yield server


def ask(url: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url, autocommit=True) as connection:
        done = connection.execute(statement.encode())
        return done.fetchall() if done.description else []


def test_postgres_copies_a_template_with_trigrams_that_know_umlauts(postgres: Postgres) -> None:
    template = postgres.create_database("template")
    ask(template, "CREATE EXTENSION pg_trgm")
    copy = postgres.create_database("copy", "template")
    assert ask(copy, "SELECT similarity('ÖZGÜR', 'özgür')") == [(1.0,)]
    postgres.drop_database("copy")
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        ask(copy, "SELECT 1")


def test_postgres_drops_a_database_that_is_in_use(postgres: Postgres) -> None:
    url = postgres.create_database("busy")
    with psycopg.connect(url):
        postgres.drop_database("busy")
    assert ask(postgres.url, "SELECT 1 FROM pg_database WHERE datname = 'busy'") == []


def test_postgres_wants_its_password_and_keeps_it_private(postgres: Postgres) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        ask(postgres.url.replace(postgres.password, "wrong"), "SELECT 1")
    assert stat.S_IMODE((postgres.folder / "password").stat().st_mode) == 0o600
    assert ask(postgres.url, "SHOW listen_addresses") == [(LOOPBACK,)]


def test_postgres_keeps_what_was_committed_through_restarts_and_crashes(tmp_path: Path) -> None:
    with Postgres.start(tmp_path / "pg", durable=True) as server:
        assert ask(server.url, "SHOW fsync") == [("on",)]
        ask(server.url, "CREATE TABLE kept AS SELECT 1 AS number")
        server.restart()
        ask(server.url, "INSERT INTO kept VALUES (2)")
        server.kill()
        assert not answers(server.port)
        server.restart()
        assert ask(server.url, "SELECT number FROM kept ORDER BY 1") == [(1,), (2,)]
    with Postgres.start(tmp_path / "pg", durable=True) as again:
        assert ask(again.url, "SELECT count(*) FROM kept") == [(2,)]


def test_postgres_starts_over_a_pid_file_whose_number_belongs_to_another_process(tmp_path: Path) -> None:
    server = Postgres.start(tmp_path)
    pid_file = tmp_path / "data" / "postmaster.pid"
    left_behind = pid_file.read_text()
    server.kill()
    other = subprocess.Popen([*server.account.prefix, "/bin/sleep", "60"])  # alive, and of the same user
    try:
        pid_file.write_text(left_behind.replace(str(server.pid), str(other.pid), 1))
        with Postgres.start(tmp_path) as again:
            assert ask(again.url, "SELECT 1") == [(1,)]
    finally:
        other.kill()
        other.wait()


def test_a_second_postgres_in_one_folder_is_refused(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.servers.postgres.ENDING_TIMEOUT", 0.1)
    with pytest.raises(ServerError, match=rf"process {postgres.pid}\) already uses"):
        Postgres.start(postgres.folder)
    assert ask(postgres.url, "SELECT 1") == [(1,)]


def test_a_server_that_cannot_start_says_why_in_the_words_of_its_log(postgres: Postgres, tmp_path: Path) -> None:
    with pytest.raises(ServerError, match="Address already in use"):
        Postgres.start(tmp_path, port=postgres.port)


def test_valkey_wants_its_password_and_forgets_at_a_restart(tmp_path: Path) -> None:
    with Valkey.start(tmp_path) as server, redis.Redis.from_url(server.url) as client:
        client.set("word", "kept")
        with (
            pytest.raises(redis.AuthenticationError),
            redis.Redis(port=server.port, retry=Retry(NoBackoff(), 0)) as stranger,
        ):
            stranger.ping()
        server.restart()
        assert client.get("word") is None


def test_a_durable_valkey_remembers_after_a_crash(tmp_path: Path) -> None:
    with Valkey.start(tmp_path, password='quote " and \\ and ü', durable=True) as server:
        with redis.Redis.from_url(server.url) as client:
            client.set("word", "kept")
        server.kill()
        server.restart()
        with redis.Redis.from_url(server.url) as client:
            assert client.get("word") == b"kept"


def test_servers_end_when_the_process_that_started_them_is_killed(tmp_path: Path) -> None:
    script = (
        "import pathlib, sys, time; from tests.servers.valkey import Valkey;"
        "print(Valkey.start(pathlib.Path(sys.argv[1])).port, flush=True); time.sleep(60)"
    )
    owner = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, cwd=Path(__file__).parents[1]
    )
    assert owner.stdout is not None
    with owner.stdout:
        port = int(owner.stdout.readline())
    assert answers(port)
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    deadline = time.monotonic() + 5
    while answers(port) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not answers(port)


def handshake(pki: Pki, certificate: tuple[Path, Path], name: str) -> None:
    """A strict TLS handshake through memory, which raises what a client would."""
    client_side = ssl.create_default_context(cafile=pki.ca_file)
    client_side.verify_flags |= ssl.VERIFY_X509_STRICT
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(*certificate)
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_side.wrap_bio(down, up, server_hostname=name)
    server = server_side.wrap_bio(up, down, server_side=True)
    for side in (client, server, client):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue


def test_certificates_pass_a_strict_check_for_their_names_only(tmp_path: Path) -> None:
    pki = Pki(tmp_path)
    certificate = pki.issue("server", ["dc1.example.test"], [LOOPBACK])
    handshake(Pki(tmp_path), certificate, "dc1.example.test")  # the authority is found again
    handshake(pki, certificate, LOOPBACK)
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        handshake(pki, certificate, "dc2.example.test")
    with pytest.raises(ssl.SSLCertVerificationError, match="expired"):
        handshake(pki, pki.issue("old", ["dc1.example.test"], expired=True), "dc1.example.test")
    with pytest.raises(ssl.SSLCertVerificationError, match="unable to get local issuer"):
        handshake(Pki(tmp_path / "other", "Another CA"), certificate, "dc1.example.test")
    assert {stat.S_IMODE(key.stat().st_mode) for key in tmp_path.glob("*.key")} == {0o600}


def test_ldif_brings_back_what_was_written() -> None:
    raw = bytes(range(16))
    text = person_ldif(
        "a+b",
        display=" leading",
        mail="x@y.test",
        guid=uuid.UUID(bytes_le=raw),
        more={"description": ["ü", "", "a:b "]},
    )
    [(dn, attributes)] = entries_of("version: 1\n" + text.replace("displayName", "# a comment\ndisplayName"))
    assert dn == f"uid=a\\+b,ou=people,{SUFFIX}"
    assert attributes["objectGUID"] == [raw]
    assert attributes["displayName"] == [b" leading"]
    assert attributes["description"] == ["ü".encode(), b"", b"a:b "]


def test_a_black_hole_neither_accepts_nor_refuses() -> None:
    with black_hole() as port, pytest.raises(TimeoutError):
        socket.create_connection((LOOPBACK, port), timeout=0.2)


def test_waiting_for_a_port_ends_with_what_was_waited_for() -> None:
    with pytest.raises(TimeoutError, match=r"nothing listens on 127\.0\.0\.1:\d+ after 0\.1 seconds"):
        wait_for_port(free_port(), timeout=0.1)


@pytest.fixture
def fake_apt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An apt-get before the real one on the PATH, which writes down what it was asked to do, and the policy."""
    calls, policy = tmp_path / "calls", tmp_path / "policy-rc.d"
    program = tmp_path / "bin" / "apt-get"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$@" >> {calls}\n{policy} slapd start; echo policy $? >> {calls}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(apt, "POLICY", policy)
    return calls


def test_only_missing_packages_are_installed_and_no_service_is_started(fake_apt: Path) -> None:
    apt.ensure({"sh": "dash", "no-such-program": "its-package"}, root=True)
    assert fake_apt.read_text().splitlines() == [
        "update",
        "policy 101",
        "install -y --no-install-recommends its-package",
        "policy 101",
    ]
    assert not apt.POLICY.exists()


def test_who_may_not_install_is_told_the_command(fake_apt: Path) -> None:
    with pytest.raises(apt.MissingPackagesError, match=r"sudo apt-get install -y .* its-package$"):
        apt.ensure({"sh": "dash", "no-such-program": "its-package"}, root=False)
    assert not fake_apt.exists()
