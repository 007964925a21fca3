"""The four steps that lead from an empty console to one that works."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum


class Step(StrEnum):
    """In their order, each by its name on the pages."""

    PASSWORD = "Choose your own password"  # noqa: S105 - It is what a step is called.
    DOMAIN = "Add your domain"
    WAY = "Choose how to fill the list"
    WORKS = "See it work"


@dataclass(frozen=True, slots=True)
class Mark:
    """A step as the pages show it. `here` is the one that the page is about, whether it is done or not."""

    step: Step
    number: int
    done: bool
    here: bool


def marks(done: Collection[Step], here: Step | None = None) -> tuple[Mark, ...]:
    """All steps; without `here` it is the first that is not done, or the last where all are."""
    steps = tuple(Step)
    here = here or next((step for step in steps if step not in done), steps[-1])
    return tuple(Mark(step, number, step in done, step is here) for number, step in enumerate(steps, 1))
