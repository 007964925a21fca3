"""From Active Directory to Office 365 for the same people: adopted by address, nobody removed, nobody there twice."""

from collections.abc import Iterator

import pytest

from console.core.plan import Action
from console.models import Domain, Run, RunKind, Source
from console.store import conflicts, records, roster, runs, sources
from jobs import tasks
from tests import factories, tenants
from tests.jobs.fake import now
from tests.servers.graph import GraphStandIn
from tests.servers.graph.tenant import user
from tests.servers.ldap_script import Script, ScriptedLdap
from tests.servers.people import SUFFIX
from tests.servers.pki import Pki

PEOPLE = ("ann", "bob", "cat", "dan", "eve")


@pytest.fixture
def directory() -> Iterator[ScriptedLdap]:
    entries = [
        (
            f"cn={name},{SUFFIX}",
            {
                "mail": [f"{name}@{factories.DOMAIN}".encode()],
                "proxyAddresses": [f"smtp:{name}.old@{factories.DOMAIN}".encode()],
                "objectGUID": [name.encode().ljust(16, b"-")],
            },
        )
        for name in PEOPLE
    ]
    with ScriptedLdap.start(Script(entries=entries)) as server:
        yield server


@pytest.fixture
def graph(graph_server: GraphStandIn) -> GraphStandIn:
    tenant = tenants.tenant(names=PEOPLE)
    tenant.users.put(user("fay", factories.DOMAIN))
    graph_server.reset(tenant)
    return graph_server


def preview(source: Source) -> Run:
    run = runs.start(RunKind.PREVIEW, source.domain_id, source=source)
    tasks.provision(run.id)
    return now(run)


def outcome(run: Run) -> dict[str, int]:
    """What a run did, or would do, to anybody."""
    told = ("created", "updated", "restored", "missing", "disabled", "conflicts")
    return {name: run.counts[name] for name in told if run.counts[name]}


def sync(source: Source) -> Run:
    run = runs.start(RunKind.SYNC, source.domain_id, source=source)
    tasks.provision(run.id)
    if runs.approve(run.id):
        tasks.provision(run.id)
    return now(run)


@pytest.mark.parametrize("old_goes_first", [True, False])
def test_the_same_people_are_adopted_and_a_preview_shows_it(
    *, domain: Domain, directory: ScriptedLdap, graph: GraphStandIn, pki: Pki, old_goes_first: bool
) -> None:
    place = {"host": "127.0.0.1", "port": directory.port, "search_base": SUFFIX, "user_dn": f"cn=reader,{SUFFIX}"}
    old = factories.source(domain, settings=place)
    assert sync(old).counts["created"] == 5
    before = {user.address: user.id for user in roster.of_domain(domain.id)}
    if old_goes_first:
        sources.remove(old, None)

    new = tenants.own_app(domain, graph, pki)
    assert outcome(preview(new)) == {"created": 2, "conflicts": 5}
    assert conflicts.count(new.id) == 5
    conflicts.adopt(new, None, conflicts.adoptable(new))
    if not old_goes_first:
        sources.remove(old, None)
    shown = preview(new)
    assert outcome(shown) == {"created": 2, "updated": 5}
    updated = records.changes(shown.id, action=Action.UPDATE)
    assert {change.user_id for change in updated} == set(before.values())

    assert outcome(sync(new)) == {"created": 2, "updated": 5}
    after = {user.address: user for user in roster.of_domain(domain.id)}
    assert {address: after[address].id for address in before} == before, "the same users, not new ones"
    assert len(after) == 7
    assert {user.source_id for user in after.values()} == {new.id}
    assert all(user.source_key and user.status == "active" for user in after.values())
    assert outcome(sync(new)) == {}
