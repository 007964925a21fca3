"""Run Rollcall on this machine, with everything it needs: python -m tests.demo [--sample]"""

import http.client
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

from flask_migrate import upgrade
from sqlalchemy.exc import DBAPIError

from console import create_app
from console.cli.output import database_trouble
from console.models import db
from console.secrets import new_key
from console.settings import Settings, SettingsError
from tests.demo import local
from tests.demo.box import box
from tests.demo.company import Company
from tests.demo.crew import Crew
from tests.demo.directory import DOMAIN
from tests.demo.lakeside import Lakeside
from tests.demo.local import LocalError
from tests.demo.options import Options, options_from
from tests.demo.owner import SignIn, sign_in
from tests.servers.ports import LOOPBACK
from tests.servers.process import ServerError

OURS = ("env", "graph", "loaded", "log", "pki", "postgres", "slapd", "valkey")
"""What a folder of ours holds, beside its lock."""

READY_SECONDS = 60.0
LOOK_SECONDS = 0.5


class Stopped(Exception):
    """Somebody asked for the end before everything was started."""


class Stop:
    """Whether SIGTERM or Ctrl-C has come. It is looked at between steps, so that no server is left half started."""

    def __init__(self) -> None:
        self._asked = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, self._ask)

    def _ask(self, *_: object) -> None:
        if not self._asked.is_set():
            self._asked.set()
            say("Stopping, which takes up to ten seconds where pages are open ...")

    def check(self) -> None:
        if self._asked.is_set():
            raise Stopped

    def wait(self, seconds: float) -> bool:
        return self._asked.wait(seconds)


def say(text: str) -> None:
    """A line on the console, in one write, since threads and signals say things too. A console may be gone."""
    with suppress(OSError):
        os.write(1, f"{text}\n".encode())


def main(arguments: Sequence[str]) -> int:
    """Start everything, tell how to sign in, and stop everything at SIGTERM or Ctrl-C. 1 if it could not be started."""
    options = options_from(arguments)
    stop = Stop()
    try:
        with ExitStack() as stack:
            (_migrate if options.migrate else _run)(options, stop, stack)
    except Stopped:
        pass
    except (LocalError, ServerError, SettingsError) as error:
        print(error, file=sys.stderr)
        return 1
    except DBAPIError as error:
        print(database_trouble(error) or error, file=sys.stderr)
        return 1
    except PermissionError as error:
        print(f"{error.filename} belongs to another user: run this as the user who ran it first.", file=sys.stderr)
        return 1
    if not options.migrate:
        say("Everything is stopped.")
    return 0


def _run(options: Options, stop: Stop, stack: ExitStack) -> None:
    began = time.monotonic()
    stack.enter_context(local.held(options.state))
    if options.reset:
        _reset(options.state)
    given = [name for name in local.URLS if os.environ.get(name, "").strip()]
    if given:
        say(f"Not starting what {' and '.join(given)} of the environment names already.")
    port = local.choose_port(options.listen, os.environ.get("PORT", ""))
    if port != local.FIRST_PORT and "PORT" not in os.environ:
        say(f"Port {local.FIRST_PORT} is in use by another program, so it is {port}.")
    urls = local.servers(options.state, os.environ, stack)
    stop.check()
    address = f"http://{local.reachable(options.listen)}:{port}"
    more = {"ALLOW_LOCAL_TARGETS": "1"} if options.sample else {}
    # Who lets other machines in reaches them under whatever address they have there.
    more |= {} if options.listen == LOOPBACK else {"ALLOWED_HOSTS": "*"}
    more |= local.perimeter_ports(os.environ)
    lakeside = Lakeside(options.state)
    if options.sample and not any(name.startswith("MICROSOFT_") for name in os.environ):
        more |= lakeside.serve(stack, address)
        stop.check()
    environment = local.environment(options.state / "env", os.environ, **urls, PORT=str(port), BASE_URL=address, **more)
    app = create_app(Settings.from_env(environment))
    with app.app_context():
        upgrade()
    stop.check()
    crew = stack.enter_context(Crew(options.listen, _for_programs(environment), options.state / "log", say))
    _wait_until_ready(local.reachable(options.listen), port, crew, stop)

    def watch() -> None:
        stop.check()
        crew.look()

    say(f"{', '.join(crew.names)} are running.")
    with app.app_context():
        start = sign_in(options.owner, options.default_owner, anew=options.sample)
        company = Company(options.state)
        trouble = company.present(start.admin, stack, watch, say) if options.sample else ""
        trouble = trouble or (lakeside.present(start.admin, watch, say) if options.sample else "")
        say(_told(options, start, address, trouble, time.monotonic() - began))
        db.session.remove()
        db.engine.dispose()
    while not stop.wait(LOOK_SECONDS):
        crew.look()


def _migrate(options: Options, stop: Stop, stack: ExitStack) -> None:
    """Bring the database to the tables of this version, whether Rollcall runs from the folder now or not."""
    try:
        stack.enter_context(local.held(options.state))
        urls = local.servers(options.state, os.environ, stack)
    except local.HeldError:
        urls = local.running(options.state / "env")
    stop.check()
    keys = {"SECRET_KEY": "not needed for this" * 2, "SEALING_KEYS": new_key()}
    with create_app(Settings.from_env({**keys, **urls})).app_context():
        upgrade()
    say("The database has the tables of this version.")


def _told(options: Options, start: SignIn, address: str, trouble: str, seconds: float) -> str:
    """How to sign in, and where things are."""
    flask = _short(Path(sys.executable).parent / "flask")
    facts = [
        ("Address", f"{address}/domains/{DOMAIN}/users" if options.sample else address),
        ("E-mail", start.admin.email),
        ("Password", start.password or "the one that you have chosen"),
        ("", "for once: choose your own under Account" if start.password else ""),
        ("Next", "" if options.sample else "sign in, and four steps lead through the rest"),
        ("Logs", _short(options.state / "log")),
        ("Command line", f"{flask} --env-file {_short(options.state / 'env')} --help"),
        ("Stop", "Ctrl-C"),
    ]
    company = ", with the sample company Brightfield" if options.sample else ""
    return box(f"Rollcall is running{company}. It took {seconds:.0f} seconds.", facts, trouble)


def _wait_until_ready(host: str, port: int, crew: Crew, stop: Stop) -> None:
    """Return when the web process answers. Raises LocalError when it never does."""
    deadline = time.monotonic() + READY_SECONDS
    while not _answers(host, port):
        stop.check()
        crew.look()
        if time.monotonic() > deadline:
            raise LocalError(f"The web process does not answer at {host}:{port} after {READY_SECONDS:.0f} seconds.")
        stop.wait(0.1)


def _answers(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _for_programs(environment: dict[str, str]) -> dict[str, str]:
    """The environment in which the Procfile's commands find this project's programs, and write without delay.

    Gunicorn's control socket lies in the home, where two on one machine would take it from each other.
    """
    path = os.pathsep.join([str(Path(sys.executable).parent), environment.get("PATH", os.defpath)])
    return {"GUNICORN_CMD_ARGS": "--no-control-socket", **environment, "PATH": path, "PYTHONUNBUFFERED": "1"}


def _reset(folder: Path) -> None:
    """Take away what earlier starts have left in the folder."""
    for name in OURS:
        path = folder / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _short(path: Path) -> str:
    """The path as one would type it here."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
