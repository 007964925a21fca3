"""flask admins."""

import json

import pytest

from console.store import admins
from tests import factories
from tests.cli.command_line import CommandLine


def test_the_first_account_is_an_owner_and_its_one_time_password_signs_in(flask: CommandLine) -> None:
    result = flask("admins", "create", "Ada@Rollcall.example", "--name", "Ada")
    password = result.stdout.partition("One-time password: ")[2].strip()
    ada = admins.check("ada@rollcall.example", password)
    assert ada is not None
    assert (ada.role, ada.name) == ("owner", "Ada")
    assert ada.password_expires_at is not None


def test_later_accounts_are_admins_unless_a_role_is_given(flask: CommandLine) -> None:
    factories.admin()
    assert flask.json("admins", "create", "bea@rollcall.example")["role"] == "admin"
    assert flask.json("admins", "create", "vic@rollcall.example", "--role", "viewer")["role"] == "viewer"


def test_a_password_from_standard_input_is_taken_without_its_line_end(flask: CommandLine) -> None:
    result = flask("admins", "create", "ada@rollcall.example", "--password-stdin", stdin="four words of mine\n")
    assert "One-time" not in result.output
    assert "four words" not in result.output
    assert admins.check("ada@rollcall.example", "four words of mine") is not None


@pytest.mark.parametrize("stdin", ["", "\n", "two\nlines of words\n"])
def test_standard_input_without_one_line_is_a_usage_error(flask: CommandLine, stdin: str) -> None:
    flask("admins", "create", "ada@rollcall.example", "--password-stdin", status=2, stdin=stdin)
    assert not admins.any_exist()


def test_an_account_that_exists_is_refused_with_a_sentence(flask: CommandLine) -> None:
    factories.admin("ada@rollcall.example")
    result = flask("admins", "create", "ADA@rollcall.example", status=1)
    assert result.stdout == ""
    assert result.stderr == "Error: There is an account for ada@rollcall.example already.\n"


def test_a_refusal_with_json_is_a_document_too(flask: CommandLine) -> None:
    told = flask.json("admins", "create", "ada@rollcall.example", "--password-stdin", status=1, stdin="short")
    assert "12 characters" in told["error"]


def test_what_is_no_address_is_a_usage_error(flask: CommandLine) -> None:
    result = flask("admins", "create", "ada", status=2)
    assert "“ada” has no @" in result.stderr


def test_the_list_tells_who_may_see_what(flask: CommandLine) -> None:
    factories.admin("alice@rollcall.example")
    factories.admin("mallory@rollcall.example", only=[factories.domain("mallory.example")])
    told = {admin["email"]: admin for admin in flask.json("admins", "list")}
    assert told["alice@rollcall.example"]["domains"] is None
    assert told["mallory@rollcall.example"]["domains"] == ["mallory.example"]
    assert "mallory.example" in flask("admins", "list").stdout
    assert "password" not in json.dumps(told)
