"""The console with a mail relay, and a worker's work done at once."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from redis import Redis
from werkzeug.utils import import_string

from console import queue
from console.store import notices
from jobs import tasks
from tests import factories
from tests.servers.relay import Relay

BASE = "http://localhost"


@contextmanager
def mailing(app: Flask, relay: Relay) -> Iterator[Relay]:
    """The application with this relay, which is emptied."""
    relay.reset()
    usual = app.extensions["settings"]
    app.extensions["settings"] = factories.changed(
        usual, smtp_url=relay.url, mail_from="rollcall@console.example", base_url=BASE
    )
    try:
        yield relay
    finally:
        app.extensions["settings"] = usual


def worked_off(redis: Redis) -> list[str]:
    """Do what is queued and what the clock would enqueue, as a worker does; the arguments of the queued jobs."""
    arguments = []
    for job in queue.queue(redis).jobs:
        import_string(str(job.func_name))(*job.args)
        arguments += [str(argument) for argument in job.args]
        job.delete()
    for notice_id in notices.due():
        tasks.deliver(notice_id)
    return arguments


def link_in(text: str) -> str:
    """The path of the one-time link in a mail or a page."""
    (found,) = set(re.findall(rf"{BASE}(/(?:invitation|reset)/[\w-]{{43}})", text))
    return str(found)
