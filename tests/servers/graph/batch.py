"""Questions in batches, and the questions about one user or group that stand in them."""

import json
import re
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.servers.graph import answer
from tests.servers.graph.answer import Answer, Request
from tests.servers.graph.script import THROTTLED, Refusal, Script, Seen
from tests.servers.graph.tenant import Tenant

LIMIT = 20
_PURPOSE = re.compile(r"/users/([^/]+)/mailboxSettings/userPurpose")
_ONE = re.compile(r"/(users|groups)/([^/]+)")


def batch(tenant: Tenant, request: Request, roles: list[str], script: Script, seen: Seen) -> Answer:
    """Up to 20 questions; the answers come in another order, as Graph does not promise one."""
    try:
        questions = json.loads(request.body)["requests"]
    except (ValueError, KeyError, TypeError):
        return answer.refused(Refusal(400, "BadRequest", "Invalid batch payload format."))
    if len(questions) > LIMIT:
        return answer.refused(
            Refusal(400, "BadRequest", f"Number of batch request steps exceeds the maximum of {LIMIT}.")
        )
    answers = []
    for question in questions:
        seen.asked.append(question["url"])
        if seen.busy_items < script.busy_items:
            seen.busy_items += 1
            answers.append(_said(question, THROTTLED))
        else:
            answers.append(_answered(tenant, question, roles))
    return answer.graph({"responses": answers[::-1]})


def _said(question: dict[str, Any], said: Refusal | dict[str, Any]) -> dict[str, Any]:
    if isinstance(said, Refusal):
        headers = {"Retry-After": str(said.retry_after)} if said.retry_after is not None else {}
        body = answer.graph_error(said.code, said.message)
        return {"id": question["id"], "status": said.status, "headers": headers, "body": body}
    return {"id": question["id"], "status": 200, "headers": {"Content-Type": "application/json"}, "body": said}


def _answered(tenant: Tenant, question: dict[str, Any], roles: list[str]) -> dict[str, Any]:
    parts = urlsplit(question["url"])
    if asked := _PURPOSE.fullmatch(parts.path):
        return _said(question, _purpose(tenant, unquote(asked[1]), roles))
    if asked := _ONE.fullmatch(parts.path):
        found = (tenant.users if asked[1] == "users" else tenant.groups).get(unquote(asked[2]))
        if found is None:
            return _said(question, Refusal(404, "Request_ResourceNotFound", f"Resource '{asked[2]}' does not exist."))
        names = parse_qs(parts.query).get("$select", ["id,displayName"])[0].split(",")
        return _said(question, {name: found.get(name) for name in names})
    return _said(question, Refusal(400, "BadRequest", "Resource not found for the segment."))


def _purpose(tenant: Tenant, key: str, roles: list[str]) -> Refusal | dict[str, Any]:
    if not {"MailboxSettings.Read", "MailboxSettings.ReadWrite"} & {*roles}:
        return Refusal(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
    if tenant.users.get(key) is None:
        return Refusal(404, "Request_ResourceNotFound", f"Resource '{key}' does not exist.")
    purpose = tenant.purposes.get(key, "user")
    if purpose is None:
        said = "The mailbox is either inactive, soft-deleted, or is hosted on-premise."
        return Refusal(404, "MailboxNotEnabledForRESTAPI", said)
    if purpose == "denied":
        return Refusal(403, "ErrorAccessDenied", "Access to OData is disabled: RBAC for applications.")
    return {"@odata.context": "https://graph/v1.0/$metadata#users/mailboxSettings/userPurpose", "value": purpose}
