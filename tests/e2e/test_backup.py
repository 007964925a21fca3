"""A backup as docs/operations.md says: dumped, restored into another database, and worked on with the same keys."""

import datetime as dt
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.engine import make_url

from console import create_app, queue
from console.core.recipient import Mode
from console.models import Base, Domain, RunKind, Source, db
from console.secrets import new_key
from console.settings import Settings
from console.store import credentials, domains, runs
from jobs import clock, tasks
from tests import databases, factories
from tests.factories import manual_user
from tests.servers.ldap_script import Script, ScriptedLdap
from tests.servers.postgres import Postgres, program
from tests.web.client import Browser

SECRET = "the password of the directory"


@dataclass(frozen=True)
class Backup:
    """`rows` are those of the database that was dumped `password` that of its mail server."""

    rows: dict[str, list[str]]
    password: str
    database: str


@pytest.fixture(scope="module")
def backup(
    template: str, postgres: Postgres, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Backup]:
    """A database with something of everything in it, dumped, and restored into another one, from which tests copy."""
    dump = tmp_path_factory.mktemp("backup") / "rollcall.dump"
    with databases.copy_of(template, postgres, settings) as own:
        app = create_app(own)
        with app.app_context():
            password = fill()
            before = rows()
            databases.close(app)
        run("pg_dump", "--format=custom", "--no-owner", f"--file={dump}", f"--dbname={plain(own.database_url)}")
    assert SECRET.encode() not in dump.read_bytes()
    url = postgres.create_database("restored")
    run("pg_restore", "--no-owner", "--exit-on-error", "--single-transaction", f"--dbname={url}", str(dump))
    yield Backup(before, password, "restored")
    postgres.drop_database("restored")


def fill() -> str:
    """Something of everything; the password of the mail server."""
    factories.admin("owner@rollcall.example")
    domain = factories.domain(aliases=["bf.example"])
    source = factories.source(domain, password=SECRET)
    factories.users(domain, factories.user("ada", source_id=source.id, aliases=["a.l"]), manual_user("grace"))
    factories.run(domain, RunKind.SYNC, source)
    factories.delivery_server(domain)
    factories.rejection(domain)
    domains.set_perimeter(domain, Mode.ENFORCE)
    return credentials.create("mx1")


@pytest.fixture
def restored(backup: Backup, postgres: Postgres, settings: Settings) -> Iterator[Settings]:
    """The settings of a console on what was restored, with the same keys."""
    with databases.copy_of(backup.database, postgres, settings) as own:
        yield own


@pytest.fixture
def anew(restored: Settings) -> Iterator[Flask]:
    """A console on the restored database; its Redis is a new one, and empty."""
    app = create_app(restored)
    app.testing = True
    app.extensions["redis"].flushdb()
    with app.app_context():
        yield app
        databases.close(app)


def run(name: str, *options: str) -> None:
    done = subprocess.run([str(program(name)), *options], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def plain(url: str) -> str:
    """The URL as PostgreSQL's own programs take it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def rows() -> dict[str, list[str]]:
    tables = {table.name: sorted(map(str, db.session.execute(table.select()))) for table in Base.metadata.sorted_tables}
    tables["version"] = list(db.session.scalars(text("select version_num from alembic_version")))
    db.session.rollback()
    return tables


def test_everything_is_there_again(anew: Flask, backup: Backup) -> None:
    assert sum(map(len, backup.rows.values())) > 15
    assert rows() == backup.rows


def test_the_console_works_on_it_with_the_same_keys(anew: Flask, backup: Backup) -> None:
    browser = Browser.of(anew)
    assert browser.submit("/login", email="owner@rollcall.example", password=factories.PASSWORD).status_code == 302
    assert "ada@brightfield.example" in browser.page("/domains/brightfield.example/users?q=ada").text
    assert ask(anew.test_client(), backup.password, "a.l@bf.example") == "OK"
    assert ask(anew.test_client(), backup.password, "nobody@bf.example") == "DENY"
    anew.extensions["report"].stop()
    source = db.session.scalars(select(Source)).one()
    assert anew.extensions["sealer"].unseal(source.secret) == SECRET
    second = factories.domain("second.example")
    assert second.id > min(db.session.scalars(select(Domain.id)))
    factories.users(second, manual_user("ada@second.example"))


def test_a_run_that_was_queued_is_not_lost_with_redis(anew: Flask) -> None:
    with ScriptedLdap.start(Script(entries=())) as directory:
        source = db.session.scalars(select(Source)).one()
        source.settings = {**source.settings, "port": directory.port}
        db.session.commit()
        clock.tick(anew, lost_after=dt.timedelta(0))
        [job] = queue.queue(anew.extensions["redis"]).jobs
        tasks.provision(*job.args)
        assert directory.connections == 1
    ended = runs.get(*job.args)
    assert ended is not None
    assert ended.state in {"needs_approval", "failed"}


def test_with_other_keys_everything_works_but_what_is_sealed_and_that_says_so(restored: Settings) -> None:
    other = create_app(replace(restored, sealing_keys=(new_key(),)))
    with other.app_context():
        browser = Browser.of(other)
        assert browser.submit("/login", email="owner@rollcall.example", password=factories.PASSWORD).status_code == 302
        [waiting] = runs.unstarted(dt.timedelta(0))
        tasks.provision(waiting)
        ended = runs.get(waiting)
        assert ended is not None
        assert ended.state == "failed"
        assert "cannot be opened with the present SEALING_KEYS" in ended.error
        assert "Enter it again, or put the key back that sealed it." in browser.page(f"/runs/{waiting}").text
        databases.close(other)


def ask(client: FlaskClient, password: str, email: str) -> str:
    answer = client.post("/api/recipients/check", json={"email": email}, auth=("mx1", password)).json
    assert answer is not None
    code: str = answer["code"]
    return code
