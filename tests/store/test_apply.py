"""The one writer of the list, on a real database."""

import datetime as dt
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from console.core.errors import StaleError
from console.core.person import Kind, Status, User
from console.core.plan import Action, Plan, Step
from console.models import Change, DatabaseDown, Domain, Run, RunState, db
from console.models import User as UserRow
from console.store import records, roster
from console.store.apply import apply
from tests import factories
from tests.core.undone import inverse
from tests.factories import address, manual_user, user
from tests.store.lists import act, listed, versions


def test_a_user_is_stored_with_everything_about_it(domain: Domain) -> None:
    source = factories.source(domain)
    full = replace(
        user("ada", None, aliases=["weiß", "a"], first_name="Ada", last_name="Byron", kind=Kind.SHARED),
        source_id=source.id,
        group_id=source.group_id,
        status=Status.MISSING,
        reason="No longer there.",
        missing_since=factories.NOW,
        by_hand=frozenset({"kind", address("a")}),
        exempt=True,
    )
    act(domain, Step(Action.CREATE, None, full))
    assert list(listed(domain).values()) == [full]


def test_a_user_is_changed_and_deleted_with_all_its_addresses(domain: Domain) -> None:
    factories.users(domain, manual_user("ada", aliases=["a", "b"]), manual_user("bob"))
    before = listed(domain)
    after = replace(before["ada"], aliases=(address("b"), address("c")), last_name="King")
    act(domain, Step(Action.UPDATE, before["ada"], after), Step(Action.DELETE, before["bob"], None))
    assert listed(domain) == {"ada": after}
    assert set(db.session.scalars(text("select address from addresses"))) == {*after.addresses}


def test_two_users_swap_their_addresses_in_one_plan(domain: Domain) -> None:
    factories.users(domain, manual_user("ada", aliases=["a"]), manual_user("bob"))
    ada, bob = listed(domain)["ada"], listed(domain)["bob"]
    swapped = replace(ada, address=bob.address), replace(bob, address=ada.address)
    act(domain, Step(Action.UPDATE, ada, swapped[0]), Step(Action.UPDATE, bob, swapped[1]))
    assert listed(domain) == {"bob": swapped[0], "ada": swapped[1]}
    assert listed(domain)["bob"].id == ada.id


def test_a_new_user_takes_an_address_that_another_gives_up_in_the_same_plan(domain: Domain) -> None:
    factories.users(domain, manual_user("ada", aliases=["info"]), manual_user("office"))
    ada, office = listed(domain)["ada"], listed(domain)["office"]
    group = ada.group_id
    act(
        domain,
        Step(Action.CREATE, None, manual_user("info", None, group_id=group)),
        Step(Action.CREATE, None, manual_user("boss", None, group_id=group, aliases=["office"])),
        Step(Action.UPDATE, ada, replace(ada, aliases=())),
        Step(Action.DELETE, office, None),
    )
    assert set(listed(domain)) == {"ada", "info", "boss"}


def test_another_spelling_of_an_address_replaces_it(domain: Domain) -> None:
    factories.users(domain, manual_user("weiss"))
    before = listed(domain)["weiss"]
    act(domain, Step(Action.UPDATE, before, replace(before, address=address("weiß"))))
    assert set(listed(domain)) == {"weiß"}


def test_only_the_rows_that_change_are_written(domain: Domain) -> None:
    factories.users(domain, *(manual_user(f"user{n}", aliases=[f"alias{n}"]) for n in range(20)))
    before, changed = versions(), listed(domain)["user7"]
    act(domain, Step(Action.UPDATE, changed, replace(changed, last_name="King")))
    after = versions()
    assert len(after["users"] - before["users"]) == 1
    assert after["addresses"] == before["addresses"]
    assert after["user_counts"] == before["user_counts"]


