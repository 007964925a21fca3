"""Domains, alias domains and groups."""

from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, RadioField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from console.core.address import parse, parse_domain
from console.core.errors import AddressError
from console.web.forms.user import tidy


class NamedForm(FlaskForm):
    """A form for a domain's name: `domain_name` is its A-label form, the field `name` keeps what was typed."""

    domain_name = ""


def _domain(form: NamedForm, field: Field) -> None:
    try:
        form.domain_name = parse_domain(field.data or "")
    except AddressError as error:
        raise ValidationError(error.sentence) from None


class DomainForm(NamedForm):
    """A new domain, with the alias domains that come with it."""

    name = StringField(
        "Domain",
        [
            InputRequired("Enter the part after the @ of your addresses, such as brightfield.example."),
            Length(max=1000),
            _domain,
        ],
        description="The part after the @ of your addresses.",
    )
    aliases = TextAreaField(
        "Alias domains",
        [Length(max=20_000)],
        description="One a line. Every address of the domain is valid in these too.",
    )

    def validate_aliases(self, field: Field) -> None:
        names = []
        for line, text in enumerate((field.data or "").splitlines(), 1):
            if text.strip():
                try:
                    names.append(parse_domain(text))
                except AddressError as error:
                    raise ValidationError(f"Line {line}: {error.sentence}") from None
        self.alias_names = names

    alias_names: list[str] = []


class AliasDomainForm(NamedForm):
    """One more alias domain."""

    name = StringField("Alias domain", [InputRequired("Enter a domain name."), Length(max=1000), _domain])


class NoticesForm(FlaskForm):
    """Who is told by mail."""

    addresses = TextAreaField(
        "Notification addresses",
        [Length(max=5000)],
        description="One a line. Told when a source cannot be read, when it works again, when a sync waits, and when "
        "Address Discovery ends.",
    )

    wanted: list[str] = []

    def validate_addresses(self, field: Field) -> None:
        wanted = []
        for number, text in enumerate((field.data or "").splitlines(), 1):
            if text.strip():
                try:
                    wanted.append(str(parse(text)))
                except AddressError as error:
                    raise ValidationError(f"Line {number}: {error.sentence}") from None
        self.wanted = list(dict.fromkeys(wanted))
        if len(self.wanted) > 20:
            raise ValidationError("At most 20 addresses; for more, use a distribution list.")


class PlusTagsForm(FlaskForm):
    """Whether jane+anything@ is jane@."""

    plus_tags = BooleanField("Accept plus tags: mail to jane+news@ goes to jane@")


class PerimeterForm(FlaskForm):
    """What mail servers are told of a domain."""

    mode = RadioField(
        "Mail servers are told",
        choices={
            "off": "Off: to accept everything",
            "monitor": "Monitor: to accept everything, and the report shows what would be rejected",
            "enforce": "Enforce: to reject every address that is not on the list as “Invalid recipient”",
        },
        validators=[InputRequired("Choose what mail servers are told.")],
    )
    sure = BooleanField("Reject all mail to this domain: nobody is on its list")


class GroupForm(FlaskForm):
    """A group's name."""

    name = StringField(
        "Name",
        [DataRequired("Enter a name."), Length(max=100, message="At most 100 characters.")],
        filters=[tidy],
    )
