"""The socketmap protocol of Postfix, read and answered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.core.recipient import Decision, Verdict
from jobs.perimeter.dialect import ProtocolError, Question
from jobs.perimeter.socketmap import TEMP, Socketmap, netstring


def read(*chunks: bytes) -> list[str]:
    socketmap = Socketmap()
    return [question.recipient for chunk in chunks for question in socketmap.feed(chunk)]


@pytest.mark.parametrize(
    ("key", "recipient"),
    [
        ("ada@x.example", "ada@x.example"),
        ('"john doe"@x.example', '"john doe"@x.example'),
        ("john doe@x.example", "john doe@x.example"),
        ("a@b@x.example", "a@b@x.example"),
        ("weiß@x.example", "weiß@x.example"),
        ("@x.example", ""),
        ("ada", ""),
        ("", ""),
    ],
)
def test_a_whole_address_is_asked_for_and_no_part_of_one(key: str, recipient: str) -> None:
    assert read(netstring(f"recipients {key}".encode())) == [recipient]


@given(st.lists(st.sampled_from(["a@x", "", "ü@x"]), min_size=1, max_size=5), st.data())
def test_it_does_not_matter_how_questions_are_cut(keys: list[str], data: st.DataObject) -> None:
    sent = b"".join(netstring(f"m {key}".encode()) for key in keys)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(sent)), max_size=6)))
    chunks = [sent[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(sent)], strict=True)]
    assert read(*chunks) == keys


@pytest.mark.parametrize(
    "sent",
    [
        b"x",
        b":",
        b"00:",
        b"01:x,",
        b"-1:,",
        b"12345",
        b"99999:",
        b"5000:",
        b"3:m x;",
        b"0:,",
        b"1:m,",
        b"2: x,",
        b"\xff",
    ],
)
def test_what_is_no_question_is_told(sent: bytes) -> None:
    with pytest.raises(ProtocolError):
        read(sent)


@given(
    st.binary(max_size=80) | st.binary(max_size=30).map(lambda more: netstring(b"m a@x") + more + netstring(b"m b@x"))
)
def test_any_bytes_are_the_same_questions_or_the_same_fault_however_they_are_cut(sent: bytes) -> None:
    assert told(sent) == told(*(sent[n : n + 1] for n in range(len(sent))))


def told(*chunks: bytes) -> list[Question | None]:
    """The questions, and None for a fault after them."""
    socketmap, questions = Socketmap(), list[Question | None]()
    try:
        for chunk in chunks:
            questions.extend(socketmap.feed(chunk))
    except ProtocolError:
        questions.append(None)
    return questions


@pytest.mark.parametrize(
    ("verdict", "answer"),
    [
        (Verdict.ACCEPT, b"8:OK ada@x,"),
        (Verdict.NOT_OURS, b"9:NOTFOUND ,"),
        (Verdict.REJECT, b"9:NOTFOUND ,"),
        (Verdict.DEFER, TEMP),
    ],
)
def test_each_decision_has_an_answer(verdict: Verdict, answer: bytes) -> None:
    assert Socketmap().answer(Question("ada@x"), Decision(verdict, "")) == answer


def test_what_is_no_whole_address_is_not_found_and_trouble_is_temporary() -> None:
    assert Socketmap().answer(Question(""), None) == b"9:NOTFOUND ,"
    assert Socketmap().trouble == TEMP == b"%d:TEMP This cannot be checked now. Try again later.," % (len(TEMP) - 4)
