"""The groups that a file names: those of the domain in any letter case, and new ones."""

import re
from collections.abc import Mapping

from console.core.person import Person, Reject, User

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
NAME_LIMIT = 100
# A column that was taken for the groups by mistake has a name for each user: nobody wants that many groups.
NEW_LIMIT = 100


class ImportGroups:
    """Gives each row its group. A new one has the id -n until it exists, as the n-th of `new`."""

    def __init__(self, known: Mapping[str, int], target: int) -> None:
        """`known` are the ids of the domain's groups by name, `target` is the group of new users without one."""
        self.new: list[str] = []
        self.notes: list[Reject] = []
        self._exact = dict(known)
        self._folded = {tidy(name).lower(): group_id for name, group_id in known.items()}
        self._target = target

    def of(self, person: Person, before: User | None) -> int:
        """The id of the row's group; where the file names none that can be, the user's own or the target."""
        present = before.group_id if before is not None else self._target
        # The exact name first: what is one name to Python may be two to the database.
        found = self._exact.get(person.group) if person.group else present
        if found is not None:
            return found
        name = tidy(person.group)
        found = self._exact.get(name, self._folded.get(name.lower())) if name else present
        if found is not None:
            return found
        if fault := self._fault(name):
            self.notes.append(Reject(person.where, person.group, fault))
            return present
        self.new.append(name)
        self._folded[name.lower()] = -len(self.new)
        return -len(self.new)

    def _fault(self, name: str) -> str:
        if len(name) > NAME_LIMIT:
            return f"The name of its group is longer than {NAME_LIMIT} characters, so the group is left out."
        if len(self.new) == NEW_LIMIT:
            return (
                f"The file names more than {NEW_LIMIT} groups that do not exist yet, so this one is left out: "
                "check that the right column is the group."
            )
        return ""


def tidy(text: str) -> str:
    """White space and control characters, as a file may have them, become single spaces."""
    return " ".join(_CONTROL.sub(" ", text).split())
