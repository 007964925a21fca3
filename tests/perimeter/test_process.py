"""The perimeter as a process: how it begins, and how it ends when the database does not answer."""

import signal
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from console.settings import Settings
from jobs.perimeter.__main__ import impatient
from tests.perimeter.client import Client
from tests.processes import Deployment
from tests.servers.ports import LOOPBACK, black_hole


@pytest.fixture
def nowhere(settings: Settings, tmp_path: Path) -> Iterator[Deployment]:
    """Processes whose database is behind a firewall that drops everything."""
    with black_hole() as port:
        url = f"postgresql+psycopg://rollcall:secret-of-the-database@{LOOPBACK}:{port}/rollcall"
        with Deployment(replace(settings, database_url=url), tmp_path) as started:
            yield started


def test_without_a_database_it_listens_answers_nothing_and_ends_when_it_is_told_to(nowhere: Deployment) -> None:
    perimeter = nowhere.perimeter()
    client = Client(perimeter.policy_port, perimeter.socketmap_port)
    assert client.policy("ada@brightfield.example") == ""
    assert client.socketmap("ada@brightfield.example").startswith("TEMP ")
    perimeter.send(signal.SIGTERM)
    assert perimeter.wait(25) == 0
    assert "the database does not answer" in perimeter.said
    assert "secret-of-the-database" not in perimeter.said


def test_a_port_that_is_taken_is_said(nowhere: Deployment) -> None:
    with socket.create_server((LOOPBACK, 0)) as taken:
        listen = f"{LOOPBACK}:{taken.getsockname()[1]}"
        program = nowhere.start("perimeter", "python", "-m", "jobs.perimeter", PERIMETER_POLICY_LISTEN=listen)
        assert program.wait(60) == 1
    assert "The perimeter cannot listen where PERIMETER_POLICY_LISTEN" in program.said
    assert "Traceback" not in program.said


def test_wrong_settings_are_said(nowhere: Deployment) -> None:
    program = nowhere.start("perimeter", "python", "-m", "jobs.perimeter", PERIMETER_WAIT="long")
    assert program.wait(60) == 2
    assert "PERIMETER_WAIT is wrong" in program.said


def test_a_database_s_own_limits_are_kept() -> None:
    assert impatient("postgresql+psycopg://h/n") == ("postgresql+psycopg://h/n?connect_timeout=3&tcp_user_timeout=5000")
    assert impatient("postgresql+psycopg://h/n?connect_timeout=9") == (
        "postgresql+psycopg://h/n?connect_timeout=9&tcp_user_timeout=5000"
    )
