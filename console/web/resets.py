"""A new password for somebody who has forgotten theirs: by a link, which works once and for half an hour."""

from flask import Blueprint, current_app, redirect, render_template, url_for
from redis import RedisError
from werkzeug.wrappers import Response

from console import queue, tokens
from console.core.errors import RefusedError
from console.settings import Settings
from console.store import resets
from console.throttle import Door
from console.web import access, links, login, tries
from console.web.forms.account import ForgottenForm, NewPasswordForm
from console.web.shell import say

pages = Blueprint("resets", __name__)
LINK = "reset"
# A wish that no worker takes up in this time is not what the person waits for any more.
WISH_SECONDS = 1800
ON_ITS_WAY = "If there is an account for {}, a mail with a link is on its way. It works for half an hour."
NOT_NOW = "No mail can be sent at the moment. Try again in a minute."
DONE = "Your new password is set, and your other sessions were signed out."


@pages.get("/reset")
def ask() -> str:
    return _ask(ForgottenForm())


@pages.post("/reset")
def submit() -> Response | str | tuple[str, int] | tuple[str, int, dict[str, str]]:
    """The same answer, in the same time, whether there is such an account or not: a worker finds that out."""
    settings: Settings = current_app.extensions["settings"]
    form = ForgottenForm()
    if not settings.sends_mail:
        return _ask(form)
    if not form.validate_on_submit():
        return _ask(form), 422
    if wait := tries.throttle().enter(tries.at_address("reset")):
        form.email.errors = [tries.sentence(wait)]
        return _ask(form), 429, {"Retry-After": str(wait)}
    email = form.email.data or ""
    # Nobody's mailbox is filled; who asks is not told, since it would tell that others asked.
    if not tries.throttle().enter(Door(f"reset of {email.lower()}", free=3, longest=600)):
        try:
            wish = {"email": email}
            ticket = tokens.leave(access.redis(), access.sealer(), queue.RESET_WISH, wish, seconds=WISH_SECONDS)
            queue.reset(access.redis(), ticket)
        except RedisError:
            form.email.errors = [NOT_NOW]
            return _ask(form), 503
    say(ON_ITS_WAY.format(email))
    return redirect(login.url())


@pages.get("/reset/<token>")
def open_link(token: str) -> Response:
    return links.keep(LINK, token, "resets.show")


@pages.get("/reset/new")
def show() -> str | Response:
    return _new(NewPasswordForm())


@pages.post("/reset/new")
def save() -> Response | tuple[str | Response, int]:
    form = NewPasswordForm()
    token = links.kept(LINK)
    if form.validate_on_submit():
        try:
            admin = resets.use(token, form.new.data or "")
        except RefusedError as error:
            form.new.errors = [error.sentence]
        else:
            response = login.let_in(admin, url_for("domains.index"), "by a link for a new password")
            say(DONE)
            return response
    page = _new(form)
    return page if isinstance(page, Response) else (page, 422)


@pages.post("/accounts/<id:admin_id>/reset")
def make(admin_id: int) -> str:
    """A link that an owner hands on, shown once: the answer to this form alone has it."""
    admin = access.account(admin_id)
    link = links.address(url_for("resets.open_link", token=resets.make(admin)))
    crumbs = [
        {"label": "Accounts", "href": url_for("accounts.index")},
        {"label": admin.email, "href": url_for("accounts.show", admin_id=admin.id)},
        {"label": "Link"},
    ]
    return render_template("accounts/reset_link.html", admin=admin, link=link, crumbs=crumbs)


def _ask(form: ForgottenForm) -> str:
    settings: Settings = current_app.extensions["settings"]
    return render_template("resets/ask.html", form=form, sends_mail=settings.sends_mail)


def _new(form: NewPasswordForm) -> str | Response:
    admin = resets.find(links.kept(LINK))
    return links.gone(resets.GONE) if admin is None else render_template("resets/new.html", form=form, admin=admin)
