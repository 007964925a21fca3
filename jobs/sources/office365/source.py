"""Sync from Office 365: the users and mail-enabled groups of a tenant."""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from console.core.errors import SourceError
from console.core.person import Kind, Person, Reject, Snapshot
from jobs.sources.office365 import delta, purposes, reading, trust
from jobs.sources.office365.patience import Clock, Patience
from jobs.sources.office365.person import Reader
from jobs.sources.office365.purposes import KindStore, KnownKinds, Learned
from jobs.sources.office365.reading import GROUPS, USERS, Reading
from jobs.sources.office365.session import Session
from jobs.sources.office365.settings import Office365Settings
from jobs.sources.office365.tokens import InMemory, Tokens, TokenStore
from jobs.sources.office365.trial import Outcome, missing, trial
from jobs.sources.office365.wire import Wire
from jobs.sources.source import Progress, Trial

_HERE = "Microsoft 365"


class Office365Source:
    """A Source: everybody with a mail address in one tenant.

    `tokens` keeps tokens between runs and must keep them sealed; `kinds` keeps what mailboxes are for.
    """

    def __init__(
        self,
        settings: Office365Settings,
        tokens: TokenStore | None = None,
        kinds: KindStore | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._settings = settings
        self._tokens = tokens or InMemory()
        self._kinds = kinds or KnownKinds()
        self._clock = clock or Clock()

    def fetch(self, progress: Progress, since: Mapping[str, Any] | None = None) -> Snapshot:
        """Read everything, or what changed since the watermark of an earlier read, if Graph still can tell."""
        watched = _Watched(progress)
        with self._signed_in(watched) as session:
            lists = self._lists(session)
            found, instead = None, ""
            if since is not None:
                try:
                    found = delta.changes(session, self._reader(), lists, since, watched)
                except delta.FullReadNeededError as error:
                    instead = str(error)
            changed = found is not None
            found = found or reading.read(session, self._reader(), lists, watched)
            remarks = self._sorted_out(session, found, watched)
        return Snapshot(
            people=found.people,
            rejects=found.rejects,
            complete=not changed,
            remarks=remarks,
            changes=changed,
            gone=frozenset(found.gone),
            watermark=reading.watermark(found, self._settings.selected),
            instead=instead,
        )

    def test(self, progress: Progress) -> Trial:
        """Read all that `fetch` reads, with a new token: it shows what is granted now."""
        watched = _Watched(progress)
        with self._signed_in(watched, anew=True) as session:
            found = reading.read(session, self._reader(), self._lists(session), watched)
            remarks = self._sorted_out(session, found, watched)
            granted = session.tokens.granted()
            return trial(Outcome(found, self._settings, _tenant_name(session), granted, remarks))

    @contextlib.contextmanager
    def _signed_in(self, progress: "_Watched", *, anew: bool = False) -> Iterator[Session]:
        settings = self._settings
        progress("connecting")
        for url in (settings.authority, settings.graph):
            trust.check_target(settings, url)
        wire = Wire(settings)
        try:
            patience = Patience(settings.patience, self._clock, progress.again)
            session = Session(settings, wire, Tokens(settings, wire, patience, self._tokens), patience)
            progress("binding")
            if anew:
                session.tokens.renewed()
            session.tokens.current()
            yield session
        finally:
            wire.close()

    def _reader(self) -> Reader:
        return Reader(self._settings.wanted, self._settings.domains, self._kinds.load())

    def _lists(self, session: Session) -> tuple[str, ...]:
        """What is read. Groups that are not wanted are read all the same, and left out with that reason, unless nobody
        has given the permission for it.
        """
        granted = session.tokens.granted()
        readable = granted is not None and "Group.Read.All" not in dict(missing(granted))
        return (USERS, GROUPS) if self._settings.wanted.groups or readable else (USERS,)

    def _sorted_out(self, session: Session, found: Reading, progress: "_Watched") -> tuple[Reject, ...]:
        """Find out what the mailboxes are for that are not known yet, and say how far that went."""
        unknown = [key for key, person in found.found.items() if isinstance(person, Person) and "kind" in person.silent]
        if not unknown:
            return ()
        granted = session.tokens.granted()
        if granted is not None and not granted & purposes.PERMISSIONS:
            said = (
                "Shared mailboxes, rooms and equipment are taken as people's mailboxes, since the app may not ask what "
                "a mailbox is for: grant it the permission MailboxSettings.Read."
            )
            return (Reject("", _HERE, said),)
        progress("reading", found.done)
        learned = purposes.learn(session, unknown, self._kinds, progress.again)
        for key, kind in learned.kinds.items():
            person = found.found[key]
            if isinstance(person, Person):
                found.found[key] = self._known(person, kind)
        return _told(learned)

    def _known(self, person: Person, kind: Kind) -> Person:
        return replace(person, kind=kind, left_out=self._settings.wanted.left_out(kind), silent=frozenset())


class _Watched:
    """Progress that can be told again where a run is: while it waits, a person may want to stop it."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._last: tuple[str, int, int | None] = ("", 0, None)

    def __call__(self, stage: str, done: int = 0, total: int | None = None) -> None:
        self._last = (stage, done, total)
        self._progress(stage, done, total)

    def again(self) -> None:
        self._progress(*self._last)


def _told(learned: Learned) -> tuple[Reject, ...]:
    remarks = []
    if learned.left:
        said = (
            f"Mailboxes that are not told apart yet: {learned.left:,}. They are taken as people's, and asked about at "
            "the next syncs, since Microsoft 365 answers such questions slowly."
        )
        remarks.append(Reject("", _HERE, said))
    if learned.denied:
        said = (
            f"Mailboxes that the app may not ask about: {learned.denied:,}. They are taken as people's: an access "
            "policy of Exchange Online keeps the app from them."
        )
        remarks.append(Reject("", _HERE, said))
    return tuple(remarks)


def _tenant_name(session: Session) -> str:
    """The organisation's name, where the app may read it: it needs no permission of its own for the sync."""
    try:
        reply = session.get(
            session.url("organization?$select=displayName"), "while reading the tenant's name", "tenant"
        )
        found = reply.content.get("value")
        return str(found[0].get("displayName") or "")[:200] if isinstance(found, list) and found else ""
    except (SourceError, AttributeError):
        return ""
