"""Adding several users by hand, and what is said of an address while it is typed."""

import pytest
from sqlalchemy import select

from console.models import Admin, Domain, Run, User, db
from console.store import domains, records
from console.store.paging import TOP
from tests import factories
from tests.factories import manual_user
from tests.web.client import HTMX, Browser, page
from tests.web.profiles import undo


@pytest.fixture
def path(domain: Domain) -> str:
    factories.users(domain, manual_user("office", aliases=["desk"]))
    return f"/domains/{domain.name}/users/new/several"


def addresses() -> list[str]:
    return list(db.session.scalars(select(User.address).order_by(User.address)))


GOOD = {"kind": "mailbox", "group": "1"}


def test_several_are_added_in_one_run_with_one_undo(client: Browser, path: str, domain: Domain, alice: Admin) -> None:
    sales = domains.add_group(domain, "Sales")
    typed = "ada, Ada Lovelace\nbob@brightfield.example\n\nCy Twombly <cy>"
    response = client.submit(path, lines=typed, kind="shared", group=str(sales.id))
    assert response.location == f"/domains/{domain.name}/users"
    shown = client.page(response.location)
    assert "3 users are added: mail to them is accepted from now on." in shown.text
    assert undo(shown)
    found = [
        user
        for user in db.session.scalars(select(User).order_by(User.id))
        if user.address != "office@brightfield.example"
    ]
    assert [(user.address, user.name, user.kind, user.group_id, user.origin) for user in found] == [
        ("ada@brightfield.example", "Ada Lovelace", "shared", sales.id, "manual"),
        ("bob@brightfield.example", "", "shared", sales.id, "manual"),
        ("cy@brightfield.example", "Cy Twombly", "shared", sales.id, "manual"),
    ]
    runs = {records.history(user.id, TOP).rows[0].run_id for user in found}
    assert [(run.title, run.admin) for run in db.session.scalars(select(Run).where(Run.id.in_(runs)))] == [
        ("Added 3 users by hand", alice)
    ]


def test_looking_adds_nobody_and_tells_each_line(client: Browser, path: str) -> None:
    response = client.submit_htmx(path, lines="ada\noffice\ndesk\nada\nno address\nx@other.example", do="check", **GOOD)
    shown = page(response)
    told = [row.text for row in shown.one("verdicts") if row.tag == "tr"][1:]
    assert "1 user can be added: 1 billable mailbox more. 5 lines cannot." in shown.one("verdicts").text
    assert [row.split()[0] for row in told] == ["2", "3", "4", "5", "6", "1"]
    assert "is on the list already. Open office@brightfield.example" in told[0]
    assert "as an alias of office@brightfield.example." in told[1]
    assert "stands in line 1 already." in told[2]
    assert "/users/1" in shown.links()
    assert addresses() == ["office@brightfield.example"]


def test_with_a_line_that_cannot_be_added_nobody_is_and_the_text_stays(client: Browser, path: str) -> None:
    typed = "ada\noffice\nno address"
    refused = page(client.submit(path, lines=typed, **GOOD), 422)
    assert refused.error("lines") == "2 lines cannot be added: see below."
    assert (refused.form(path)["lines"] or "").splitlines() == typed.splitlines()
    assert addresses() == ["office@brightfield.example"]


def test_those_that_can_be_added_are_and_the_others_stay_to_be_mended(client: Browser, path: str) -> None:
    shown = page(client.submit(path, lines="ada\noffice\nno address, Noah\nada", do="rest", **GOOD))
    assert "1 user is added: mail to it is accepted from now on." in shown.text
    assert (shown.form(path)["lines"] or "").splitlines() == ["office", "no address, Noah"]
    assert addresses() == ["ada@brightfield.example", "office@brightfield.example"]
    assert undo(shown)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Enter an address in each line."),
        (" \n\t\n", "Enter an address in each line."),
        ("a\n" * 1001, "These are 1,001 lines. Up to 1,000 go here"),
    ],
)
def test_too_few_and_too_many_are_refused(client: Browser, path: str, typed: str, said: str) -> None:
    assert said in page(client.submit(path, lines=typed, **GOOD), 422).error("lines")
    assert addresses() == ["office@brightfield.example"]


def test_too_many_are_said_while_they_are_typed(client: Browser, path: str) -> None:
    shown = page(client.submit_htmx(path, lines="a\n" * 1001, do="check", **GOOD))
    assert "These are 1,001 lines." in shown.one("verdicts").text
    assert "hidden" in page(client.submit_htmx(path, lines=" ", do="check", **GOOD)).one("verdicts").attributes


def test_nobody_to_add_is_said(client: Browser, path: str) -> None:
    assert "There is nobody to add." in page(client.submit(path, lines="office", do="rest", **GOOD), 422).error("lines")


def test_another_domain_is_named_only_to_whom_may_see_it(client: Browser, path: str, domain: Domain) -> None:
    other = factories.domain("lakeside.example")
    limited = factories.admin("dora@rollcall.example", only=[domain])
    asked = f"/domains/{domain.name}/users/new/verdict?address=ada@lakeside.example"
    shown = client.page(asked, headers=HTMX)
    assert "It is one of lakeside.example." in shown.text
    assert shown.links() == [f"/domains/{other.name}/users/new"]
    hidden = Browser.of(client.application).signed_in(limited).page(asked)
    assert (hidden.text, hidden.links()) == ("ada@lakeside.example is not an address of brightfield.example.", [])


@pytest.mark.parametrize(
    ("typed", "said", "leads"),
    [
        ("", "", []),
        ("ada", "ada@brightfield.example can be added.", []),
        ("office", "office@brightfield.example is on the list already. Open office@brightfield.example", ["/users/1"]),
        ("desk", "as an alias of office@brightfield.example.", ["/users/1"]),
        ("office%2Bnews", "goes to office@brightfield.example already", ["/users/1"]),
        ("a%20b", "has a space before the @", []),
    ],
)
def test_an_address_is_looked_at_while_it_is_typed(
    client: Browser, path: str, typed: str, said: str, leads: list[str]
) -> None:
    shown = client.page(f"{path.removesuffix('several')}verdict?address={typed}", headers=HTMX)
    assert said in shown.text
    assert shown.links() == leads


def test_a_refused_address_leads_to_who_has_it(client: Browser, path: str) -> None:
    single = path.removesuffix("/several")
    refused = page(client.submit(single, address="desk", **GOOD), 422)
    assert "/users/1" in refused.links()


def test_one_is_added_and_another_can_follow(client: Browser, path: str, domain: Domain) -> None:
    sales = domains.add_group(domain, "Sales")
    single = path.removesuffix("/several")
    response = client.submit_htmx(single, address="ada", kind="shared", group=str(sales.id), another="1")
    assert response.status_code == 204
    shown = client.page(response.headers["HX-Redirect"])
    form = shown.form(single)
    assert (form["kind"], form["group"], form["address"]) == ("shared", str(sales.id), "")
    assert "ada@brightfield.example is added: mail to it is accepted from now on. Open its profile" in shown.text
    assert "/users/2" in shown.links()
