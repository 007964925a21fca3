"""The rules of the list, each by the smallest example of it."""

import datetime as dt
from dataclasses import replace

from console.core.person import Kind, Reject, Snapshot, Status
from console.core.plan import Action
from console.core.reconcile import reconcile
from tests.core.cases import disabled, missing, only, plan
from tests.factories import DOMAIN, address, manual_user, person, rules, user

# Entries and users


def test_an_entry_that_nobody_is_becomes_a_user_of_the_source() -> None:
    step = only(plan([person("ada", aliases=["a.byron"], first_name="Ada", last_name="Byron", kind=Kind.SHARED)]))
    assert step.action is Action.CREATE
    assert step.after == user("ada", aliases=["a.byron"], first_name="Ada", last_name="Byron", kind=Kind.SHARED)


def test_a_new_user_is_put_into_the_group_of_the_source() -> None:
    assert only(plan([person()], group_id=7)).after == user(group_id=7)


def test_an_entry_that_says_something_else_changes_its_user() -> None:
    step = only(plan([person(last_name="King", kind=Kind.RESOURCE)], [user(last_name="Byron")]))
    assert (step.action, step.after) == (Action.UPDATE, user(last_name="King", kind=Kind.RESOURCE))


def test_an_entry_that_says_what_the_list_says_changes_nothing() -> None:
    made = plan([person(aliases=["b", "a"])], [user(aliases=["a", "b"])])
    assert (made.steps, made.unchanged) == ((), 1)


def test_a_new_address_under_the_same_key_is_a_rename_of_the_same_user() -> None:
    step = only(plan([person("ada.king", key="key-ada")], [user("ada", user_id=5)]))
    assert (step.action, step.before, step.after) == (
        Action.UPDATE,
        user("ada"),
        user("ada.king", source_key="key-ada"),
    )
    assert step.after is not None
    assert step.after.id == 5


def test_aliases_are_added_and_dropped_as_the_entry_has_them() -> None:
    step = only(plan([person(aliases=["kept", "new"])], [user(aliases=["kept", "old"])]))
    assert step.after == user(aliases=["kept", "new"])


def test_an_alias_that_becomes_the_primary_address_swaps_them() -> None:
    step = only(plan([person("lovelace", key="key-ada", aliases=["ada"])], [user("ada", aliases=["lovelace"])]))
    assert step.after == user("lovelace", aliases=["ada"], source_key="key-ada")


def test_the_order_of_an_entry_s_aliases_means_nothing() -> None:
    backwards = plan([person("ada@elsewhere.example", aliases=["b", "a"])])
    assert backwards == plan([person("ada@elsewhere.example", aliases=["a", "b"])])


# Domains


def test_an_alias_domain_s_address_counts_under_the_domain_s_own_name() -> None:
    step = only(
        plan([person("ada@bf.example", aliases=["ada", "a@bf.example"])], alias_domains=frozenset({"bf.example"}))
    )
    assert step.after == user("ada", aliases=["a"])


def test_another_domain_s_address_is_left_out_and_listed() -> None:
    made = plan([person("ada", aliases=["ada@elsewhere.example"])])
    assert only(made).after == user("ada")
    assert [(note.what, note.why) for note in made.notes] == [
        ("ada@elsewhere.example", f"It is not in {DOMAIN}, so it is left to its own domain.")
    ]


def test_an_entry_without_an_address_in_the_domain_is_skipped() -> None:
    made = plan([person("ada@elsewhere.example")])
    assert made.steps == ()
    assert [(skip.what, skip.why) for skip in made.skips] == [
        ("ada@elsewhere.example", f"It has no address in {DOMAIN}.")
    ]


def test_a_user_whose_entry_left_the_domain_is_missing_for_that_reason() -> None:
    step = only(plan([person("ada@elsewhere.example", key="key-ada")], [user("ada")]))
    assert (step.action, step.why) == (Action.MISSING, f"It has no address in {DOMAIN} any more.")


def test_where_the_primary_address_is_another_domain_s_the_one_of_the_same_name_stands_for_it() -> None:
    step = only(plan([person("ada@elsewhere.example", aliases=["a", "ada", "z"])]))
    assert step.after == user("ada", aliases=["a", "z"])


def test_where_no_address_stands_for_a_foreign_primary_one_the_user_keeps_the_one_it_has() -> None:
    entry = person("boss@elsewhere.example", key="key-ada", aliases=["a", "ada"])
    assert plan([entry], [user("ada", aliases=["a"])]).unchanged == 1


