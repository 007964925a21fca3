"""Who an entry is, and who gets an address that several sides claim."""

from dataclasses import replace

from console.core.person import Origin, Status
from console.core.plan import Action
from tests.core.cases import disabled, missing, only, plan
from tests.factories import DOMAIN, address, manual_user, person, user

# Ownership


def test_users_of_other_origins_are_never_missing() -> None:
    others = [manual_user("ada"), user("bob", 2, source_id=2), replace(manual_user("cyd", 3), origin=Origin.CSV)]
    assert plan([], others).steps == ()


def test_an_address_that_another_origin_holds_is_a_conflict_with_both_sides() -> None:
    step = only(plan([person("ada", where="CN=Ada")], [manual_user("ada", 9)]))
    assert (step.action, step.where, step.contested, step.rival_id) == (Action.CONFLICT, "CN=Ada", (address("ada"),), 9)
    assert step.why == f"ada@{DOMAIN} is held by a user added by hand."
    assert not step.writes


def test_the_rest_of_an_entry_in_a_conflict_is_used() -> None:
    step = only(plan([person("ada", aliases=["info", "lovelace"])], [manual_user("office", 9, aliases=["info"])]))
    assert (step.action, step.after) == (Action.CONFLICT, user("ada", aliases=["lovelace"]))
    assert step.why == f"info@{DOMAIN} is held by office@{DOMAIN}, a user added by hand."


def test_an_entry_whose_primary_address_is_taken_goes_by_an_alias() -> None:
    step = only(plan([person("ada", aliases=["z", "b"])], [manual_user("ada", 9)]))
    assert step.after == user("b", aliases=["z"], source_key="key-ada")


def test_an_entry_that_goes_by_an_alias_keeps_it_when_another_is_added() -> None:
    known = [manual_user("ada", 9), user("b", 1, aliases=["z"], source_key="key-ada")]
    step = only(plan([person("ada", aliases=["z", "b", "a"])], known))
    assert step.after == user("b", aliases=["a", "z"], source_key="key-ada")


def test_a_user_whose_new_addresses_are_all_taken_stays_as_it_is() -> None:
    known = [user("ada"), manual_user("king", 9)]
    step = only(plan([person("king", key="key-ada", last_name="King")], known))
    assert (step.action, step.before, step.after) == (Action.CONFLICT, user("ada"), user("ada"))


def test_what_a_user_that_stays_as_it_is_holds_is_not_given_to_another_entry() -> None:
    known = [user("ada"), manual_user("king", 9)]
    made = plan([person("king", key="key-ada"), person("ada", key="new", aliases=["countess"])], known)
    assert [(step.action, step.contested) for step in made.steps] == [
        (Action.CONFLICT, (address("ada"),)),
        (Action.CONFLICT, (address("king"),)),
    ]
    assert made.steps[0].after == user("countess", source_key="new")


def test_where_a_source_only_adds_a_known_user_is_skipped_and_keeps_its_addresses() -> None:
    made = plan(
        [person("ada", last_name="King"), person("bob", aliases=["a"])], [user("ada", aliases=["a"])], updates=False
    )
    assert [skip.why for skip in made.skips] == [f"ada@{DOMAIN} is on the list already."]
    assert (only(made).action, only(made).after) == (Action.CONFLICT, user("bob"))


# Two entries, one address


def test_the_entry_that_has_an_address_already_keeps_it() -> None:
    step = only(plan([person("ada", aliases=["info"]), person("info")], [user("ada", aliases=["info"])]))
    assert (step.action, step.where, step.rival_id) == (Action.CONFLICT, "CN=info,DC=brightfield,DC=example", 1)
    assert step.why == f"info@{DOMAIN} is held by ada@{DOMAIN} (CN=ada,DC=brightfield,DC=example)."


def test_of_two_new_entries_the_one_whose_primary_address_it_is_gets_it() -> None:
    made = plan([person("ada", aliases=["info"]), person("info")])
    assert {step.after: step.action for step in made.steps} == {
        user("ada"): Action.CONFLICT,
        user("info"): Action.CREATE,
    }


def test_of_two_new_entries_with_equal_rights_the_first_by_key_gets_it() -> None:
    made = plan([person("info", key="2", where="CN=Two"), person("info", key="1", where="CN=One")])
    created = next(step for step in made.steps if step.action is Action.CREATE)
    assert (created.where, made.counts["conflicts"]) == ("CN=One", 1)


