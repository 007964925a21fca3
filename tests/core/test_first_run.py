"""The steps from an empty console to one that works."""

from console.core.first_run import Step, marks


def here(*done: Step) -> tuple[int, Step]:
    [found] = [mark for mark in marks(done) if mark.here]
    return found.number, found.step


def test_it_goes_on_where_it_was_left() -> None:
    assert here() == (1, Step.PASSWORD)
    assert here(Step.PASSWORD) == (2, Step.DOMAIN)
    assert here(Step.PASSWORD, Step.DOMAIN) == (3, Step.WAY)


def test_a_step_that_was_passed_over_is_the_next_again() -> None:
    assert here(Step.DOMAIN, Step.WAY) == (1, Step.PASSWORD)


def test_at_the_end_the_last_stays() -> None:
    assert here(*Step) == (4, Step.WORKS)
    assert all(mark.done for mark in marks(list(Step)))


def test_a_page_may_be_about_a_step_that_is_not_the_next() -> None:
    shown = marks({Step.PASSWORD}, Step.WORKS)
    assert [(mark.done, mark.here) for mark in shown] == [(True, False), (False, False), (False, False), (False, True)]
