"""Notices as mail, through an SMTP relay named by SMTP_URL."""

import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import unquote, urlsplit

from console.models import Notice, NoticeKind

TIMEOUT_SECONDS = 20


@dataclass(frozen=True)
class Relay:
    """Where mail goes out. `smtps` speaks TLS from the first byte; else STARTTLS is used if offered, and is a must
    before a password is sent."""

    host: str
    port: int
    smtps: bool = False
    user: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def from_url(cls, url: str) -> "Relay":
        """From smtp://user:password@host:587 or smtps://... (console.settings has checked it)."""
        parts = urlsplit(url)
        smtps = parts.scheme == "smtps"
        port = parts.port or (465 if smtps else 587 if parts.username else 25)
        return cls(parts.hostname or "", port, smtps, unquote(parts.username or ""), unquote(parts.password or ""))

    def send(self, message: EmailMessage) -> None:
        """Hand over a message. Raises OSError or smtplib.SMTPException; no text of theirs holds the password."""
        context = ssl.create_default_context()
        with self._connect(context) as client:
            client.ehlo_or_helo_if_needed()
            if not self.smtps and client.has_extn("starttls"):
                client.starttls(context=context)
                client.ehlo()
            elif not self.smtps and self.user:
                raise smtplib.SMTPNotSupportedError("the relay offers no encryption, so the password was not sent")
            if self.user:
                client.login(self.user, self.password)
            client.send_message(message)

    def _connect(self, context: ssl.SSLContext) -> smtplib.SMTP:
        if self.smtps:
            return smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT_SECONDS, context=context)
        return smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_SECONDS)


def compose(notice: Notice, *, base_url: str, sender: str) -> EmailMessage:
    """The mail of a notice: what happened, what it means, where to look."""
    domain = notice.domain
    if domain is None:
        raise TypeError("a notice to an account is composed by jobs.account_mail")
    name, source = domain.name, notice.source.label if notice.source else "a user source"
    link = f"{base_url}{_place(notice, name)}"
    subject, text = _words(NoticeKind(notice.kind), name, source, notice.detail)
    message = EmailMessage()
    message["Subject"] = subject
    message["From"] = sender
    message["To"] = ", ".join(domain.notify)
    message["Date"] = formatdate(notice.created_at.timestamp())
    message["Message-ID"] = make_msgid(f"notice-{notice.id}", domain=sender.rpartition("@")[2] or "rollcall")
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no vacation answers to this.
    message.set_content(f"{text}\n\n{link}\n\n-- \nRollcall, the recipient console of {name}\n")
    return message


def _place(notice: Notice, domain: str) -> str:
    """The page on which one sees more, or can do something about it."""
    if notice.kind == NoticeKind.EXPIRING and notice.source_id:
        return f"/sources/{notice.source_id}"
    if notice.kind in (NoticeKind.DISCOVERY_ENDING, NoticeKind.DISCOVERY_OFF):
        return f"/domains/{domain}/discovery"
    return f"/runs/{notice.run_id}" if notice.run_id else f"/domains/{domain}/sync"


def _words(kind: NoticeKind, domain: str, source: str, detail: str) -> tuple[str, str]:
    if kind is NoticeKind.FAILING:
        return (
            f"{domain}: {source} cannot be read",
            f"{source} of {domain} could not be read three times in a row:\n\n{detail}\n\n"
            "The list of users stays as it is: nobody is added or removed until this is mended. It is tried again, "
            "less and less often. You get another mail when it works again.",
        )
    if kind is NoticeKind.RECOVERED:
        return f"{domain}: {source} works again", f"{source} of {domain} was read again, and the list is in step."
    if kind is NoticeKind.EXPIRING:
        return f"{domain}: {source} needs a new secret or certificate", f"About {source} of {domain}:\n\n{detail}"
    if kind is NoticeKind.DISCOVERY_ENDING:
        return (
            f"{domain}: Address Discovery ends soon",
            f"Address Discovery of {domain} ends by itself on {detail}.\n\nWhat it has found stays on the list. From "
            "then on your mail server is not asked about an address that nobody has. Choose a later end on the page of "
            "Address Discovery if it is to go on.",
        )
    if kind is NoticeKind.DISCOVERY_OFF:
        return (
            f"{domain}: Address Discovery is off",
            f"Address Discovery of {domain} was turned off:\n\n{detail}\n\nWhat it has found stays on the list.",
        )
    return (
        f"{domain}: a sync waits for you",
        f"A sync of {source} of {domain} would change the list and waits for your approval:\n\n{detail}\n\n"
        "Until then the list stays as it is, and new people of the directory are not on it yet.",
    )
