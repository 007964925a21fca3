"""What a person set survives the next sync."""

from dataclasses import replace

from console.core.person import Kind, Status
from console.core.plan import Action
from tests.core.cases import missing, only, plan
from tests.factories import address, manual_user, person, user


def test_a_kind_set_by_hand_stays() -> None:
    mine = user(kind=Kind.SHARED, by_hand=frozenset({"kind"}))
    assert only(plan([person(last_name="King")], [mine])).after == replace(mine, last_name="King")


def test_names_set_by_hand_stay() -> None:
    mine = user(first_name="Countess", by_hand=frozenset({"name"}))
    assert plan([person(first_name="Ada", last_name="Byron")], [mine]).unchanged == 1


def test_a_group_stays_wherever_a_person_put_the_user() -> None:
    mine = user(group_id=7, by_hand=frozenset({"group_id"}))
    assert only(plan([person(last_name="King")], [mine])).after == replace(mine, last_name="King")


def test_a_user_disabled_by_hand_stays_disabled() -> None:
    mine = user(status=Status.DISABLED, reason="Disabled by hand.", by_hand=frozenset({"status"}))
    assert only(plan([person(last_name="King")], [mine])).after == replace(mine, last_name="King")


def test_a_status_set_by_hand_is_not_changed_by_absence() -> None:
    assert plan([], [user(by_hand=frozenset({"status"}))]).steps == ()


def test_an_alias_given_by_hand_stays() -> None:
    mine = user(aliases=["info"], by_hand=frozenset({address("info")}))
    assert only(plan([person(aliases=["a"])], [mine])).after == replace(mine, aliases=(address("a"), address("info")))


def test_an_address_given_by_hand_stays_where_it_has_become_the_primary_one() -> None:
    mine = user("info", aliases=["ada"], source_key="key-ada", by_hand=frozenset({address("info")}))
    step = only(plan([person("ada")], [mine]))
    assert step.after == replace(mine, address=address("ada"), aliases=(address("info"),))


def test_an_alias_given_by_hand_is_not_given_to_another_entry() -> None:
    mine = user(aliases=["info"], by_hand=frozenset({address("info")}))
    step = only(plan([person("ada"), person("info")], [mine]))
    assert (step.action, step.before) == (Action.CONFLICT, None)


def test_an_alias_given_by_hand_does_not_stand_in_for_a_primary_address_that_is_taken() -> None:
    mine = user(aliases=["info"], by_hand=frozenset({address("info")}))
    step = only(plan([person("king", key="key-ada")], [mine, manual_user("king", 9)]))
    assert (step.action, step.after) == (Action.CONFLICT, mine)


def test_an_exempt_user_is_not_changed() -> None:
    made = plan([person("king", key="key-ada", aliases=["x"])], [user("ada", exempt=True)])
    assert (made.steps, [skip.why for skip in made.skips]) == ((), ["This user is exempt from sync."])


def test_an_exempt_user_is_not_removed() -> None:
    assert plan([], [user(exempt=True), missing("bob", 2, days=9, exempt=True)]).steps == ()


def test_an_exempt_user_s_entry_takes_no_address_from_another_entry() -> None:
    made = plan([person("ada", aliases=["info"]), person("bob", aliases=["info"])], [user("ada", exempt=True)])
    assert (only(made).action, only(made).after) == (Action.CREATE, user("bob", aliases=["info"]))


def test_what_an_exempt_user_holds_is_given_to_nobody_even_when_its_entry_dropped_it() -> None:
    made = plan([person("ada"), person("bob", aliases=["info"])], [user("ada", aliases=["info"], exempt=True)])
    assert (only(made).action, only(made).after) == (Action.CONFLICT, user("bob"))