def test_an_address_moves_from_one_user_to_another_when_the_directory_says_so() -> None:
    made = plan([person("ada"), person("bob", aliases=["info"])], [user("ada", 1, aliases=["info"]), user("bob", 2)])
    assert {step.after for step in made.steps} == {user("ada"), user("bob", aliases=["info"])}


def test_two_users_may_swap_addresses() -> None:
    made = plan([person("bob", key="key-ada"), person("ada", key="key-bob")], [user("ada", 1), user("bob", 2)])
    assert {step.before: step.after for step in made.steps} == {
        user("ada"): user("bob", source_key="key-ada"),
        user("bob"): user("ada", source_key="key-bob"),
    }


def test_a_user_that_is_gone_is_not_disabled_while_an_entry_claims_its_address() -> None:
    made = plan([person("bob", aliases=["ada"])], [user("bob", 2), missing("ada", days=9)])
    assert (only(made).action, only(made).rival_id) == (Action.CONFLICT, 1)


def test_a_disabled_user_is_accepted_again_while_an_entry_claims_its_address() -> None:
    made = plan([person("bob", aliases=["ada"])], [user("bob", 2), disabled("ada")])
    back = next(step for step in made.steps if step.action is Action.MISSING)
    assert (back.before, back.after, made.removals) == (disabled("ada"), missing("ada", days=9), 0)


# Identity


def test_an_account_that_was_deleted_and_made_anew_is_the_same_user() -> None:
    step = only(plan([person("ada", key="new")], [user("ada", user_id=5, last_name="Byron")]))
    assert (step.action, step.after) == (Action.UPDATE, user("ada", source_key="new"))


def test_a_disabled_user_is_restored_when_its_account_is_made_anew() -> None:
    step = only(plan([person("ada", key="new")], [disabled("ada")]))
    assert (step.action, step.after) == (Action.RESTORE, user("ada", source_key="new"))


def test_another_entry_on_the_address_of_a_user_that_is_still_there_is_a_conflict() -> None:
    made = plan([person("ada", key="new"), person("king", key="key-ada", left_out="disabled")], [user("ada")])
    assert [step.action for step in made.steps] == [Action.CONFLICT, Action.MISSING]


def test_in_an_incomplete_snapshot_another_key_is_another_person() -> None:
    assert only(plan([person("ada", key="new")], [user("ada")], complete=False)).action is Action.CONFLICT


def test_without_a_key_an_entry_is_known_by_its_address() -> None:
    step = only(plan([person("ada", key=None, last_name="King")], [user("ada", source_key=None)]))
    assert step.after == user("ada", source_key=None, last_name="King")


def test_without_a_key_an_entry_is_known_by_an_alias_when_its_primary_address_is_new() -> None:
    step = only(plan([person("king", key=None, aliases=["ada"])], [user("ada", source_key=None)]))
    assert (step.action, step.after) == (Action.UPDATE, user("king", aliases=["ada"], source_key=None))


def test_a_user_without_a_key_gets_the_one_of_its_entry() -> None:
    assert only(plan([person("ada")], [user("ada", source_key=None)])).after == user("ada")


def test_an_entry_that_is_listed_twice_is_used_once() -> None:
    made = plan([person("ada"), person("ada")])
    assert (only(made).action, [skip.why for skip in made.skips]) == (
        Action.CREATE,
        ["The directory listed this entry twice."],
    )


def test_of_an_entry_that_is_listed_twice_the_one_that_is_not_left_out_counts() -> None:
    made = plan([person(where="CN=1", left_out="disabled"), person(where="CN=2")], [user()])
    assert (made.steps, made.unchanged) == ((), 1)


def test_two_spellings_of_one_recipient_are_one_address() -> None:
    step = only(plan([person("weiß", aliases=["weiss"])]))
    assert (step.after, step.action) == (user("weiß"), Action.CREATE)


def test_a_leaver_who_is_back_is_accepted_although_another_entry_has_all_that_its_own_claims() -> None:
    gone = user("bob", source_key="k2", status=Status.DISABLED, reason="No longer there.")
    twin = person("ann", key="k1", aliases=["bob"])
    [kept] = [step.after for step in plan([twin, person("ann", key="k2")], [gone]).steps if step.before == gone]
    assert kept == replace(gone, status=Status.ACTIVE, reason="")
