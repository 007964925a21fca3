"""Connections to a directory of ten thousand that are cut, on each page: nothing changes, and the next sync is full."""

from collections.abc import Iterator

import pytest

from console.models import Domain, Run, RunKind, Source
from console.store import runs as store
from console.store import sources, users
from jobs import tasks
from jobs.sources.ldap.settings import LdapSettings
from tests import factories
from tests.e2e import runs
from tests.servers.people import many_people
from tests.servers.pki import Pki
from tests.servers.proxy import TcpProxy
from tests.servers.slapd import Slapd, slapd_available

COUNT = 10_000
LISTED = COUNT * 9 // 10
PAGE = LdapSettings("", 0).page_size
MIDDLE = 100_001
"""Bytes within the answer that is a page."""


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    """People of whom every tenth is disabled, and so is not listed."""
    if not slapd_available():
        pytest.skip("slapd is not installed")
    folder = tmp_path_factory.mktemp("directory")
    with Slapd.start(folder / "slapd", Pki(folder / "pki"), many_people(COUNT, factories.DOMAIN)) as server:
        yield server


@pytest.fixture
def line(directory: Slapd) -> Iterator[TcpProxy]:
    """What the source is connected through."""
    with TcpProxy.start(directory.plain_port) as proxy:
        yield proxy


@pytest.fixture
def source(domain: Domain, directory: Slapd, line: TcpProxy) -> Source:
    """A source of everybody, of whom the list has a tenth."""
    settings = {
        "port": line.port,
        "user_dn": directory.reader_dn,
        "search_base": directory.suffix,
        "filter": "(uid=*7)",
    }
    source = factories.source(domain, settings=settings, password=directory.reader_password)
    first = sync(source)
    assert store.approve(first.id)
    tasks.provision(first.id)
    assert runs.now(first.id).counts["created"] == COUNT // 10
    source.settings = {**source.settings, "filter": ""}
    return sources.save(source)


def sync(source: Source, kind: RunKind = RunKind.SYNC) -> Run:
    run = store.start(kind, source.domain_id, source=source)
    tasks.provision(run.id)
    return runs.now(run.id)


def questions_of_pages(source: Source, line: TcpProxy) -> list[int]:
    """Which questions on a connection ask for a page, by the length of the answers."""
    sync(source, RunKind.PREVIEW)
    return [number for number, size in enumerate(line.answers, 1) if size > MIDDLE]


def test_a_read_that_is_cut_on_any_page_changes_nothing_and_the_next_is_full(source: Source, line: TcpProxy) -> None:
    before = runs.fingerprint()
    questions = questions_of_pages(source, line)
    assert len(questions) == COUNT // PAGE
    for page, question in enumerate(questions, 1):
        # Odd pages break off between two messages, even ones within one.
        line.cut_in = (question, 0 if page % 2 else MIDDLE)
        run = sync(source)
        where = f" page {page}, after {(page - 1) * PAGE:,} entries" if page > 1 else ""
        assert run.error.endswith(f", broke off the connection while reading{where}. Nothing was changed. Try again.")
        assert (run.state, run.counts, runs.fingerprint()) == ("failed", {}, before)
    line.cut_in = None
    run = sync(source)
    assert (run.state, run.counts["read"], run.counts["created"]) == ("succeeded", COUNT, LISTED - COUNT // 10)
    assert users.totals(source.domain_id).users == LISTED
