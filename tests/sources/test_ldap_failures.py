"""What can go wrong with a directory: each ends in its own sentence, in time, with no snapshot."""

import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from jobs.sources.ldap.settings import LdapSettings
from tests.servers.ldap_script import Answer, Misbehaviour, Script, ScriptedLdap
from tests.servers.ports import black_hole, free_port
from tests.sources.ldap import FIFTY, SECRET, failure, for_script

Start = Callable[[Script], ScriptedLdap]


def test_an_unknown_host_name(ldap: LdapSettings) -> None:
    for host in ("no-such-host.invalid", "a" * 64 + ".example.test", "two..dots"):
        error = failure(replace(ldap, host=host))
        assert f"No server named {host} was found" in error.sentence
        assert "spelling of Host" in error.sentence


def test_a_closed_port(ldap: LdapSettings) -> None:
    port = free_port()
    error = failure(replace(ldap, port=port))
    assert not error.permanent
    assert f"localhost, port {port}, refused the connection" in error.sentence


def test_a_port_behind_a_firewall_ends_within_the_connect_timeout(ldap: LdapSettings) -> None:
    with black_hole() as port:
        started = time.monotonic()
        error = failure(replace(ldap, host="127.0.0.1", port=port, connect_timeout=0.3))
        assert time.monotonic() - started < 2
    assert f"127.0.0.1, port {port}, did not answer within 0.3 seconds" in error.sentence
    assert "firewall" in error.sentence


AD_CODES = {
    "525": "there is no user",
    "52e": "is wrong",
    "530": "at this time of day",
    "531": "from this machine",
    "532": "password of cn=reader,dc=example,dc=test has expired",
    "533": "is disabled",
    "701": "the account cn=reader,dc=example,dc=test has expired",
    "773": "must change the password",
    "775": "is locked",
}


@pytest.mark.parametrize("code", AD_CODES)
def test_active_directory_says_why_a_sign_in_failed(scripted: Start, code: str) -> None:
    text = f"80090308: LdapErr: DSID-0C09044E, comment: AcceptSecurityContext error, data {code}, v2580"
    error = failure(for_script(scripted(Script(on_bind=Answer(49, text)))))
    assert AD_CODES[code] in error.sentence
    assert error.permanent == (code not in {"530", "775"})
    assert f"data {code}" in error.detail


@pytest.mark.parametrize(
    ("code", "words", "permanent"),
    [
        (8, "only on an encrypted connection", True),
        (13, "only on an encrypted connection", True),
        (32, "there is no user", True),
        (34, "User DN is not in a form", True),
        (48, "another way to sign in", True),
        (51, "too busy", False),
        (53, "does not let", True),
        (80, "not known here", False),
    ],
)
def test_other_reasons_why_a_sign_in_failed(scripted: Start, code: int, words: str, permanent: bool) -> None:
    error = failure(for_script(scripted(Script(on_bind=Answer(code, "the server's words")))))
    assert words in error.sentence
    assert error.permanent == permanent
    assert "the server's words" in error.detail


def test_a_server_that_repeats_the_password_is_not_repeated(scripted: Start) -> None:
    error = failure(for_script(scripted(Script(on_bind=Answer(49, f"wrong: {SECRET}")))))
    assert error.detail.endswith("wrong: (password)")


@pytest.mark.parametrize(
    ("code", "words", "permanent"),
    [
        (1, "did not accept the search", True),
        (3, "time limit", False),
        (4, "size limit", True),
        (11, "a limit that its administrator set", True),
        (50, "may not read the search base dc=example,dc=test", True),
        (51, "too busy", False),
        (52, "not available", False),
        (53, "not willing", False),
        (80, "not known here", False),
    ],
)
def test_a_search_that_ends_with_an_error_yields_nothing(
    scripted: Start, code: int, words: str, permanent: bool
) -> None:
    server = scripted(Script(entries=FIFTY, on_page={2: Answer(code, "the server's words")}))
    error = failure(for_script(server))
    assert words in error.sentence
    assert "This was at page 2, after 10 entries; nothing was changed." in error.sentence
    assert error.permanent == permanent
    assert "the server's words" in error.detail


def test_a_size_limit_that_cuts_an_unpaged_answer_is_noticed(scripted: Start) -> None:
    assert "size limit" in failure(for_script(scripted(Script(entries=FIFTY, on_page={1: Answer(4)})))).sentence


def test_a_referral_is_named_and_not_followed(scripted: Start) -> None:
    other = scripted(Script(entries=FIFTY))
    script = Script(entries=FIFTY, on_page={1: Answer(10, referrals=[f"{other.url}/dc=example,dc=test"])})
    error = failure(for_script(scripted(script)))
    assert error.permanent
    assert f"refers to {other.url}/dc=example,dc=test" in error.sentence
    assert "password would be handed to that server" in error.sentence
    assert other.connections == 0


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (Script(on_accept=Misbehaviour.HANG), "within 0.5 seconds while signing in"),
        (Script(on_bind=Misbehaviour.HANG), "within 0.5 seconds while signing in"),
        (Script(entries=FIFTY, on_page={1: Misbehaviour.HANG}), "within 0.5 seconds while reading"),
        (
            Script(entries=FIFTY, on_page={3: Misbehaviour.HANG}),
            "within 0.5 seconds while reading page 3, after 20 entries",
        ),
    ],
)
def test_a_server_that_hangs_is_left_after_the_receive_timeout(scripted: Start, script: Script, words: str) -> None:
    started = time.monotonic()
    error = failure(for_script(scripted(script)))
    assert time.monotonic() - started < 2
    assert words in error.sentence
    assert not error.permanent


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (Script(on_accept=Misbehaviour.CLOSE), "without an answer while signing in"),
        (Script(on_bind=Misbehaviour.CLOSE), "broke off the connection while signing in"),
        (
            Script(entries=FIFTY, on_page={3: Misbehaviour.CLOSE}),
            "broke off the connection while reading page 3, after 20 entries. Nothing was changed.",
        ),
    ],
)
def test_a_server_that_dies_says_where(scripted: Start, script: Script, words: str) -> None:
    error = failure(for_script(scripted(script)))
    assert words in error.sentence
    assert not error.permanent


@pytest.mark.parametrize(
    "script",
    [
        Script(on_accept=Misbehaviour.GARBAGE),
        Script(on_bind=Misbehaviour.GARBAGE),
        Script(entries=FIFTY, on_page={2: Misbehaviour.GARBAGE}),
    ],
)
def test_garbage_is_called_garbage(scripted: Start, script: Script) -> None:
    assert "sent something that is not LDAP" in failure(for_script(scripted(script))).sentence
