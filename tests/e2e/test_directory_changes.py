"""What changes in a real directory, as the next sync sees it: no row for nothing, and each change in its own word."""

import uuid
from collections.abc import Iterator

import pytest
from flask import Flask

from console.models import Change, Domain, RunKind, Source, db
from console.store import roster
from console.store import runs as store
from jobs import tasks
from tests import factories
from tests.e2e import runs
from tests.servers.people import person_dn, person_ldif
from tests.servers.pki import Pki
from tests.servers.slapd import Slapd

COUNT = 40


def person(number: int) -> str:
    """An entry as in Active Directory, with an alias."""
    uid = f"user{number:02}"
    return person_ldif(
        uid,
        given="Uma",
        sn=f"No{number}",
        mail=f"{uid}@example.test",
        proxy=[f"SMTP:{uid}@example.test", f"smtp:u{number:02}@example.test"],
        guid=uuid.uuid5(uuid.NAMESPACE_DNS, uid),
    )


@pytest.fixture
def slapd(needs_slapd: None, tmp_path_factory: pytest.TempPathFactory, pki: Pki) -> Iterator[Slapd]:
    with Slapd.start(tmp_path_factory.mktemp("slapd"), pki, map(person, range(COUNT))) as server:
        yield server


@pytest.fixture
def domain(app: Flask) -> Domain:
    return factories.domain("example.test")


@pytest.fixture
def source(slapd: Slapd, pki: Pki, domain: Domain) -> Source:
    """The directory, over LDAPS and in pages of fifteen, synced once."""
    source = factories.source(
        domain,
        password=slapd.reader_password,
        settings={
            "host": "localhost",
            "port": slapd.tls_port,
            "tls": "ldaps",
            "user_dn": slapd.reader_dn,
            "search_base": slapd.suffix,
            "ca_pem": pki.ca_file.read_text(),
            "page_size": 15,
        },
    )
    run_id = sync(source)
    assert runs.now(run_id).state == "needs_approval"
    assert store.approve(run_id)
    tasks.provision(run_id)
    assert runs.now(run_id).counts["created"] == COUNT
    return source


def sync(source: Source) -> int:
    run = store.start(RunKind.SYNC, source.domain_id, source=source)
    tasks.provision(run.id)
    return run.id


def changes(run_id: int) -> dict[str, Change]:
    """What a run did, by the local part that it was about."""
    found = db.session.scalars(db.select(Change).where(Change.run_id == run_id)).all()
    return {change.address.partition("@")[0]: change for change in found}


def statuses(domain: Domain) -> dict[str, str]:
    return {user.address.partition("@")[0]: user.status.value for user in roster.of_domain(domain.id)}


def test_a_sync_right_after_a_sync_writes_no_row_of_the_list(source: Source) -> None:
    before = runs.rows()
    run = runs.now(sync(source))
    assert (run.state, run.counts["unchanged"], run.changed) == ("succeeded", COUNT, 0)
    assert runs.rows() == before
    assert changes(run.id) == {}


def test_what_leaves_is_missing_and_what_is_renamed_or_changed_is_updated(
    source: Source, slapd: Slapd, domain: Domain
) -> None:
    before = runs.rows()
    slapd.delete(person_dn("user01"), person_dn("user02"))
    renamed = slapd.rename(person_dn("user03"), "uid=third")
    slapd.modify(renamed, {"mail": ["third@example.test"], "proxyAddresses": ["SMTP:third@example.test"]})
    slapd.modify(person_dn("user04"), {"givenName": ["Vera"]})
    slapd.modify(person_dn("user05"), {"proxyAddresses": ["SMTP:user05@example.test", "smtp:fifth@example.test"]})
    slapd.rename(person_dn("user06"), "uid=moved", slapd.groups_dn)
    slapd.add(person(COUNT))

    run = runs.now(sync(source))
    assert run.state == "succeeded"
    assert {name: run.counts[name] for name in ("created", "updated", "missing", "unchanged")} == {
        "created": 1,
        "updated": 3,
        "missing": 2,
        "unchanged": COUNT - 5,
    }
    found = changes(run.id)
    assert {local: change.action for local, change in found.items()} == {
        "user01": "missing",
        "user02": "missing",
        "third": "updated",
        "user04": "updated",
        "user05": "updated",
        f"user{COUNT}": "created",
    }
    third = found["third"]
    assert third.before is not None
    assert third.before["address"] == "user03@example.test"
    assert {status for local, status in statuses(domain).items() if local not in ("user01", "user02")} == {"active"}
    assert statuses(domain)["user01"] == "missing"
    after = runs.rows()
    assert len([row for row in set(before) - set(after) if row[0] == "users"]) == 5, "only what changed was written"
    assert runs.now(sync(source)).changed == 0
    assert runs.rows() == after


def test_who_comes_back_is_restored_as_the_same_user(source: Source, slapd: Slapd, domain: Domain) -> None:
    was = {user.address: user.id for user in roster.of_domain(domain.id)}
    slapd.delete(person_dn("user07"))
    sync(source)
    assert statuses(domain)["user07"] == "missing"
    slapd.add(person(7))
    assert runs.now(sync(source)).counts["restored"] == 1
    assert statuses(domain)["user07"] == "active"
    assert {user.address: user.id for user in roster.of_domain(domain.id)} == was


def test_an_emptied_directory_waits_for_approval_and_removes_nobody(
    source: Source, slapd: Slapd, domain: Domain
) -> None:
    before = runs.rows()
    assert slapd.clear() == COUNT
    run = runs.now(sync(source))
    assert run.state == "needs_approval"
    assert any("no recipients of this domain" in reason for reason in run.waits_because)
    assert any(f"would remove {COUNT} of the {COUNT}" in reason for reason in run.waits_because)
    assert runs.rows() == before
    assert store.approve(run.id)
    tasks.provision(run.id)
    assert set(statuses(domain).values()) == {"missing"}, "an approved one is carried out, with its days of grace"
