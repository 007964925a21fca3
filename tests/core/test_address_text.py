"""Addresses in whatever text a person has."""

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from console.core.address import parse, split
from console.core.address_text import addresses_in
from console.core.errors import AddressError

NAMES = {"brightfield.example", "xn--bcher-kva.example"}


def found(text: str) -> list[str]:
    """The local parts, or the whole address where it is of another domain than the first."""
    return [address.removesuffix("@brightfield.example") for address in addresses_in(text, NAMES)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ann@brightfield.example\r\nbob@brightfield.example\rcyd@brightfield.example\n", ["ann", "bob", "cyd"]),
        ("ann@brightfield.example bob@brightfield.example;cyd@brightfield.example", ["ann", "bob", "cyd"]),
        ('Ann Lee <ann@brightfield.example>, "Lee, Bob" <Bob@Brightfield.Example>', ["ann", "bob"]),
        ("ann@brightfield.example, Ann@BRIGHTFIELD.example., ann@brightfield.example.", ["ann"]),
        ("(ann@brightfield.example) [bob@brightfield.example].", ["ann", "bob"]),
        ("Write to ann@brightfield.example.", ["ann"]),
        ("“ann@brightfield.example”, ‘bob@brightfield.example’, «cyd@brightfield.example»", ["ann", "bob", "cyd"]),
        ("'ann@brightfield.example','o'neil@brightfield.example'", ["ann", "o'neil"]),
        ("| ann@brightfield.example |bob@brightfield.example|", ["ann", "bob"]),
        ("…ann@brightfield.example, …", ["ann"]),
        ('"ann@brightfield.example","b=1@brightfield.example";Ann', ["ann", "b=1"]),
        ('1;"""ann lee""@brightfield.example";x', ['"ann lee"']),
        ('"ann lee"@brightfield.example and "a\\"b"@brightfield.example', ['"ann lee"', '"a\\"b"']),
        ('"ann@home"@brightfield.example', ['"ann@home"']),
        (
            "mailto:ann@brightfield.example?cc=bob@brightfield.example&bcc=cyd@brightfield.example",
            ["ann", "bob", "cyd"],
        ),
        ("<a href='mailto:ann@brightfield.example'>Ann</a>", ["ann"]),
        ("email=ann@brightfield.example; to: <b=1@brightfield.example>", ["ann", "b=1"]),
        ("ann+tag@brightfield.example, ann.lee@brightfield.example", ["ann+tag", "ann.lee"]),
        ("jörg@brightfield.example, 用户@brightfield.example", ["jörg", "用户"]),
        (
            "ann@bücher.example; ann@BÜCHER.example; bob@xn--bcher-kva.example",
            ["ann@xn--bcher-kva.example", "bob@xn--bcher-kva.example"],
        ),
        ("\ufeffann@brightfield.example\u00a0bob@brightfield.example\u200b,", ["ann", "bob"]),
    ],
)
def test_they_are_found_as_people_write_them(text: str, expected: list[str]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "ann@elsewhere.example ann@sub.brightfield.example ann@brightfield.example.com ann@brightfield.examples",
        "ann@brightfield.example-x ann@brightfield.example@elsewhere.example ann@x@brightfield.example,",
        "@brightfield.example ann@ brightfield.example, @@brightfield.example",
        f"{'a' * 65}@brightfield.example, x",
        'ann"@brightfield.example, x',
        "",
    ],
)
def test_what_is_none_of_theirs_is_not_found(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "postfix/smtpd[231]: NOQUEUE: reject: RCPT from mail.elsewhere.example[192.0.2.7]: 550 5.1.1 "
            "<Ann@brightfield.example>: Recipient address rejected: Invalid recipient; "
            "from=<eve@brightfield.example> to=<Ann@brightfield.example> proto=ESMTP helo=<eve@brightfield.example>",
            ["ann"],
        ),
        ("postfix/qmgr[233]: 4BX2: from=<eve@brightfield.example>, size=1, nrcpt=1 (queue active)", []),
        (
            "postfix/smtp[232]: 4BX1: to=<ann@brightfield.example>, orig_to=<info@brightfield.example>, relay=a",
            ["ann", "info"],
        ),
        ("postfix-in/smtp[232]: 4BX1: to=<ann@brightfield.example>, relay=eve@brightfield.example", ["ann"]),
        ("postfix/submission/smtpd[2]: 4B: client=x, sasl_username=eve@brightfield.example", []),
        (
            'postfix/lmtp[1]: 4B: to=<"ann lee"@brightfield.example>, to=<cy d@brightfield.example>',
            ['"ann lee"', '"cy d"'],
        ),
        ("postfix/smtp[1]: 4B: to=<>, relay=none", []),
        (
            "amavis[77]: (77-01) Passed CLEAN {RelayedInbound}, [192.0.2.7]:25 <eve@brightfield.example> -> "
            "<ann@brightfield.example>,<info@brightfield.example>, Message-ID: <eve@brightfield.example>",
            ["ann", "info"],
        ),
        (
            "rspamd[5]: <a>; task; rspamd_task_write_log: id: <eve@brightfield.example>, from: "
            "<eve@brightfield.example>, rcpts: <ann@brightfield.example,info@brightfield.example>, mime_rcpts: <x>",
            ["ann", "info"],
        ),
        (
            "sm-mta[9]: 5x: to=<ann@brightfield.example>,<info@brightfield.example>, ctladdr=<eve@brightfield.example>",
            ["ann", "info"],
        ),
        ("sendmail[9]: 5x: to=ann@brightfield.example, ctladdr=eve@brightfield.example (1/1), delay=0", ["ann"]),
    ],
)
def test_of_a_line_of_a_log_only_the_recipients_are_taken(line: str, expected: list[str]) -> None:
    assert found(f"Mar  2 09:00:01 mx {line}\n") == expected


