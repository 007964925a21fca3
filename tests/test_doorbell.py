"""The doorbell: who rings never waits, and a worker hears of it once."""

import time

from redis import Redis

from console import connect, queue
from console.doorbell import Doorbell
from tests.processes import until
from tests.servers.ports import LOOPBACK, black_hole


def test_however_often_it_is_rung_one_job_of_each_domain_waits(redis: Redis) -> None:
    doorbell = Doorbell(redis, rest=0.0)
    for domain_id in (1, 2) * 100:
        doorbell.ring(domain_id)
    until(lambda: queue.queue(redis).count == 2, "two jobs wait")
    jobs = queue.queue(redis).get_jobs()
    assert {(job.func_name, *job.args) for job in jobs} == {("jobs.tasks.probe", 1), ("jobs.tasks.probe", 2)}


def test_it_rings_again_after_it_has_rested(redis: Redis) -> None:
    doorbell = Doorbell(redis, rest=0.05)
    for domain_id in (1, 2):
        doorbell.ring(domain_id)
        until(lambda: queue.queue(redis).count == domain_id, "it is heard")  # noqa: B023 - called at once


def test_nobody_waits_for_a_redis_that_hangs() -> None:
    with black_hole() as port:
        doorbell = Doorbell(connect(f"redis://{LOOPBACK}:{port}/0", patience=2.0), rest=0.0)
        began = time.monotonic()
        for _ in range(1_000):
            doorbell.ring(1)
        assert time.monotonic() - began < 1.0
