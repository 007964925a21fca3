"""The settings of an “Office 365” source: with an app of the tenant's own, or connected through the console's."""

import datetime as dt
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from wtforms import BooleanField, DateField, Field, PasswordField, SelectField, StringField
from wtforms.validators import DataRequired, Length, Optional, ValidationError

from console import certificates, credentials
from console.certificates import CertificateError
from console.core.address import parse_domain
from console.core.clouds import CLOUDS, WORLDWIDE
from console.core.errors import AddressError
from console.credentials import AppCertificate
from console.microsoft import Microsoft, is_guid
from console.models import Source, now
from console.store import expiry
from console.web.forms.authority import AuthorityForm
from console.web.forms.sync import SyncForm, tidy

SWITCHES = ("sync_people", "sync_shared", "sync_groups")
OWN = "own"
"""The choice of cloud that keeps addresses which were given on the command line."""

CREDENTIALS = ("tenant", "client_id", "cloud")
LAST_DAY = dt.date(2100, 1, 1)


class DayField(DateField):
    """A date as the browser's own field sends it."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        try:
            super().process_formdata([text[:20] for text in valuelist])
        except ValueError:
            raise ValueError("Enter a date such as 2027-03-31.") from None


class RecipientsForm(FlaskForm):
    """What to sync. All of it has a default."""

    sync_people = BooleanField("People", default=True)
    sync_shared = BooleanField(
        "Shared, room and equipment mailboxes",
        default=True,
        description="Told apart with the permission MailboxSettings.Read; without it they count as people.",
    )
    sync_groups = BooleanField(
        "Distribution lists, mail-enabled and Microsoft 365 groups",
        default=True,
        description="But for dynamic distribution lists.",
    )

    def validate_sync_people(self, _field: Field) -> None:
        if not any(self[name].data for name in SWITCHES):
            raise ValidationError("Choose at least one kind of recipient.")

    def fill_recipients(self, source: Source) -> None:
        for name in SWITCHES:
            self[name].data = source.settings.get(name, True)

    @property
    def recipients(self) -> dict[str, bool]:
        return {name: bool(self[name].data) for name in SWITCHES}


class ConnectedForm(SyncForm, RecipientsForm):
    """A source that reads through the console's own app: whose tenant it is cannot be changed here."""

    secret_to_keep: str | None = None

    def fill(self, source: Source) -> None:
        self.fill_sync(source)
        self.fill_recipients(source)

    def remember(self, source: Source) -> None:
        """It has no secret of its own."""

    def store(self, source: Source) -> None:
        source.settings = {**(source.settings or {}), **self.recipients}
        self.store_sync(source)


