"""What every source must keep, whatever it reads."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import psutil
import pytest

from console.core.errors import SourceError
from jobs.sources.csv.settings import CsvSettings
from jobs.sources.csv.source import CsvSource
from jobs.sources.ldap.kinds import Wanted
from jobs.sources.ldap.settings import LdapSettings
from jobs.sources.ldap.source import LdapSource
from jobs.sources.office365 import wanted as office365
from jobs.sources.office365.purposes import KnownKinds
from jobs.sources.office365.source import Office365Source
from jobs.sources.source import Progress, Source
from tests.servers.graph import GraphStandIn
from tests.servers.graph.tenant import many
from tests.sources.ldap import assert_keeps, quiet, watching
from tests.sources.office365 import registered, settings_for


@dataclass(frozen=True)
class Subject:
    """A source that works on a peer with some 1,000 people at `port`, the same one with a wrong secret, and one whose
    switches leave everybody out.

    A file has no peer, and so the port 0, no secret and the one stage; a wrong one is none of users, and what leaves
    everybody out is its column of status.
    """

    works: Source
    denied: Source
    choosy: Source
    port: int
    secrets: tuple[str, ...]
    stages: tuple[str, ...] = ("connecting", "binding", "reading")


@pytest.fixture(params=["ldap", "csv", "office365"])
def subject(request: pytest.FixtureRequest) -> Subject:
    builders: dict[str, Callable[[pytest.FixtureRequest], Subject]] = {
        "ldap": of_ldap,
        "csv": of_csv,
        "office365": of_office365,
    }
    return builders[request.param](request)


def of_ldap(request: pytest.FixtureRequest) -> Subject:
    settings: LdapSettings = request.getfixturevalue("ldap")
    wrong = replace(settings, password="quite another secret")
    choosy = replace(settings, wanted=Wanted(people=False))
    secrets = (settings.password, wrong.password)
    return Subject(LdapSource(settings), LdapSource(wrong), LdapSource(choosy), settings.port, secrets)


def of_csv(_: pytest.FixtureRequest) -> Subject:
    settings = CsvSettings("example.test", complete=True)
    active, suspended = (
        "Email Address [Required],Status\n" + "".join(f"u{n}@example.test,{status}\n" for n in range(1200))
        for status in ("Active", "Suspended")
    )
    works, choosy = (CsvSource(text.encode(), settings) for text in (active, suspended))
    return Subject(works, CsvSource(b"%PDF-1.7\n", settings), choosy, 0, (), stages=("reading",))


def of_office365(request: pytest.FixtureRequest) -> Subject:
    server: GraphStandIn = request.getfixturevalue("graph")
    server.reset(registered(many(1010, groups=12)))
    settings = settings_for(server, request.getfixturevalue("pki"))
    wrong = replace(settings, credential="quite another secret")
    choosy = replace(settings, wanted=office365.Wanted(people=False, shared=False, groups=False))
    known = KnownKinds()
    works, denied, left_out = (Office365Source(wanted, kinds=known) for wanted in (settings, wrong, choosy))
    return Subject(works, denied, left_out, server.port, (settings.credential, wrong.credential))


def connections(port: int) -> int:
    return sum(bool(link.raddr) and link.raddr.port == port for link in psutil.Process().net_connections())


class StopError(Exception):
    """What the pipeline raises to interrupt a source."""


def interrupting(at: str) -> Progress:
    """Progress that stops the source at a stage; while it reads, after the first entries."""

    def progress(stage: str, done: int = 0, total: int | None = None) -> None:
        if stage == at and (done or stage != "reading"):
            raise StopError

    return progress


def test_two_reads_of_an_unchanged_peer_are_equal_and_complete(subject: Subject) -> None:
    first, second = subject.works.fetch(quiet), subject.works.fetch(quiet)
    assert first == second
    assert first.complete
    assert first.read > 1000


def test_progress_grows_up_to_what_was_read(subject: Subject) -> None:
    seen: list[tuple[str, int]] = []
    snapshot = subject.works.fetch(watching(seen))
    counts = [done for _, done in seen]
    assert counts == sorted(counts)
    assert counts[-1] == snapshot.read
    assert [*dict.fromkeys(stage for stage, _ in seen)] == [*subject.stages]


def test_a_trial_counts_what_a_fetch_reads(subject: Subject) -> None:
    trial, snapshot = subject.works.test(quiet), subject.works.fetch(quiet)
    assert trial.found == snapshot.read
    assert len(trial.samples) == 10
    assert set(trial.samples) <= {person.primary for person in snapshot.people}
    assert all(label and value for label, value in trial.facts)


def test_what_switches_leave_out_is_read_and_told_with_a_reason(subject: Subject) -> None:
    everything, nothing = subject.works.fetch(quiet), subject.choosy.fetch(quiet)
    assert nothing.complete
    assert nothing.read == everything.read
    assert all(person.left_out for person in nothing.people)
    assert {person.key for person in nothing.people} == {person.key for person in everything.people}
    trial = subject.choosy.test(quiet)
    assert trial.samples == ()
    assert any("left out" in warning for warning in trial.warnings)


def test_an_interruption_passes_through_and_closes_the_connection(subject: Subject) -> None:
    for stage in subject.stages:
        with pytest.raises(StopError) as caught:
            subject.works.fetch(interrupting(stage))
        assert connections(subject.port) == 0
        for secret in subject.secrets:
            assert_keeps(secret, caught.value)


def test_no_connection_stays_open(subject: Subject) -> None:
    subject.works.fetch(quiet)
    with pytest.raises(SourceError):
        subject.denied.fetch(quiet)
    assert connections(subject.port) == 0


def test_a_refusal_is_permanent_and_keeps_the_secret(subject: Subject) -> None:
    for act in (subject.denied.fetch, subject.denied.test):
        with pytest.raises(SourceError) as caught:
            act(quiet)
        assert caught.value.permanent
        for secret in subject.secrets:
            assert_keeps(secret, caught.value)


def test_a_source_shows_no_secret(subject: Subject) -> None:
    trial = subject.works.test(quiet)
    for secret in subject.secrets:
        assert secret not in repr(subject.works) + repr(vars(subject.works)) + repr(trial)
