"""The Users page: what it lists, how one finds and pages, and editing in a row."""

from urllib.parse import quote, urlsplit

import pytest

from console.core.person import Kind, Origin
from console.models import Domain, User
from console.store import domains, recipients, users
from tests import factories
from tests.factories import manual_user
from tests.web.client import HTMX, Browser, page, same
from tests.web.markup import Page
from tests.web.user_lists import five, listed, turn


def chips(shown: Page) -> list[str]:
    """What each filter is set to."""
    labels = ("Kind:", "Status:", "From:", "Group:")
    return [
        summary.text
        for summary in shown.one("users-list")
        if summary.tag == "summary" and summary.text.startswith(labels)
    ]


@pytest.fixture
def path(domain: Domain) -> str:
    return f"/domains/{domain.name}/users"


@pytest.fixture
def company(domain: Domain) -> dict[str, User]:
    return five(domain)


def test_the_list_shows_each_user_with_what_matters(client: Browser, path: str, company: dict[str, User]) -> None:
    rows = {row.attributes.get("id"): row for row in client.page(path).all("tr")}
    cells = [cell.text for cell in rows[f"user-{company['ada'].id}"] if cell.tag in ("th", "td")]
    assert cells == [
        "",
        "ada@brightfield.example also countess@",
        "Ada Lovelace",
        "mailbox",
        "Sales",
        "By hand",
        "active",
        "just now",
        "Edit",
    ]
    assert "Active Dir. · HQ" in rows[f"user-{company['grace'].id}"].text
    assert "missing, last day" in rows[f"user-{company['leaver'].id}"].text
    assert "disabled" in rows[f"user-{company['gone'].id}"].text


def test_the_numbers_that_matter_are_in_sight(client: Browser, path: str, company: dict[str, User]) -> None:
    tiles = [tile.text for tile in client.page(path).all("li") if "tile" in tile.attributes.get("class", "").split()]
    assert tiles == [
        "Accepted addresses 5",
        "Billable mailboxes 3 of 5 users",
        "From user sources 2",
        "Missing from their source 1",
    ]


def test_an_empty_list_says_how_to_begin(client: Browser, viewer: Browser, path: str, domain: Domain) -> None:
    shown = client.page(path)
    assert "Nobody is on the list yet" in shown.text
    assert {f"{path}/new", f"/domains/{domain.name}/sources/new"} <= set(shown.links())
    assert f"{path}/new" not in viewer.page(path).links()


FOUND = {
    "q=ada": ["ada"],
    "q=ADA": ["ada"],
    "q=countess": ["ada"],
    "q=lovelace": ["ada"],
    "q=love+ada": ["ada"],
    "q=hopper+ada": [],
    "q=g": ["gone", "grace"],
    "q=brightfield": ["ada", "gone", "grace", "leaver", "office"],
    "q=100%25": [],
    "q=___": [],
    "q=%5C": [],
    "kind=shared": ["office"],
    "status=disabled": ["gone"],
    "status=missing": ["leaver"],
    "origin=manual": ["ada", "gone", "office"],
    "origin=source:1": ["grace", "leaver"],
    "group=2": ["ada"],
    "origin=source:1&status=active": ["grace"],
    "origin=manual&kind=mailbox&status=active&group=2&q=ada": ["ada"],
    "origin=manual&kind=shared&q=ada": [],
}


def test_search_and_filters_find(client: Browser, path: str, company: dict[str, User]) -> None:
    pages = {query: client.page(f"{path}?{query}") for query in FOUND}
    found = {query: [address.partition("@")[0] for address in listed(shown)] for query, shown in pages.items()}
    assert found == FOUND
    for query, shown in pages.items():
        said = "1 user match" if len(FOUND[query]) == 1 else f"{len(FOUND[query])} users match"
        assert said in shown.one("users-rows").text, query
        assert ("Nobody matches" in shown.text) == (not FOUND[query]), query


