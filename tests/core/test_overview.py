"""Whether a domain is well, in one sentence."""

import pytest

from console.core.overview import Weight, verdict
from console.core.recipient import Mode

WRONG, WAITS, LOOK = Weight.WRONG, Weight.WAITS, Weight.LOOK


@pytest.mark.parametrize(
    ("weights", "mode", "users", "weight", "said"),
    [
        (
            [],
            Mode.ENFORCE,
            2,
            None,
            "All is well: mail to 1,200 addresses is accepted, and mail to any other is rejected.",
        ),
        ([LOOK, LOOK], Mode.MONITOR, 2, None, "All is well. The perimeter monitors: "),
        ([LOOK], Mode.OFF, 2, LOOK, "Nothing is wrong, but the perimeter is off: mail to every address is accepted."),
        ([], Mode.OFF, 0, LOOK, "This domain is new: nobody is on its list yet."),
        ([WAITS], Mode.OFF, 0, WAITS, "Nothing is wrong, and 1 thing waits for your decision."),
        ([WAITS, LOOK, WAITS], Mode.ENFORCE, 2, WAITS, "Nothing is wrong, and 2 things wait for your decision."),
        ([WRONG], Mode.ENFORCE, 2, WRONG, "Something is wrong: 1 thing needs you."),
        ([WRONG, WRONG, WAITS], Mode.ENFORCE, 0, WRONG, "2 things need you, and 1 thing waits for your decision."),
    ],
)
def test_the_heaviest_says_how_a_domain_is(
    weights: list[Weight], mode: Mode, users: int, weight: Weight | None, said: str
) -> None:
    found, sentence = verdict(weights, mode, users, 1200)
    assert found is weight
    assert said in sentence
