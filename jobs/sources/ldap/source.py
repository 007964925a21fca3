"""Sync from Active Directory or another directory over LDAP."""

import datetime as dt
from collections import Counter

from console.core.errors import SourceError
from console.core.person import Snapshot
from jobs.sources.ldap import filters
from jobs.sources.ldap.reading import Reading, read
from jobs.sources.ldap.session import Link, opened
from jobs.sources.ldap.settings import LdapSettings, Scope, Tls
from jobs.sources.source import Progress, Trial

_SAMPLES = 10
_EXPIRES_SOON = dt.timedelta(days=30)


class LdapSource:
    """A Source: everyone with a mail address under the search base."""

    def __init__(self, settings: LdapSettings) -> None:
        self._settings = settings

    def fetch(self, progress: Progress) -> Snapshot:
        reading, _ = self._read(progress)
        return Snapshot(tuple(reading.people), tuple(reading.rejects), complete=True)

    def test(self, progress: Progress) -> Trial:
        """Read all that `fetch` reads: less would be no honest count, and would miss the server's limits."""
        reading, link = self._read(progress)
        recipients = [person.primary for person in reading.people if not person.left_out]
        return Trial(
            facts=tuple(self._facts(reading, link, len(recipients))),
            found=reading.done,
            samples=tuple(recipients[:_SAMPLES]),
            warnings=tuple(self._warnings(reading, link)),
        )

    def _read(self, progress: Progress) -> tuple[Reading, Link]:
        settings = self._settings
        if bool(settings.user_dn) != bool(settings.password):
            # A name without a password would be let in by many servers, as nobody (RFC 4513 section 5.1.2).
            missing = "Password" if settings.user_dn else "User DN"
            raise SourceError(f"{missing} is missing: enter both User DN and Password, or neither.", permanent=True)
        search_filter = filters.narrowed(settings.attributes, settings.filter)
        progress("connecting")
        with opened(settings) as session:
            progress("binding")
            session.sign_in()
            return read(session, settings, search_filter, progress), session.link()

    def _facts(self, reading: Reading, link: Link, recipients: int) -> list[tuple[str, str]]:
        settings = self._settings
        base = reading.base if settings.search_base else f"{reading.base} (proposed by the server)"
        if settings.scope is Scope.ONE_LEVEL:
            base += ", only what stands directly there"
        paging = (
            f"pages read: {reading.pages:,}, of up to {settings.page_size:,} entries each"
            if reading.paged
            else "not offered by the server, everything came in one answer"
        )
        return [
            ("Host", f"{settings.peer}, at {link.address}, {link.encryption or 'not encrypted'}"),
            ("Signed in as", settings.user_dn or "nobody (anonymous)"),
            ("Search base", base),
            ("Paging", paging),
            ("Recipients", f"{recipients:,} of {_entries(reading.done)}"),
        ]

    def _warnings(self, reading: Reading, link: Link) -> list[str]:
        settings = self._settings
        warnings = []
        if settings.tls is Tls.NONE:
            warnings.append("The connection is not encrypted: the password and all addresses can be read on the way.")
        elif not settings.verify:
            warnings.append("The server's certificate is not verified: another machine could pose as the server.")
        elif link.expires and link.expires - dt.datetime.now(dt.UTC) < _EXPIRES_SOON:
            warnings.append(f"The server's certificate expires on {link.expires:%Y-%m-%d}: renew it before.")
        if not reading.done:
            warnings.append(
                f"No entry with a mail address was found under {reading.base}. A server answers like this too when "
                f"{settings.user_dn or 'an anonymous user'} may not read the entries."
            )
        reasons = Counter(person.left_out for person in reading.people if person.left_out)
        warnings += [f"{_entries(count)} left out: {reason}." for reason, count in reasons.most_common()]
        if reading.rejects:
            first = reading.rejects[0]
            warnings.append(f"{_entries(len(reading.rejects))} of no use, the first is {first.where}: {first.why}")
        if reading.references:
            warnings.append(
                f"The directory goes on at other servers, which were not read ({reading.references:,} referrals)."
            )
        return warnings


def _entries(count: int) -> str:
    return f"{count:,} entry" if count == 1 else f"{count:,} entries"
