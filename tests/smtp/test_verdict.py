"""What replies of real servers say about a recipient."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.smtp.verdict import Answer, Reason, verdict
from jobs.smtp.wire import Reply

YES = ["250 2.1.5 Ok", "250 ok", "251 2.1.5 User not local; will forward"]
NO = [
    "550 5.1.1 <x@y>: Recipient address rejected: User unknown in virtual mailbox table",
    "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",
    "550 5.1.1 User unknown",
    "550 5.4.1 Recipient address rejected: Access denied. AS(201806281) [AM7EUR03FT035.example]",
    "550 No such user here",
    "550 Requested action not taken: mailbox unavailable",
    "551 5.1.6 User not local",
    "553 5.1.3 Invalid address",
    "550 sorry, no mailbox here by that name. (#5.1.1)",
    "550 relay recipient unknown: no such user",
]
BLOCKED = [
    "550 5.7.1 Service unavailable; client host blocked using an example list",
    "550 5.7.606 Access denied, banned sending IP",
    "554 5.7.1 <x@y>: Relay access denied",
    "550 Blocked: your address is on our blacklist",
    "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)",
    "550 relay not permitted",
]
LATER = [
    "450 4.2.0 <x@y>: Recipient address rejected: Greylisted",
    "451 4.7.1 Please try again later",
    "450 5.1.1 said by mistake",
    "421 4.7.0 Too many errors on this connection",
    "452 4.2.2 Mailbox full",
]
OTHER = [
    "252 2.0.0 Cannot verify, but will try",
    "550 5.2.1 Mailbox disabled, not accepting messages",
    "552 5.2.2 Mailbox full",
    "550 5.4.1 All hosts are unreachable",
    "550 5.1.8 Sender address rejected: domain not found",
    "554 5.1.1 not among the codes that say so",
    "354 Go ahead",
    "550 4.1.1 which contradicts itself",
]


def reply(text: str) -> Reply:
    return Reply(int(text[:3]), (text[4:],))


@pytest.mark.parametrize(
    ("text", "answer", "reason"),
    [
        *((text, Answer.YES, Reason.ACCEPTED) for text in YES),
        *((text, Answer.NO, Reason.NO_SUCH_ADDRESS) for text in NO),
        *((text, Answer.UNKNOWN, Reason.BLOCKED) for text in BLOCKED),
        *((text, Answer.UNKNOWN, Reason.LATER) for text in LATER),
        *((text, Answer.UNKNOWN, Reason.OTHER) for text in OTHER),
        ("452 4.5.3 Too many recipients", Answer.UNKNOWN, Reason.TOO_MANY),
        ("550 5.5.3 Too many recipients", Answer.UNKNOWN, Reason.TOO_MANY),
        ("530 5.7.0 Must issue a STARTTLS command first", Answer.UNKNOWN, Reason.ENCRYPTION),
        ("530 5.7.1 Client was not authenticated", Answer.UNKNOWN, Reason.SIGN_IN),
    ],
)
def test_a_reply_says_yes_or_no_or_nothing(text: str, answer: Answer, reason: Reason) -> None:
    found = verdict(reply(text))
    assert (found.answer, found.reason, found.said) == (answer, reason, text)
    assert found.sentence


def test_the_enhanced_code_may_stand_on_another_line() -> None:
    assert verdict(Reply(550, ("The account does not exist.", "5.1.1 see our help pages"))).answer is Answer.NO


CODES = st.integers(200, 599)
ENHANCED = st.none() | st.tuples(st.sampled_from([2, 4, 5]), st.integers(0, 999), st.integers(0, 999))


@given(CODES, ENHANCED, st.text(max_size=200))
def test_only_a_clear_reply_says_yes_or_no(code: int, enhanced: tuple[int, int, int] | None, text: str) -> None:
    told = f"{'.'.join(map(str, enhanced))} {text}" if enhanced else text
    found = verdict(Reply(code, (told,)))
    assert (found.answer is Answer.YES) == (code in (250, 251))
    if found.answer is Answer.NO:
        assert code in (550, 551, 553)
    if 400 <= code < 500:
        assert found.answer is Answer.UNKNOWN
    if enhanced is not None and enhanced[1] not in (1, 4):
        assert found.answer is not Answer.NO
