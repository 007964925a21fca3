"""All users of a filter, for an export."""

import pytest

from console.core.person import Kind, Status
from console.models import Domain, Source
from console.store import domains, export
from console.store.users import Filters
from tests import factories
from tests.core.files import kept
from tests.factories import manual_user, user


@pytest.fixture
def source(domain: Domain) -> Source:
    """A domain with a user of each make, the source of one of them."""
    made = factories.source(domain)
    sales = domains.add_group(domain, "Sales").id
    factories.users(
        domain,
        manual_user("ada", aliases=["lovelace", "a"], first_name="Ada"),
        manual_user("weiß", kind=Kind.SHARED),
        manual_user("bob", status=Status.DISABLED, group_id=sales),
        user("cyd", source_id=made.id),
        kept("dan"),
    )
    factories.users(factories.domain("other.example"), manual_user("eve@other.example"))
    return made


def found(domain: Domain, **filters: object) -> list[str]:
    return [user.address.partition("@")[0] for user in export.matching(domain.id, Filters(**filters))]  # type: ignore[arg-type]


def test_everybody_comes_once_by_address_however_small_the_pieces(
    source: Source, domain: Domain, monkeypatch: pytest.MonkeyPatch
) -> None:
    for size in (1, 2, 5, 1000):
        monkeypatch.setattr(export, "CHUNK", size)
        assert found(domain) == ["ada", "bob", "cyd", "dan", "weiß"]
    [ada] = export.matching(domain.id, Filters(q="lovelace"))
    assert ada.aliases == tuple(factories.address(name) for name in ("a", "lovelace"))


def test_the_filters_are_those_of_the_users_page(source: Source, domain: Domain) -> None:
    sales = next(group.id for group in domain.groups if group.name == "Sales")
    assert found(domain, kind="shared") == ["weiß"]
    assert found(domain, status="disabled", group=sales) == ["bob"]
    assert found(domain, origin="csv") == ["dan"]
    assert found(domain, origin=f"source:{source.id}") == ["cyd"]
    assert found(domain, q="nobody") == []
