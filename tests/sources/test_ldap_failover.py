"""Several servers of one directory: which is read, what is said of the others, and when no other is tried."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from console.core.errors import SourceError
from console.core.reconcile import reconcile
from jobs.sources.ldap.settings import LdapSettings, Tls
from jobs.sources.ldap.source import LdapSource
from tests import factories
from tests.servers.ldap_script import Answer, Misbehaviour, Script, ScriptedLdap
from tests.servers.pki import Pki
from tests.servers.ports import black_hole, free_port
from tests.servers.slapd import Slapd
from tests.sources.ldap import FIFTY, assert_keeps, failure, for_port, for_slapd, quiet, watching

Start = Callable[[Script], ScriptedLdap]
GOOD = Script(entries=FIFTY)
LOCKED = Answer(49, "80090308: LdapErr: DSID-0C09044E, comment: AcceptSecurityContext error, data 775, v2580")


def over(*ports: int) -> LdapSettings:
    """Settings for several servers of this machine."""
    return replace(for_port(ports[0]), fallbacks=tuple(("127.0.0.1", port) for port in ports[1:]))


def peers(*servers: ScriptedLdap) -> Sequence[str]:
    return [f"127.0.0.1, port {server.port}" for server in servers]


def test_the_first_server_that_works_is_read_and_the_rest_are_left_alone(scripted: Start) -> None:
    first, second = scripted(GOOD), scripted(GOOD)
    snapshot = LdapSource(over(first.port, second.port)).fetch(quiet)
    assert (len(snapshot.people), snapshot.remarks) == (50, ())
    assert second.connections == 0


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (Script(on_accept=Misbehaviour.CLOSE), "closed the connection without an answer"),
        (Script(on_accept=Misbehaviour.GARBAGE), "not LDAP"),
        (Script(on_bind=Misbehaviour.HANG), "did not answer within 0.5 seconds"),
        (Script(on_bind=Misbehaviour.CLOSE), "broke off the connection while signing in"),
        (Script(on_bind=Answer(51)), "too busy"),
        (Script(on_bind=Answer(52)), "not available"),
    ],
)
def test_trouble_of_a_server_leads_to_the_next_one_and_is_told(scripted: Start, script: Script, words: str) -> None:
    bad, good = scripted(script), scripted(GOOD)
    snapshot = LdapSource(over(bad.port, good.port)).fetch(quiet)
    assert snapshot.complete
    assert snapshot.read == 50
    [remark] = snapshot.remarks
    assert [remark.where, remark.what] == peers(bad, good)
    assert words in remark.why
    assert remark.why.endswith(f"The directory was read at {peers(good)[0]}, instead.")


def test_a_server_that_cannot_be_reached_leads_to_the_next_one(scripted: Start) -> None:
    good, closed = scripted(GOOD), free_port()
    seen: list[tuple[str, int]] = []
    with black_hole() as silent:
        settings = over(closed, silent, good.port)
        snapshot = LdapSource(replace(settings, host="no-such-host.invalid")).fetch(watching(seen))
        assert "No server named no-such-host.invalid" in snapshot.remarks[0].why
        snapshot = LdapSource(settings).fetch(quiet)
    assert "refused the connection" in snapshot.remarks[0].why
    assert "did not answer within 0.5 seconds" in snapshot.remarks[1].why
    assert len(snapshot.remarks) == 2
    assert [stage for stage, _ in seen[:4]] == ["connecting", "connecting", "connecting", "binding"]


def test_a_certificate_for_another_server_leads_to_the_next_one(ldap: LdapSettings, pki: Pki, tmp_path: Path) -> None:
    certificate = pki.issue("other", ["other.example.test"], folder=tmp_path)
    with ScriptedLdap.start(Script(entries=FIFTY, ldaps=True), certificate) as other:
        settings = replace(ldap, port=other.port, fallbacks=((ldap.host, ldap.port),))
        snapshot = LdapSource(settings).fetch(quiet)
        assert other.binds == []
    assert snapshot.read == 1200
    assert "is for another server. It carries other.example.test." in snapshot.remarks[0].why


def test_a_server_without_starttls_leads_to_the_next_one(ldap: LdapSettings, directory: Slapd, scripted: Start) -> None:
    plain = scripted(GOOD)
    settings = replace(ldap, port=plain.port, tls=Tls.STARTTLS, fallbacks=(("localhost", directory.plain_port),))
    snapshot = LdapSource(settings).fetch(quiet)
    assert snapshot.read == 1200
    assert "does not offer StartTLS" in snapshot.remarks[0].why
    assert plain.binds == []


@pytest.mark.parametrize("answer", [Answer(49, "no"), LOCKED, Answer(8), Answer(53), Answer(80)])
def test_a_refusal_is_final_so_that_no_account_gets_locked(scripted: Start, answer: Answer) -> None:
    refusing, good = scripted(Script(on_bind=answer)), scripted(GOOD)
    alone = failure(over(refusing.port))
    both = failure(over(refusing.port, good.port))
    assert both.sentence == alone.sentence
    assert both.permanent == alone.permanent
    assert good.connections == 0
    assert len(refusing.binds) == 2


def test_a_refusal_after_trouble_tells_of_both(scripted: Start) -> None:
    busy, refusing, good = scripted(Script(on_bind=Answer(51))), scripted(Script(on_bind=LOCKED)), scripted(GOOD)
    error = failure(over(busy.port, refusing.port, good.port))
    assert "is locked" in error.sentence
    assert peers(refusing)[0] in error.sentence
    assert "data 775" in error.detail
    assert peers(busy)[0] in error.detail
    assert good.connections == 0


def test_when_none_can_be_used_each_is_named_with_its_reason(scripted: Start) -> None:
    busy, closed, garbled = scripted(Script(on_bind=Answer(51))), free_port(), scripted(Script(on_bind=Answer(52)))
    error = failure(over(busy.port, closed, garbled.port))
    assert error.sentence.startswith("None of the 3 servers of this source can be used. (1) Signing in at 127.0.0.1")
    assert f"(2) 127.0.0.1, port {closed}, refused the connection" in error.sentence
    assert f"(3) Signing in at {peers(garbled)[0]}, failed: it is not available" in error.sentence
    assert not error.permanent


def test_trouble_while_reading_ends_the_run_and_no_other_server_is_asked(scripted: Start) -> None:
    for trouble in (Misbehaviour.CLOSE, Answer(51)):
        dying, good = scripted(Script(entries=FIFTY, on_page={3: trouble})), scripted(GOOD)
        error = failure(replace(over(dying.port, good.port), page_size=10))
        assert "page 3, after 20 entries" in error.sentence
        assert good.connections == 0


def test_a_trial_says_which_server_was_used_and_warns_of_the_others(scripted: Start) -> None:
    bad, good = scripted(Script(on_bind=Answer(52))), scripted(GOOD)
    trial = LdapSource(over(bad.port, good.port)).test(quiet)
    assert dict(trial.facts)["Host"].startswith(peers(good)[0])
    assert trial.warnings[0].startswith(f"Signing in at {peers(bad)[0]}, failed: it is not available")


def test_an_interruption_leads_to_no_other_server(scripted: Start) -> None:
    first, second = scripted(GOOD), scripted(GOOD)

    def stop(stage: str, done: int = 0, total: int | None = None) -> None:
        if stage == "binding":
            raise KeyError

    with pytest.raises(KeyError):
        LdapSource(over(first.port, second.port)).fetch(stop)
    assert second.connections == 0


def test_an_unreadable_authority_is_the_sources_own_trouble_and_no_server_is_asked(scripted: Start) -> None:
    server = scripted(GOOD)
    settings = replace(over(server.port, server.port), tls=Tls.LDAPS, ca_pem="no certificate")
    assert failure(settings).sentence.startswith("The CA certificate of this source cannot be read")
    assert server.connections == 0


def test_a_server_on_this_machine_is_refused_wherever_it_stands_in_the_list(scripted: Start) -> None:
    server = scripted(GOOD)
    settings = replace(over(free_port(), server.port), allow_local=False)
    with pytest.raises(SourceError, match=r"\(2\) 127.0.0.1 is at") as caught:
        LdapSource(settings).fetch(quiet)
    assert_keeps(settings.password, caught.value)
    assert server.connections == 0


def test_a_run_shows_which_server_was_passed_over_and_counts_no_entry_for_it(scripted: Start) -> None:
    snapshot = LdapSource(over(free_port(), scripted(GOOD).port)).fetch(quiet)
    plan = reconcile(snapshot, [], factories.rules(domain="example.test"))
    assert plan.notes == snapshot.remarks
    assert plan.read == len(plan.steps) == 50


def test_two_real_servers_of_which_one_is_down(directory: Slapd, pki: Pki) -> None:
    settings = replace(for_slapd(directory, pki), port=free_port(), fallbacks=(("localhost", directory.tls_port),))
    assert LdapSource(settings).fetch(quiet).read == 1200


@pytest.mark.parametrize(
    "user", ["cn=Reader,dc=example,dc=test", "reader@example.test", "EXAMPLE\\reader", "Jörg Müller"]
)
def test_whoever_signs_in_is_named_as_typed(scripted: Start, user: str) -> None:
    server = scripted(GOOD)
    LdapSource(replace(for_port(server.port), user_dn=user)).fetch(quiet)
    assert [bind.dn for bind in server.binds] == [user]
