"""The people of a generated tenant."""

from tests.servers.graph.tenant import many


def test_a_large_tenant_is_made_in_a_moment_and_no_two_of_its_people_share_an_address() -> None:
    tenant = many(50_000, groups=40)
    assert len(tenant.users) == 50_000
    assert len(tenant.purposes) == 1_000
    found = [*tenant.users, *tenant.groups]
    addresses = [text.lower() for held in found for text in held["proxyAddresses"]]
    assert len(addresses) == len(set(addresses))


def test_people_have_names_as_people_have_them_the_same_in_a_tenant_of_any_size() -> None:
    tenant = many(300, groups=3)
    people = [held for held in tenant.users if held["givenName"]]
    assert len({held["displayName"] for held in people}) == len(people) == 294
    assert len({held["surname"] for held in people}) > 100
    assert [held["displayName"] for held in tenant.users][:3] == ["Adele Abbas", "Dominik Moretti", "Irina Ducret"]
    named = {held["id"]: held["displayName"] for held in tenant.users}
    assert [named[key] for key in tenant.purposes][:2] == ["Accounts Payable", "Room Bittern"]
    assert [held["displayName"] for held in tenant.groups] == ["All Staff", "Board", "Building Committee"]
    assert list(many(120).users) == list(tenant.users)[:120]
