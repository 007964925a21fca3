"""Delivery servers, and the check of them."""

from collections.abc import Collection

from flask_wtf import FlaskForm
from wtforms import Field, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, ValidationError

from console.core.address import Address, display_domain, parse, split
from console.core.delivery import PORT, PRIORITY, Encryption, mail_host
from console.core.errors import AddressError, RefusedError
from console.models import DeliveryServer
from console.web.forms.sync import WholeField
from console.web.forms.user import tidy


class DeliveryServerForm(FlaskForm):
    """One mail server of a domain: `host_name` is its name as it is kept, the field `host` keeps what was typed."""

    host_name = ""

    host = StringField(
        "Server",
        [InputRequired("Enter the name or the IP address of the mail server."), Length(max=300)],
        filters=[tidy],
        description="Its name or IP address, as the machine on which the console runs reaches it: mail.example.com, or "
        "10.0.0.25 inside your network. For Exchange Online it is the MX name that Microsoft gave the domain.",
    )
    port = WholeField(
        "Port",
        [InputRequired("Enter the port."), NumberRange(1, 65535, "A port is a number from 1 to 65535.")],
        default=PORT,
        description="25, nearly always.",
    )
    tls = SelectField(
        "Encrypt the connection",
        choices={kind.value: kind.label for kind in Encryption},
        default=Encryption.OPPORTUNISTIC.value,
        description="Mail servers encrypt among each other when it is offered. “Always” refuses a server whose "
        "certificate is not of a public authority.",
    )
    priority = WholeField(
        "Priority",
        [InputRequired("Enter a number."), NumberRange(0, 65535, "A priority is a number from 0 to 65535.")],
        default=PRIORITY,
        description="The lowest is asked first, as with MX records.",
    )

    def validate_host(self, field: Field) -> None:
        try:
            self.host_name = mail_host(field.data)
        except RefusedError as error:
            raise ValidationError(error.sentence) from None

    def fill(self, server: DeliveryServer) -> None:
        """Put the server's present settings into the form."""
        self.host.data = display_domain(server.host)
        for name in ("port", "tls", "priority"):
            self[name].data = getattr(server, name)

    def store(self, server: DeliveryServer) -> None:
        """Put what was typed into the server."""
        server.host = self.host_name
        for name in ("port", "tls", "priority"):
            setattr(server, name, self[name].data)


class CheckForm(FlaskForm):
    """A check of a domain's servers: `recipient` is whom to try, None to let the console choose."""

    recipient: Address | None = None
    names: Collection[str] = ()

    known = StringField(
        "Known recipient",
        [Length(max=1000)],
        filters=[tidy],
        description="Somebody who has a mailbox there. Left empty, it is the first active user on the list.",
    )

    def validate_known(self, field: Field) -> None:
        if not field.data:
            return
        name, *_ = self.names
        try:
            found = parse(field.data, default_domain=name)
        except AddressError as error:
            raise ValidationError(error.sentence) from None
        if split(found)[1] not in self.names:
            raise ValidationError(f"Name a recipient of {display_domain(name)}: other servers are not asked.")
        self.recipient = found
