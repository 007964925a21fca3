"""Sync from Active Directory or another directory over LDAP."""

from collections.abc import Mapping
from typing import Any

from console.core.errors import SourceError
from console.core.person import Reject, Snapshot
from jobs.sources.ldap import filters
from jobs.sources.ldap.changes import changed, why_not
from jobs.sources.ldap.failover import Entered, signed_in
from jobs.sources.ldap.mark import Mark, mark
from jobs.sources.ldap.reading import Reading, base_of, read
from jobs.sources.ldap.settings import LdapSettings
from jobs.sources.ldap.trial import Outcome, trial
from jobs.sources.source import Progress, Trial


class LdapSource:
    """A Source: everyone with a mail address under the search base."""

    def __init__(self, settings: LdapSettings) -> None:
        self._settings = settings

    def fetch(self, progress: Progress, since: Mapping[str, Any] | None = None) -> Snapshot:
        """Read everything, or what changed. `remarks` of the snapshot tell which servers were passed over, and why."""
        search_filter = self._checked()
        with signed_in(self._settings, progress) as entered:
            session, server, remarks = entered
            base = base_of(session, server)
            now = mark(session, server, base)
            instead = ""
            if since is not None:
                then = Mark.from_json(since)
                instead = why_not(then, now)
                if then and now and not instead:
                    changes = changed(session, server, base, search_filter, progress, since=then, now=now)
                    if not changes.branches:
                        return _changes(entered, changes.reading, changes.gone, now)
                    instead = "A part of the directory was changed or moved, and maybe those in it with it."
            reading = read(session, server, base, search_filter, progress)
        return Snapshot(
            tuple(reading.people),
            tuple(reading.rejects),
            complete=True,
            remarks=remarks,
            watermark=now.to_json() if now else None,
            instead=instead,
        )

    def test(self, progress: Progress) -> Trial:
        """Read all that `fetch` reads: less would be no honest count, and would miss the server's limits."""
        search_filter = self._checked()
        with signed_in(self._settings, progress) as (session, server, remarks):
            base = base_of(session, server)
            now = mark(session, server, base)
            reading = read(session, server, base, search_filter, progress)
            return trial(Outcome(reading, session.link(), server, remarks, now))

    def _checked(self) -> str:
        """The filter to search with; raises SourceError for settings that cannot work."""
        settings = self._settings
        if bool(settings.user_dn) != bool(settings.password):
            # A name without a password would be let in by many servers, as nobody (RFC 4513 section 5.1.2).
            missing = "Password" if settings.user_dn else "User DN"
            raise SourceError(f"{missing} is missing: enter both User DN and Password, or neither.", permanent=True)
        return filters.narrowed(settings.attributes, settings.filter)


def _changes(entered: Entered, reading: Reading, gone: frozenset[str], now: Mark) -> Snapshot:
    remarks = entered.remarks
    if not now.csns and not now.shows_deleted:
        said = (
            "This account may not see deleted entries, so who was deleted is noticed by the daily full read. "
            "Let it read the container Deleted Objects, and every sync notices."
        )
        remarks = (*remarks, Reject(entered.settings.peer, entered.settings.user_dn, said))
    return Snapshot(
        tuple(reading.people),
        tuple(reading.rejects),
        remarks=remarks,
        changes=True,
        gone=gone,
        watermark=now.to_json(),
    )
