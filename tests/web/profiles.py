"""Users as rows and as records, for tests of what is done to them."""

from console.core import person
from console.models import Domain, User, db
from console.store import recipients
from tests import factories
from tests.web.markup import Page


def stored(domain: Domain, user: person.User) -> User:
    found = db.session.get(User, factories.users(domain, user)[0])
    assert found is not None
    return found


def core(user: User) -> person.User:
    found = recipients.current(user.id)
    assert found is not None
    return found


def undo(shown: Page) -> str:
    """Where the Undo button of the message leads."""
    return next(action for action in shown.actions() if action.endswith("/undo"))
