"""The perimeter process: answers mail servers on two TCP ports. It needs PostgreSQL alone; Redis only wakes workers."""

import asyncio
import logging
import os
import signal
import sys
import threading
from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from flask import Flask

from console import create_app, logs, sentry
from console.core.rejections import Tally
from console.doorbell import Doorbell
from console.settings import Settings, SettingsError
from console.store import perimeter
from console.store.perimeter import Held
from jobs.perimeter.database import Database
from jobs.perimeter.discover import Inquiry
from jobs.perimeter.keeper import Keeper
from jobs.perimeter.lookup import Lookup
from jobs.perimeter.memory import Memory
from jobs.perimeter.numbers import Counted, served
from jobs.perimeter.policy import Policy
from jobs.perimeter.questions import Questions
from jobs.perimeter.server import Door, Server
from jobs.perimeter.socketmap import Socketmap

log = logging.getLogger(__name__)

# A platform kills a process 30 seconds after it told it to stop.
LAST_ANSWERS = 5.0
LAST_REPORT = 5.0
# libpq waits for minutes on a server whose machine is gone: seconds to connect, milliseconds to be heard.
IMPATIENCE = {"connect_timeout": "3", "tcp_user_timeout": "5000"}
# Python lets a thread compute for 5 milliseconds before another may. Those that ask the database should not keep the
# one that answers mail servers for so long.
SWITCH_SECONDS = 0.0005
# Who is not in memory waits this long at most for the next statement, which nobody notices; of a dictionary attack
# up to two thousand addresses a second are looked up then, and the rest of the machine is there for everybody else.
REST_SECONDS = 0.004


async def serve(app: Flask, stop: asyncio.Event) -> None:
    """Answer until told to stop. Raises OSError where a port cannot be listened on."""
    settings: Settings = app.extensions["settings"]
    memory, tally = Memory(), Tally()
    asking, keeping, noting = Database(app, 1), Database(app, 3), Database(app, 2)
    questions = Questions[str, Mapping[str, Held]](
        lambda keys: asking.call(partial(perimeter.holders, keys)), rest=REST_SECONDS
    )
    inquiry = Inquiry(
        noting,
        Doorbell(app.extensions["redis"]).ring,
        wait=settings.perimeter_wait,
        a_minute=settings.discovery_per_minute,
        a_day=settings.discovery_per_day,
    )
    lookup = Counted(Lookup(memory, questions, tally, wait=settings.perimeter_wait, discover=inquiry))
    server = Server(lookup)
    keeper = Keeper(keeping, memory, tally)
    await keeper.look()
    ports = await server.open(
        [
            Door("policy", settings.perimeter_policy_listen, Policy),
            Door("socketmap", settings.perimeter_socketmap_listen, Socketmap),
        ]
    )
    log.info("listening for policy requests and socketmap lookups on the ports %s and %s", *ports)
    beside = [asyncio.create_task(keeper.run()), asyncio.create_task(server.look_around())]
    listen = settings.perimeter_metrics_listen
    with served(listen, lookup, lambda: server.connections, lambda: memory.size):
        await stop.wait()
        await server.close(LAST_ANSWERS)
    questions.close()
    inquiry.close()
    for task in beside:
        task.cancel()
    await asyncio.gather(*beside, return_exceptions=True)
    try:
        async with asyncio.timeout(LAST_REPORT):
            await keeper.report()
    except TimeoutError:
        log.warning("the last rejected recipients are not in the report: the database does not answer")
    for database in (asking, keeping, noting):
        database.close()


def impatient(database_url: str) -> str:
    """The address of the database with limits to the driver's patience, where it has none of its own."""
    more = "&".join(f"{name}={value}" for name, value in IMPATIENCE.items() if f"{name}=" not in database_url)
    return f"{database_url}{'&' if '?' in database_url else '?'}{more}" if more else database_url


async def _until_told(app: Flask) -> None:
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    await serve(app, stop)


def main() -> int:
    """Run the perimeter until SIGTERM. Exit status 2 for wrong settings, 1 for ports that are taken."""
    try:
        settings = Settings.from_env()
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    logs.start(settings.log_format)
    sentry.start(settings)
    sys.setswitchinterval(SWITCH_SECONDS)
    app = create_app(replace(settings, database_url=impatient(settings.database_url)))
    try:
        asyncio.run(_until_told(app))
    except OSError as error:
        sys.stderr.write(
            "The perimeter cannot listen where PERIMETER_POLICY_LISTEN, PERIMETER_SOCKETMAP_LISTEN and "
            f"PERIMETER_METRICS_LISTEN say: {error}\n"
        )
        return 1
    if threading.active_count() > 1:
        # One of them still waits for a database that does not answer, and Python would wait for it.
        logging.shutdown()
        os._exit(0)
    return 0


if __name__ == "__main__":
    sys.exit(main())
