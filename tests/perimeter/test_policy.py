"""The policy protocol of Postfix, read and answered."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from console.core.recipient import Decision, Verdict
from jobs.perimeter.dialect import ProtocolError, Question
from jobs.perimeter.policy import LIMIT, Policy

REQUEST = (
    "request=smtpd_access_policy\nprotocol_state=RCPT\nprotocol_name=ESMTP\nclient_address=192.0.2.7\n"
    "helo_name=a=b\nsender=a=b+c@x.example\nrecipient={}\nrecipient_count=0\nnew_attribute=\nccert_subject=CN=x\n\n"
)


def request(recipient: str) -> bytes:
    return REQUEST.format(recipient).encode()


def read(*chunks: bytes) -> list[Question]:
    policy = Policy()
    return [question for chunk in chunks for question in policy.feed(chunk)]


@pytest.mark.parametrize("recipient", ["ada@x.example", "john doe@x.example", "a=b@x.example", "weiß@x.example", ""])
def test_a_request_is_read_with_what_the_report_needs(recipient: str) -> None:
    assert read(request(recipient)) == [Question(recipient, "a=b+c@x.example", "192.0.2.7")]


def test_attributes_may_be_missing() -> None:
    assert read(b"request=smtpd_access_policy\n\n") == [Question("")]


def test_bytes_that_are_no_utf_8_are_read_as_signs_that_no_address_has() -> None:
    assert read(b"request=smtpd_access_policy\nrecipient=\xff@x\n\n") == [Question("\ufffd@x")]


@given(st.lists(st.sampled_from(["a@x", "", "ü@x"]), min_size=1, max_size=5), st.data())
def test_it_does_not_matter_how_requests_are_cut(recipients: list[str], data: st.DataObject) -> None:
    sent = b"".join(map(request, recipients))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(sent)), max_size=6)))
    chunks = [sent[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(sent)], strict=True)]
    assert [question.recipient for question in read(*chunks)] == recipients


@pytest.mark.parametrize(
    "sent",
    [
        b"\n",
        b"\n\n",
        b"GET / HTTP/1.1\nHost: x\n\n",
        b"recipient=ada@x\n\n",
        b"request=something_else\nrecipient=ada@x\n\n",
        b" request=smtpd_access_policy\n\n",
        b"x" * (LIMIT + 1),
        b"request=smtpd_access_policy\nx=" + b"x" * LIMIT + b"\n\n",
    ],
)
def test_what_is_no_request_is_told(sent: bytes) -> None:
    with pytest.raises(ProtocolError):
        read(sent)


@given(st.binary(max_size=200) | st.binary(max_size=50).map(lambda more: request("a@x") + more + request("b@x")))
@example(request("a@x") + b"\n\x00\n" + request("b@x"))
def test_any_bytes_are_the_same_questions_or_the_same_fault_however_they_are_cut(sent: bytes) -> None:
    assert told(sent) == told(*(sent[n : n + 1] for n in range(len(sent))))


def told(*chunks: bytes) -> list[Question | None]:
    """The questions, and None for a fault after them."""
    policy, questions = Policy(), list[Question | None]()
    try:
        for chunk in chunks:
            questions.extend(policy.feed(chunk))
    except ProtocolError:
        questions.append(None)
    return questions


@pytest.mark.parametrize(
    ("verdict", "answer"),
    [
        (Verdict.ACCEPT, b"action=DUNNO\n\n"),
        (Verdict.NOT_OURS, b"action=DUNNO\n\n"),
        (Verdict.REJECT, b"action=550 5.1.1 Invalid recipient\n\n"),
        (Verdict.DEFER, b"action=450 4.1.1 This recipient is being verified, try again later\n\n"),
    ],
)
def test_each_decision_has_an_action(verdict: Verdict, answer: bytes) -> None:
    assert Policy().answer(Question("ada@x"), Decision(verdict, "")) == answer


def test_what_is_not_about_a_recipient_is_fine_and_trouble_has_no_answer() -> None:
    assert Policy().answer(Question(""), None) == b"action=DUNNO\n\n"
    assert Policy().trouble is None