TELLING = "ann@.,;:<>\"'\\=|?&[]() \n\r\t“”é用\u0301\u200d\ufeff-_brightfield"
ANY_TEXT = st.text(st.sampled_from(TELLING) | st.characters())
PIECES = st.lists(
    ANY_TEXT | st.sampled_from(["@brightfield.example", "ann@brightfield.example", "to=<", "postfix/smtp[1]:", '""'])
).map("".join)


@given(PIECES)
@example('""@brightfield.example')
@example("postfix[1]: to=<ann@brightfield.example")
def test_no_text_is_too_strange_and_nothing_of_others_is_found(text: str) -> None:
    taken = addresses_in(text, NAMES)
    assert {split(address)[1] for address in taken} <= NAMES
    assert len(set(taken)) == len(taken)
    assert all(parse(address) == address for address in taken)


@given(st.lists(st.text(min_size=1, max_size=30), max_size=5), st.sampled_from(["\n", "\r\n"]))
@example(["to=ann"], "\n")
@example(["“ann"], "\n")
def test_each_address_on_a_line_of_its_own_is_found(locals_: list[str], end: str) -> None:
    written, expected = [], []
    for local in locals_:
        line = f"{local}@brightfield.example"
        try:
            address = parse(line)
        except AddressError:
            continue
        written.append(line)
        expected.append(address)
    # A line that looks like one of a log is read as such.
    if not any(part in line for line in written for part in ("=<", "]:")):
        assert addresses_in(end.join(written), NAMES) == list(dict.fromkeys(expected))


LONG = "a" * 131 + ",@brightfield.example"


@pytest.mark.parametrize(
    "hostile", ["@", "a@", "@brightfield.example", LONG, "to=<", 'to=<"', '""a""@x', "postfix", "\u0301@"]
)
def test_it_takes_time_by_the_length_of_the_text(hostile: str) -> None:
    """Without a line end. Where time grows by the square, four times the text takes sixteen times as long."""

    def seconds(size: int) -> float:
        text = (hostile * (size // len(hostile) + 1))[:size]
        began = time.process_time()
        addresses_in(text, NAMES)
        return time.process_time() - began

    small = min(seconds(50_000) for _ in range(3))
    assert seconds(200_000) < 10 * small + 0.05
