"""What the tests of the LDAP source share: settings that fit a server, and the error that a reading ends with."""

import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from console.core.errors import SourceError
from jobs.sources.ldap.settings import LdapSettings, Tls
from jobs.sources.ldap.source import LdapSource
from jobs.sources.source import Progress
from tests.servers import people
from tests.servers.ldap_script import ScriptedLdap
from tests.servers.pki import Pki
from tests.servers.slapd import Slapd

SECRET = "password-of-the-reader"
PEOPLE = 1200
Entry = tuple[str, Mapping[str, Sequence[bytes]]]
FIFTY: list[Entry] = [
    (f"cn=u{number},dc=example,dc=test", {"mail": [b"u%d@example.test" % number]}) for number in range(50)
]
READER = f"cn=reader,{people.SUFFIX}"


def quiet(stage: str, done: int = 0, total: int | None = None) -> None:
    """Progress that nobody watches."""


def watching(seen: list[tuple[str, int]]) -> Progress:
    """Progress that notes what it is told."""

    def progress(stage: str, done: int = 0, total: int | None = None) -> None:
        seen.append((stage, done))

    return progress


def for_slapd(server: Slapd, pki: Pki) -> LdapSettings:
    """Everything right, over LDAPS."""
    return LdapSettings(
        host="localhost",
        port=server.tls_port,
        tls=Tls.LDAPS,
        user_dn=server.reader_dn,
        password=server.reader_password,
        search_base=server.suffix,
        ca_pem=pki.ca_file.read_text(),
        connect_timeout=1.0,
        receive_timeout=5.0,
        allow_local=True,
    )


def for_script(server: ScriptedLdap, *, page_size: int = 10) -> LdapSettings:
    """Everything right, without encryption, and little patience."""
    return replace(for_port(server.port), page_size=page_size)


def for_port(port: int) -> LdapSettings:
    return LdapSettings(
        host="127.0.0.1",
        port=port,
        tls=Tls.NONE,
        user_dn=READER,
        password=SECRET,
        search_base=people.SUFFIX,
        connect_timeout=0.5,
        receive_timeout=0.5,
        allow_local=True,
    )


def failure(settings: LdapSettings) -> SourceError:
    """The error that a reading ends with, which keeps the password to itself."""
    with pytest.raises(SourceError) as caught:
        LdapSource(settings).fetch(quiet)
    assert_keeps(settings.password, caught.value)
    return caught.value


def assert_keeps(secret: str, error: BaseException) -> None:
    """The secret stands neither in the words of an error nor in the frames that a traceback of it would show."""
    shown = [repr(error), str(error), getattr(error, "detail", "")]
    shown += [repr(value) for frame in _frames(error) for value in frame.f_locals.values()]
    for text in shown:
        assert secret not in text
        assert repr(secret.encode())[2:-1] not in text


def _frames(error: BaseException | None) -> Iterator[types.FrameType]:
    """The frames of an error and of those that led to it, but for the tests' own, which must know the secret."""
    tests = str(Path(__file__).parents[1])
    while error is not None:
        trace = error.__traceback__
        while trace is not None:
            if not trace.tb_frame.f_code.co_filename.startswith(tests):
                yield trace.tb_frame
            trace = trace.tb_next
        error = error.__cause__ or error.__context__
