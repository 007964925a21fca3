"""What a file may do to a list, rule by rule."""

from dataclasses import replace
from typing import Any

import pytest

from console.core.imports import GRACE, Mode, expired
from console.core.person import Kind, Origin, Status
from console.core.plan import Action
from tests.core.cases import disabled, missing, only
from tests.core.files import ADDRESS_ALONE, GROUPS, kept, row, verdict
from tests.core.worlds import ALIAS_DOMAIN
from tests.factories import NOW, address, manual_user, user

OURS = (Origin.MANUAL, Origin.CSV, Origin.DISCOVERY)
GONE: dict[str, Any] = {"origin": Origin.CSV, "source_id": None, "source_key": None}


def test_a_row_nobody_knows_becomes_a_user_of_the_file() -> None:
    made = only(verdict([row(aliases=["info"], first_name="Ada", kind=Kind.SHARED)]).plan)
    assert made.after == kept(aliases=["info"], first_name="Ada", kind=Kind.SHARED)
    assert made.where == "line 2"


@pytest.mark.parametrize("origin", OURS)
def test_what_the_console_itself_keeps_is_updated_and_its_origin_stays(origin: Origin) -> None:
    before = kept(origin=origin, first_name="A", kind=Kind.SHARED)
    after = only(verdict([row(first_name="Ada", last_name="King")], [before]).plan).after
    assert after == replace(before, first_name="Ada", last_name="King", kind=Kind.MAILBOX)


def test_what_a_person_set_is_updated_too() -> None:
    before = kept(first_name="A", by_hand=frozenset({"name", "kind", "group_id"}))
    after = only(verdict([row(first_name="Ada", group="Sales", kind=Kind.LIST)], [before]).plan).after
    assert after == replace(before, first_name="Ada", group_id=2, kind=Kind.LIST)


def test_what_a_row_does_not_speak_of_stays() -> None:
    before = kept(aliases=["info"], first_name="Ada", last_name="King", kind=Kind.SHARED, group_id=2)
    assert verdict([row(silent=ADDRESS_ALONE)], [before]).plan.unchanged == 1
    after = only(verdict([row(silent=ADDRESS_ALONE - {"last_name"}, last_name="Byron")], [before]).plan).after
    assert after == replace(before, last_name="Byron")


def test_a_name_that_differs_in_white_space_alone_stays() -> None:
    before = kept(first_name="Ada  A.", last_name=" King\n")
    assert verdict([row(first_name="Ada A.", last_name="King")], [before]).plan.unchanged == 1


@pytest.mark.parametrize("named", ["ada", "a.lovelace", "ADA@bf.example"])
def test_a_user_of_a_directory_is_skipped_whatever_the_row_says(named: str) -> None:
    before = user(aliases=["a.lovelace"])
    plan = verdict([row(named, first_name="Ada", aliases=["new"])], [before]).plan
    assert plan.steps == ()
    [skip] = plan.skips
    assert skip.why == f"{skip.what} comes from Active Dir. · HQ, which keeps it up to date."
    assert verdict([row("ada", aliases=["a.lovelace"])], [before]).plan.skips[0].what == address("ada")


def test_an_exempt_user_stays() -> None:
    [skip] = verdict([row(first_name="Ada")], [user(exempt=True)]).plan.skips
    assert "exempt from sync" in skip.why


@pytest.mark.parametrize("holder", [manual_user("bob", 2, aliases=["info"]), user("bob", 2, aliases=["info"])])
def test_a_further_address_of_somebody_else_is_a_clash(holder: object) -> None:
    step = only(verdict([row(aliases=["info"], first_name="Ada")], [kept(), holder]).plan)  # type: ignore[list-item]
    assert (step.action, step.contested, step.rival_id) == (Action.CONFLICT, (address("info"),), 2)
    assert step.after == kept(first_name="Ada"), "the rest of the row counts"


