from console.models import RunKind
from console.core.person import Kind, Status
from tests import factories
from tests.factories import manual_user


def test_walk(client, domain, alice):
    s = factories.source(domain)
    u = factories.users(
        domain,
        manual_user("ada", aliases=["a1", "a2"]),
        factories.user("bea", source_id=s.id),
        factories.user("cyd", source_id=s.id, by_hand=frozenset({"name", "kind", "status"})),
    )
    n = domain.name
    r = factories.run(domain, RunKind.SYNC, s)
    paths = [
        "/domains",
        "/domains/new",
        f"/domains/{n}",
        f"/domains/{n}/delete",
        f"/domains/{n}/users",
        f"/domains/{n}/users/new",
        f"/domains/{n}/groups",
        "/groups/1",
        f"/domains/{n}/sync",
        f"/domains/{n}/sync/list",
        f"/domains/{n}/sources/new",
        f"/domains/{n}/sources/new/active-dir",
        "/account",
    ]
    paths += [f"/users/{i}{x}" for i in u for x in ("", "/row", "/row/edit", "/delete")]
    paths += [f"/sources/{s.id}{x}" for x in ("", "/edit", "/delete")]
    paths += [f"/runs/{i}{x}" for i in (1, r.id) for x in ("", "/progress", "/changes")]
    for path in paths:
        print(path)
        try:
            client.page(path)
        except AssertionError as e:
            print("   ", e)
