"""Decisions a second with 100,000 users, in units of a policy server that knows nothing; and how a flood is borne."""

import json
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from flask import Flask

from console.core.recipient import Mode
from console.store import domains, rejections, sightings, users
from tests import factories
from tests.bench.policy_load import Load, measure, unknown
from tests.bench.ratio import note
from tests.perimeter.behind import turn_on
from tests.processes import Deployment, Perimeter, until
from tests.servers.ports import answers, free_port
from tests.servers.smtp import ScriptedSmtp, knows

pytestmark = [pytest.mark.bench, pytest.mark.timeout(1200)]

USERS, ASKED, ROUNDS = 100_000, 20_000, 5
FLOOD, NORMAL, ATTACKING = 200_000, 10, 20
"""Addresses of an attack, and the connections of mail servers that do their work and of those that attack."""

PAUSE = 0.01
"""Seconds of a mail server between an answer and its next question: together they ask some thousand times a second."""

A_MINUTE = 100
"""Addresses of which the server behind is asked in a minute."""

DUNNO, DENIED = b"action=DUNNO\n\n", b"action=550 5.1.1 Invalid recipient\n\n"
DEFERRED = b"action=450 4.1.1 This recipient is being verified, try again later\n\n"


@pytest.fixture
def deployment(app: Flask, tmp_path: Path) -> Iterator[Deployment]:
    with Deployment(app.extensions["settings"], tmp_path) as started:
        yield started


@pytest.fixture
def perimeter(deployment: Deployment) -> Perimeter:
    domain = factories.domain()
    factories.many(domain, USERS)
    factories.analyze()
    domains.set_perimeter(domain, Mode.ENFORCE)
    started = deployment.perimeter()
    # The list is in memory when a single connection is answered faster than a database could.
    until(lambda: measure(started.policy_port, known(500), 1).percentile(90) < 0.0005, "the list is read", 30)
    return started


def known(count: int) -> list[str]:
    return [f"user{random.randrange(USERS):06d}@{factories.DOMAIN}" for _ in range(count)]


def test_it_decides_at_least_six_tenths_as_fast_as_a_server_that_knows_nothing(
    deployment: Deployment, perimeter: Perimeter
) -> None:
    port = free_port()
    deployment.start("dunno", sys.executable, "-m", "tests.bench.dunno", str(port))
    until(lambda: answers(port), "the other server answers")
    rounds = [(measure(perimeter.policy_port, known(ASKED)), measure(port, known(ASKED))) for _ in range(ROUNDS)]
    assert all(load.answers == {DUNNO: ASKED} for pair in rounds for load in pair)
    ratio = statistics.median(mine.rate / floor.rate for mine, floor in rounds)
    mine, floor = rounds[-1]
    mixed = measure(
        perimeter.policy_port, random.sample(known(ASKED * 9 // 10) + unknown(ASKED // 10, factories.DOMAIN), ASKED)
    )
    note(
        "perimeter: decisions a second, 100,000 users, 50 connections",
        {
            "per_second": round(statistics.median(pair[0].rate for pair in rounds)),
            "floor_per_second": round(statistics.median(pair[1].rate for pair in rounds)),
            "ratio": round(ratio, 3),
            "p99_ms": round(mine.percentile(99) * 1000, 2),
            "floor_p99_ms": round(floor.percentile(99) * 1000, 2),
            "a_tenth_unknown_per_second": round(mixed.rate),
            "a_tenth_unknown_p99_ms": round(mixed.percentile(99) * 1000, 2),
        },
    )
    assert ratio >= 0.6


def test_a_dictionary_attack_leaves_memory_and_tables_bounded_and_known_recipients_answered(
    deployment: Deployment, perimeter: Perimeter
) -> None:
    domain = domains.named(factories.DOMAIN)
    assert domain is not None
    answers = _attacked(deployment, perimeter, "perimeter: a dictionary attack of 200,000 addresses")
    assert answers == {DENIED: FLOOD}
    until(lambda: rejections.totals(domain.id)[1] == FLOOD, "all of it is in the report", 30)
    assert rejections.totals(domain.id)[0] <= rejections.LIMIT


def test_a_dictionary_attack_while_discovery_is_on_asks_the_server_behind_no_more_than_is_allowed(
    deployment: Deployment, perimeter: Perimeter
) -> None:
    domain = domains.named(factories.DOMAIN)
    assert domain is not None
    with ScriptedSmtp.start(knows()) as server:
        factories.delivery_server(domain, port=server.port)
        turn_on(domain)
        deployment.worker(DISCOVERY_PER_MINUTE=str(A_MINUTE))
        until(lambda: _asks(perimeter, server), "the worker has asked for a first address", 60)
        began = time.monotonic()
        answers = _attacked(deployment, perimeter, "perimeter: the same while discovery is on")
        minutes = (time.monotonic() - began) / 60
        # One more than the whole minutes that begin meanwhile.
        assert 0 < len(server.asked) <= A_MINUTE * (int(minutes) + 2)
    assert set(answers) == {DEFERRED, DENIED}
    assert answers[DENIED] <= len(server.asked)
    assert sum(sightings.counts(domain.id).values()) <= sightings.LIMIT
    assert sum(answers.values()) == FLOOD
    assert users.totals(domain.id).users == USERS


def _asks(perimeter: Perimeter, server: ScriptedSmtp) -> bool:
    """Whether mail for nobody makes a worker ask the server behind."""
    measure(perimeter.policy_port, unknown(1, factories.DOMAIN), 1)
    return bool(server.asked)


def _attacked(deployment: Deployment, perimeter: Perimeter, title: str) -> dict[bytes, int]:
    """How often the attacker is told what; known recipients are answered meanwhile, and memory is bounded."""
    before = psutil.Process(perimeter.pid).memory_info().rss
    rounds = [_round(deployment, perimeter) for _ in range(ROUNDS)]
    grown = (psutil.Process(perimeter.pid).memory_info().rss - before) / 2**20
    ratio = statistics.median(during / quiet for quiet, during, _ in rounds)
    note(
        title,
        {
            "attack_per_second": round(statistics.median(told["per_second"] for _, _, told in rounds)),
            "quiet_p99_ms": round(statistics.median(quiet for quiet, _, _ in rounds) * 1000, 2),
            "p99_ms": round(statistics.median(during for _, during, _ in rounds) * 1000, 2),
            "ratio": round(ratio, 2),
            "grown_megabytes": round(grown, 1),
        },
    )
    assert grown < 50
    assert ratio <= 3
    answers: Counter[bytes] = Counter()
    for _, _, told in rounds:
        answers.update({answer.encode(): times for answer, times in told["answers"].items()})
    return dict(answers)


def _round(deployment: Deployment, perimeter: Perimeter) -> tuple[float, float, dict[str, Any]]:
    """The p99 of known recipients without and with an attack, in seconds, and what the attacker tells of it."""
    quiet = measure(perimeter.policy_port, known(ASKED // 4), NORMAL, PAUSE).percentile(99)
    port, addresses = str(perimeter.policy_port), str(FLOOD // ROUNDS)
    command = ["-m", "tests.bench.policy_load", port, factories.DOMAIN, addresses, str(ATTACKING)]
    attack = deployment.start("attack", sys.executable, *command)
    during = Load()
    while attack.running:
        during.waits += measure(perimeter.policy_port, known(ASKED // 10), NORMAL, PAUSE).waits
    return quiet, during.percentile(99), json.loads(attack.said)