def test_a_row_whose_own_address_is_somebody_else_s_makes_no_user_of_the_others() -> None:
    bob = kept("bob", 2, aliases=["ada"])
    step = only(verdict([row(aliases=["new"])], [bob]).plan)
    assert (step.action, step.after, step.contested) == (Action.CONFLICT, None, (address("ada"),))


def test_a_user_gives_an_alias_to_another_when_both_rows_say_so() -> None:
    users = [kept(aliases=["info"]), kept("bob", 2)]
    plan = verdict([row(), row("bob", 3, aliases=["info"])], users).plan
    assert [step.after and step.after.aliases for step in plan.steps] == [(), (address("info"),)]


def test_an_alias_that_a_row_does_not_speak_of_is_not_up_for_others() -> None:
    users = [kept(aliases=["info"]), kept("bob", 2)]
    step = only(verdict([row(silent=ADDRESS_ALONE), row("bob", 3, aliases=["info"])], users).plan)
    assert (step.action, step.rival_id) == (Action.CONFLICT, 1)


def test_two_rows_of_one_address_under_two_names_of_the_domain_count_once() -> None:
    plan = verdict([row("ada", 10), row(f"ada@{ALIAS_DOMAIN}", 9, first_name="Ada")]).plan
    assert only(plan).after == kept(first_name="Ada")
    assert [(skip.where, skip.why) for skip in plan.skips] == [("line 10", "Line 9 has this address already.")]


# Which user a row is


def test_the_old_primary_address_as_a_further_one_is_a_change_of_the_primary() -> None:
    before = kept(aliases=["a"])
    for local, aliases in (("new", ["ada", "a"]), ("a", ["ada"])):
        after = only(verdict([row(local, aliases=aliases)], [before]).plan).after
        assert after == replace(before, address=address(local), aliases=tuple(map(address, sorted(aliases))))


def test_a_list_with_its_members_addresses_becomes_none_of_them() -> None:
    users = [kept("ada"), kept("bob", 2)]
    step = only(verdict([row("team", aliases=["ada", "bob"])], users).plan)
    assert (step.before, step.after) == (None, replace(kept("team"), id=None))
    assert set(step.contested) == {address("ada"), address("bob")}


def test_a_row_that_names_only_an_alias_of_a_user_is_on_the_list_already() -> None:
    before = kept(aliases=["info"])
    for users_row in ([], [row(silent=ADDRESS_ALONE)]):
        plan = verdict([row("info", 3, silent=ADDRESS_ALONE), *users_row], [before], Mode.REPLACE).plan
        assert plan.steps == (), "and its user is spoken for"
        assert [skip.why for skip in plan.skips] == [
            "info@brightfield.example is on the list already, as a further address of a user."
        ]


def test_an_alias_becomes_a_user_of_its_own_when_its_user_gives_it_up() -> None:
    plan = verdict([row(), row("info", 3)], [kept(aliases=["info"])]).plan
    assert [(step.action, step.address) for step in plan.steps] == [
        (Action.UPDATE, address("ada")),
        (Action.CREATE, address("info")),
    ]


# Modes


def test_add_only_skips_everybody_who_is_known() -> None:
    users = [kept(aliases=["info"]), kept("bob", 2, Origin.MANUAL)]
    rows = [row(first_name="Ada"), row("robert", 3, aliases=["bob"]), row("info", 4), row("cyd", 5)]
    plan = verdict(rows, users, Mode.ADD).plan
    assert only(plan).address == address("cyd")
    assert sorted(skip.why.partition("@")[0] for skip in plan.skips) == ["ada", "bob", "info"]
    assert all("is on the list already" in skip.why for skip in plan.skips)


def test_replace_lets_users_of_files_go_in_stages_and_nobody_else() -> None:
    others = [kept("bob", 2, Origin.MANUAL), kept("cyd", 3, Origin.DISCOVERY), user("dan", 4)]
    gone = [kept(), missing("eve", 5, days=4, **GONE), missing("fay", 6, days=1, **GONE)]
    plan = verdict([row("new")], [*others, *gone], Mode.REPLACE).plan
    told = {step.address.partition("@")[0]: step.action for step in plan.steps}
    assert told == {"new": Action.CREATE, "ada": Action.MISSING, "eve": Action.DISABLE}
    assert next(step.why for step in plan.steps if step.action is Action.MISSING) == "No longer in users.csv."