def test_an_alias_domain_s_address_that_is_too_long_for_the_domain_is_listed() -> None:
    long = "a" * 60 + "." + "a" * 60 + ".example"
    alias = "x" * 64 + "@bf.example"
    domain = ".".join([long, long])[:189] + ".example"
    made = plan([person(f"ada@{domain}", aliases=[alias])], domain=domain, alias_domains=frozenset({"bf.example"}))
    assert only(made).after == replace(user(), address=address(f"ada@{domain}"))
    assert "longer than the 254 characters" in made.notes[0].why


# Leaving and coming back


def test_a_user_that_is_gone_is_missing_first() -> None:
    step = only(plan([], [user()]))
    assert (step.action, step.why) == (Action.MISSING, "No longer in Active Dir. · HQ.")
    assert step.after == missing(days=0)


def test_a_user_that_is_missing_in_its_grace_period_stays_missing() -> None:
    assert plan([], [missing(days=2)]).steps == ()


def test_a_user_that_is_missing_for_the_grace_period_is_disabled() -> None:
    step = only(plan([], [missing(days=3)]))
    assert step.action is Action.DISABLE
    assert step.after == replace(missing(days=3), status=Status.DISABLED)


def test_without_a_grace_period_a_user_that_is_gone_is_disabled_at_once() -> None:
    step = only(plan([], [user()], grace=dt.timedelta(0)))
    assert step.action is Action.DISABLE
    assert step.after == replace(missing(days=0), status=Status.DISABLED)


def test_a_disabled_user_that_is_still_gone_stays_as_it_is() -> None:
    assert plan([], [disabled()]).steps == ()


def test_a_missing_user_that_appears_again_comes_back_by_itself() -> None:
    step = only(plan([person()], [missing()]))
    assert (step.action, step.after) == (Action.RESTORE, user())


def test_a_disabled_user_that_appears_again_comes_back_by_itself() -> None:
    step = only(plan([person(last_name="King")], [disabled()]))
    assert (step.action, step.after) == (Action.RESTORE, user(last_name="King"))


def test_an_entry_that_the_source_leaves_out_counts_as_absent_for_that_reason() -> None:
    made = plan([person(left_out="disabled in the directory")], [user()])
    assert (only(made).action, only(made).why) == (Action.MISSING, "disabled in the directory")
    assert [skip.why for skip in made.skips] == ["disabled in the directory"]


def test_a_left_out_entry_makes_no_user() -> None:
    made = plan([person(left_out="disabled in the directory")])
    assert (made.steps, made.usable, len(made.skips)) == ((), 0, 1)


def test_a_left_out_entry_without_a_key_is_known_by_its_address() -> None:
    step = only(plan([person(key=None, left_out="disabled in the directory")], [user(source_key=None)]))
    assert step.why == "disabled in the directory"


def test_an_incomplete_snapshot_removes_nobody() -> None:
    made = plan([person("bob")], [user("ada"), missing("cyd", 2, days=9)], complete=False)
    assert [step.action for step in made.steps] == [Action.CREATE]


def test_while_absence_must_mean_nothing_nobody_is_removed() -> None:
    made = plan([person("bob")], [user("ada"), missing("cyd", 2, days=9)], removes=False)
    assert [step.action for step in made.steps] == [Action.CREATE]


# Counts


def test_everything_that_was_read_is_counted() -> None:
    reject = Reject("CN=9", "nonsense", "It is no address.")
    people = (
        person("ada"),
        person("bob", last_name="X"),
        person("new"),
        person("taken"),
        person("x@elsewhere.example"),
    )
    users = [user("ada", 1), user("bob", 2), manual_user("taken", 3), user("gone", 4)]
    counts = reconcile(Snapshot(people, (reject,), complete=True), users, rules()).counts
    assert counts == {
        "read": 6,
        "created": 1,
        "updated": 1,
        "restored": 0,
        "missing": 1,
        "disabled": 0,
        "deleted": 0,
        "unchanged": 1,
        "skipped": 2,
        "conflicts": 1,
    }


def test_remarks_of_an_entry_that_is_used_are_kept() -> None:
    note = Reject("CN=Ada", "ada@@x", "It has more than one @.")
    assert plan([person(notes=(note,))]).notes == (note,)


def test_a_kind_that_the_source_does_not_speak_of_stays() -> None:
    shared = user(kind=Kind.SHARED)
    assert plan([person(kind=Kind.MAILBOX, silent=frozenset({"kind"}))], [shared]).steps == ()
