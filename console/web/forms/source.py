"""The settings of a User Source."""

import datetime as dt
import ipaddress
from collections.abc import Sequence
from contextlib import suppress
from itertools import accumulate
from typing import Any

from cryptography import x509
from wtforms import BooleanField, Field, IntegerField, PasswordField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, ValidationError

from console.models import Group, Source
from console.web.forms.entries import EntriesForm

INTERVALS = [
    ("15", "Every 15 minutes"),
    ("30", "Every 30 minutes"),
    ("60", "Every 60 minutes"),
    ("240", "Every 4 hours"),
    ("720", "Every 12 hours"),
    ("1440", "Every 24 hours"),
    ("off", "Off: only when asked"),
]
TLS = [("ldaps", "TLS (LDAPS)"), ("starttls", "StartTLS"), ("none", "None")]
SETTINGS = ("host", "port", "tls", "user_dn", "search_base", "filter", "ca_pem")


def _tidy(text: str | None) -> str:
    return (text or "").replace("\x00", "").strip()


class WholeField(IntegerField):
    """A whole number. What is none, or is endless, is outside the field's range, whose sentence says what is wanted."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        with suppress(ValueError):
            super().process_formdata([text[:20] for text in valuelist])


class LdapForm(EntriesForm):
    """An "Active Dir." source. The password field is write-only: left empty, the stored one stays.

    A stored password is for the server it was entered for, `stored_for`: it is not sent to another one unasked.
    """

    stored_for = ""

    name = StringField(
        "Name",
        [DataRequired("Enter a name."), Length(max=100)],
        filters=[_tidy],
        description="What you call this directory.",
    )
    host = StringField(
        "Host",
        [DataRequired("Enter the name of the directory server."), Length(max=2000)],
        filters=[_tidy],
        description="The server's name; several with commas between are tried in this order. "
        "With TLS it must be a name, not an IP address: the certificate is for a name.",
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
        filters=[_tidy],
        description="Who signs in to search: CN=Rollcall,OU=Service,DC=example,DC=com or rollcall@example.com.",
    )
    password = PasswordField("Password", [Length(max=1000)])
    search_base = StringField(
        "Search base",
        [Length(max=1000)],
        filters=[_tidy],
        description="Where the users are: OU=Staff,DC=example,DC=com. Left empty, the server's own proposal is used.",
    )
    filter = StringField(
        "Further LDAP filter",
        [Length(max=2000)],
        filters=[_tidy],
        description="Only entries that match this too, such as (department=Sales). Usually empty.",
    )
    ca_pem = TextAreaField(
        "Certificate authority",
        [Length(max=100_000)],
        filters=[_tidy],
        description="The certificate of your own authority (PEM), when the server's is not from a public one.",
    )
    skip_verify = BooleanField(
        "Do not check the server's certificate", description="Unsafe: whoever stands between may read the password."
    )
    group = SelectField("Add users to group", coerce=int)
    interval = SelectField("Schedule", choices=dict(INTERVALS), default="60")
    mode = SelectField("Changes", choices={"automatic": "Apply by itself", "review": "Wait for my approval each time"})
    grace_days = WholeField(
        "Days until someone who left is rejected",
        [InputRequired("Enter a number of days."), NumberRange(0, 365, "From 0 to 365 days.")],
        default=3,
        description="Until then their mail is still accepted.",
    )
    guard_percent = WholeField(
        "Wait for approval when more than this share would go (%)",
        [InputRequired("Enter a percentage."), NumberRange(0, 100, "From 0 to 100 %%.")],
        default=20,
    )
    guard_owned_from = WholeField(
        "but only once the source has this many users",
        [InputRequired("Enter a number."), NumberRange(1, 1_000_000, "From 1 to 1,000,000.")],
        default=10,
    )

    def validate_port(self, field: Field) -> None:
        mixed = {
            (636, "starttls"): "Port 636 speaks TLS from the first byte: choose TLS (LDAPS).",
            (636, "none"): "Port 636 is for TLS: choose TLS (LDAPS), or port 389.",
            (389, "ldaps"): "Port 389 is for StartTLS or none: choose StartTLS, or port 636.",
        }
        said = mixed.get((field.data, self.tls.data))
        if said:
            raise ValidationError(said)

    def validate_host(self, field: Field) -> None:
        for server in (part.strip() for part in field.data.split(",")):
            if not _is_ip(server) and any(mark in server for mark in ":/@ "):
                raise ValidationError("Enter the name alone, without ldap:// and without the port.")
            checked = self.tls.data != "none" and not self.skip_verify.data and not self.ca_pem.data
            if checked and _is_ip(server):
                raise ValidationError(
                    "With TLS, Host must be the server's name: its certificate is for a name, not for an IP address."
                )

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

    def validate_ca_pem(self, field: Field) -> None:
        if field.data:
            try:
                certificates = x509.load_pem_x509_certificates(field.data.encode())
            except ValueError:
                raise ValidationError(
                    "This is not a certificate in PEM form: it begins with -----BEGIN CERTIFICATE-----."
                ) from None
            if all(certificate.not_valid_after_utc < dt.datetime.now(dt.UTC) for certificate in certificates):
                raise ValidationError("This certificate has expired: ask for the present one.")

    def offer(self, groups: Sequence[Group]) -> None:
        self.group.choices = {str(group.id): group.name for group in groups}

    def fill(self, source: Source) -> None:
        """Put the source's present settings into the form; the password never."""
        self.remember(source)
        for name in SETTINGS:
            self[name].data = source.settings.get(name)
        self.fill_entries(source.settings)
        self.skip_verify.data = source.settings.get("verify") is False
        for name in ("name", "mode", "grace_days", "guard_percent", "guard_owned_from"):
            self[name].data = getattr(source, name)
        self.group.data = source.group_id
        self.interval.data = str(source.interval_minutes or "off")

    def remember(self, source: Source) -> None:
        """Take note of the password that is stored, not of the password itself."""
        self.stored_for = source.settings.get("host", "") if source.secret else ""

    def store(self, source: Source) -> None:
        """Put what was typed into the source, all but the password."""
        settings: dict[str, Any] = {name: self[name].data for name in SETTINGS}
        source.settings = {**(source.settings or {}), **settings, **self.entries(), "verify": not self.skip_verify.data}
        for name in ("name", "mode", "grace_days", "guard_percent", "guard_owned_from"):
            setattr(source, name, self[name].data)
        source.group_id = self.group.data
        source.interval_minutes = None if self.interval.data == "off" else int(self.interval.data)


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return False
    return True


def _in_parentheses(text: str) -> bool:
    """Whether the first parenthesis is closed by the last character, and not before."""
    depths = list(accumulate({"(": 1, ")": -1}.get(character, 0) for character in text))
    return depths[-1] == 0 and all(depth > 0 for depth in depths[:-1])