def test_replace_leaves_alone_who_is_exempt_or_was_disabled_by_hand() -> None:
    users = [kept(exempt=True), kept("bob", 2, status=Status.DISABLED, reason="Disabled by hand.")]
    assert verdict([], users, Mode.REPLACE).plan.steps == ()


def test_a_row_that_the_file_itself_leaves_out_counts_as_absent_with_its_reason() -> None:
    rows = [row(left_out="It is suspended.")]
    assert verdict(rows, [kept()]).plan.steps == ()
    step = only(verdict(rows, [kept()], Mode.REPLACE).plan)
    assert (step.action, step.why) == (Action.MISSING, "It is suspended.")


@pytest.mark.parametrize("before", [missing(**GONE), disabled(**GONE)])
def test_a_row_brings_back_who_went_unless_it_does_not_speak_of_status(before: object) -> None:
    step = only(verdict([row()], [before]).plan)  # type: ignore[list-item]
    assert (step.action, step.after) == (Action.RESTORE, kept())
    assert verdict([row(silent=frozenset({"status"}))], [before]).plan.unchanged == 1  # type: ignore[list-item]


@pytest.mark.parametrize("origin", OURS)
def test_who_was_disabled_by_a_person_stays_so_and_the_file_s_reader_is_told(origin: Origin) -> None:
    before = kept(origin=origin, status=Status.DISABLED, reason="Disabled by hand.")
    plan = verdict([row()], [before]).plan
    assert plan.unchanged == 1
    assert [note.why for note in plan.notes] == [
        "ada@brightfield.example was disabled by a person and stays so: enable it on its own page."
    ]
    assert verdict([row(silent=frozenset({"status"}))], [before]).plan.notes == ()


def test_a_grace_period_ends_when_no_further_file_comes() -> None:
    days = GRACE.days
    over, hand = missing(days=days, **GONE), missing("dan", 4, days=days, **GONE, by_hand=frozenset({"status"}))
    others = [missing("bob", 2, days=days - 1, **GONE), missing("cyd", 3, days=days), replace(over, exempt=True)]
    step = only(expired([over, hand, *others, kept("eve", 5)], NOW))
    assert (step.action, step.after) == (Action.DISABLE, replace(over, status=Status.DISABLED))
    assert step.why == over.reason


# Groups


def test_a_group_is_found_in_any_letter_case_and_its_exact_name_comes_first() -> None:
    groups = {**GROUPS, "straße": 4, "STRASSE": 5, "SALES": 6}
    rows = [row(f"u{n}", n, group=name) for n, name in enumerate(("sALES", "Sales", "STRASSE", "", "=odd, “Group”"))]
    plan = verdict(rows, groups=groups).plan
    assert [step.after and step.after.group_id for step in plan.steps] == [6, 2, 5, 1, 3]


def test_a_new_group_is_named_once_however_it_is_written() -> None:
    rows = [row("a", group="New  one"), row("b", 3, group="new one"), row("c", 4, group="Other")]
    made = verdict(rows, [kept("a", group_id=2)])
    assert made.new_groups == ("New one", "Other")
    assert [step.after and step.after.group_id for step in made.plan.steps] == [-1, -1, -2]


def test_a_row_that_changes_nothing_makes_no_group() -> None:
    assert verdict([row(group="New")], [user()]).new_groups == ()


def test_too_many_or_too_long_names_of_groups_are_noted_and_left_out() -> None:
    rows = [row(f"u{n:03}", n, group=f"G{n}") for n in range(101)]
    made = verdict([*rows, row("x", 200, group="G" * 101)])
    assert len(made.new_groups) == 100
    assert [step.after and step.after.group_id for step in made.plan.steps[-2:]] == [1, 1]
    assert [note.where for note in made.plan.notes] == ["line 100", "line 200"]
