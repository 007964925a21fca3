"""The mail server in front, as docs/perimeter.md has it, with each door of the perimeter on a port of its own."""

import smtplib
from collections.abc import Sequence

from tests.processes import Perimeter
from tests.servers.inbox import Inbox
from tests.servers.postfix import Postfix

DOORS = ("policy", "socketmap")
SENDER = "somebody@elsewhere.example"
INVALID = "Recipient address rejected: {words}Invalid recipient"
WORDS = {"policy": "", "socketmap": "User unknown in relay recipient table: "}


def in_front(perimeter: Perimeter, inbox: Inbox, domains: Sequence[str]) -> Postfix:
    """A Postfix that asks the perimeter, and hands on to the inbox what passes."""
    policy = (
        f"check_policy_service {{ inet:127.0.0.1:{perimeter.policy_port}, timeout=10s, "
        "{ default_action = 451 4.3.5 Try again later } }"
    )
    socketmap = f"socketmap:inet:127.0.0.1:{perimeter.socketmap_port}:recipients"
    words = r"regexp:{{/unknown in relay recipient table/ \c: Invalid recipient}}"
    doors = {
        "policy": {"smtpd_recipient_restrictions": policy},
        "socketmap": {"relay_recipient_maps": socketmap, "smtpd_reject_footer_maps": words},
    }
    return Postfix.start(relay_to=inbox.port, domains=domains, doors=doors)


def asked(postfix: Postfix, door: str, *addresses: str) -> dict[str, str]:
    """What the mail server says of each recipient, in one session."""
    with smtplib.SMTP("127.0.0.1", postfix.ports[door], timeout=20) as client:
        client.ehlo("client.example")
        client.mail(SENDER, ["SMTPUTF8"])
        return {address: _said(client, address) for address in addresses}


def _said(client: smtplib.SMTP, address: str) -> str:
    client.sock.sendall(f"RCPT TO:<{address}>\r\n".encode())  # type: ignore[union-attr]  # it is connected
    code, text = client.getreply()
    return f"{code} {text.decode()}"
