"""Signing in, and passwords: a change of one's own, a new one by a link, and that of a new account."""

from flask_wtf import FlaskForm
from wtforms import EmailField, PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from console.passwords import LONGEST, MAXIMUM_LENGTH, MINIMUM_LENGTH, TOO_LONG, TOO_SHORT
from console.web.forms.user import NAME, tidy

ADDRESS = Length(max=1000)


class SignInForm(FlaskForm):
    """E-mail address and password."""

    email = EmailField("E-mail address", [InputRequired("Enter your e-mail address."), ADDRESS], filters=[tidy])
    password = PasswordField("Password", [InputRequired("Enter your password."), Length(max=LONGEST, message=TOO_LONG)])


class ForgottenForm(FlaskForm):
    """Whose password is forgotten."""

    email = EmailField("E-mail address", [InputRequired("Enter your e-mail address."), ADDRESS], filters=[tidy])


class NewPasswordForm(FlaskForm):
    """A new password, twice."""

    new = PasswordField(
        "New password",
        [
            InputRequired("Enter a new password."),
            Length(min=MINIMUM_LENGTH, message=TOO_SHORT),
            Length(max=MAXIMUM_LENGTH, message=TOO_LONG),
        ],
        description=f"At least {MINIMUM_LENGTH} characters. A sentence of four words is good and easy to remember.",
    )
    again = PasswordField("New password again", [EqualTo("new", "This is not the same as the new password.")])


class PasswordForm(NewPasswordForm):
    """The present password, and a new one."""

    current = PasswordField(
        "Present password", [InputRequired("Enter your present password."), Length(max=LONGEST, message=TOO_LONG)]
    )


class AcceptForm(NewPasswordForm):
    """Who somebody is that was invited."""

    name = StringField("Your name", [InputRequired("Enter your name."), NAME], filters=[tidy])
