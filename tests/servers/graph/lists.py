"""Users and groups in pages, and what changed since a token."""

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from tests.servers.graph import answer
from tests.servers.graph.answer import Answer, Request
from tests.servers.graph.collection import Collection, Object
from tests.servers.graph.script import PAGE_LIMIT, Refusal, Script

DEFAULT_PAGE = 100
_UNSUPPORTED = Refusal(400, "Request_UnsupportedQuery", "Unsupported or invalid query.")
_BAD_TOKEN = Refusal(400, "Directory_ExpiredPageToken", "The specified page token value has expired.")


def _token(content: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode()


def opened(token: str) -> dict[str, Any] | None:
    try:
        content = json.loads(base64.urlsafe_b64decode(token))
    except ValueError:
        return None
    return content if isinstance(content, dict) else None


def page_number(request: Request) -> int:
    """Which page of a list a request asks for, from 1."""
    content = opened(request.query.get("$skiptoken", "")) or {}
    return int(content.get("page", 1))


def listed(collection: Collection, request: Request, script: Script, url: str) -> Answer:
    """One page of /users or /groups with $select, $top and $filter=mailEnabled eq true, or of a $skiptoken."""
    query = request.query
    if "$skiptoken" in query:
        state = opened(query["$skiptoken"])
        if state is None:
            return answer.refused(_BAD_TOKEN)
    else:
        top = int(query.get("$top", DEFAULT_PAGE))
        if not 1 <= top <= PAGE_LIMIT or query.get("$filter", "mailEnabled eq true") != "mailEnabled eq true":
            return answer.refused(_UNSUPPORTED)
        filtered = "$filter" in query
        state = {"page": 1, "at": 0, "size": top, "select": query.get("$select", ""), "filtered": filtered}
    found = [held for held in collection if not state["filtered"] or held.get("mailEnabled")]
    size = min(state["size"], script.max_page)
    empty = state["page"] <= script.empty_pages
    start, stop = state["at"], state["at"] + (0 if empty else size)
    shown = found[max(start - 1, 0) if script.twice else start : stop]
    content: dict[str, Any] = {"@odata.context": f"{url}/v1.0/$metadata#{collection.name}"}
    if stop < len(found):
        following = {**state, "page": state["page"] + 1, "at": stop}
        if script.circle and state["page"] == 2:
            following = {**state, "page": 2}
        content["@odata.nextLink"] = _link(script, url, request.path, "$skiptoken", following)
    names = [name for name in state["select"].split(",") if name] or ["id", "displayName", "mail"]
    content["value"] = [{name: held.get(name) for name in names} for held in shown]
    return answer.graph(content)


def _link(script: Script, url: str, path: str, name: str, content: Mapping[str, Any]) -> str:
    host = f"https://{script.next_host}" if script.next_host else url
    return f"{host}{path}?{urlencode({name: _token(content)}, safe='$')}"


def delta(collection: Collection, request: Request, script: Script, url: str) -> Answer:
    """What changed since a $deltatoken, or everything: in pages of the size that Prefer asks for, the last one with a
    link for the next time. $select is kept in the tokens; $top and $filter are not supported.
    """
    query = request.query
    if "$top" in query or "$filter" in query:
        return answer.refused(_UNSUPPORTED)
    until = collection.version
    if "$skiptoken" in query or query.get("$deltatoken", "latest") != "latest":
        state = opened(query.get("$skiptoken") or query["$deltatoken"])
        if state is None or state.get("of") != collection.name:
            return answer.refused(Refusal(400, "Request_BadRequest", "The delta token is invalid."))
        state = {"page": 1, "at": 0, "until": until, **state}
    else:
        since = until if query.get("$deltatoken") == "latest" else None
        select = query.get("$select", "id,displayName")
        state = {"of": collection.name, "page": 1, "at": 0, "since": since, "until": until, "select": select}
    select = state["select"].split(",")
    size = min(_preferred(request), script.max_page)
    found = _all(collection, select) if state["since"] is None else _changes(collection, state, select, script)
    stop = state["at"] + (0 if state["page"] <= script.empty_pages else size)
    content: dict[str, Any] = {"@odata.context": f"{url}/v1.0/$metadata#{collection.name}({state['select']})"}
    if stop < len(found) or state["page"] <= script.empty_pages:
        following = {**state, "page": state["page"] + 1, "at": stop}
        if script.circle and state["page"] == 2:
            following = {**state, "page": 2}
        content["@odata.nextLink"] = _link(script, url, request.path, "$skiptoken", following)
    else:
        ended = {"of": collection.name, "since": state["until"], "select": state["select"]}
        content["@odata.deltaLink"] = _link(script, url, request.path, "$deltatoken", ended)
    content["value"] = found[state["at"] : stop]
    return answer.graph(content)


def _preferred(request: Request) -> int:
    for preference in request.headers.get("prefer", "").split(","):
        name, _, value = preference.strip().partition("=")
        if name.lower() == "odata.maxpagesize":
            return min(int(value), PAGE_LIMIT)
    return DEFAULT_PAGE


def _all(collection: Collection, select: Sequence[str]) -> list[Object]:
    return [{name: found.get(name) for name in ["id", *select]} for found in collection]


def _changes(collection: Collection, state: Mapping[str, Any], select: Sequence[str], script: Script) -> list[Object]:
    found: list[Object] = []
    for key, before, keys in collection.changed(state["since"], state["until"]):
        if script.twice and before is not None:
            found.append({name: before.get(name) for name in ["id", *select]})
        now = collection.get(key)
        if now is None:
            found.append({"id": key, "@removed": {"reason": "changed"}})
        elif script.partial and before is not None:
            found.append({name: now.get(name) for name in ["id", *select] if name in keys or name == "id"})
        else:
            known = collection.ever_set(key) if script.unset else {*select}
            found.append({name: now.get(name) for name in ["id", *select] if name in known or name == "id"})
    return found
