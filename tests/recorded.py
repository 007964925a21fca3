"""What is on record, as tests compare it."""

from sqlalchemy import select

from console.models import Event, Topic, db


def events(topic: Topic | None = None) -> list[Event]:
    """The events, oldest first."""
    query = select(Event).order_by(Event.id)
    if topic is not None:
        query = query.where(Event.topic == topic)
    return list(db.session.scalars(query))


def told(topic: Topic | None = None) -> list[tuple[str, str]]:
    """Who did what."""
    return [(event.who, event.text) for event in events(topic)]


def last() -> Event:
    return events()[-1]


def changes(event: Event) -> list[tuple[str, str, str]]:
    return [(item["field"], item["before"], item["after"]) for item in event.changes]
