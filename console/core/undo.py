"""Take a run back, however long it was: what of it can be taken back, and what something later stands on."""

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass

from console.core.address import key
from console.core.person import Reject, User
from console.core.plan import Step, action

CHANGED = "This user was changed again since, so it stays as it is."
NO_SOURCE = "Its source was deleted since, so it stays as it is."
HELD = "{0} has its address or its place in the directory now, so it stays as it is."


@dataclass(frozen=True, slots=True)
class Claim:
    """A user would get what another one has now: it can if the run moves that one as well, and is `refused` else."""

    user_id: int
    holder_id: int
    refused: Reject


class Undo:
    """What is taken back of a run.

    It hears of all steps, some at a time, before any is taken back: what a user had may be another's now, whom a later
    part moves. It remembers the ids of the users that are moved, and the claims, of which there are few.
    """

    def __init__(self) -> None:
        self._moved: set[int] = set()
        self._claims: list[Claim] = []

    def hear(self, steps: Iterable[Step], current: Mapping[int, User], gone: Set[int]) -> Iterator[Reject]:
        """Those of these steps that stay, with the reason. `gone` are sources that were deleted.

        `current` holds by id the users that the steps changed, and those that have now what the steps gave up. A user
        that is not as its step left it stays as it is.
        """
        holders = {name: user for user in current.values() for name in _unique(user)}
        for step in steps:
            if not step.writes or step.user is None or step.user.id is None:
                continue
            if current.get(step.user.id) != step.after:
                yield Reject(step.where, step.address, CHANGED)
            elif step.before is not None and step.before.source_id in gone:
                yield Reject(step.where, step.address, NO_SOURCE)
            else:
                self._moved.add(step.user.id)
                self._claims += _claims(step, step.user.id, holders)

    def settle(self) -> Iterator[Reject]:
        """Once all were heard: the further ones that stay, since somebody who stays has what they would get."""
        while refused := self._refused():
            self._moved -= refused.keys()
            yield from refused.values()

    def _refused(self) -> dict[int, Reject]:
        refused: dict[int, Reject] = {}
        for claim in self._claims:
            if claim.user_id in self._moved and claim.holder_id not in self._moved:
                refused.setdefault(claim.user_id, claim.refused)
        return refused

    @property
    def together(self) -> frozenset[int]:
        """The users between whom something changes hands: their steps are taken back as one, and before all others."""
        claims = [claim for claim in self._claims if claim.user_id in self._moved]
        return frozenset(user_id for claim in claims for user_id in (claim.user_id, claim.holder_id))

    def back(self, steps: Iterable[Step]) -> tuple[Step, ...]:
        """What takes these steps back, without those that stay."""
        return tuple(
            Step(action(step.after, step.before), step.after, step.before, where=step.where, why="taken back")
            for step in steps
            if step.writes and step.user is not None and step.user.id in self._moved
        )


def _claims(step: Step, user_id: int, holders: Mapping[object, User]) -> Iterator[Claim]:
    for name in _unique(step.before):
        holder = holders.get(name)
        if holder is not None and holder.id is not None and holder.id != user_id:
            yield Claim(user_id, holder.id, Reject(step.where, step.address, HELD.format(holder.address)))


def _unique(user: User | None) -> list[object]:
    """What no two users may have: addresses, and the key of a source."""
    if user is None:
        return []
    names: list[object] = [key(address) for address in user.addresses]
    return [*names, (user.source_id, user.source_key)] if user.source_key else names
