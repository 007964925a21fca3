"""What the pages that change a user have in common: the user as the rules see it, and what a form changes of it."""

from collections.abc import Callable

from flask import abort

from console.core import person
from console.core.person import Kind
from console.models import Admin, Run, User
from console.store import recipients
from console.web.forms.user import RowForm, UserForm

Act = Callable[[person.User, Admin], Run | None]


def editing(form: UserForm | RowForm, group_id: int) -> Act:
    def act(user: person.User, admin: Admin) -> Run | None:
        return recipients.edit(
            user,
            admin,
            first_name=form.first_name.data or "",
            last_name=form.last_name.data or "",
            kind=Kind(form.kind.data),
            group_id=group_id,
        )

    return act


def current(user: User) -> person.User:
    """The user as the rules see it; 404 if it was deleted a moment ago."""
    found = recipients.current(user.id)
    if found is None:
        abort(404)
    return found
