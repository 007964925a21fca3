"""`flask` as a process of its own."""

import json

import pytest
from sqlalchemy.engine import make_url

from console.secrets import valid_key
from console.settings import Settings
from tests import factories
from tests.cli.conftest import Process
from tests.servers.ports import free_port
from tests.servers.postgres import Postgres


def test_the_commands_are_there_without_naming_the_application(process: Process) -> None:
    out, _ = process("--help").communicate(timeout=30)
    for noun in ("admins", "domains", "recipients", "runs", "secrets", "sources", "users"):
        assert f"\n  {noun} " in out


def test_a_new_key_is_one_that_seals(process: Process) -> None:
    out, _ = process("secrets", "new-key").communicate(timeout=30)
    assert valid_key(out.strip())


def test_a_change_is_stored_and_json_is_all_that_is_written(process: Process) -> None:
    factories.domain()
    child = process("users", "add", "brightfield.example", "ada", "--json")
    out, err = child.communicate(timeout=30)
    assert child.returncode == 0
    assert json.loads(out)["address"] == "ada@brightfield.example"
    assert err == ""


@pytest.mark.parametrize("arguments", [("users", "list", "brightfield.example"), ("domains", "add", "new.example")])
def test_a_database_that_is_away_is_a_sentence_and_status_1(
    process: Process, settings: Settings, arguments: tuple[str, ...]
) -> None:
    away = make_url(settings.database_url).set(port=free_port()).render_as_string(hide_password=False)
    child = process(*arguments, "--json", DATABASE_URL=away)
    out, err = child.communicate(timeout=30)
    assert child.returncode == 1
    assert "The database does not answer" in json.loads(out)["error"]
    assert "Traceback" not in err
    assert str(make_url(settings.database_url).password) not in out + err


def test_a_database_that_is_away_defers_mail(process: Process, settings: Settings) -> None:
    away = make_url(settings.database_url).set(port=free_port()).render_as_string(hide_password=False)
    child = process("recipients", "check", "ada@brightfield.example", "--json", DATABASE_URL=away)
    out, _ = child.communicate(timeout=30)
    assert (child.returncode, json.loads(out)["decision"]) == (1, "defer")


def test_a_database_without_tables_says_what_to_do(process: Process, postgres: Postgres) -> None:
    empty = postgres.create_database("empty")
    child = process("domains", "list", DATABASE_URL=empty)
    _, err = child.communicate(timeout=30)
    assert child.returncode == 1
    assert err == "Error: The tables in the database are not those of this version: run flask db upgrade.\n"