def test_a_change_moves_the_time_of_change_of_its_user_alone(domain: Domain) -> None:
    first, second = factories.users(domain, manual_user("ada"), manual_user("bob"))
    times = change_times()
    ada = listed(domain)["ada"]
    act(domain, Step(Action.UPDATE, ada, replace(ada, last_name="King")))
    later = change_times()
    assert later[first] > times[first]
    assert later[second] == times[second]


def test_a_plan_without_writes_writes_no_row_of_the_list(domain: Domain) -> None:
    factories.users(domain, manual_user("ada"))
    before, ada = versions(), listed(domain)["ada"]
    act(domain, Step(Action.CONFLICT, ada, ada, contested=(address("x"),)))
    assert versions() == before


def test_a_user_that_changed_meanwhile_is_stale_and_nothing_is_written(domain: Domain) -> None:
    factories.users(domain, manual_user("ada"), manual_user("bob"))
    ada, bob = listed(domain)["ada"], listed(domain)["bob"]
    act(domain, Step(Action.UPDATE, ada, replace(ada, last_name="King")))
    before = versions()
    steps = Step(Action.DELETE, bob, None), Step(Action.UPDATE, ada, replace(ada, last_name="Byron"))
    assert_stale(domain, *steps)
    assert versions() == before


@pytest.mark.parametrize("gone", [True, False])
def test_a_user_whose_aliases_changed_or_that_is_gone_is_stale(domain: Domain, gone: bool) -> None:
    factories.users(domain, manual_user("ada"))
    ada = listed(domain)["ada"]
    now = None if gone else replace(ada, aliases=(address("a"),))
    act(domain, Step(Action.DELETE if gone else Action.UPDATE, ada, now))
    assert_stale(domain, Step(Action.UPDATE, ada, replace(ada, last_name="King")))


def test_an_address_that_was_taken_meanwhile_is_stale_and_nothing_is_written(domain: Domain) -> None:
    factories.users(domain, manual_user("ada", aliases=["info"]))
    before = versions()
    group = listed(domain)["ada"].group_id
    steps = [Step(Action.CREATE, None, manual_user(name, None, group_id=group)) for name in ("bob", "info")]
    assert_stale(domain, *steps)
    assert versions() == before


def test_another_domain_s_group_is_stale(domain: Domain) -> None:
    other = factories.domain("other.example")
    foreign = manual_user("ada", None, group_id=other.groups[0].id)
    with pytest.raises(StaleError, match="The source or the group"):
        act(domain, Step(Action.CREATE, None, foreign))


def test_the_user_of_a_source_that_is_gone_cannot_come_back(domain: Domain) -> None:
    group = domain.groups[0].id
    with pytest.raises(StaleError, match="The source or the group"):
        act(domain, Step(Action.CREATE, None, user("ada", None, source_id=99, group_id=group)))


def test_what_was_done_is_on_record_step_by_step(domain: Domain) -> None:
    factories.users(domain, manual_user("ada"), manual_user("bob"))
    ada, bob = listed(domain)["ada"], listed(domain)["bob"]
    done = (
        Step(Action.UPDATE, ada, replace(ada, last_name="King"), where="CN=Ada", why="a reason"),
        Step(Action.DELETE, bob, None),
        Step(Action.CREATE, None, manual_user("cyd", None, group_id=ada.group_id)),
        Step(Action.CONFLICT, None, None, "CN=Info", "It is taken.", (address("info"),), ada.id),
    )
    run = act(domain, *done)
    kept = records.planned(run).steps
    assert kept == done
    assert kept[2].user is not None
    assert kept[2].user.id == listed(domain)["cyd"].id
    assert [change.address for change in records.changes(run.id)] == [address(n) for n in ("ada", "bob", "cyd", "info")]


