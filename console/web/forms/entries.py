"""Which entries of a directory a source syncs, and which of their attributes say what."""

import re
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, SelectField, StringField
from wtforms.validators import Length, ValidationError

PRESETS = {"ad": "Active Directory", "openldap": "OpenLDAP", "generic": "Another server"}
SCOPES = {"subtree": "The search base and everything below it", "onelevel": "Only what is right below the search base"}
SWITCHES = ("sync_people", "sync_shared", "sync_groups", "sync_public_folders", "sync_disabled", "sync_hidden")
MAPPED = ("mail", "aliases", "first_name", "last_name", "display_name", "key")
_ATTRIBUTE = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,99}")


def _names(_form: FlaskForm, field: Field) -> None:
    """One attribute name or several, as RFC 4512 section 1.4 spells short names."""
    for name in re.split(r"[,\s]+", field.data):
        if name and not _ATTRIBUTE.fullmatch(name):
            raise ValidationError(
                f"{name[:40]} is not the name of an attribute: letters, digits and hyphens, like mail."
            )


def _attribute(label: str, description: str = "") -> StringField:
    return StringField(
        label, [Length(max=500), _names], filters=[lambda text: (text or "").strip()], description=description
    )


class EntriesForm(FlaskForm):
    """What to sync. All of it has a default, so a source that was stored without it is synced as usual."""

    sync_people = BooleanField("People", default=True)
    sync_shared = BooleanField(
        "Shared, room and equipment mailboxes",
        default=True,
        description="Told apart by Exchange's attributes; without them such a mailbox looks like a disabled person.",
    )
    sync_groups = BooleanField("Distribution lists and mail-enabled groups", default=True)
    sync_public_folders = BooleanField("Public folders", default=True)
    sync_disabled = BooleanField("Also people whose account is disabled")
    sync_hidden = BooleanField("Also who is hidden from address lists", default=True)
    scope = SelectField("How far to search", choices=SCOPES, default="subtree")
    preset = SelectField(
        "Kind of server",
        choices=PRESETS,
        default="ad",
        description="Which attributes say what. A change may give entries another identity: see a preview first.",
    )
    map_mail = _attribute("Mail address")
    map_aliases = _attribute("Aliases")
    map_first_name = _attribute("First name")
    map_last_name = _attribute("Last name")
    map_display_name = _attribute("Display name")
    map_key = _attribute("Identity", "Must never change for an entry, nor be given to another.")

    def validate_sync_people(self, _field: Field) -> None:
        if not any(self[name].data for name in SWITCHES[:4]):
            raise ValidationError("Choose at least one kind of recipient.")

    def fill_entries(self, settings: dict[str, Any]) -> None:
        """Put what is stored into the form."""
        for name in SWITCHES:
            self[name].data = settings.get(name, self[name].default is True)
        self.scope.data = settings.get("scope", "subtree")
        self.preset.data = settings.get("preset", "ad")
        for name in MAPPED:
            self[f"map_{name}"].data = settings.get("map", {}).get(name, "")

    def entries(self) -> dict[str, Any]:
        """What was chosen, as the source's settings hold it."""
        chosen: dict[str, Any] = {name: bool(self[name].data) for name in SWITCHES}
        typed = {name: self[f"map_{name}"].data for name in MAPPED}
        return {
            **chosen,
            "scope": self.scope.data,
            "preset": self.preset.data,
            "map": {name: names for name, names in typed.items() if names},
        }

    @property
    def maps(self) -> bool:
        """Whether an attribute is set, or was refused: the page then shows these fields at once."""
        return any(self[f"map_{name}"].data or self[f"map_{name}"].errors for name in MAPPED)
