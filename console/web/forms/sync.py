"""What the settings of every User Source have in common: its name, its schedule, and what comes of its runs."""

from collections.abc import Sequence
from contextlib import suppress

from flask_wtf import FlaskForm
from wtforms import IntegerField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange

from console.models import Group, Source

INTERVALS = [
    ("15", "Every 15 minutes"),
    ("30", "Every 30 minutes"),
    ("60", "Every 60 minutes"),
    ("240", "Every 4 hours"),
    ("720", "Every 12 hours"),
    ("1440", "Every 24 hours"),
    ("off", "Off: only when asked"),
]
COLUMNS = ("name", "mode", "grace_days", "guard_percent", "guard_owned_from")
"""Fields that are columns of the source."""


def tidy(text: str | None) -> str:
    return (text or "").replace("\x00", "").strip()


class WholeField(IntegerField):
    """A whole number. What is none, or is endless, is outside the field's range, whose sentence says what is wanted."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        with suppress(ValueError):
            super().process_formdata([text[:20] for text in valuelist])


class SyncForm(FlaskForm):
    """The part of a source's form that is the same for every kind."""

    name = StringField(
        "Name",
        [DataRequired("Enter a name."), Length(max=100)],
        filters=[tidy],
        description="What you call this directory.",
    )
    group = SelectField("Add users to group", coerce=int)
    interval = SelectField("Schedule", choices=dict(INTERVALS), default="60")
    mode = SelectField("Changes", choices={"automatic": "Apply by itself", "review": "Wait for my approval each time"})
    grace_days = WholeField(
        "Days until someone who left is rejected",
        [InputRequired("Enter a number of days."), NumberRange(0, 365, "From 0 to 365 days.")],
        default=3,
        description="Until then their mail is still accepted.",
    )
    guard_percent = WholeField(
        "Wait for approval when more than this share would go (%)",
        [InputRequired("Enter a percentage."), NumberRange(0, 100, "From 0 to 100 %%.")],
        default=20,
    )
    guard_owned_from = WholeField(
        "but only once the source has this many users",
        [InputRequired("Enter a number."), NumberRange(1, 1_000_000, "From 1 to 1,000,000.")],
        default=10,
    )

    def offer(self, groups: Sequence[Group]) -> None:
        self.group.choices = {str(group.id): group.name for group in groups}

    def fill_sync(self, source: Source) -> None:
        """Put the source's present settings into these fields."""
        for name in COLUMNS:
            self[name].data = getattr(source, name)
        self.group.data = source.group_id
        self.interval.data = str(source.interval_minutes or "off")

    def store_sync(self, source: Source) -> None:
        """Put what was typed here into the source."""
        for name in COLUMNS:
            setattr(source, name, self[name].data)
        source.group_id = self.group.data
        source.interval_minutes = None if self.interval.data == "off" else int(self.interval.data)

    @property
    def guards_refused(self) -> bool:
        """Whether one of the fields that are usually folded away has a message."""
        return bool(self.guard_percent.errors or self.guard_owned_from.errors)
