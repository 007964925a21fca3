"""Searching a domain's list."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import event, text

from console.core.address import Address, split
from console.core.plan import Action, Step
from console.models import Domain, db
from console.store import domains, roster, users
from console.store.users import PAGE, Filters, Page
from tests import factories
from tests.factories import manual_user
from tests.store.lists import act


def names(page: Page) -> list[str]:
    return [split(Address(row.address))[0] for row in page.users]


def found(domain: Domain, q: str) -> list[str]:
    page = users.page(domain.id, Filters(q=q))
    assert page.total == len(page.users)
    return names(page)


@pytest.fixture
def few(domain: Domain) -> None:
    factories.users(
        domain,
        manual_user("ada", aliases=["countess"], first_name="Ada", last_name="Byron-King"),
        manual_user("charles", aliases=["c_b"], first_name="Charles", last_name="Babbage"),
        manual_user("info", last_name="100% Service"),
        manual_user("weiß", last_name="Weiß"),
    )


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("countess", ["ada"]),
        ("COUNT", ["ada"]),
        ("ada@brightfield", ["ada"]),
        ("byron", ["ada"]),
        ("babb charl", ["charles"]),
        ("charles byron", []),
        ("c_b", ["charles"]),
        ("harles", ["charles"]),
        ("100%", ["info"]),
        ("%%%", []),
        ("___", []),
        ("WEIß", ["weiß"]),
        ("nobody", []),
    ],
)
def test_a_search_looks_in_addresses_and_names(domain: Domain, few: None, q: str, expected: list[str]) -> None:
    assert found(domain, q) == expected


@pytest.mark.parametrize(
    ("q", "expected"), [("ad", ["ada"]), ("c", ["charles"]), ("da", []), ("%", []), ("_", []), ("  AD ", ["ada"])]
)
def test_a_short_text_is_looked_for_at_the_beginning_of_addresses(
    domain: Domain, few: None, q: str, expected: list[str]
) -> None:
    assert found(domain, q) == expected


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("ada@brightfield.example", ["ada"]),
        ("countess@brightfield.example", ["ada"]),
        ("da@brightfield.example byron", ["ada"]),
        ("weiß@bright", ["weiß"]),
        ("ada@", ["ada"]),
        ("ada@lakeside.example", ["ada"]),
        ("ada@brightfield.example.org", []),
        ("ada@other.example", []),
        ("aada@brightfield.example", []),
        ("@brightfield.example", ["ada", "charles", "info", "odd", "weiß"]),
        ("FIELD.EX", ["ada", "charles", "info", "odd", "weiß"]),
        ("field.exa nobody", []),
        ("lakeside", []),
        ("ops@elsewhere", ["odd"]),
        ("ops@elsewhere.example", ["odd"]),
        ("ops@brightfield", []),
    ],
)
def test_a_search_may_have_the_domain_in_it(domain: Domain, few: None, q: str, expected: list[str]) -> None:
    domains.add_alias(domain, "lakeside.example")
    factories.users(domain, manual_user("odd", last_name="ops@elsewhere.example"))
    assert found(domain, q) == expected


def test_every_part_of_an_address_finds_whoever_has_it(domain: Domain, few: None) -> None:
    whole = {split(user.address)[0]: " ".join(user.addresses) for user in roster.of_domain(domain.id)}
    text = "countess@brightfield.example"
    parts = {text[start:end] for start in range(12) for end in range(start + 3, len(text) + 1, 4)}
    assert {part: found(domain, part) for part in parts} == {
        part: sorted(name for name, addresses in whole.items() if part in addresses) for part in parts
    }


def test_a_search_finds_what_was_changed(domain: Domain, few: None) -> None:
    ada = next(one for one in roster.of_domain(domain.id) if one.first_name == "Ada")
    act(domain, Step(Action.UPDATE, ada, replace(ada, last_name="Lovelace", aliases=())))
    assert found(domain, "lovelace") == ["ada"]
    assert found(domain, "countess") == []


def test_a_search_is_counted_to_a_thousand(domain: Domain) -> None:
    factories.many(domain, 1001)
    page = users.page(domain.id, Filters(q="user0"))
    assert (page.total, page.more, len(page.users)) == (1000, True, PAGE)
    assert users.count(domain.id, Filters(q="user00000")) == (10, False)


def test_a_search_is_served_by_an_index(domain: Domain) -> None:
    factories.many(domain, 2000)
    factories.analyze()
    db.session.execute(text("set local enable_seqscan = off"))
    statements: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        statements.append((statement, parameters))

    domain_id = domain.id
    event.listen(db.engine, "before_cursor_execute", note)
    users.count(domain_id, Filters(q="Number 1999"))
    event.remove(db.engine, "before_cursor_execute", note)
    [(statement, parameters)] = [(said, values) for said, values in statements if "users.search" in said]
    plan = db.session.connection().exec_driver_sql(f"explain {statement}", parameters)
    assert any("ix_users_search" in line for (line,) in plan)
