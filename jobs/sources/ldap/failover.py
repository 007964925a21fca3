"""Several servers of one directory: the first that can be reached and lets us in is the one that is read."""

import contextlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from console.core.errors import SourceError
from console.core.person import Reject
from jobs.sources.ldap import tls
from jobs.sources.ldap.failures import PeerError
from jobs.sources.ldap.session import Session, opened
from jobs.sources.ldap.settings import LdapSettings
from jobs.sources.source import Progress

Trouble = tuple[LdapSettings, PeerError]


class Entered(NamedTuple):
    """A connection on which somebody is signed in, the settings for the server that it leads to, and what is to be told
    of the servers that were tried before it.
    """

    session: Session
    settings: LdapSettings
    remarks: tuple[Reject, ...]


@contextlib.contextmanager
def signed_in(settings: LdapSettings, progress: Progress) -> Iterator[Entered]:
    """A signed-in connection to the first server that has one for us, closed at the end.

    What happens in the body leads to no other server: half a read here and half there would be no snapshot.
    """
    tls.check_authority(settings)
    with contextlib.ExitStack() as stack:
        yield _first(settings, progress, stack)


def _first(settings: LdapSettings, progress: Progress, stack: contextlib.ExitStack) -> Entered:
    """Only trouble of a server itself leads to the next one. A refusal of the account is final: a wrong password that
    is tried at every controller locks the account.
    """
    passed: list[Trouble] = []
    for server in settings.servers:
        try:
            session = _enter(server, progress, stack)
        except PeerError as error:
            passed.append((server, error))
        except SourceError as error:
            final = _final(error, passed)
            break
        else:
            return Entered(session, server, tuple(_remark(*trouble, server) for trouble in passed))
    else:
        final = _none(passed)
    raise final


def _enter(server: LdapSettings, progress: Progress, stack: contextlib.ExitStack) -> Session:
    with contextlib.ExitStack() as attempt:
        progress("connecting")
        session = attempt.enter_context(opened(server))
        progress("binding")
        session.sign_in()
        stack.push(attempt.pop_all())
        return session


def _remark(server: LdapSettings, trouble: PeerError, used: LdapSettings) -> Reject:
    return Reject(server.peer, used.peer, f"{trouble.sentence} The directory was read at {used.peer}, instead.")


def _final(error: SourceError, passed: Sequence[Trouble]) -> SourceError:
    """A refusal, with what went before it one click away."""
    if not passed:
        return error
    detail = "\n".join(filter(None, [error.detail, *(_told(trouble) for _, trouble in passed)]))
    return SourceError(error.sentence, permanent=error.permanent, detail=detail)


def _none(passed: Sequence[Trouble]) -> SourceError:
    """Every server by name, each with its own reason."""
    if len(passed) == 1:
        return passed[0][1]
    reasons = " ".join(f"({number}) {trouble.sentence}" for number, (_, trouble) in enumerate(passed, 1))
    return SourceError(
        f"None of the {len(passed)} servers of this source can be used. {reasons}",
        permanent=all(trouble.permanent for _, trouble in passed),
        detail="\n".join(_told(trouble) for _, trouble in passed),
    )


def _told(trouble: PeerError) -> str:
    return f"{trouble.sentence} {trouble.detail}".strip()
