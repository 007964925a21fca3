"""The perimeter's HTTP door, for Haraka and whatever else speaks HTTP: POST /api/recipients/check.

The exchange is that of Mailprotector's Haraka plugin rcpt-http: JSON with `email` and `ip`, answered with a code. An
answer other than 200 makes the plugin defer the mail, so that a rejection has to be a success.
"""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request

from console.core.address import Address
from console.core.recipient import INVALID, TROUBLE, Asked, Mode, Verdict, at_perimeter, decide, read
from console.models import DatabaseError, db
from console.store import perimeter
from console.web.perimeter_report import Report

pages = Blueprint("perimeter", __name__)
LIMIT = 16 * 1024
NOT_OURS = "No recipient of this system"
CODES = {Verdict.ACCEPT: "OK", Verdict.REJECT: "DENY", Verdict.NOT_OURS: "DENY", Verdict.DEFER: "DENYSOFT"}
MESSAGES = {Verdict.REJECT: INVALID, Verdict.NOT_OURS: NOT_OURS, Verdict.DEFER: TROUBLE}


@pages.post("/api/recipients/check")
def check() -> Response | tuple[Response, int]:
    """Whether mail is accepted. Trouble of our own is a temporary refusal, so that the sender tries again."""
    request.max_content_length = LIMIT
    try:
        if not _may_ask():
            return _unauthorized()
        document = request.get_json(force=True, silent=True)
        if not isinstance(document, Mapping) or not isinstance(document.get("email"), str):
            return jsonify(error='Send a JSON document with the recipient, such as {"email": "ada@x.example"}.'), 400
        return _answer(_decided(document))
    except DatabaseError as error:
        db.session.rollback()
        current_app.logger.warning("no decision: the database does not answer: %s", type(error.orig).__name__)
        return _answer(Verdict.DEFER)


def _may_ask() -> bool:
    given = request.authorization
    if given is None or given.type != "basic":
        return False
    return perimeter.opens(given.username or "", given.password or "")


def _unauthorized() -> tuple[Response, int]:
    answer = jsonify(error="Ask with the name and the password of flask perimeter credentials create NAME.")
    answer.headers["WWW-Authenticate"] = 'Basic realm="Rollcall perimeter"'
    return answer, 401


def _decided(document: Mapping[str, Any]) -> Verdict:
    asked = read(document["email"])
    domain, user = perimeter.recipient(asked)
    decision = decide(_address(asked, document["email"]), domain.name if domain else None, user)
    if domain is None or decision.refusal is None:
        return decision.verdict
    told = at_perimeter(decision, Mode(domain.perimeter_mode))
    if domain.perimeter_mode != Mode.OFF:
        report: Report = current_app.extensions["report"]
        client = document.get("ip")
        would = told.verdict is not Verdict.REJECT
        report.note(domain, asked, client=client if isinstance(client, str) else "", would=would)
    return told.verdict


def _address(asked: Asked, text: str) -> Address:
    """What stands in the sentences of a decision, which nobody reads here."""
    return asked.address or Address(text if "@" in text else f"@{text}")


def _answer(verdict: Verdict) -> Response:
    message = MESSAGES.get(verdict)
    return jsonify(code=CODES[verdict], message=message) if message else jsonify(code=CODES[verdict])
