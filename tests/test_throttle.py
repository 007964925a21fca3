"""Waits that grow, in Redis for all processes and in the process itself without it."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from redis import Redis

from console import connect, throttle
from console.throttle import FORGET_SECONDS, Door, Throttle
from tests.servers.ports import LOOPBACK, free_port

ALICE = Door("alice", free=3, longest=8)
OFFICE = Door("office", free=5, shared=True)


@pytest.fixture(params=["in Redis", "without Redis"])
def tries(request: pytest.FixtureRequest, redis: Redis) -> Iterator[Throttle]:
    if request.param == "in Redis":
        yield Throttle(redis, "key")
        return
    away = connect(f"redis://{LOOPBACK}:{free_port()}/0", patience=0.2)
    yield Throttle(away, "key")
    away.close()


def test_a_few_tries_are_free_and_then_one_waits(tries: Throttle) -> None:
    assert [tries.enter(ALICE) for _ in range(4)] == [0, 0, 0, 0]
    assert tries.enter(ALICE) == 2
    assert tries.enter(ALICE) == 2, "what has to wait prolongs nothing"


def test_the_waits_grow_up_to_the_longest() -> None:
    assert [ALICE.wait(tries) for tries in (1, 3, 4, 5, 6, 7, 10_000)] == [0, 0, 2, 4, 8, 8, 8]


def test_another_door_is_another_count(tries: Throttle) -> None:
    for _ in range(5):
        tries.enter(ALICE)
    assert tries.enter(ALICE) > 0
    assert tries.enter(Door("bob", free=3)) == 0


def test_what_one_door_refuses_is_not_counted_at_another(tries: Throttle) -> None:
    for _ in range(10):
        tries.enter(ALICE, OFFICE)
    assert [tries.enter(OFFICE) for _ in range(2)] == [0, 0], "four tries were made, and the fifth and sixth are free"
    assert tries.enter(OFFICE) == 2


def test_a_right_try_forgets_the_wrong_ones(tries: Throttle) -> None:
    for _ in range(3):
        tries.enter(ALICE)
    tries.passed(ALICE)
    assert [tries.enter(ALICE) for _ in range(4)] == [0, 0, 0, 0]


def test_a_right_try_takes_back_itself_alone_where_many_share_a_door(tries: Throttle) -> None:
    for _ in range(5):
        tries.enter(OFFICE)
    tries.passed(OFFICE)
    assert [tries.enter(OFFICE) for _ in range(2)] == [0, 0]
    assert tries.enter(OFFICE) == 2


def test_of_many_at_the_same_moment_no_more_get_through_than_one_after_the_other(redis: Redis) -> None:
    tries = Throttle(redis, "key")
    barrier = threading.Barrier(16, timeout=10)

    def one(_: int) -> int:
        barrier.wait()
        return tries.enter(ALICE)

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(one, range(16))).count(0) == 4


def test_tries_are_forgotten_after_a_while_and_hold_no_address(redis: Redis) -> None:
    Throttle(redis, "key").enter(Door("sign-in to alice@rollcall.example", free=3))
    (name,) = redis.keys("*")
    assert b"alice" not in name
    assert 0 < redis.ttl(name) <= FORGET_SECONDS


def test_no_wait_outlasts_its_count_or_a_quarter_of_an_hour() -> None:
    assert Door("any", free=0).longest <= 60 < FORGET_SECONDS


def test_without_redis_no_more_is_remembered_than_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "REMEMBERED", 3)
    away = connect(f"redis://{LOOPBACK}:{free_port()}/0", patience=0.2)
    tries = Throttle(away, "key")
    for n in range(5):
        tries.enter(Door(f"door {n}", free=0))
    assert tries.enter(Door("door 0", free=0)) == 0
    assert tries.enter(Door("door 4", free=0)) > 0
    away.close()
