"""What an account may do and see, and the invitation of somebody who is to have one."""

from collections.abc import Sequence

from flask_wtf import FlaskForm
from wtforms import EmailField, Field, RadioField, SelectField, SelectMultipleField
from wtforms.validators import InputRequired, Length, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from console.core.address import display_domain, parse
from console.core.errors import AddressError
from console.models import Admin, Domain, Role

ROLES = {
    Role.OWNER.value: "Owner: everything, and the accounts",
    Role.ADMIN.value: "Admin: changes lists and settings",
    Role.VIEWER.value: "Viewer: looks, and changes nothing",
}
EVERY, SOME = "every", "some"


class AccessForm(FlaskForm):
    """A role, for every domain or some; after validation `only` has those, or None for every one."""

    only: Sequence[Domain] | None = None
    offered: Sequence[Domain] = ()

    role = SelectField("Role", choices=ROLES, default=Role.ADMIN.value)
    sees = RadioField("Domains", choices={EVERY: "Every domain", SOME: "Only these:"}, default=EVERY)
    domains = SelectMultipleField(
        "Which domains",
        coerce=int,
        choices=(),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validate_choice=True,
    )

    def offer(self, domains: Sequence[Domain]) -> None:
        self.offered = domains
        self.domains.choices = [(domain.id, display_domain(domain.name)) for domain in domains]

    def fill(self, admin: Admin) -> None:
        """Put what the account may do now into the form."""
        self.role.data = admin.role
        self.sees.data = SOME if admin.limited else EVERY
        self.domains.data = [domain.id for domain in admin.domains]

    def validate_domains(self, field: Field) -> None:
        self.only = None
        if self.sees.data == SOME:
            self.only = [domain for domain in self.offered if domain.id in (field.data or ())]
            if not self.only:
                raise ValidationError("Tick at least one domain, or choose every domain.")


class InvitationForm(AccessForm):
    """Whom to invite; `address` is the e-mail address as accounts have it."""

    address = ""

    email = EmailField("E-mail address", [InputRequired("Enter an e-mail address."), Length(max=1000)])

    def validate_email(self, field: Field) -> None:
        try:
            self.address = str(parse(field.data))
        except AddressError as error:
            raise ValidationError(error.sentence) from None
