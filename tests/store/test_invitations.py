"""Invitations: whoever has the link makes the account that an owner meant, once and in time."""

import datetime as dt
import threading

import pytest
from flask import Flask
from sqlalchemy import select, update

from console.core.errors import RefusedError
from console.models import Admin, Domain, Invitation, Notice, Role, db, now
from console.store import admins, domains, invitations
from tests.factories import PASSWORD
from tests.store.lists import together


def test_whoever_has_the_link_makes_the_account_and_the_owners_are_told(alice: Admin, domain: Domain) -> None:
    invited = invitations.make(" Dora@Rollcall.example", Role.ADMIN, [domain], alice)
    assert not invited.is_open
    token = invitations.renew(invited)
    assert invited.is_open
    assert token not in str(invited.digest)
    dora = invitations.accept(token, "Dora", PASSWORD)
    assert (dora.email, dora.name, dora.role, dora.limited) == ("dora@rollcall.example", "Dora", "admin", True)
    assert dora.domains == [domain]
    assert admins.check(dora.email, PASSWORD) == dora
    told = db.session.scalars(select(Notice)).one()
    assert (told.kind, told.admin_id, told.detail) == ("accepted", alice.id, "dora@rollcall.example, admin")
    with pytest.raises(RefusedError, match="used already"):
        invitations.accept(token, "Somebody else", PASSWORD)


def test_a_link_works_for_seven_days_until_a_newer_one_and_until_it_is_taken_back(alice: Admin) -> None:
    invited = invitations.make("dora@rollcall.example", Role.VIEWER, None, alice)
    older = invitations.renew(invited)
    newer = invitations.renew(invited)
    assert (invitations.find(older), invitations.find(newer)) == (None, invited)
    db.session.execute(update(Invitation).values(expires_at=now() + dt.timedelta(days=7, seconds=-1)))
    db.session.commit()
    assert invitations.find(newer) == invited
    db.session.execute(update(Invitation).values(expires_at=now()))
    db.session.commit()
    assert invitations.find(newer) is None
    with pytest.raises(RefusedError, match="seven days are over"):
        invitations.accept(newer, "Dora", PASSWORD)
    newest = invitations.renew(invited)
    invitations.revoke(invited)
    assert invitations.find(newest) is None
    assert admins.by_email("dora@rollcall.example") is None


def test_an_address_is_invited_once_and_never_one_that_has_an_account(alice: Admin, domain: Domain) -> None:
    with pytest.raises(RefusedError, match="There is an account"):
        invitations.make("ALICE@rollcall.example", Role.VIEWER, None, alice)
    invitations.make("dora@rollcall.example", Role.VIEWER, None, alice)
    with pytest.raises(RefusedError, match="invited already"):
        invitations.make("Dora@rollcall.example", Role.ADMIN, None, alice)
    with pytest.raises(RefusedError, match="sees every domain"):
        invitations.make("olga@rollcall.example", Role.OWNER, [domain], alice)
    assert [item.email for item in invitations.every()] == ["dora@rollcall.example"]


def test_a_password_that_will_not_do_leaves_the_invitation(alice: Admin) -> None:
    token = invitations.renew(invitations.make("dora@rollcall.example", Role.VIEWER, None, alice))
    with pytest.raises(RefusedError, match="others try first"):
        invitations.accept(token, "Dora", "password1234")
    assert invitations.find(token) is not None
    assert admins.by_email("dora@rollcall.example") is None


def test_whose_domains_are_gone_when_they_come_sees_none(alice: Admin, domain: Domain) -> None:
    token = invitations.renew(invitations.make("dora@rollcall.example", Role.ADMIN, [domain], alice))
    domains.delete(domain)
    dora = invitations.accept(token, "Dora", PASSWORD)
    assert (dora.limited, list(domains.visible(dora))) == (True, [])


def test_of_two_who_use_a_link_at_the_same_moment_one_makes_the_account(app: Flask, alice: Admin) -> None:
    token = invitations.renew(invitations.make("dora@rollcall.example", Role.VIEWER, None, alice))

    def accept(_: threading.Barrier) -> int:
        return invitations.accept(token, "Dora", PASSWORD).id

    (lost,) = [found for found in together(app, accept, accept) if isinstance(found, BaseException)]
    assert isinstance(lost, RefusedError)
    assert len(admins.every()) == 2
