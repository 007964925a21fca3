"""Where a stand-in fails, and what it has seen. Everything that a script does not mention goes well."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

PAGE_LIMIT = 999
"""The most that Graph puts on a page of users or groups."""


class Misbehaviour(enum.Enum):
    """What a server does that does not answer as Graph would."""

    HANG = "sends nothing and keeps the connection open"
    CLOSE = "closes the connection in the middle of an answer"
    BROKEN_JSON = "sends JSON that ends in the middle"
    LIST = "sends JSON that is not an object"
    WEB_PAGE = "sends the page of a proxy that wants somebody to sign in"
    FLOOD = "sends without an end"


@dataclass(frozen=True)
class Refusal:
    """An error in Graph's own form."""

    status: int
    code: str
    message: str = "The stand-in was told to fail."
    retry_after: int | None = None


Failure = Misbehaviour | Refusal

THROTTLED = Refusal(429, "TooManyRequests", "Too many requests", retry_after=7)
UNAVAILABLE = Refusal(503, "serviceNotAvailable", "The service is temporarily unavailable.", retry_after=11)
FORBIDDEN = Refusal(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
GONE = Refusal(410, "syncStateNotFound", "The sync state generation is not found.")


@dataclass(frozen=True, kw_only=True)
class Script:
    """What goes wrong.

    `on`: a failure on page 1, 2, ... of a call, each for `times` requests, or always. The calls are "openid", "token",
    "organization", "users", "groups", "users/delta", "groups/delta", "users/delta/latest", "groups/delta/latest" and
    "batch".
    `aadsts`: the code with which the token endpoint refuses everybody.
    `expire_at`: before this call of Graph, counted from 1, all tokens so far expire.
    `twice`: each page of a list begins with the last object of the page before, and changes tell an object's state of
    before, too. `partial`: changes tell of an object only what has changed. `unset`: they leave out what was never set.
    `empty_pages`: so many pages with nothing but a link come first. `max_page`: a page holds no more than this.
    `circle`: the second page of a list leads back to the first. `next_host`: the host of the links to further pages.
    `busy_items`: so many questions of batches are told 429 before the others are answered.
    """

    on: Mapping[tuple[str, int], Failure] = field(default_factory=dict)
    times: int | None = None
    aadsts: str = ""
    expire_at: int | None = None
    twice: bool = False
    partial: bool = False
    unset: bool = True
    empty_pages: int = 0
    max_page: int = PAGE_LIMIT
    circle: bool = False
    next_host: str = ""
    busy_items: int = 0


@dataclass(frozen=True)
class Call:
    """A request as the stand-in understood it; `name` is that of Script.on."""

    method: str
    path: str
    name: str
    page: int = 1


@dataclass
class Seen:
    """What has reached a stand-in since its last reset."""

    calls: list[Call] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    """The URLs of the single questions in batches."""
    failed: dict[tuple[str, int], int] = field(default_factory=dict)
    graph_calls: int = 0
    busy_items: int = 0

    def count(self, name: str) -> int:
        return sum(call.name == name for call in self.calls)

    def failure(self, script: Script, call: Call) -> Failure | None:
        """What the script has in store for this call, if it has not happened often enough."""
        key = (call.name, call.page)
        planned = script.on.get(key)
        if planned is None or (script.times is not None and self.failed.get(key, 0) >= script.times):
            return None
        self.failed[key] = self.failed.get(key, 0) + 1
        return planned
