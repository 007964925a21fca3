"""Codes of an app and recovery codes, and what one proves again before they change."""

from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from console.passwords import LONGEST, TOO_LONG

CODE = Length(max=100, message="A code is shorter than this.")


class CodeForm(FlaskForm):
    """What the app shows now."""

    code = StringField("Code", [InputRequired("Enter the six digits that your app shows."), CODE])


class RecoveryForm(FlaskForm):
    """A recovery code."""

    recovery = StringField("Recovery code", [InputRequired("Enter one of your recovery codes."), CODE])


class ProofForm(FlaskForm):
    """That it is still oneself who sits there."""

    proof = PasswordField(
        "Your password, or a code of your app",
        [InputRequired("Enter your password, or the code that your app shows."), Length(max=LONGEST, message=TOO_LONG)],
    )


class SetUpForm(CodeForm):
    """The first code of an app; the present password, too, where the sign-in is a while ago."""

    proof = PasswordField("Your password", [Length(max=LONGEST, message=TOO_LONG)])
