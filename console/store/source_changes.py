"""What a person changed of a User Source, field by field; of what is secret, only that it was changed."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from console.models import Group, Source, db
from console.store import events
from console.store.events import SECRET, Difference

COLUMNS = {
    "name": "Name",
    "group_id": "Group",
    "mode": "Mode",
    "interval_minutes": "Every so many minutes",
    "grace_days": "Days of grace",
    "guard_percent": "Guard from so many percent",
    "guard_owned_from": "Guard from so many users",
    "secret_expires_on": "Secret expires on",
}
LABELS = {
    "host": "Host",
    "port": "Port",
    "tls": "TLS",
    "user_dn": "User DN",
    "search_base": "Search base",
    "scope": "How deep",
    "filter": "Filter",
    "verify": "Certificate is checked",
    "tenant": "Tenant",
    "client_id": "Client ID",
}
CLOSED = {"ca_pem": "Certificate authority"}
"""Settings too long to be shown: it is told that they were changed."""
UNTOLD = frozenset({"connected"})


def of(source: Source) -> list[Difference]:
    """What differs between what is stored of a source and the object that is about to be."""
    found = [_told(source, item) for item in events.differences(source, COLUMNS)]
    before = events.stored(source, ("settings", "secret"))
    found += settings(before.get("settings", {}), source.settings)
    if source.secret != before.get("secret", ""):
        found.append(Difference("Password or secret", SECRET, SECRET))
    return found


def settings(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """The differences of two documents of settings. What has no label is called by its own name."""
    names = [name for name in {**before, **after} if name not in UNTOLD and name not in CLOSED]
    labels = {name: LABELS.get(name, name.replace("_", " ").capitalize()) for name in (*LABELS, *names)}
    closed = [label for name, label in CLOSED.items() if (before.get(name) or "") != (after.get(name) or "")]
    return [*events.compared(before, after, labels), *(Difference(label, SECRET, SECRET) for label in closed)]


def _told(source: Source, item: Difference) -> Difference:
    """Groups by their names, and no schedule as off."""
    if item.field == COLUMNS["group_id"]:
        names = dict(db.session.execute(select(Group.id, Group.name).where(Group.domain_id == source.domain_id)).all())
        return Difference(item.field, *(names.get(int(number), number) for number in (item.before, item.after)))
    if item.field == COLUMNS["interval_minutes"]:
        return Difference(item.field, item.before or "off", item.after or "off")
    return item
