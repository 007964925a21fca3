"""A site whose discovery is on: Postfix in front, the perimeter, a worker, and the customer's own server behind."""

import contextlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import psutil

from console.core.recipient import Mode
from console.models import DeliveryServer, Discovery, Domain, Sighting, db
from console.store import discovery, domains, roster, sightings
from tests import factories
from tests.e2e import gateway
from tests.e2e.gateway import DOORS
from tests.perimeter.behind import noted, turn_on
from tests.processes import Deployment, Perimeter, Program, until
from tests.servers.inbox import Inbox
from tests.servers.postfix import Postfix
from tests.servers.postgres import Postgres
from tests.servers.smtp import Script, ScriptedSmtp
from tests.servers.valkey import Valkey

NAME, ALIAS = "example.test", "alias.test"
# Seconds that mail waits: a worker that has nothing else to do mostly answers within them.
WAIT = "1"


@dataclass
class Site:
    """`inbox` is the customer's server, where mail arrives, and which is asked unless another one is in its place."""

    domain: Domain
    deployment: Deployment
    perimeter: Perimeter
    worker: Program
    postfix: Postfix
    inbox: Inbox
    postgres: Postgres
    valkey: Valkey

    def asked(self, door: str, address: str) -> str:
        """What the mail server says of a recipient."""
        return gateway.asked(self.postfix, door, address)[address]

    def both(self, *addresses: str) -> list[tuple[str, str]]:
        """Each of the addresses and what the mail server says of it, through both doors at the same time."""
        with ThreadPoolExecutor(2 * len(addresses)) as clients:
            told = [(item, clients.submit(self.asked, door, item)) for door in DOORS for item in addresses]
            return [(address, said.result()) for address, said in told]

    def retried(self, door: str, address: str) -> str:
        """The first answer that is not for a while, as a sender's server gets it that comes again and again."""
        return until(lambda: self._lasting(door, address), f"{address} is known or refused", 90)

    def _lasting(self, door: str, address: str) -> str:
        said = self.asked(door, address)
        return "" if said.startswith("4") else said

    def on_list(self) -> set[str]:
        """The local parts of all users' addresses."""
        found = {user.address.partition("@")[0] for user in roster.of_domain(self.domain.id)}
        db.session.rollback()
        return found

    def noted(self) -> dict[str, Sighting]:
        return noted(self.domain)

    def switch(self) -> Discovery:
        """How the switch stands in the database."""
        db.session.rollback()
        return db.session.get_one(Discovery, self.domain.id, populate_existing=True)

    def turn_on(self) -> None:
        """Discovery is on, mail came for nobody yet, and the perimeter knows."""
        db.session.query(Sighting).delete()
        turn_on(self.domain, taking="add", tested_peer="", day_probes=0, minute_probes=0, ended_why="")
        until(lambda: self.asked("policy", f"looked.for@{NAME}") and self.noted(), "the perimeter knows")
        self.rest()

    def is_asked(self, port: int) -> None:
        """Have the server on another port asked from now on; nobody is still at work with the one before."""
        db.session.rollback()
        db.session.query(DeliveryServer).update({"port": port})
        db.session.commit()
        self.rest()

    def rest(self) -> None:
        """Wait until the worker has asked what it can and ended its connection, which it keeps for a second longer."""
        until(self._is_at_rest, "the worker is at rest", 90)

    def _is_at_rest(self) -> bool:
        due = discovery.is_on(self.domain.id) and sightings.due(self.domain.id, 1)
        db.session.rollback()
        return not due and not self._is_at_work()

    def _is_at_work(self) -> bool:
        """Whether a process that the worker forked still does anything. A worker that is paused buries none."""
        forked = [status(pid) for pid in self.worker.forked()]
        return any(found not in ("", psutil.STATUS_ZOMBIE) for found in forked)

    @contextmanager
    def behind(self, script: Script) -> Iterator[ScriptedSmtp]:
        """Another server is asked meanwhile, which does as it is told."""
        try:
            with ScriptedSmtp.start(script) as server:
                self.is_asked(server.port)
                yield server
        finally:
            self.is_asked(self.inbox.port)

    @contextmanager
    def paused_worker(self) -> Iterator[None]:
        """The worker takes up nothing meanwhile, and what it took up before has ended."""
        self.rest()
        self.worker.pause()
        try:
            until(lambda: status(self.worker.pid) == psutil.STATUS_STOPPED, "the worker is paused")
            until(lambda: not self._is_at_work(), "what it began has ended")
            yield
        finally:
            self.worker.resume()

    def start_perimeter(self) -> None:
        ports = self.perimeter.policy_port, self.perimeter.socketmap_port
        self.perimeter = self.deployment.perimeter(*ports, PERIMETER_WAIT=WAIT)

    def start_worker(self) -> None:
        self.worker = self.deployment.worker()


def status(pid: int) -> str:
    """What a process does, empty for one that is gone."""
    try:
        return str(psutil.Process(pid).status())
    except psutil.NoSuchProcess:
        return ""


@contextmanager
def site(deployment: Deployment, postgres: Postgres, valkey: Valkey) -> Iterator[Site]:
    """In the context of an application on the same database. ada is on the list, ann only behind."""
    with Inbox({"ada", "ann"}) as inbox, contextlib.ExitStack() as stack:
        domain = factories.domain(NAME, [ALIAS])
        factories.users(domain, factories.manual_user(f"ada@{NAME}"))
        factories.delivery_server(domain, port=inbox.port)
        domains.set_perimeter(domain, Mode.ENFORCE)
        perimeter = deployment.perimeter(PERIMETER_WAIT=WAIT)
        postfix = stack.enter_context(gateway.in_front(perimeter, inbox, [NAME, ALIAS]))
        yield Site(domain, deployment, perimeter, deployment.worker(), postfix, inbox, postgres, valkey)
