"""The conflicts of a source: shown with both sides, settled by a button, and settled for the next sync."""

import pytest
from flask import Flask

from console.core.person import Origin, Person
from console.models import Admin, Domain, Run, RunKind, Source, User, db
from console.store import conflicts, records, roster, runs, users
from tests import factories
from tests.jobs import fake
from tests.web.client import Browser


@pytest.fixture
def source(app: Flask, domain: Domain) -> Source:
    return factories.source(domain)


def sync(source: Source, *people: Person) -> Run:
    """A sync of what a directory holds, approved if it waits."""
    run = fake.sync(source, fake.Fake(people))
    if runs.approve(run.id):
        run = fake.work(run, fake.NEVER)
    assert run.state == "succeeded", run.error
    return run


def by_hand(domain: Domain, local: str = "info") -> int:
    (user_id,) = factories.users(domain, factories.manual_user(local))
    return user_id


def held_by(local: str) -> User | None:
    return users.holder(factories.address(local))


ADA = factories.person("ada", aliases=["info"], first_name="Ada")
BOB = factories.person("bob")


def test_both_sides_are_shown(client: Browser, domain: Domain, source: Source) -> None:
    by_hand(domain)
    sync(source, ADA, BOB)
    page = client.page(f"/sources/{source.id}/conflicts")
    assert "info@brightfield.example" in page.text
    assert "CN=ada,DC=brightfield,DC=example" in page.text
    assert "added by hand" in page.text
    assert "Adopt into this source" in page.text
    assert "1 conflict to settle" in client.page(f"/domains/{domain.name}/sync").text


def test_mail_to_everyone_is_accepted_while_a_conflict_is_open(domain: Domain, source: Source) -> None:
    kept = by_hand(domain)
    sync(source, ADA, BOB)
    holder = held_by("info")
    assert holder is not None
    assert holder.id == kept
    assert held_by("ada") is not None


def test_an_adopted_user_is_the_entrys_from_the_next_sync_on(client: Browser, domain: Domain, source: Source) -> None:
    kept = by_hand(domain, "ada")
    sync(source, factories.person("ada", first_name="Ada"), BOB)
    client.submit(f"/sources/{source.id}/conflicts/adopt", user=str(kept))
    assert "adopted" in client.page(f"/sources/{source.id}/conflicts").text
    run = sync(source, factories.person("ada", first_name="Ada"), BOB)
    assert (run.counts["conflicts"], run.counts["updated"], run.counts["created"]) == (0, 1, 0)
    user = roster.by_ids([kept])[kept]
    assert (user.origin, user.source_id, user.source_key) == (Origin.SOURCE, source.id, "key-ada")
    assert (user.first_name, users.totals(domain.id).users) == ("Ada", 2)


@pytest.mark.parametrize("local", ["ada", "info"])
def test_adopting_makes_one_of_the_two_that_an_entry_would_have(
    client: Browser, domain: Domain, source: Source, local: str
) -> None:
    """The entry got a user for the address that nobody had, in the sync before."""
    kept = by_hand(domain, local)
    sync(source, ADA, BOB)
    client.submit(f"/sources/{source.id}/conflicts/adopt", user=str(kept))
    assert {held.id for held in (held_by("ada"), held_by("info")) if held} == {kept}
    run = sync(source, ADA, BOB)
    assert (run.counts["conflicts"], run.counts["missing"], run.counts["created"]) == (0, 0, 0)
    user = roster.by_ids([kept])[kept]
    assert (user.address, user.aliases) == (ADA.primary, ADA.aliases)
    assert (user.source_key, user.first_name, user.status) == ("key-ada", "Ada", "active")
    assert users.totals(domain.id).users == 2


def test_all_are_adopted_at_once(client: Browser, domain: Domain, source: Source) -> None:
    people = [factories.person(f"user{n}") for n in range(60)]
    factories.users(domain, *(factories.manual_user(f"user{n}") for n in range(60)))
    sync(source, *people)
    page = f"/sources/{source.id}/conflicts"
    assert "Adopt all 60 users" in client.page(page).text
    client.submit(f"{page}/adopt")
    run = sync(source, *people)
    assert (run.counts["conflicts"], run.counts["updated"]) == (0, 60)
    assert users.totals(domain.id).by_origin == {f"source:{source.id}": 60}


