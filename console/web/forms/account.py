"""Signing in and changing one's password."""

from flask_wtf import FlaskForm
from wtforms import EmailField, PasswordField
from wtforms.validators import EqualTo, InputRequired, Length

from console.store.admins import MINIMUM_LENGTH
from console.web.forms.user import tidy

# argon2 takes any length; this only keeps a request from costing more than it should.
LONGEST = 1000


class SignInForm(FlaskForm):
    """E-mail address and password."""

    email = EmailField("E-mail address", [InputRequired("Enter your e-mail address.")], filters=[tidy])
    password = PasswordField("Password", [InputRequired("Enter your password."), Length(max=LONGEST)])


class PasswordForm(FlaskForm):
    """The present password, and a new one twice."""

    current = PasswordField("Present password", [InputRequired("Enter your present password."), Length(max=LONGEST)])
    new = PasswordField(
        "New password",
        [
            InputRequired("Enter a new password."),
            Length(
                min=MINIMUM_LENGTH, message=f"At least {MINIMUM_LENGTH} characters; a sentence of four words is good."
            ),
            Length(max=LONGEST),
        ],
    )
    again = PasswordField("New password again", [EqualTo("new", "This is not the same as the new password.")])
