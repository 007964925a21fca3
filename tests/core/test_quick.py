"""Frozen records that are made quickly are like any other."""

import inspect
import pickle
from dataclasses import FrozenInstanceError, dataclass, field, replace
from typing import Any

import pytest

from console.core.person import Kind, Person, User
from console.core.plan import Action, Step
from console.core.quick import quick
from tests.factories import manual_user


@dataclass(frozen=True, slots=True)
class Plain:
    name: str
    size: int = 3


@quick
@dataclass(frozen=True, slots=True)
class Quick:
    name: str
    size: int = 3


def test_it_takes_what_a_dataclass_takes() -> None:
    assert inspect.signature(Quick) == inspect.signature(Plain)
    for made in (Quick("a", 1), Quick("a", size=1), Quick(size=1, name="a")):
        assert (made.name, made.size, type(made)) == ("a", 1, Quick)
    assert Quick("a").size == 3
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'name'"):
        Quick()  # type: ignore[call-arg]


def test_it_is_frozen_compared_and_hashed() -> None:
    made = Quick("a")
    with pytest.raises(FrozenInstanceError):
        made.name = "b"  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        del made.name
    assert made == Quick("a", 3) != Quick("b")
    assert hash(made) == hash(Quick("a"))
    assert repr(replace(made, size=4)) == "Quick(name='a', size=4)"
    assert pickle.loads(pickle.dumps(made)) == made


def test_users_people_and_steps_are_made_so() -> None:
    user = manual_user("ada", kind=Kind.SHARED)
    assert replace(user, id=7) == user, "an id is not compared"
    assert Step(Action.CREATE, None, user).user == user
    assert Person("line 2", user.address).kind is Kind.MAILBOX
    for record in (User, Person, Step):
        assert "turn" in vars(record)["__init__"].__globals__


def with_a_factory() -> Any:
    @dataclass(frozen=True, slots=True)
    class Listed:
        names: list[str] = field(default_factory=list)

    return Listed


def without_slots() -> Any:
    @dataclass(frozen=True)
    class Loose:
        name: str

    return Loose


def with_more_to_do() -> Any:
    @dataclass(frozen=True, slots=True)
    class Checked:
        name: str

        def __post_init__(self) -> None:
            raise ValueError

    return Checked


@pytest.mark.parametrize("make", [with_a_factory, without_slots, with_more_to_do])
def test_a_class_of_which_it_would_not_do_the_same_is_refused(make: Any) -> None:
    with pytest.raises(TypeError):
        quick(make())
