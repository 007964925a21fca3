"""Authorise by fetching: a row that one may not see is a 404, one that one may not change a 403."""

from typing import TypeVar, cast

from flask import abort, current_app
from flask_login import current_user
from redis import Redis
from werkzeug.routing import IntegerConverter, Map

from console.microsoft import Microsoft
from console.models import Admin, AdminSession, Domain, Group, Invitation, Rejection, Run, Source, User
from console.secrets import Sealer
from console.settings import Settings
from console.store import admins, domains, invitations, rejections, runs, sessions, sources, users

T = TypeVar("T")


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
    admin = me()
    if not admin.may_write:
        abort(403)
    return admin


def owner() -> Admin:
    """The administrator who is signed in, if they manage the accounts; for others there are no such pages."""
    admin = me()
    if not admin.is_owner:
        abort(404)
    return admin


def account(admin_id: int) -> Admin:
    owner()
    return _allowed(admins.get(admin_id), write=False)


def invitation(invitation_id: int) -> Invitation:
    owner()
    return _allowed(invitations.get(invitation_id), write=False)


def session(session_id: int) -> AdminSession:
    """One's own session, or anybody's for an owner."""
    found = _allowed(sessions.get(session_id), write=False)
    if found.admin_id != me().id:
        owner()
    return found


def domain(name: str, *, write: bool = False) -> Domain:
    return _allowed(domains.find(me(), name), write)


def group(group_id: int, *, write: bool = False) -> Group:
    return _allowed(domains.visible_group(me(), group_id), write)


def user(user_id: int, *, write: bool = False) -> User:
    return _allowed(users.visible(me(), user_id), write)


def source(source_id: int, *, write: bool = False) -> Source:
    return _allowed(sources.visible(me(), source_id), write)


def rejection(rejection_id: int, *, write: bool = False) -> Rejection:
    return _allowed(rejections.visible(me(), rejection_id), write)


def run(run_id: int, *, write: bool = False) -> Run:
    return _allowed(runs.visible(me(), run_id), write)


def _allowed(found: T | None, write: bool) -> T:
    if found is None:
        abort(404)
    if write:
        writer()
    return found
