"""The migrations make the tables that the models name, on a real database, there and back."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import Connection, text

from console import create_app
from console.core.person import Status
from console.core.plan import Action, Plan, Step
from console.models import Base, db
from console.settings import Settings
from console.store import runs
from tests import factories
from tests.databases import close
from tests.servers.postgres import Postgres

COLUMNS = """
    select table_name, column_name, data_type, is_nullable, column_default, collation_name, is_identity,
           generation_expression
      from information_schema.columns where table_schema = 'public' and table_name <> 'alembic_version'
"""
CONSTRAINTS = """
    select conrelid::regclass::text, conname, pg_get_constraintdef(oid)
      from pg_constraint where connamespace = 'public'::regnamespace and conrelid::regclass::text <> 'alembic_version'
"""
INDEXES = "select indexname, indexdef from pg_indexes where schemaname = 'public' and tablename <> 'alembic_version'"
TABLES = "select tablename from pg_tables where schemaname = 'public'"
EXTENSIONS = "select extname from pg_extension"


@pytest.fixture
def fresh(postgres: Postgres, settings: Settings) -> Iterator[Flask]:
    """An application on a database with nothing in it."""
    url = Settings.from_env(
        {
            "SECRET_KEY": settings.secret_key,
            "SEALING_KEYS": settings.sealing_keys[0],
            "DATABASE_URL": postgres.create_database("migrations"),
            "REDIS_URL": settings.redis_url,
        }
    ).database_url
    app = create_app(replace(settings, database_url=url))
    with app.app_context():
        yield app
        close(app)
    postgres.drop_database("migrations")


def rows(query: str) -> set[tuple[object, ...]]:
    with db.engine.connect() as connection:
        return {tuple(row) for row in connection.execute(text(query))}


def schema() -> dict[str, set[tuple[object, ...]]]:
    return {"columns": rows(COLUMNS), "constraints": rows(CONSTRAINTS), "indexes": rows(INDEXES)}


def test_up_down_and_up_again(fresh: Flask) -> None:
    upgrade()
    made = schema()
    downgrade(revision="base")
    assert rows(TABLES) == {("alembic_version",)}
    assert ("pg_trgm",) not in rows(EXTENSIONS)
    upgrade()
    assert schema() == made


def test_each_step_down_and_up_is_the_identity(fresh: Flask) -> None:
    upgrade()
    made = schema()
    steps = list(ScriptDirectory("migrations").walk_revisions())
    for revision in steps:
        downgrade(revision=str(revision.down_revision or "base"))
        upgrade()
        assert schema() == made, revision.revision


def test_the_way_back_keeps_the_users_of_sources_that_were_not_known_then(fresh: Flask) -> None:
    upgrade()
    domain = factories.domain()
    source = factories.source(domain, kind="office365")
    gone: dict[str, Any] = {"status": Status.MISSING, "reason": "gone", "missing_since": factories.NOW}
    factories.users(domain, factories.user("a", source_id=source.id), factories.user("b", source_id=source.id, **gone))
    factories.users(domain, factories.manual_user("c"))
    db.session.remove()
    downgrade(revision="0005")
    assert rows("select address, origin, status, source_id from users order by 1") == {
        (f"{name}@{factories.DOMAIN}", "manual", "active", None) for name in "abc"
    }
    assert rows("select origin, source_id, sum(users) from user_counts where users > 0 group by 1, 2") == {
        ("manual", 0, 3)
    }
    upgrade()


def test_what_is_searched_and_what_waits_is_rewritten_there_and_back(fresh: Flask) -> None:
    upgrade()
    domain = factories.domain()
    wanted = [factories.manual_user(name, aliases=[f"{name}.x"], first_name="Jo") for name in ("ada", "weiß")]
    factories.users(domain, *wanted, factories.manual_user("bob", last_name="b@lakeside.example"))
    run_id = factories.run(domain).id
    assert runs.claim(run_id)
    steps = [Step(Action.CREATE, None, replace(factories.manual_user(name), id=None)) for name in ("cyd", "łu")]
    assert runs.wait(run_id, Plan(steps=tuple(steps)), ["a reason"])
    db.session.remove()
    searched = "select search from users order by address"
    marked = f"select address, after ? 'beyond_ascii' from changes where run_id = {run_id}"
    texts, marks = rows(searched), rows(marked)
    assert texts == {("ada@ ada.x@ jo ",), ("bob@  b@lakeside.example",), ("weiß@ weiß.x@ jo ",)}
    assert {mark for _, mark in marks} == {True, False}
    downgrade(revision="0009")
    of = factories.DOMAIN
    assert rows(searched) == {
        (f"ada@{of} ada.x@{of} jo ",), (f"bob@{of}  b@lakeside.example",), (f"weiß@{of} weiß.x@{of} jo ",),
    }  # fmt: skip
    assert {mark for _, mark in rows(marked)} == {False}
    upgrade()
    assert (rows(searched), rows(marked)) == (texts, marks)


def test_there_is_one_head(fresh: Flask) -> None:
    assert len(ScriptDirectory("migrations").get_heads()) == 1


def test_the_head_is_what_the_models_name(fresh: Flask) -> None:
    upgrade()
    with db.engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata) == []


def test_the_head_is_to_the_letter_what_the_models_make(fresh: Flask) -> None:
    """Alembic does not compare the conditions and operators of indexes, checks, and deferred constraints."""
    upgrade()
    migrated = schema()
    downgrade(revision="base")
    with db.engine.begin() as connection:
        make(connection)
    made = schema()
    for part, found in migrated.items():
        assert found == made[part], part


def test_the_search_index_has_its_extension(fresh: Flask) -> None:
    upgrade()
    assert ("pg_trgm",) in rows(EXTENSIONS)
    (definition,) = [str(row[1]) for row in rows(INDEXES) if row[0] == "ix_users_search"]
    assert "USING gin (search gin_trgm_ops)" in definition


def make(connection: Connection) -> None:
    connection.execute(text("create extension pg_trgm"))
    Base.metadata.create_all(connection)
