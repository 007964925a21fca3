"""Names of mail servers, and what several of them are worth together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.core.advice import advice
from console.core.delivery import Finding, mail_host, overall
from console.core.errors import RefusedError


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Mail.Example.COM. ", "mail.example.com"),
        ("exchange01", "exchange01"),
        ("ex_01.office.local", "ex_01.office.local"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("10.0.0.25", "10.0.0.25"),
        ("[10.0.0.25]", "10.0.0.25"),
        ("FD12:0::25", "fd12::25"),
        ("[fd12::25]", "fd12::25"),
    ],
)
def test_a_server_is_kept_in_one_form(typed: str, kept: str) -> None:
    assert mail_host(typed) == kept
    assert mail_host(kept) == kept


@pytest.mark.parametrize(
    ("typed", "part"),
    [
        ("", "Enter the name"),
        ("smtp://mail.example.com", "the server's name alone"),
        ("mail.example.com:25", "its port has a field of its own"),
        ("jane@example.com", "the server's name alone"),
        ("mail server", "is not the name of a server"),
        ("-mail.example.com", "is not the name of a server"),
        ("10.0.0", "is not the name of a server"),
        ("a..b", "is not the name of a server"),
        ("x" * 64 + ".example", "is not the name of a server"),
        ("bücher..example", "misplaced dot"),
    ],
)
def test_what_is_no_server_is_refused_in_words(typed: str, part: str) -> None:
    with pytest.raises(RefusedError) as caught:
        mail_host(typed)
    assert part in caught.value.sentence


@given(st.text(max_size=300))
def test_any_text_is_a_host_or_refused(text: str) -> None:
    try:
        kept = mail_host(text)
    except RefusedError:
        return
    assert kept.isascii()
    assert mail_host(kept) == kept


@pytest.mark.parametrize(
    ("findings", "together"),
    [
        ([Finding.KNOWN_ONLY], Finding.KNOWN_ONLY),
        ([Finding.UNREACHABLE, Finding.KNOWN_ONLY], Finding.KNOWN_ONLY),
        ([Finding.UNCLEAR, Finding.KNOWN_ONLY], Finding.UNCLEAR),
        ([Finding.KNOWN_ONLY, Finding.EVERY_ADDRESS], Finding.EVERY_ADDRESS),
        ([Finding.UNREACHABLE, Finding.UNREACHABLE], Finding.UNREACHABLE),
        ([], Finding.UNREACHABLE),
    ],
)
def test_one_server_that_accepts_every_address_spoils_the_others(findings: list[Finding], together: Finding) -> None:
    assert overall(findings) is together


def test_whatever_is_not_good_comes_with_what_to_change() -> None:
    assert {finding for finding in Finding if advice(finding)} == {f for f in Finding if not f.is_good}
    named = {told.who: [step.command for step in told.steps] for told in advice(Finding.EVERY_ADDRESS)}
    assert {"Exchange Server 2016 and 2019", "Exchange Online"} <= set(named)
    assert any("-RecipientValidationEnabled $true" in command for command in named["Exchange Server 2016 and 2019"])
