"""flask domains."""

import pytest

from console.core.person import Kind
from tests import factories
from tests.cli.command_line import CommandLine


def test_a_domain_is_added_with_its_alias_domains_and_listed(flask: CommandLine) -> None:
    flask("domains", "add", "Bücher.example", "--alias", "books.example", "--alias", "libri.example")
    listed = flask.json("domains", "list")
    assert listed == [
        {"name": "xn--bcher-kva.example", "aliases": ["books.example", "libri.example"], "users": 0, "billable": 0}
    ]
    assert "bücher.example" in flask("domains", "list").stdout


def test_the_list_counts_users_and_billable_mailboxes(flask: CommandLine) -> None:
    domain = factories.domain()
    factories.users(domain, factories.manual_user("ada"), factories.manual_user("hall", kind=Kind.RESOURCE))
    listed = flask.json("domains", "list")
    assert (listed[0]["users"], listed[0]["billable"]) == (2, 1)


@pytest.mark.parametrize("arguments", [["taken.example"], ["new.example", "--alias", "taken.example"]])
def test_a_name_that_is_in_use_is_refused(flask: CommandLine, arguments: list[str]) -> None:
    factories.domain("brightfield.example", aliases=["taken.example"])
    result = flask("domains", "add", *arguments, status=1)
    assert "taken.example is already in use" in result.stderr
    assert len(flask.json("domains", "list")) == 1


def test_what_is_no_domain_name_is_a_usage_error(flask: CommandLine) -> None:
    result = flask("domains", "add", "no_name.example", status=2)
    assert "an underscore" in result.stderr


def test_an_empty_list_says_what_to_do(flask: CommandLine) -> None:
    result = flask("domains", "list")
    assert result.stdout == ""
    assert "flask domains add" in result.stderr
