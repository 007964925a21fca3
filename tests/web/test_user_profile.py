"""A user's profile: what it tells, and what a person does to one user."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from console.core.address import Address
from console.core.person import Kind, Status
from console.models import Admin, Domain, Run, User, db
from console.store import domains, recipients, records, users
from console.store.paging import TOP
from tests import factories
from tests.web.client import Browser, page
from tests.web.profiles import core, stored, undo

ADA = "ada@brightfield.example"


def test_the_profile_tells_what_is_known(client: Browser, ada: User) -> None:
    text = client.page(f"/users/{ada.id}").text
    for said in ("Ada Lovelace", "countess@brightfield.example", "Added by hand", "billable mailbox", "accepted"):
        assert said in text
    assert "for a test" in text  # The run that put the user on the list.


def test_a_synced_user_says_where_it_comes_from(client: Browser, grace: User) -> None:
    text = client.page(f"/users/{grace.id}").text
    assert "Active Dir. · HQ" in text
    assert "What you set here by hand stays through the next sync." in text


def test_names_kind_and_group_are_edited(client: Browser, ada: User, domain: Domain) -> None:
    sales = domains.add_group(domain, "Sales")
    fields = {"first_name": " Augusta ", "last_name": "King", "kind": "shared", "group": str(sales.id)}
    shown = client.act(f"/users/{ada.id}", **fields)
    assert "Saved." in shown.text
    assert (ada.name, ada.kind, ada.group, ada.by_hand) == ("Augusta King", "shared", sales, [])
    assert undo(shown) == f"/runs/{records.history(ada.id, TOP).rows[0].run_id}/undo"
    assert "name Ada Lovelace → Augusta King; kind mailbox → shared; moved to the group Sales" in shown.text


def test_saving_what_is_there_changes_nothing(client: Browser, ada: User) -> None:
    form = client.page(f"/users/{ada.id}").form(f"/users/{ada.id}")
    before, runs = core(ada), db.session.scalars(select(Run.id)).all()
    shown = client.act(f"/users/{ada.id}", **{name: value or "" for name, value in form.items()})
    assert "Nothing was changed." in shown.text
    assert core(ada) == before
    assert db.session.scalars(select(Run.id)).all() == runs


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"first_name": "x" * 201}, "first_name", "At most 200 characters."),
        ({"kind": "robot"}, "kind", "Not a valid choice."),
        ({"group": "99"}, "group", "Not a valid choice."),
    ],
)
def test_an_edit_that_cannot_be_is_said_beside_its_field(
    client: Browser, ada: User, typed: dict[str, str], field: str, said: str
) -> None:
    before = core(ada)
    fields = {"first_name": "Augusta", "last_name": "King", "kind": "shared", "group": "1", **typed}
    refused = page(client.submit(f"/users/{ada.id}", **fields), 422)
    assert refused.error(field) == said
    assert refused.form(f"/users/{ada.id}")["last_name"] == "King"
    assert core(ada) == before


def test_what_is_set_by_hand_on_a_synced_user_stays_until_the_source_may_again(
    client: Browser, grace: User, domain: Domain
) -> None:
    sales = domains.add_group(domain, "Sales")
    fields = {"first_name": "Amazing", "last_name": "Grace", "kind": "shared", "group": str(sales.id)}
    shown = client.act(f"/users/{grace.id}", **fields)
    assert set(grace.by_hand) == {"g@brightfield.example", "name", "kind", "group_id"}
    for label in ("name", "kind"):
        assert f"The {label} was set by hand and stays through every sync." in shown.text
    assert "The group was set by hand" not in shown.text, "no source sets the group of a user that is there"
    shown = client.act(f"/users/{grace.id}/follow", field="kind")
    assert "The next sync sets this again." in shown.text
    assert "The kind was set by hand" not in shown.text
    assert set(grace.by_hand) == {"g@brightfield.example", "name", "group_id"}
    assert grace.kind == "shared"


def test_an_alias_is_added(client: Browser, ada: User, grace: User) -> None:
    for user in (ada, grace):
        shown = client.act(f"/users/{user.id}/aliases", address=f"New{user.id}")
        assert f"new{user.id}@brightfield.example is an address of this user now." in shown.text
        assert f"new{user.id}@brightfield.example" in user.aliases
    assert f"new{grace.id}@brightfield.example" in grace.by_hand
    assert ada.by_hand == []


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Enter an e-mail address."),
        ("no address", "has a space before the @"),
        ("ada@other.example", "ada@other.example is not an address of brightfield.example."),
        ("grace", "grace@brightfield.example has the address grace@brightfield.example already."),
        ("HOPPER", "grace@brightfield.example has the address hopper@brightfield.example already."),
        ("ada", "This user has the address ada@brightfield.example already."),
        ("countess", "This user has the address countess@brightfield.example already."),
    ],
)
def test_what_cannot_be_an_alias_is_said_beside_its_field(
    client: Browser, ada: User, grace: User, typed: str, said: str
) -> None:
    before = core(ada)
    refused = page(client.submit(f"/users/{ada.id}/aliases", address=typed), 422)
    assert said in refused.error("address")
    assert refused.form(f"/users/{ada.id}/aliases")["address"] == typed
    # The other form of the page is whole, and leads to its own place and not to that of this one.
    assert refused.form(f"/users/{ada.id}")["first_name"] == "Ada"
    assert core(ada) == before


def test_an_alias_is_removed(client: Browser, ada: User) -> None:
    shown = client.act(f"/users/{ada.id}/aliases/remove", address="countess@brightfield.example")
    assert "Mail to countess@brightfield.example is rejected from now on." in shown.text
    assert ada.aliases == ["a.l@brightfield.example"]


@pytest.mark.parametrize("address", ["", ADA, "nobody@brightfield.example", "grace@brightfield.example", "a\x00b"])
def test_only_an_alias_of_this_user_is_removed(client: Browser, ada: User, grace: User, address: str) -> None:
    before = core(ada), core(grace)
    said = client.act(f"/users/{ada.id}/aliases/remove", address=address).one("flashes").text
    assert said.endswith("is not an alias of ada@brightfield.example.")
    assert (core(ada), core(grace)) == before


def test_an_alias_becomes_the_primary_address(client: Browser, ada: User) -> None:
    shown = client.act(f"/users/{ada.id}/primary", address="countess@brightfield.example")
    assert "countess@brightfield.example is the primary address now." in shown.text
    assert (ada.address, ada.aliases) == ("countess@brightfield.example", ["a.l@brightfield.example", ADA])
    assert shown.all("h1")[0].text == "countess@brightfield.example"


def test_an_address_of_nobody_does_not_become_primary(client: Browser, ada: User) -> None:
    before = core(ada)
    shown = client.act(f"/users/{ada.id}/primary", address="nobody@brightfield.example")
    assert "nobody@brightfield.example is not an address of this user." in shown.text
    assert core(ada) == before


def test_what_the_directory_says_of_addresses_is_changed_there(client: Browser, grace: User) -> None:
    path, hopper = f"/users/{grace.id}", "hopper@brightfield.example"
    before = core(grace)
    assert f"{path}/primary" not in client.page(path).actions()
    assert "comes from the directory" in client.act(f"{path}/aliases/remove", address=hopper).text
    assert "The directory says which address" in client.act(f"{path}/primary", address=hopper).text
    assert core(grace) == before
    assert "is rejected" in client.act(f"{path}/aliases/remove", address="g@brightfield.example").text
    assert (grace.aliases, grace.by_hand) == ([hopper], [])


def test_an_exempt_user_is_the_persons_own(client: Browser, grace: User) -> None:
    path, hopper = f"/users/{grace.id}", "hopper@brightfield.example"
    shown = client.act(f"{path}/exempt", on="1")
    assert "No sync touches this user any more." in shown.text
    assert grace.exempt
    assert "the primary address now" in client.act(f"{path}/primary", address=hopper).text
    assert grace.address == hopper
    assert "This user is synced again." in client.act(f"{path}/exempt", on="0").text
    assert not grace.exempt


def test_a_user_is_disabled_and_enabled(client: Browser, ada: User, grace: User) -> None:
    for user in (ada, grace):
        shown = client.act(f"/users/{user.id}/disable")
        assert "Mail to this user is rejected from now on." in shown.text
        assert "Mail to this user is rejected. Disabled by hand." in shown.text
        assert (user.status, user.billable) == (Status.DISABLED, False)
        assert ("status" in user.by_hand) == (user is grace)
        assert "Nothing was changed." in client.act(f"/users/{user.id}/disable").text
        assert "Mail to this user is accepted again." in client.act(f"/users/{user.id}/enable").text
        assert (user.status, user.reason, "status" in user.by_hand) == (Status.ACTIVE, "", False)


def test_deleting_says_what_will_happen_first(client: Browser, ada: User, grace: User) -> None:
    text = client.page(f"/users/{ada.id}/delete").text
    addresses = "ada@brightfield.example, a.l@brightfield.example, countess@brightfield.example"
    assert f"Mail to {addresses} is rejected from then on." in text
    assert "One billable mailbox less." in text
    assert "the next sync adds it again" not in text
    assert "the next sync adds it again" in client.page(f"/users/{grace.id}/delete").text
    assert {ada.status, grace.status} == {Status.ACTIVE}


def test_a_user_is_deleted(client: Browser, ada: User, domain: Domain) -> None:
    user_id = ada.id
    response = client.submit(f"/users/{user_id}/delete")
    assert response.location == f"/domains/{domain.name}/users"
    shown = client.page(response.location)
    assert "ada@brightfield.example is deleted: its mail is rejected from now on." in shown.text
    assert undo(shown)
    assert recipients.current(user_id) is None
    assert users.holder(Address("countess@brightfield.example")) is None
    for path in (f"/users/{user_id}", f"/users/{user_id}/row"):
        assert client.get(path).status_code == 404
    assert client.submit(f"/users/{user_id}/disable").status_code == 404


def test_the_history_tells_who_did_what(client: Browser, ada: User, alice: Admin) -> None:
    client.submit(f"/users/{ada.id}/aliases", address="new")
    client.submit(f"/users/{ada.id}/disable")
    history = client.page(f"/users/{ada.id}").one("history").parent
    assert history is not None
    assert history.parent is not None
    items = [item.text for item in history.parent if item.tag == "li"]
    assert items[0].startswith("disabled active → disabled Disabled ada@brightfield.example, alice@rollcall.example")
    assert items[1].startswith("updated alias new@brightfield.example added Gave ada@brightfield.example the alias")
    assert items[2].startswith("created ada@brightfield.example also a.l@brightfield.example")


def test_a_missing_user_says_how_long_its_mail_is_accepted(client: Browser, domain: Domain) -> None:
    source = factories.source(domain)
    gone = factories.user(
        "leaver", source_id=source.id, status=Status.MISSING, reason="No longer in HQ.", missing_since=factories.NOW
    )
    user = stored(domain, replace(gone, kind=Kind.MAILBOX))
    text = client.page(f"/users/{user.id}").text
    assert (
        "No longer in HQ. Mail is still accepted; it is rejected with the next sync unless the user comes back." in text
    )
