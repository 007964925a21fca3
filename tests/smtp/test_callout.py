"""Asking scripted servers for recipients: many on one connection, on a new one when that ends."""

import pytest

from console.core.address import Address
from console.core.delivery import Encryption
from jobs.smtp.callout import Callout
from jobs.smtp.server import CalloutError, Server, Step
from jobs.smtp.verdict import Answer, Reason, Verdict
from tests.factories import address
from tests.servers.ports import LOOPBACK, black_hole, free_port
from tests.servers.smtp import Script, ScriptedSmtp, knows
from tests.smtp.conftest import Start, at

ADA, BOB, NOBODY = address("ada"), address("bob"), address("nobody")


def ask(server: ScriptedSmtp, *addresses: Address) -> list[Verdict]:
    with Callout(at(server)) as callout:
        return [callout.ask(asked) for asked in addresses]


def answers(server: ScriptedSmtp, *addresses: Address) -> list[Answer]:
    return [found.answer for found in ask(server, *addresses)]


def trouble(server: Server) -> CalloutError:
    with pytest.raises(CalloutError) as caught, Callout(server) as callout:
        callout.ask(ADA)
    return caught.value


def test_many_recipients_are_asked_for_on_one_connection_and_no_mail_is_sent(start: Start) -> None:
    server = start(knows(ADA, BOB))
    assert answers(server, ADA, NOBODY, BOB) == [Answer.YES, Answer.NO, Answer.YES]
    assert server.connections == 1
    assert [command.split()[0] for command in server.commands] == ["EHLO", "MAIL", "RCPT", "RCPT", "RCPT", "QUIT"]
    assert "MAIL FROM:<>" in server.commands


@pytest.mark.parametrize(
    "script", [knows(ADA, BOB, closes_after_recipient=True), knows(ADA, BOB, recipients=2)], ids=["closes", "421"]
)
def test_a_server_that_ends_its_connections_is_asked_on_new_ones(start: Start, script: Script) -> None:
    server = start(script)
    assert answers(server, ADA, NOBODY, BOB, NOBODY) == [Answer.YES, Answer.NO, Answer.YES, Answer.NO]
    assert server.connections > 1


def test_what_one_transaction_does_not_take_is_asked_in_the_next(start: Start) -> None:
    server = start(knows(ADA, BOB, per_mail=2))
    assert answers(server, ADA, NOBODY, BOB, ADA) == [Answer.YES, Answer.NO, Answer.YES, Answer.YES]
    assert server.connections == 1
    assert "RSET" in server.commands


def test_a_limit_that_stays_is_no_answer(start: Start) -> None:
    server = start(knows(ADA, replies={"RCPT": b"452 4.5.3 Too many recipients\r\n"}))
    found = ask(server, ADA, BOB)
    assert [verdict.reason for verdict in found] == [Reason.TOO_MANY, Reason.TOO_MANY]


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (Script(refusal="451 4.7.1 Greylisted, try again later"), Reason.LATER),
        (Script(refusal="550 5.7.1 Client host blocked"), Reason.BLOCKED),
        (Script(closes="RCPT"), Reason.CLOSED),
        (Script(hangs="RCPT"), Reason.TIMEOUT),
        (Script(endless="RCPT"), Reason.OTHER),
        (Script(replies={"RCPT": b"\x00\xff what\r\n"}), Reason.OTHER),
        (Script(replies={"RCPT": b"421 4.3.2 Shutting down\r\n"}), Reason.LATER),
    ],
    ids=lambda value: value if isinstance(value, Reason) else "",
)
def test_a_server_that_gives_no_answer_says_nothing_about_the_address(
    start: Start, script: Script, reason: Reason
) -> None:
    server = start(script)
    with Callout(at(server, receive_timeout=0.2)) as callout:
        found = callout.ask(NOBODY)
    assert (found.answer, found.reason) == (Answer.UNKNOWN, reason)
    assert server.connections <= 2


def test_an_address_beyond_ascii_is_asked_for_with_smtputf8_and_others_without(start: Start) -> None:
    weiss = address("weiß")
    server = start(knows(ADA, weiss))
    assert answers(server, ADA, weiss, NOBODY) == [Answer.YES, Answer.YES, Answer.NO]
    assert [command for command in server.commands if command.startswith("MAIL")] == [
        "MAIL FROM:<>",
        "MAIL FROM:<> SMTPUTF8",
        "MAIL FROM:<>",
    ]


