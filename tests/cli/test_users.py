"""flask users."""

import csv
import datetime as dt
import io

from console.core.person import Kind, Status
from console.models import Domain
from console.store import domains
from tests import factories
from tests.cli.command_line import CommandLine


def test_a_local_part_alone_is_completed_with_the_domain(flask: CommandLine, domain: Domain) -> None:
    told = flask.json(
        "users", "add", domain.name, "Jane", "--first", "Jane", "--last", "Doe", "--kind", "shared", "--alias", "j.doe"
    )
    assert told == {
        "address": "jane@brightfield.example",
        "aliases": ["j.doe@brightfield.example"],
        "first_name": "Jane",
        "last_name": "Doe",
        "kind": "shared",
        "group": "Default",
        "origin": "manual",
        "status": "active",
        "billable": False,
    }
    assert flask.json("users", "list", domain.name) == [told]


def test_a_user_goes_into_the_group_that_is_named(flask: CommandLine, domain: Domain) -> None:
    domains.add_group(domain, "Sales")
    assert flask.json("users", "add", domain.name, "jane", "--group", "sales")["group"] == "Sales"
    result = flask("users", "add", domain.name, "joe", "--group", "Nowhere", status=1)
    assert "It has: Default, Sales." in result.stderr


def test_an_address_that_is_on_the_list_is_refused(flask: CommandLine, domain: Domain) -> None:
    factories.users(domain, factories.manual_user("ada", aliases=["lovelace"]))
    result = flask("users", "add", domain.name, "Lovelace", status=1)
    assert "lovelace@brightfield.example" in result.stderr
    assert len(flask.json("users", "list", domain.name)) == 1


def test_an_address_of_another_domain_is_refused_and_what_is_none_is_a_usage_error(
    flask: CommandLine, domain: Domain
) -> None:
    assert "not an address of brightfield.example" in flask("users", "add", domain.name, "a@b.example", status=1).stderr
    assert "misplaced dot" in flask("users", "add", domain.name, "a..b", status=2).stderr
    assert flask("users", "add", domain.name, "ada", "--kind", "robot", status=2).stdout == ""


def test_a_domain_that_is_not_here_is_refused_also_as_json(flask: CommandLine) -> None:
    assert flask.json("users", "list", "nowhere.example", status=1) == {
        "error": "There is no domain nowhere.example here. Add it with: flask domains add nowhere.example"
    }


def test_the_list_tells_where_users_came_from_and_how_they_stand(flask: CommandLine, domain: Domain) -> None:
    source = factories.source(domain)
    factories.users(
        domain,
        factories.user("zoe", source_id=source.id),
        factories.user("bob", source_id=source.id, status=Status.DISABLED),
        factories.manual_user("ada", kind=Kind.PUBLIC_FOLDER),
    )
    listed = flask.json("users", "list", domain.name)
    told = [(user["address"][:3], user["origin"], user["status"], user["kind"], user["billable"]) for user in listed]
    assert told == [
        ("ada", "manual", "active", "public_folder", False),
        ("bob", f"source:{source.id}", "disabled", "mailbox", False),
        ("zoe", f"source:{source.id}", "active", "mailbox", True),
    ]
    text = flask("users", "list", domain.name)
    assert "Active Dir. · HQ" in text.stdout
    assert "3 users, 1 of them billable." in text.stderr


def test_csv_reads_back_whatever_the_names_hold(flask: CommandLine, domain: Domain) -> None:
    user = factories.manual_user("ada", aliases=["b", "a"], first_name='Ada "A", Countess', last_name="Łovelace\nKing")
    factories.users(domain, user)
    text = flask("users", "list", domain.name, "--csv").stdout
    assert list(csv.reader(io.StringIO(text))) == [
        ["address", "first name", "last name", "kind", "group", "aliases", "status"],
        [
            "ada@brightfield.example", 'Ada "A", Countess', "Łovelace\nKing", "mailbox", "Default",
            "a@brightfield.example b@brightfield.example", "active",
        ],
    ]  # fmt: skip
    flask("users", "list", domain.name, "--csv", "--json", status=2)


def test_a_name_cannot_steer_the_terminal(flask: CommandLine, domain: Domain) -> None:
    factories.users(domain, factories.manual_user("ada", first_name="\x1b[2JAda"))
    assert "\x1b" not in flask("users", "list", domain.name).stdout


def test_a_user_is_shown_by_any_of_its_addresses(flask: CommandLine) -> None:
    domain = factories.domain(aliases=["bright.example"])
    source = factories.source(domain)
    gone = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    ada = factories.user(
        "ada", source_id=source.id, aliases=["lovelace"], status=Status.MISSING, missing_since=gone,
        reason="No longer in Active Dir. · HQ.", by_hand=frozenset({"group_id"}),
    )  # fmt: skip
    factories.users(domain, ada)
    for address in ("ada@brightfield.example", "LOVELACE@brightfield.example", "ada+news@bright.example"):
        assert flask.json("users", "show", address)["address"] == "ada@brightfield.example"
    text = flask("users", "show", "ada@brightfield.example").stdout
    for part in ("missing since 2026-03-01", "No longer in", f"source {source.id}", "Set by hand: group", "billable"):
        assert part in text


def test_a_user_that_is_not_on_the_list_is_refused(flask: CommandLine, domain: Domain) -> None:
    assert "Nobody in brightfield.example" in flask("users", "show", "x@brightfield.example", status=1).stderr
    assert "not an address of a domain" in flask("users", "show", "x@elsewhere.example", status=1).stderr
    flask("users", "show", "x", status=2)
