"""Whatever is broken while mail arrives: who is on the list gets no 5xx, and who is not gets in nowhere."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace

import pytest

from console import create_app
from console.core.discovery import SightingState
from console.models import db
from console.settings import Settings
from tests import databases
from tests.e2e import discovering
from tests.e2e.discovering import ALIAS, NAME, Site
from tests.processes import Deployment, until
from tests.servers.ports import free_port
from tests.servers.postfix import why_no_postfix
from tests.servers.postgres import Postgres
from tests.servers.smtp import Script, knows
from tests.servers.valkey import Valkey

ADA = (f"ada@{NAME}", f"ADA+shop@{ALIAS}")


@pytest.fixture(scope="module")
def site(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    if why := why_no_postfix():
        pytest.skip(why)
    folder = tmp_path_factory.mktemp("trouble")
    with (
        Postgres.start(folder / "postgres") as postgres,
        Valkey.start(folder / "valkey") as valkey,
        databases.copy_of(databases.template(postgres, settings), postgres, settings) as copied,
    ):
        own = replace(copied, redis_url=valkey.url)
        app = create_app(own)
        with app.app_context(), Deployment(own, folder) as deployment:
            with discovering.site(deployment, postgres, valkey) as site:
                yield site
            databases.close(app)


@contextmanager
def without_redis(site: Site) -> Iterator[None]:
    site.valkey.stop()
    try:
        yield
    finally:
        site.valkey.restart()


@contextmanager
def without_postgresql(site: Site) -> Iterator[None]:
    db.session.rollback()
    db.engine.dispose()
    site.postgres.kill()
    try:
        yield
    finally:
        site.postgres.restart()
        until(lambda: site.asked("policy", ADA[0]).startswith("250"), "the perimeter answers again")


@contextmanager
def without_the_perimeter(site: Site) -> Iterator[None]:
    site.perimeter.kill()
    try:
        yield
    finally:
        site.start_perimeter()


@contextmanager
def without_a_worker(site: Site) -> Iterator[None]:
    site.worker.kill()
    try:
        yield
    finally:
        site.start_worker()


@contextmanager
def without_the_server_behind(site: Site) -> Iterator[None]:
    site.is_asked(free_port())
    try:
        yield
    finally:
        site.is_asked(site.inbox.port)


def server_that(**script: object) -> Callable[[Site], AbstractContextManager[object]]:
    """A server behind that would know whom it is asked about, if it did not do what the script says."""
    return lambda site: site.behind(Script(known=None, **script))  # type: ignore[arg-type]  # the fields of Script


OURS = {
    "redis": without_redis,
    "postgresql": without_postgresql,
    "perimeter": without_the_perimeter,
    "worker": without_a_worker,
}
BEHIND = {
    "dead": without_the_server_behind,
    "hanging": server_that(hangs="RCPT"),
    "hanging at once": server_that(hangs="BANNER"),
    "greylisting": server_that(replies={"RCPT": b"450 4.7.1 Greylisted, try again later\r\n"}),
    "blocking": server_that(replies={"RCPT": b"550 5.7.1 Client host blocked\r\n"}),
    "closing": server_that(closes="RCPT"),
    "full": server_that(replies={"RCPT": b"452 4.2.2 Mailbox full\r\n"}),
    "broken": server_that(replies={"RCPT": b"\xff\xfe nonsense\r\n"}),
}


@pytest.fixture
def on(site: Site) -> Site:
    site.turn_on()
    return site


def nobody_gets_in(site: Site, *unknown: str) -> None:
    """Ask at both doors for those on the list and for others."""
    for address, said in site.both(*ADA, *unknown):
        if address in ADA:
            assert said[0] in "24", (address, said)
        else:
            assert said.startswith("4"), (address, said)


@pytest.mark.parametrize("what", OURS)
def test_trouble_of_our_own_rejects_nobody_on_the_list_and_lets_nobody_else_in(on: Site, what: str) -> None:
    before = on.on_list()
    with OURS[what](on):
        for address, said in on.both(*ADA, f"unknown@{ALIAS}"):
            # A worker that has just asked asks on for a second, without Redis too: then it is refused for good.
            assert said[0] in ("24" if address in ADA else "45"), (address, said)
        if what != "perimeter":
            assert {said[:3] for _, said in on.both(*ADA)} == {"250"}
    assert on.on_list() == before


@pytest.mark.parametrize("how", BEHIND)
def test_a_server_behind_that_says_nothing_of_use_adds_nobody(on: Site, how: str) -> None:
    before = on.on_list()
    with BEHIND[how](on):
        nobody_gets_in(on, f"ann@{ALIAS}")
        assert {said[:3] for _, said in on.both(*ADA)} == {"250"}
        if not how.startswith("hanging"):
            until(lambda: on.noted()["ann"].state == SightingState.UNKNOWN, "it was asked")
    assert on.on_list() == before
    assert on.switch().state == "on"


@pytest.mark.parametrize("what", ["redis", "worker"])
def test_afterwards_the_sender_comes_back_and_the_mail_passes(on: Site, what: str) -> None:
    on.inbox.known = {"ada", f"ann.{what}"}
    with OURS[what](on):
        for _, said in on.both(f"ann.{what}@{NAME}"):
            assert said[0] in "24", said
    assert on.retried("policy", f"ann.{what}@{NAME}").startswith("250")
    assert f"ann.{what}" in on.on_list()


def test_a_server_that_ends_the_connection_after_every_recipient_is_asked_all_the_same(on: Site) -> None:
    with on.behind(knows(f"closed@{NAME}", closes_after_recipient=True)):
        assert on.retried("policy", f"closed@{NAME}").startswith("250")
        assert on.retried("socketmap", f"unknown@{ALIAS}").startswith("550 5.1.1 ")
    assert "closed" in on.on_list()
    assert "unknown" not in on.on_list()
