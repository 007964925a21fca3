"""Mail to people with accounts, and to people who are invited to one.

A link is made here, by the worker that sends it: it stands in the mail alone, and its hash in the database.
"""

from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from console.models import Admin, Invitation, Notice, NoticeKind
from console.store import invitations, resets, two_steps

NOT_YOU = (
    "If that was not you, choose a new password at once, which ends all sessions of your account, and tell an owner of "
    "the console."
)

_SECOND_STEPS = {
    NoticeKind.TWO_STEPS_ON: (
        "Two-step sign-in to Rollcall is on",
        "Whoever signs in as {email} is asked for a code of an app from now on, which was set up just now.",
    ),
    NoticeKind.TWO_STEPS_OFF: (
        "Two-step sign-in to Rollcall is off",
        "Two-step sign-in of {email} was turned off {detail}. The password alone is enough now.",
    ),
    NoticeKind.RECOVERY_CODE_USED: (
        "A recovery code was used to sign in to Rollcall",
        "Somebody signed in as {email} with the password and a recovery code. Codes that are left: {detail}.",
    ),
    NoticeKind.RECOVERY_CODES_MADE: (
        "New recovery codes for Rollcall",
        "New recovery codes were made for {email}. The former ones are of no use any more.",
    ),
    NoticeKind.SECOND_STEP_REFUSED: (
        "Somebody was not let in to Rollcall as you",
        "Somebody who knows the password of {email}, or reads its mail, got no further than the second step: {detail}.",
    ),
    NoticeKind.PASSKEY_ADDED: (
        "A new passkey for Rollcall",
        "A passkey was added to {email}: {detail}. Whoever has it signs in without a password.",
    ),
    NoticeKind.PASSKEY_REMOVED: ("A passkey for Rollcall was removed", "A passkey of {email} was removed: {detail}."),
}


def compose(notice: Notice, *, base_url: str, sender: str) -> EmailMessage:
    """The mail of a notice to a person: what happened, what to do, where."""
    message = EmailMessage()
    if notice.invitation is not None:
        message["To"] = notice.invitation.email
        message["Subject"], text = _invitation(notice.invitation, base_url)
    elif notice.admin is not None:
        message["To"] = notice.admin.email
        message["Subject"], text = _to_account(NoticeKind(notice.kind), notice.admin, notice.detail, base_url)
    else:
        raise TypeError("a notice about a domain is composed by jobs.mail")
    message["From"] = sender
    message["Date"] = formatdate(notice.created_at.timestamp())
    message["Message-ID"] = make_msgid(f"notice-{notice.id}", domain=sender.rpartition("@")[2] or "rollcall")
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no vacation answers to this.
    message.set_content(f"{text}\n\n-- \nRollcall, {base_url}\n")
    return message


def _invitation(invitation: Invitation, base_url: str) -> tuple[str, str]:
    inviter = invitation.invited_by
    by = f"{inviter.name or inviter.email} invites you" if inviter else "You are invited"
    link = f"{base_url}/invitation/{invitations.renew(invitation)}"
    return (
        "An account for you in Rollcall",
        f"{by} to Rollcall, the console that keeps the list of mail recipients, with the role {invitation.role}. "
        f"Choose your name and a password here, within seven days:\n\n{link}\n\n"
        "The link works once. If you do not know what this is about, do nothing: no account is made without you.",
    )


def _to_account(kind: NoticeKind, admin: Admin, detail: str, base_url: str) -> tuple[str, str]:
    if kind is NoticeKind.RESET:
        return (
            "A new password for Rollcall",
            f"Somebody asked for a new password for {admin.email}. Choose it here, within half an hour:\n\n"
            f"{base_url}/reset/{resets.make(admin)}\n\n"
            "The link works once. If it was not you, do nothing: your password stays as it is.",
        )
    if kind is NoticeKind.NEW_SIGN_IN:
        return (
            "A sign-in to Rollcall from a new browser",
            f"Somebody signed in as {admin.email} from a browser that did so for the first time:\n\n{detail}\n\n"
            f"If that was you, all is well. {NOT_YOU}\n\n{base_url}/account",
        )
    if kind is NoticeKind.ACCEPTED:
        return (
            "Somebody accepted an invitation to Rollcall",
            f"There is a new account: {detail}.\n\nYou get this mail since you are an owner.\n\n{base_url}/accounts",
        )
    if kind is NoticeKind.EXPIRING:
        return (
            "Rollcall needs a new secret or certificate at Microsoft",
            f"{detail}\n\nYou get this mail since you are an owner.\n\n{base_url}",
        )
    if kind in _SECOND_STEPS:
        subject, what = _SECOND_STEPS[kind]
        told = what.format(email=admin.email, detail=detail) + _few(kind, detail)
        return subject, f"{told} {NOT_YOU}\n\n{base_url}/account"
    by = "through a link for a new password" if kind is NoticeKind.PASSWORD_RESET else "on the Account page"
    return (
        "Your password for Rollcall was changed",
        f"The password of {admin.email} was changed {by}. All other sessions were signed out. {NOT_YOU}\n\n"
        f"{base_url}/reset",
    )


def _few(kind: NoticeKind, detail: str) -> str:
    """That it is time for new recovery codes."""
    used = kind is NoticeKind.RECOVERY_CODE_USED and detail.isdigit()
    return " Make new ones on the Account page." if used and int(detail) <= two_steps.FEW else ""
