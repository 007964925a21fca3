"""A list of addresses on demand: each is asked about, and those that exist are added, at once or by a person's word."""

import pytest

from console.core.discovery import SightingState, Taking
from console.core.errors import RefusedError
from console.core.person import Kind, Origin
from console.models import Domain, RunKind, RunState, now
from console.store import discovery, domains, records, runs, uploads
from jobs import tasks
from tests import factories
from tests.jobs.conftest import Serve
from tests.jobs.discovering import (
    on_list,
    peer,
    people,
    randoms,
    real,
    rows_of,
    sight,
    standing,
    switched_on,
)
from tests.jobs.listing import asked, begin, lines, skipped, work
from tests.store.lists import listed

pytestmark = pytest.mark.usefixtures("soon")
LOG = """\
Mar  2 09:00:01 mx postfix/smtpd[231]: NOQUEUE: reject: RCPT from mail.elsewhere.example[192.0.2.7]: 550 5.1.1 \
<ann@brightfield.example>: Recipient address rejected: Invalid recipient; from=<eve@brightfield.example> \
to=<ann@brightfield.example> proto=ESMTP helo=<mail.elsewhere.example>
Mar  2 09:00:02 mx postfix-in/smtp[232]: 4BX1: to=<bob@brightfield.example>, relay=10.0.0.5[10.0.0.5]:25, status=sent
Mar  2 09:00:03 mx postfix/qmgr[233]: 4BX2: from=<mallory@brightfield.example>, size=1, nrcpt=1 (queue active)
"""


def test_what_is_found_waits_for_a_person(domain: Domain, serve: Serve) -> None:
    factories.users(domain, factories.manual_user("ada", aliases=["info"]))
    server = serve(real("ann", "cyd"))
    run = asked(domain, lines("ann", "guess", "info", "cyd", "ANN"))
    assert (run.state, on_list(domain)) == (RunState.NEEDS_APPROVAL, {"ada"})
    assert {name: count for name, count in run.counts.items() if count} == {"read": 4, "created": 2, "skipped": 2}
    assert skipped(run) == {
        "guess": f"{peer(server)}, was asked. It refuses this address: nobody has it there.",
        "info": "info@brightfield.example is on the list already.",
    }
    trial = run.trial or {}
    counted = {name: trial[name] for name in ("asked", "yes", "no", "unknown", "listed", "total")}
    assert counted == {"asked": 3, "yes": 2, "no": 1, "unknown": 0, "listed": 1, "total": 4}
    assert trial["last"][0] == {"address": factories.address("ann"), "answer": "yes", "said": "250 2.1.5 Ok"}
    assert (server.connections, people(server)[0].startswith("rollcall"), randoms(server)) == (1, False, 1)
    assert runs.approve(run.id)
    done = work(run)
    assert (done.state, on_list(domain)) == (RunState.SUCCEEDED, {"ada", "ann", "cyd"})
    ann = listed(domain)["ann"]
    assert (ann.kind, ann.origin) == (Kind.MAILBOX, Origin.DISCOVERY)


def test_they_are_added_at_once_where_that_was_chosen(domain: Domain, serve: Serve) -> None:
    serve(real("ann"))
    run = asked(domain, lines("ann", "guess"), Taking.ADD)
    assert (run.state, run.counts["created"], run.counts["skipped"]) == (RunState.SUCCEEDED, 1, 1)
    assert on_list(domain) == {"ann"}


def test_where_nobody_exists_nothing_waits(domain: Domain, serve: Serve) -> None:
    serve(real())
    run = asked(domain, lines("guess1", "guess2"))
    assert (run.state, run.counts["skipped"]) == (RunState.SUCCEEDED, 2)


def test_of_a_mail_log_the_recipients_are_asked_about(domain: Domain, serve: Serve) -> None:
    server = serve(real("bob"))
    run = asked(domain, LOG)
    assert people(server) == ["ann", "bob"]
    assert [change.address for change in records.changes(run.id)] == [factories.address("bob")]


