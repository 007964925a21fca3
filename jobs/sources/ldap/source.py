"""Sync from Active Directory or another directory over LDAP."""

from console.core.errors import SourceError
from console.core.person import Snapshot
from jobs.sources.ldap import filters
from jobs.sources.ldap.failover import signed_in
from jobs.sources.ldap.reading import read
from jobs.sources.ldap.settings import LdapSettings
from jobs.sources.ldap.trial import Outcome, trial
from jobs.sources.source import Progress, Trial


class LdapSource:
    """A Source: everyone with a mail address under the search base."""

    def __init__(self, settings: LdapSettings) -> None:
        self._settings = settings

    def fetch(self, progress: Progress) -> Snapshot:
        """Read everything. `remarks` of the snapshot tell which servers were passed over, and why."""
        found = self._read(progress)
        people, rejects = tuple(found.reading.people), tuple(found.reading.rejects)
        return Snapshot(people, rejects, complete=True, remarks=found.remarks)

    def test(self, progress: Progress) -> Trial:
        """Read all that `fetch` reads: less would be no honest count, and would miss the server's limits."""
        return trial(self._read(progress))

    def _read(self, progress: Progress) -> Outcome:
        settings = self._settings
        if bool(settings.user_dn) != bool(settings.password):
            # A name without a password would be let in by many servers, as nobody (RFC 4513 section 5.1.2).
            missing = "Password" if settings.user_dn else "User DN"
            raise SourceError(f"{missing} is missing: enter both User DN and Password, or neither.", permanent=True)
        search_filter = filters.narrowed(settings.attributes, settings.filter)
        with signed_in(settings, progress) as (session, server, remarks):
            reading = read(session, server, search_filter, progress)
            return Outcome(reading, session.link(), server, remarks)
