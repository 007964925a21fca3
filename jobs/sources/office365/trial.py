"""What Test connection tells of a tenant that was read."""

from collections import Counter
from dataclasses import dataclass

from console.core.address import split
from console.core.person import Kind, Person, Reject
from jobs.sources.office365.reading import Reading
from jobs.sources.office365.settings import Office365Settings
from jobs.sources.source import Trial

_SAMPLES = 10

# What each permission is for, and the broader ones that include it.
PERMISSIONS: tuple[tuple[str, str, frozenset[str]], ...] = (
    (
        "User.Read.All",
        "to read people",
        frozenset({"User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"}),
    ),
    (
        "Group.Read.All",
        "to read distribution lists and groups",
        frozenset({"Group.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"}),
    ),
    (
        "MailboxSettings.Read",
        "to tell shared mailboxes, rooms and equipment from people",
        frozenset({"MailboxSettings.ReadWrite"}),
    ),
)
DYNAMIC_LISTS = (
    "Dynamic distribution lists are not in Microsoft Graph, so they are not read: add their addresses by hand, with "
    "Add User."
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was read from a tenant of this name, with which permissions (None: not known), and what is to be told."""

    reading: Reading
    settings: Office365Settings
    name: str
    granted: frozenset[str] | None
    remarks: tuple[Reject, ...]


def missing(granted: frozenset[str]) -> list[tuple[str, str]]:
    """The permissions that are not there, each with what it is for."""
    return [(name, purpose) for name, purpose, broader in PERMISSIONS if not granted & {name, *broader}]


def trial(outcome: Outcome) -> Trial:
    recipients = [person for person in outcome.reading.people if not person.left_out and _ours(outcome, person)]
    return Trial(
        facts=tuple(_facts(outcome, recipients)),
        found=outcome.reading.done,
        samples=tuple(person.primary for person in recipients[:_SAMPLES]),
        warnings=(*_warnings(outcome, recipients), *(remark.why for remark in outcome.remarks), DYNAMIC_LISTS),
    )


def _ours(outcome: Outcome, person: Person) -> bool:
    """Whether an entry has an address in the domain; without the names of one, any will do."""
    domains = outcome.settings.domains
    return not domains or any(split(address)[1] in domains for address in (person.primary, *person.aliases))


def _facts(outcome: Outcome, recipients: list[Person]) -> list[tuple[str, str]]:
    settings, reading = outcome.settings, outcome.reading
    by = "certificate" if settings.by_certificate else "client secret"
    granted = ", ".join(sorted(outcome.granted)) if outcome.granted else ""
    kinds = Counter(person.kind for person in recipients)
    shown = ", ".join(f"{_LABELS[kind]}: {kinds[kind]:,}" for kind in _LABELS if kinds[kind])
    return [
        ("Tenant", f"{outcome.name} ({settings.tenant})" if outcome.name else settings.tenant),
        ("Signed in as", f"the app {settings.client_id}, with its {by}"),
        ("Permissions", granted or ("none" if outcome.granted is not None else "not known")),
        ("Pages", f"{reading.pages:,}, of up to {settings.page_size:,} entries each"),
        ("Recipients", f"{len(recipients):,} of {_entries(reading.done)}"),
        *([("Kinds", shown)] if shown else []),
    ]


_LABELS = {
    Kind.MAILBOX: "mailboxes",
    Kind.SHARED: "shared mailboxes",
    Kind.RESOURCE: "rooms and equipment",
    Kind.LIST: "groups",
}


def _warnings(outcome: Outcome, recipients: list[Person]) -> list[str]:
    reading = outcome.reading
    warnings = [
        f"The permission {name} is missing, {purpose}: grant it in the Microsoft Entra admin center and consent to it."
        for name, purpose in missing(outcome.granted or frozenset())
        if outcome.granted is not None
    ]
    if not recipients:
        names = " or ".join(sorted(outcome.settings.domains)) or "any domain"
        warnings.append(f"Nobody in this tenant has an address in {names}: check that it is the right tenant.")
    reasons = Counter(person.left_out for person in reading.people if person.left_out)
    warnings += [f"{_entries(count)} left out: {reason}." for reason, count in reasons.most_common()]
    unused = Counter(reject.why for reject in reading.rejects)
    warnings += [f"{_entries(count)} of no use: {reason}" for reason, count in unused.most_common(5)]
    return warnings


def _entries(count: int) -> str:
    return f"{count:,} entry" if count == 1 else f"{count:,} entries"
