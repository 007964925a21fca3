"""The first account of a console."""

from wtforms import EmailField, Field, PasswordField, StringField
from wtforms.validators import InputRequired, Length, ValidationError

from console.core.address import parse
from console.core.errors import AddressError
from console.web.forms.account import ADDRESS, NewPasswordForm
from console.web.forms.user import NAME, tidy


class SetUpForm(NewPasswordForm):
    """Who sets the console up, and by what they prove that they may. `address` is the e-mail address as it is kept."""

    token = PasswordField("Set-up token", [InputRequired("Enter the set-up token."), Length(max=1000)])
    email = EmailField("E-mail address", [InputRequired("Enter your e-mail address."), ADDRESS], filters=[tidy])
    name = StringField("Your name", [InputRequired("Enter your name."), NAME], filters=[tidy])

    address = ""

    def validate_email(self, field: Field) -> None:
        try:
            self.address = parse(field.data or "")
        except AddressError as error:
            raise ValidationError(error.sentence) from None
