"""Groups of a domain's users."""

import pytest

from console.models import Domain
from console.store import domains
from tests import factories
from tests.factories import manual_user
from tests.web.client import Browser, page


def names(domain: Domain) -> list[str]:
    return [group.name for group in domains.groups(domain.id)]


def test_the_list_counts_the_users_of_each_group(client: Browser, domain: Domain) -> None:
    sales = domains.add_group(domain, "Sales")
    factories.users(domain, manual_user("ada"), manual_user("bea", group_id=sales.id), manual_user("cyd"))
    shown = client.page(f"/domains/{domain.name}/groups")
    assert [row.text for row in shown.all("tr")][1:] == ["Default 2 Rename", "Sales 1 Rename"]
    assert f"/domains/{domain.name}/users?group={sales.id}" in shown.links()


def test_a_group_is_added(client: Browser, domain: Domain) -> None:
    shown = client.act(f"/domains/{domain.name}/groups", name="  Sales \t & Support ")
    assert "The group Sales & Support is added." in shown.text
    assert names(domain) == ["Default", "Sales & Support"]


def test_a_name_may_be_in_two_domains(client: Browser, domain: Domain) -> None:
    domains.add_group(factories.domain("other.example"), "Sales")
    assert client.submit(f"/domains/{domain.name}/groups", name="Sales").status_code == 302
    assert names(domain) == ["Default", "Sales"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Enter a name."),
        (" \t ", "Enter a name."),
        ("\x00", "Enter a name."),
        ("x" * 101, "At most 100 characters."),
        ("DEFAULT", "brightfield.example has a group named DEFAULT already."),
    ],
)
def test_what_cannot_be_a_name_is_said(client: Browser, domain: Domain, typed: str, said: str) -> None:
    refused = page(client.submit(f"/domains/{domain.name}/groups", name=typed), 422)
    assert refused.error("name") == said
    assert refused.form()["name"] == typed.strip("\x00 \t")
    assert names(domain) == ["Default"]


def test_a_group_is_renamed(client: Browser, domain: Domain) -> None:
    sales = domains.add_group(domain, "Sales")
    assert client.page(f"/groups/{sales.id}").form()["name"] == "Sales"
    shown = client.act(f"/groups/{sales.id}", name="Selling")
    assert "The group is called Selling now." in shown.text
    assert names(domain) == ["Default", "Selling"]
    # The same name in another case is the same group's own.
    assert client.submit(f"/groups/{sales.id}", name="SELLING").status_code == 302
    assert names(domain) == ["Default", "SELLING"]


@pytest.mark.parametrize(("typed", "said"), [("", "Enter a name."), ("default", "has a group named default already.")])
def test_a_group_keeps_its_name_when_the_new_one_cannot_be(
    client: Browser, domain: Domain, typed: str, said: str
) -> None:
    sales = domains.add_group(domain, "Sales")
    refused = page(client.submit(f"/groups/{sales.id}", name=typed), 422)
    assert said in refused.error("name")
    assert refused.form()["name"] == typed
    assert refused.all("h1")[0].text == "Rename Sales"
    assert names(domain) == ["Default", "Sales"]
