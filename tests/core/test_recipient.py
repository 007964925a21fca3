"""The decision about an address."""

import datetime as dt
from typing import Any

import pytest

from console.core.person import Status, User
from console.core.recipient import Verdict, decide
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
