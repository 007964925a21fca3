"""The file of an import, what is to be done with it, and what its columns are."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from werkzeug.datastructures import FileStorage
from wtforms import BooleanField, Field, FieldList, RadioField, SelectField
from wtforms.validators import ValidationError

from console.models import Group
from console.web.forms.user import tidy

ACCEPTED = ".csv,.txt,.tsv,.xlsx"
MODES = {"add": "Add only", "update": "Add and update", "replace": "Replace"}
MEANINGS = {
    "ignore": "Not used",
    "address": "Address",
    "login": "Sign-in name, where there is no address",
    "aliases": "Further addresses",
    "all_addresses": "All addresses, the primary marked SMTP:",
    "name": "Full name",
    "first_name": "First name",
    "last_name": "Last name",
    "kind": "Kind",
    "group": "Group",
    "status": "Status",
    "deleted": "Filled in for who was deleted",
}
ADDRESSES = frozenset({"address", "login", "all_addresses"})
"""Meanings of which a file needs at least one."""
SINGLE = ("address", "first_name", "last_name", "kind", "group", "status")
"""Meanings that one column alone may have."""


def megabytes(size: float) -> str:
    """A size as people read it: 340 KB, 2.5 MB."""
    if size < 1024:
        return f"{size:.0f} bytes"
    if size < 1024 * 1024:
        return f"{size / 1024:.0f} KB"
    return f"{size / 1024 / 1024:.1f}".removesuffix(".0") + " MB"


def too_large(limit: int) -> str:
    """What is said of a file with more than `limit` bytes."""
    return (
        f"This file is too large: at most {megabytes(limit)}. "
        "Delete the columns that are not needed, or import it in parts."
    )


class UploadForm(FlaskForm):
    """A file with users, and the group for those that are new."""

    file = FileField("Select a CSV file to upload", [FileRequired("Select the file with your users first.")])
    group = SelectField("Add users to group", coerce=int, description="Unless the file names a group for somebody.")

    limit = 0

    def offer(self, groups: Sequence[Group]) -> None:
        self.group.choices = {str(group.id): group.name for group in groups}

    def validate_file(self, _field: Field) -> None:
        size = self.size
        if size == 0:
            raise ValidationError(
                "This file is empty. Export your users again, and look into the file before you send it."
            )
        if size > self.limit:
            raise ValidationError(too_large(self.limit))

    @property
    def size(self) -> int:
        stream = self._upload.stream
        stream.seek(0, 2)
        found = stream.tell()
        stream.seek(0)
        return found

    @property
    def content(self) -> bytes:
        return self._upload.stream.read()

    @property
    def name(self) -> str:
        """The file's own name; some browsers send the folders it lies in, too."""
        return tidy((self._upload.filename or "").replace("\\", "/").rpartition("/")[2])[:200] or "a file"

    @property
    def _upload(self) -> FileStorage:
        upload: FileStorage = self.file.data
        return upload


class OptionsForm(FlaskForm):
    """What is to become of the people in the file."""

    mode = RadioField("What the file may do", choices=MODES)
    group = SelectField("Add users to group", coerce=int)

    def offer(self, groups: Sequence[Group]) -> None:
        self.group.choices = {str(group.id): group.name for group in groups}


class ColumnsForm(FlaskForm):
    """What each column of the file is, in the order of the file."""

    header = BooleanField("The first row is a header", description="It names the columns, and is nobody's.")
    meanings = FieldList(SelectField(choices=MEANINGS))

    def offer(self, columns: Sequence[Mapping[str, Any]]) -> None:
        """A choice for each column, and not one more."""
        while len(self.meanings) > len(columns):
            self.meanings.pop_entry()
        while len(self.meanings) < len(columns):
            self.meanings.append_entry("ignore")

    def fill(self, columns: Sequence[Mapping[str, Any]], *, header: bool) -> None:
        """Put what was recognised into the form."""
        self.offer(columns)
        self.header.data = header
        for field, column in zip(self.meanings, columns, strict=True):
            field.data = column["meaning"]

    def validate_meanings(self, field: "FieldList[SelectField]") -> None:
        chosen = [entry.data for entry in field]
        if not ADDRESSES & set(chosen):
            raise ValidationError("Say which column holds the addresses.")
        twice = [MEANINGS[meaning] for meaning in SINGLE if chosen.count(meaning) > 1]
        if twice:
            raise ValidationError(f"Only one column can be this: {', '.join(twice)}.")

    def chosen(self, columns: Sequence[Mapping[str, Any]]) -> dict[int, str]:
        """The meaning of each column by its place in the file."""
        return {int(column["index"]): field.data for column, field in zip(columns, self.meanings, strict=True)}
