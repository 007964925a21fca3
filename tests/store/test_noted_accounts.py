"""What becomes of accounts and invitations is on record, with whoever did it, and no link or password is."""

import pytest
from flask import Flask

from console.core.errors import RefusedError
from console.models import Admin, Domain, EventKind, Role, Topic
from console.store import accounts, admins, invitations, resets
from tests import factories, recorded
from tests.factories import PASSWORD

DORA = "dora@rollcall.example"


def test_an_invitation_is_on_record_until_an_account_comes_of_it(domain: Domain) -> None:
    invitation = invitations.make(DORA, Role.VIEWER, [domain], None)
    token = invitations.renew(invitation)
    invitations.accept(token, "Dora", PASSWORD)
    assert recorded.told(Topic.ACCOUNTS) == [
        ("command line", f"Invited {DORA}"),
        ("command line", f"Made a link of the invitation of {DORA}"),
        ("command line", f"Made the account of {DORA}"),
    ]
    assert recorded.last().kind == EventKind.INVITATION_ACCEPTED
    assert recorded.changes(recorded.last()) == [("Role", "", "viewer"), ("Sees", "", domain.name)]
    said = str([event.search for event in recorded.events()])
    assert token not in said
    assert PASSWORD not in said


def test_an_invitation_that_is_taken_back_is_on_record(app: Flask) -> None:
    invitations.revoke(invitations.make(DORA, Role.VIEWER, None, None))
    assert recorded.last().text == f"Took back the invitation of {DORA}"


def test_whoever_accepts_is_who_did_it_where_nobody_is_signed_in(app: Flask) -> None:
    token = invitations.renew(invitations.make(DORA, Role.VIEWER, None, None))
    with app.test_request_context(environ_base={"REMOTE_ADDR": "192.0.2.8"}):
        invitations.accept(token, "Dora", PASSWORD)
    event = recorded.last()
    assert (event.who, event.address) == (DORA, "192.0.2.8")
    assert event.admin_id is not None


def test_another_role_is_on_record_with_the_one_before(alice: Admin, bob: Admin, domain: Domain) -> None:
    accounts.allow(bob, Role.ADMIN, [domain])
    event = recorded.last()
    assert event.text == f"Changed what {bob.email} may do"
    assert recorded.changes(event) == [("Role", "viewer", "admin"), ("Sees", "every domain", domain.name)]
    accounts.allow(bob, Role.ADMIN, [domain])
    assert recorded.last().id == event.id


def test_a_removed_account_stays_on_record(alice: Admin, bob: Admin) -> None:
    email = bob.email
    accounts.remove(bob)
    assert recorded.last().text == f"Removed the account of {email}"
    with pytest.raises(RefusedError):
        accounts.remove(alice)
    assert recorded.last().text == f"Removed the account of {email}"


def test_a_link_for_a_new_password_and_its_use_are_on_record(app: Flask, bob: Admin) -> None:
    token = resets.make(bob)
    with app.test_request_context(environ_base={"REMOTE_ADDR": "192.0.2.8"}):
        resets.use(token, "another four words here")
    made, used = recorded.events()
    assert made.text == f"Made a link by which {bob.email} sets a new password"
    assert (used.who, used.address, used.topic) == (bob.email, "192.0.2.8", Topic.SIGN_INS)
    assert used.text.startswith(f"Changed the password of {bob.email} by a link")
    assert token not in f"{made.search} {used.search}"


def test_a_one_time_password_is_on_record_and_not_shown_there(bob: Admin) -> None:
    shown = admins.set_password(bob, None)
    assert shown is not None
    event = recorded.last()
    assert event.text.startswith(f"Changed the password of {bob.email} to one that works once")
    assert shown not in event.search


def test_an_account_made_on_the_command_line_is_on_record(app: Flask) -> None:
    admins.create(DORA, Role.OWNER, PASSWORD)
    assert recorded.told(Topic.ACCOUNTS) == [("command line", f"Made the account of {DORA}")]
    assert factories.PASSWORD not in recorded.last().search
