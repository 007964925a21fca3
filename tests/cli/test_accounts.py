"""flask admins, for accounts and invitations that there are."""

import pytest
from flask import Flask

from console.models import Domain, Role
from console.store import admins, invitations, organisation, resets
from tests import factories
from tests.cli.command_line import CommandLine
from tests.factories import PASSWORD
from tests.web.second_steps import turned_on


def test_an_invitation_is_a_link_that_makes_the_account(flask: CommandLine, domain: Domain) -> None:
    result = flask("admins", "invite", "Dora@Rollcall.example", "--role", "viewer", "--domain", domain.name)
    link = result.stdout.strip()
    assert link.startswith("http://localhost:8000/invitation/")
    assert "shown only now" in result.stderr
    dora = invitations.accept(link.rpartition("/")[2], "Dora", PASSWORD)
    assert (dora.email, dora.role, dora.domains) == ("dora@rollcall.example", "viewer", [domain])


def test_who_is_invited_again_gets_another_link(flask: CommandLine) -> None:
    first, second = (flask("admins", "invite", "dora@rollcall.example").stdout.strip() for _ in range(2))
    assert invitations.find(first.rpartition("/")[2]) is None
    assert invitations.find(second.rpartition("/")[2]) is not None


def test_invitations_are_listed_without_their_links_and_taken_back(flask: CommandLine, domain: Domain) -> None:
    assert flask.json("admins", "invitations") == []
    made = flask.json("admins", "invite", "dora@rollcall.example", "--domain", domain.name)
    assert made.pop("link").startswith("http")
    assert flask.json("admins", "invitations") == [made]
    assert made["domains"] == [domain.name]
    assert "dora@rollcall.example" in flask("admins", "invitations").stdout
    flask("admins", "revoke", "dora@rollcall.example")
    assert invitations.every() == []
    assert "is not invited" in flask("admins", "revoke", "dora@rollcall.example", status=1).stderr


def test_without_a_relay_no_mail_is_promised(flask: CommandLine) -> None:
    result = flask("admins", "invite", "dora@rollcall.example", "--mail", status=1)
    assert "set SMTP_URL and MAIL_FROM" in result.stderr
    assert invitations.every() == []


def test_a_mail_is_queued_and_the_link_not_printed(flask: CommandLine, app: Flask) -> None:
    usual = app.extensions["settings"]
    app.extensions["settings"] = factories.changed(usual, smtp_url="smtp://127.0.0.1:9", mail_from="r@console.example")
    try:
        result = flask("admins", "invite", "dora@rollcall.example", "--mail")
    finally:
        app.extensions["settings"] = usual
    assert result.stdout == "An invitation is on its way to dora@rollcall.example.\n"


def test_a_role_is_changed_for_every_domain_or_some(flask: CommandLine, domain: Domain) -> None:
    factories.admin("alice@rollcall.example")
    bob = factories.admin("bob@rollcall.example", Role.VIEWER)
    flask("admins", "role", "Bob@rollcall.example", "admin", "--domain", domain.name)
    assert (bob.role, bob.domains) == ("admin", [domain])
    flask("admins", "role", "bob@rollcall.example", "owner")
    assert (bob.role, bob.limited) == ("owner", False)
    assert (
        "no domain nowhere.example"
        in flask("admins", "role", "bob@rollcall.example", "admin", "--domain", "nowhere.example", status=1).stderr
    )


@pytest.mark.parametrize(
    "arguments", [("role", "alice@rollcall.example", "viewer"), ("remove", "alice@rollcall.example")]
)
def test_the_last_owner_stays(flask: CommandLine, arguments: tuple[str, ...]) -> None:
    alice = factories.admin("alice@rollcall.example")
    assert "is the last owner" in flask("admins", *arguments, status=1).stderr
    assert alice.role == "owner"


def test_an_account_is_removed(flask: CommandLine) -> None:
    factories.admin("alice@rollcall.example")
    factories.admin("bob@rollcall.example", Role.VIEWER)
    flask("admins", "remove", "bob@rollcall.example")
    assert [admin.email for admin in admins.every()] == ["alice@rollcall.example"]
    assert "There is no account" in flask("admins", "remove", "bob@rollcall.example", status=1).stderr


def test_a_reset_is_a_link_that_sets_a_new_password(flask: CommandLine) -> None:
    alice = factories.admin("alice@rollcall.example")
    link = flask("admins", "reset", "alice@rollcall.example").stdout.strip()
    assert link.startswith("http://localhost:8000/reset/")
    resets.use(link.rpartition("/")[2], "another sentence of words")
    assert admins.check(alice.email, "another sentence of words") == alice


def test_a_lost_app_is_reset_for_an_owner_who_cannot_sign_in(flask: CommandLine) -> None:
    alice = factories.admin("alice@rollcall.example")
    turned_on(alice)
    organisation.require_two_steps(alice, True)
    assert flask.json("admins", "list")[0]["two_steps"] is True
    result = flask("admins", "reset-second-step", "Alice@rollcall.example")
    assert "is reset" in result.stdout
    assert "set up anew at the next sign-in" in result.stderr
    assert flask.json("admins", "list")[0]["two_steps"] is False
    assert "nothing to reset" in flask("admins", "reset-second-step", alice.email, status=1).stderr
    assert "There is no account" in flask("admins", "reset-second-step", "nobody@rollcall.example", status=1).stderr
