"""Groups of a domain's users."""

import pytest

from console.models import Domain
from console.store import domains
from tests import factories
from tests.factories import manual_user
from tests.web.client import Browser, page
from tests.web.profiles import undo


def names(domain: Domain) -> list[str]:
    return [group.name for group in domains.groups(domain.id)]


def test_the_list_counts_the_users_of_each_group(client: Browser, domain: Domain) -> None:
    sales = domains.add_group(domain, "Sales")
    factories.users(domain, manual_user("ada"), manual_user("bea", group_id=sales.id), manual_user("cyd"))
    shown = client.page(f"/domains/{domain.name}/groups")
    assert [row.text for row in shown.all("tr")][1:] == ["Default 2 — Edit", "Sales 1 — Edit"]
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
    assert refused.all("h1")[0].text == "Group Sales"
    assert names(domain) == ["Default", "Sales"]


def test_deleting_a_group_says_what_will_happen_and_can_be_undone(client: Browser, domain: Domain) -> None:
    sales = domains.add_group(domain, "Sales")
    source = factories.source(domain, group_id=sales.id)
    factories.users(domain, manual_user("ada", group_id=sales.id))
    asked = client.page(f"/groups/{sales.id}/delete")
    assert "1 user goes to Default. Their mail is accepted as before, and the bill stays the same." in asked.text
    assert f"{source.label} puts its new users into Default from then on." in asked.text
    seen = asked.form(f"/groups/{sales.id}/delete")["seen"] or ""
    shown = client.act(f"/groups/{sales.id}/delete", seen=seen)
    assert "The group Sales is deleted, and 1 user is in the default group now." in shown.text
    assert undo(shown)
    assert names(domain) == ["Default"]


def test_a_list_that_changed_meanwhile_is_shown_anew(client: Browser, domain: Domain) -> None:
    sales = domains.add_group(domain, "Sales")
    response = client.submit(f"/groups/{sales.id}/delete", seen="of yesterday")
    assert response.location == f"/groups/{sales.id}/delete"
    assert "The list changed since you looked" in client.page(response.location).text
    assert names(domain) == ["Default", "Sales"]


def test_the_default_group_is_renamed_but_not_deleted(client: Browser, domain: Domain) -> None:
    default = domains.default_group(domain.id)
    shown = client.page(f"/groups/{default.id}")
    assert f"/groups/{default.id}/delete" not in shown.links()
    asked = client.page(f"/groups/{default.id}/delete")
    assert "it cannot be deleted. It can be renamed." in asked.text
    assert f"/groups/{default.id}/delete" not in asked.actions()
    refused = client.submit(f"/groups/{default.id}/delete", seen="")
    assert "cannot be deleted" in client.page(refused.location).text
    assert client.submit(f"/groups/{default.id}", name="Everybody").status_code == 302
    assert names(domain) == ["Everybody"]


def test_all_users_of_a_group_are_moved_by_the_bulk_change(client: Browser, domain: Domain) -> None:
    sales = domains.add_group(domain, "Sales")
    factories.users(domain, manual_user("ada"), manual_user("bea"))
    default = domains.default_group(domain.id)
    form = client.page(f"/groups/{default.id}").form(f"/domains/{domain.name}/users/change")
    assert form == {"matching": "1", "group": str(default.id), "act": f"group:{sales.id}"}
    asked = client.page(f"/domains/{domain.name}/users/change?matching=1&group={default.id}&act=group:{sales.id}")
    assert "Move 2 users to Sales" in asked.text


def test_a_group_tells_the_sources_that_put_users_into_it(client: Browser, domain: Domain) -> None:
    sales = domains.add_group(domain, "Sales")
    source = factories.source(domain, group_id=sales.id)
    for path in (f"/groups/{sales.id}", f"/domains/{domain.name}/groups"):
        assert f"/sources/{source.id}" in client.page(path).links()
    default = domains.default_group(domain.id)
    assert "None. Which group a source puts its users into" in client.page(f"/groups/{default.id}").text
