"""The settings of an “Active Dir.” source."""

import ipaddress
from itertools import accumulate
from typing import Any

from wtforms import BooleanField, Field, PasswordField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, ValidationError

from console.core import hosts
from console.core.errors import SourceError
from console.models import Source
from console.web.forms.authority import AuthorityForm
from console.web.forms.entries import EntriesForm
from console.web.forms.sync import SyncForm, WholeField, tidy

PORT = 636
MIXED = {
    (636, "starttls"): "Port 636 speaks TLS from the first byte: choose TLS (LDAPS).",
    (636, "none"): "Port 636 is for TLS: choose TLS (LDAPS), or port 389.",
    (389, "ldaps"): "Port 389 is for StartTLS or none: choose StartTLS, or port 636.",
}
"""What is wrong with a port and an encryption that do not go together."""

TLS = [("ldaps", "TLS (LDAPS)"), ("starttls", "StartTLS"), ("none", "None")]
SETTINGS = ("host", "port", "tls", "user_dn", "search_base", "filter", "ca_pem")


class LdapForm(SyncForm, EntriesForm, AuthorityForm):
    """An "Active Dir." source. The password field is write-only: left empty, the stored one stays.

    A stored password is for the server it was entered for, `stored_for`: it is not sent to another one unasked.
    """

    stored_for = ""

    host = StringField(
        "Host",
        [DataRequired("Enter the name of the directory server."), Length(max=2000)],
        filters=[tidy],
        description="The server's name; several with commas between are tried in this order, and a port of its own "
        "stands after a colon. With TLS it must be a name, not an IP address: the certificate is for a name.",
    )
    port = WholeField(
        "Port",
        [InputRequired("Enter the port."), NumberRange(1, 65535, "A port is a number from 1 to 65535.")],
        description="636 with TLS, else 389.",
    )
    tls = SelectField("Encryption", choices=dict(TLS), default="ldaps")
    user_dn = StringField(
        "User DN",
        [Length(max=1000)],
        filters=[tidy],
        description="Who signs in to search: CN=Rollcall,OU=Service,DC=example,DC=com or rollcall@example.com.",
    )
    password = PasswordField("Password", [Length(max=1000)])
    search_base = StringField(
        "Search base",
        [Length(max=1000)],
        filters=[tidy],
        description="Where the users are: OU=Staff,DC=example,DC=com. Left empty, the server's own proposal is used.",
    )
    filter = StringField(
        "Further LDAP filter",
        [Length(max=2000)],
        filters=[tidy],
        description="Only entries that match this too, such as (department=Sales). Usually empty.",
    )
    skip_verify = BooleanField(
        "Do not check the server's certificate", description="Unsafe: whoever stands between may read the password."
    )

    def validate_port(self, field: Field) -> None:
        said = MIXED.get((field.data, self.tls.data))
        if said:
            raise ValidationError(said)

    def validate_host(self, field: Field) -> None:
        port = self.port.data or PORT
        port = port if 1 <= port <= 65535 else PORT
        try:
            found = hosts.servers(field.data, port)
        except SourceError as error:
            raise ValidationError(error.sentence) from None
        checked = self.tls.data != "none" and not self.skip_verify.data and not self.has_authority
        for server, own_port in found:
            if checked and _is_ip(server):
                raise ValidationError(
                    "With TLS, Host must be the server's name: its certificate is for a name, not for an IP address."
                )
            said = MIXED.get((own_port, self.tls.data))
            if own_port != port and said:
                raise ValidationError(f"{server}: {said}")

    def validate_user_dn(self, field: Field) -> None:
        if self.password.data and not field.data:
            raise ValidationError("Enter who signs in with this password.")

    def validate_password(self, field: Field) -> None:
        if field.data or not self.user_dn.data:
            return
        if not self.stored_for:
            raise ValidationError("Enter the password of this account.")
        if self.stored_for != self.host.data:
            raise ValidationError("Enter the password again: it was stored for another host.")

    def validate_filter(self, field: Field) -> None:
        if field.data and not _in_parentheses(field.data):
            raise ValidationError("A filter stands in parentheses, each opened one closed: (department=Sales).")

    def fill(self, source: Source) -> None:
        """Put the source's present settings into the form; the password never."""
        self.remember(source)
        for name in SETTINGS:
            self[name].data = source.settings.get(name)
        self.fill_entries(source.settings)
        self.skip_verify.data = source.settings.get("verify") is False
        self.fill_sync(source)

    def remember(self, source: Source) -> None:
        """Take note of the password that is stored, not of the password itself."""
        self.stored_for = source.settings.get("host", "") if source.secret else ""

    def store(self, source: Source) -> None:
        """Put what was typed into the source, all but the password."""
        settings: dict[str, Any] = {name: self[name].data for name in SETTINGS}
        source.settings = {**(source.settings or {}), **settings, **self.entries(), "verify": not self.skip_verify.data}
        self.store_sync(source)

    @property
    def secret_to_keep(self) -> str | None:
        """What is to be sealed and stored; None to leave what is stored as it is. Without an account there is none."""
        if self.password.data or not self.user_dn.data:
            return self.password.data or ""
        return None


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _in_parentheses(text: str) -> bool:
    """Whether the first parenthesis is closed by the last character, and not before."""
    depths = list(accumulate({"(": 1, ")": -1}.get(character, 0) for character in text))
    return depths[-1] == 0 and all(depth > 0 for depth in depths[:-1])
