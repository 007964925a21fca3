"""A list of addresses on demand meets its bounds, and servers that do not answer as one would like."""

import datetime as dt
from collections.abc import Callable

import pytest
from flask import Flask

from console.core.discovery import Taking
from console.models import Domain, RunState, db, now
from console.store import records, runs
from jobs import asking, tasks
from tests import factories
from tests.jobs.conftest import Serve
from tests.jobs.discovering import (
    BLOCKED,
    GREYLISTED,
    on_list,
    peer,
    people,
    real,
    sight,
    switch,
    switched_on,
)
from tests.jobs.listing import asked, begin, lines, skipped, work
from tests.servers.smtp import Script

pytestmark = pytest.mark.usefixtures("soon")
Bound = Callable[[int, int], None]


@pytest.fixture
def bound(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Bound:
    """Sets how many addresses may be asked about in a minute and in a day."""

    def to(a_minute: int, a_day: int) -> None:
        few = factories.changed(app.extensions["settings"], discovery_per_minute=a_minute, discovery_per_day=a_day)
        monkeypatch.setitem(app.extensions, "settings", few)

    return to


@pytest.mark.parametrize(("script", "said"), [(Script(None), "accepts every address"), (real(), "puts off")])
def test_without_a_server_that_refuses_nobody_nothing_is_asked(
    domain: Domain, serve: Serve, script: Script, said: str
) -> None:
    server = serve(script if script.known is None else real("ann", refusal=GREYLISTED))
    run = asked(domain, lines("ann", "bob"), Taking.ADD)
    assert run.state == RunState.FAILED
    assert said in run.error
    assert (people(server), on_list(domain)) == ([], set())


def test_a_server_that_starts_to_accept_every_address_in_between_fails_the_run(
    domain: Domain, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.probing.TEST_HOLDS", dt.timedelta(0))
    server = serve(real("ann"))

    def flips() -> None:
        if people(server):
            server.script = Script(None)

    server.script = real("ann", meanwhile=flips)
    run = asked(domain, lines("ann", "bob"), Taking.ADD)
    assert (run.state, on_list(domain)) == (RunState.FAILED, set())


def test_what_the_server_says_nothing_of_is_skipped_and_never_added(domain: Domain, serve: Serve) -> None:
    server = serve(real("ann"))

    def blocks() -> None:
        if len(server.asked) > 2:
            server.script = real("ann", refusal=BLOCKED)

    server.script = real("ann", meanwhile=blocks)
    run = asked(domain, lines("ann", "guess", "b1", "b2", "b3", "b4", "b5"), Taking.ADD)
    assert (run.state, on_list(domain)) == (RunState.SUCCEEDED, {"ann"})
    assert people(server)[-1] == "b3", "who is blocked does not go on asking"
    assert skipped(run)["b3"].endswith("It refuses to deal with this machine, which says nothing about the address.")
    assert skipped(run)["b5"].startswith("It was not asked about.")
    assert run.counts["read"] == 7 == run.counts["created"] + run.counts["skipped"]


def test_a_server_that_goes_away_leaves_the_rest_unasked(domain: Domain, serve: Serve) -> None:
    server = serve(real("ann"))

    def goes() -> None:
        if len(server.asked) == 3:
            last = {"BANNER": b"421 4.3.2 Shutting down\r\n"}
            server.script = real("ann", closes_after_recipient=True, replies=last)

    server.script = real("ann", closes_after_recipient=True, meanwhile=goes)
    run = asked(domain, lines("ann", "guess", "bob"), Taking.ADD)
    assert (run.state, on_list(domain)) == (RunState.SUCCEEDED, {"ann"})
    assert skipped(run)["bob"].startswith(f"It was not asked about. {peer(server)}, ")


def test_a_server_that_cannot_be_reached_fails_the_run(domain: Domain) -> None:
    factories.delivery_server(domain)
    run = asked(domain, lines("ann"))
    assert run.state == RunState.FAILED
    assert "refused the connection" in run.error


def test_when_the_minute_is_used_up_it_waits_for_the_next(
    app: Flask, domain: Domain, serve: Serve, bound: Bound, monkeypatch: pytest.MonkeyPatch
) -> None:
    bound(3, 100)
    stages: list[str] = []

    def look(_: float) -> None:
        """A minute goes by."""
        (run,) = records.open_runs(domain.id)
        stages.append(run.stage)
        switch(domain).minute_at = now() - dt.timedelta(minutes=1)
        db.session.commit()

    monkeypatch.setattr("jobs.asking.time.sleep", look)
    server = serve(real("u7"))
    run = asked(domain, lines(*(f"u{number}" for number in range(8))), Taking.ADD)
    assert (run.state, len(server.asked), on_list(domain)) == (RunState.SUCCEEDED, 9, {"u7"})
    assert stages == ["waiting for the next minute"] * 2


def test_when_the_day_is_used_up_the_rest_is_skipped_with_that_reason(
    domain: Domain, serve: Serve, bound: Bound
) -> None:
    bound(100, 4)
    server = serve(real("u0"))
    run = asked(domain, lines(*(f"u{number}" for number in range(6))), Taking.ADD)
    assert (run.state, len(server.asked), on_list(domain)) == (RunState.SUCCEEDED, 4, {"u0"})
    assert "try again tomorrow" in skipped(run)["u5"]
    assert (run.counts["read"], run.counts["created"], run.counts["skipped"]) == (6, 1, 5)


def test_while_mail_may_come_half_of_the_bounds_is_left_for_it(domain: Domain, serve: Serve, bound: Bound) -> None:
    bound(100, 8)
    switched_on(domain)
    server = serve(real("ann"))
    asked(domain, lines("u0", "u1", "u2", "u3", "u4"))
    assert len(server.asked) == 4
    sight(domain, "ann")
    tasks.probe(domain.id)
    assert on_list(domain) == {"ann"}


def test_it_can_be_cancelled_between_two_addresses(app: Flask, domain: Domain, serve: Serve) -> None:
    def cancel() -> None:
        with app.app_context():
            runs.cancel(run.id)
            db.session.remove()

    server = serve(real("ann", meanwhile=cancel))
    run = begin(domain, lines("ann", "bob", "cyd"), Taking.ADD)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(asking, "NOTE_SECONDS", 0.0)
        run = work(run)
    assert (run.state, on_list(domain), people(server)) == (RunState.CANCELLED, set(), [])
