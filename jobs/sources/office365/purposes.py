"""What mailboxes are for: people, shared, rooms, equipment. Graph tells it for one mailbox at a time."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from console.core.person import Kind
from jobs.sources.office365 import batches
from jobs.sources.office365.failures import TooBusyError
from jobs.sources.office365.session import Session

# userPurpose of mailboxSettings. A linked mailbox is a person's, and so are “others” as far as anybody can tell.
_KINDS = {"shared": Kind.SHARED, "room": Kind.RESOURCE, "equipment": Kind.RESOURCE}

PERMISSIONS = frozenset({"MailboxSettings.Read", "MailboxSettings.ReadWrite"})
_DOING = "while asking what mailboxes are for"

# Twenty mailboxes take about a second, so a large tenant's first sync does not learn all of them in one go.
SECONDS = 600.0


class KindStore(Protocol):
    """What is known of mailboxes, by their Graph id, from run to run. It may forget: what it forgot is asked again."""

    def load(self) -> Mapping[str, Kind]: ...

    def save(self, found: Mapping[str, Kind]) -> None:
        """Keep what was learned besides what is known already."""
        ...


@dataclass
class KnownKinds:
    """Kinds for as long as this object lives."""

    kinds: dict[str, Kind] = field(default_factory=dict)

    def load(self) -> Mapping[str, Kind]:
        return dict(self.kinds)

    def save(self, found: Mapping[str, Kind]) -> None:
        self.kinds.update(found)


@dataclass
class Learned:
    """What was found out. `left` were not asked for want of time, `denied` may not be asked."""

    kinds: dict[str, Kind] = field(default_factory=dict)
    left: int = 0
    denied: int = 0


def learn(session: Session, unknown: Iterable[str], store: KindStore, tick: Callable[[], None]) -> Learned:
    """Ask for each of these mailboxes, and keep what is found whatever happens in the middle. `tick` is called
    for each and may raise.

    A user without a mailbox in Exchange Online counts as a person's: it has one elsewhere, or is about to get one.
    """
    learned = Learned()
    asked = list(unknown)
    ends = session.patience.clock.now() + SECONDS
    questions = [(key, f"/users/{key}/mailboxSettings/userPurpose") for key in asked]
    try:
        for name, status, body in batches.each(session, questions, _DOING):
            tick()
            if status == 404:
                learned.kinds[name] = Kind.MAILBOX
            elif status == 200:
                learned.kinds[name] = _KINDS.get(str(body.get("value")), Kind.MAILBOX)
            else:
                learned.denied += 1
            if session.patience.clock.now() > ends:
                break
    except TooBusyError:
        pass  # The list is right without; the next run goes on from here.
    finally:
        if learned.kinds:
            store.save(learned.kinds)
    learned.left = len(asked) - len(learned.kinds) - learned.denied
    return learned
