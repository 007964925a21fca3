"""Passkeys, as the browser brings them."""

from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from console.passwords import LONGEST, TOO_LONG
from console.web.forms.user import tidy

# They have some hundreds of characters, with an attestation that nobody asked for some thousands.
CREDENTIAL = (InputRequired("Your browser made no passkey."), Length(max=50_000, message="This is no passkey."))


class PasskeyForm(FlaskForm):
    """A new passkey, with a name for it; the password or a code, too, where the sign-in is a while ago."""

    named = StringField(
        "Name",
        [Length(max=60, message="Use at most 60 characters.")],
        filters=[tidy],
        description="By what you know it again: Laptop, say.",
    )
    proof = PasswordField(
        "Your password, or a code of your app",
        [InputRequired("Enter your password: you signed in a while ago."), Length(max=LONGEST, message=TOO_LONG)],
    )
    credential = HiddenField("Passkey", CREDENTIAL)


class ProvedForm(FlaskForm):
    """A passkey to sign in with."""

    credential = HiddenField("Passkey", CREDENTIAL)
