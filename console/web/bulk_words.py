"""What is said of a change of many users: before it is made, on its run, and after it."""

from console.core.bulk import Act, Bulk, Outlook
from console.core.person import Kind

KINDS = {
    Kind.MAILBOX: ("a mailbox", "mailboxes"),
    Kind.SHARED: ("a shared mailbox", "shared mailboxes"),
    Kind.RESOURCE: ("a resource", "resources"),
    Kind.LIST: ("a list", "lists"),
    Kind.PUBLIC_FOLDER: ("a public folder", "public folders"),
}
SYNCED = {
    Act.KIND: "this kind stays through its next syncs.",
    Act.GROUP: "this group stays through its next syncs.",
    Act.DISABLE: "disabled by hand stays disabled, whatever the source says.",
    Act.ENABLE: "it decides again at its next sync.",
    Act.EXEMPT: "from then on it neither changes nor removes them.",
    Act.SYNC: "it decides again at its next sync.",
    Act.DELETE: "its next sync adds again who is still there. To keep somebody away, disable instead.",
}
"""What is to be said of those among the users that a user source looks after."""


def users(number: int) -> str:
    return "1 user" if number == 1 else f"{number:,} users"


def asked(bulk: Bulk, number: int, group: str) -> str:
    """What is to be done to so many users, as a question without its mark."""
    return _said(bulk, number, group, ("Make", "Move", "Disable", "Enable", "Exempt", "Let sync manage", "Delete"))


def done(bulk: Bulk, number: int, group: str) -> str:
    """What was done to so many users: the title of the run."""
    return _said(
        bulk, number, group, ("Made", "Moved", "Disabled", "Enabled", "Exempted", "Let sync manage", "Deleted")
    )


def _said(bulk: Bulk, number: int, group: str, verbs: tuple[str, ...]) -> str:
    verb = dict(zip(Act, verbs, strict=True))[bulk.act]
    one, many = KINDS[bulk.kind]
    rest = {
        Act.KIND: f" {one if number == 1 else many}",
        Act.GROUP: f" to {group}",
        Act.EXEMPT: " from sync",
        Act.SYNC: " again",
    }
    return f"{verb} {users(number)}{rest.get(bulk.act, '')}"


def points(bulk: Bulk, outlook: Outlook, *, billable: int, discovering: bool, gone: int) -> list[str]:
    """What will happen, in numbers. `billable` is how many billable mailboxes the domain has, `gone` how many of
    the selected users it has no more."""
    said = [mailboxes(billable, outlook.billable)]
    if bulk.act in (Act.DISABLE, Act.DELETE):
        said.append("Mail to every address of theirs is rejected from then on.")
    elif bulk.act is Act.ENABLE:
        said.append("Mail to every address of theirs is accepted again.")
    if outlook.synced or (bulk.act is Act.SYNC and outlook.changes):
        number = outlook.changes if bulk.act is Act.SYNC else outlook.synced
        whose = "All of them are" if number == outlook.changes > 1 else _are(number)
        said.append(f"{whose} of a user source: {SYNCED[bulk.act]}")
    if bulk.act is Act.DELETE and outlook.discovered and discovering:
        said.append(f"{_was(outlook.discovered)} discovered: while Address Discovery is on, mail can add them again.")
    if gone:
        said.append(f"{_are(gone)} not on the list any more.")
    staying = stay(outlook)
    return [*said, staying] if staying else said


def mailboxes(now: int, more: int) -> str:
    """The billable mailboxes before and after."""
    if not more:
        return f"Billable mailboxes: {now:,}, as before."
    return f"Billable mailboxes: {now:,} before, {now + more:,} after."


def stay(outlook: Outlook) -> str:
    """How many of the selected users stay as they are, and why; empty for none."""
    number = outlook.selected - outlook.changes
    if not number:
        return ""
    alone = len(outlook.stay) == 1
    reasons = ", ".join(reason if alone else f"{count:,} {reason}" for reason, count in outlook.stay.items())
    return f"{users(number)} {_stays(number)} as {_they(number)}: {reasons}."


def _stays(number: int) -> str:
    return "stays" if number == 1 else "stay"


def _they(number: int) -> str:
    return "it is" if number == 1 else "they are"


def _are(number: int) -> str:
    return "One is" if number == 1 else f"{number:,} are"


def _was(number: int) -> str:
    return "One was" if number == 1 else f"{number:,} were"
