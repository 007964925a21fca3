"""What else can go wrong with Microsoft 365: one sentence each, with the call that failed."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from console.core.errors import SourceError
from jobs.sources.office365.aadsts import discreet
from jobs.sources.office365.settings import Office365Settings
from jobs.sources.office365.wire import Broken, Fault, Question, Reply

_NOTHING = "Nothing was changed."


class TooBusyError(SourceError):
    """Microsoft asks for more patience than the run has."""


class UnreadableError(SourceError):
    """What came is no list, or one without an end."""


_FAULTS: Mapping[Fault, tuple[str, bool]] = {
    Fault.UNKNOWN_HOST: (
        "{host} was not found {doing}: check that the name servers of the machine on which the console runs know it",
        False,
    ),
    Fault.REFUSED: (
        "{host} refused the connection {doing}: check the address, and the firewall",
        False,
    ),
    Fault.NO_CONNECTION: (
        "{host} could not be reached {doing}: check the network, and whether a firewall or a proxy stands in between",
        False,
    ),
    Fault.SLOW: ("{host} did not answer within {timeout:g} seconds {doing}. Try again", False),
    Fault.BROKEN_OFF: ("{host} broke off the connection {doing}. Try again", False),
    Fault.CERTIFICATE: (
        "the certificate of {host} was not accepted {doing}: it has expired, is for another name, or is not issued by "
        "an authority that this console trusts. If a proxy opens encrypted connections on the way, give its CA "
        "certificate",
        True,
    ),
    Fault.PROXY: (
        "the proxy in front of {host} did not let the connection through {doing}: check the proxy settings of the "
        "machine on which the console runs",
        False,
    ),
    Fault.TOO_LARGE: ("{host} sent more than an answer can be {doing}: check that it is Microsoft's", False),
    Fault.NOT_JSON: (
        "{host} sent something that is not what was asked for {doing}. If a proxy stands in between, it may want "
        "somebody to sign in. Try again",
        False,
    ),
}

# Which permission each call needs, as the Entra admin center names it.
NEEDS = {"users": "User.Read.All", "groups": "Group.Read.All", "mailboxes": "MailboxSettings.Read"}


def broken(settings: Office365Settings, why: Broken, doing: str) -> SourceError:
    """There was no answer, however often it was tried."""
    said, permanent = _FAULTS[why.fault]
    sentence = said.format(host=why.host, doing=doing, timeout=settings.answer_timeout)
    detail = discreet(settings, f"{why.fault.value[0]}: {why.detail}")
    kind = UnreadableError if why.fault is Fault.NOT_JSON else SourceError
    return kind(f"{sentence[0].upper()}{sentence[1:]}. {_NOTHING}", permanent=permanent, detail=detail)


def too_busy(settings: Office365Settings, question: Question, reply: Reply, doing: str, seconds: float) -> TooBusyError:
    """Microsoft asks for a longer wait than the run has left."""
    return TooBusyError(
        f"Microsoft 365 is asked too much at the moment: it wants us to wait {seconds:,.0f} seconds {doing}, and a run "
        f"waits {settings.patience:,.0f} seconds in all. {_NOTHING} Try again later.",
        detail=_detail(settings, question, reply),
    )


def trouble(settings: Office365Settings, question: Question, reply: Reply, doing: str) -> SourceError:
    """Errors of the server itself, however often it was tried."""
    return SourceError(
        f"Microsoft 365 has trouble of its own: it answered {reply.status} {doing}. {_NOTHING} Try again later.",
        detail=_detail(settings, question, reply),
    )


def refused(settings: Office365Settings, question: Question, reply: Reply, doing: str, what: str) -> SourceError:
    """Graph said no. `what` is "users", "groups" or "mailboxes", to name the permission."""
    detail = _detail(settings, question, reply)
    if reply.status == 401:
        sentence = (
            f"Microsoft 365 does not accept the app's sign-in {doing}, not even a new one. {_NOTHING} Check that the "
            "cloud is the one that the tenant belongs to, and the clock of the machine on which the console runs."
        )
        return SourceError(sentence, detail=detail)
    if reply.status == 403:
        needed = NEEDS.get(what, "that is needed")
        sentence = (
            f"The app may not do this {doing}: grant it the application permission {needed} in the Microsoft Entra "
            f"admin center, with admin consent. {_NOTHING}"
        )
        return SourceError(sentence, permanent=True, detail=detail)
    code = str(_error(reply).get("code") or "no code")[:80]
    sentence = f"Microsoft 365 answered {reply.status} ({discreet(settings, code)}) {doing}. {_NOTHING}"
    return SourceError(sentence, detail=detail)


def endless(doing: str) -> UnreadableError:
    """The pages lead in a circle, or go on for ever without anything on them."""
    return UnreadableError(
        f"Microsoft 365 was not read to the end: it offers page after page without anything new {doing}. {_NOTHING} "
        "Try again later."
    )


def astray(link: str, doing: str) -> UnreadableError:
    """A link to the next page leads to another host, to which our token must not go."""
    host = urlsplit(link).netloc[:200] or "nowhere"
    return UnreadableError(
        f"Microsoft 365 was not read to the end: the link to the next page leads to another host, {host}, {doing}. "
        f"{_NOTHING} Check that the Graph URL is the one of the tenant's cloud.",
        permanent=True,
    )


def shapeless(doing: str) -> UnreadableError:
    """JSON, but not a page of a list."""
    return UnreadableError(
        f"Microsoft 365 sent something that is not a page of a list {doing}. {_NOTHING} Check the Graph URL."
    )


def _error(reply: Reply) -> Mapping[str, Any]:
    error = reply.content.get("error")
    return error if isinstance(error, dict) else {}


def code(reply: Reply) -> str:
    """Graph's own code of an error."""
    return str(_error(reply).get("code") or "")


def _detail(settings: Office365Settings, question: Question, reply: Reply) -> str:
    """The call and Graph's own words, for the administrator's expert."""
    error = _error(reply)
    said = discreet(settings, f"{error.get('code', '')}: {error.get('message', '')}".strip(": "))
    return f"{question.method} {urlsplit(question.url).path}: {reply.status} {said}".rstrip()
