"""Users and their addresses."""

from collections.abc import Sequence

from flask_wtf import FlaskForm
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length

from console.core.person import Kind
from console.models import Group

KINDS = {kind.value: kind.value.replace("_", " ").capitalize() for kind in Kind}
NAME = Length(max=200, message="At most 200 characters.")


def tidy(text: str | None) -> str:
    """White space as one types it, line breaks and NULs included, becomes single spaces."""
    return " ".join((text or "").replace("\x00", " ").split())


class UserForm(FlaskForm):
    """What a person may set of a user."""

    first_name = StringField("First name", [NAME], filters=[tidy])
    last_name = StringField("Last name", [NAME], filters=[tidy])
    kind = SelectField("Kind", choices=KINDS, description="Only a mailbox is billed.")
    group = SelectField("Group", coerce=int)

    def offer(self, groups: Sequence[Group]) -> None:
        self.group.choices = {str(group.id): group.name for group in groups}


class AddUserForm(UserForm):
    """A new user; a local part alone is completed with the domain."""

    address = StringField("E-mail address", [InputRequired("Enter an e-mail address."), Length(max=1000)])


class AliasForm(FlaskForm):
    """A further address of a user."""

    address = StringField("Further address", [InputRequired("Enter an e-mail address."), Length(max=1000)])


class RowForm(FlaskForm):
    """What can be changed in the list itself."""

    first_name = StringField("First name", [NAME], filters=[tidy])
    last_name = StringField("Last name", [NAME], filters=[tidy])
    kind = SelectField("Kind", choices=KINDS)
