"""Adding a user by hand."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from console.core.person import Status
from console.models import Admin, Domain, User, db
from console.store import domains, records
from console.store.paging import TOP
from tests import factories
from tests.factories import manual_user
from tests.web.client import HTMX, Browser, page, same


@pytest.fixture
def path(domain: Domain) -> str:
    return f"/domains/{domain.name}/users/new"


def add(browser: Browser, path: str, **typed: str) -> User:
    """Add a user, who is the newest then."""
    response = browser.submit(path, **{"kind": "mailbox", "group": "1", **typed})
    assert response.status_code == 302
    user = db.session.scalars(select(User).order_by(User.id.desc())).first()
    assert user is not None
    assert response.location == f"/users/{user.id}"
    return user


def test_a_local_part_is_enough_and_leads_into_the_profile(client: Browser, path: str, alice: Admin) -> None:
    user = add(client, path, address="Ada")
    assert (user.address, user.name, user.kind, user.origin) == ("ada@brightfield.example", "", "mailbox", "manual")
    assert (user.group.name, user.status) == ("Default", Status.ACTIVE)
    shown = client.page(f"/users/{user.id}")
    assert "The user is added: mail to this address is accepted from now on." in shown.text
    assert shown.all("h1")[0].text == "ada@brightfield.example"
    (change,) = records.history(user.id, TOP).rows
    assert (change.action, change.run.admin, change.run.title) == ("created", alice, "Added ada@brightfield.example")


def test_names_kind_and_group_are_kept(client: Browser, path: str, domain: Domain) -> None:
    sales = domains.add_group(domain, "Sales")
    user = add(
        client,
        path,
        address="<Info@Brightfield.Example>",
        first_name=" The \t Info ",
        last_name="Desk\x00",
        kind="shared",
        group=str(sales.id),
    )
    assert (user.address, user.name, user.kind, user.group) == (
        "info@brightfield.example",
        "The Info Desk",
        "shared",
        sales,
    )


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("ada@b-group.example", "ada@brightfield.example"),
        ("o'brien+x", "o'brien+x@brightfield.example"),
        ('"john doe"', '"john doe"@brightfield.example'),
        ("Jürgen", "jürgen@brightfield.example"),
    ],
)
def test_unusual_addresses_are_addresses(client: Browser, typed: str, stored: str) -> None:
    factories.domain(aliases=["b-group.example"])
    assert add(client, "/domains/brightfield.example/users/new", address=typed).address == stored


def test_htmx_is_told_to_move_the_whole_page(client: Browser, path: str) -> None:
    response = client.submit_htmx(path, address="ada", kind="mailbox", group="1")
    assert (response.status_code, response.headers["HX-Redirect"], response.text) == (204, "/users/1", "")
    assert "The user is added" in client.page("/users/1").text


WRONG = [
    ({"address": ""}, "Enter an e-mail address."),
    ({"address": "  "}, "The address is empty."),
    ({"address": "ada lovelace"}, "has a space before the @, where it is not allowed."),
    ({"address": "ada@@brightfield.example"}, "has more than one @"),
    ({"address": "a\x00da"}, "control character"),
    ({"address": "x" * 65}, "more than 64 characters before the @"),
    ({"address": "x" * 1001}, "longer than 1000"),
    ({"address": "ada@other.example"}, "ada@other.example is not an address of brightfield.example."),
    ({"address": "office"}, "office@brightfield.example is on the list already"),
    ({"address": "OFFICE@B-Group.example"}, "office@brightfield.example is on the list already"),
    ({"address": "desk"}, "desk@brightfield.example is on the list already"),
    ({"first_name": "x" * 201}, "At most 200 characters."),
    ({"last_name": "x" * 201}, "At most 200 characters."),
    ({"kind": "robot"}, "Not a valid choice."),
    ({"group": "99"}, "Not a valid choice."),
    ({"group": "2"}, "Not a valid choice."),
    ({"group": "x"}, "Invalid Choice"),
]


def test_what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost(client: Browser) -> None:
    domain = factories.domain(aliases=["b-group.example"])
    factories.domain("other.example")  # Its group has the number 2.
    factories.users(domain, manual_user("office", aliases=["desk"]))
    path = f"/domains/{domain.name}/users/new"
    good = {"address": "ada", "first_name": "Ada", "last_name": "Lovelace", "kind": "list", "group": "1"}
    for typed, said in WRONG:
        refused = page(client.submit(path, **{**good, **typed}), 422)
        ((field, value),) = typed.items()
        assert said in refused.error(field), typed
        form = refused.form(path)
        expected = {**good, **typed} if field not in ("kind", "group") else {**good, field: form[field]}
        if "\x00" not in value:
            assert {name: form[name] for name in good} == expected
    assert db.session.scalar(select(func.count()).select_from(User)) == 1


def test_htmx_is_given_the_form_with_its_messages(client: Browser, path: str) -> None:
    response = client.submit_htmx(path, address="no address", kind="mailbox", group="1")
    refused = page(response, 422)
    assert "has a space before the @" in refused.error("address")
    assert refused.one("add-user").tag == "section"


def test_the_form_in_place_is_the_form_of_the_page(client: Browser, path: str, domain: Domain) -> None:
    """The Users page asks for the whole page and takes the form out of it: both are one template."""
    shown = client.page(path, headers=HTMX)
    assert shown.one("add-user").tag == "section"
    place = client.page(f"/domains/{domain.name}/users").one("add-user")
    assert place.text == ""
    assert same(shown.outer("add-user")) == same(client.page(path).outer("add-user"))


def test_two_people_who_add_the_same_address_get_one_user(app: Flask, client: Browser, path: str) -> None:
    other = Browser.of(app).signed_in(factories.admin("carol@rollcall.example"))
    assert client.submit(path, address="ada", kind="mailbox", group="1").status_code == 302
    assert "is on the list already" in page(other.submit(path, address="ada", kind="mailbox", group="1"), 422).error(
        "address"
    )
