"""flask recipients."""

import pytest

from console.core.person import Status
from tests import factories
from tests.cli.command_line import CommandLine


@pytest.mark.parametrize(
    ("address", "decision", "why"),
    [
        ("Ada@Brightfield.example", "accept", "the address of the user ada@"),
        ("lovelace@brightfield.example", "accept", "an alias of the user ada@"),
        ("ada+news@bright.example", "accept", "Without its tag"),
        ("bob@brightfield.example", "reject", "Left the company."),
        ("nobody@brightfield.example", "reject", "Invalid recipient"),
        ("ada@elsewhere.example", "not_ours", "elsewhere.example is no domain"),
        ("<ada@brightfield.example>", "accept", "ada@"),
    ],
)
def test_an_address_is_decided_with_the_reason(flask: CommandLine, address: str, decision: str, why: str) -> None:
    domain = factories.domain(aliases=["bright.example"])
    factories.users(
        domain,
        factories.manual_user("ada", aliases=["lovelace"]),
        factories.manual_user("bob", status=Status.DISABLED, reason="Left the company."),
    )
    told = flask.json("recipients", "check", address)
    assert list(told) == ["address", "decision", "why"]
    assert told["decision"] == decision
    assert why in told["why"]
    assert told["why"] in flask("recipients", "check", address).stdout


def test_what_is_no_address_is_a_usage_error(flask: CommandLine) -> None:
    assert "has no @" in flask("recipients", "check", "ada", status=2).stderr
