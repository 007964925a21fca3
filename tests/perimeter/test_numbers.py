"""The perimeter's own numbers, where PERIMETER_METRICS_LISTEN says."""

from collections.abc import Iterator
from urllib.request import urlopen

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families

from console.models import Domain
from tests.perimeter.client import Client
from tests.perimeter.conftest import served
from tests.processes import until
from tests.servers.ports import LOOPBACK, free_port


@pytest.fixture
def port() -> int:
    """Where the numbers are told."""
    return free_port()


@pytest.fixture
def watched(app: Flask, ours: Domain, port: int) -> Iterator[Client]:
    with served(app, perimeter_metrics_listen=(LOOPBACK, port)) as client:
        yield client


def numbers(port: int) -> dict[tuple[str, ...], float]:
    with urlopen(f"http://{LOOPBACK}:{port}/metrics", timeout=5) as answer:
        text = answer.read().decode()
    assert "@" not in text
    assert "brightfield" not in text
    return {
        (item.name, *item.labels.values()): item.value
        for family in text_string_to_metric_families(text)
        for item in family.samples
    }


def test_decisions_are_counted_and_name_nobody(watched: Client, port: int) -> None:
    for recipient in ("ada@bf.example", "ada@bf.example", "nobody@bf.example", "ada@elsewhere.example"):
        watched.policy(recipient)
    watched.socketmap("a.l@bf.example")
    found = numbers(port)
    assert found["rollcall_decisions_total", "accept"] == 3
    assert found["rollcall_decisions_total", "reject"] == 1
    assert found["rollcall_decisions_total", "not_ours"] == 1
    until(lambda: numbers(port)["rollcall_known_addresses",] == 2, "the list is in memory")
    assert found["rollcall_connections",] <= 1


def test_without_a_place_for_them_nothing_listens(app: Flask, ours: Domain, port: int) -> None:
    with served(app) as client:
        assert client.policy("ada@bf.example") == "accept"
        with pytest.raises(OSError, match="refused"):
            numbers(port)
