"""The Check: what it says of each kind of server, step by step."""

from collections.abc import Sequence

import pytest

from console.core.address import Address
from console.core.delivery import Encryption, Finding
from jobs.smtp.check import Report, check, nobody
from jobs.smtp.server import Outcome, Server, Step
from tests.factories import DOMAIN, address
from tests.servers.ports import LOOPBACK, free_port
from tests.servers.smtp import Script, ScriptedSmtp, knows
from tests.smtp.conftest import Start, at

ADA = address("ada")


def report(server: ScriptedSmtp | Server, known: Address | None = ADA) -> Report:
    found = Report(at(server, receive_timeout=0.2) if isinstance(server, ScriptedSmtp) else server)
    check([found], DOMAIN, known, lambda: None)
    return found


def steps(found: Report) -> dict[Step, Outcome]:
    return {line.step: line.outcome for line, _ in found.lines}


def text(found: Report, step: Step) -> str:
    [line] = [line for line, _ in found.lines if line.step is step]
    return f"{line.text} [{line.detail}]"


@pytest.mark.parametrize(
    ("script", "finding"),
    [
        (knows(ADA), Finding.KNOWN_ONLY),
        (knows(ADA, closes_after_recipient=True), Finding.KNOWN_ONLY),
        (
            knows(ADA, refusal="550 5.4.1 Recipient address rejected: Access denied. AS(201806281)"),
            Finding.KNOWN_ONLY,
        ),
        (Script(None), Finding.EVERY_ADDRESS),
        (knows(), Finding.NOBODY),
        (Script(refusal="451 4.7.1 Greylisted"), Finding.UNCLEAR),
        (knows(ADA, refusal="451 4.7.1 Greylisted"), Finding.UNCLEAR),
        (Script(refusal="550 5.7.1 blocked"), Finding.UNCLEAR),
        (knows(ADA, hangs="RCPT"), Finding.UNCLEAR),
        (knows(ADA, closes="MAIL"), Finding.UNCLEAR),
        (knows(ADA, must_encrypt=True), Finding.UNCLEAR),
        (knows(ADA, hangs="BANNER"), Finding.UNREACHABLE),
        (knows(ADA, endless="EHLO"), Finding.UNREACHABLE),
    ],
)
def test_each_kind_of_server_is_found_out(start: Start, script: Script, finding: Finding) -> None:
    found = report(start(script))
    assert found.finding is finding
    assert found.why


def test_every_step_of_a_good_server_is_told_in_order(start: Start) -> None:
    found = report(start(knows(ADA)))
    assert [line.step for line, _ in found.lines] == list(Step)
    assert steps(found) == {**dict.fromkeys(Step, Outcome.DONE), Step.TLS: Outcome.SKIPPED}
    assert text(found, Step.BANNER) == "A mail server answers. [220 mail.test ESMTP ready]"
    assert text(found, Step.KNOWN) == f"{ADA}: it accepts this address. [250 2.1.5 Ok]"
    assert "as it should. [550 5.1.1 <rollcall-check-" in text(found, Step.UNKNOWN)
    assert all(seconds >= 0 for _, seconds in found.lines)


def test_a_random_recipient_is_of_the_domain_and_never_the_same() -> None:
    assert nobody(DOMAIN).endswith(f"@{DOMAIN}")
    assert nobody(DOMAIN) != nobody(DOMAIN)


def test_without_a_known_recipient_that_step_is_skipped_and_said_so(start: Start) -> None:
    server = start(knows())
    found = report(server, known=None)
    assert found.finding is Finding.UNKNOWN_REFUSED
    assert steps(found)[Step.KNOWN] is Outcome.SKIPPED
    assert "no active user is on the list" in text(found, Step.KNOWN)
    assert len(server.asked) == 1


def test_a_failure_ends_the_check_at_its_step_with_the_servers_own_words(start: Start) -> None:
    found = report(start(knows(ADA, replies={"MAIL": b"550 5.7.1 Go away\r\n"})))
    assert steps(found)[Step.MAIL] is Outcome.FAILED
    assert Step.KNOWN not in steps(found)
    assert "[550 5.7.1 Go away]" in text(found, Step.MAIL)


def test_encryption_that_is_required_and_missing_is_no_answer(start: Start) -> None:
    found = report(at(start(knows(ADA)), encryption=Encryption.REQUIRED))
    assert (found.finding, steps(found)[Step.TLS]) == (Finding.UNCLEAR, Outcome.FAILED)


def test_each_step_is_watched_as_it_happens(start: Start) -> None:
    found = Report(at(start(knows(ADA))))
    seen: list[int] = []
    check([found], DOMAIN, ADA, lambda: seen.append(len(found.lines)))
    assert seen == list(range(len(Step) + 1))


def test_a_check_that_is_stopped_lets_go_of_the_connection(start: Start) -> None:
    class Stopped(Exception):
        pass

    server = start(knows(ADA))
    found = Report(at(server))

    def watch() -> None:
        if found.lines and found.lines[-1][0].step is Step.KNOWN:
            raise Stopped

    with pytest.raises(Stopped):
        check([found], DOMAIN, ADA, watch)
    assert server.asked == [ADA]
    assert server.commands[-1] == "QUIT"


def test_several_servers_are_checked_one_after_the_other(start: Start) -> None:
    gone = Server(LOOPBACK, free_port(), allow_local=True)
    reports: Sequence[Report] = [Report(gone), Report(at(start(knows(ADA))))]
    check(reports, DOMAIN, ADA, lambda: None)
    assert [found.finding for found in reports] == [Finding.UNREACHABLE, Finding.KNOWN_ONLY]


def test_a_report_is_json_with_words_alone(start: Start) -> None:
    document = report(start(knows(ADA))).to_json()
    assert (document["host"], document["finding"]) == (LOOPBACK, "known_only")
    assert document["steps"][0]["step"] == "resolve"
    assert set(document["steps"][0]) == {"step", "outcome", "text", "detail", "seconds"}
