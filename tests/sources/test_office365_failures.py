"""What can go wrong while a tenant is read: each ends in its own sentence, which names the call, with no snapshot."""

from dataclasses import replace
from pathlib import Path

import pytest

from jobs.sources.office365 import patience
from jobs.sources.office365.settings import Office365Settings
from jobs.sources.office365.source import Office365Source
from tests.servers.graph import GraphStandIn, Misbehaviour, Refusal, Script
from tests.servers.graph.script import FORBIDDEN, THROTTLED, UNAVAILABLE, Failure
from tests.servers.pki import Pki
from tests.servers.ports import black_hole, free_port
from tests.sources.ldap import quiet
from tests.sources.office365 import Time, failure, fetched, source

PAGED = 3


@pytest.fixture
def office(office: Office365Settings) -> Office365Settings:
    """Pages of three, so that the seven users take three of them."""
    return replace(office, page_size=PAGED)


def failing(
    server: GraphStandIn, trouble: Failure, call: str = "users", page: int = 2, times: int | None = None
) -> None:
    server.reset(script=Script(on={(call, page): trouble}, times=times))


@pytest.mark.parametrize("trouble", [THROTTLED, UNAVAILABLE])
def test_throttling_is_waited_out_for_as_long_as_microsoft_says(
    graph: GraphStandIn, office: Office365Settings, trouble: Refusal
) -> None:
    time = Time()
    failing(graph, trouble, times=3)
    assert fetched(office, time).read == 9
    assert trouble.retry_after is not None
    assert sum(time.slept) == 3 * trouble.retry_after
    assert max(time.slept) <= 1  # A person who cancels the run does not wait it out.


def test_throttling_without_a_time_is_waited_out_for_longer_and_longer(
    graph: GraphStandIn, office: Office365Settings
) -> None:
    time = Time()
    failing(graph, Refusal(429, "TooManyRequests"), times=3)
    assert fetched(office, time).read == 9
    assert sum(time.slept) == 2 + 4 + 8


def test_throttling_beyond_the_patience_of_a_run_ends_it(graph: GraphStandIn, office: Office365Settings) -> None:
    time = Time()
    failing(graph, THROTTLED)
    error = failure(replace(office, patience=20), time)
    assert not error.permanent
    assert "it wants us to wait 7 seconds while reading users, page 2, after 3 entries" in error.sentence
    assert "a run waits 20 seconds in all. Nothing was changed." in error.sentence
    assert error.detail == "GET /v1.0/users: 429 TooManyRequests: Too many requests"
    assert sum(time.slept) == 14


def test_a_wait_that_is_too_long_is_not_begun(graph: GraphStandIn, office: Office365Settings) -> None:
    time = Time()
    failing(graph, Refusal(429, "TooManyRequests", retry_after=3600))
    assert "wait 3,600 seconds" in failure(office, time).sentence
    assert time.slept == []


def test_a_person_may_stop_a_run_that_waits(graph: GraphStandIn, office: Office365Settings) -> None:
    class StopError(Exception):
        pass

    time = Time()

    def progress(stage: str, done: int = 0, total: int | None = None) -> None:
        if stage == "reading" and time.at > 2:
            raise StopError

    failing(graph, THROTTLED)
    with pytest.raises(StopError):
        source(office, time).fetch(progress)
    assert sum(time.slept) == 3


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("30", 30.0), ("0", 1.0), ("-5", 1.0), ("Thu, 01 Jan 1970 00:01:40 GMT", 100.0), ("soon", 8.0), (None, 8.0)],
)
def test_a_wait_is_asked_for_in_seconds_or_as_a_date(header: str | None, seconds: float) -> None:
    assert patience.Patience(300, Time().clock).asked_for(header, 3) == seconds


TROUBLE = [
    (Refusal(500, "generalException"), "answered 500 while reading"),
    (Refusal(502, "badGateway"), "answered 502 while reading"),
    (Refusal(503, "serviceNotAvailable"), "answered 503 while reading"),
    (Refusal(504, "gatewayTimeout"), "answered 504 while reading"),
    (Misbehaviour.CLOSE, "broke off the connection while reading"),
    (Misbehaviour.BROKEN_JSON, "sent something that is not what was asked for while reading"),
    (Misbehaviour.WEB_PAGE, "sent something that is not what was asked for while reading"),
    (Misbehaviour.LIST, "sent something that is not what was asked for while reading"),
]


@pytest.mark.parametrize(("trouble", "words"), TROUBLE)
def test_trouble_that_stays_ends_the_run_and_names_the_call(
    graph: GraphStandIn, office: Office365Settings, trouble: Failure, words: str
) -> None:
    time = Time()
    failing(graph, trouble)
    error = failure(office, time)
    assert f"{words} users, page 2, after 3 entries" in error.sentence
    assert "Nothing was changed." in error.sentence
    assert not error.permanent
    assert graph.seen.count("users") == 1 + 4
    assert sum(time.slept) == 1 + 2 + 4