def test_adopting_can_be_taken_back(client: Browser, domain: Domain, source: Source) -> None:
    kept = by_hand(domain, "ada")
    before = roster.by_ids([kept])
    sync(source, factories.person("ada"), BOB)
    run = conflicts.adopt(source, None, [kept])
    assert run is not None
    fake.work(runs.start(RunKind.UNDO, domain.id, undoes=run), fake.NEVER)
    assert roster.by_ids([kept]) == before


def test_what_is_kept_is_no_conflict_any_more(client: Browser, domain: Domain, source: Source) -> None:
    kept = by_hand(domain)
    run = sync(source, ADA, BOB)
    (change,) = [row for row in records.changes(run.id) if row.action == "conflict"]
    client.submit(f"/sources/{source.id}/conflicts/keep", conflict=str(change.id))
    assert "kept as it is" in client.page(f"/sources/{source.id}/conflicts").text
    again = sync(source, ADA, BOB)
    assert (again.counts["conflicts"], again.counts["unchanged"]) == (0, 2)
    holder = held_by("info")
    assert holder is not None
    assert holder.id == kept


def test_an_entry_that_is_left_with_nothing_is_skipped_with_the_reason(domain: Domain, source: Source) -> None:
    by_hand(domain, "ada")
    sync(source, factories.person("ada"), BOB)
    conflicts.keep(source, None, ["ada@brightfield.example"])
    run = sync(source, factories.person("ada"), BOB)
    assert (run.counts["conflicts"], run.counts["skipped"]) == (0, 1)
    assert "It stays so by a person's decision." in records.issues(run.id)[0].why


def test_a_user_of_another_domain_is_not_adopted(client: Browser, domain: Domain, source: Source) -> None:
    other = factories.domain("other.example")
    (foreign,) = factories.users(other, factories.manual_user("ada@other.example"))
    client.submit(f"/sources/{source.id}/conflicts/adopt", user=str(foreign))
    assert roster.by_ids([foreign])[foreign].origin is Origin.MANUAL


def test_a_conflict_of_another_source_is_not_found(client: Browser, domain: Domain, source: Source) -> None:
    by_hand(domain)
    run = sync(source, ADA, BOB)
    (change,) = [row for row in records.changes(run.id) if row.action == "conflict"]
    other = factories.source(factories.domain("other.example"))
    assert client.submit(f"/sources/{other.id}/conflicts/keep", conflict=str(change.id)).status_code == 404
    assert conflicts.kept(other.id) == frozenset()


def test_without_conflicts_the_page_says_so(client: Browser, source: Source) -> None:
    assert "No conflicts" in client.page(f"/sources/{source.id}/conflicts").text


def test_the_changes_of_a_run_are_a_table_that_no_spreadsheet_runs(
    client: Browser, domain: Domain, source: Source
) -> None:
    evil = factories.person("eve", first_name='=cmd|"/C calc"!A0')
    run = sync(source, evil, BOB)
    answer = client.get(f"/runs/{run.id}/changes.csv")
    assert answer.mimetype == "text/csv"
    header, *rows = answer.text.splitlines()
    assert header.startswith("change,address,entry,why,address before,address after")
    assert len(rows) == 2
    assert "\"'=cmd|" in answer.text


def test_who_gets_notices_is_set_and_checked(client: Browser, domain: Domain, alice: Admin) -> None:
    page = f"/domains/{domain.name}"
    client.submit(f"{page}/notices", addresses="IT@Brightfield.example\n\nboss@other.example\n")
    assert domain.notify == ["it@brightfield.example", "boss@other.example"]
    refused = client.submit(f"{page}/notices", addresses="it@brightfield.example\nnobody")
    assert refused.status_code == 422
    assert "Line 2:" in refused.text
    db.session.expire_all()
    assert domain.notify == ["it@brightfield.example", "boss@other.example"]
    assert "Notices are off" in client.page(f"{page}/settings").text
