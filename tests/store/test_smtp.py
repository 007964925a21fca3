"""Delivery servers of a domain, their order, and the checks of them."""

import pytest

from console.core.errors import RefusedError
from console.core.person import Kind, Status
from console.models import DeliveryServer, Domain, Run, db
from console.store import domains, runs, smtp
from tests import factories
from tests.factories import delivery_server, manual_user


def order(domain: Domain) -> list[str]:
    return [server.host for server in smtp.of_domain(domain.id)]


def add(domain: Domain, *hosts: str) -> list[DeliveryServer]:
    return [delivery_server(domain, host=host) for host in hosts]


def test_servers_are_asked_by_priority_and_then_as_they_were_added(domain: Domain) -> None:
    add(domain, "first", "second")
    delivery_server(domain, host="urgent", priority=5)
    assert order(domain) == ["urgent", "first", "second"]
    assert order(factories.domain("other.example")) == []


def test_a_server_changes_places_with_its_neighbour_alone(domain: Domain) -> None:
    delivery_server(domain, host="urgent", priority=5)
    _, middle, last = add(domain, "first", "middle", "last")
    assert smtp.move(middle, up=True)
    assert order(domain) == ["urgent", "middle", "first", "last"]
    assert smtp.move(middle, up=True)
    assert order(domain) == ["middle", "urgent", "first", "last"]
    assert (middle.priority, last.priority) == (5, 10)
    assert not smtp.move(middle, up=True)
    assert not smtp.move(last, up=False)
    assert smtp.move(middle, up=False)
    assert order(domain) == ["urgent", "middle", "first", "last"]


def test_a_place_is_a_domains_once(domain: Domain) -> None:
    delivery_server(domain, host="mail", port=25)
    delivery_server(domain, host="mail", port=2525)
    other = factories.domain("other.example")
    delivery_server(other, host="mail", port=25)
    with pytest.raises(RefusedError, match="mail:25 is one of this domain's mail servers already"):
        delivery_server(domain, host="mail", port=25)
    changed = smtp.at(domain.id, "mail", 2525)
    assert changed is not None
    changed.port = 25
    with pytest.raises(RefusedError):
        smtp.save(changed)
    assert order(domain) == ["mail", "mail"]


def test_a_domain_has_a_few_servers_at_most(domain: Domain) -> None:
    add(domain, *(f"mail{n}" for n in range(smtp.LIMIT)))
    with pytest.raises(RefusedError, match="at most 10"):
        add(domain, "one-more")


def test_a_server_is_found_in_its_domain_alone_and_goes_with_it(domain: Domain) -> None:
    [server] = add(domain, "mail")
    other = factories.domain("other.example")
    assert smtp.server(domain.id, server.id) is server
    assert smtp.server(other.id, server.id) is None
    server_id = server.id
    domains.delete(domain)
    assert smtp.server(domain.id, server_id) is None


def test_a_known_recipient_is_the_first_active_mailbox_or_else_the_first_active_user(domain: Domain) -> None:
    assert smtp.known_recipient(domain.id) is None
    factories.users(domain, manual_user("gone", status=Status.DISABLED), manual_user("hall", kind=Kind.RESOURCE))
    assert smtp.known_recipient(domain.id) == factories.address("hall")
    factories.users(domain, manual_user("zoe"), manual_user("ada"))
    assert smtp.known_recipient(domain.id) == factories.address("zoe")


def test_a_check_names_whom_it_will_ask_for(domain: Domain) -> None:
    delivery_server(domain)
    factories.users(domain, manual_user("ada"))
    chosen = smtp.start_check(domain, None)
    assert (chosen.trial or {})["known"] == factories.address("ada")
    runs.cancel(chosen.id)
    named = smtp.start_check(domain, None, factories.address("bob"))
    assert (named.trial or {})["known"] == factories.address("bob")


def test_a_domain_has_one_open_check_whatever_else_is_open(domain: Domain) -> None:
    delivery_server(domain)
    factories.run(domain, of_source=factories.source(domain))
    check = smtp.start_check(domain, None)
    assert smtp.open_check(domain.id) == check
    with pytest.raises(RefusedError, match="under way"):
        smtp.start_check(domain, None)
    runs.cancel(check.id)
    assert smtp.open_check(domain.id) is None
    assert smtp.start_check(domain, None)


def test_without_a_server_there_is_nothing_to_check(domain: Domain) -> None:
    with pytest.raises(RefusedError, match="Add one first"):
        smtp.start_check(domain, None)


def checked(domain: Domain, finding: str | None, *, fails: bool = False) -> Run:
    run = smtp.start_check(domain, None)
    assert runs.claim(run.id)
    assert smtp.note(run.id, {"known": None, "finding": finding, "servers": []}, "asking mail")
    if fails:
        runs.fail(run.id, "It cannot be reached.")
    else:
        runs.succeed(run.id)
        db.session.commit()
    return run


def test_the_last_check_is_the_newest_that_found_something(domain: Domain) -> None:
    delivery_server(domain)
    assert smtp.last_check(domain.id) is None
    checked(domain, "known_only")
    unreachable = checked(domain, "unreachable", fails=True)
    checked(domain, None, fails=True)
    assert smtp.last_check(domain.id) == unreachable


def test_what_a_check_notes_says_whether_it_goes_on(domain: Domain) -> None:
    delivery_server(domain)
    run = smtp.start_check(domain, None)
    found = {"known": None, "finding": None, "servers": [{"said": "a\x00b"}]}
    assert not smtp.note(run.id, found, "asking mail"), "nobody has claimed it"
    assert runs.claim(run.id)
    assert smtp.note(run.id, found, "asking mail")
    now = runs.get(run.id)
    assert now is not None
    assert (now.stage, now.trial) == ("asking mail", {**found, "servers": [{"said": "a\ufffdb"}]})
    assert runs.cancel(run.id)
    assert not smtp.note(run.id, found, "asking mail")