def test_a_plan_that_waited_is_on_record_once_when_it_is_applied(domain: Domain) -> None:
    run = Run(kind="sync", domain_id=domain.id, state=RunState.APPLYING.value)
    db.session.add(run)
    db.session.commit()
    step = Step(Action.CREATE, None, manual_user("ada", None, group_id=domain.groups[0].id))
    for _ in range(2):
        db.session.execute(text("delete from users"))
        db.session.execute(text("delete from user_counts"))
        apply(run.id, domain.id, Plan(steps=(step,)))
        db.session.commit()
    assert db.session.query(Change).filter_by(run_id=run.id).count() == 1


def test_a_directory_s_place_may_hold_what_postgresql_cannot(domain: Domain) -> None:
    run = act(domain, Step(Action.CONFLICT, None, None, "CN=\x00", contested=(address("ada"),)))
    assert records.changes(run.id)[0].place == "CN=\N{REPLACEMENT CHARACTER}"


def test_undo_after_apply_is_the_identity_on_the_database_too(domain: Domain) -> None:
    factories.users(domain, manual_user("ada", aliases=["a"]), manual_user("bob"), manual_user("cyd"))
    start = roster.of_domain(domain.id)
    ada, bob, cyd = (listed(domain)[name] for name in ("ada", "bob", "cyd"))
    run = act(
        domain,
        Step(Action.UPDATE, ada, replace(ada, address=bob.address)),
        Step(Action.UPDATE, bob, replace(bob, address=address("new"))),
        Step(Action.DELETE, cyd, None),
        Step(Action.CREATE, None, manual_user("dan", None, group_id=ada.group_id, aliases=["cyd"])),
    )
    steps = records.planned(run).steps
    act(domain, *inverse(steps, roster.around(steps)).steps)
    assert by_id(roster.of_domain(domain.id)) == by_id(start)


def test_the_database_itself_forbids_an_address_with_two_users(domain: Domain) -> None:
    factories.users(domain, manual_user("ada"), manual_user("bob"))
    with pytest.raises(IntegrityError, match="pk_addresses"):
        db.session.execute(
            text("insert into addresses select key, address, user_id + 1 from addresses where user_id = 1")
        )


def test_the_database_itself_holds_a_primary_address_to_be_one_of_the_user_s(domain: Domain) -> None:
    factories.users(domain, manual_user("ada"), manual_user("bob"))
    db.session.execute(text("update users set address = 'bob@brightfield.example' where id = 1"))
    with pytest.raises(IntegrityError, match="fk_users_primary_address"):
        db.session.commit()
    db.session.rollback()


def test_the_database_itself_keeps_a_user_to_the_groups_of_its_domain(domain: Domain) -> None:
    factories.users(domain, manual_user("ada"))
    other = factories.domain("other.example")
    with pytest.raises(IntegrityError, match="fk_users_group_id_domain_id"):
        db.session.execute(text("update users set group_id = :group"), {"group": other.groups[0].id})


def test_a_database_that_goes_away_is_told_as_such_and_the_session_goes_on(domain: Domain, app: Flask) -> None:
    domain_id, group = domain.id, domain.groups[0].id
    victim = db.session.scalar(text("select pg_backend_pid()"))
    with db.engine.connect() as other:
        other.execute(text("select pg_terminate_backend(:pid)"), {"pid": victim})
        other.commit()
    with pytest.raises(DatabaseDown):
        roster.of_domain(domain_id)
    db.session.rollback()
    act(db.session.get_one(Domain, domain_id), Step(Action.CREATE, None, manual_user("ada", None, group_id=group)))
    assert db.session.query(UserRow).count() == 1


def assert_stale(domain: Domain, *steps: Step) -> None:
    runs, changes = db.session.query(Run).count(), db.session.query(Change).count()
    with pytest.raises(StaleError, match="nothing was changed"):
        act(domain, *steps)
    assert (db.session.query(Run).count(), db.session.query(Change).count()) == (runs, changes)


def change_times() -> dict[int, dt.datetime]:
    return {row.id: row.changed_at for row in db.session.execute(select(UserRow.id, UserRow.changed_at))}


def by_id(users: list[User]) -> dict[int | None, User]:
    return {one.id: one for one in users}
