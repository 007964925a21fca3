"""What Test connection tells of a directory that was read."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass

from console.core.person import Reject
from jobs.sources.ldap.mark import Mark
from jobs.sources.ldap.reading import Reading
from jobs.sources.ldap.session import Link
from jobs.sources.ldap.settings import LdapSettings, Scope, Tls
from jobs.sources.source import Trial

_SAMPLES = 10
_EXPIRES_SOON = dt.timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was read, over which connection, from the server of which settings, and which servers were passed over.

    `mark` is where later syncs could start.
    """

    reading: Reading
    link: Link
    settings: LdapSettings
    remarks: tuple[Reject, ...]
    mark: Mark | None = None


def trial(outcome: Outcome) -> Trial:
    recipients = [person.primary for person in outcome.reading.people if not person.left_out]
    return Trial(
        facts=tuple(_facts(outcome, len(recipients))),
        found=outcome.reading.done,
        samples=tuple(recipients[:_SAMPLES]),
        warnings=(*(remark.why for remark in outcome.remarks), *_warnings(outcome)),
    )


def _facts(outcome: Outcome, recipients: int) -> list[tuple[str, str]]:
    settings, reading, link = outcome.settings, outcome.reading, outcome.link
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
        ("Later syncs", _later(outcome.mark)),
    ]


def _later(mark: Mark | None) -> str:
    """What a sync by schedule will have to read."""
    if mark is None:
        return "read everything, since the server does not tell what changed"
    if mark.csns:
        return "read nothing while the directory is unchanged"
    if mark.shows_deleted:
        return "read only what changed or was deleted, and everything once a day"
    return "read only what changed, and everything once a day, since this account may not see what was deleted"


def _warnings(outcome: Outcome) -> list[str]:
    settings, reading, link = outcome.settings, outcome.reading, outcome.link
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
            f"The directory goes on at other servers, which were not read (referrals: {reading.references:,})."
        )
    return warnings


def _entries(count: int) -> str:
    return f"{count:,} entry" if count == 1 else f"{count:,} entries"
