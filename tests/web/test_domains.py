"""Domains: the list, a new one, and one domain's settings."""

import pytest
from sqlalchemy import select

from console.core.person import Kind, Status
from console.models import Admin, Domain, DomainName, Run, Source, User, db
from console.store import domains, sources
from tests import factories
from tests.factories import manual_user
from tests.web.client import Browser, page

TAKEN = "is already in use here, as a domain or as an alias domain."


def names() -> dict[str, str]:
    """Every name in use and the domain it stands for."""
    rows = db.session.execute(select(DomainName.name, Domain.name).join(Domain))
    return {name: domain for name, domain in rows}  # noqa: C416 - dict() has no type for rows


def test_the_list_has_the_numbers_of_each_domain(client: Browser, domain: Domain) -> None:
    factories.users(
        domain, manual_user("ada"), manual_user("bea", status=Status.DISABLED), manual_user("all", kind=Kind.LIST)
    )
    factories.domain("empty.example", aliases=["empty-too.example"])
    rows = [[cell.text for cell in row if cell.tag in ("th", "td")] for row in client.page("/domains").all("tr")]
    assert rows == [
        ["Domain", "Users", "Billable mailboxes", "User Sync"],
        ["brightfield.example", "3", "1", "User Sync"],
        ["empty.example also empty-too.example", "0", "0", "User Sync"],
    ]


def test_a_source_in_trouble_shows_in_the_list(client: Browser, domain: Domain) -> None:
    sources.failed(factories.source(domain).id, "The server refused the password.")
    assert "trouble with HQ" in client.page("/domains").text


def test_without_a_domain_the_list_says_what_to_do(client: Browser, viewer: Browser) -> None:
    assert "/domains/new" in client.page("/domains").links()
    assert "Nobody has added a domain that you may see." in viewer.page("/domains").text


def test_each_sees_their_own_domains(client: Browser, stranger: Browser, domain: Domain) -> None:
    assert {"/domains/brightfield.example", "/domains/mallory.example"} <= set(client.page("/domains").links())
    assert "brightfield" not in stranger.page("/domains").text
    assert "/domains/mallory.example" in stranger.page("/domains").links()


def test_the_first_page_is_the_list(client: Browser) -> None:
    assert client.get("/").location == "/domains"


def test_adding_a_domain_leads_to_the_ways_to_fill_it(client: Browser) -> None:
    assert client.page("/domains/new").form() == {"csrf_token": client.token("/domains/new"), "name": "", "aliases": ""}
    response = client.submit("/domains/new", name=" Brightfield.Example. ", aliases="b-group.example\n\n B.Example \n")
    assert response.location == "/domains/brightfield.example/ways"
    assert "brightfield.example is added." in client.page(response.location).text
    assert names() == dict.fromkeys(("brightfield.example", "b-group.example", "b.example"), "brightfield.example")
    added = domains.named("brightfield.example")
    assert added is not None
    assert domains.default_group(added.id).name == "Default"


def test_an_international_name_is_kept_in_its_ascii_form_and_shown_as_people_write_it(client: Browser) -> None:
    response = client.submit("/domains/new", name="Bücher.example", aliases="straße.example")
    assert response.location == "/domains/xn--bcher-kva.example/ways"
    assert "bücher.example is added." in client.page(response.location).text
    assert names() == dict.fromkeys(("xn--bcher-kva.example", "xn--strae-oqa.example"), "xn--bcher-kva.example")
    settings = client.page("/domains/xn--bcher-kva.example/settings")
    assert settings.all("title")[0].text.startswith("Settings of bücher.example")
    assert "straße.example" in settings.text
    assert "xn--" not in settings.text
    assert "xn--" not in client.page("/domains").text


def test_an_admin_of_some_domains_gets_the_one_they_add(stranger: Browser, mallory: Admin) -> None:
    response = stranger.submit("/domains/new", name="more.example")
    assert stranger.get(response.location).status_code == 200
    assert [item.name for item in domains.visible(mallory)] == ["mallory.example", "more.example"]


WRONG = [
    ({"name": ""}, "Enter the part after the @ of your addresses"),
    ({"name": "  "}, "The domain name is empty."),
    ({"name": "localhost"}, "has no full domain name"),
    ({"name": "ada@b.example"}, "domain name, which may only have letters, digits, hyphens"),
    ({"name": "a_b.example"}, "an underscore"),
    ({"name": "192.0.2.1"}, "ends in a number"),
    ({"name": "a\x00.example"}, "control character"),
    ({"name": "x" * 1001}, "longer than 1000"),
    ({"name": "BRIGHTFIELD.example"}, f"brightfield.example {TAKEN}"),
    ({"name": "b-group.example"}, f"b-group.example {TAKEN}"),
    ({"aliases": "fine.example\nnot fine"}, "Line 2: “not fine” has a space"),
    ({"aliases": "fine.example\nbrightfield.example"}, f"brightfield.example {TAKEN}"),
]


def test_what_cannot_be_a_domain_is_said_beside_its_field(client: Browser) -> None:
    factories.domain(aliases=["b-group.example"])
    before = names()
    for typed, said in WRONG:
        fields = {"name": "New.example", "aliases": "", **typed}
        refused = page(client.submit("/domains/new", **fields), 422)
        ((field, value),) = typed.items()
        assert said in refused.error(field), typed
        form = refused.form()
        if "\x00" not in value:
            assert {name: form[name] for name in fields} == fields
    assert names() == before


