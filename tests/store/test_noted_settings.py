"""Each change of a setting is on record, with what stood there before, and no secret is."""

import datetime as dt
from collections.abc import Callable

import pytest
from flask import current_app

from console.core.discovery import Ended, Taking
from console.core.recipient import Mode
from console.models import DeliveryServer, Domain, DomainName, RunKind, Source, Topic, db, now
from console.store import conflicts, credentials, discovery, domains, notices, runs, smtp, source_changes, sources
from tests import factories, recorded

Act = Callable[[Domain], object]


def _renamed(domain: Domain) -> None:
    domains.rename_group(domains.add_group(domain, "Sales"), "Shop")


def _alias_removed(domain: Domain) -> None:
    domains.add_alias(domain, "two.example")
    domains.remove_alias(domain, "two.example")


def _server_changed(domain: Domain) -> None:
    server = factories.delivery_server(domain)
    server.priority, server.tls = 5, "required"
    smtp.save(server)


def _server_moved(domain: Domain) -> None:
    factories.delivery_server(domain)
    smtp.move(factories.delivery_server(domain, host="mx2.brightfield.example"), up=True)


def _chosen(domain: Domain) -> None:
    factories.delivery_server(domain)
    discovery.ask_for(domain, None, taking=Taking.ADD, needed=1, ends_at=now() + dt.timedelta(days=2))
    switch = discovery.of_domain(domain.id)
    assert switch is not None
    assert switch.test_run_id is not None
    discovery.tested(domain.id, switch.test_run_id, None)
    discovery.choose(domain.id, taking=Taking.REVIEW, needed=1, ends_at=switch.ends_at)


def _off(domain: Domain) -> None:
    _chosen(domain)
    discovery.turn_off(domain.id, Ended.BY_HAND)


def _rotated(_: Domain) -> None:
    credentials.create("mx1")
    credentials.rotate("mx1")


def _revoked(_: Domain) -> None:
    credentials.create("mx1")
    credentials.revoke("mx1")