class Office365Form(SyncForm, RecipientsForm, AuthorityForm):
    """A tenant that is read with an app of its own. Secret and certificate are write-only: left empty, what is stored
    stays.

    What is stored is for the app and the cloud that it was entered for, `stored_for`: it is not sent elsewhere.
    """

    stored_for: tuple[str, ...] = ()
    app_certificate: AppCertificate | None = None

    tenant = StringField(
        "Tenant",
        [DataRequired("Enter the tenant."), Length(max=300)],
        filters=[tidy],
        description="The Directory (tenant) ID of the app's Overview page, or one of the tenant's domains.",
    )
    client_id = StringField(
        "Client ID",
        [DataRequired("Enter the client ID."), Length(max=100)],
        filters=[tidy],
        description="The Application (client) ID of the same page.",
    )
    secret = PasswordField("Client secret", [Length(max=1000)])
    secret_expires_on = DayField(
        "Client secret expires on",
        [Optional()],
        description="As Microsoft shows it beside the secret. You are told by mail 30, 14, 7 and 1 days ahead.",
    )
    certificate = FileField(
        "Or its certificate",
        description="One PEM file with the certificate and its private key. Its end is read from it.",
    )
    cloud = SelectField("Cloud", default=WORLDWIDE, description="Where the tenant is. Nearly all are worldwide.")

    def validate_tenant(self, field: Field) -> None:
        if is_guid(field.data):
            return
        try:
            field.data = parse_domain(field.data)
        except AddressError:
            raise ValidationError(
                "This is neither the ID of a tenant, such as 00001111-aaaa-2222-bbbb-3333cccc4444, nor a domain."
            ) from None

    def validate_client_id(self, field: Field) -> None:
        if not is_guid(field.data):
            raise ValidationError(
                "A client ID looks like 00001111-aaaa-2222-bbbb-3333cccc4444: take the Application (client) ID, not "
                "the app's name and not the Secret ID."
            )

    def validate_secret(self, field: Field) -> None:
        if field.data and is_guid(field.data):
            raise ValidationError("This is the Secret ID. Enter the secret's Value, which is shown once, beside it.")
        if field.data or self.certificate.data:
            return
        if not self.stored_for:
            raise ValidationError("Enter the client secret of the app, or choose the file with its certificate.")
        if self.stored_for != self._app:
            raise ValidationError("Enter the client secret or certificate again: what is stored is for another app.")

    def validate_secret_expires_on(self, field: Field) -> None:
        if field.data and field.data > LAST_DAY:
            raise ValidationError("No secret lasts that long. Look at the date again.")
        if field.data and self.secret.data and field.data < now().date():
            raise ValidationError("This day is past. Enter the one on which the new secret expires.")

    def validate_certificate(self, field: Field) -> None:
        file: FileStorage | None = field.data
        if file is None:
            return
        if self.secret.data:
            raise ValidationError("Give a client secret or a certificate, not both.")
        try:
            self.app_certificate = credentials.read(file.stream.read(certificates.LIMIT + 1))
        except CertificateError as error:
            raise ValidationError(error.sentence) from None

    def offer_clouds(self, microsoft: Microsoft, source: Source | None = None) -> None:
        """The clouds; before them the operator's own Microsoft, and what the command line has set."""
        choices = {name: cloud.label for name, cloud in CLOUDS.items()}
        if microsoft.elsewhere:
            choices = {"": f"As this console is set up ({urlsplit(microsoft.login_url).netloc})", **choices}
        own = source.settings.get("authority") if source is not None else None
        if own:
            choices = {OWN: f"Its own address ({urlsplit(str(own)).netloc})", **choices}
        self.cloud.choices = choices

    def fill(self, source: Source) -> None:
        """Put the source's present settings into the form; the secret and the certificate never."""
        self.remember(source)
        self.fill_sync(source)
        self.fill_recipients(source)
        self.cloud.data = OWN if source.settings.get("authority") else source.settings.get("cloud", "")
        for name in ("tenant", "client_id", "ca_pem"):
            self[name].data = source.settings.get(name, "")
        if source.settings.get("credential") != "certificate":
            self.secret_expires_on.data = source.secret_expires_on

    def remember(self, source: Source) -> None:
        """Take note of which app the stored secret is for, not of the secret."""
        if source.secret:
            cloud = OWN if source.settings.get("authority") else str(source.settings.get("cloud", ""))
            self.stored_for = (str(source.settings.get("client_id", "")).lower(), cloud)

    def store(self, source: Source) -> None:
        """Put what was typed into the source, all but the secret and the certificate themselves."""
        settings: dict[str, Any] = {**(source.settings or {}), **self.recipients, "ca_pem": self.ca_pem.data}
        settings |= {name: self[name].data for name in CREDENTIALS}
        if settings["cloud"] == OWN:
            settings["cloud"] = ""
        else:
            settings = {name: value for name, value in settings.items() if name not in ("authority", "graph")}
        if self.app_certificate is not None:
            settings["credential"] = "certificate"
            expiry.renew(source, self.app_certificate.expires_on)
        elif self.secret.data or settings.get("credential") != "certificate":
            settings["credential"] = "secret"
            expiry.renew(source, self.secret_expires_on.data)
        source.settings = settings
        self.store_sync(source)

    @property
    def secret_to_keep(self) -> str | None:
        """What is to be sealed and stored; None to leave what is stored as it is."""
        if self.app_certificate is not None:
            return self.app_certificate.pem
        return self.secret.data or None

    @property
    def _app(self) -> tuple[str, ...]:
        return ((self.client_id.data or "").lower(), self.cloud.data or "")
