"""Inbound SMTP: the mail servers of a domain, and the check of them."""

from typing import Any

import pytest

from console.models import DeliveryServer, Domain, Run, RunState, db
from console.store import runs, smtp
from tests import factories
from tests.factories import delivery_server
from tests.web.client import Browser, page
from tests.web.run_states import newest

PATH = "/domains/brightfield.example/smtp"
TYPED = {"host": "mail.example.com", "port": "25", "tls": "opportunistic", "priority": "10"}


@pytest.fixture
def server(domain: Domain) -> DeliveryServer:
    return delivery_server(domain, host="mail.example.com", port=25)


def servers(domain: Domain) -> list[tuple[str, int, str, int]]:
    return [(found.host, found.port, found.tls, found.priority) for found in smtp.of_domain(domain.id)]


def document(finding: str | None, **step: Any) -> dict[str, Any]:
    """What a check of one server notes."""
    told = {"step": "unknown", "outcome": "done", "text": "It answers.", "detail": "250 <b>", "seconds": 0.01, **step}
    row = {"host": "mail.example.com", "port": 25, "encryption": "none", "finding": finding, "why": "It said so."}
    return {"known": "ada@brightfield.example", "finding": finding, "servers": [{**row, "steps": [told]}]}


def checked(domain: Domain, finding: str) -> Run:
    run = smtp.start_check(domain, None)
    assert runs.claim(run.id)
    assert smtp.note(run.id, document(finding), "asking mail.example.com")
    if finding == "unreachable":
        runs.fail(run.id, "It cannot be reached: check the port.")
    else:
        runs.succeed(run.id)
        db.session.commit()
    return run


def test_without_a_server_the_page_says_what_it_is_for(client: Browser, domain: Domain) -> None:
    shown = client.page(PATH)
    assert "confirm the address to which its mail is delivered" in shown.text
    assert f"{PATH}/new" in shown.links()
    assert f"{PATH}/check" not in shown.actions()


def test_the_page_is_in_the_menu_of_the_domain(client: Browser, domain: Domain) -> None:
    assert PATH in client.page("/domains/brightfield.example/users").links()


def test_a_server_is_added(client: Browser, domain: Domain) -> None:
    shown = client.act(f"{PATH}/new", **{**TYPED, "host": " Mail.Example.COM "})
    assert "The mail server is added." in shown.text
    assert "mail.example.com" in shown.text
    assert servers(domain) == [("mail.example.com", 25, "opportunistic", 10)]


def test_a_form_of_htmx_moves_the_whole_page(client: Browser, domain: Domain) -> None:
    answer = client.submit_htmx(f"{PATH}/new", **TYPED)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, PATH)


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"host": ""}, "Enter the name or the IP address"),
        ({"host": "smtp://mail.example.com"}, "Enter the server's name alone"),
        ({"host": "mail.example.com:25"}, "its port has a field of its own"),
        ({"port": "0"}, "A port is a number from 1 to 65535."),
        ({"port": "x"}, "A port is a number from 1 to 65535."),
        ({"priority": "-1"}, "A priority is a number from 0 to 65535."),
        ({"tls": "maybe"}, "Not a valid choice"),
    ],
)
def test_what_is_no_server_is_refused_beside_its_field(
    client: Browser, domain: Domain, typed: dict[str, str], message: str
) -> None:
    shown = page(client.submit(f"{PATH}/new", **{**TYPED, **typed}), 422)
    assert message in shown.text
    assert servers(domain) == []


def test_a_place_that_is_there_already_is_refused(client: Browser, domain: Domain, server: DeliveryServer) -> None:
    shown = page(client.submit(f"{PATH}/new", **TYPED), 422)
    assert "is one of this domain's mail servers already" in shown.text
    other = delivery_server(domain, host="other.example.com", port=25)
    shown = page(client.submit(f"{PATH}/{other.id}", **TYPED), 422)
    assert "is one of this domain's mail servers already" in shown.text


def test_a_server_is_changed(client: Browser, domain: Domain, server: DeliveryServer) -> None:
    assert client.page(f"{PATH}/{server.id}").one("host").value == "mail.example.com"
    shown = client.act(f"{PATH}/{server.id}", **{**TYPED, "port": "2525", "tls": "required"})
    assert "always, with a valid certificate" in shown.text
    assert servers(domain) == [("mail.example.com", 2525, "required", 10)]


def test_a_server_is_removed_after_a_question_in_numbers(
    client: Browser, domain: Domain, server: DeliveryServer
) -> None:
    delivery_server(domain, host="other.example.com")
    assert "1 other server is left" in client.page(f"{PATH}/{server.id}/remove").text
    assert "mail.example.com:25 is removed." in client.act(f"{PATH}/{server.id}/remove").text
    assert [host for host, *_ in servers(domain)] == ["other.example.com"]


