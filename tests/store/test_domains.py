"""Domains, their alias domains and their groups."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from console.core.errors import RefusedError
from console.core.person import Kind, Status
from console.core.plan import Action, Step
from console.models import Domain, db
from console.store import domains, users
from tests import factories
from tests.factories import address, manual_user, user
from tests.store.lists import act


def test_a_new_domain_has_its_names_and_a_default_group(app: object) -> None:
    domain = domains.add("new.example", ["alias.example", "new.example", "alias.example"])
    assert sorted(domain.aliases) == ["alias.example"]
    assert [(group.name, group.is_default) for group in domains.groups(domain.id)] == [("Default", True)]
    assert domains.named("new.example") == domain
    assert domains.named("alias.example") is None


@pytest.mark.parametrize(("name", "aliases"), [("a.example", []), ("b.example", []), ("c.example", ["b.example"])])
def test_a_name_that_is_in_use_anywhere_is_refused(app: object, name: str, aliases: list[str]) -> None:
    domains.add("a.example", ["b.example"])
    with pytest.raises(RefusedError, match="already in use here"):
        domains.add(name, aliases)
    assert len(domains.every()) == 1


def test_an_alias_domain_is_added_and_removed(domain: Domain) -> None:
    factories.users(domain, manual_user("ada"))
    domains.add_alias(domain, "bf.example")
    assert users.recipient(address("ada@bf.example"))[1] is not None
    assert domains.remove_alias(domain, "bf.example")
    assert users.recipient(address("ada@bf.example")) == (None, None)


def test_an_alias_domain_that_is_in_use_is_refused(domain: Domain) -> None:
    factories.domain("other.example", aliases=["alias.example"])
    for name in (domain.name, "other.example", "alias.example"):
        with pytest.raises(RefusedError, match="already in use here"):
            domains.add_alias(domain, name)


def test_a_domain_s_own_name_and_another_domain_s_are_not_removed_as_aliases(domain: Domain) -> None:
    factories.domain("other.example", aliases=["alias.example"])
    assert not any(domains.remove_alias(domain, name) for name in (domain.name, "alias.example", "nothing.example"))
    assert domains.named(domain.name) is not None


def test_an_administrator_sees_all_domains_or_those_given(domain: Domain) -> None:
    other = factories.domain("other.example")
    owner, limited = factories.admin(), factories.admin("limited@x.example", only=[other])
    assert domains.visible(owner) == [domain, other]
    assert domains.visible(limited) == [other]
    assert domains.find(limited, domain.name) is None
    assert domains.find(limited, other.name) == other
    assert domains.visible_group(limited, domains.default_group(domain.id).id) is None
    assert domains.visible_group(limited, domains.default_group(other.id).id) is not None
    assert domains.visible_group(owner, 999) is None


def test_an_administrator_who_is_limited_sees_the_domain_that_they_add(domain: Domain) -> None:
    limited = factories.admin("limited@x.example", only=[domain])
    added = domains.add("new.example", admin=limited)
    assert domains.find(limited, "new.example") == added


def test_a_domain_is_deleted_with_everything_in_it(domain: Domain) -> None:
    source = factories.source(domain)
    factories.users(domain, manual_user("ada", aliases=["a"]), user("bob", None, source_id=source.id))
    factories.run(domain, of_source=source)
    limited = factories.admin("limited@x.example", only=[domain])
    _ = domain.names, domain.groups  # Loaded, as a page would have them.
    other = factories.domain("other.example")
    factories.users(other, manual_user("ada@other.example"))
    domains.delete(domain)
    assert domains.every() == [other]
    assert limited.domains == []
    for table, left in {"users": 1, "addresses": 1, "sources": 0, "runs": 1, "groups": 1, "domain_names": 1}.items():
        assert db.session.scalar(text(f"select count(*) from {table}")) == left, table


def test_groups_are_listed_by_name_with_the_default_one_first(domain: Domain) -> None:
    for name in ("sales", "Board", "Works"):
        domains.add_group(domain, name)
    assert [group.name for group in domains.groups(domain.id)] == ["Default", "Board", "sales", "Works"]


def test_a_group_s_name_is_given_once_in_a_domain_whatever_its_case(domain: Domain) -> None:
    sales, other = domains.add_group(domain, "Sales"), factories.domain("other.example")
    with pytest.raises(RefusedError, match=r"brightfield\.example has a group named SALES already"):
        domains.add_group(domain, "SALES")
    with pytest.raises(RefusedError, match="group named default already"):
        domains.rename_group(sales, "default")
    assert sales.name == "Sales"
    assert domains.add_group(other, "Sales").id != sales.id


def test_a_group_is_renamed(domain: Domain) -> None:
    sales = domains.add_group(domain, "Sales")
    domains.rename_group(sales, "Sales and Service")
    found = domains.group(domain.id, sales.id)
    assert found is not None
    assert found.name == "Sales and Service"
    assert domains.group(factories.domain("other.example").id, sales.id) is None
    assert domains.of_group(sales.id) == domain


def test_sizes_and_totals_are_those_of_the_list(domain: Domain) -> None:
    sales, other = domains.add_group(domain, "Sales"), factories.domain("other.example")
    factories.users(
        domain,
        manual_user("a"),
        manual_user("b", group_id=sales.id),
        manual_user("c", group_id=sales.id, kind=Kind.LIST),
        manual_user("d", status=Status.DISABLED),
    )
    assert domains.group_sizes(domain.id) == {domains.default_group(domain.id).id: 2, sales.id: 2}
    assert domains.totals([domain.id, other.id]) == {domain.id: (4, 2)}


def test_the_database_itself_allows_one_default_group(domain: Domain) -> None:
    with pytest.raises(IntegrityError, match="uq_groups_default"):
        db.session.execute(
            text("insert into groups (domain_id, name, is_default) values (:id, 'Second', true)"), {"id": domain.id}
        )


def test_a_user_s_group_may_be_changed_to_any_of_its_domain(domain: Domain) -> None:
    sales = domains.add_group(domain, "Sales")
    act(domain, Step(Action.CREATE, None, manual_user("ada", None, group_id=sales.id)))
    assert domains.group_sizes(domain.id)[sales.id] == 1
