"""The perimeter's HTTP door, for Haraka and whatever else speaks HTTP: POST /api/recipients/check.

The exchange is that of Mailprotector's Haraka plugin rcpt-http: JSON with `email` and `ip`, answered with a code. An
answer other than 200 makes the plugin defer the mail, so that a rejection has to be a success.
"""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request

from console.core.address import Address
from console.core.recipient import (
    INVALID,
    TROUBLE,
    Asked,
    Decision,
    Mode,
    Refusal,
    Verdict,
    at_perimeter,
    decide,
    read,
)
from console.models import DatabaseError, Domain, EventKind, db
from console.store import credentials, perimeter
from console.web import acting, metrics
from console.web.check_limit import WINDOW_SECONDS, CheckLimit
from console.web.perimeter_inquiry import Inquiry
from console.web.perimeter_report import Report

pages = Blueprint("perimeter", __name__)
LIMIT = 16 * 1024
NOT_OURS = "No recipient of this system"
CODES = {Verdict.ACCEPT: "OK", Verdict.REJECT: "DENY", Verdict.NOT_OURS: "DENY", Verdict.DEFER: "DENYSOFT"}
MESSAGES = {Verdict.REJECT: INVALID, Verdict.NOT_OURS: NOT_OURS, Verdict.DEFER: TROUBLE}


@pages.after_request
def as_file(response: Response) -> Response:
    """An answer that somebody leads a browser to is kept as a file, and never shown (ASVS 14.4.2)."""
    response.headers["Content-Disposition"] = 'attachment; filename="answer.json"'
    return response


@pages.post("/api/recipients/check")
def check() -> Response | tuple[Response, int]:
    """Whether mail is accepted. Trouble of our own is a temporary refusal, so that the sender tries again."""
    request.max_content_length = LIMIT
    try:
        asker = _asker()
        if asker is None:
            return _unauthorized()
        limit: CheckLimit = current_app.extensions["check_limit"]
        if limit.reached(asker):
            return _too_often()
        document = _document()
        if not isinstance(document, Mapping) or not isinstance(document.get("email"), str):
            return jsonify(error='Send a JSON document with the recipient, such as {"email": "ada@x.example"}.'), 400
        return _answer(_decided(document))
    except DatabaseError as error:
        db.session.rollback()
        current_app.logger.warning("no decision: the database does not answer: %s", type(error.orig).__name__)
        return _answer(Verdict.DEFER)


def _asker() -> int | None:
    """The id of the credentials that the request shows."""
    given = request.authorization
    if given is None or given.type != "basic":
        return None
    return credentials.admit(given.username or "", given.password or "")


def _unauthorized() -> tuple[Response, int]:
    answer = jsonify(error="Ask with the name and the password of flask perimeter credentials create NAME.")
    answer.headers["WWW-Authenticate"] = 'Basic realm="Rollcall perimeter"'
    given = request.authorization
    name = (given.username if given is not None else None) or ""
    acting.refused(EventKind.MAIL_SERVER_REFUSED, lambda: _who_failed(name))
    return answer, 401


def _who_failed(name: str) -> str:
    """A name that nobody has may be a password in the wrong place."""
    known = f"in the name of {name}" if credentials.exist(name) else "under a name that no mail server has, or none"
    return f"A mail server asked {known}, without the right password"


def _document() -> Any:
    """The JSON that was sent; None for what is none, or is nested deeper than Python can follow."""
    try:
        return request.get_json(force=True, silent=True)
    except RecursionError:
        return None


def _too_often() -> tuple[Response, int]:
    """What is not 200 defers the mail, whose sender tries again later: nothing is lost."""
    current_app.logger.warning("a mail server asks more often than CHECKS_PER_SECOND allows")
    answer = jsonify(error="Too many questions in these seconds. Ask again in a moment.")
    answer.headers["Retry-After"] = str(WINDOW_SECONDS)
    return answer, 429


def _decided(document: Mapping[str, Any]) -> Verdict:
    asked, ip = read(document["email"]), document.get("ip")
    client = ip if isinstance(ip, str) else ""
    domain, decision = _by_list(asked, document["email"])
    if domain is not None and decision.refusal is Refusal.UNKNOWN and asked.address is not None:
        inquiry: Inquiry = current_app.extensions["inquiry"]
        found = inquiry(domain, asked.address, client)
        if found is Verdict.ACCEPT or found is Verdict.DEFER:
            return found
        if found is Verdict.REJECT:
            # Meanwhile the address may have come onto the list by another way.
            domain, decision = _by_list(asked, document["email"])
    if domain is None or decision.refusal is None:
        return decision.verdict
    told = at_perimeter(decision, Mode(domain.perimeter_mode))
    if domain.perimeter_mode != Mode.OFF:
        report: Report = current_app.extensions["report"]
        report.note(domain, asked, client=client, would=told.verdict is not Verdict.REJECT)
    return told.verdict


def _by_list(asked: Asked, text: str) -> tuple[Domain | None, Decision]:
    """What the list says now, and of which domain."""
    domain, user = perimeter.recipient(asked)
    return domain, decide(_address(asked, text), domain.name if domain else None, user)


def _address(asked: Asked, text: str) -> Address:
    """What stands in the sentences of a decision, which nobody reads here."""
    return asked.address or Address(text if "@" in text else f"@{text}")


def _answer(verdict: Verdict) -> Response:
    metrics.decided(verdict)
    message = MESSAGES.get(verdict)
    return jsonify(code=CODES[verdict], message=message) if message else jsonify(code=CODES[verdict])
