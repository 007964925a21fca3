"""What takes steps back, as a whole or in parts as the store does it."""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from console.core.person import Reject, User
from console.core.plan import Plan, Step
from console.core.undo import Undo


@dataclass(frozen=True)
class Parts:
    """What is done one after the other, and what stays."""

    parts: Sequence[tuple[Step, ...]]
    skips: Sequence[Reject]


def in_parts(steps: Sequence[Step], current: Mapping[int, User], size: int, gone: Set[int] = frozenset()) -> Parts:
    """What takes the steps back, with so many of them heard and then done at a time."""
    undo = Undo()
    heard = [skip for part in cut(steps, size) for skip in undo.hear(part, current, gone)]
    skips = (*heard, *undo.settle())
    first = [step for step in steps if step.user is not None and step.user.id in undo.together]
    rest = [step for step in steps if step not in first]
    return Parts([undo.back(part) for part in (first, *cut(rest, size))], skips)


def inverse(steps: Sequence[Step], current: Mapping[int, User], gone: Set[int] = frozenset()) -> Plan:
    """The plan that takes the steps back."""
    undo = Undo()
    skips = (*undo.hear(steps, current, gone), *undo.settle())
    back = undo.back(steps)
    return Plan(steps=back, skips=skips, read=len(back) + len(skips), usable=len(back))


def cut(steps: Sequence[Step], size: int) -> Iterator[Sequence[Step]]:
    """The steps, so many at a time."""
    for start in range(0, len(steps), size):
        yield steps[start : start + size]