def test_an_address_with_an_invisible_letter_is_asked_for_as_it_is(start: Start) -> None:
    persian = address("\u0645\u06cc\u200c\u062e")
    assert answers(start(knows(persian)), persian) == [Answer.YES]


def test_a_server_without_smtputf8_is_not_asked_for_such_an_address(start: Start) -> None:
    server = start(Script(None, extensions=()))
    [found] = ask(server, address("weiß"))
    assert (found.answer, found.reason) == (Answer.UNKNOWN, Reason.UTF8)
    assert server.asked == []


def test_a_quoted_local_part_is_asked_for_in_its_quotes(start: Start) -> None:
    server = start(Script(None))
    assert answers(server, address('"jo <x> doe"')) == [Answer.YES]
    assert 'RCPT TO:<"jo <x> doe"@brightfield.example>' in server.commands


@pytest.mark.parametrize(
    ("script", "step", "part"),
    [
        (Script(replies={"BANNER": b"554 5.7.1 No service for you\r\n"}), Step.BANNER, "does not talk to this machine"),
        (Script(replies={"BANNER": b"421 4.3.2 Busy\r\n"}), Step.BANNER, "too busy"),
        (Script(replies={"BANNER": b"SSH-2.0-OpenSSH_9.2\r\n"}), Step.BANNER, "does not speak SMTP"),
        (Script(hangs="BANNER"), Step.BANNER, "said nothing"),
        (Script(endless="BANNER"), Step.BANNER, "does not speak SMTP"),
        (Script(closes="BANNER"), Step.BANNER, "ended the connection"),
        (Script(closes="EHLO"), Step.EHLO, "ended the connection"),
        (Script(replies={"EHLO": b"550 No\r\n", "HELO": b"550 No\r\n"}), Step.EHLO, "does not accept the greeting"),
        (Script(must_encrypt=True), Step.MAIL, "wants the connection to be encrypted"),
        (Script(replies={"MAIL": b"550 5.7.1 You are blocked\r\n"}), Step.MAIL, "refuses to deal"),
        (Script(replies={"MAIL": b"451 4.3.0 Later\r\n"}), Step.MAIL, "puts us off"),
        (Script(replies={"MAIL": b"530 5.7.1 Authentication required\r\n"}), Step.MAIL, "sign in"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_server_that_cannot_be_asked_is_an_error_in_words(
    start: Start, script: Script, step: Step, part: str
) -> None:
    error = trouble(at(start(script), receive_timeout=0.2, encryption=Encryption.NONE))
    assert error.step is step
    assert part in error.sentence


def test_a_server_that_knows_no_ehlo_is_greeted_the_old_way(start: Start) -> None:
    server = start(knows(ADA, replies={"EHLO": b"502 5.5.1 Not implemented\r\n"}))
    assert answers(server, ADA) == [Answer.YES]
    assert server.commands[1].startswith("HELO ")


def test_the_greeting_is_the_name_that_was_given_or_an_address(start: Start) -> None:
    server = start(Script(None))
    ask(server, ADA)
    with Callout(at(server, greeting="rollcall.example")) as callout:
        callout.ask(ADA)
    assert [command for command in server.commands if command.startswith("EHLO")] == [
        "EHLO [127.0.0.1]",
        "EHLO rollcall.example",
    ]


def test_a_port_where_nobody_listens_and_one_where_nothing_comes_back() -> None:
    refused = trouble(Server(LOOPBACK, free_port(), allow_local=True))
    assert (refused.step, "refused the connection" in refused.sentence) == (Step.CONNECT, True)
    with black_hole() as port:
        silent = trouble(Server(LOOPBACK, port, connect_timeout=0.1, allow_local=True))
    assert (silent.step, "did not answer within 0.1 seconds" in silent.sentence) == (Step.CONNECT, True)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "169.254.169.254", "fd00:ec2::254", "0.0.0.0"])
def test_the_machine_itself_and_cloud_metadata_are_refused_before_connecting(host: str) -> None:
    error = trouble(Server(host, 25))
    assert error.step is Step.RESOLVE
    assert "ALLOW_LOCAL_TARGETS" in error.sentence


@pytest.mark.parametrize("host", ["nowhere.invalid", "a" * 70 + ".example"])
def test_a_name_that_nobody_knows_is_told(host: str) -> None:
    error = trouble(Server(host, 25))
    assert (error.step, f"No server named {host}" in error.sentence) == (Step.RESOLVE, True)
