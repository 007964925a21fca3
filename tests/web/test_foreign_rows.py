"""What a form or an address names beside its domain has to be that domain's own, whoever asks."""

import pytest
from flask import Flask
from sqlalchemy import select

from console.core.discovery import SightingState
from console.models import Admin, Domain, Role, Sighting, Source, User, db
from console.store import domains, smtp
from tests import factories
from tests.web.client import Browser
from tests.web.route_table import OF_DOMAIN, READER_OF_DOMAIN
from tests.web.source_form import GOOD, NEW
from tests.web.test_routes import address, ask, rows

__all__ = ["rows"]


@pytest.fixture
def other(app: Flask) -> Domain:
    return factories.domain("other.example")


def group_of(domain: Domain) -> str:
    return str(domains.default_group(domain.id).id)


@pytest.mark.usefixtures("rows")
def test_an_admin_of_the_domain_alone_sees_all_of_it_and_no_accounts(app: Flask) -> None:
    domain = domains.named(factories.DOMAIN)
    assert domain is not None
    dave = factories.admin("dave@rollcall.example", Role.ADMIN, only=[domain])
    browser = Browser.of(app).signed_in(dave)
    # Without an app of the operator there is nothing to connect with.
    wanted = {name for name in OF_DOMAIN if name.startswith("GET") and "connect" not in name}
    assert {name: ask(browser, app, name) for name in wanted if name in READER_OF_DOMAIN} == dict.fromkeys(
        wanted & READER_OF_DOMAIN, 200
    )
    assert {ask(browser, app, name) for name in wanted} <= {200, 302}
    assert browser.get(address(app, "GET accounts.index")).status_code == 404


def test_a_new_user_gets_into_no_group_of_another_domain(client: Browser, domain: Domain, other: Domain) -> None:
    form = {"address": "ada", "kind": "mailbox", "group": group_of(other)}
    assert client.submit(f"/domains/{domain.name}/users/new", **form).status_code == 422
    assert db.session.scalars(select(User)).all() == []


def test_a_form_takes_no_field_that_it_does_not_have(client: Browser, ada: User, other: Domain) -> None:
    more = {
        "domain_id": str(other.id),
        "status": "disabled",
        "origin": "csv",
        "exempt": "y",
        "address": "eve",
        "id": "7",
    }
    known = {"first_name": "Ada", "last_name": "King", "kind": "mailbox", "group": str(ada.group_id)}
    before = (ada.id, ada.domain_id, ada.status, ada.origin, ada.exempt, ada.address)
    client.submit(f"/users/{ada.id}", **known, **more)
    db.session.refresh(ada)
    assert ada.last_name == "King"
    assert (ada.id, ada.domain_id, ada.status, ada.origin, ada.exempt, ada.address) == before


def test_a_source_fills_no_group_of_another_domain(client: Browser, domain: Domain, other: Domain) -> None:
    assert client.submit(NEW, **{**GOOD, "group": group_of(other)}).status_code == 422
    assert db.session.scalars(select(Source)).all() == []


def test_an_address_that_another_domain_discovered_is_not_decided_about(
    client: Browser, domain: Domain, other: Domain
) -> None:
    seen = Sighting(domain_id=other.id, key="a@other.example", address="a@other.example", state="review")
    db.session.add(seen)
    db.session.commit()
    client.submit(f"/domains/{domain.name}/discovery/decide", sighting=str(seen.id), act="not_ours")
    client.submit(f"/domains/{domain.name}/discovery/decide", one=f"not_ours-{seen.id}")
    db.session.refresh(seen)
    assert seen.state == SightingState.REVIEW


def test_a_mail_server_under_the_name_of_a_domain_of_one_s_own_is_not_there(
    app: Flask, stranger: Browser, mallory: Admin, domain: Domain
) -> None:
    server = factories.delivery_server(domain)
    [own] = mallory.domains
    for path in ("", "/remove", "/move"):
        assert stranger.submit(f"/domains/{own.name}/smtp/{server.id}{path}").status_code == 404
    assert smtp.of_domain(domain.id) == [server]


def test_an_alias_of_another_domain_is_not_taken_away(client: Browser, domain: Domain, other: Domain) -> None:
    domains.add_alias(other, "third.example")
    client.submit(f"/domains/{domain.name}/aliases/third.example/remove")
    client.submit(f"/domains/{domain.name}/aliases/{other.name}/remove")
    db.session.refresh(other)
    assert other.aliases == ["third.example"]