@pytest.mark.parametrize("trouble", [trouble for trouble, _ in TROUBLE])
def test_trouble_that_passes_is_tried_again(graph: GraphStandIn, office: Office365Settings, trouble: Failure) -> None:
    failing(graph, trouble, times=3)
    assert fetched(office).read == 9


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ("groups", "while reading groups."),
        ("users/delta/latest", "while reading the state of users."),
        ("batch", "while asking what mailboxes are for."),
    ],
)
def test_each_call_is_named(graph: GraphStandIn, office: Office365Settings, call: str, words: str) -> None:
    failing(graph, Refusal(500, "generalException"), call, page=1)
    assert words in failure(office).sentence


def test_an_answer_that_hangs_ends_within_the_timeout(graph: GraphStandIn, office: Office365Settings) -> None:
    failing(graph, Misbehaviour.HANG)
    error = failure(replace(office, answer_timeout=0.1))
    assert "did not answer within 0.1 seconds while reading users, page 2, after 3 entries" in error.sentence


def test_an_answer_without_an_end_is_cut_off(
    graph: GraphStandIn, office: Office365Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.sources.office365.wire._LIMIT", 1_000_000)
    failing(graph, Misbehaviour.FLOOD)
    assert "sent more than an answer can be while reading users, page 2" in failure(office).sentence


def test_a_missing_permission_is_named(graph: GraphStandIn, office: Office365Settings) -> None:
    for call, permission in (("users", "User.Read.All"), ("groups", "Group.Read.All")):
        failing(graph, FORBIDDEN, call, page=1)
        error = failure(office)
        assert error.permanent
        assert f"grant it the application permission {permission}" in error.sentence
        assert error.detail.startswith(f"GET /v1.0/{call}: 403 Authorization_RequestDenied: Insufficient privileges")


def test_an_error_that_is_not_known_here_is_shown_with_its_code(graph: GraphStandIn, office: Office365Settings) -> None:
    failing(graph, Refusal(400, "Request_UnsupportedQuery", "Unsupported query."), page=1)
    error = failure(office)
    assert "answered 400 (Request_UnsupportedQuery) while reading users." in error.sentence
    assert "Unsupported query." in error.detail


def test_pages_that_lead_in_a_circle_are_noticed(graph: GraphStandIn, office: Office365Settings) -> None:
    graph.reset(script=Script(circle=True))
    assert "page after page without anything new while reading users" in failure(office).sentence


def test_empty_pages_without_an_end_are_noticed(graph: GraphStandIn, office: Office365Settings) -> None:
    graph.reset(script=Script(empty_pages=100_000))
    error = failure(office)
    assert "page after page without anything new" in error.sentence
    assert graph.seen.count("users/delta/latest") < 300


def test_a_link_to_another_host_is_not_followed(graph: GraphStandIn, office: Office365Settings) -> None:
    """The token would go there."""
    graph.reset(script=Script(next_host="graph.fabrikam.example"))
    error = failure(office)
    assert error.permanent
    assert "leads to another host, graph.fabrikam.example" in error.sentence


def test_a_host_that_is_not_there(office: Office365Settings) -> None:
    error = failure(replace(office, authority="https://no-such-host.invalid"))
    assert "No-such-host.invalid was not found while signing in" in error.sentence
    port = free_port()
    error = failure(replace(office, authority=f"https://localhost:{port}"))
    assert f"Localhost:{port} refused the connection while signing in" in error.sentence


def test_a_host_behind_a_firewall(office: Office365Settings) -> None:
    with black_hole() as port:
        settings = replace(office, authority=f"https://127.0.0.1:{port}", connect_timeout=0.1)
        assert f"127.0.0.1:{port} could not be reached while signing in" in failure(settings).sentence


def test_a_certificate_of_an_unknown_authority_is_refused(office: Office365Settings) -> None:
    error = failure(replace(office, ca_pem=""))
    assert error.permanent
    assert "was not accepted while signing in" in error.sentence
    assert "not issued by an authority that this console trusts" in error.sentence
    assert "CA certificate of this source cannot be read" in failure(replace(office, ca_pem="my CA")).sentence


def test_the_environment_replaces_neither_what_is_trusted_nor_the_token(
    office: Office365Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    other = Pki(tmp_path, "Another authority").ca_file
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.setenv(name, str(other))
    netrc = tmp_path / "netrc"
    netrc.write_text("machine localhost login somebody password else")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    assert fetched(office).read == 9


def test_the_proxy_of_the_environment_is_used(office: Office365Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{free_port()}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("https_proxy", raising=False)
    settings = replace(office, authority="https://login.example", graph="https://graph.example")
    assert (
        "the proxy in front of login.example did not let the connection through" in failure(settings).sentence.lower()
    )


def test_this_machine_is_no_target_unless_the_operator_says_so(office: Office365Settings) -> None:
    error = failure(replace(office, allow_local=False))
    assert error.permanent
    assert "ALLOW_LOCAL_TARGETS" in error.sentence


def test_the_run_closes_its_connections_after_a_failure(graph: GraphStandIn, office: Office365Settings) -> None:
    failing(graph, Refusal(400, "x"))
    adapter = Office365Source(office, clock=Time().clock)
    for _ in range(2):
        with pytest.raises(Exception, match="answered 400"):
            adapter.fetch(quiet)
