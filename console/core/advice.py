"""What to change on a mail server, by what a check of it found. The commands and names are those of its makers."""

from dataclasses import dataclass

from console.core.delivery import Finding


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do, and the command that does it, if one does."""

    text: str
    command: str = ""


@dataclass(frozen=True, slots=True)
class Advice:
    """For whom it is (empty: for everybody), a few sentences, and the steps in their order."""

    text: str
    who: str = ""
    steps: tuple[Step, ...] = ()


def advice(finding: Finding) -> tuple[Advice, ...]:
    """What to do where a check found this; nothing for a good server."""
    return _ADVICE.get(finding, ())


_EXCHANGE = Advice(
    "By default it refuses unknown recipients only after the whole message, so every address seems to exist. In the "
    "Exchange Management Shell:",
    "Exchange Server 2016 and 2019",
    (
        Step(
            "Install the anti-spam agents. An Edge Transport server has them already.",
            "& $env:ExchangeInstallPath\\Scripts\\Install-AntiSpamAgents.ps1",
        ),
        Step(
            "Turn on recipient filtering for recipients who are not in the directory.",
            "Set-RecipientFilterConfig -Enabled $true -RecipientValidationEnabled $true",
        ),
        Step(
            "See that the domain is Authoritative and that AddressBookEnabled is True.",
            "Get-AcceptedDomain | Format-List Name,DomainType,AddressBookEnabled",
        ),
        Step("Restart the transport service.", "Restart-Service MSExchangeTransport"),
        Step(
            "Check again. If port 25 of a Mailbox server still accepts everybody, enter port 2525 here, where its "
            "transport service itself answers, and let only the machine of this console reach that port."
        ),
        Step(
            "Know that such a server refuses a message for all of its recipients when one of them is unknown. With "
            "this list enforced at your mail filter none of them is."
        ),
    ),
)

_ADVICE = {
    Finding.EVERY_ADDRESS: (
        Advice(
            "Such a server cannot say who exists, so Address Discovery cannot be used with it. Whose mail is accepted "
            "is still decided by the list of users here."
        ),
        _EXCHANGE,
        Advice(
            "An Authoritative domain has directory-based edge blocking: it refuses whoever is not in the directory. An "
            "Internal relay domain accepts everybody. In the Exchange admin center:",
            "Exchange Online",
            (
                Step("See first that every recipient of the domain is in Microsoft 365."),
                Step("Open Mail flow, Accepted domains, and the domain."),
                Step("Choose Authoritative, and save. It may take hours until it works."),
            ),
        ),
        Advice(
            "Turn off the catch-all mailbox and turn on recipient verification: unknown recipients must be refused in "
            "answer to RCPT TO, not after the message.",
            "Other servers",
        ),
    ),
    Finding.NOBODY: (
        Advice(
            "Check that the domain is set up on that server, and that the known recipient has a mailbox there. A "
            "server to which the domain does not belong yet refuses everybody."
        ),
    ),
    Finding.UNCLEAR: (
        Advice(
            "Servers that put off or refuse unfamiliar machines do so until they are told otherwise: allow the address "
            "of the machine on which the console runs there, as an internal or trusted sender, and check again."
        ),
    ),
    Finding.UNREACHABLE: (
        Advice(
            "Mail goes there from your mail filter; the console itself asks the server only for checks and Address "
            "Discovery. If the console stands somewhere else, let its machine through the firewall to that port."
        ),
    ),
}