def test_an_alias_domain_is_asked_about_in_the_domains_own_name(domain: Domain, serve: Serve) -> None:
    domains.add_alias(domain, "brightfield.test")
    server = serve(real("ann"))
    asked(domain, "Ann@Brightfield.test\nann@brightfield.example\nann@elsewhere.example\n", Taking.ADD)
    assert people(server) == ["ann"]
    assert on_list(domain) == {"ann"}


def test_a_file_in_utf_16_is_read(domain: Domain, serve: Serve) -> None:
    serve(real("ann"))
    asked(domain, lines("ann").encode("utf-16"), Taking.ADD)
    assert on_list(domain) == {"ann"}


def test_what_has_come_onto_the_list_before_the_approval_is_left_out(domain: Domain, serve: Serve) -> None:
    serve(real("ann", "bob", "müller"))
    run = asked(domain, lines("ann", "bob", "müller"))
    factories.users(domain, factories.manual_user("ann"), factories.manual_user("info", aliases=["MÜLLER"]))
    assert runs.approve(run.id)
    run = work(run)
    assert (run.state, run.counts["created"], run.counts["skipped"]) == (RunState.SUCCEEDED, 1, 2)
    assert on_list(domain) == {"ann", "info", "bob"}
    assert set(skipped(run)) == {"ann", "müller"}


def test_what_was_discarded_is_not_added(domain: Domain, serve: Serve) -> None:
    serve(real("ann"))
    run = asked(domain, lines("ann"))
    assert runs.discard(run.id)
    assert on_list(domain) == set()
    assert begin(domain, lines("ann")).state == RunState.QUEUED


def test_one_that_nobody_decided_about_in_a_week_is_dropped(domain: Domain, serve: Serve) -> None:
    serve(real("ann"))
    run_id = asked(domain, lines("ann")).id
    uploads.forget(now())
    assert runs.get(run_id) is None


def test_what_is_taken_back_does_not_come_back_with_the_next_mail(domain: Domain, serve: Serve) -> None:
    switched_on(domain)
    serve(real("ann", "bob"))
    sight(domain, "bob")
    run = asked(domain, lines("ann", "bob"), Taking.ADD)
    assert standing(domain) == {"ann": SightingState.ADDED, "bob": SightingState.ADDED}
    assert [row.said for row in rows_of(domain)] == ["250 2.1.5 Ok"] * 2
    tasks.provision(runs.start(RunKind.UNDO, domain.id, undoes=run).id)
    assert on_list(domain) == set()
    sight(domain, "ann", "bob")
    tasks.probe(domain.id)
    assert on_list(domain) == set()


def test_mail_that_arrives_meanwhile_is_not_held_up_by_a_list_that_waits(domain: Domain, serve: Serve) -> None:
    switched_on(domain)
    serve(real("ann", "bob"))
    run = asked(domain, lines("ann"))
    sight(domain, "ann", "bob")
    tasks.probe(domain.id)
    assert on_list(domain) == {"ann", "bob"}
    assert runs.approve(run.id)
    run = work(run)
    assert (run.state, run.counts["created"]) == (RunState.SUCCEEDED, 0)


def test_it_needs_no_switch(domain: Domain, serve: Serve) -> None:
    serve(real("ann"))
    asked(domain, lines("ann"), Taking.ADD)
    assert on_list(domain) == {"ann"}
    assert not discovery.is_on(domain.id)


def test_what_cannot_be_asked_about_is_refused_before_it_starts(domain: Domain) -> None:
    with pytest.raises(RefusedError, match="Inbound SMTP"):
        begin(domain, lines("ann"))
    factories.delivery_server(domain)
    with pytest.raises(RefusedError, match="no address"):
        begin(domain, "nothing")
    begin(domain, lines("ann"))
    with pytest.raises(RefusedError, match="Another list"):
        begin(domain, lines("bob"))


def test_a_text_without_an_address_of_the_domain_fails_with_its_name(domain: Domain, serve: Serve) -> None:
    server = serve(real())
    run = asked(domain, "ann@elsewhere.example")
    assert (run.state, run.error) == (RunState.FAILED, "There is no address of brightfield.example in it.")
    assert server.connections == 0