def test_servers_change_places(client: Browser, domain: Domain, server: DeliveryServer) -> None:
    other = delivery_server(domain, host="other.example.com")
    client.act(f"{PATH}/{other.id}/move", way="up")
    assert [host for host, *_ in servers(domain)] == ["other.example.com", "mail.example.com"]
    client.act(f"{PATH}/{other.id}/move", way="down")
    assert [host for host, *_ in servers(domain)] == ["mail.example.com", "other.example.com"]


def test_a_server_of_another_domain_is_not_there(client: Browser, domain: Domain) -> None:
    other = delivery_server(factories.domain("other.example"))
    for path in (f"{PATH}/{other.id}", f"{PATH}/{other.id}/remove"):
        assert client.get(path).status_code == 404
        assert client.submit(path, **TYPED).status_code == 404
    assert client.submit(f"{PATH}/{other.id}/move", way="up").status_code == 404


def test_a_check_is_a_run_of_its_own_page(client: Browser, domain: Domain, server: DeliveryServer) -> None:
    answer = client.submit(f"{PATH}/check", known="ada")
    run = newest()
    assert answer.location == f"/runs/{run.id}"
    assert (run.kind, run.state, (run.trial or {})["known"]) == ("check", "queued", "ada@brightfield.example")
    shown = client.page(f"/runs/{run.id}")
    assert "Waiting for a worker" in shown.text
    assert PATH in shown.links()
    assert "Watch the check" in client.page(PATH).text
    assert client.submit(f"{PATH}/check").location == f"/runs/{run.id}", "there is one at a time"


@pytest.mark.parametrize("known", ["ada@elsewhere.example", "a b@@", "@"])
def test_nobody_of_another_domain_is_asked_for(
    client: Browser, domain: Domain, server: DeliveryServer, known: str
) -> None:
    shown = page(client.submit(f"{PATH}/check", known=known), 422)
    assert shown.error("known")
    assert smtp.open_check(domain.id) is None


def test_without_a_server_there_is_nothing_to_check(client: Browser, domain: Domain) -> None:
    assert "Add one first" in client.act(f"{PATH}/check").text


def test_the_steps_are_shown_while_the_check_is_at_work(
    client: Browser, domain: Domain, server: DeliveryServer
) -> None:
    run = smtp.start_check(domain, None)
    runs.claim(run.id)
    smtp.note(run.id, document(None, step="banner", text="A mail server answers."), "asking mail.example.com")
    shown = client.page(f"/runs/{run.id}/progress")
    for part in ("Asking mail.example.com", "being asked", "Banner", "A mail server answers.", "250 <b>"):
        assert part in shown.text
    assert "What to do" not in shown.text


@pytest.mark.parametrize(
    ("finding", "words"),
    [
        ("known_only", "accepts only known recipients"),
        ("unknown_refused", "refuses unknown recipients"),
        ("every_address", "accepts every address"),
        ("nobody", "refuses known recipients too"),
        ("unclear", "gave no clear answer"),
        ("unreachable", "cannot be reached"),
    ],
)
def test_what_the_last_check_found_is_kept_on_the_page(
    client: Browser, domain: Domain, server: DeliveryServer, finding: str, words: str
) -> None:
    run = checked(domain, finding)
    shown = client.page(PATH)
    assert shown.text.count(words) >= 2, "beside the server, and as the last check"
    assert f"/runs/{run.id}" in shown.links()
    of_run = client.page(f"/runs/{run.id}")
    assert words in of_run.text
    assert ("What to do" in of_run.text) == (finding not in ("known_only", "unknown_refused"))
    assert "Check again" in of_run.text


def test_a_server_that_accepts_everybody_comes_with_what_to_change(
    client: Browser, domain: Domain, server: DeliveryServer
) -> None:
    run = checked(domain, "every_address")
    shown = client.page(f"/runs/{run.id}").text
    assert "Exchange Server 2016" in shown
    assert "-RecipientValidationEnabled $true" in shown
    assert "Authoritative" in shown


def test_a_server_that_was_changed_or_removed_since_is_no_longer_warned_of(
    client: Browser, domain: Domain, server: DeliveryServer
) -> None:
    checked(domain, "every_address")
    warning = "A mail server accepts every address."
    assert warning in client.page(PATH).text
    client.act(f"{PATH}/{server.id}", **{**TYPED, "port": "2525"})
    shown = client.page(PATH)
    assert warning not in shown.text
    assert "not checked" in shown.text


def test_a_check_is_no_run_of_user_sync_and_cannot_be_undone(
    client: Browser, domain: Domain, server: DeliveryServer
) -> None:
    factories.source(domain)
    run = checked(domain, "known_only")
    assert f"/runs/{run.id}" not in client.page("/domains/brightfield.example/sync").links()
    assert client.submit(f"/runs/{run.id}/undo").status_code == 404
    assert newest().id == run.id
    assert run.state == RunState.SUCCEEDED


def test_a_viewer_sees_the_servers_and_the_last_check(viewer: Browser, domain: Domain, server: DeliveryServer) -> None:
    checked(domain, "known_only")
    shown = viewer.page(PATH)
    assert "accepts only known recipients" in shown.text
    assert not {f"{PATH}/new", f"{PATH}/{server.id}"} & set(shown.links())