def test_filters_show_as_chips_and_keep_each_other(client: Browser, path: str, company: dict[str, User]) -> None:
    shown = client.page(f"{path}?q=a&kind=mailbox&status=active&origin=source:1&group=1")
    assert chips(shown) == ["Kind: mailbox", "Status: active", "From: Active Dir. · HQ", "Group: Default"]
    assert f"{path}?q=a&kind=mailbox&status=active&group=1" in shown.links()
    assert f"{path}?q=a&kind=list&status=active&origin=source:1&group=1" in shown.links()
    sent = shown.form(path)
    assert sent == {"q": "a", "kind": "mailbox", "status": "active", "origin": "source:1", "group": "1"}
    assert chips(client.page(path)) == ["Kind: any", "Status: any", "From: any", "Group: any"]


def test_what_is_no_value_of_a_filter_is_no_filter(client: Browser, path: str, company: dict[str, User]) -> None:
    for query in (
        "kind=robot",
        "status=%00",
        "origin=source:",
        "origin=source:999",
        "origin=source:%C2%B2",
        f"origin=source:{10**30}",
        "origin=moon",
        "group=999",
        "group=-1",
        f"group={2**63}",
        f"group={10**400}",
        "group=x",
        "kind=&status=&origin=&group=&q=",
        "unknown=1",
    ):
        shown = client.page(f"{path}?{query}")
        assert len(listed(shown)) == 5, query
        assert chips(shown) == ["Kind: any", "Status: any", "From: any", "Group: any"], query


def test_another_domains_group_and_source_are_no_filters(client: Browser, path: str, company: dict[str, User]) -> None:
    other = factories.domain("other.example")
    factories.source(other)
    group = domains.add_group(other, "Theirs")
    for query in (f"group={group.id}", "origin=source:2"):
        shown = client.page(f"{path}?{query}")
        assert len(listed(shown)) == 5
        assert "Theirs" not in shown.text


def test_no_text_breaks_the_page(client: Browser, path: str, company: dict[str, User]) -> None:
    texts = ("%00", "a%00b", "%FF", "%F0%9F%92%A9", "x" * 3000, "%27%3B--", "%22%3E%3Cscript%3E", "a%0Ab", "%E2%80%AE")
    for query in (f"{name}={text}" for name in ("q", "after", "before") for text in texts):
        assert client.get(f"{path}?{query}").status_code == 200, query


def test_what_was_searched_is_still_there_and_is_text(client: Browser, path: str, company: dict[str, User]) -> None:
    shown = client.page(f"{path}?q={quote('<b>ada</b>')}")
    assert shown.form(path)["q"] == "<b>ada</b>"
    assert shown.all("b") == []


def test_pages_forwards_and_backwards_show_each_user_once(client: Browser, path: str, domain: Domain) -> None:
    factories.many(domain, 130)
    expected = [f"user{n:06d}@brightfield.example" for n in range(130)]
    shown = client.page(path)
    assert turn(shown, "prev") is None
    forwards = [listed(shown)]
    while onward := turn(shown, "next"):
        shown = client.page(onward)
        forwards.append(listed(shown))
        assert "130 users" in shown.one("users-rows").text
    assert [len(part) for part in forwards] == [50, 50, 30]
    assert [address for part in forwards for address in part] == expected
    backwards: list[list[str]] = []
    while back := turn(shown, "prev"):
        shown = client.page(back)
        backwards.insert(0, listed(shown))
    assert [address for part in backwards for address in part] == expected[:100]
    assert [len(part) for part in backwards] == [50, 50]


def test_paging_keeps_the_filters(client: Browser, path: str, domain: Domain) -> None:
    factories.many(domain, 60)
    factories.users(domain, manual_user("other", kind=Kind.LIST))
    onward = turn(client.page(f"{path}?q=user&kind=mailbox"), "next")
    assert onward is not None
    assert urlsplit(onward).query.startswith("q=user&kind=mailbox&after=")
    assert len(listed(client.page(onward))) == 10


def test_a_user_that_goes_between_two_pages_moves_no_other(client: Browser, path: str, domain: Domain) -> None:
    factories.many(domain, 60)
    onward = turn(client.page(path), "next")
    assert onward is not None
    first = recipients.current(users.page(domain.id, users.Filters()).users[0].id)
    assert first is not None
    recipients.delete(first, None)
    assert listed(client.page(onward))[0] == "user000050@brightfield.example"


