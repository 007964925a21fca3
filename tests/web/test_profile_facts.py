"""What a profile tells besides what can be changed: where addresses came from, the entry behind a user, its history."""

from dataclasses import replace

import pytest

from console.core.person import Kind, Status
from console.core.plan import Action, Plan, Step
from console.models import Domain, RunKind, User
from console.store import acts, recipients
from console.store.paging import SHOWN
from tests import factories
from tests.web.client import Browser
from tests.web.markup import Page
from tests.web.profiles import core, stored


def of(shown: Page, heading: str) -> str:
    """The text of the card with this heading."""
    card = next(above for above in shown.one(heading).ancestors if above.tag == "section")
    return card.text


def test_each_address_tells_where_it_came_from(client: Browser, domain: Domain, grace: User) -> None:
    client.submit(f"/users/{grace.id}/aliases", address="admiral")
    text = of(client.page(f"/users/{grace.id}"), "addresses")
    assert "grace@brightfield.example accepted It is the address of this user. from" in text
    assert text.count("from Active Dir. · HQ, just now") == 2, "the primary address and one alias"
    assert text.count("added by hand, just now") == 2


def test_addresses_of_files_and_of_mail_lead_to_what_brought_them(client: Browser, domain: Domain) -> None:
    for kind, local, said in (
        (RunKind.IMPORT, "file", "from a file: Import of users.csv, just now"),
        (RunKind.DISCOVERY, "mail", "discovered, just now"),
    ):
        user = replace(factories.manual_user(local, None), group_id=domain.groups[0].id)
        step = Step(Action.CREATE, None, user)
        run = acts.act(domain.id, None, "Import of users.csv", Plan((step,)), kind=kind)
        shown = client.page(f"/users/{run.id}")
        assert said in of(shown, "addresses")
        assert f"/runs/{run.id}" in shown.links()


def test_a_synced_user_shows_the_entry_behind_it(client: Browser, domain: Domain) -> None:
    source = factories.source(domain)
    found = stored(domain, factories.user("grace", source_id=source.id))
    before = core(found)
    place = "CN=Grace,OU=Navy,DC=example"
    step = Step(Action.UPDATE, before, replace(before, last_name="Hopper"), place)
    acts.act(domain.id, None, "", Plan((step,)), kind=RunKind.SYNC, source_id=source.id)
    shown = client.page(f"/users/{found.id}")
    text = of(shown, "facts")
    assert f"Entry {place}".replace(",", ",") in text.replace(", ", ",")
    assert "Its key key-grace" in text
    assert f"/sources/{source.id}" in shown.links()


def test_a_missing_user_was_last_seen_before_it_was(client: Browser, domain: Domain) -> None:
    source = factories.source(domain)
    gone = factories.user("leaver", source_id=source.id, status=Status.MISSING, missing_since=factories.NOW)
    assert "missing since then" in of(client.page(f"/users/{stored(domain, gone).id}"), "facts")


@pytest.mark.parametrize(
    ("kind", "status", "said"),
    [
        (Kind.MAILBOX, Status.ACTIVE, "billable mailbox"),
        (Kind.MAILBOX, Status.DISABLED, "not billed while disabled"),
        (Kind.SHARED, Status.ACTIVE, "not billed: a shared mailbox costs nothing"),
        (Kind.RESOURCE, Status.DISABLED, "not billed: a room or a device costs nothing"),
        (Kind.LIST, Status.ACTIVE, "not billed: a distribution list costs nothing"),
        (Kind.PUBLIC_FOLDER, Status.ACTIVE, "not billed: a public folder costs nothing"),
    ],
)
def test_the_kind_says_what_it_means_for_the_bill(
    client: Browser, domain: Domain, kind: Kind, status: Status, said: str
) -> None:
    user = stored(domain, factories.manual_user("ada", kind=kind, status=status))
    assert f"Billing {said}" in of(client.page(f"/users/{user.id}"), "facts")


def test_a_long_history_has_pages(client: Browser, ada: User) -> None:
    for n in range(SHOWN):
        recipients.edit(
            core(ada), None, first_name="Ada", last_name=f"L{n}", kind=Kind.MAILBOX, group_id=core(ada).group_id
        )
    first = client.page(f"/users/{ada.id}")
    assert "created" not in of(first, "history")
    older = next(link for link in first.links() if "after=" in link)
    last = client.page(older)
    assert "created" in of(last, "history")
    assert any("before=" in link for link in last.links())
