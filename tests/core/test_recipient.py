"""The decision about an address."""

import datetime as dt
from typing import Any

import pytest

from console.core.person import Status, User
from console.core.recipient import Mode, Refusal, Verdict, at_perimeter, decide, read, spellings
from tests import factories

HERE = "brightfield.example"
ADA = factories.address("ada")


def ada(**values: Any) -> User:
    return factories.user("ada", aliases=["lovelace"], **values)


def test_a_domain_that_is_not_kept_here_is_not_ours() -> None:
    assert decide(factories.address("ada@elsewhere.example"), None, None).verdict is Verdict.NOT_OURS


def test_an_address_that_nobody_has_is_an_invalid_recipient() -> None:
    decision = decide(ADA, HERE, None)
    assert decision.verdict is Verdict.REJECT
    assert decision.why.startswith("Invalid recipient")


@pytest.mark.parametrize(
    ("local", "why"),
    [
        ("ada", "It is the address of the user ada@brightfield.example."),
        ("ada@bright.example", "It is the address of the user ada@brightfield.example."),
        ("ada+x", "Without its tag it is the address of the user ada@brightfield.example."),
        ("lovelace", "It is an alias of the user ada@brightfield.example."),
    ],
)
def test_an_accepted_address_names_its_user(local: str, why: str) -> None:
    decision = decide(factories.address(local), HERE, ada())
    assert (decision.verdict, decision.why) == (Verdict.ACCEPT, why)


def test_a_missing_user_is_accepted_and_a_disabled_one_is_not() -> None:
    since = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    missing = decide(ADA, HERE, ada(status=Status.MISSING, missing_since=since))
    assert missing.verdict is Verdict.ACCEPT
    assert "missing from the source since 2026-03-01 and still accepted" in missing.why
    disabled = decide(ADA, HERE, ada(status=Status.DISABLED, reason="Disabled by hand."))
    assert disabled.verdict is Verdict.REJECT
    assert disabled.why.endswith("Disabled by hand.")


@pytest.mark.parametrize(
    ("user", "refusal"), [(None, Refusal.UNKNOWN), (ada(status=Status.DISABLED), Refusal.DISABLED)]
)
def test_only_a_domain_that_enforces_its_list_rejects(user: User | None, refusal: Refusal) -> None:
    decision = decide(ADA, HERE, user)
    told = {mode: at_perimeter(decision, mode) for mode in Mode}
    assert {mode: item.verdict for mode, item in told.items()} == {
        Mode.OFF: Verdict.ACCEPT,
        Mode.MONITOR: Verdict.ACCEPT,
        Mode.ENFORCE: Verdict.REJECT,
    }
    assert {item.refusal for item in told.values()} == {refusal}
    assert "The perimeter is off" in told[Mode.OFF].why
    assert "The perimeter only monitors" in told[Mode.MONITOR].why


@pytest.mark.parametrize("mode", Mode)
def test_no_mode_changes_what_is_accepted_or_not_ours(mode: Mode) -> None:
    for decision in (decide(ADA, HERE, ada()), decide(ADA, None, None)):
        assert at_perimeter(decision, mode) == decision


@pytest.mark.parametrize(
    ("text", "address", "domain"),
    [
        ("<Ada@BrightField.example.>", "ada@brightfield.example", HERE),
        ("john doe@brightfield.example", '"john doe"@brightfield.example', HERE),
        ("a@b@brightfield.example", '"a@b"@brightfield.example', HERE),
        ("ada@bücher.example", "ada@xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("x" * 65 + "@brightfield.example", None, HERE),
        ("@brightfield.example.", None, HERE),
        ("ada\x00@BRIGHTFIELD.example", None, HERE),
        ("\ufffd@brightfield.example>", None, HERE),
        ("ada", None, ""),
        ("ada@", None, ""),
        ("ada@[192.0.2.1]", None, ""),
        ("", None, ""),
        ("<>", None, ""),
    ],
)
def test_whatever_a_mail_server_asks_is_read_with_its_domain(text: str, address: str | None, domain: str) -> None:
    asked = read(text)
    assert (asked.address, asked.domain) == (address, domain)


@pytest.mark.parametrize(
    ("local", "keys"),
    [
        ("ada", ("ada@brightfield.example",)),
        ("ada+x@bright.example", ("ada+x@brightfield.example", "ada@brightfield.example")),
        ("weiß", ("weiss@brightfield.example",)),
        ("+x", ("+x@brightfield.example",)),
    ],
)
def test_an_address_is_looked_for_as_it_is_and_then_without_its_tag(local: str, keys: tuple[str, ...]) -> None:
    assert spellings(factories.address(local), HERE, plus_tags=True) == keys
    assert spellings(factories.address(local), HERE, plus_tags=False) == keys[:1]