def test_the_list_is_of_its_domain_alone(client: Browser, path: str, company: dict[str, User]) -> None:
    other = factories.domain("other.example")
    factories.users(other, manual_user("ada@other.example"))
    assert "other.example" not in " ".join(listed(client.page(path)))
    assert listed(client.page("/domains/other.example/users")) == ["ada@other.example"]


def test_only_a_list_with_filters_can_be_cleared_of_them(client: Browser, path: str, company: dict[str, User]) -> None:
    assert "Clear all" in client.page(f"{path}?q=ada").text
    assert "Clear all" not in client.page(f"{path}?sort=name").text


def test_the_path_of_a_group_leads_to_its_users(client: Browser, path: str, company: dict[str, User]) -> None:
    shown = client.page(f"{path}?group=2")
    crumbs = [item.text for item in shown.all("li") if "crumb" in item.attributes.get("class", "").split()]
    assert [crumb.split()[0] for crumb in crumbs] == ["Domains", "brightfield.example", "Sales", "Users"]
    assert f"{path}?group=2" in shown.links()


def test_the_row_alone_is_the_row_of_the_page(client: Browser, path: str, company: dict[str, User]) -> None:
    shown = client.page(path)
    for user in company.values():
        assert same(client.get(f"/users/{user.id}/row").text) == same(shown.outer(f"user-{user.id}"))


def test_a_row_is_edited_in_place(client: Browser, company: dict[str, User]) -> None:
    ada = company["ada"]
    form = client.page(f"/users/{ada.id}/row/edit", headers=HTMX)
    assert form.elements[0].tag == "tr"
    sent = form.form(f"/users/{ada.id}/row")
    assert {name: sent[name] for name in ("first_name", "last_name", "kind")} == {
        "first_name": "Ada",
        "last_name": "Lovelace",
        "kind": "mailbox",
    }
    typed = {"first_name": "Augusta", "last_name": "King", "kind": "shared"}
    row = client.submit_htmx(f"/users/{ada.id}/row", **typed)
    assert row.status_code == 200
    assert same(row.text) == same(client.get(f"/users/{ada.id}/row").text)
    assert (ada.name, ada.kind, ada.group.name) == ("Augusta King", "shared", "Sales")


@pytest.mark.parametrize(
    ("typed", "field"),
    [({"first_name": "x" * 201}, "first_name"), ({"last_name": "x" * 201}, "last_name"), ({"kind": "robot"}, "kind")],
)
def test_a_row_that_cannot_be_saved_stays_a_form(
    client: Browser, company: dict[str, User], typed: dict[str, str], field: str
) -> None:
    ada = company["ada"]
    fields = {"first_name": "Augusta", "last_name": "King", "kind": "shared", **typed}
    refused = page(client.submit_htmx(f"/users/{ada.id}/row", **fields), 422)
    assert refused.error(field)
    sent = refused.form(f"/users/{ada.id}/row")
    assert sent["first_name"] == fields["first_name"]
    assert sent["last_name"] == fields["last_name"]
    assert (ada.name, ada.kind) == ("Ada Lovelace", "mailbox")


def test_a_row_of_a_synced_user_that_is_edited_stays_so(client: Browser, company: dict[str, User]) -> None:
    grace = company["grace"]
    client.submit_htmx(f"/users/{grace.id}/row", first_name="Amazing", last_name="Grace", kind="mailbox")
    assert grace.by_hand == ["name"]
    assert grace.origin == Origin.SOURCE


def test_an_international_address_shows_as_people_write_it(client: Browser) -> None:
    books = factories.domain("xn--bcher-kva.example")
    factories.users(books, manual_user("ada@xn--bcher-kva.example", aliases=["a@xn--bcher-kva.example"]))
    shown = client.page("/domains/xn--bcher-kva.example/users")
    assert listed(shown) == ["ada@bücher.example"]
    assert "xn--" not in shown.text
