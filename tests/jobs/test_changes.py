"""A sync by schedule reads what changed, and everything whenever that might not be enough."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from sqlalchemy import update

from console.core.person import Person
from console.models import Domain, Run, RunKind, RunState, Source, User, db
from console.models import now as this_moment
from console.store import conflicts, domains, recipients, roster, runs, sources
from tests import factories
from tests.factories import person
from tests.jobs.fake import NEVER, Fake, sync, synced, work

ADA, BOB = person("ada"), person("bob")


@pytest.fixture
def source(domain: Domain) -> Source:
    """A source that was read in full and can be asked for changes since mark 1."""
    made = factories.source(domain)
    synced(made, ADA, BOB)
    assert sync(made, Fake([ADA, BOB], mark=1), by_schedule=True).state == RunState.SUCCEEDED
    return made


def statuses(source: Source) -> dict[str, str]:
    found = {user.address.partition("@")[0]: user.status.value for user in roster.of_domain(source.domain_id)}
    db.session.commit()
    return found


def changes(source: Source, *changed: Person, gone: Sequence[str] = (), **values: Any) -> tuple[Run, Fake]:
    """A sync by schedule of a directory that has these changes to tell."""
    fake = Fake([ADA, BOB], mark=2, changed=changed, gone=gone, **values)
    return sync(source, fake, by_schedule=True), fake


def test_only_what_changed_is_read_and_nobody_else_is_touched(source: Source) -> None:
    run, fake = changes(source, person("cyd"), person("bob", first_name="Bob"))
    assert fake.asked == [{"mark": 1}]
    assert (run.state, run.reading, run.reading_why) == (RunState.SUCCEEDED, "changes", "")
    assert {name: run.counts[name] for name in ("read", "created", "updated", "missing")} == {
        "read": 2,
        "created": 1,
        "updated": 1,
        "missing": 0,
    }
    assert statuses(source) == {"ada": "active", "bob": "active", "cyd": "active"}


def test_what_is_gone_is_missing(source: Source) -> None:
    run, _ = changes(source, gone=["key-bob", "of nobody here"])
    assert run.counts["missing"] == 1
    assert statuses(source) == {"ada": "active", "bob": "missing"}


def test_the_next_sync_starts_where_this_one_ended(source: Source) -> None:
    changes(source, person("cyd"))
    _, fake = changes(source)
    assert fake.asked == [{"mark": 2}]


def test_an_unchanged_directory_is_no_reason_to_wait(source: Source) -> None:
    run, _ = changes(source)
    assert (run.state, run.counts["read"], run.waits_because) == (RunState.SUCCEEDED, 0, [])


def test_many_that_are_gone_wait_for_approval(domain: Domain) -> None:
    people = [person(f"u{n}") for n in range(20)]
    source = factories.source(domain)
    synced(source, *people)
    sync(source, Fake(people, mark=1), by_schedule=True)
    run, _ = changes(source, gone=[f"key-u{n}" for n in range(10)])
    assert run.state == RunState.NEEDS_APPROVAL
    assert set(statuses(source).values()) == {"active"}


def test_a_waiting_run_moves_no_mark(domain: Domain) -> None:
    source = factories.source(domain, mode="review")
    synced(source, ADA, BOB)
    sync(source, Fake([ADA, BOB], mark=1), by_schedule=True)
    run, _ = changes(source, person("cyd"))
    assert run.state == RunState.NEEDS_APPROVAL
    db.session.refresh(source)
    assert source.watermark is not None
    assert source.watermark["since"] == {"mark": 1}


def test_a_person_who_presses_the_button_gets_a_full_read(source: Source) -> None:
    fake = Fake([ADA, BOB], mark=2)
    run = sync(source, fake)
    assert (fake.asked, run.reading) == ([None], "full")


def test_a_source_without_a_mark_is_read_in_full(domain: Domain) -> None:
    source = factories.source(domain)
    synced(source, ADA)
    for _ in range(2):
        fake = Fake([ADA])
        assert sync(source, fake, by_schedule=True).reading == "full"
        assert fake.asked == [None]


def test_one_whose_entries_have_no_key_too(domain: Domain) -> None:
    source = factories.source(domain)
    nobody = person("ada", key=None)
    synced(source, nobody)
    for _ in range(2):
        fake = Fake([nobody], mark=1)
        sync(source, fake, by_schedule=True)
        assert fake.asked == [None]


def a_day_later(source: Source) -> None:
    db.session.execute(update(Source).values(full_read_at=this_moment() - dt.timedelta(hours=24)))
    db.session.commit()


def other_settings(source: Source) -> None:
    source.settings = {**source.settings, "filter": "(department=Sales)"}
    sources.save(source)


def another_domain_name(source: Source) -> None:
    domains.add_alias(source.domain, "bf.example")


def a_user_by_hand(source: Source) -> None:
    recipients.add(source.domain, None, factories.address("cyd"))


def a_conflict(source: Source) -> None:
    factories.users(source.domain, factories.manual_user("cyd"))
    assert sync(source, Fake([ADA, BOB, person("cyd")], mark=1), by_schedule=True).counts["conflicts"] == 1


def a_leaver_whose_time_is_up(source: Source) -> None:
    changes(source, gone=["key-bob"])
    roomy = dt.timedelta(days=source.grace_days, minutes=1)
    db.session.execute(update(User).values(missing_since=this_moment() - roomy))
    db.session.commit()


@pytest.mark.parametrize(
    ("doubt", "why"),
    [
        (a_day_later, "once a day"),
        (other_settings, "settings"),
        (another_domain_name, "names of the domain"),
        (a_user_by_hand, "something else than this source"),
        (a_conflict, "conflicts"),
        (a_leaver_whose_time_is_up, "grace period"),
    ],
)
def test_whenever_anything_is_in_doubt_it_is_read_in_full(
    source: Source, doubt: Callable[[Source], None], why: str
) -> None:
    doubt(source)
    run, fake = changes(source)
    assert (fake.asked, run.reading) == ([None], "full")
    assert why in run.reading_why


def test_changes_that_clash_with_the_list_are_not_believed(source: Source) -> None:
    """The account may have been deleted and made anew, which this account may not see."""
    anew = person("ada", key="another")
    fake = Fake([anew, BOB], mark=2, changed=[anew])
    run = sync(source, fake, by_schedule=True)
    assert (fake.asked, run.reading) == ([{"mark": 1}, None], "full")
    assert "clashes" in run.reading_why
    assert (run.counts["conflicts"], run.counts["updated"]) == (0, 1)


def test_an_address_that_was_left_with_another_may_be_free_after_any_change(source: Source) -> None:
    conflicts.keep(source, None, [factories.address("elsewhere")])
    run, fake = changes(source, person("bob", first_name="Bob"))
    assert (fake.asked, run.reading) == ([{"mark": 1}, None], "full")


def test_an_exempt_user_may_hide_what_its_entry_claims(source: Source) -> None:
    [ada] = [user for user in roster.of_domain(source.domain_id) if user.address.startswith("ada")]
    recipients.exempt(ada, None, on=True)
    assert sync(source, Fake([ADA, BOB], mark=1), by_schedule=True).reading == "full"
    quiet, _ = changes(source)
    assert quiet.reading == "changes"
    run, _ = changes(source, person("bob", first_name="Bob"))
    assert (run.reading, run.counts["updated"]) == ("full", 0)
    assert "exempt" in run.reading_why


def test_a_list_that_changed_while_it_was_read_makes_the_next_read_a_full_one(source: Source) -> None:
    run, _ = changes(source, person("cyd"), meanwhile=lambda: a_user_by_hand_of(source, "dan"))
    assert run.state == RunState.SUCCEEDED
    _, fake = changes(source)
    assert fake.asked == [None]
    assert statuses(source)["dan"] == "active"


def a_user_by_hand_of(source: Source, local: str) -> None:
    recipients.add(source.domain, None, factories.address(local))


def test_nobody_is_forgotten_while_another_source_is_failing(source: Source) -> None:
    other = factories.source(source.domain, name="Branch", failures=1)
    changes(source, gone=["key-bob"])
    assert statuses(source)["bob"] == "active"
    other.failures = 0
    sources.save(other)
    run, fake = changes(source)
    assert (fake.asked, run.reading) == ([None], "full")


def test_an_undone_sync_is_followed_by_a_full_read(source: Source) -> None:
    run, _ = changes(source, person("cyd"))
    work(runs.start(RunKind.UNDO, source.domain_id, undoes=run), NEVER)
    _, fake = changes(source)
    assert fake.asked == [None]
