"""What a worker does next: whoever signs in waits before a page, so that comes first."""

from flask import Flask
from redis import Redis

from console import queue
from jobs import worker


def test_a_sign_in_is_checked_before_what_waited_longer(app: Flask, redis: Redis) -> None:
    for number in (7, 8):
        queue.send_notice(redis, number)
    queue.sign_in(redis, "one that nobody knows")
    queue.probe(redis, 1)
    assert queue.length(redis) == 4
    worker.ready(app).work(burst=True, max_jobs=1, logging_level="WARNING")
    assert [job.func_name for job in queue.queue(redis).jobs] == [queue.PROBE, queue.DELIVERY, queue.DELIVERY]
    assert queue.length(redis) == 3


def test_sign_ins_are_checked_in_the_order_of_asking(redis: Redis) -> None:
    for ticket in ("first", "second"):
        queue.sign_in(redis, ticket)
    assert [job.args for job in queue.queues(redis)[0].jobs] == [("first",), ("second",)]
