"""An Office 365 source in the hands of a worker: its own app or the operator's, what it remembers, and whose it is."""

import logging

import pytest
from redis import Redis

from console.core.person import Kind
from console.models import Base, Domain, Run, RunKind, Source, db
from console.settings import Settings
from console.store import mailboxes, roster, runs, sources
from jobs import tasks
from jobs.office365 import NO_APP
from tests import factories, tenants
from tests.jobs.fake import now
from tests.servers.graph import GraphStandIn
from tests.servers.graph.tenant import guid, user
from tests.servers.pki import Pki


def run(kind: RunKind, source: Source, *, by_schedule: bool = False) -> Run:
    started = runs.start(kind, source.domain_id, source=source, by_schedule=by_schedule)
    tasks.provision(started.id)
    return now(started)


def synced(source: Source) -> Run:
    waiting = run(RunKind.SYNC, source)
    assert runs.approve(waiting.id), waiting.error
    tasks.provision(waiting.id)
    return now(waiting)


def listed(domain: Domain) -> dict[str, Kind]:
    found = {listed.address.partition("@")[0]: listed.kind for listed in roster.of_domain(domain.id)}
    db.session.commit()
    return found


EVERYBODY = {
    "ann": Kind.MAILBOX,
    "bob": Kind.MAILBOX,
    "info": Kind.SHARED,
    "room": Kind.RESOURCE,
    "sales": Kind.LIST,
}


def test_a_source_with_its_own_app_is_tested_previewed_and_synced(
    domain: Domain, graph: GraphStandIn, pki: Pki
) -> None:
    source = tenants.own_app(domain, graph, pki)
    tried = run(RunKind.TEST, source)
    assert (tried.state, tried.counts["read"]) == ("succeeded", 5)
    assert tried.trial is not None
    assert "Dynamic distribution lists are not in Microsoft Graph" in " ".join(tried.trial["warnings"])
    preview = run(RunKind.PREVIEW, source)
    assert (preview.state, preview.counts["created"], listed(domain)) == ("succeeded", 5, {})
    assert synced(source).state == "succeeded"
    assert listed(domain) == EVERYBODY


def test_what_mailboxes_are_for_is_asked_once(domain: Domain, graph: GraphStandIn, pki: Pki) -> None:
    source = tenants.own_app(domain, graph, pki)
    synced(source)
    assert len(graph.seen.asked) == 4
    assert mailboxes.kinds(source.id)[guid(f"user info@{domain.name}")] is Kind.SHARED
    graph.tenant.users.put(user("new", domain.name))
    assert run(RunKind.SYNC, source).counts["created"] == 1
    assert [url for url in graph.seen.asked if guid(f"user new@{domain.name}") in url] == graph.seen.asked[4:]


def test_an_hourly_run_reads_what_changed_with_the_tokens_of_the_last(
    domain: Domain, graph: GraphStandIn, pki: Pki, redis: Redis
) -> None:
    source = tenants.own_app(domain, graph, pki)
    synced(source)
    run(RunKind.SYNC, source)
    graph.seen.calls.clear()
    unchanged = run(RunKind.SYNC, source, by_schedule=True)
    assert (unchanged.state, unchanged.reading) == ("succeeded", "changes")
    assert [call.name for call in graph.seen.calls] == ["users/delta", "groups/delta"]
    graph.tenant.users.remove(guid(f"user bob@{domain.name}"))
    assert run(RunKind.SYNC, source, by_schedule=True).counts["missing"] == 1
    redis.flushdb()
    graph.seen.calls.clear()
    assert run(RunKind.SYNC, source, by_schedule=True).state == "succeeded"
    assert graph.seen.count("token") == 1


def test_no_secret_and_no_token_is_in_redis_the_database_or_the_log(
    *, domain: Domain, graph: GraphStandIn, pki: Pki, redis: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        synced(tenants.own_app(domain, graph, pki))
        wrong = tenants.own_app(domain, graph, pki, secret="Wrong~one.but_secret")
        failed = run(RunKind.TEST, wrong)
    assert failed.state == "failed"
    assert "the client secret is wrong" in failed.error
    held = " ".join(str(row) for table in Base.metadata.sorted_tables for row in db.session.execute(table.select()))
    kept = " ".join(str(redis.get(key)) for key in redis.scan_iter("office365:*"))
    assert "office365:tokens:1" in [key.decode() for key in redis.scan_iter()]
    for text in (held, kept, caplog.text):
        assert tenants.SECRET not in text
        assert "Wrong~one" not in text
        assert "eyJhbGciOi" not in text


def test_a_connected_tenant_is_read_through_the_operators_app(
    domain: Domain, graph: GraphStandIn, operated: Settings
) -> None:
    source = tenants.connected(domain, graph.tenant.id)
    assert run(RunKind.TEST, source).state == "succeeded"
    assert synced(source).state == "succeeded"
    assert listed(domain) == EVERYBODY
    assert run(RunKind.SYNC, source, by_schedule=True).counts["unchanged"] == 5


def test_a_connected_tenant_that_does_not_have_the_domain_is_not_read(
    domain: Domain, graph: GraphStandIn, operated: Settings
) -> None:
    """Else anybody could name a tenant that others have connected, and see its people."""
    graph.reset(tenants.tenant("victim.example"))
    source = tenants.connected(domain, graph.tenant.id)
    for kind in (RunKind.TEST, RunKind.PREVIEW, RunKind.SYNC):
        refused = run(kind, source)
        assert refused.state == "failed"
        assert "brightfield.example is not a domain of the tenant that was connected" in refused.error
        assert "victim" not in refused.error + refused.error_detail
    assert {call.name for call in graph.seen.calls} == {"openid"}
    other = factories.domain("victim.example")
    assert run(RunKind.PREVIEW, tenants.connected(other, guid("another tenant"))).state == "failed"
    assert run(RunKind.PREVIEW, tenants.connected(other, graph.tenant.id)).state == "succeeded"


def test_the_operators_secret_goes_nowhere_that_a_source_says(
    domain: Domain, graph: GraphStandIn, operated: Settings, pki: Pki
) -> None:
    named = {"authority": "https://evil.example", "graph": "https://evil.example", "cloud": "us", "client_id": "x"}
    source = tenants.connected(domain, graph.tenant.id, settings=named)
    assert run(RunKind.TEST, source).state == "succeeded"
    assert graph.seen.count("token") == 1


def test_without_an_app_of_the_operator_a_connected_tenant_cannot_be_read(domain: Domain, graph: GraphStandIn) -> None:
    failed = run(RunKind.SYNC, tenants.connected(domain, graph.tenant.id))
    assert (failed.state, failed.error) == ("failed", NO_APP)


def test_an_own_app_without_a_cloud_is_at_the_operators_microsoft(
    domain: Domain, graph: GraphStandIn, operated: Settings, pki: Pki
) -> None:
    source = tenants.own_app(domain, graph, pki)
    settings = {name: value for name, value in source.settings.items() if name not in ("authority", "graph", "ca_pem")}
    source.settings = settings
    sources.save(source)
    assert run(RunKind.TEST, source).state == "succeeded"
