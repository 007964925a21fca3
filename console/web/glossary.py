"""What the words of the pages mean, for people who never administered mail. Each is told here and nowhere else."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Term:
    """A word and what it means; `anchor` is its place on the page of all of them."""

    key: str
    word: str
    meaning: str

    @property
    def anchor(self) -> str:
        return f"word-{self.key}"


_WORDS = {
    "address": ("Address", "Where mail is sent to, such as jane@brightfield.example."),
    "alias": ("Alias", "A further address of the same user. Mail to it ends in the same mailbox."),
    "alias-domain": (
        "Alias domain",
        "A second name of a domain. Every address of the domain is valid in it too, for the same users.",
    ),
    "approve": ("Approve", "To let a run that waits do what it shows. Discard leaves everything as it is."),
    "billable": ("Billable mailbox", "A user of the kind mailbox. Other kinds are not billed."),
    "conflict": ("Conflict", "Two sides claim one address, and a person has to say who is right."),
    "csv": ("CSV file", "A table as plain text. Nearly every program can save one, and Excel can open it."),
    "directory": ("Directory", "A company’s own register of its people: Active Directory, say, or Office 365."),
    "disabled": ("Disabled", "On the list, but mail is rejected."),
    "discovery": (
        "Address Discovery",
        "Finding addresses while mail for them arrives, by asking your own mail server whether it knows them.",
    ),
    "domain": ("Domain", "The part of an address after the @."),
    "exempt": ("Exempt from sync", "The directory no longer changes or removes this user."),
    "grace": (
        "Grace period",
        "The days, three unless you choose otherwise, in which mail for a user who is missing is still accepted.",
    ),
    "group": ("Group", "A named part of a domain’s users. It puts them in order and changes nothing about mail."),
    "guard": (
        "Guard",
        "What stops a sync that would remove unusually many users, until a person has looked at it.",
    ),
    "kind": (
        "Kind",
        "What a user is: a person’s mailbox, a shared one, a resource such as a room, a list, or a public folder.",
    ),
    "ldap": ("LDAP", "The language in which most directories are asked."),
    "list": ("List", "An address that passes mail on to several people: a distribution list or a group."),
    "mail-server": (
        "Mail server",
        "The computer that keeps your mailboxes. Under Inbound SMTP you say where it is.",
    ),
    "missing": ("Missing", "A user who is gone from the directory. Mail is accepted until the grace period is over."),
    "mode": (
        "Off, Monitor, Enforce",
        "What the perimeter does with unknown addresses: accept them; accept and report them; reject them.",
    ),
    "mx": ("MX record", "What tells the world which mail server takes the mail of a domain."),
    "origin": ("Origin", "Where a user came from: added by hand, a file, discovery, or a user source."),
    "passkey": (
        "Passkey",
        "A key on your phone, computer or security key that signs you in. It works at this console alone.",
    ),
    "perimeter": (
        "Perimeter",
        "The mail server in front of yours. It asks Rollcall about each recipient, and turns away mail for the others.",
    ),
    "plus-tag": ("Plus tag", "What stands behind a + in jane+shop@. It is mail for jane@."),
    "preview": ("Preview", "A run that shows what a sync would do and changes nothing."),
    "recipient": ("Recipient", "Who a mail is for. On the list recipients are called users."),
    "recovery-code": ("Recovery code", "A code to sign in with once, when the phone with the app is not there."),
    "rejected": (
        "Invalid recipient",
        "The words with which mail is turned away for an address that does not stand on the list.",
    ),
    "resource": ("Resource", "A room or a piece of equipment that has an address, so that it can be booked."),
    "role": ("Role", "What an account may do here: an owner everything, an admin change lists, a viewer look."),
    "run": ("Run", "One piece of work and the record of it: a sync, a preview, an import, an undo."),
    "search-base": ("Search base", "The place in a directory below which people are looked for."),
    "shared": ("Shared mailbox", "A mailbox that several people read, such as info@."),
    "sighting": ("Discovered address", "An address that mail came for and that was not on the list."),
    "skipped": ("Skipped", "An entry that could not be used. Its reason is always told."),
    "smtp": ("SMTP", "The language in which mail servers talk to each other."),
    "source": ("User source", "A directory that Rollcall reads for a domain."),
    "status": ("Status", "Active: mail is accepted. Missing: still accepted, for some days. Disabled: rejected."),
    "sync": ("Sync", "Reading a directory and bringing the list in step with it."),
    "tenant": ("Tenant", "Your organization’s own part of Microsoft 365."),
    "two-steps": ("Two-step sign-in", "Signing in with a code of an app on your phone, besides the password."),
    "undo": ("Undo", "To take back what a run or an act did."),
    "user": ("User", "A recipient: one who gets mail, with an address and perhaps further ones."),
    "user-dn": ("User DN", "The full name, within a directory, of the account with which Rollcall searches it."),
}
TERMS = tuple(sorted((Term(key, *told) for key, told in _WORDS.items()), key=lambda term: term.word.lower()))
_BY_KEY = {term.key: term for term in TERMS}


def terms(keys: Sequence[str]) -> tuple[Term, ...]:
    return tuple(_BY_KEY[key] for key in keys)
