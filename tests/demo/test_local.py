"""What the runner needs on one machine: keys that stay, a port that is free, a folder for itself alone."""

import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from dotenv import dotenv_values

from console.settings import Settings
from tests.demo import local
from tests.servers.ports import LOOPBACK, free_port

URLS = {"DATABASE_URL": "postgresql://me:secret@127.0.0.1:1/rollcall", "REDIS_URL": "redis://127.0.0.1:1/0"}


@pytest.fixture
def busy() -> Iterator[int]:
    """A port that another program listens on."""
    with socket.create_server((LOOPBACK, 0)) as server:
        yield server.getsockname()[1]


def test_keys_are_made_once_and_kept_where_only_their_owner_reads(tmp_path: Path) -> None:
    file = tmp_path / "env"
    first = local.environment(file, {}, **URLS)
    second = local.environment(file, {}, **URLS, PORT="8000")
    assert (first["SECRET_KEY"], first["SEALING_KEYS"]) == (second["SECRET_KEY"], second["SEALING_KEYS"])
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_file_holds_all_that_a_command_needs(tmp_path: Path) -> None:
    local.environment(tmp_path / "env", {"HOME": "/home/jane"}, **URLS, BASE_URL="http://127.0.0.1:8000")
    written = {name: value or "" for name, value in dotenv_values(tmp_path / "env").items()}
    assert "HOME" not in written
    assert Settings.from_env(written).base_url == "http://127.0.0.1:8000"


def test_what_is_given_counts_more_and_a_given_key_is_not_written_down(tmp_path: Path) -> None:
    file = tmp_path / "env"
    given = {"SECRET_KEY": "given" * 10, "REDIS_URL": "redis://elsewhere/0", "PORT": ""}
    found = local.environment(file, given, **URLS, PORT="8000")
    assert (found["SECRET_KEY"], found["REDIS_URL"], found["PORT"]) == ("given" * 10, "redis://elsewhere/0", "8000")
    assert dotenv_values(file)["SECRET_KEY"] != "given" * 10


def test_a_port_in_use_is_passed_over_unless_it_was_asked_for(busy: int) -> None:
    assert busy < local.choose_port(LOOPBACK, "", first=busy) < busy + local.PORTS_TRIED
    with pytest.raises(local.LocalError, match=f"Port {busy} is in use"):
        local.choose_port(LOOPBACK, str(busy))


def test_a_port_is_a_number_and_an_address_is_of_this_machine() -> None:
    assert local.choose_port(LOOPBACK, str(port := free_port())) == port
    for wrong in ("http", "0", "65536", "-1"):
        with pytest.raises(local.LocalError, match="PORT is wrong"):
            local.choose_port(LOOPBACK, wrong)
    with pytest.raises(local.LocalError, match=r"192\.0\.2\.1:8000 cannot be used"):
        local.choose_port("192.0.2.1", "8000")


def test_a_folder_is_held_by_one_at_a_time(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    refused = pytest.raises(local.LocalError, match=f"as process {os.getpid()}")
    with local.held(folder), refused, local.held(folder):
        pass
    with local.held(folder):
        pass


def test_the_perimeter_listens_where_it_is_told_or_on_two_free_ports() -> None:
    chosen = local.perimeter_ports({})
    assert set(chosen) == {"PERIMETER_POLICY_LISTEN", "PERIMETER_SOCKETMAP_LISTEN"}
    assert len(set(chosen.values())) == 2
    assert set(local.perimeter_ports({"PERIMETER_POLICY_LISTEN": "127.0.0.1:7"})) == {"PERIMETER_SOCKETMAP_LISTEN"}
