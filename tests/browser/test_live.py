"""Pages that follow what happens by themselves: through a stream that may be cut, and without taking the focus away."""

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import expect

from console import queue
from console.models import Admin, Domain, RunKind, Source
from console.store import runs
from tests import factories
from tests.browser.conftest import Complaints, OpenPage
from tests.browser.window import mark, marked, record, recorded
from tests.processes import Web, until
from tests.servers.pki import Pki
from tests.servers.proxy import TcpProxy
from tests.servers.slapd import Slapd


@pytest.fixture
def way_in(site: Web) -> Iterator[TcpProxy]:
    """What stands between the browser and the web process, and can cut them off."""
    with TcpProxy.start(site.port) as proxy:
        yield proxy


@pytest.fixture
def source(domain: Domain, directory: Slapd, slow: TcpProxy, pki: Pki) -> Source:
    """The directory, held in the middle of its second page until it is released."""
    slow.hold_after = 300_000
    settings = {"host": "localhost", "port": slow.port, "tls": "ldaps", "ca_pem": pki.ca_file.read_text()}
    account = {"user_dn": directory.reader_dn, "search_base": directory.suffix}
    return factories.source(domain, password=directory.reader_password, settings={**settings, **account})


def start(app: Flask, source: Source, kind: RunKind = RunKind.SYNC) -> int:
    """Start a run as somebody else would, elsewhere."""
    run = runs.start(kind, source.domain_id, source=source)
    assert queue.start(app.extensions["redis"], run)
    return run.id


def test_a_run_ends_on_its_page_although_the_stream_is_cut_in_the_middle(
    *,
    app: Flask,
    open_page: OpenPage,
    alice: Admin,
    source: Source,
    slow: TcpProxy,
    way_in: TcpProxy,
    complaints: Complaints,
) -> None:
    complaints.expect("ERR_INCOMPLETE_CHUNKED_ENCODING|network error|ERR_EMPTY_RESPONSE")
    page = open_page(alice, f"http://127.0.0.1:{way_in.port}")
    page.goto(f"/runs/{start(app, source)}")
    record(page)
    expect(page.get_by_text("Reading the directory")).to_be_visible()
    before = way_in.connections
    assert way_in.cut() >= 1
    until(lambda: way_in.connections > before, "the browser has connected again")
    slow.release()
    expect(page.get_by_role("button", name="Approve")).to_be_visible()
    assert marked(page), "the page was loaded anew"
    assert recorded(page)[-1].startswith("needs_approval")
    expect(page.locator("#trouble")).to_be_empty()


def test_the_list_of_sources_follows_a_run_that_somebody_else_started(
    *, app: Flask, open_page: OpenPage, alice: Admin, domain: Domain, source: Source, slow: TcpProxy
) -> None:
    page = open_page(alice)
    page.goto("/domains/example.test/sync")
    mark(page)
    row = page.get_by_role("row").filter(has_text=source.label).first
    expect(row).to_contain_text("never synced")
    page.get_by_role("link", name="Add", exact=True).focus()
    run_id = start(app, source)
    expect(row).to_contain_text("running")
    expect(page.get_by_role("region", name=f"Run {run_id}")).to_contain_text("Reading the directory")
    slow.release()
    expect(row).to_contain_text("waits for you")
    expect(row.get_by_role("link", name="Review")).to_be_visible()
    assert runs.approve(run_id)
    assert queue.start_id(app.extensions["redis"], run_id)
    expect(row).to_contain_text("in step")
    expect(row).to_contain_text("1,080")
    expect(page.get_by_role("link", name="Add", exact=True)).to_be_focused()
    assert marked(page), "the page was loaded anew"


def test_a_run_that_somebody_else_cancels_says_so_on_an_open_page(
    *, app: Flask, open_page: OpenPage, alice: Admin, source: Source, slow: TcpProxy
) -> None:
    page, other = open_page(alice), open_page(alice)
    run = f"/runs/{start(app, source)}"
    page.goto(run)
    expect(page.get_by_text("Reading the directory")).to_be_visible()
    record(page)
    other.goto(run)
    other.get_by_role("button", name="Cancel").click()
    expect(other.get_by_text("Cancelled: nothing is changed.")).to_be_visible()
    slow.release()
    expect(page.get_by_text("Cancelled. Nothing was changed.").first).to_be_visible()
    assert recorded(page)[-1] == "cancelled"
