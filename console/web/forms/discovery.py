"""Address Discovery: the choices of its switch, and a list of addresses to ask about at once."""

import datetime as dt
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from wtforms import DateField, Field, RadioField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, ValidationError

from console.core.discovery import DAYS, LONGEST_DAYS, MOST_NEEDED, NEEDED, Taking
from console.models import Discovery, now
from console.web.forms.sync import WholeField
from console.web.forms.upload import too_large
from console.web.forms.user import tidy

ON_DATE = "date"
PASTE_LIMIT = 400_000
"""Characters of a pasted list; what is longer is a file."""
TAKINGS = {
    Taking.ADD.value: "Add them at once, as billable mailboxes",
    Taking.REVIEW.value: "Collect them for review: their mail is accepted, and you decide what they are",
}
_DAY = dt.timedelta(days=1)


class DayField(DateField):
    """A date; what is none is empty, and the form says what is wanted."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        with suppress(ValueError):
            super().process_formdata([text[:20] for text in valuelist])


class DiscoveryForm(FlaskForm):
    """What becomes of addresses, how often mail must come for one, and when it ends."""

    taking = RadioField(
        "Addresses that the mail server accepts",
        choices=TAKINGS,
        validators=[InputRequired("Choose what becomes of them.")],
        default=Taking.ADD.value,
    )
    ends = RadioField(
        "End by itself",
        choices={str(DAYS): f"After {DAYS} days", "30": "After 30 days", ON_DATE: "After the day below"},
        validators=[InputRequired("Choose when it ends.")],
        default=str(DAYS),
    )
    until = DayField(
        "Last day",
        description="Only for a day of your choice. It ends with that day, in UTC.",
    )
    needed = WholeField(
        "Mails it takes",
        [
            InputRequired("Enter a number."),
            NumberRange(1, MOST_NEEDED, f"Enter a number from 1 to {MOST_NEEDED}."),
        ],
        default=NEEDED,
        description="How often mail must come for an address before it is asked for. More than 1 leaves out most of "
        "what is only guessed, but the first mails for somebody real are put off.",
    )

    def validate_until(self, field: Field) -> None:
        """Only where it counts: another choice leaves whatever stands in the field alone."""
        if self.ends.data != ON_DATE:
            return
        if field.data is None:
            raise ValidationError("Choose the last day.")
        today = now().date()
        if field.data < today:
            raise ValidationError("This day is over. Choose a later one.")
        if field.data > today + LONGEST_DAYS * _DAY:
            raise ValidationError(f"Discovery is for setting a domain up: at most {LONGEST_DAYS} days.")

    @property
    def choices(self) -> dict[str, Any]:
        """What was chosen, as the switch takes it."""
        return {"taking": Taking(self.taking.data), "needed": self.needed.data, "ends_at": self._ends_at}

    @property
    def _ends_at(self) -> dt.datetime:
        if self.until.data is not None and self.ends.data == ON_DATE:
            return dt.datetime.combine(self.until.data, dt.time(), dt.UTC) + _DAY
        return now() + int(self.ends.data) * _DAY

    def fill(self, switch: Discovery) -> None:
        """Put the choices of a switch into the form. The last day is the one that its end falls on."""
        self.taking.data, self.needed.data = switch.taking, switch.needed
        self.ends.data = ON_DATE
        self.until.data = (switch.ends_at - dt.timedelta(microseconds=1)).date()


class ListForm(FlaskForm):
    """Addresses, pasted or in a file, and what becomes of those that exist."""

    addresses = TextAreaField(
        "Paste addresses",
        [Length(max=PASTE_LIMIT, message="This is too long to be pasted. Send it as a file.")],
        description="One a line, or in any text: what looks like an address of this domain is taken out of it.",
    )
    file = FileField(
        "Or choose a file",
        description="A list, any export, or the mail log of a Postfix server (mail.log): of a log the recipients.",
    )
    found = RadioField(
        "Addresses that the mail server accepts",
        choices={
            Taking.REVIEW.value: "Let me look first: nothing is changed before you approve",
            Taking.ADD.value: "Add them at once, as billable mailboxes",
        },
        validators=[InputRequired("Choose what becomes of them.")],
        default=Taking.REVIEW.value,
    )

    limit = 0

    def validate_addresses(self, field: Field) -> None:
        if not (field.data or "").strip() and not self.has_file:
            raise ValidationError("Paste addresses, or choose a file.")
        if (field.data or "").strip() and self.has_file:
            raise ValidationError("Paste addresses or choose a file, not both.")

    def validate_file(self, _field: Field) -> None:
        if self.has_file and len(self.content) > self.limit:
            raise ValidationError(too_large(self.limit))

    @property
    def has_file(self) -> bool:
        return isinstance(self.file.data, FileStorage) and bool(self.file.data.filename)

    @property
    def content(self) -> bytes:
        if not self.has_file:
            return str(self.addresses.data or "").encode()
        upload: FileStorage = self.file.data
        upload.stream.seek(0)
        return upload.stream.read()

    @property
    def name(self) -> str:
        """The file's own name, without the folders that some browsers send with it."""
        if not self.has_file:
            return "a pasted list"
        upload: FileStorage = self.file.data
        return tidy((upload.filename or "").replace("\\", "/").rpartition("/")[2]) or "a file"

    @property
    def taking(self) -> Taking:
        return Taking(self.found.data)
