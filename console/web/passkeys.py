"""Passkeys: made and removed on the page of one's account, and signed in with, which is both steps in one."""

import secrets

from flask import Blueprint, Response, abort, current_app, jsonify, redirect, request, session, url_for
from redis import RedisError
from werkzeug.wrappers import Response as AnyResponse

from console import passkeys, tokens
from console.core.errors import RefusedError
from console.models import Admin, EventKind
from console.store import half_sign_ins
from console.store import passkeys as stored
from console.web import access, account, acting, login, proof, second_step, tries
from console.web.access import me
from console.web.forms.passkey import ProvedForm
from console.web.shell import say

pages = Blueprint("passkeys", __name__)
CHALLENGE = "passkey"
LASTS = 300
ANYBODY = "anybody"
NOT_NOW = "Passkeys cannot be used at the moment. Use your password, or try again in a minute."
TOO_LATE = "That took more than five minutes, or was begun in another window. Try again."
ANOTHER = (
    "This passkey belongs to another account than the password before. Cancel, and sign in with the passkey alone."
)


@pages.post("/account/passkeys/challenge")
def challenge() -> Response | tuple[Response, int]:
    """What the browser needs to make a passkey for whoever is signed in."""
    admin = me()
    handle = stored.handle(admin.id)
    known = [item.credential_id for item in stored.of_admin(admin.id)]
    try:
        made = _left({"for": str(admin.id), "handle": handle})
    except RedisError:
        return jsonify(error=NOT_NOW), 503
    return _json(passkeys.options_to_make(_here(), admin.email, handle=handle, known=known, challenge=made))


@pages.post("/account/passkeys")
def add() -> AnyResponse | tuple[str, int]:
    admin, form = me(), account.passkey_form()
    if form.validate_on_submit():
        try:
            lacking = "" if proof.recent() else proof.lacking(admin, form.proof.data or "")
            if lacking:
                form.proof.errors = [lacking]
            else:
                begun = _taken()
                if begun.get("for") != str(admin.id):
                    raise RefusedError(TOO_LATE)
                made = passkeys.made(_here(), form.credential.data or "", begun["challenge"])
                name = form.named.data or tries.visitor().browser
                stored.add(admin, name, made, begun["handle"])
                say(f"The passkey “{name}” is added: sign in with it from now on, without your password.")
                return redirect(url_for("account.show"))
        except RefusedError as error:
            form.named.errors = [error.sentence]
    return account.page(passkey=form), 422


@pages.post("/account/passkeys/remove")
def remove() -> AnyResponse:
    wanted = request.form.get("passkey", "")
    if wanted.isascii() and wanted.isdigit() and len(wanted) < 18:
        found = stored.get(int(wanted))
        if found is None or found.admin_id != me().id:
            abort(404)
        name = found.name
        stored.remove(found, me())
        say(f"The passkey “{name}” is removed: nobody signs in with it any more.")
    return redirect(url_for("account.show"))


@pages.post("/login/passkey/challenge")
def sign_in_challenge() -> Response | tuple[Response, int] | tuple[Response, int, dict[str, str]]:
    """What the browser needs to use a passkey: any, or one of whoever has entered a password before."""
    here = _here()
    if wait := tries.throttle().enter(tries.at_address("passkey")):
        return jsonify(error=tries.sentence(wait)), 429, {"Retry-After": str(wait)}
    half = second_step.half()
    allowed = [item.credential_id for item in stored.of_admin(half.admin_id)] if half else []
    try:
        made = _left({"for": ANYBODY})
    except RedisError:
        return jsonify(error=NOT_NOW), 503
    return _json(passkeys.options_to_prove(here, allowed=allowed, challenge=made))


@pages.post("/login/passkey")
def sign_in() -> AnyResponse:
    form, half = ProvedForm(), second_step.half()
    try:
        if not form.validate_on_submit():
            raise RefusedError(passkeys.WRONG)
        admin = _owner(form.credential.data or "")
        if half is not None and half.admin_id != admin.id:
            raise RefusedError(ANOTHER)
        wanted = login.onward(half.wanted) if half else login.onward()
        half_id = half.id if half else None
        login.begin(admin, way="with a passkey")
        if half_id is not None:
            half_sign_ins.end(half_id)
    except RefusedError as error:
        say(error.sentence, "error")
        return redirect(url_for("second_step.show") if half else login.url(request.args.get("next", "")))
    tries.throttle().passed(tries.at_address("passkey"))
    return redirect(wanted)


def _owner(credential: str) -> Admin:
    """Whose passkey it is, which it has proved. Raises RefusedError."""
    begun = _taken()
    if begun.get("for") != ANYBODY:
        raise RefusedError(TOO_LATE)
    said = passkeys.brought(credential)
    found = stored.by_credential(said.credential_id)
    if found is None:
        raise RefusedError(passkeys.WRONG)
    admin = found.admin
    try:
        if said.handle and said.handle != found.handle:
            raise RefusedError(passkeys.WRONG)
        key, count = found.public_key, found.sign_count
        count = passkeys.proved(_here(), credential, begun["challenge"], public_key=key, sign_count=count)
        if not stored.used(found, count):
            raise RefusedError(passkeys.WRONG)
    except RefusedError:
        acting.refused(EventKind.SIGN_IN_REFUSED, "Was not let in, with a passkey that is wrong", email=admin.email)
        raise
    return admin


def _here() -> passkeys.Site:
    found = passkeys.site(current_app.extensions["settings"].base_url)
    if found is None:
        abort(404)
    return found


def _left(about: dict[str, str]) -> str:
    """A new challenge, kept for this browser, for five minutes. Raises RedisError."""
    made = secrets.token_urlsafe(32)
    session[CHALLENGE] = tokens.leave(
        access.redis(), access.sealer(), CHALLENGE, {**about, "challenge": made}, seconds=LASTS
    )
    return made


def _taken() -> dict[str, str]:
    """The challenge of this browser, for the first who asks for it. Raises RefusedError."""
    try:
        found = tokens.take(access.redis(), access.sealer(), CHALLENGE, session.pop(CHALLENGE, ""))
    except RedisError:
        raise RefusedError(NOT_NOW) from None
    if found is None:
        raise RefusedError(TOO_LATE)
    return found


def _json(document: str) -> Response:
    return Response(document, mimetype="application/json")
