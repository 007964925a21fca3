"""Several users at once, one a line."""

from collections.abc import Sequence

from flask_wtf import FlaskForm
from wtforms import SelectField, TextAreaField
from wtforms.validators import InputRequired

from console.models import Group
from console.web.forms.user import KINDS


class SeveralForm(FlaskForm):
    """Lines of users, and what all of them are."""

    lines = TextAreaField("Users, one a line", [InputRequired("Enter an address in each line.")])
    kind = SelectField("Kind", choices=KINDS, description="Only a mailbox is billed.")
    group = SelectField("Group", coerce=int)

    def offer(self, groups: Sequence[Group]) -> None:
        self.group.choices = {str(group.id): group.name for group in groups}
