"""Authorise by fetching: a row that one may not see is a 404, one that one may not change a 403."""

from typing import TypeVar, cast

from flask import abort, current_app
from flask_login import current_user
from redis import Redis
from werkzeug.routing import IntegerConverter, Map

from console.microsoft import Microsoft
from console.models import Admin, AdminSession, Domain, EventKind, Group, Invitation, Rejection, Run, Source, User
from console.secrets import Sealer
from console.settings import Settings
from console.store import admins, domains, invitations, rejections, runs, sessions, sources, users
from console.web import acting

T = TypeVar("T")
UNSEEN, UNCHANGED = "Asked for what they may not see", "Tried to change what they may only look at"


class RowId(IntegerConverter):
    """A row's number in an address, `<id:user_id>`: one that the database cannot count to is no row's."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=2**63 - 1)


def me() -> Admin:
    """The administrator who is signed in."""
    return cast(Admin, current_user._get_current_object())


def redis() -> Redis:
    return cast(Redis, current_app.extensions["redis"])


def sealer() -> Sealer:
    return cast(Sealer, current_app.extensions["sealer"])


def microsoft() -> Microsoft:
    """The operator's app at Microsoft, if there is one."""
    settings: Settings = current_app.extensions["settings"]
    return settings.microsoft


def writer() -> Admin:
    """The administrator who is signed in, if they may change anything."""
    return _writer(None)


def owner() -> Admin:
    """The administrator who is signed in, if they manage the accounts; for others there are no such pages."""
    admin = me()
    if not admin.is_owner:
        acting.refused(EventKind.HIDDEN, acting.asked(UNSEEN))
        abort(404)
    return admin


def account(admin_id: int) -> Admin:
    owner()
    return _there(admins.get(admin_id))


def invitation(invitation_id: int) -> Invitation:
    owner()
    return _there(invitations.get(invitation_id))


def session(session_id: int) -> AdminSession:
    """One's own session, or anybody's for an owner."""
    found = _there(sessions.get(session_id))
    if found.admin_id != me().id:
        owner()
    return found


def domain(name: str, *, write: bool = False) -> Domain:
    return _allowed(domains.find(me(), name), lambda: domains.named(name), write)


def group(group_id: int, *, write: bool = False) -> Group:
    return _allowed(domains.visible_group(me(), group_id), lambda: domains.having(Group, group_id), write)


def user(user_id: int, *, write: bool = False) -> User:
    return _allowed(users.visible(me(), user_id), lambda: domains.having(User, user_id), write)


def source(source_id: int, *, write: bool = False) -> Source:
    return _allowed(sources.visible(me(), source_id), lambda: domains.having(Source, source_id), write)


def rejection(rejection_id: int, *, write: bool = False) -> Rejection:
    return _allowed(rejections.visible(me(), rejection_id), lambda: domains.having(Rejection, rejection_id), write)


def run(run_id: int, *, write: bool = False) -> Run:
    return _allowed(runs.visible(me(), run_id), lambda: domains.having(Run, run_id), write)


def _allowed(found: T | None, of: acting.Found, write: bool) -> T:
    """What was found, for whom it was looked for. `of` finds its domain, whoever asks."""
    if found is None:
        acting.refused(EventKind.HIDDEN, acting.asked(UNSEEN), of=of)
        abort(404)
    if write:
        _writer(of)
    return found


def _there(found: T | None) -> T:
    if found is None:
        abort(404)
    return found


def _writer(of: acting.Found | None) -> Admin:
    admin = me()
    if not admin.may_write:
        acting.refused(EventKind.FORBIDDEN, acting.asked(UNCHANGED), of=of)
        abort(403)
    return admin
