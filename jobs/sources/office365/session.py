"""Microsoft Graph for one run: signed questions, pages of lists, and batches."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from jobs.sources.office365 import failures
from jobs.sources.office365.ahead import Ahead
from jobs.sources.office365.asking import answered
from jobs.sources.office365.patience import Patience
from jobs.sources.office365.settings import Office365Settings
from jobs.sources.office365.tokens import Tokens
from jobs.sources.office365.wire import Question, Reply, Wire

NEXT, END = "@odata.nextLink", "@odata.deltaLink"
# Graph may answer with empty pages while it searches on; a server that does so for ever is broken.
_EMPTY_PAGES = 200


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list; `end` is the link for the next time, on the last page of changes."""

    entries: Sequence[Mapping[str, Any]]
    end: str = ""


@dataclass
class Place:
    """Where a reading is: of the list “users” or “groups”, and `what` of it is read, in words. So much has come."""

    of: str
    what: str
    page: int = 1
    done: int = 0

    def __str__(self) -> str:
        if self.page == 1:
            return f"while reading {self.what}"
        return f"while reading {self.what}, page {self.page}, after {self.done:,} entries"


@dataclass
class Session:
    """Asks with the run's token. One that is not accepted any more is renewed, once for each question; so is one of an
    earlier run that lacks a permission, which may have been granted since.
    """

    settings: Office365Settings
    wire: Wire
    tokens: Tokens
    patience: Patience

    def url(self, path: str) -> str:
        return f"{self.settings.graph}/v1.0/{path}"

    def get(self, url: str, doing: object, what: str) -> Reply:
        """The answer to a GET, a success. Raises SourceError otherwise."""
        return self._ask(Question("GET", url), doing, what)

    def batch(self, questions: Sequence[tuple[str, str]], doing: object) -> Mapping[str, Mapping[str, Any]]:
        """The answers to several GETs in one, by the name that each question was given."""
        asked = [{"id": name, "method": "GET", "url": url} for name, url in questions]
        question = Question("POST", self.url("$batch"), body=json.dumps({"requests": asked}).encode())
        answers = self._ask(question, doing, "mailboxes").content.get("responses")
        if not isinstance(answers, list) or not all(isinstance(found, dict) for found in answers):
            raise failures.shapeless(str(doing))
        return {str(found.get("id")): found for found in answers}

    def pages(self, url: str, place: Place, *, accept: frozenset[int] = frozenset()) -> Iterator[Page]:
        """The pages of a list from `url` on, to the last one. Raises SourceError, and RefusedError for a status in
        `accept`.

        The next page is asked for before a page is handed on, so that it is on its way while that one is worked on.
        """
        seen = {url}
        empty = 0
        following = url
        ahead: Ahead | None = None
        while following:
            reply = self._ask(Question("GET", following), place, place.of, accept, ahead)
            if reply.status in accept:
                raise RefusedError(reply)
            entries = reply.content.get("value")
            if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
                raise failures.shapeless(str(place))
            end = self._link(reply, END, place)
            following = self._link(reply, NEXT, place)
            place.done += len(entries)
            empty = 0 if entries else empty + 1
            lost = following in seen or empty > _EMPTY_PAGES
            ahead = Ahead(self.wire, self._signed(Question("GET", following))) if following and not lost else None
            yield Page(entries, end)
            place.page += 1
            if lost:
                raise failures.endless(str(place))
            seen.add(following)

    def _link(self, reply: Reply, name: str, place: Place) -> str:
        """A link of an answer, which must stay where our token may go."""
        link = reply.content.get(name) or ""
        if not isinstance(link, str):
            raise failures.shapeless(str(place))
        if link and not self.stays(link):
            raise failures.astray(link, str(place))
        return link

    def stays(self, link: str) -> bool:
        """Whether a link leads to the Graph that this source reads."""
        try:
            parts, home = urlsplit(link), urlsplit(self.settings.graph)
            return (parts.scheme, parts.hostname, parts.port or 443) == ("https", home.hostname, home.port or 443)
        except ValueError:
            return False

    def _ask(
        self,
        question: Question,
        doing: object,
        what: str,
        accept: frozenset[int] = frozenset(),
        ahead: Ahead | None = None,
    ) -> Reply:
        """The answer: a success, or one of the statuses in `accept`. Raises SourceError otherwise. `ahead` is the
        question's first try, where that was made already.
        """
        renewed = False
        while True:
            signed = self._signed(question)
            reply = answered(self.wire, self.settings, self.patience, signed, str(doing), ahead=ahead)
            ahead = None
            if reply.status < 300 or reply.status in accept:
                return reply
            outdated = reply.status == 401 or (reply.status == 403 and not self.tokens.fresh)
            if renewed or not outdated:
                raise failures.refused(self.settings, signed, reply, str(doing), what)
            renewed = True
            self.tokens.renewed()

    def _signed(self, question: Question) -> Question:
        headers = {
            "Authorization": f"Bearer {self.tokens.current()}",
            "Accept": "application/json",
            "Prefer": f"odata.maxpagesize={self.settings.page_size}",
            **({"Content-Type": "application/json"} if question.body else {}),
        }
        return Question(question.method, question.url, headers, question.body)


class RefusedError(Exception):
    """A list was refused with a status that its reader has an answer to."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(f"status {reply.status}")
        self.reply = reply
