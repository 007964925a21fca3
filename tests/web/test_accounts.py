"""Everybody's accounts, for owners."""

import pytest
from flask import Flask

from console.models import Admin, Domain, Role
from console.store import admins, invitations, sessions
from tests import factories
from tests.web.client import Browser, page
from tests.web.test_account import LIMITS


def test_the_accounts_tell_who_may_see_what(client: Browser, bob: Admin, mallory: Admin) -> None:
    shown = client.page("/accounts")
    for words in ("alice@rollcall.example", "owner", "viewer", "mallory.example", "every domain"):
        assert words in shown.text
    assert "/accounts" in client.page("/domains").links()


def test_nobody_but_owners_is_led_there(viewer: Browser) -> None:
    assert "/accounts" not in viewer.page("/domains").links()


def test_an_invitation_that_is_open_or_not_sent_yet_is_told(client: Browser, alice: Admin) -> None:
    sent = invitations.make("dora@rollcall.example", Role.VIEWER, None, alice)
    invitations.renew(sent)
    invitations.make("emil@rollcall.example", Role.VIEWER, None, alice)
    shown = client.page("/accounts").text
    assert "dora@rollcall.example by alice@rollcall.example viewer every domain ends in 6 d" in shown
    assert "emil@rollcall.example by alice@rollcall.example viewer every domain not sent yet" in shown


def test_an_owner_changes_what_an_account_may_do(client: Browser, bob: Admin, domain: Domain) -> None:
    typed = {"role": "admin", "sees": "some", "domains": str(domain.id)}
    assert client.submit(f"/accounts/{bob.id}", **typed).location == "/accounts"
    assert (bob.role, bob.limited, bob.domains) == ("admin", True, [domain])
    form = client.page(f"/accounts/{bob.id}").form()
    assert (form["role"], form["domains"]) == ("admin", str(domain.id))


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"sees": "some"}, "domains", "Tick at least one domain"),
        ({"role": "king"}, "role", "Not a valid choice"),
        ({"role": "owner", "sees": "some", "domains": "1"}, "role", "An owner manages every account"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(
    *, client: Browser, bob: Admin, domain: Domain, typed: dict[str, str], field: str, said: str
) -> None:
    shown = page(client.submit(f"/accounts/{bob.id}", **{"role": "viewer", "sees": "every", **typed}), 422)
    assert said in shown.error(field)
    assert (bob.role, bob.limited) == ("viewer", False)


def test_the_last_owner_is_neither_demoted_nor_removed(client: Browser, alice: Admin) -> None:
    shown = page(client.submit(f"/accounts/{alice.id}", role="viewer", sees="every"), 422)
    assert "is the last owner" in shown.error("role")
    assert "is the last owner" in page(client.submit(f"/accounts/{alice.id}/remove"), 422).text
    assert alice.role == "owner"


def test_an_owner_who_demotes_themselves_leaves_the_accounts(client: Browser, alice: Admin) -> None:
    factories.admin("olga@rollcall.example", Role.OWNER)
    assert client.submit(f"/accounts/{alice.id}", role="viewer", sees="every").location == "/domains"
    assert client.get("/accounts").status_code == 404


def test_an_account_is_removed_with_its_sessions(app: Flask, client: Browser, bob: Admin) -> None:
    theirs = Browser.of(app).signed_in(bob)
    asked = client.page(f"/accounts/{bob.id}/remove").text
    assert "its 1 open session ends at once" in asked
    assert "The account of bob@rollcall.example is removed." in client.act(f"/accounts/{bob.id}/remove").text
    assert admins.by_email("bob@rollcall.example") is None
    assert theirs.get("/domains").location.startswith("/login")


def test_an_owner_who_removes_themselves_is_signed_out(client: Browser, alice: Admin) -> None:
    factories.admin("olga@rollcall.example", Role.OWNER)
    assert client.submit(f"/accounts/{alice.id}/remove").location == "/login"
    assert client.get("/accounts").location.startswith("/login")


def test_an_owner_ends_the_session_of_somebody_else(app: Flask, client: Browser, bob: Admin) -> None:
    theirs = Browser.of(app).signed_in(bob)
    (session,) = sessions.of_admin(bob.id, LIMITS)
    assert f"/sessions/{session.id}/end" in client.page(f"/accounts/{bob.id}").actions()
    assert client.submit(f"/sessions/{session.id}/end").location == f"/accounts/{bob.id}"
    assert theirs.get("/domains").status_code == 302