def test_an_alias_domain_is_added(client: Browser, domain: Domain) -> None:
    path = f"/domains/{domain.name}"
    shown = client.act(f"{path}/aliases", name="Bücher.example")
    assert "Mail to bücher.example is accepted like mail to brightfield.example." in shown.text
    assert domain.aliases == ["xn--bcher-kva.example"]
    assert f"{path}/aliases/xn--bcher-kva.example/remove" in shown.actions()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Enter a domain name."),
        ("no domain", "has a space in its domain name"),
        ("Brightfield.example", f"brightfield.example {TAKEN}"),
        ("other.example", f"other.example {TAKEN}"),
        ("other-too.example", f"other-too.example {TAKEN}"),
    ],
)
def test_what_cannot_be_an_alias_domain_is_said(client: Browser, domain: Domain, typed: str, said: str) -> None:
    factories.domain("other.example", aliases=["other-too.example"])
    before = names()
    refused = page(client.submit(f"/domains/{domain.name}/aliases", name=typed), 422)
    assert said in refused.error("name")
    assert refused.form(f"/domains/{domain.name}/aliases")["name"] == typed
    # The other form of the page is as it was: saving it would else switch plus tags off.
    assert refused.form(f"/domains/{domain.name}/plus-tags")["plus_tags"] == "y"
    assert names() == before


def test_an_alias_domain_is_removed(client: Browser, domain: Domain) -> None:
    domains.add_alias(domain, "b-group.example")
    path = f"/domains/{domain.name}/aliases/b-group.example/remove"
    shown = client.act(path)
    assert "b-group.example is no longer an alias domain" in shown.text
    assert path not in shown.actions()
    assert names() == {domain.name: domain.name}


def test_only_an_alias_domain_of_this_domain_is_removed(client: Browser, domain: Domain) -> None:
    factories.domain("other.example", aliases=["other-too.example"])
    before = names()
    for name in (domain.name, "other.example", "other-too.example", "nobody.example"):
        shown = client.act(f"/domains/{domain.name}/aliases/{name}/remove")
        assert "no longer an alias domain" not in shown.text
    assert names() == before


def test_plus_tags_are_switched(client: Browser, domain: Domain) -> None:
    path = f"/domains/{domain.name}/plus-tags"
    assert client.page(f"/domains/{domain.name}/settings").form(path)["plus_tags"] == "y"
    shown = client.act(path)
    assert "Plus tags are no longer accepted" in shown.text
    assert not domain.plus_tags
    assert shown.form(path)["plus_tags"] is None
    assert "Plus tags are accepted." in client.act(path, plus_tags="y").text
    assert domain.plus_tags


def test_a_viewer_is_told_what_holds(viewer: Browser, domain: Domain) -> None:
    assert "Plus tags are accepted." in viewer.page(f"/domains/{domain.name}/settings").text
    domains.set_plus_tags(domain, False)
    assert "Plus tags are not accepted." in viewer.page(f"/domains/{domain.name}/settings").text


def test_deleting_a_domain_says_in_numbers_what_goes(client: Browser, domain: Domain) -> None:
    source = factories.source(domain)
    factories.users(domain, manual_user("ada"), factories.user("all", kind=Kind.LIST, source_id=source.id))
    text = client.page(f"/domains/{domain.name}/delete").text
    assert "2 users (1 billable) and 1 source, with their passwords and their history. It cannot be undone." in text


@pytest.mark.parametrize("typed", ["", "brightfield", "other.example", "not a name", "brightfield.example\x00"])
def test_a_domain_stays_until_its_name_is_typed(client: Browser, domain: Domain, typed: str) -> None:
    refused = page(client.submit(f"/domains/{domain.name}/delete", confirm=typed), 422)
    assert refused.error("confirm") == "Type brightfield.example to delete it."
    assert domains.named(domain.name) is not None


@pytest.mark.parametrize("typed", ["brightfield.example", " Brightfield.Example "])
def test_a_domain_goes_with_all_that_it_has_and_nothing_else(client: Browser, domain: Domain, typed: str) -> None:
    other = factories.domain("other.example")
    stays = factories.users(other, manual_user("ada@other.example"))
    source = factories.source(domain)
    domains.add_group(domain, "Sales")
    factories.users(domain, manual_user("ada"), factories.user("bea", source_id=source.id, aliases=["b"]))
    factories.run(domain, of_source=source)
    shown = client.act(f"/domains/{domain.name}/delete", confirm=typed)
    assert "brightfield.example is deleted, with its users and sources." in shown.text
    assert names() == {"other.example": "other.example"}
    assert list(db.session.scalars(select(User.id))) == stays
    assert db.session.scalars(select(Source)).all() == []
    assert {run.domain_id for run in db.session.scalars(select(Run))} == {other.id}


def test_an_international_domain_is_deleted_by_the_name_that_is_shown(client: Browser) -> None:
    factories.domain("xn--bcher-kva.example")
    path = "/domains/xn--bcher-kva.example/delete"
    assert "Type bücher.example to delete it" in client.page(path).text
    assert "bücher.example is deleted" in client.act(path, confirm="bücher.example").text
    assert names() == {}