SETTINGS: dict[str, tuple[Act, str, list[tuple[str, str, str]]]] = {
    "alias domain added": (lambda d: domains.add_alias(d, "two.example"), "Added the alias domain two.example", []),
    "alias domain removed": (_alias_removed, "Removed the alias domain two.example", []),
    "plus tags": (
        lambda d: domains.set_plus_tags(d, on=False),
        "Changed the domain's settings",
        [("Plus tags", "yes", "no")],
    ),
    "perimeter": (
        lambda d: domains.set_perimeter(d, Mode.ENFORCE),
        "Changed what mail servers are told",
        [("Perimeter", "off", "enforce")],
    ),
    "notices": (
        lambda d: notices.set_addresses(d, ["it@x.example", "me@x.example"]),
        "Changed who gets notices",
        [("Notices go to", "", "it@x.example, me@x.example")],
    ),
    "group added": (lambda d: domains.add_group(d, "Sales"), "Added the group Sales", []),
    "group renamed": (_renamed, "Renamed a group", [("Name", "Sales", "Shop")]),
    "domain added with aliases": (
        lambda _: domains.add("b.example", ["c.example"]),
        "Added the domain",
        [("Alias domains", "", "c.example")],
    ),
    "mail server added": (factories.delivery_server, "Added the mail server 127.0.0.1:9", []),
    "mail server changed": (
        _server_changed,
        "Changed the mail server 127.0.0.1:9",
        [("Priority", "10", "5"), ("TLS", "opportunistic", "required")],
    ),
    "mail server moved": (_server_moved, "Moved the mail server mx2.brightfield.example:9 up", []),
    "mail server removed": (
        lambda d: smtp.remove(factories.delivery_server(d)),
        "Removed the mail server 127.0.0.1:9",
        [],
    ),
    "discovery chosen": (
        _chosen,
        "Changed the choices of Address Discovery",
        [("What is found", "add", "review")],
    ),
    "discovery off": (_off, "Turned Address Discovery off", []),
    "credentials made": (
        lambda _: credentials.create("mx1"),
        "Made a password for the mail server mx1",
        [],
    ),
    "credentials rotated": (_rotated, "Made a new password for the mail server mx1", []),
    "credentials revoked": (_revoked, "Revoked the password of the mail server mx1", []),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_a_change_of_a_setting_is_on_record(domain: Domain, name: str) -> None:
    act, told, changes = SETTINGS[name]
    act(domain)
    event = recorded.last()
    assert (event.topic, event.text, recorded.changes(event)) == (Topic.SETTINGS, told, changes)


def test_what_stays_as_it_is_is_not_on_record(domain: Domain) -> None:
    source = factories.source(domain)
    server = factories.delivery_server(domain)
    before = recorded.told()
    domains.set_plus_tags(domain, on=True)
    domains.set_perimeter(domain, Mode.OFF)
    notices.set_addresses(domain, [])
    sources.save(source)
    smtp.save(server)
    assert not domains.remove_alias(domain, "nobody.example")
    assert not discovery.turn_off(domain.id, Ended.BY_HAND)
    assert recorded.told() == before


def test_a_source_is_told_field_by_field_and_its_secret_never(domain: Domain) -> None:
    source = factories.source(domain)
    assert recorded.last().text == "Added the source Active Dir. · HQ"
    sales = domains.add_group(domain, "Sales").id
    source.settings = {**source.settings, "host": "dc2.x.example", "verify": False, "ca_pem": "a certificate", "new": 1}
    source.interval_minutes = None
    source.group_id = sales
    source.secret = current_app.extensions["sealer"].seal("another secret")
    sources.save(source)
    event = recorded.last()
    assert recorded.changes(event) == [
        ("Group", "Default", "Sales"),
        ("Every so many minutes", "60", "off"),
        ("Host", "127.0.0.1", "dc2.x.example"),
        ("Certificate is checked", "", "no"),
        ("New", "", "1"),
        ("Certificate authority", "changed", "changed"),
        ("Password or secret", "changed", "changed"),
    ]
    assert "another secret" not in event.search
    assert source.secret not in f"{event.search} {event.changes}"


def test_a_source_that_is_deleted_is_on_record_twice_as_a_setting_and_as_what_became_of_its_users(
    domain: Domain,
) -> None:
    source = factories.source(domain)
    factories.users(domain, factories.user("ada", source_id=source.id))
    run = sources.remove(source, None)
    assert (recorded.last().text, run.title) == ("Deleted the source Active Dir. · HQ",) * 2


def test_discovery_that_a_check_does_not_let_on_is_on_record(domain: Domain) -> None:
    factories.delivery_server(domain)
    run = discovery.ask_for(domain, None, taking=Taking.ADD, needed=2, ends_at=now() + dt.timedelta(days=2))
    assert recorded.changes(recorded.last())[:2] == [("What is found", "", "add"), ("Mails needed", "", "2")]
    discovery.tested(domain.id, run.id, Ended.EVERY_ADDRESS)
    assert recorded.last().text == "Address Discovery is off: a mail server accepts every address"


@pytest.mark.parametrize(("act", "told"), [(runs.approve, "Approved"), (runs.discard, "Discarded")])
def test_a_decision_about_a_waiting_run_is_on_record_once(
    domain: Domain, act: Callable[[int], bool], told: str
) -> None:
    source = factories.source(domain)
    run = runs.start(RunKind.SYNC, domain.id, source=source)
    run.state = "needs_approval"
    db.session.commit()
    assert act(run.id)
    assert not act(run.id)
    said = [text for _, text in recorded.told(Topic.APPROVALS)]
    assert said == [f"{told} run {run.id}: sync of Active Dir. · HQ"]


def test_a_cancel_is_on_record_for_a_queued_run_and_for_one_that_is_asked_to_stop(domain: Domain) -> None:
    source = factories.source(domain)
    for begin in (False, True):
        run = runs.start(RunKind.PREVIEW, domain.id, source=source)
        assert not begin or runs.claim(run.id)
        assert runs.cancel(run.id)
        assert recorded.last().text == f"Cancelled run {run.id}: preview"


def test_a_conflict_that_is_settled_by_leaving_it_is_on_record(domain: Domain) -> None:
    source: Source = factories.source(domain)
    conflicts.keep(source, None, ["ada@brightfield.example"])
    assert recorded.told(Topic.APPROVALS)[0][1].startswith("Left ada@brightfield.example with the user who has it")


def test_the_columns_of_a_source_that_a_person_sets_are_all_told() -> None:
    """A column that comes new to these tables has to be told, or to stand here as nobody's setting."""
    kept = {"id", "domain_id", "kind", "created_at", "next_run_at", "expiry_warned", "failures", "watermark"}
    kept |= {"full_read_at", "last_success_at", "last_error", "last_error_at"}
    assert {*Source.__table__.columns.keys()} == kept | {*source_changes.COLUMNS, "settings", "secret"}
    assert {*DeliveryServer.__table__.columns.keys()} == {"id", "domain_id", "position", "created_at", *smtp.LABELS}
    told = {"plus_tags", "perimeter_mode", "notify"}
    assert {*Domain.__table__.columns.keys()} == {"id", "name", "list_version", "checklist_done", "created_at"} | told
    assert {*DomainName.__table__.columns.keys()} == {"name", "domain_id"}
