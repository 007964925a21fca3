"""Roles, domains and removal of accounts: somebody always manages them."""

import threading

import pytest
from flask import Flask
from sqlalchemy import func, select

from console.core.errors import RefusedError
from console.models import Admin, AdminSession, Domain, Role, Run, RunKind, db
from console.store import accounts, admins, runs, sessions
from tests import factories
from tests.store.lists import together
from tests.web.client import ELSEWHERE


def owners() -> int:
    return db.session.scalar(select(func.count()).select_from(Admin).where(Admin.role == "owner")) or 0


def test_an_account_gets_another_role_and_other_domains(alice: Admin, bob: Admin, domain: Domain) -> None:
    accounts.allow(bob, Role.ADMIN, [domain])
    assert (bob.role, bob.limited, bob.domains) == ("admin", True, [domain])
    accounts.allow(bob, Role.OWNER, None)
    assert (bob.role, bob.limited, bob.domains) == ("owner", False, [])


def test_the_last_owner_stays_one(alice: Admin, bob: Admin) -> None:
    with pytest.raises(RefusedError, match="the last owner"):
        accounts.allow(alice, Role.ADMIN, None)
    with pytest.raises(RefusedError, match="the last owner"):
        accounts.remove(alice)
    accounts.allow(bob, Role.OWNER, None)
    accounts.remove(alice)
    assert [admin.email for admin in admins.every()] == [bob.email]


def test_an_owner_sees_every_domain(alice: Admin, bob: Admin, domain: Domain) -> None:
    with pytest.raises(RefusedError, match="sees every domain"):
        accounts.allow(bob, Role.OWNER, [domain])
    assert bob.role == "viewer"


@pytest.mark.parametrize("act", ["demote", "remove", "one each"])
def test_of_two_owners_who_go_at_the_same_moment_one_stays(app: Flask, alice: Admin, act: str) -> None:
    other = factories.admin("olga@rollcall.example", Role.OWNER)
    ids = (alice.id, other.id)

    def demote(admin_id: int) -> None:
        accounts.allow(db.session.get_one(Admin, admin_id), Role.VIEWER, None)

    def remove(admin_id: int) -> None:
        accounts.remove(db.session.get_one(Admin, admin_id))

    acts = {"demote": (demote, demote), "remove": (remove, remove), "one each": (demote, remove)}[act]

    def first(_: threading.Barrier) -> None:
        acts[0](ids[0])

    def second(_: threading.Barrier) -> None:
        acts[1](ids[1])

    db.session.rollback()
    (lost,) = [found for found in together(app, first, second) if found is not None]
    assert isinstance(lost, RefusedError)
    assert owners() == 1


def test_a_removed_account_takes_its_sessions_with_it_and_leaves_what_it_did(alice: Admin, domain: Domain) -> None:
    carol = factories.admin("carol@rollcall.example", Role.ADMIN, only=[domain])
    sessions.begin(carol, ELSEWHERE)
    run = runs.start(RunKind.GRACE, domain.id, admin=carol)
    accounts.remove(carol)
    assert db.session.scalars(select(AdminSession)).all() == []
    assert db.session.get_one(Run, run.id, populate_existing=True).admin_id is None
