"""Directories that cannot be read: each a failed run with a sentence of its own, in time, and not one user changed."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, current_app

from console.models import Domain, RunKind, Source
from console.store import runs as store
from console.store import sources as source_store
from jobs import tasks
from tests import factories
from tests.e2e import runs
from tests.servers import people
from tests.servers.ldap_script import Misbehaviour, Script, ScriptedLdap
from tests.servers.pki import Pki
from tests.servers.ports import black_hole, free_port
from tests.servers.slapd import Slapd

PATIENCE = 0.6
"""Seconds that the sources of these tests wait for a server."""

PASSWORD = "the right password of the reader"
Settings = dict[str, Any]


@pytest.fixture(scope="module")
def slapd(needs_slapd: None, tmp_path_factory: pytest.TempPathFactory, pki: Pki) -> Iterator[Slapd]:
    """Thirty people of example.test."""
    folder = tmp_path_factory.mktemp("slapd")
    with Slapd.start(folder, pki, people.many_people(30), reader_password=PASSWORD) as server:
        yield server


@dataclass
class Bad:
    """Makes the settings of a source that cannot be read, and what has to run for it."""

    slapd: Slapd
    pki: Pki
    folder: Path
    stack: ExitStack
    password: str = field(default=PASSWORD, repr=False)

    def right(self) -> Settings:
        """The settings under which all goes well."""
        return {
            "host": "localhost",
            "port": self.slapd.tls_port,
            "tls": "ldaps",
            "user_dn": self.slapd.reader_dn,
            "search_base": self.slapd.suffix,
            "ca_pem": self.pki.ca_file.read_text(),
            "page_size": 10,
            "connect_timeout": PATIENCE,
            "receive_timeout": PATIENCE,
        }

    def unknown_host(self) -> Settings:
        return {**self.right(), "host": "no-such-host.invalid"}

    def closed_port(self) -> Settings:
        return {**self.right(), "port": free_port()}

    def firewall(self) -> Settings:
        return {**self.right(), "host": "127.0.0.1", "port": self.stack.enter_context(black_hole())}

    def wrong_password(self) -> Settings:
        self.password = "not the password of the reader"
        return self.right()

    def no_such_base(self) -> Settings:
        return {**self.right(), "search_base": f"ou=nowhere,{self.slapd.suffix}"}

    def untrusted_certificate(self) -> Settings:
        other = Pki(self.folder / "other", "Another authority")
        return {**self.right(), "ca_pem": other.ca_file.read_text()}

    def other_name(self) -> Settings:
        certificate = self.pki.issue("other-name", ["dc7.example.test"], folder=self.folder)
        return {**self.right(), "port": self._scripted(Script(ldaps=True), certificate)}

    def ip_address(self) -> Settings:
        certificate = self.pki.issue("named", ["localhost"], folder=self.folder)
        return {**self.right(), "host": "127.0.0.1", "port": self._scripted(Script(ldaps=True), certificate)}

    def hangs(self) -> Settings:
        return self._plain(Script(entries=runs.entries(30), on_page={2: Misbehaviour.HANG}))

    def dies(self) -> Settings:
        return self._plain(Script(entries=runs.entries(50), on_page={3: Misbehaviour.CLOSE}))

    def size_limit(self) -> Settings:
        limited = Slapd.start(
            self.folder / "limited", self.pki, people.many_people(30), size_limit=15, reader_password=PASSWORD
        )
        self.stack.enter_context(limited)
        return {**self.right(), "port": limited.tls_port}

    def _plain(self, script: Script) -> Settings:
        return {**self.right(), "host": "127.0.0.1", "port": self._scripted(script), "tls": "none"}

    def _scripted(self, script: Script, certificate: tuple[Path, Path] | None = None) -> int:
        return self.stack.enter_context(ScriptedLdap.start(script, certificate)).port


@pytest.fixture
def bad(slapd: Slapd, pki: Pki, tmp_path: Path) -> Iterator[Bad]:
    with ExitStack() as stack:
        yield Bad(slapd, pki, tmp_path, stack)


@pytest.fixture
def domain(app: Flask) -> Domain:
    return factories.domain("example.test")


@pytest.fixture
def source(bad: Bad, domain: Domain) -> Source:
    """A source that was synced while all was well, so that there are users to lose."""
    source = factories.source(domain, password=PASSWORD, settings=bad.right())
    first = sync(source)
    assert store.approve(first)
    tasks.provision(first)
    assert runs.now(first).counts["created"] == 27
    return source


def sync(source: Source) -> int:
    run = store.start(RunKind.SYNC, source.domain_id, source=source)
    tasks.provision(run.id)
    return run.id


SENTENCES: dict[str, tuple[Callable[[Bad], Settings], str]] = {
    "an unknown host": (Bad.unknown_host, "No server named no-such-host.invalid was found"),
    "a closed port": (Bad.closed_port, "refused the connection: no directory server listens on that port"),
    "a firewall": (Bad.firewall, f"did not answer within {PATIENCE} seconds: check Host and Port"),
    "a wrong password": (Bad.wrong_password, "the password of cn=reader,dc=example,dc=test is wrong"),
    "a base that is not there": (Bad.no_such_base, "search base ou=nowhere,dc=example,dc=test does not exist"),
    "an untrusted certificate": (Bad.untrusted_certificate, "not issued by an authority that this console trusts"),
    "a certificate for another name": (Bad.other_name, "is for another server. It carries dc7.example.test"),
    "an IP address with TLS": (Bad.ip_address, "not issued for that IP address"),
    "a server that hangs": (Bad.hangs, f"did not answer within {PATIENCE} seconds while reading page 2"),
    "a server that dies": (Bad.dies, "broke off the connection while reading page 3, after 20 entries"),
    "a size limit": (Bad.size_limit, "stopped the search at its size limit"),
}


@pytest.mark.parametrize("case", SENTENCES)
def test_it_fails_with_its_own_sentence_in_time_and_no_user_is_changed(source: Source, bad: Bad, case: str) -> None:
    make, sentence = SENTENCES[case]
    source.settings = make(bad)
    source.secret = current_app.extensions["sealer"].seal(bad.password)
    source_store.save(source)
    before = runs.rows()
    began = time.monotonic()
    run = runs.now(sync(source))
    assert time.monotonic() - began < 3 * PATIENCE + 1
    assert run.state == "failed"
    assert sentence in run.error
    assert [case for case, (_, other) in SENTENCES.items() if other in run.error] == [case]
    assert bad.password not in run.error + run.error_detail
    assert runs.rows() == before
    found = source_store.get(source.id)
    assert found is not None
    assert (found.failures, found.last_error) == (1, run.error)


def test_after_a_failure_a_sync_that_works_puts_it_right(source: Source, bad: Bad) -> None:
    right = source.settings
    source.settings = bad.closed_port()
    source_store.save(source)
    assert runs.now(sync(source)).state == "failed"
    source.settings = right
    source_store.save(source)
    assert runs.now(sync(source)).state == "succeeded"
    found = source_store.get(source.id)
    assert found is not None
    assert (found.failures, found.last_error) == (0, "")


def test_a_base_without_recipients_waits_for_approval_and_says_so(source: Source, bad: Bad) -> None:
    source.settings = {**bad.right(), "search_base": bad.slapd.groups_dn}
    source_store.save(source)
    before = runs.rows()
    run = runs.now(sync(source))
    assert run.state == "needs_approval"
    assert "no recipients of this domain: check that its search base" in run.waits_because[0]
    assert runs.rows() == before
