"""Runs in each state, by id."""

import pytest

from console.models import Domain
from console.store import runs
from tests import factories
from tests.store.lists import WAITING_PLAN


@pytest.fixture
def queued(domain: Domain) -> int:
    return factories.run(domain, of_source=factories.source(domain)).id


@pytest.fixture
def running(queued: int) -> int:
    assert runs.claim(queued)
    return queued


@pytest.fixture
def waiting(running: int) -> int:
    assert runs.wait(running, WAITING_PLAN, ["It is the first run of this source."])
    return running
