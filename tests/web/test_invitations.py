"""Invitations: made and sent by owners, accepted by whoever has the link."""

from collections.abc import Iterator

import pytest
from flask import Flask
from redis import Redis

from console.models import Admin, Domain, Role
from console.store import admins, invitations
from tests.factories import PASSWORD
from tests.servers.relay import Relay
from tests.web.client import Browser, page
from tests.web.mailing import link_in, mailing, worked_off

DORA = "dora@rollcall.example"


@pytest.fixture(scope="module")
def started() -> Iterator[Relay]:
    with Relay() as server:
        yield server


@pytest.fixture
def relay(app: Flask, started: Relay) -> Iterator[Relay]:
    with mailing(app, started) as server:
        yield server


def invited(client: Browser, **typed: object) -> str:
    """The path of the link that the owner is shown."""
    shown = page(client.submit("/invitations/new", **{"email": DORA, "role": "admin", "sees": "every", **typed}))
    return "/invitation/" + shown.one("link").attributes["value"].rpartition("/")[2]


def test_an_invitation_goes_by_mail_and_becomes_an_account(
    *, client: Browser, anonymous: Browser, relay: Relay, redis: Redis, domain: Domain
) -> None:
    typed = {"email": "Dora@Rollcall.example", "role": "admin", "sees": "some", "domains": str(domain.id)}
    assert client.submit("/invitations/new", way="mail", **typed).location == "/accounts"
    worked_off(redis)
    (mail,) = relay.mail
    assert (mail["To"], mail["Subject"]) == (DORA, "An account for you in Rollcall")
    text = mail.get_content()
    assert "alice@rollcall.example invites you" in text
    assert DORA in client.page("/accounts").text
    assert anonymous.get(link_in(text)).location == "/invitation"
    assert anonymous.page("/invitation").form()["username"] == DORA
    made = anonymous.submit("/invitation", name="Dora Diaz", new=PASSWORD, again=PASSWORD)
    assert made.location == "/domains"
    assert domain.name in anonymous.page("/domains").text
    dora = admins.check(DORA, PASSWORD)
    assert dora is not None
    assert (dora.name, dora.role, dora.limited, dora.domains) == ("Dora Diaz", "admin", True, [domain])
    worked_off(redis)
    assert [(mail["To"], mail["Subject"]) for mail in relay.mail[1:]] == [
        ("alice@rollcall.example", "Somebody accepted an invitation to Rollcall")
    ]
    assert "used already" in page(anonymous.get("/invitation"), 410).text


def test_a_link_that_is_shown_once_works_as_well(client: Browser, anonymous: Browser) -> None:
    anonymous.get(invited(client))
    assert anonymous.submit("/invitation", name="Dora", new=PASSWORD, again=PASSWORD).location == "/domains"


def test_a_newer_link_and_taking_back_end_the_older(app: Flask, client: Browser, anonymous: Browser) -> None:
    older = invited(client)
    found = invitations.of(DORA)
    assert found is not None
    page(client.submit(f"/invitations/{found.id}/link"))
    anonymous.get(older)
    assert anonymous.get("/invitation").status_code == 410
    assert "is taken back" in client.act(f"/invitations/{found.id}/revoke").text
    assert invitations.every() == []


def test_a_lost_mail_is_sent_again_with_another_link(client: Browser, relay: Relay, redis: Redis, alice: Admin) -> None:
    found = invitations.make(DORA, Role.VIEWER, None, alice)
    for _ in range(2):
        client.submit(f"/invitations/{found.id}/send")
        assert worked_off(redis)[0].isdecimal()
    first, second = (link_in(mail.get_content()).rpartition("/")[2] for mail in relay.mail)
    assert invitations.find(first) is None
    assert invitations.find(second) == found


def test_without_a_relay_there_are_links_alone(client: Browser, alice: Admin) -> None:
    shown = client.page("/invitations/new")
    assert "no mail relay" in shown.text
    assert [button.text for button in shown.all("button") if button.attributes.get("name") == "way"] == ["Make a link"]
    found = invitations.make(DORA, Role.VIEWER, None, alice)
    assert "make a link instead" in client.act(f"/invitations/{found.id}/send").text


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"email": "dora"}, "email", "“dora” has no @"),
        ({"email": ""}, "email", "Enter an e-mail address."),
        ({"sees": "some"}, "domains", "Tick at least one domain, or choose every domain."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    client: Browser, domain: Domain, typed: dict[str, str], field: str, said: str
) -> None:
    fields = {"email": DORA, "role": "admin", "sees": "every", **typed}
    assert said in page(client.submit("/invitations/new", **fields), 422).error(field)
    assert invitations.every() == []


@pytest.mark.parametrize("email", ["alice@rollcall.example", DORA])
def test_who_has_an_account_or_an_invitation_is_not_invited(client: Browser, alice: Admin, email: str) -> None:
    invitations.make(DORA, Role.VIEWER, None, alice)
    typed = {"email": email, "role": "owner", "sees": "every"}
    assert "already" in page(client.submit("/invitations/new", **typed), 422).text
    assert len(invitations.every()) == 1


def test_a_password_that_will_not_do_is_said_beside_its_field(client: Browser, anonymous: Browser) -> None:
    anonymous.get(invited(client))
    shown = page(anonymous.submit("/invitation", name="", new="password1234", again="password1234"), 422)
    assert shown.error("name") == "Enter your name."
    shown = page(anonymous.submit("/invitation", name="Dora", new="password1234", again="password1234"), 422)
    assert "others try first" in shown.error("new")
    assert admins.by_email(DORA) is None
